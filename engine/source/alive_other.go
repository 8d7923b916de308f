//go:build !unix && !windows

package source

import (
	"errors"
	"os"
)

// holdFile cannot lock here, and leftovers are left.
func holdFile(*os.File) error { return errors.ErrUnsupported }
