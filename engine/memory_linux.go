package engine

import (
	"bytes"
	"os"
	"strconv"
)

// freeMemory is the memory that commands may hold together, in bytes; 0 where
// the system does not say. It is what the machine has available, or what is left
// of the control group's limit where that is less.
func freeMemory() int64 {
	var free int64
	if data, err := os.ReadFile("/proc/meminfo"); err == nil {
		if _, rest, ok := bytes.Cut(data, []byte("MemAvailable:")); ok {
			free = number(bytes.Fields(rest)[:1]) << 10
		}
	}
	limit := fileNumber("/sys/fs/cgroup/memory.max")
	if left := limit - fileNumber("/sys/fs/cgroup/memory.current"); limit > 0 && (free == 0 || left < free) {
		free = max(left, 1)
	}
	return free
}

// fileNumber reads a number from a file; 0 where it holds none ("max").
func fileNumber(path string) int64 {
	data, err := os.ReadFile(path)
	if err != nil {
		return 0
	}
	return number(bytes.Fields(data))
}

func number(fields [][]byte) int64 {
	if len(fields) == 0 {
		return 0
	}
	n, err := strconv.ParseInt(string(fields[0]), 10, 64)
	if err != nil {
		return 0
	}
	return n
}
