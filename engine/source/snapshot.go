package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// Snapshot writes the files that are judged (all of Tree, or those of the
// paths) into an existing empty folder, with their modes, so that a command can
// run on them. Links come last, and only those that end inside; submodules are
// left out.
func (s *Source) Snapshot(ctx context.Context, dir string, paths ...string) error {
	t, err := s.Tree(ctx)
	if err != nil {
		return err
	}
	entries := t.Entries()
	if len(paths) > 0 {
		entries = pick(t, paths)
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	r := s.NewReader()
	defer func() { _ = r.Close() }()
	c := &copier{src: s, tree: t, to: root, from: r}
	for _, links := range []bool{false, true} {
		for _, e := range entries {
			if err := ctx.Err(); err != nil {
				return err
			}
			if e.Mode == rule.ModeSubmodule || (e.Mode == rule.ModeSymlink) != links {
				continue
			}
			if err := c.copy(e); err != nil {
				return err
			}
		}
	}
	return nil
}

func pick(t *rule.Tree, paths []string) []rule.Entry {
	var list []rule.Entry
	for _, p := range paths {
		if e := t.Lookup(p); e != nil {
			list = append(list, *e)
		}
	}
	return list
}

// copier writes entries below one folder. os.Root keeps a hostile tree, which
// may hold both a link and files behind it, from writing elsewhere.
type copier struct {
	src  *Source
	tree *rule.Tree
	to   *os.Root
	from *Reader
	last string
	buf  []byte
}

func (c *copier) copy(e rule.Entry) error {
	data, err := c.from.Read(&e, c.buf, 0)
	if errors.Is(err, fs.ErrNotExist) && c.src.Worktree() {
		return nil // gone since it was listed
	}
	if err != nil {
		return err
	}
	c.buf = data[:0]
	if dir := path.Dir(e.Path); dir != "." && dir != c.last {
		if err := c.to.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
			return err
		}
		c.last = dir
	}
	if e.Mode == rule.ModeSymlink {
		return c.link(e.Path, string(data))
	}
	mode := fs.FileMode(0o666)
	if e.Mode == rule.ModeExecutable {
		mode = 0o777
	}
	f, err := c.to.OpenFile(filepath.FromSlash(e.Path), os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (c *copier) link(name, target string) error {
	_, inside, err := c.src.resolve(c.tree, name, target)
	if err != nil || !inside {
		return err
	}
	return c.to.Symlink(filepath.FromSlash(target), filepath.FromSlash(name))
}

// SameAsWorktree returns those of the paths whose worktree file does not hold
// the judged bytes, or has another mode, or is not there; sorted. Where the
// bytes are the worktree's own it returns none.
func (s *Source) SameAsWorktree(ctx context.Context, paths []string) ([]string, error) {
	if s.Worktree() {
		return nil, nil
	}
	t, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	set, err := s.git.settings(ctx)
	if err != nil {
		return nil, err
	}
	r := s.NewReader()
	defer func() { _ = r.Close() }()
	var differ []string
	var buf []byte
	for _, p := range paths {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		e := t.Lookup(p)
		if e == nil || e.Status == rule.Unmerged || e.Mode == rule.ModeSubmodule {
			continue
		}
		mode, _, _ := s.lstat(p)
		if mode != 0 && set.mode(e.Mode, mode) == e.Mode {
			if data, err := r.worktree(e, buf, 0); err == nil {
				buf = data[:0]
				if blobID(data, len(e.Blob)) == e.Blob {
					continue
				}
			}
		}
		differ = append(differ, p)
	}
	slices.Sort(differ)
	return differ, nil
}
