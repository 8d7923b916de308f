//go:build unix

package source

import (
	"io/fs"
	"os"
	"syscall"
)

// keep gives a new file the owner, the group and the mode of the old one. The
// mode comes last: changing the owner drops the set-user bits.
func keep(f *os.File, old fs.FileInfo) error {
	was, ok := old.Sys().(*syscall.Stat_t)
	info, err := f.Stat()
	if err != nil {
		return err
	}
	if is, same := info.Sys().(*syscall.Stat_t); ok && same && (is.Uid != was.Uid || is.Gid != was.Gid) {
		if err := f.Chown(int(was.Uid), int(was.Gid)); err != nil {
			return errOwner
		}
	}
	return f.Chmod(old.Mode() & (fs.ModePerm | fs.ModeSetuid | fs.ModeSetgid | fs.ModeSticky))
}
