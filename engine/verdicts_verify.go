package engine

import (
	"context"
	"fmt"
	"math/rand/v2"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/rule"
)

// Verification is what `sot cache verify` found.
type Verification struct {
	Path    string
	Damage  string // what is wrong with the file; "" where nothing is
	Entries int    // values in the file
	Files   int    // files that were judged again
	Right   int    // verdicts that were found again
	Wrong   []WrongVerdict
}

// WrongVerdict is a kept verdict that judging again does not give. It was removed.
type WrongVerdict struct {
	Rule, Path string // Path is "" of a rule of the whole tree, and of a command's files together
	Kept, Now  int    // findings
}

// VerifyVerdicts judges again at most so many of the files of which something is
// known (all of them below 1), and what whole-tree rules and commands are known
// to have found, and compares. What is wrong is removed.
func VerifyVerdicts(ctx context.Context, o Options, most int) (*Verification, error) {
	o.NoProfile, o.NoCache = true, false
	src, cfg, err := Load(ctx, o)
	if err != nil {
		return nil, err
	}
	path := o.Verdicts
	if path == "" {
		path = VerdictsPath(src)
	}
	o.Verdicts = path
	out := &Verification{Path: path}
	if path == "" {
		return out, src.Close()
	}
	var rules []*rule.Rule
	for _, x := range cfg.Rules {
		alone := *x
		alone.Needs = nil // what a rule finds does not depend on what others do
		rules = append(rules, &alone)
	}
	r, err := newRun(ctx, o, src, cfg, rules, map[string]string{})
	if err != nil {
		return nil, err
	}
	defer r.close()
	c := &checking{out: out}
	r.checking = c
	store := r.verdicts.store
	whole := store.Each(func(cache.Key, []byte) { out.Entries++ })
	switch err := store.Problem(); {
	case err != nil:
		out.Damage = err.Error()
	case !whole:
		out.Damage = fmt.Sprintf("%s is damaged: %d values of it are whole, and the others are lost", path, out.Entries)
	}
	c.files = r.files
	r.files = c.sample(r.verdicts, r.files, most)
	r.tree = c.sample(r.verdicts, r.tree, most)
	out.Files = len(r.files)
	if err := r.check(ctx, r.files); err != nil {
		return nil, err
	}
	slices.SortFunc(out.Wrong, func(a, b WrongVerdict) int {
		return strings.Compare(a.Path+"\x00"+a.Rule, b.Path+"\x00"+b.Rule)
	})
	return out, store.Save()
}

// checking is a run that compares what is kept with what it finds.
type checking struct {
	files []rule.Entry // of the run, before a sample of them was taken

	mu  sync.Mutex
	out *Verification
}

// sample returns at most so many of the files of which something is known.
func (c *checking) sample(v *verdicts, files []rule.Entry, most int) []rule.Entry {
	var known []rule.Entry
	for i := range files {
		if _, ok := v.lookup(&files[i]); ok {
			known = append(known, files[i])
		}
	}
	if most < 1 || len(known) <= most {
		return known
	}
	rand.Shuffle(len(known), func(i, j int) { known[i], known[j] = known[j], known[i] })
	known = known[:most]
	slices.SortFunc(known, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	return known
}

// compare holds what is kept to what was found now, and says whether it is right.
func (c *checking) compare(id, path string, kept, now []rule.Finding) bool {
	c.mu.Lock()
	defer c.mu.Unlock()
	if sameFindings(kept, now) {
		c.out.Right++
		return true
	}
	c.out.Wrong = append(c.out.Wrong, WrongVerdict{Rule: id, Path: path, Kept: len(kept), Now: len(now)})
	return false
}

// sameFindings compares what a verdict keeps of findings, in any order.
func sameFindings(a, b []rule.Finding) bool {
	bare := func(fs []rule.Finding) []rule.Finding {
		fs = slices.Clone(fs)
		for i := range fs {
			fs[i].Rule, fs[i].Fingerprint, fs[i].Fixed = "", "", false
		}
		slices.SortFunc(fs, rule.Compare)
		return fs
	}
	return slices.Equal(bare(a), bare(b))
}

// file compares what is kept of a file with what a sweep found in it.
func (c *checking) file(ctx context.Context, p *round, f *loaded) {
	v := p.verdicts
	rec, ok := v.lookup(&f.Entry)
	if !ok {
		return
	}
	clean := v.cleanOf(rec.clean)
	for _, now := range f.fresh {
		kept, known := v.of(ctx, &rec, clean, now.rule, &f.Entry)
		if !known || c.compare(p.rules[now.rule].ID, f.Path, kept, now.findings) {
			continue
		}
		v.store.Drop(rec.key)
		if about, beside, err := v.beside(ctx, now.rule, &f.Entry, rec.key); beside && err == nil {
			v.store.Drop(answerKey(v.keys[now.rule], about))
		}
	}
}

// tree compares what is kept of a whole-tree rule.
func (c *checking) tree(ctx context.Context, p *round, x int, about []byte, out *ruleWork) {
	kept, known := p.verdicts.tree(ctx, x, about)
	if known && len(out.faults) == 0 && !c.compare(p.rules[x].ID, "", kept.findings, out.findings) {
		p.verdicts.store.Drop(answerKey(p.verdicts.keys[x], about))
	}
}

// command compares what is kept of what a command found.
func (c *checking) command(p *round, w *commandWork, id string, paths []string, found []rule.Finding) {
	for _, path := range paths {
		about := w.abouts[path]
		a, known := p.verdicts.answer(w.key, about)
		now := slices.DeleteFunc(slices.Clone(found), func(f rule.Finding) bool { return path != "" && f.Path != path })
		if known && !c.compare(id, path, a.findings, now) {
			p.verdicts.store.Drop(answerKey(w.key, about))
		}
	}
}
