//go:build unix && !linux

package hook

import (
	"iter"
	"os"
	"os/exec"
	"strconv"
	"strings"
)

// ancestors yields the command lines of the processes above this one, the
// nearest first, as ps(1) shows them: words are told apart by spaces alone.
func ancestors() iter.Seq[[]string] {
	return func(yield func([]string) bool) {
		pid := os.Getppid()
		for range mostAncestors {
			if pid <= 1 {
				return
			}
			out, err := exec.Command("ps", "-o", "ppid=,args=", "-p", strconv.Itoa(pid)).Output()
			f := strings.Fields(string(out))
			if err != nil || len(f) < 2 || !yield(f[1:]) {
				return
			}
			pid, _ = strconv.Atoi(f[0]) // 0 ends the walk
		}
	}
}
