package source

import (
	"fmt"
	"io"
	"os"
)

// smallMax bounds the files of a git directory that are read whole, in bytes.
const smallMax = 16 << 20

// readSmall reads a file of a git directory (configuration, HEAD, patterns). It
// never waits for a named pipe.
func readSmall(path string) ([]byte, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() || info.Size() > smallMax {
		return nil, fmt.Errorf("%s: not a regular file of at most %d bytes", path, smallMax)
	}
	return io.ReadAll(io.LimitReader(f, smallMax))
}
