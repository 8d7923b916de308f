package source

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"
)

// spot is a place for a file: a slash path below an open folder.
type spot struct {
	in   *rooted
	name string
}

// Temporary files of a staging lie in its own folder, in the git directory. The
// exchange needs both on one file system. Where they are not, the temporary file
// lies beside the worktree's, in two folders of which the inner is called .git:
// git looks into nothing of that name, so that `git add -A` leaves it out at any
// moment, and no file of the user's (info/exclude) has to be changed for it.
const (
	insidePrefix = "new-"
	tempPrefix   = ".sot-"
	tempSuffix   = ".tmp"
	besideFile   = ".git/new"
	oldSuffix    = ".old"
	probeSuffix  = ".probe"
)

func insideName(i int) string { return insidePrefix + strconv.Itoa(i) }

func besideName(name string) string {
	return path.Join(path.Dir(name), fmt.Sprintf("%s%016x%s", tempPrefix, rand.Uint64(), tempSuffix), besideFile)
}

// areTempNames guards against a journal that somebody else wrote.
func areTempNames(inside, beside, name string) bool {
	if !strings.HasPrefix(inside, insidePrefix) || strings.ContainsAny(inside, `/\`) {
		return false
	}
	folder, ok := strings.CutSuffix(beside, "/"+besideFile)
	base := path.Base(folder)
	return ok && path.Dir(folder) == path.Dir(name) && strings.HasPrefix(base, tempPrefix) && strings.HasSuffix(base, tempSuffix)
}

// plus is the spot with a longer name.
func (s spot) plus(suffix string) spot { return spot{s.in, s.name + suffix} }

// path is its name for people.
func (s spot) path() string {
	return filepath.Join(s.in.root.Name(), filepath.FromSlash(s.name))
}

func (s spot) create(perm fs.FileMode) (*os.File, error) {
	return s.in.root.OpenFile(filepath.FromSlash(s.name), os.O_WRONLY|os.O_CREATE|os.O_EXCL, perm)
}

// read fails for what is no regular file, or is reached by a link.
func (s spot) read() ([]byte, error) {
	s.in.last = "" // folders may have been exchanged since
	return s.in.readFile(s.name, nil, 0)
}

// makeFolders makes the two folders that a temporary file beside a worktree
// file lies in.
func (s spot) makeFolders() error {
	inner := path.Dir(s.name)
	for _, dir := range []string{path.Dir(inner), inner} {
		if err := s.in.root.Mkdir(filepath.FromSlash(dir), 0o700); err != nil {
			return bare(err)
		}
	}
	return nil
}

// remove removes the file, where there is one, and the folders made for it,
// where they are empty.
func (s spot) remove() error {
	names := []string{s.name}
	if inner := path.Dir(s.name); inner != "." {
		names = append(names, inner, path.Dir(inner))
	}
	for i, name := range names {
		err := s.in.root.Remove(filepath.FromSlash(name))
		if err == nil || errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if i > 0 {
			return nil // something else lies there
		}
		return bare(err)
	}
	return nil
}

func (s spot) link(to spot) error {
	if s.in == to.in {
		return s.in.root.Link(filepath.FromSlash(s.name), filepath.FromSlash(to.name))
	}
	return linkAcross(s, to)
}

func (s spot) rename(to spot) error {
	if s.in == to.in {
		return s.in.root.Rename(filepath.FromSlash(s.name), filepath.FromSlash(to.name))
	}
	return renameAcross(s, to)
}

// exchange swaps two files, in one step where the system can.
func exchange(temp, file spot) error {
	err := swapNames(temp, file)
	if errors.Is(err, errors.ErrUnsupported) {
		return exchangeByLink(temp, file)
	}
	return err
}

// exchangeByLink is for systems that cannot exchange two names at once: the file
// gets a second name, the new content takes its first one, and the second
// becomes the temporary name. At no moment is there nothing at the path.
func exchangeByLink(temp, file spot) error {
	old := temp.plus(oldSuffix)
	if err := file.link(old); err != nil {
		return err
	}
	if err := temp.rename(file); err != nil {
		return errors.Join(err, old.in.root.Remove(filepath.FromSlash(old.name)))
	}
	return old.rename(temp)
}

// setAside keeps a temporary file from being removed, because what it holds may
// be nowhere else. It returns where it is then.
func (e *FileEdit) setAside() (string, error) {
	temp := e.temp
	e.temp = spot{}
	if temp != e.inside {
		return temp.path(), nil
	}
	return e.stage.setAside(temp.name)
}
