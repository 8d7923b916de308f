package command

import (
	"strconv"
	"syscall"
)

// systemLimit returns what execve takes: a quarter of the soft limit of the
// stack, at least 128 KiB and at most 6 MiB, for arguments and environment
// together, each with its NUL and its pointer (fs/exec.c, bprm_stack_limits;
// execve(2)). That one argument may have 128 KiB (MAX_ARG_STRLEN) is left to
// execve to say: a path has 4 KiB at most.
func systemLimit(env []string) limit {
	total := 128 << 10
	var stack syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_STACK, &stack); err == nil {
		total = int(min(max(stack.Cur/4, 128<<10), 6<<20))
	}
	return limit{total: total, cost: pointerCost}.less(env)
}

func pointerCost(arg string) int { return len(arg) + 1 + strconv.IntSize/8 }
