package profile

import (
	"runtime"
	"strconv"
)

// Class is a kind of machine: what was learned on one says little of another.
type Class struct {
	OS, Arch string // as Go names them: linux, amd64
	CPUs     int    // that the process may use
}

// Here returns the class of the machine that this process runs on.
func Here() Class {
	return Class{runtime.GOOS, runtime.GOARCH, runtime.GOMAXPROCS(0)}
}

// String returns the class's key in a profile: "linux/amd64/2".
func (c Class) String() string { return c.OS + "/" + c.Arch + "/" + strconv.Itoa(c.CPUs) }
