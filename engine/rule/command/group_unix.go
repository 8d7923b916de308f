//go:build unix

package command

import (
	"errors"
	"os"
	"os/exec"
	"runtime"
	"syscall"
	"time"
)

// group is a child with all that it starts: a process group of its own, so that
// a signal reaches the grandchildren, and the terminal's Ctrl-C reaches none of
// them on its own.
type group struct {
	cmd *exec.Cmd
	id  int
}

func newGroup(cmd *exec.Cmd) *group {
	g := &group{cmd: cmd}
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	cmd.Cancel = func() error { return g.signal(cmd.Process.Pid, syscall.SIGTERM) }
	return g
}

func (g *group) started() { g.id = g.cmd.Process.Pid }

// signal sends to the group. That nothing is left in it is what
// exec.Cmd.Cancel calls os.ErrProcessDone.
func (g *group) signal(id int, s syscall.Signal) error {
	err := syscall.Kill(-id, s)
	if errors.Is(err, syscall.ESRCH) {
		return os.ErrProcessDone
	}
	return err
}

// end waits for the group to end, and kills what is left of it after d. The
// leader has been waited for; its number cannot be given to another process
// while a member of the group lives.
func (g *group) end(d time.Duration) {
	for deadline := time.Now().Add(d); time.Now().Before(deadline); time.Sleep(5 * time.Millisecond) {
		if g.signal(g.id, 0) != nil {
			return
		}
	}
	_ = g.signal(g.id, syscall.SIGKILL)
}

func (g *group) close() {}

// used returns the CPU seconds of a process and of all below it that was waited
// for, and the peak memory in bytes of the largest of them (wait4(2), getrusage(2)).
//
// Linux counts the memory of sot itself into the peak of each child: until its
// exec, a child runs in its parent's memory (exec_mmap in fs/exec.c; a child of a
// process of 200 MB that runs `true` has a peak of 200 MB). A peak that is not
// above our own is therefore not known.
func (g *group) used(s *os.ProcessState) (cpu float64, memory int64) {
	cpu = (s.UserTime() + s.SystemTime()).Seconds()
	r, ok := s.SysUsage().(*syscall.Rusage)
	if !ok {
		return cpu, 0
	}
	memory = peak(r)
	if runtime.GOOS == "linux" {
		var own syscall.Rusage
		if err := syscall.Getrusage(syscall.RUSAGE_SELF, &own); err != nil || memory <= peak(&own) {
			return cpu, 0
		}
	}
	return cpu, memory
}

// peak returns the largest resident size in bytes: macOS counts it in bytes,
// the others in KiB.
func peak(r *syscall.Rusage) int64 {
	n := int64(r.Maxrss) //nolint:unconvert // it is 32 bits wide on some systems
	if runtime.GOOS == "darwin" || runtime.GOOS == "ios" {
		return n
	}
	return n << 10
}

// signalName returns the signal that ended a process, "" where it exited.
func signalName(s *os.ProcessState) string {
	if w, ok := s.Sys().(syscall.WaitStatus); ok && w.Signaled() {
		return w.Signal().String()
	}
	return ""
}

// tooLong says whether a program did not start because its command line was
// over the limit.
func tooLong(err error) bool { return errors.Is(err, syscall.E2BIG) }

// busy says whether a program did not start because its file is written to.
func busy(err error) bool { return errors.Is(err, syscall.ETXTBSY) }

// unsafeArgument finds an argument that the program's start would misread.
func unsafeArgument(string, []string) string { return "" }
