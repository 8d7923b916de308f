//go:build unix

package source

import (
	"os"
	"syscall"
)

// alive says whether a process runs. Our own number in an older journal is that
// of a process that is gone (containers count from 1 again).
func alive(pid int) bool {
	if pid <= 0 || pid == os.Getpid() {
		return false
	}
	err := syscall.Kill(pid, 0)
	return err == nil || err == syscall.EPERM
}
