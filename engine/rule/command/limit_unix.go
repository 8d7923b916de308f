//go:build unix && !linux

package command

import (
	"runtime"
	"strconv"
)

// systemLimit returns ARG_MAX: 1 MiB for arguments and environment together on
// macOS, and 256 KiB, the least of the BSDs, elsewhere.
func systemLimit(env []string) limit {
	total := 256 << 10
	if runtime.GOOS == "darwin" {
		total = 1 << 20
	}
	return limit{total: total, cost: pointerCost}.less(env)
}

func pointerCost(arg string) int { return len(arg) + 1 + strconv.IntSize/8 }
