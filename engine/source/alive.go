package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"time"
)

const (
	// aliveFile is locked for as long as the process lives.
	aliveFile = "alive"
	// startTime is what a process has between making its folder and locking it.
	startTime = time.Minute
)

// hold marks a folder as in use until the file is closed, or the process ends.
// The process id in it says that the lock was taken, and is else for people.
// Where it cannot be locked, the folder never counts as abandoned.
func hold(dir *os.Root) (*os.File, error) {
	f, err := dir.OpenFile(aliveFile, os.O_RDWR|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil || holdFile(f) != nil {
		return f, err
	}
	if _, err := f.WriteString(strconv.Itoa(os.Getpid()) + "\n"); err != nil {
		return nil, errors.Join(err, f.Close())
	}
	return f, nil
}

// abandoned says whether the process that made a folder is gone.
func abandoned(dir *os.Root) bool {
	young := func(info fs.FileInfo, err error) bool { return err != nil || time.Since(info.ModTime()) < startTime }
	info, err := dir.Lstat(aliveFile)
	if errors.Is(err, fs.ErrNotExist) {
		return !young(dir.Stat(".")) // killed as it made or removed its folder; or it is just doing so
	}
	if err != nil || !info.Mode().IsRegular() || info.Size() == 0 && young(info, nil) {
		return false
	}
	f, err := dir.OpenFile(aliveFile, os.O_RDWR|nonBlock, 0)
	if err != nil {
		return false
	}
	defer func() { _ = f.Close() }()
	now, err := f.Stat()
	return err == nil && os.SameFile(info, now) && holdFile(f) == nil
}

// Scratch is a folder in the temporary folder for as long as the process lives:
// the next NewScratch removes it after a process that was killed.
type Scratch struct {
	Dir   string // empty at first, absolute, without links
	top   string
	alive *os.File
}

// scratchContent is Dir in the folder: nothing of ours stands in it.
const scratchContent = "tree"

// NewScratch makes a folder whose name begins with the prefix, and removes
// those that processes of the same user left that are gone.
func NewScratch(prefix string) (*Scratch, error) {
	sweepScratch(os.TempDir(), prefix)
	top, err := os.MkdirTemp("", prefix)
	if err != nil {
		return nil, err
	}
	s := &Scratch{top: top}
	if err := s.fill(); err != nil {
		return nil, errors.Join(err, s.Remove())
	}
	return s, nil
}

func (s *Scratch) fill() error {
	top, err := filepath.EvalSymlinks(s.top)
	if err != nil {
		return err
	}
	s.top = top
	root, err := os.OpenRoot(s.top)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	if s.alive, err = hold(root); err != nil {
		return err
	}
	s.Dir = filepath.Join(s.top, scratchContent)
	return os.Mkdir(s.Dir, 0o700)
}

// Remove removes the folder with all that lies in it.
func (s *Scratch) Remove() error {
	var err error
	if s.alive != nil {
		err = s.alive.Close()
	}
	return errors.Join(err, os.RemoveAll(s.top))
}

// sweepScratch removes leftovers. What cannot be removed harms nobody.
func sweepScratch(temp, prefix string) {
	root, err := os.OpenRoot(temp)
	if err != nil {
		return
	}
	defer func() { _ = root.Close() }()
	all, err := root.Open(".")
	if err != nil {
		return
	}
	names, _ := all.Readdirnames(-1)
	_ = all.Close()
	for _, name := range names {
		if strings.HasPrefix(name, prefix) {
			sweepOne(root, name)
		}
	}
}

// sweepOne removes a folder, no link to one, that is this user's and that a
// process which is gone has held. It follows no links in it either.
func sweepOne(temp *os.Root, name string) {
	info, err := temp.Lstat(name)
	if err != nil || !info.IsDir() || !ours(info) {
		return
	}
	dir, err := temp.OpenRoot(name)
	if err != nil {
		return
	}
	defer func() { _ = dir.Close() }()
	if now, err := dir.Stat("."); err != nil || !os.SameFile(info, now) || !abandoned(dir) {
		return
	}
	if _, err := dir.Lstat(aliveFile); err != nil {
		_ = temp.Remove(name) // only where it is empty: else nothing proves that it was ours
		return
	}
	_ = temp.RemoveAll(name)
}
