//go:build unix

package source

import "syscall"

// nonBlock keeps open from waiting for the other end of a named pipe.
const nonBlock = syscall.O_NONBLOCK
