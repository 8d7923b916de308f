package hook

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

func TestShimIsKnownAgain(t *testing.T) {
	for _, stage := range Stages {
		s := shim(stage, "/opt/sot")
		if ours, edited := isShim(s); !ours || edited {
			t.Errorf("%s: ours %v, edited %v", stage, ours, edited)
		}
		crlf := bytes.ReplaceAll(s, []byte("\n"), []byte("\r\n"))
		if ours, edited := isShim(crlf); !ours || edited {
			t.Errorf("%s with CRLF: ours %v, edited %v", stage, ours, edited)
		}
		if ours, edited := isShim(append(s, "echo more\n"...)); !ours || !edited {
			t.Errorf("%s with a line more: ours %v, edited %v", stage, ours, edited)
		}
		if bytes.Contains(s, []byte("STAGE")) || bytes.Contains(s, []byte("BINARY")) || bytes.Contains(s, []byte("#all")) {
			t.Errorf("%s: a mark was left:\n%s", stage, s)
		}
	}
	for _, foreign := range []string{"", "#!/bin/sh\n", "#!/bin/sh\necho # sot-hook 1\n", "# sot-hook 1 0\n"} {
		if ours, _ := isShim([]byte(foreign)); ours {
			t.Errorf("%q is not ours", foreign)
		}
	}
}

// Every shell that may run a hook does what is written, wherever sot lies.
func TestShimUnderShells(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("it needs programs that are shell scripts")
	}
	found := 0
	for _, shell := range [][]string{{"sh"}, {"dash"}, {"bash", "--posix"}, {"bash"}, {"busybox", "sh"}, {"ksh"}, {"zsh", "--emulate", "sh"}} {
		if _, err := exec.LookPath(shell[0]); err != nil {
			continue
		}
		found++
		for _, dir := range []string{"plain", "with space", "it's $HOME `x` \"q\" \\", "-dash"} {
			for _, stage := range Stages {
				underShell(t, shell, dir, stage)
			}
		}
	}
	if found == 0 {
		t.Error("no shell was found")
	}
}

func underShell(t *testing.T, shell []string, dir, stage string) {
	t.Helper()
	top := t.TempDir()
	bin := filepath.Join(top, dir, "sot")
	write := func(path, text string) {
		t.Helper()
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	write(bin, "#!/bin/sh\nprintf '%s\\n' \"sot: $* | $(cat)\"\nexit 3\n")
	hook := filepath.Join(top, "hooks", stage)
	write(hook, string(shim(stage, bin)))
	run := func() (string, int) {
		cmd := exec.Command(shell[0], append(shell[1:len(shell):len(shell)], hook, "a b", "c")...)
		cmd.Stdin = strings.NewReader("one\ntwo \\n $x\n")
		cmd.Env = []string{"PATH=/usr/bin:/bin", "HOME=" + top}
		out, err := cmd.CombinedOutput()
		if err != nil && cmd.ProcessState == nil {
			t.Fatal(err)
		}
		return string(out), cmd.ProcessState.ExitCode()
	}
	name := strings.Join(shell, " ") + ", " + dir + ", " + stage
	if out, code := run(); code != 3 || out != "sot: hook run "+stage+" a b c | one\ntwo \\n $x\n" {
		t.Errorf("%s: exit code %d, %q", name, code, out)
	}
	write(hook+kept, "#!/bin/sh\nhead -n 1\n")
	want := "one\nsot: hook run " + stage + " a b c | one\ntwo \\n $x\n"
	if stage != "pre-push" {
		want = "" // whoever reads first has it
	}
	if out, code := run(); code != 3 || want != "" && out != want {
		t.Errorf("%s: chained: exit code %d, %q", name, code, out)
	}
	write(hook+kept, "#!/bin/sh\nexit 9\n")
	if out, code := run(); code != 9 || out != "" {
		t.Errorf("%s: stopped: exit code %d, %q", name, code, out)
	}
	if err := os.Remove(bin); err != nil {
		t.Fatal(err)
	}
	write(hook+kept, "#!/bin/sh\nexit 0\n")
	if out, code := run(); code != 1 || !strings.Contains(out, "cannot find sot") || !strings.Contains(out, bin) || !strings.Contains(out, "mv '") {
		t.Errorf("%s: gone: exit code %d, %q", name, code, out)
	}
}

// There is no moment at which a hook that was there does not run.
func TestInstallLeavesNoGap(t *testing.T) {
	dir := newTestRepo(t)
	path := filepath.Join(dir, ".git", "hooks", "pre-commit")
	if err := os.WriteFile(path, []byte("#!/bin/sh\nexit 0\n"), 0o755); err != nil {
		t.Fatal(err)
	}
	stop, done := make(chan struct{}), make(chan int)
	go func() {
		missing := 0
		for {
			select {
			case <-stop:
				done <- missing
				return
			default:
				if data, err := os.ReadFile(path); err != nil || len(data) == 0 {
					missing++
				}
			}
		}
	}()
	for range 15 {
		if _, err := Install(t.Context(), InstallOptions{Dir: dir, Stages: []string{"pre-commit"}, Binary: "/opt/sot"}); err != nil {
			t.Fatal(err)
		}
		if _, err := Uninstall(t.Context(), UninstallOptions{Dir: dir}); err != nil {
			t.Fatal(err)
		}
	}
	close(stop)
	if missing := <-done; missing > 0 && runtime.GOOS != "windows" {
		t.Errorf("the hook was missing or empty %d times", missing)
	}
	if data, err := os.ReadFile(path); err != nil || string(data) != "#!/bin/sh\nexit 0\n" {
		t.Errorf("the hook from before is %q, %v", data, err)
	}
	left, err := filepath.Glob(path + "*")
	if err != nil || len(left) != 2 { // with git's own sample
		t.Errorf("left: %q, %v", left, err)
	}
}
