package engine

import (
	"context"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// reads is the repository as one whole-tree check sees it: it notes what the
// check asks for.
type reads struct {
	*shelf
	names bool // the tree's paths are part of what the verdict is kept under
	mu    sync.Mutex
	paths []string
	other bool // it was asked for more than files' contents
}

// Keep returns a file's content, with what was made of it.
func (r *reads) Keep(ctx context.Context, path string) (*rule.Kept, error) {
	r.note(path)
	return r.shelf.Keep(ctx, path)
}

// ReadPolicy returns the content of a file that says how others are judged. No
// verdict is kept under one of another commit.
func (r *reads) ReadPolicy(ctx context.Context, path string) ([]byte, error) {
	if r.apart() {
		return r.more().ReadPolicy(ctx, path)
	}
	r.note(path)
	return r.shelf.ReadPolicy(ctx, path)
}

// PolicyTree are the files that ReadPolicy may read.
func (r *reads) PolicyTree(ctx context.Context) (*rule.Tree, error) {
	return r.more().PolicyTree(ctx)
}

func (r *reads) note(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.paths = append(r.paths, path)
}

// Read returns a file's content.
func (r *reads) Read(ctx context.Context, path string) ([]byte, error) {
	r.note(path)
	return r.shelf.Read(ctx, path)
}

func (r *reads) more() *shelf {
	r.mu.Lock()
	defer r.mu.Unlock()
	r.other = true
	return r.shelf
}

// Tree and the methods below answer what no verdict is kept under, but for the
// names of a tree.
func (r *reads) Tree(ctx context.Context) (*rule.Tree, error) {
	if r.names {
		return r.shelf.Tree(ctx)
	}
	return r.more().Tree(ctx)
}

// Changed is what the run was asked to check.
func (r *reads) Changed() []rule.Entry { return r.more().Changed() }

// Branch is the current branch.
func (r *reads) Branch(ctx context.Context) (string, error) { return r.more().Branch(ctx) }

// Merging says whether a merge is under way.
func (r *reads) Merging(ctx context.Context) (bool, error) { return r.more().Merging(ctx) }

// Attribute returns the value of a git attribute.
func (r *reads) Attribute(ctx context.Context, name string, paths []string) (map[string]string, error) {
	return r.more().Attribute(ctx, name, paths)
}

// Exists says whether a link's target exists.
func (r *reads) Exists(ctx context.Context, link, target string) (bool, error) {
	return r.more().Exists(ctx, link, target)
}

// treeKey is what a tree check's verdict is kept under: the paths and modes of
// the files that it looks at; nil says that it is not kept.
func (p *round) treeKey(ctx context.Context, x int, changed func() []rule.Entry) (about []byte) {
	v, r := p.verdicts, p.rules[x]
	check, ok := r.Check.(rule.ByPaths)
	if v == nil || !ok || v.keys[x] == (ruleKey{}) || v.later {
		return nil
	}
	key, err := p.matchKey(ctx, x)
	if err != nil {
		return nil // whoever asks for the tree is told
	}
	about = append([]byte{'t'}, key[:]...)
	if check.ByPaths(r) {
		if p.matchers[x].Everything() {
			key, _ = v.changed.get(func() (contentsKey, error) { return pathsKey(changed()), nil })
		} else {
			key = pathsKey(changed())
		}
		about = append(about, key[:]...)
	}
	return about
}

// manyNames is from how many files on names are judged slower than looked up.
var manyNames = 1024

// namesKey is what the verdict on the names of many files is kept under; nil says
// that it is not kept.
func (v *verdicts) namesKey(ctx context.Context, x int, r *rule.Rule, changed []rule.Entry) (about []byte) {
	if _, ok := r.Check.(rule.ByNames); v == nil || !ok || v.keys[x] == (ruleKey{}) || v.later || len(changed) < manyNames {
		return nil
	}
	tree, err := v.contents.src.Tree(ctx)
	if err != nil {
		return nil
	}
	listed := tree.Entries()
	key := namesHash(listed)
	about = append([]byte{'n'}, key[:]...)
	if len(listed) != len(changed) || &listed[0] != &changed[0] {
		key = namesHash(changed)
		about = append(about, key[:]...)
	}
	return about
}

// matchKey is the key of the files of the whole tree that a rule speaks of.
func (p *round) matchKey(ctx context.Context, x int) (contentsKey, error) {
	whole := func() (contentsKey, error) { return p.wholeKey(ctx) }
	if p.matchers[x].Everything() {
		return p.verdicts.whole.get(whole)
	}
	all, err := p.everything(ctx)
	if err != nil {
		return contentsKey{}, err
	}
	match := p.match(x, all.Entries())
	if len(match) == len(all.Entries()) {
		return p.verdicts.whole.get(whole)
	}
	return pathsKey(match), nil
}

// wholeKey is the key of everything. A verdict that is known costs no tree then.
func (p *round) wholeKey(ctx context.Context) (contentsKey, error) {
	if len(p.cfg.Exclude) == 0 {
		h := newPathsHash()
		if ok, err := p.src.EachPath(ctx, h.add); ok || err != nil {
			return h.sum(), err
		}
	}
	all, err := p.everything(ctx)
	if err != nil {
		return contentsKey{}, err
	}
	return pathsKey(all.Entries()), nil
}

// pathsMemo is a key that many rules share.
type pathsMemo struct {
	once sync.Once
	key  contentsKey
	err  error
}

func (m *pathsMemo) get(ask func() (contentsKey, error)) (contentsKey, error) {
	m.once.Do(func() { m.key, m.err = ask() })
	return m.key, m.err
}

// tree returns what a tree check found when it looked at the same paths, and read
// the same contents.
func (v *verdicts) tree(ctx context.Context, x int, about []byte) (answer, bool) {
	if about == nil {
		return answer{}, false
	}
	a, ok := v.answer(v.keys[x], about)
	if !ok {
		return answer{}, false
	}
	now, err := v.contents.all(ctx, a.reads)
	return a, err == nil && now == a.contents
}

// keepTree keeps what a tree check found.
func (v *verdicts) keepTree(ctx context.Context, x int, about []byte, seen *reads, out *ruleWork) {
	if about == nil || seen.other || ctx.Err() != nil || len(out.faults) > 0 || out.skipped != "" {
		return
	}
	contents, err := v.contents.all(ctx, seen.paths)
	if err != nil {
		return
	}
	a := answer{rule: v.keys[x], files: out.files, unmatched: out.unmatched, findings: out.findings, reads: seen.paths, contents: contents}
	v.put(&a, about)
}
