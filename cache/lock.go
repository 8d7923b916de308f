package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/gofrs/flock"
)

const lockWait = 500 * time.Millisecond

// lock takes the lock at path, waiting for a moment.
func lock(path string) (unlock func(), err error) {
	l := flock.New(path, flock.SetFlag(os.O_CREATE|os.O_RDONLY|guarded), flock.SetPermissions(0o644))
	for end := time.Now().Add(lockWait); ; time.Sleep(5 * time.Millisecond) {
		ok, err := l.TryLock()
		if err != nil {
			return nil, err
		}
		if ok {
			return func() { _ = l.Unlock() }, nil // the file stays: removing it would race
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("another process holds %s", path)
		}
	}
}

// Remove deletes the store at path, and what a killed process left beside it.
func Remove(path string) error {
	if _, err := os.Lstat(filepath.Dir(path)); missing(err) {
		return nil
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	err = clean(path)
	if rerr := os.Remove(path); rerr != nil && !missing(rerr) {
		err = errors.Join(err, rerr)
	}
	return err
}

// beingWritten follows the store's name in that of a file that is to replace it.
const beingWritten = ".tmp-"

// clean removes what processes that were killed have left beside the store. The
// lock is held: nobody else writes.
func clean(path string) error {
	entries, err := os.ReadDir(filepath.Dir(path))
	errs := []error{err}
	for _, e := range entries {
		number, ok := strings.CutPrefix(e.Name(), filepath.Base(path)+beingWritten)
		if ok && number != "" && strings.Trim(number, "0123456789") == "" {
			errs = append(errs, os.Remove(filepath.Join(filepath.Dir(path), e.Name())))
		}
	}
	return errors.Join(errs...)
}
