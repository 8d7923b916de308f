package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// WorktreeEditor replaces worktree files in two steps: new contents are laid
// beside the files, and then exchanged with them, one atomic step a file. What
// comes out of an exchange is compared with what was read, so that an edit made
// meanwhile is not lost but taken back. It follows no link, leaves the
// repository in no case, and keeps mode and owner.
type WorktreeEditor struct{ r *rooted }

// FileEdit is one file to be replaced.
type FileEdit struct {
	Path     string
	Old, New []byte // what the worktree file holds, and shall hold

	temp    string
	swapped bool
}

// EditWorktree opens the worktree for edits, whatever the source reads.
func (s *Source) EditWorktree() (*WorktreeEditor, error) {
	r, err := openRooted(s.root)
	if err != nil {
		return nil, err
	}
	return &WorktreeEditor{r}, nil
}

// Close gives back what the editor holds open.
func (w *WorktreeEditor) Close() error { return w.r.close() }

// Read returns what a worktree file holds; fs.ErrNotExist where there is none,
// or a folder or link stands in its way.
func (w *WorktreeEditor) Read(name string) ([]byte, error) {
	if _, err := w.look(name); err != nil {
		return nil, err
	}
	return w.r.readFile(name, nil, 0)
}

// look finds a regular file that is reached without links.
func (w *WorktreeEditor) look(name string) (fs.FileInfo, error) {
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name {
		return nil, errors.New("it lies outside of the repository")
	}
	w.r.last = "" // folders may have been exchanged since
	info, err := w.r.lstat(name)
	switch {
	case err != nil:
		return nil, bare(err)
	case info.Mode().Type() == symlinkType:
		return nil, errors.New("its worktree file is a symbolic link")
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is no file but a %s in the worktree", typeName(info.Mode()))
	}
	return info, nil
}

// Names of temporary files, beside the worktree's.
const (
	tempPrefix = ".sot-"
	tempSuffix = ".tmp"
	oldSuffix  = ".old"
)

func tempName(name string) string {
	return path.Join(path.Dir(name), fmt.Sprintf("%s%016x%s", tempPrefix, rand.Uint64(), tempSuffix))
}

// isTempName guards against a journal that somebody else wrote.
func isTempName(temp, name string) bool {
	base := path.Base(temp)
	return path.Dir(temp) == path.Dir(name) && strings.HasPrefix(base, tempPrefix) && strings.HasSuffix(base, tempSuffix)
}

// Prepare lays the new content beside the file, with its mode and owner, and
// synced. Staging.Announce must have named it.
func (w *WorktreeEditor) Prepare(e *FileEdit) error {
	info, err := w.look(e.Path)
	if err != nil {
		return err
	}
	temp := filepath.FromSlash(e.temp)
	f, err := w.r.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return bare(err)
	}
	_, err = f.Write(e.New)
	if err == nil {
		err = keep(f, info)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(bare(err), w.remove(e.temp))
	}
	return nil
}

// Swap puts the new content in place. Where the file no longer holds what was
// read, it is left as it is, and the error is a *CannotStageError.
func (w *WorktreeEditor) Swap(e *FileEdit) error {
	if err := w.swap(e); err != nil {
		return fmt.Errorf("%s: %w", e.Path, err)
	}
	out, err := w.Read(e.temp)
	if err == nil && bytes.Equal(out, e.Old) {
		e.swapped = true
		return nil
	}
	if err := w.swap(e); err != nil {
		kept := e.temp
		e.temp = "" // which must not be removed
		return fmt.Errorf("%s was edited while sot wrote it, and that edit is now in %s: %w", e.Path, kept, err)
	}
	return errors.Join(&CannotStageError{e.Path + " was edited meanwhile; commit again"}, err)
}

func (w *WorktreeEditor) swap(e *FileEdit) error {
	if _, err := w.look(e.Path); err != nil {
		return err
	}
	return bare(exchange(w.r.root, e.temp, e.Path))
}

// Back undoes a Swap.
func (w *WorktreeEditor) Back(e *FileEdit) error {
	if !e.swapped {
		return nil
	}
	if err := w.swap(e); err != nil {
		return err
	}
	e.swapped = false
	out, err := w.Read(e.temp)
	if err == nil && bytes.Equal(out, e.New) {
		return nil
	}
	// Edited within the last instant: that edit stays in place, and what was
	// there before it stays beside it.
	err = errors.Join(err, w.swap(e))
	kept := e.temp
	e.temp = ""
	return errors.Join(fmt.Errorf("%s was edited while sot wrote it: your edit is in place, and what it held before is in %s", e.Path, kept), err)
}

// Clear removes what Prepare laid down, or what Swap took out.
func (w *WorktreeEditor) Clear(e *FileEdit) error {
	if e.temp == "" {
		return nil
	}
	return w.remove(e.temp)
}

func (w *WorktreeEditor) remove(name string) error {
	err := w.r.root.Remove(filepath.FromSlash(name))
	if errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	return bare(err)
}

// exchangeByLink is for systems that cannot exchange two names at once: the file
// gets a second name, the new content takes its first one, and the second
// becomes the temporary name. At no moment is there nothing at the path.
func exchangeByLink(root *os.Root, temp, name string) error {
	temp, name = filepath.FromSlash(temp), filepath.FromSlash(name)
	if err := root.Link(name, temp+oldSuffix); err != nil {
		return err
	}
	if err := root.Rename(temp, name); err != nil {
		return errors.Join(err, root.Remove(temp+oldSuffix))
	}
	return root.Rename(temp+oldSuffix, temp)
}
