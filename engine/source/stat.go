package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"runtime"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

const symlinkType = fs.ModeSymlink

// lstatBeneath looks at a path below root, and fails with fs.ErrNotExist where
// a folder on the way is a link, as git does.
func lstatBeneath(root, path string) (fs.FileInfo, error) {
	for i := 0; ; i++ {
		n := strings.IndexByte(path[i:], '/')
		if n < 0 {
			return os.Lstat(filepath.Join(root, filepath.FromSlash(path)))
		}
		i += n
		info, err := os.Lstat(filepath.Join(root, filepath.FromSlash(path[:i])))
		if err != nil {
			return nil, err
		}
		if !info.IsDir() {
			return nil, &fs.PathError{Op: "lstat", Path: path, Err: fs.ErrNotExist}
		}
	}
}

// whyNot says why a path could not be looked at; "" where it is only not there.
func whyNot(err error) string {
	if errors.Is(err, fs.ErrNotExist) {
		return ""
	}
	var pe *fs.PathError
	if errors.As(err, &pe) {
		err = pe.Err
	}
	return err.Error()
}

// typeName names what is no regular file, for a message.
func typeName(m fs.FileMode) string {
	switch {
	case m&fs.ModeNamedPipe != 0:
		return "named pipe"
	case m&fs.ModeSocket != 0:
		return "socket"
	case m&fs.ModeCharDevice != 0, m&fs.ModeDevice != 0:
		return "device"
	case m.IsDir():
		return "folder"
	case m&fs.ModeSymlink != 0:
		return "symbolic link"
	}
	return "special file"
}

// trackedMode is the mode of a worktree file whose tracked mode is known: where
// the system has no executable bit or no links, the index is believed.
func (s *Source) trackedMode(tracked, seen rule.Mode) rule.Mode {
	if runtime.GOOS == "windows" && tracked != 0 && seen.Regular() {
		return tracked
	}
	return seen
}
