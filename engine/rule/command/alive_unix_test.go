//go:build unix

package command

import (
	"os"
	"strconv"
	"strings"
	"syscall"
)

// alive says whether a process runs; one that is dead and not yet waited for
// does not.
func alive(pid int) bool {
	if syscall.Kill(pid, 0) != nil {
		return false
	}
	stat, err := os.ReadFile("/proc/" + strconv.Itoa(pid) + "/stat")
	return err != nil || !strings.Contains(string(stat), ") Z ")
}
