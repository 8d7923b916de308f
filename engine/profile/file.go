package profile

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

// maxFile is the largest file that is read, in bytes.
const maxFile = 16 << 20

// lockWait is how long another process is waited for: each holds the lock for
// milliseconds.
const lockWait = 2 * time.Second

// Read reads a profile or a delta. A file that is not there is an empty store;
// everything else that is wrong is an error, which says the file, why, and that
// nothing of it is used.
func Read(path string) (*Store, error) {
	data, err := readFile(path)
	if errors.Is(err, fs.ErrNotExist) {
		return NewStore(), nil
	}
	if err != nil {
		return nil, fmt.Errorf("the profile %s cannot be read: %w", path, bare(err))
	}
	s, err := decode(data)
	if err != nil {
		return nil, &DamagedError{path, err}
	}
	return s, nil
}

// DamagedError says that a file is no profile of this version. It is replaced by
// the next save.
type DamagedError struct {
	Path string
	Why  error
}

// Error says where and why, and what becomes of the file.
func (e *DamagedError) Error() string {
	return fmt.Sprintf("the profile %s is damaged or of another version (%v): nothing of it is used, and the next save to it replaces it", e.Path, e.Why)
}

// Unwrap returns why.
func (e *DamagedError) Unwrap() error { return e.Why }

// readFile reads a regular file of bounded size. A link is refused: a save would
// replace it, and a reader would wait on a pipe.
func readFile(path string) (string, error) {
	if err := regular(path); err != nil {
		return "", err
	}
	f, err := os.Open(path)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }() // it was only read
	opened, err := f.Stat()
	if err != nil {
		return "", err
	}
	if !opened.Mode().IsRegular() {
		return "", errors.New("it is not a regular file")
	}
	if opened.Size() > maxFile {
		return "", fmt.Errorf("it has %d bytes, more than %d", opened.Size(), maxFile)
	}
	var b strings.Builder
	b.Grow(int(opened.Size()))
	_, err = io.Copy(&b, io.LimitReader(f, opened.Size()))
	return b.String(), err
}

// regular looks at a path without following a link.
func regular(path string) error {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return err
	case info.Mode()&fs.ModeSymlink != 0:
		return errors.New("it is a symbolic link, give the file itself")
	case info.IsDir():
		return errors.New("it is a folder")
	case !info.Mode().IsRegular():
		return errors.New("it is not a regular file")
	}
	return nil
}

// Update reads the file at path, lets change change what it holds, and writes it
// again, all under a lock that keeps other processes out. A damaged file counts as
// empty. The old file, or the new one, is there at any moment.
func Update(path string, change func(*Store) error) error { return update(path, true, change) }

// Change is Update, but that a damaged file is an error and stays as it is: for who
// wants what it holds.
func Change(path string, change func(*Store) error) error { return update(path, false, change) }

func update(path string, replaces bool, change func(*Store) error) error {
	wrap := func(err error) error {
		return fmt.Errorf("what was learned is not saved to %s: %w", path, bare(err))
	}
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		return wrap(err)
	}
	for _, p := range []string{path, path + ".lock"} {
		if err := regular(p); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return wrap(err)
		}
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return wrap(err)
	}
	defer unlock()
	s, err := Read(path)
	switch {
	case err == nil:
	case !replaces:
		return err
	case !errors.As(err, new(*DamagedError)) && !tooLarge(path):
		return wrap(err)
	default:
		s = NewStore()
	}
	if err := change(s); err != nil {
		return err
	}
	if err := replace(path, s.Encode()); err != nil {
		return wrap(err)
	}
	return nil
}

// write writes a store to a file of its own. Nobody else writes to it, so that it
// takes no lock, which would lie beside it.
func write(path string, s *Store) error {
	err := regular(path)
	if errors.Is(err, fs.ErrNotExist) {
		err = os.MkdirAll(filepath.Dir(path), 0o755)
	}
	if err == nil {
		err = replace(path, s.Encode())
	}
	if err != nil {
		return fmt.Errorf("what was learned is not saved to %s: %w", path, bare(err))
	}
	return nil
}

func tooLarge(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && info.Mode().IsRegular() && info.Size() > maxFile
}

// lock takes the lock, whose file stays: removing it would let two processes
// hold a lock each.
func lock(path string) (unlock func(), err error) {
	ctx, cancel := context.WithTimeout(context.Background(), lockWait)
	defer cancel()
	l := flock.New(path)
	ok, err := l.TryLockContext(ctx, 5*time.Millisecond)
	if errors.Is(err, context.DeadlineExceeded) || err == nil && !ok {
		err = fmt.Errorf("another process held its lock for %s", lockWait)
	}
	if err != nil {
		return nil, err
	}
	return func() { _ = l.Close() }, nil // the system drops the lock with the file
}

// replace writes a file beside path and renames it over path. The lock is held,
// so that one name is enough, and what a killed process left is replaced.
func replace(path string, data []byte) error {
	temp := path + ".tmp"
	if err := os.Remove(temp); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	f, err := os.OpenFile(temp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err == nil {
		err = f.Sync()
	}
	if e := f.Close(); err == nil {
		err = e
	}
	if err == nil {
		err = rename(temp, path)
	}
	if err != nil {
		_ = os.Remove(temp) // the error that matters is the first
	}
	return err
}

// rename retries on Windows, where a reader keeps a file from being replaced.
func rename(from, to string) error {
	err := os.Rename(from, to)
	for i := 0; err != nil && runtime.GOOS == "windows" && i < 20; i++ {
		time.Sleep(5 * time.Millisecond)
		err = os.Rename(from, to)
	}
	return err
}

// bare drops the path from an error that says it already.
func bare(err error) error {
	var p *fs.PathError
	if errors.As(err, &p) {
		return p.Err
	}
	return err
}
