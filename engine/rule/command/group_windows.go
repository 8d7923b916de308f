package command

import (
	"errors"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"time"
	"unsafe"

	"golang.org/x/sys/windows"
)

// group is a child with all that it starts: a job object. A grandchild that is
// started before the child is put into the job, within microseconds, escapes it.
type group struct {
	cmd *exec.Cmd
	job windows.Handle
}

func newGroup(cmd *exec.Cmd) *group {
	g := &group{cmd: cmd}
	cmd.SysProcAttr = &syscall.SysProcAttr{CreationFlags: windows.CREATE_NEW_PROCESS_GROUP}
	if job, err := windows.CreateJobObject(nil, nil); err == nil {
		g.job = job
	}
	cmd.Cancel = func() error {
		g.end(0)
		return cmd.Process.Kill()
	}
	return g
}

// started puts the child into the job. Where that fails, the child alone is
// killed when the time is over.
func (g *group) started() {
	const access = windows.PROCESS_SET_QUOTA | windows.PROCESS_TERMINATE
	h, err := windows.OpenProcess(access, false, uint32(g.cmd.Process.Pid))
	if err != nil {
		return
	}
	defer windows.CloseHandle(h)
	_ = windows.AssignProcessToJobObject(g.job, h)
}

// end kills the job: Windows knows no signal that asks.
func (g *group) end(time.Duration) {
	if g.job != 0 {
		_ = windows.TerminateJobObject(g.job, 1)
	}
}

func (g *group) close() {
	if g.job != 0 {
		_ = windows.CloseHandle(g.job)
	}
}

// accounting is JOBOBJECT_BASIC_ACCOUNTING_INFORMATION of winnt.h; times are in
// units of 100 ns.
type accounting struct {
	userTime, kernelTime             int64
	periodUserTime, periodKernelTime int64
	pageFaults, processes            uint32
	activeProcesses, terminated      uint32
}

// used returns the CPU seconds and the peak memory in bytes of all that was in
// the job, or of the child alone where there is none.
func (g *group) used(s *os.ProcessState) (cpu float64, memory int64) {
	cpu = (s.UserTime() + s.SystemTime()).Seconds()
	if g.job == 0 {
		return cpu, 0
	}
	var a accounting
	if err := windows.QueryInformationJobObject(g.job, windows.JobObjectBasicAccountingInformation,
		uintptr(unsafe.Pointer(&a)), uint32(unsafe.Sizeof(a)), nil); err == nil {
		cpu = max(cpu, float64(a.userTime+a.kernelTime)*1e-7)
	}
	var limits windows.JOBOBJECT_EXTENDED_LIMIT_INFORMATION
	if err := windows.QueryInformationJobObject(g.job, windows.JobObjectExtendedLimitInformation,
		uintptr(unsafe.Pointer(&limits)), uint32(unsafe.Sizeof(limits)), nil); err == nil {
		memory = int64(max(limits.PeakJobMemoryUsed, limits.PeakProcessMemoryUsed))
	}
	return cpu, memory
}

// signalName returns "": a process that was killed has an exit code.
func signalName(*os.ProcessState) string { return "" }

// tooLong says whether a program did not start because its command line was
// over the limit.
func tooLong(err error) bool {
	return errors.Is(err, windows.ERROR_FILENAME_EXCED_RANGE) || errors.Is(err, syscall.E2BIG)
}

// busy says whether a program did not start because its file is written to.
func busy(err error) bool { return errors.Is(err, windows.ERROR_SHARING_VIOLATION) }

// unsafeArgument finds an argument that cmd.exe would read as a command: a
// batch file's arguments are parsed by it, whatever quotes stand around them
// (CVE-2024-24576).
func unsafeArgument(program string, args []string) string {
	switch strings.ToLower(filepath.Ext(program)) {
	case ".bat", ".cmd":
	default:
		return ""
	}
	for _, a := range args {
		if strings.ContainsAny(a, "\"&|<>^%!\r\n") {
			return a
		}
	}
	return ""
}
