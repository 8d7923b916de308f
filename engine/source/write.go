package source

import (
	"errors"
	"fmt"
	"io/fs"
	"math/rand/v2"
	"os"
	"path"
	"path/filepath"
)

// WriteFile replaces the content of a worktree file: written to a new file
// beside it, synced, and renamed over it, so that a crash leaves the old or the
// new content. Mode and owner are kept. It refuses links, the path's own or on
// its way, what is no regular file, and anything but a source of worktree bytes.
// A file that does not exist is created.
func (s *Source) WriteFile(name string, data []byte) error {
	if err := s.writeFile(name, data); err != nil {
		return fmt.Errorf("%s: cannot be written: %w", name, err)
	}
	return nil
}

func (s *Source) writeFile(name string, data []byte) error {
	if !s.Worktree() {
		return errors.New("the run judges what git holds, not the worktree")
	}
	if !filepath.IsLocal(filepath.FromSlash(name)) || path.Clean(name) != name {
		return errors.New("it lies outside of the repository")
	}
	r, err := openRooted(s.root)
	if err != nil {
		return err
	}
	defer func() { _ = r.close() }()
	info, err := r.lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		info = nil
	case err != nil:
		return bare(err)
	case info.Mode().Type() == symlinkType:
		return errors.New("it is a symbolic link")
	case !info.Mode().IsRegular():
		return fmt.Errorf("it is no file but a %s", typeName(info.Mode()))
	}
	return r.replace(name, data, info)
}

// replace writes beside and renames. Where the owner cannot be kept so (another
// user's file that we may write to) it writes in place instead.
func (r *rooted) replace(name string, data []byte, old fs.FileInfo) error {
	temp := filepath.FromSlash(path.Join(path.Dir(name), fmt.Sprintf(".sot-%016x.tmp", rand.Uint64())))
	mode := fs.FileMode(0o666) // less the umask
	if old != nil {
		mode = old.Mode().Perm()
	}
	f, err := r.root.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, mode)
	if err != nil {
		return bare(err)
	}
	err = r.finish(f, temp, filepath.FromSlash(name), data, old)
	if err != nil {
		_ = r.root.Remove(temp)
	}
	if errors.Is(err, errOwner) {
		return r.inPlace(name, data, old)
	}
	return bare(err)
}

var errOwner = errors.New("the owner cannot be kept")

func (r *rooted) finish(f *os.File, temp, name string, data []byte, old fs.FileInfo) error {
	_, err := f.Write(data)
	if err == nil && old != nil {
		err = keep(f, old)
	}
	if err == nil {
		err = f.Sync()
	}
	if err := errors.Join(err, f.Close()); err != nil {
		return err
	}
	return r.root.Rename(temp, name)
}

func (r *rooted) inPlace(name string, data []byte, old fs.FileInfo) error {
	f, err := r.root.OpenFile(filepath.FromSlash(name), os.O_WRONLY|nonBlock, 0)
	if err != nil {
		return bare(err)
	}
	if now, err := f.Stat(); err != nil || !os.SameFile(now, old) {
		return errors.Join(errChanged, err, f.Close())
	}
	_, err = f.WriteAt(data, 0)
	if err == nil {
		err = f.Truncate(int64(len(data)))
	}
	if err == nil {
		err = f.Sync()
	}
	return errors.Join(err, f.Close())
}
