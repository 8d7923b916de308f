package source

import (
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

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

// glance looks at files in the order of their paths, opening each folder once.
type glance struct {
	root *beneath
	dir  string
	in   *folder
	err  error // why dir could not be opened
}

func newGlance(root string) (*glance, error) {
	b, err := openBeneath(root)
	return &glance{root: b, dir: "/"}, err
}

func (g *glance) close() {
	g.leave()
	_ = g.root.close()
}

func (g *glance) leave() {
	if g.in != nil {
		g.in.close()
		g.in = nil
	}
}

// look returns what is there of a file whose tracked mode is known (0 if not).
func (g *glance) look(path string, tracked rule.Mode) (now seen, why string) {
	return g.lookAt(path, &indexEntry{mode: tracked}, time.Time{})
}

// lookAt looks at a tracked file as the index remembers it. Modified is when the
// index was written.
func (g *glance) lookAt(path string, tracked *indexEntry, modified time.Time) (now seen, why string) {
	dir, name := "", path
	if n := strings.LastIndexByte(path, '/'); n >= 0 {
		dir, name = path[:n], path[n+1:]
	}
	if dir != g.dir {
		g.leave()
		g.dir, g.in = dir, nil
		in, err := g.root.folder(dir)
		if g.err = err; err == nil {
			g.in = in
		}
	}
	switch {
	case g.err == nil:
		return g.in.look(name, tracked, modified)
	case errors.Is(g.err, fs.ErrNotExist), errors.Is(g.err, errChanged):
		return seen{}, ""
	}
	return seen{mode: tracked.mode, size: -1}, whyNot(g.err)
}
