//go:build unix

package hook

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"syscall"
	"testing"
)

// Whoever stages everything after a hook was killed in the middle of its fixes
// stages none of its temporary files, wherever the git directory is.
func TestKilledThenAddAll(t *testing.T) {
	for _, place := range []string{"same file system", "another file system"} {
		t.Run(place, func(t *testing.T) {
			var args []string
			if place != "same file system" {
				args = append(args, "--separate-git-dir="+filepath.Join(otherFileSystem(t), "git"))
			}
			for range 10 { // some end before they are killed
				if killedThenAddAll(t, args) {
					return
				}
			}
			t.Error("no hook was killed while it had temporary files")
		})
	}
}

// otherFileSystem makes a folder that no file of t.TempDir can be renamed to.
func otherFileSystem(t *testing.T) string {
	t.Helper()
	dir, err := os.MkdirTemp("/dev/shm", "sot-test-")
	if err != nil {
		t.Skip("there is no /dev/shm")
	}
	t.Cleanup(func() { _ = os.RemoveAll(dir) })
	probe := filepath.Join(t.TempDir(), "probe")
	if err := os.WriteFile(probe, nil, 0o666); err != nil {
		t.Fatal(err)
	}
	if os.Rename(probe, filepath.Join(dir, "probe")) == nil {
		t.Skip("/dev/shm is on the file system of the temporary folder")
	}
	return dir
}

func killedThenAddAll(t *testing.T, initArgs []string) bool {
	r := newMendRepo(t, initArgs...)
	r.write("sot.yaml", rules)
	for i := range 150 {
		r.write(fmt.Sprintf("dir%d/file%d", i%3, i), "one  \ntwo\n")
	}
	r.git("add", "-A")
	names := slices.Sorted(maps.Keys(r.index()))
	r.install()
	pidFile := filepath.Join(filepath.Dir(r.dir), "pid")
	cmd := r.command("commit", "-q", "-m", "x")
	cmd.Env = append(cmd.Env, "PIDFILE="+pidFile)
	r.must(cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	s := &halfStaged{mendRepo: r}
	s.until(done, func() bool { return len(r.temporaries()) > 3 })
	if data, err := os.ReadFile(pidFile); err == nil {
		pid, _ := strconv.Atoi(strings.TrimSpace(string(data)))
		_ = syscall.Kill(pid, syscall.SIGKILL) // where it has ended, the next look says so
	}
	if <-done == nil || len(r.temporaries()) == 0 {
		return false
	}
	_ = os.Remove(filepath.Join(r.gitDir(), "index.lock")) // as git's message says
	r.git("add", "-A")
	if now := slices.Sorted(maps.Keys(r.index())); !slices.Equal(now, names) {
		t.Errorf("staged: %q", slices.DeleteFunc(now, func(name string) bool { return slices.Contains(names, name) }))
	}
	if out, err := r.try("commit", "-q", "-m", "y"); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
	if left := append(r.leftovers(), r.temporaries()...); left != nil {
		t.Errorf("left: %q", left)
	}
	return true
}

// temporaries returns the new contents that lie ready.
func (r *mendRepo) temporaries() (list []string) {
	for _, pattern := range []string{r.path("dir*/.sot-*"), filepath.Join(r.gitDir(), "sot/mend-*/new-*")} {
		found, err := filepath.Glob(pattern)
		r.must(err)
		list = append(list, found...)
	}
	return list
}
