package engine

import (
	"cmp"
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"slices"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// PlannedShard is one shard of a plan.
type PlannedShard struct {
	Argument string  // what --shard takes
	Name     string  // "1/4"
	Seconds  float64 // of work, as predicted
	Tasks    int
	Files    int // that belong to it
}

// PlanOptions say how many shards there are to be.
type PlanOptions struct {
	Most  int           // from 1
	Least time.Duration // of work for each, where there is more than one
}

// Shards plans a run in shards that are equal by what was learned, and runs nothing.
// There are fewer than the most where there is no work for more of them. Errors are
// those of Run.
func Shards(ctx context.Context, o Options, wanted PlanOptions) ([]PlannedShard, error) {
	src, err := open(ctx, o)
	if err != nil {
		return nil, err
	}
	cfg, err := load(ctx, o, src)
	if err != nil {
		return nil, err
	}
	rules, skip, err := choose(cfg.Rules, o)
	if err != nil {
		return nil, err
	}
	r, err := newRun(ctx, o, src, cfg, rules, skip)
	if err != nil {
		return nil, err
	}
	defer r.close()
	return r.shards(wanted)
}

// shards plans the run.
func (r *run) shards(wanted PlanOptions) (out []PlannedShard, err error) {
	in, failed := r.input(r.files)
	n := wanted.Most
	if wanted.Least > 0 {
		work := 0.0
		for _, t := range plan.Build(in).Tasks {
			work += t.Estimate
		}
		n = max(1, min(n, int(work/wanted.Least.Seconds())))
	}
	for _, s := range plan.Shards(in, n) {
		in.Slice = s
		p := PlannedShard{Argument: s.Argument(), Name: s.String(), Files: len(s.Files(-1, r.files))}
		for _, t := range plan.Build(in).Tasks {
			p.Seconds += t.Estimate
			if t.Kind != plan.Join {
				p.Tasks++
			}
		}
		out = append(out, p)
	}
	return out, *failed
}

// checkShard refuses what a part of a run cannot do.
func (o *Options) checkShard() error {
	switch {
	case o.Shard == nil:
	case o.Fix:
		return usagef("--fix does not go with --shard: several jobs would mend the same repository, each in a copy of its own")
	case o.WriteBaseline:
		return usagef("--write-baseline does not go with --shard: one shard does not know what the others find")
	case o.Budget > 0:
		return usagef("--budget does not go with --shard: it leaves work to CI, and shards are how CI does it")
	}
	return nil
}

// cut finds the part of the run that is this one's, where it is not all.
func (r *run) cut() error {
	if r.o.Shard == nil {
		return nil
	}
	in, failed := r.input(r.files)
	slice, err := plan.Cut(in, r.o.Shard)
	if errors.Is(err, plan.ErrOtherRules) {
		return usagef("--shard %d/%d: %v: give `sot plan` and `sot run` the same configuration and flags", r.o.Shard.Index, r.o.Shard.Of, err)
	}
	if err != nil || *failed != nil {
		return errors.Join(err, *failed)
	}
	r.slice = slice
	n := len(slice.Files(-1, r.files))
	r.notes = append(r.notes, fmt.Sprintf("this is shard %s, with %d of %s: the others judge the rest", slice, n, report.Plural(len(r.files), "file", "files")))
	return nil
}

// describe says in the report which part of the run it is of.
func (r *run) describe(ctx context.Context, rep *report.Report) {
	if r.slice == nil {
		return
	}
	rep.Run.Files = len(r.slice.Files(-1, r.files))
	rep.Run.Shard = &report.Shard{Index: r.slice.Index, Of: r.slice.Of, Plan: r.slice.Digest, Files: digestOf(r.files, r.tree), FailOn: r.failOn().String(), Comments: r.last.comments(), Found: r.last.found()}
	if commit, err := r.src.Commit(ctx); err == nil {
		rep.Run.Shard.Commit = commit
	}
}

// digestOf names lists of files by their paths and modes: shards of one run see the
// same.
func digestOf(lists ...[]rule.Entry) string {
	h := sha256.New()
	for _, list := range lists {
		for i := range list {
			_, _ = io.WriteString(h, list[i].Path) // a hash takes everything
			_, _ = h.Write([]byte{0, byte(list[i].Mode >> 12), byte(list[i].Mode)})
		}
		_, _ = h.Write([]byte{0, 0})
	}
	return hex.EncodeToString(h.Sum(nil)[:8])
}

// elsewhereReason is the reason of a rule that another shard runs.
const elsewhereReason = "another shard runs it"

// away says whether another shard does a rule, and then sets its result.
func (p *round) away(i int) bool {
	if p.slice.Share(i) != plan.Nothing {
		return false
	}
	res := &p.states[i].result
	res.Status, res.Reason, res.Part = report.Skipped, elsewhereReason, report.Elsewhere
	return true
}

// repeated leaves of a rule that runs here for the rules that need it what those
// ask for, its status: another shard reports it.
func (p *round) repeated(i int) {
	if p.slice.Share(i) != plan.Again {
		return
	}
	st := &p.states[i]
	st.findings = nil
	st.result.Findings, st.result.Files, st.result.Cached = 0, 0, 0
	st.result.Part = report.Repeated
	if st.result.Reason == "" {
		st.result.Reason = "for the rules that need it; another shard reports it"
	}
}

// comments are the ignore comments of the files that were looked at, with what is to
// be said of them as far as this shard knows it.
func (p *round) comments() (out []report.Comment) {
	p.open.mu.Lock()
	defer p.open.mu.Unlock()
	known := p.known()
	for path, list := range p.open.files {
		exempt, fully, texts := byLine(list, UnusedIgnore), map[string]bool{}, map[string][]rule.Finding{}
		for _, g := range list {
			for range max(1, len(g.rules)) { // a near miss names none
				f := rule.Finding{Rule: UnusedIgnore, Path: path, Line: g.line, Text: g.text}
				texts[strings.TrimSpace(g.text)] = append(texts[strings.TrimSpace(g.text)], f)
			}
		}
		for _, g := range list {
			c := report.Comment{Path: path, Line: g.line, Column: g.column}
			if why := g.amiss(path, known); why != "" && len(exempt[0])+len(exempt[g.line]) == 0 {
				c.Fates = append(c.Fates, report.Fate{Message: why, Settled: true})
			}
			for _, id := range g.rules {
				f := report.Fate{Rule: id}
				if id != UnusedIgnore && len(exempt[0])+len(exempt[g.line]) == 0 {
					p.fate(&f, path, g, known, fully)
				}
				c.Fates = append(c.Fates, f)
			}
			same := texts[strings.TrimSpace(g.text)]
			rule.SetFingerprints(same)
			for _, f := range same {
				if p.baseline[f.Fingerprint] {
					f.Fingerprint = ""
				}
				c.Fingerprints = append(c.Fingerprints, f.Fingerprint)
			}
			out = append(out, c)
		}
	}
	slices.SortFunc(out, func(a, b report.Comment) int {
		return cmp.Or(strings.Compare(a.Path, b.Path), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column))
	})
	return out
}

// found are the rules that found something in this shard, whatever became of it.
func (p *round) found() (ids []string) {
	for i := range p.states {
		if p.states[i].found {
			ids = append(ids, p.rules[i].ID)
		}
	}
	slices.Sort(ids)
	return ids
}

// fate says of a comment for one rule what this shard knows.
func (p *round) fate(f *report.Fate, path string, g *ignore, known map[string]int, fully map[string]bool) {
	i, ok := known[f.Rule]
	if f.Settled = !ok || i < 0 || p.slice.Reports(i, path); f.Settled {
		f.Message = p.idle(path, g, f.Rule, known, fully)
		f.Idle = ok && !g.used[f.Rule]
	} else if p.speaksOf(i, path) {
		f.Message, f.Idle = silencesNothing(f.Rule), true
	}
}
