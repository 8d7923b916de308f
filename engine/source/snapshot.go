package source

import (
	"context"
	"errors"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"runtime"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// Snapshot writes the files that are judged (all of Tree, or those of the
// paths) into an existing empty folder, with their modes, so that a command can
// run on them. What the worktree holds unchanged is copied from there, which
// file systems that can do so make a matter of shared blocks. Links come last,
// and only those that end inside; submodules are left out.
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
	var files, links []rule.Entry
	for _, e := range entries {
		switch {
		case e.Mode == rule.ModeSymlink:
			links = append(links, e)
		case e.Mode != rule.ModeSubmodule:
			files = append(files, e)
		}
	}
	if err := s.copyAll(ctx, t, root, files, runtime.GOMAXPROCS(0)); err != nil {
		return err
	}
	return s.copyAll(ctx, t, root, links, 1)
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

// copyAll copies entries, dealt to so many goroutines at most.
func (s *Source) copyAll(ctx context.Context, t *rule.Tree, to *os.Root, entries []rule.Entry, workers int) error {
	const least = 64 // entries that are worth a goroutine
	size := max(least, (len(entries)+workers-1)/workers)
	errs := make([]error, (len(entries)+size-1)/size)
	var group sync.WaitGroup
	for i := range errs {
		part := entries[i*size : min(len(entries), (i+1)*size)]
		group.Go(func() { errs[i] = s.copyPart(ctx, t, to, part) })
	}
	group.Wait()
	return errors.Join(errs...)
}

func (s *Source) copyPart(ctx context.Context, t *rule.Tree, to *os.Root, entries []rule.Entry) error {
	r := s.NewReader()
	defer func() { _ = r.Close() }()
	c := &copier{src: s, tree: t, to: to, from: r}
	if !s.Worktree() {
		same, err := s.comparer(ctx, len(entries))
		if err != nil {
			return err
		}
		defer same.close()
		worktree, err := os.OpenRoot(s.root)
		if err != nil {
			return err
		}
		defer func() { _ = worktree.Close() }()
		c.same, c.worktree = same, worktree
	}
	for _, e := range entries {
		if err := ctx.Err(); err != nil {
			return err
		}
		if err := c.copy(e); err != nil {
			return err
		}
	}
	return nil
}

// copier writes entries below one folder. os.Root keeps a hostile tree, which
// may hold both a link and files behind it, from writing elsewhere.
type copier struct {
	src      *Source
	tree     *rule.Tree
	to       *os.Root
	from     *Reader
	same     *comparer // nil where the bytes are the worktree's anyway
	worktree *os.Root
	last     string
	buf      []byte
}

func (c *copier) copy(e rule.Entry) error {
	if dir := path.Dir(e.Path); dir != "." && dir != c.last {
		if err := c.to.MkdirAll(filepath.FromSlash(dir), 0o777); err != nil {
			return err
		}
		c.last = dir
	}
	if e.Mode.Regular() && c.same != nil && c.same.clean(&e) && c.clone(&e) {
		return nil
	}
	data, err := c.from.Read(&e, c.buf, 0)
	if errors.Is(err, fs.ErrNotExist) && c.src.Worktree() {
		return nil // gone since it was listed
	}
	if err != nil {
		return err
	}
	c.buf = data[:0]
	if e.Mode == rule.ModeSymlink {
		return c.link(e.Path, string(data))
	}
	f, err := c.create(&e)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	return errors.Join(err, f.Close())
}

func (c *copier) create(e *rule.Entry) (*os.File, error) {
	mode := fs.FileMode(0o666)
	if e.Mode == rule.ModeExecutable {
		mode = 0o777
	}
	return c.to.OpenFile(filepath.FromSlash(e.Path), os.O_WRONLY|os.O_CREATE|os.O_TRUNC, mode)
}

// clone copies the worktree's file, which the index knows to be unchanged. On
// Linux io.Copy is copy_file_range(2), which shares the blocks where the file
// system can. It returns false where the file must be written in another way:
// it changed meanwhile, or could not be copied.
func (c *copier) clone(e *rule.Entry) bool {
	from, err := c.worktree.OpenFile(filepath.FromSlash(e.Path), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return false
	}
	defer func() { _ = from.Close() }()
	if info, err := from.Stat(); err != nil || !info.Mode().IsRegular() {
		return false
	}
	to, err := c.create(e)
	if err != nil {
		return false
	}
	_, err = io.Copy(to, from)
	if err := errors.Join(err, to.Close()); err != nil {
		return false
	}
	return c.same.walk != nil || c.same.clean(e) // asked again: it was not written to meanwhile
}

func (c *copier) link(name, target string) error {
	_, inside, err := c.src.resolve(c.tree, name, target)
	if err != nil || !inside {
		return err
	}
	return c.to.Symlink(filepath.FromSlash(target), filepath.FromSlash(name))
}
