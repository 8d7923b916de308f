//go:build unix

package command

import (
	"fmt"
	"runtime"
	"syscall"
	"testing"
)

// A loop in a grandchild burns more CPU than sleeping does, and is counted.
func TestCPUSecondsOfGrandchildren(t *testing.T) {
	b := newBench(t)
	b.write("burn", "#!/bin/sh\nsh -c 'i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done'\ntrue\n")
	b.write("sleep", "#!/bin/sh\nsleep 0.3\n")
	burn := b.run(t.Context(), newTest(t, "run", "./burn", "files", "none")).Usage()
	sleep := b.run(t.Context(), newTest(t, "run", "./sleep", "files", "none")).Usage()
	if burn.CPUSeconds < 4*sleep.CPUSeconds || sleep.CPUSeconds <= 0 {
		t.Errorf("%+v for a loop, %+v for sleeping", burn, sleep)
	}
}

// What the child has is told from what it had of ours before its exec.
func TestPeakMemoryOfAChild(t *testing.T) {
	b := newBench(t)
	var own syscall.Rusage
	if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil {
		t.Fatal(err)
	}
	keeps := peak(&own) + 150e6 // under the race detector, this program itself is large
	b.write("large", fmt.Sprintf("#!/bin/sh\nhead -c %d /dev/zero | tail -c %d >/dev/null\n", keeps+10e6, keeps))
	b.write("small", "#!/bin/sh\n:\n")
	large := b.run(t.Context(), newTest(t, "run", "./large", "files", "none")).Usage().PeakMemory
	small := b.run(t.Context(), newTest(t, "run", "./small", "files", "none")).Usage().PeakMemory
	if large < keeps*9/10 || large > keeps*5 {
		t.Errorf("%d bytes for a program that keeps %d", large, keeps)
	}
	if runtime.GOOS == "linux" && small != 0 {
		t.Errorf("%d bytes for a program smaller than this one, which has %d", small, peak(&own))
	}
}

// Of several programs of one pass the seconds add up, and the largest counts.
func TestUsageOfSeveralPrograms(t *testing.T) {
	b := newBench(t)
	b.write("tool", "#!/bin/sh\n:\n")
	c := newTest(t, "run", "./tool", "files", "none")
	p := b.pass(t.Context(), c)
	c.Run(p, b.place(), nil)
	once := p.Usage().CPUSeconds
	c.Run(p, b.place(), nil)
	if twice := p.Usage().CPUSeconds; once <= 0 || twice <= once {
		t.Errorf("%v s after one, %v s after two", once, twice)
	}
	p.Used(1, 1<<40)
	p.Used(1, 1<<30)
	if u := p.Usage(); u.PeakMemory != 1<<40 || u.CPUSeconds < 2 {
		t.Errorf("%+v", u)
	}
}

func TestProgramThatDidNotStartUsedNothing(t *testing.T) {
	b := newBench(t)
	if u := b.run(t.Context(), newTest(t, "run", "./none", "files", "none")).Usage(); u.CPUSeconds != 0 || u.PeakMemory != 0 {
		t.Errorf("%+v", u)
	}
}
