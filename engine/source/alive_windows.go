package source

import (
	"os"

	"golang.org/x/sys/windows"
)

// holdFile locks a file for as long as the process lives: a process id says
// less, because ids are used again.
func holdFile(f *os.File) error {
	return windows.LockFileEx(windows.Handle(f.Fd()), windows.LOCKFILE_EXCLUSIVE_LOCK|windows.LOCKFILE_FAIL_IMMEDIATELY, 0, 1, 0, &windows.Overlapped{})
}
