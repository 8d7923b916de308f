package source

import (
	"context"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// walkFrom is the number of files from which going through the worktree on all
// cores is faster than looking at them one after the other.
const walkFrom = 1000

// SameAsWorktree returns those of the paths whose worktree file does not hold
// what is judged, or has another mode, or is not there; sorted. A file that the
// index knows to be unchanged is the same, whatever filters and line ends make
// of it in the worktree. Where the bytes are the worktree's own it returns none.
func (s *Source) SameAsWorktree(ctx context.Context, paths []string) ([]string, error) {
	if s.Worktree() {
		return nil, nil
	}
	t, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	c, err := s.comparer(ctx, len(paths))
	if err != nil {
		return nil, err
	}
	defer c.close()
	var differ []string
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e := t.Lookup(p)
		if e == nil || e.Status == rule.Unmerged || e.Mode == rule.ModeSubmodule {
			continue
		}
		if !c.clean(e) && !c.equal(e) {
			differ = append(differ, p)
		}
	}
	slices.Sort(differ)
	return differ, nil
}

// comparer holds what is judged to the worktree.
type comparer struct {
	src    *Source
	set    settings
	index  *index
	walk   *walker // where many files are asked about
	glance *glance
	reader *Reader
	buf    []byte
}

// comparer returns one that will be asked about so many files.
func (s *Source) comparer(ctx context.Context, files int) (*comparer, error) {
	set, err := s.git.settings(ctx)
	if err != nil {
		return nil, err
	}
	x, err := s.git.index(ctx)
	if err != nil {
		return nil, err
	}
	c := &comparer{src: s, set: set, index: x, reader: s.NewReader()}
	if files >= walkFrom {
		c.walk, err = s.walked(ctx)
	} else {
		c.glance, err = newGlance(s.root)
	}
	return c, err
}

func (c *comparer) close() {
	_ = c.reader.Close() // it only read
	if c.glance != nil {
		c.glance.close()
	}
}

// clean says whether the index has this very blob, and knows by the file's
// status that the worktree holds it.
func (c *comparer) clean(e *rule.Entry) bool {
	i := c.index.search(e.Path)
	if i >= c.index.len() {
		return false
	}
	x := c.index.entry(i)
	switch {
	case x.path != e.Path, x.stage != 0, rule.ID(x.raw) != e.Blob, x.mode != e.Mode:
		return false
	case c.walk != nil:
		return c.walk.seen[i].clean
	}
	now, _ := c.glance.lookAt(e.Path, &x, c.index.modified)
	return now.clean
}

// equal reads the file, and compares its hash.
func (c *comparer) equal(e *rule.Entry) bool {
	mode, _, _ := c.src.lstat(e.Path)
	if mode == 0 || c.set.mode(e.Mode, mode) != e.Mode {
		return false
	}
	data, err := c.reader.worktree(e, c.buf, 0)
	if err != nil {
		return false
	}
	c.buf = data[:0]
	return isBlob(data, e.Blob)
}
