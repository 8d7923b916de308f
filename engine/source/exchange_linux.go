package source

import (
	"errors"
	"os"
	"path"
	"path/filepath"

	"golang.org/x/sys/unix"
)

// exchange swaps two files of one folder in one step (renameat2(2)), so that an
// edit between a look and a rename is never overwritten but comes out.
func exchange(root *os.Root, temp, name string) error {
	dir, err := root.Open(filepath.FromSlash(path.Dir(name)))
	if err != nil {
		return err
	}
	defer func() { _ = dir.Close() }()
	fd := int(dir.Fd())
	err = unix.Renameat2(fd, path.Base(temp), fd, path.Base(name), unix.RENAME_EXCHANGE)
	if errors.Is(err, unix.EINVAL) || errors.Is(err, unix.ENOSYS) || errors.Is(err, unix.ENOTSUP) {
		return exchangeByLink(root, temp, name) // the file system or the kernel cannot
	}
	return err
}
