package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// slowFolder is a folder read with os.Root, where openat2 is not to be had.
type slowFolder struct{ root *os.Root }

// folder opens a folder that is reached without links. It is safe for
// concurrent use, unlike reading, because it remembers nothing.
func (r *rooted) folder(dir string) (*slowFolder, error) {
	if dir == "" {
		dir = "."
	}
	fresh := rooted{root: r.root}
	if err := fresh.straight(dir + "/x"); err != nil {
		return nil, bare(err)
	}
	root, err := r.root.OpenRoot(filepath.FromSlash(dir))
	if err != nil {
		if isNotDir(err) {
			err = fs.ErrNotExist
		}
		return nil, bare(err)
	}
	return &slowFolder{root}, nil
}

func (f *slowFolder) close() { _ = f.root.Close() }

// kind is asked where names did not tell; here they always do.
func (f *slowFolder) kind(string) fs.FileMode { return kindUnknown }

// On Linux only a kernel without openat2 comes here, and its names always tell.
var _ = (*slowFolder).kind

// look returns what is there of a tracked file. Without the whole file status
// nothing is known to be clean.
func (f *slowFolder) look(name string, e *indexEntry, _ time.Time) (now seen, why string) {
	info, err := f.root.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return seen{}, ""
	case err != nil:
		return seen{mode: e.mode, size: -1}, whyNot(err)
	case info.Mode().IsRegular() && info.Mode()&0o100 != 0:
		return seen{mode: rule.ModeExecutable, size: info.Size()}, ""
	case info.Mode().IsRegular():
		return seen{mode: rule.ModeFile, size: info.Size()}, ""
	case info.Mode().Type() == symlinkType:
		return seen{mode: rule.ModeSymlink, size: info.Size()}, ""
	case info.IsDir() && e.mode == rule.ModeSubmodule:
		return seen{mode: e.mode, size: -1}, ""
	case info.IsDir():
		return seen{}, ""
	}
	return seen{}, "it is no file but a " + typeName(info.Mode())
}

func (f *slowFolder) names(yield func(name string, kind fs.FileMode)) error {
	d, err := f.root.Open(".")
	if err != nil {
		return err
	}
	defer func() { _ = d.Close() }()
	list, err := d.ReadDir(-1)
	for _, e := range list {
		yield(e.Name(), e.Type())
	}
	return err
}
