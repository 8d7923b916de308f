//go:build unix

package engine

import (
	"bufio"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/source"
)

// TestActAsOtherRun is no test: it is another process in the middle of a run
// that made a copy.
func TestActAsOtherRun(t *testing.T) {
	if os.Getenv("SOT_TEST_OTHER_RUN") == "" {
		t.Skip("only run by another test")
	}
	s, err := source.NewScratch("sot-snapshot-")
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(s.Dir, "file"), nil, 0o666); err != nil {
		t.Fatal(err)
	}
	fmt.Println(s.Dir)
	_, _ = io.Copy(io.Discard, os.Stdin) // until the test ends
}

// otherRun starts another process. It returns its copy.
func otherRun(t *testing.T) (copied string, kill func()) {
	t.Helper()
	exe, err := os.Executable()
	if err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(exe, "-test.run", "^TestActAsOtherRun$")
	cmd.Env = append(os.Environ(), "SOT_TEST_OTHER_RUN=1")
	in, err1 := cmd.StdinPipe()
	out, err2 := cmd.StdoutPipe()
	if err1 != nil || err2 != nil || cmd.Start() != nil {
		t.Fatal("another process cannot be started")
	}
	kill = func() { _ = in.Close(); _ = cmd.Process.Kill(); _ = cmd.Wait() }
	t.Cleanup(kill)
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatal(err)
	}
	return strings.TrimSpace(line), kill
}

// What a killed run left in the temporary folder is gone after the next that
// makes a copy; a living one's stays, and so does what was not made by a run.
func TestSnapshotLeftovers(t *testing.T) {
	dir := staged(t, map[string]string{"sot.yaml": "version: 1\nrules:\n  - id: a\n    command: { snapshot: always, files: none, run: git --version }\n"})
	temp, outside := t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	for _, name := range []string{filepath.Join(outside, "sot-snapshot-2"), filepath.Join(temp, "sot-snapshot-3")} {
		old := time.Now().Add(-time.Hour)
		for _, err := range []error{
			os.Mkdir(name, 0o700), os.WriteFile(filepath.Join(name, "mine"), nil, 0o666), os.Chtimes(name, old, old),
		} {
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	living, _ := otherRun(t)
	dead, kill := otherRun(t)
	if err := os.Symlink(outside, filepath.Join(dead, "linked")); err != nil {
		t.Fatal(err)
	}
	kill()
	if _, err := os.Stat(dead); err != nil {
		t.Fatalf("the killed process cleaned up: %v", err)
	}
	rep, err := Run(t.Context(), Options{Source: source.Options{Dir: dir, Mode: source.Staged}})
	if err != nil || rep.Run.ExitCode != 0 {
		t.Fatalf("%v, %+v", err, rep)
	}
	if _, err := os.Lstat(filepath.Dir(dead)); err == nil {
		t.Error("a killed process's copy was left")
	}
	for _, name := range []string{filepath.Join(living, "file"), filepath.Join(outside, "sot-snapshot-2", "mine"), filepath.Join(temp, "sot-snapshot-3", "mine")} {
		if _, err := os.Lstat(name); err != nil {
			t.Error(err)
		}
	}
	if left, _ := filepath.Glob(filepath.Join(temp, "sot-snapshot-*")); len(left) != 2 {
		t.Errorf("left: %q", left)
	}
}
