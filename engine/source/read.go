package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"

	"github.com/sot-validator/sot/engine/rule"
)

// readMax bounds what Read and ReadOld load: configuration, schemas, one old
// side of a diff.
const readMax = 64 << 20

// Read returns a file's content from where the source's bytes come from: a
// configuration that is staged is read as staged. A link is followed while it
// stays inside. It fails with fs.ErrNotExist where there is no such file.
func (s *Source) Read(ctx context.Context, name string) ([]byte, error) {
	name = path.Clean(filepath.ToSlash(name))
	if s.Worktree() {
		data, err := s.readWorktree(name)
		if !errors.Is(err, fs.ErrNotExist) || !s.sparse() {
			return data, err
		}
	}
	for range maxLinks {
		e, err := s.held(ctx, name)
		if err != nil {
			return nil, err
		}
		if e == nil || e.Mode == rule.ModeSubmodule {
			return nil, notThere(name)
		}
		data, err := s.sharedRead(e)
		if err != nil || e.Mode != rule.ModeSymlink {
			return data, err
		}
		name = path.Join(path.Dir(name), string(data))
	}
	return nil, notThere(name)
}

// held returns a copy of the tree's entry of a path, or nil. Under Staged it
// does without the tree, which a run of few files may never need.
func (s *Source) held(ctx context.Context, name string) (*rule.Entry, error) {
	if s.opts.Mode == Staged {
		x, err := s.git.index(ctx)
		if err != nil {
			return nil, err
		}
		e := x.lookup(name)
		if e == nil || e.intent {
			return nil, nil
		}
		r := e.staged()
		return &r, nil
	}
	t, err := s.Tree(ctx)
	if err != nil {
		return nil, err
	}
	e := t.Lookup(name)
	if e == nil {
		return nil, nil
	}
	r := *e
	return &r, nil
}

// sparse says whether this worktree may lack tracked files on purpose.
func (s *Source) sparse() bool {
	if s.git == nil {
		return false
	}
	_, err := os.Lstat(filepath.Join(s.gitDir, "info", "sparse-checkout"))
	return err == nil
}

func notThere(name string) error {
	return &fs.PathError{Op: "read", Path: name, Err: fs.ErrNotExist}
}

func (s *Source) sharedRead(e *rule.Entry) ([]byte, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	if s.shared.reader == nil {
		s.shared.reader = s.NewReader()
	}
	return s.shared.reader.Read(e, nil, readMax)
}

func (s *Source) readWorktree(name string) ([]byte, error) {
	root, err := os.OpenRoot(s.root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, notDir(name, err)
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	switch {
	case err != nil:
		return nil, err
	case info.IsDir():
		return nil, notThere(name)
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s: it is no file but a %s", name, typeName(info.Mode()))
	case info.Size() > readMax:
		return nil, &TooLargeError{Size: info.Size()}
	}
	return io.ReadAll(io.LimitReader(f, readMax))
}

// notDir makes "a file stands where a folder should" a "not there".
func notDir(name string, err error) error {
	if isNotDir(err) {
		return notThere(name)
	}
	return err
}

// ReadOld returns the other side of a comparison, e.Old. It fails with
// fs.ErrNotExist where there is none.
func (s *Source) ReadOld(_ context.Context, e *rule.Entry) ([]byte, error) {
	old := e.Before()
	if old.Blob == "" || s.git == nil {
		return nil, notThere(e.Path)
	}
	data, err := s.readBlob(old.Blob)
	var large *TooLargeError
	if errors.As(err, &large) {
		return nil, fmt.Errorf("%s: its old content has %d bytes, more than are compared", e.Path, large.Size)
	}
	return data, err
}

// readBlob reads an object of at most readMax bytes.
func (s *Source) readBlob(id rule.ID) ([]byte, error) {
	s.shared.Lock()
	defer s.shared.Unlock()
	if s.shared.blobs == nil {
		s.shared.blobs = s.git.blobs()
	}
	return s.shared.blobs.read(id.String(), nil, readMax)
}
