package command

import (
	"strings"
	"syscall"
	"testing"
)

// An environment that grew since Split makes the command line too long: it is
// halved until it fits, and still each path is seen once.
func TestRunHalves(t *testing.T) {
	b := newBench(t)
	b.write("count.sh", "#!/bin/sh\nfor f; do echo \"$f:1: seen\"; done\n")
	c := newTest(t, "run", "./count.sh {files}", "parse", "gcc")
	var paths []string
	for range 12 {
		paths = append(paths, strings.Repeat("d/", 20_000)+"f"+string(rune('a'+len(paths))))
	}
	var stack syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_STACK, &stack); err != nil || stack.Cur > 8<<20 {
		t.Skip("this system takes longer command lines than the test makes")
	}
	for range 18 {
		b.env = append(b.env, "V"+string(rune('a'+len(b.env)%26))+"="+strings.Repeat("v", 100_000))
	}
	pass := b.run(t.Context(), c, paths...)
	if n := len(pass.Findings()); n != len(paths) || len(pass.Faults()) > 0 {
		t.Errorf("%d findings, want %d; faults %.300v", n, len(paths), pass.Faults())
	}
}
