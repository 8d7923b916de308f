package source

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
)

// WorktreeEditor replaces worktree files in two steps: new contents are laid
// ready where git does not look, and then exchanged with the files, one atomic step a file. What
// comes out of an exchange is compared with what was read, so that an edit made
// meanwhile is not lost but taken back. It follows no link, leaves the
// repository in no case, and keeps mode and owner.
type WorktreeEditor struct{ r *rooted }

// FileEdit is one file to be replaced.
type FileEdit struct {
	Path     string
	Old, New []byte // what the worktree file holds, and shall hold

	stage   *Staging
	inside  spot   // for the new content: in the staging's folder,
	beside  string // or here in the worktree, where that folder cannot be reached
	temp    spot   // which of the two it was
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

// Read returns what a worktree file holds; fs.ErrNotExist where there is none, or
// a file in place of its folder. Of links and folders the error says so.
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
	case errors.Is(err, errChanged):
		return nil, errors.New("a symbolic link stands in the way to its worktree file")
	case err != nil:
		return nil, bare(err)
	case info.Mode().Type() == symlinkType:
		return nil, errors.New("its worktree file is a symbolic link")
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("it is no file but a %s in the worktree", typeName(info.Mode()))
	}
	return info, nil
}

// Prepare lays the new content where it can be exchanged with the file, with
// its mode and owner, and synced. Staging.Announce must have named the places.
func (w *WorktreeEditor) Prepare(e *FileEdit) error {
	info, err := w.look(e.Path)
	if err != nil {
		return err
	}
	if e.temp, err = w.place(e); err != nil {
		return errors.Join(err, w.Clear(e))
	}
	f, err := e.temp.create(info.Mode().Perm())
	if err != nil {
		return errors.Join(bare(err), w.Clear(e))
	}
	_, err = f.Write(e.New)
	if err == nil {
		err = keep(f, info)
	}
	if err == nil {
		err = f.Sync()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return errors.Join(bare(err), w.Clear(e))
	}
	return nil
}

// place is the staging's folder where the file can be exchanged with one there,
// else a folder beside the file.
func (w *WorktreeEditor) place(e *FileEdit) (spot, error) {
	if (spot{w.r, e.Path}).reaches(e.inside.plus(probeSuffix)) {
		return e.inside, nil
	}
	temp := spot{w.r, e.beside}
	return temp, temp.makeFolders()
}

// Swap puts the new content in place. Where the file no longer holds what was
// read, it is left as it is, and the error is a *CannotStageError.
func (w *WorktreeEditor) Swap(e *FileEdit) error {
	if err := w.swap(e); err != nil {
		return fmt.Errorf("%s: %w", e.Path, err)
	}
	out, err := e.temp.read()
	if err == nil && bytes.Equal(out, e.Old) {
		e.swapped = true
		return nil
	}
	if err := w.swap(e); err != nil {
		kept, bad := e.setAside()
		return errors.Join(fmt.Errorf("%s was edited while sot wrote it, and that edit is now in %s: %w", e.Path, kept, err), bad)
	}
	return errors.Join(&CannotStageError{e.Path + " was edited meanwhile; commit again"}, err)
}

func (w *WorktreeEditor) swap(e *FileEdit) error {
	if _, err := w.look(e.Path); err != nil {
		return err
	}
	return bare(exchange(e.temp, spot{w.r, e.Path}))
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
	out, err := e.temp.read()
	if err == nil && bytes.Equal(out, e.New) {
		return nil
	}
	// Edited within the last instant: that edit stays in place, and what was
	// there before it is kept.
	err = errors.Join(err, w.swap(e))
	kept, bad := e.setAside()
	err = errors.Join(err, bad)
	return errors.Join(fmt.Errorf("%s was edited while sot wrote it: your edit is in place, and what it held before is in %s", e.Path, kept), err)
}

// Clear removes what Prepare laid down, or what Swap took out.
func (w *WorktreeEditor) Clear(e *FileEdit) error {
	if e.temp.in == nil {
		return nil
	}
	return e.temp.remove()
}
