package engine

import (
	"context"
	"time"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/filetype"
)

// judgeTree runs one whole-repository rule.
func (w *worker) judgeTree(ctx context.Context, p *round, x int, out *ruleWork) {
	start := time.Now()
	r := p.rules[x]
	pass := rule.NewPass(ctx, r, p.src)
	defer func() {
		if v := recover(); v != nil {
			out.faults = append(out.faults, panicFault(r.ID, "", v))
		}
		out.findings, out.skipped = pass.Findings(), pass.Skipped()
		out.faults = append(out.faults, pass.Faults()...)
		d := time.Since(start)
		out.judged, out.seconds = true, d.Seconds()
		p.overtime(x, d, out)
	}()
	changed := p.match(x, p.files)
	switch check := r.Check.(type) {
	case rule.RepoCheck:
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
		tree, err := p.src.Tree(ctx)
		if err != nil {
			pass.Fail(rule.FaultUnreadable, "%v", err)
			return
		}
		match := p.match(x, tree.Entries())
		out.files = len(match)
		check.CheckTree(pass, tree, match, changed)
	}
}

// match returns the files of a sorted list that a rule speaks of; the list
// itself where that is all of them.
func (r *run) match(x int, list []rule.Entry) []rule.Entry {
	m := r.matchers[x]
	var out []rule.Entry
	for i, e := range list {
		ok := m.Path(e.Path) && (!m.Typed() || m.Tags(hasTag(r.tags(e))))
		if !ok && out == nil {
			out = append(make([]rule.Entry, 0, len(list)), list[:i]...)
		}
		if ok && out != nil {
			out = append(out, e)
		}
	}
	if out == nil {
		return list
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
	reader := r.src.NewReader()
	defer func() { _ = reader.Close() }()
	head, _ := reader.Read(&e, nil, MaxFile)
	return filetype.Tags(e.Path, e.Mode, head[:min(len(head), 1024)])
}

// matching returns the files that a command rule takes.
func (r *run) matching(x int, files []rule.Entry) ([]rule.Entry, error) {
	if r.rules[x].WholeTree() {
		t, err := r.src.Tree(context.Background())
		if err != nil {
			return nil, err
		}
		files = t.Entries()
	}
	var taken []rule.Entry
	for _, e := range r.match(x, files) {
		if e.Mode.Regular() {
			taken = append(taken, e)
		}
	}
	return taken, nil
}
