//go:build linux || darwin

package source

import (
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// across opens the folders of two spots.
func across(a, b spot, do func(from, to int) error) error {
	from, err := a.folder()
	if err != nil {
		return err
	}
	defer func() { _ = from.Close() }()
	to, err := b.folder()
	if err != nil {
		return err
	}
	defer func() { _ = to.Close() }()
	return do(int(from.Fd()), int(to.Fd()))
}

func (s spot) folder() (*os.File, error) {
	return s.in.root.Open(filepath.FromSlash(path.Dir(s.name)))
}

func linkAcross(a, b spot) error {
	return across(a, b, func(from, to int) error {
		return unix.Linkat(from, path.Base(a.name), to, path.Base(b.name), 0)
	})
}

func renameAcross(a, b spot) error {
	return across(a, b, func(from, to int) error {
		return unix.Renameat(from, path.Base(a.name), to, path.Base(b.name))
	})
}

// reaches says whether a worktree file can be exchanged with one in the folder
// of the probe. Device numbers do not say so: binds of one file system, and
// subvolumes, share or differ in them as they like. A link fails where an
// exchange would, and is seen by nobody in that folder.
func (s spot) reaches(probe spot) bool {
	err := across(s, probe, func(from, to int) error {
		if err := unix.Faccessat(from, ".", unix.W_OK|unix.X_OK, unix.AT_EACCESS); err != nil {
			return err
		}
		return unix.Linkat(from, path.Base(s.name), to, path.Base(probe.name), 0)
	})
	return err == nil && probe.in.root.Remove(filepath.FromSlash(probe.name)) == nil
}
