package cputime

import (
	"syscall"
	"time"
)

// Used returns the user and kernel time of this process so far, of all its threads.
func Used() time.Duration {
	self, err := syscall.GetCurrentProcess()
	var created, exited, kernel, user syscall.Filetime
	if err == nil {
		err = syscall.GetProcessTimes(self, &created, &exited, &kernel, &user)
	}
	if err != nil {
		panic(err) // it has no error for one's own process
	}
	return ticks(kernel) + ticks(user)
}

// ticks is a Filetime that is a length of time: in units of 100 ns.
func ticks(t syscall.Filetime) time.Duration {
	return time.Duration(uint64(t.HighDateTime)<<32|uint64(t.LowDateTime)) * 100
}
