package source

import (
	"errors"
	"fmt"
	"path"

	"golang.org/x/sys/unix"
)

// swapNames swaps two files in one step (renameat2(2)), so that an edit between
// a look and a rename is never overwritten but comes out.
func swapNames(a, b spot) error {
	return across(a, b, func(from, to int) error {
		err := unix.Renameat2(from, path.Base(a.name), to, path.Base(b.name), unix.RENAME_EXCHANGE)
		if errors.Is(err, unix.EINVAL) { // the file system cannot; an old kernel says so itself
			return fmt.Errorf("%w: %w", errors.ErrUnsupported, err)
		}
		return err
	})
}
