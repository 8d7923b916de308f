package hook

import (
	"bytes"
	"fmt"
	"iter"
	"os"
	"strconv"
	"strings"
)

// ancestors yields the command lines of the processes above this one, the
// nearest first, as far as /proc shows them.
func ancestors() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		pid := os.Getppid()
		for range mostAncestors {
			if pid <= 1 {
				return
			}
			line, err := os.ReadFile(fmt.Sprintf("/proc/%d/cmdline", pid))
			if err != nil || !yield(strings.Split(strings.TrimSuffix(string(line), "\x00"), "\x00")) {
				return
			}
			pid = parentOf(pid)
		}
	}
}

// parentOf reads the fourth field of /proc/PID/stat; the second may hold
// anything, and ends with the last parenthesis.
func parentOf(pid int) int {
	stat, err := os.ReadFile(fmt.Sprintf("/proc/%d/stat", pid))
	if err != nil {
		return 0
	}
	f := strings.Fields(string(stat[bytes.LastIndexByte(stat, ')')+1:]))
	if len(f) < 2 {
		return 0
	}
	parent, _ := strconv.Atoi(f[1]) // 0 ends the walk
	return parent
}
