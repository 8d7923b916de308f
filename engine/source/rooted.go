package source

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strings"
)

// rooted is the portable way to open files below one folder: os.Root refuses to
// leave it, and links that stay inside are refused by looking at every folder
// on the way. It costs a look per folder, remembered for the last one.
type rooted struct {
	root *os.Root
	last string // the folder that was found to be reached without links
}

func openRooted(dir string) (*rooted, error) {
	root, err := os.OpenRoot(dir)
	return &rooted{root: root}, err
}

func (r *rooted) close() error { return r.root.Close() }

// straight fails where a folder on the way to the path is a link.
func (r *rooted) straight(name string) error {
	dir := path.Dir(name)
	if dir == r.last || dir == "." {
		return nil
	}
	for i := 0; i <= len(dir); i++ {
		if i < len(dir) && dir[i] != '/' {
			continue
		}
		info, err := r.root.Lstat(filepath.FromSlash(dir[:i]))
		switch {
		case err != nil:
			return err
		case info.Mode().Type() == symlinkType:
			return fmt.Errorf("a symbolic link stands in its way: %w", errChanged)
		case !info.IsDir():
			return fs.ErrNotExist
		}
	}
	r.last = dir
	return nil
}

// lstat looks at a path whose folders are no links.
func (r *rooted) lstat(name string) (fs.FileInfo, error) {
	if err := r.straight(name); err != nil {
		return nil, err
	}
	return r.root.Lstat(filepath.FromSlash(name))
}

func (r *rooted) readFile(name string, buf []byte, limit int64) ([]byte, error) {
	info, err := r.lstat(name)
	if err != nil {
		return nil, bare(err)
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("it is no regular file any more: %w", errChanged)
	}
	f, err := r.root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, bare(err)
	}
	defer func() { _ = f.Close() }()
	return readSteady(limit, buf, func() (int64, error) {
		now, err := f.Stat()
		if err == nil && !os.SameFile(now, info) {
			err = errChanged
		}
		if err != nil {
			return 0, err
		}
		return now.Size(), nil
	}, func(p []byte, off int64) (int, error) {
		n, err := f.ReadAt(p, off)
		if errors.Is(err, io.EOF) {
			err = nil
		}
		return n, err
	})
}

func (r *rooted) readLink(name string, buf []byte) ([]byte, error) {
	if err := r.straight(name); err != nil {
		return nil, bare(err)
	}
	target, err := r.root.Readlink(filepath.FromSlash(name))
	if err != nil {
		return nil, bare(err)
	}
	return append(buf[:0], target...), nil
}

// bare takes the path off an error: the reader names it.
func bare(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		if strings.Contains(pe.Err.Error(), "escapes") {
			return fmt.Errorf("it leads out of the repository: %w", errChanged)
		}
		return pe.Err
	}
	return err
}
