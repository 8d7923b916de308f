//go:build unix

package source

import (
	"io/fs"
	"os"
	"syscall"
)

// deviceOf returns the file system that a folder lies on.
func deviceOf(dir string) (uint64, bool) {
	info, err := os.Stat(dir)
	if err != nil {
		return 0, false
	}
	st, ok := info.Sys().(*syscall.Stat_t)
	if !ok {
		return 0, false
	}
	return uint64(st.Dev), true //nolint:unconvert // its type differs between systems
}

// ownedByUs says whether git takes the path as the user's own.
func ownedByUs(path string) bool {
	info, err := os.Lstat(path)
	return err == nil && ours(info)
}

// ours says whether a file is this user's.
func ours(info fs.FileInfo) bool {
	st, ok := info.Sys().(*syscall.Stat_t)
	return ok && int(st.Uid) == os.Geteuid()
}
