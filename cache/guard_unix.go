//go:build unix

package cache

import "syscall"

// guarded opens neither what a link leads to, nor waits for a pipe's other end.
const guarded = syscall.O_NOFOLLOW | syscall.O_NONBLOCK
