//go:build unix

package source

import (
	"os"

	"golang.org/x/sys/unix"
)

// holdFile locks a file for as long as the process lives: a process id says
// less, because ids are used again, and a killed process keeps its own until
// its parent has asked for it, which in a container may be never.
func holdFile(f *os.File) error { return unix.Flock(int(f.Fd()), unix.LOCK_EX|unix.LOCK_NB) }
