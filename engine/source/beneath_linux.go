package source

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"

	"golang.org/x/sys/unix"
)

// beneath opens files below one folder without following any link: by
// openat2(2), which refuses links and leaving the folder in the kernel, so that
// no exchange of a folder for a link can be too quick for us. It uses bare file
// descriptors: four system calls a file, no finalizer, no poller.
type beneath struct {
	fd   int
	slow *rooted // where the kernel or a sandbox has no openat2
}

func openBeneath(root string) (*beneath, error) {
	fd, err := unix.Open(root, unix.O_PATH|unix.O_DIRECTORY|unix.O_CLOEXEC, 0)
	if err != nil {
		return nil, &fs.PathError{Op: "open", Path: root, Err: err}
	}
	b := &beneath{fd: fd}
	probe, err := b.open(".", unix.O_PATH|unix.O_DIRECTORY)
	if err == nil {
		return b, unix.Close(probe)
	}
	_ = unix.Close(fd) // ENOSYS before Linux 5.6, EPERM from a seccomp filter
	b.fd = -1
	b.slow, err = openRooted(root)
	return b, err
}

// open opens a path with flags, retrying where the kernel asks to.
func (b *beneath) open(path string, flags uint64) (int, error) {
	how := unix.OpenHow{
		Flags:   flags | unix.O_CLOEXEC | unix.O_NOFOLLOW | unix.O_NONBLOCK,
		Resolve: unix.RESOLVE_BENEATH | unix.RESOLVE_NO_SYMLINKS | unix.RESOLVE_NO_MAGICLINKS,
	}
	if flags&unix.O_PATH != 0 {
		how.Flags &^= unix.O_NONBLOCK // O_PATH takes no other flags here
	}
	for range 100 {
		fd, err := unix.Openat2(b.fd, path, &how)
		if err != unix.EINTR && err != unix.EAGAIN {
			return fd, err
		}
	}
	return -1, unix.EAGAIN
}

// readFile reads a regular file into buf; see Reader.Read.
func (b *beneath) readFile(path string, buf []byte, limit int64) ([]byte, error) {
	if b.slow != nil {
		return b.slow.readFile(path, buf, limit)
	}
	fd, err := b.open(path, unix.O_RDONLY)
	if err != nil {
		return nil, openError(err)
	}
	defer func() { _ = unix.Close(fd) }()
	return readSteady(limit, buf, func() (int64, error) {
		var st unix.Stat_t
		if err := unix.Fstat(fd, &st); err != nil {
			return 0, err
		}
		if st.Mode&unix.S_IFMT != unix.S_IFREG {
			return 0, fmt.Errorf("it is no regular file any more: %w", errChanged)
		}
		return st.Size, nil
	}, func(p []byte, off int64) (int, error) {
		for {
			n, err := unix.Pread(fd, p, off)
			if err != unix.EINTR {
				return max(n, 0), err
			}
		}
	})
}

// readLink reads a link's target.
func (b *beneath) readLink(path string, buf []byte) ([]byte, error) {
	if b.slow != nil {
		return b.slow.readLink(path, buf)
	}
	fd, err := b.open(path, unix.O_PATH)
	if err != nil {
		return nil, openError(err)
	}
	defer func() { _ = unix.Close(fd) }()
	buf = slices.Grow(buf[:0], unix.PathMax)
	n, err := unix.Readlinkat(fd, "", buf[:unix.PathMax])
	if errors.Is(err, unix.ENOENT) || errors.Is(err, unix.EINVAL) {
		return nil, fmt.Errorf("it is no symbolic link any more: %w", errChanged)
	}
	if err != nil {
		return nil, err
	}
	return buf[:n], nil
}

func (b *beneath) close() error {
	if b.slow != nil {
		return b.slow.close()
	}
	return os.NewSyscallError("close", unix.Close(b.fd))
}

// openError says what an error of open means for somebody who asked for a
// regular file on a path without links.
func openError(err error) error {
	switch err {
	case unix.ELOOP:
		return fmt.Errorf("a symbolic link stands in its way: %w", errChanged)
	case unix.EXDEV:
		return fmt.Errorf("it leads out of the repository: %w", errChanged)
	case unix.ENOTDIR:
		return fs.ErrNotExist
	case unix.ENXIO: // a socket, or a pipe or device without its other end
		return fmt.Errorf("it is no regular file any more: %w", errChanged)
	}
	return err
}
