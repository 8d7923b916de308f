//go:build !unix

package source

import "os"

// alive says whether a process runs. Our own number in an older journal is that
// of a process that is gone.
func alive(pid int) bool {
	if pid <= 0 || pid == os.Getpid() {
		return false
	}
	p, err := os.FindProcess(pid) // fails on Windows where there is none
	if err != nil {
		return false
	}
	_ = p.Release()
	return true
}
