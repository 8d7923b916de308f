package engine

import (
	"context"
	"errors"
	"slices"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/rule/glob"
	"github.com/sot-validator/sot/engine/source"
)

// judgeTree runs one whole-repository rule.
func (w *worker) judgeTree(ctx context.Context, p *round, x int, out *ruleWork) {
	start := time.Now()
	r := p.rules[x]
	seen := &reads{shelf: p.shelf}
	pass := rule.NewPass(ctx, r, seen)
	known := false
	var about []byte
	defer func() {
		if v := recover(); v != nil {
			out.faults = append(out.faults, panicFault(r.ID, "", v))
		}
		if known {
			return
		}
		out.findings, out.skipped = pass.Findings(), pass.Skipped()
		out.faults = append(out.faults, pass.Faults()...)
		d := time.Since(start)
		out.judged, out.seconds = true, d.Seconds()
		p.overtime(x, d, out)
		if p.checking != nil {
			p.checking.tree(ctx, p, x, about, out)
		} else {
			p.verdicts.keepTree(ctx, x, about, seen, out)
		}
	}()
	switch check := r.Check.(type) {
	case rule.RepoCheck:
		changed := p.match(x, p.files)
		about = p.verdicts.namesKey(ctx, x, r, changed)
		if known = p.recallTree(ctx, x, about, out); known {
			return
		}
		seen.names = about != nil
		out.files = len(changed)
		check.CheckRepo(pass, changed)
	case rule.MessageCheck:
		m := p.o.Message
		if m == nil {
			pass.Skip("it judges commit messages, at the stage commit-msg")
			return
		}
		out.files = 1
		check.CheckMessage(pass, &rule.Message{File: rule.NewFile(m.entry(), m.Text, nil), Drops: m.Drops})
	case rule.TreeCheck:
		changed := sync.OnceValue(func() []rule.Entry { return p.match(x, p.files) })
		about = p.treeKey(ctx, x, changed)
		if known = p.recallTree(ctx, x, about, out); known {
			return
		}
		all, err := p.everything(ctx)
		if err != nil {
			pass.Fail(rule.FaultUnreadable, "%v", err)
			return
		}
		match := p.match(x, all.Entries())
		out.files = len(match)
		check.CheckTree(pass, all, match, changed())
		if out.unmatched = pass.Unmatched(); out.unmatched != "" {
			out.files = 0
		}
	}
}

// recallTree takes what is known of a tree check from the cache.
func (p *round) recallTree(ctx context.Context, x int, about []byte, out *ruleWork) bool {
	a, ok := p.verdicts.tree(ctx, x, about)
	if !ok || p.checking != nil {
		return false
	}
	out.files, out.cached, out.unmatched = a.files, a.files, a.unmatched
	out.findings = withRule(a.findings, p.rules[x].ID)
	return true
}

// whole is everything that the source holds and the configuration does not
// exclude, listed when the first rule asks.
type whole struct {
	once sync.Once
	tree *rule.Tree
	err  error
}

// everything returns the whole tree without what `exclude` names: one tree, so
// that its index is made once for all rules.
func (r *run) everything(ctx context.Context) (*rule.Tree, error) {
	r.whole.once.Do(func() {
		t, err := r.src.Tree(ctx)
		if err != nil {
			r.whole.err = err
			return
		}
		kept, err := r.keep(t.Entries())
		r.whole.tree, r.whole.err = rule.NewTree(kept), err
	})
	return r.whole.tree, r.whole.err
}

// keep returns the entries that are there and not excluded; the source's own
// list where that is each of them: it may be long. --fix changes entries, and so
// takes a copy.
func (r *run) keep(es []rule.Entry) ([]rule.Entry, error) {
	out, err := glob.Compile(r.cfg.Exclude)
	if err != nil {
		return nil, err
	}
	drop := func(e rule.Entry) bool { return e.Status == rule.Deleted || out.Match(e.Path) }
	if !r.o.Fix && !slices.ContainsFunc(es, drop) {
		return es, nil
	}
	return slices.DeleteFunc(slices.Clone(es), drop), nil
}

// match returns the files of a sorted list that a rule speaks of; the list
// itself where that is all of them.
func (r *run) match(x int, list []rule.Entry) []rule.Entry {
	m := r.matchers[x]
	if m.Everything() {
		return list
	}
	fits := func(e *rule.Entry) bool { return m.Path(e.Path) && (!m.Typed() || m.Tags(hasTag(r.tags(*e)))) }
	same := 0
	for same < len(list) && fits(&list[same]) {
		same++
	}
	if same == len(list) {
		return list
	}
	out := slices.Clone(list[:same])
	for i := same + 1; i < len(list); i++ {
		if fits(&list[i]) {
			out = append(out, list[i])
		}
	}
	return out
}

// tags returns a file's type tags, reading its head only where path and mode do
// not tell. A file that cannot be read has the tags of an empty one; the sweep
// says that it could not be read.
func (r *run) tags(e rule.Entry) []string {
	tags, complete := filetype.Static(e.Path, e.Mode)
	if complete {
		return tags
	}
	if b, ok := r.overlay[e.Path]; ok {
		return filetype.Tags(e.Path, e.Mode, b[:min(len(b), 1024)])
	}
	if t, ok := r.heads.Load(e.Path); ok {
		return t.([]string)
	}
	reader := r.src.NewReader()
	defer func() { _ = reader.Close() }()
	head, err := reader.Read(&e, nil, MaxFile)
	var large *source.TooLargeError
	if errors.As(err, &large) {
		head = large.Head
	}
	tags = filetype.Tags(e.Path, e.Mode, head[:min(len(head), 1024)])
	r.heads.Store(e.Path, tags)
	return tags
}

// matching returns the files that a command rule takes.
func (r *run) matching(x int, files []rule.Entry) ([]rule.Entry, error) {
	if r.rules[x].WholeTree() {
		all, err := r.everything(context.Background())
		if err != nil {
			return nil, err
		}
		files = all.Entries()
	}
	var taken []rule.Entry
	for _, e := range r.match(x, files) {
		if e.Mode.Regular() {
			taken = append(taken, e)
		}
	}
	return taken, nil
}
