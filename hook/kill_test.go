//go:build unix

package hook

import (
	"errors"
	"io/fs"
	"maps"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// Killed at whatever moment, the hook leaves every worktree file as it was or
// with the fix merged in; the index whole, old or new, and never ahead of the
// worktree; and the next commit either works, or says which lock is in its way.
func TestKill(t *testing.T) {
	var states, killed, part, locked atomic.Int64
	campaign(t, 20, 500, func(t *testing.T, seed uint64) {
		states.Add(1)
		var s *halfStaged
		var before, index map[string]string
		for again := range uint64(8) { // some end before they are killed
			s = newKillState(t, seed+again*10_000)
			before, index = s.worktree(), s.index()
			s.install()
			if s.killCommit() {
				break
			}
			s = nil
		}
		if s == nil {
			return
		}
		killed.Add(1)
		swapped := s.checkKilled(before, index)
		if swapped > 0 {
			part.Add(1)
		}
		if s.checkNext(before, index) {
			locked.Add(1)
		}
	})
	t.Logf("%d states: killed in %d, %d of them with fixes made in part or whole, %d with a lock left that git named", states.Load(), killed.Load(), part.Load(), locked.Load())
	if n := states.Load(); n > 10 && killed.Load()*10 < n*9 {
		t.Errorf("only %d of %d hooks were killed", killed.Load(), n)
	}
}

// newKillState is many files, each with a staged line to fix and an unstaged
// edit elsewhere.
func newKillState(t *testing.T, seed uint64) *halfStaged {
	r := rand.New(rand.NewPCG(seed, 9))
	s := &halfStaged{mendRepo: newMendRepo(t), r: r, seed: seed, kind: "plain"}
	if r.IntN(4) == 0 {
		s.kind = "all"
	}
	t.Cleanup(func() {
		if t.Failed() {
			t.Logf("to repeat: go test ./hook -run '%s' -seed %d (the moment differs from run to run)", strings.SplitN(t.Name(), "/", 2)[0], seed)
		}
	})
	s.write("sot.yaml", rules)
	n := 5 + r.IntN(100)
	texts := []string{"zero\ntwo\nthree\nfour\n", "one  \ntwo\nthree\nfour\n", "one  \ntwo\nthree\nunstaged\n"}
	for k, text := range texts {
		for i := range n {
			if k == 0 || i%5 > 0 {
				s.write("file "+strconv.Itoa(i), text)
			}
		}
		if k < 2 {
			s.git("add", "-A")
		}
		if k == 0 {
			s.git("commit", "-q", "-m", "base")
		}
	}
	return s
}

// killCommit starts the commit, and kills the hook: at any moment, or from when
// it has begun to write; sometimes git with it. It says whether it was in time.
func (s *halfStaged) killCommit() bool {
	s.t.Helper()
	pidFile := filepath.Join(filepath.Dir(s.dir), "pid")
	cmd := s.command("commit", "-q", "-m", "x")
	if s.kind == "all" {
		cmd.Args = append(cmd.Args, "-a")
	}
	cmd.Env = append(cmd.Env, "PIDFILE="+pidFile)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	s.must(cmd.Start())
	done := make(chan error, 1)
	go func() { done <- cmd.Wait() }()
	pid := 0
	s.until(done, func() bool {
		data, err := os.ReadFile(pidFile)
		pid, _ = strconv.Atoi(strings.TrimSpace(string(data)))
		return err == nil && pid > 0
	})
	from := s.r.IntN(4) // when the clock starts: at once, when it has begun to write, when it exchanges files
	folder := filepath.Join(s.dir, ".git", "sot")
	wait := 40_000
	if from == 1 {
		s.until(done, func() bool {
			list, err := os.ReadDir(folder)
			return err == nil && len(list) > 0
		})
	}
	if from > 1 {
		wait = 5_000
		s.until(done, func() bool {
			found, _ := filepath.Glob(filepath.Join(folder, "*", "journal"))
			if len(found) == 0 {
				return false
			}
			data, err := os.ReadFile(found[0])
			return err == nil && strings.Contains(string(data), `"swapping":true`)
		})
	}
	for end := time.Now().Add(time.Duration(s.r.IntN(wait)) * time.Microsecond); time.Now().Before(end); {
		runtime.Gosched() // a sleep would be too coarse
	}
	var killed error
	if s.r.IntN(4) == 0 {
		killed = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL) // git, and all that it started
	} else {
		killed = syscall.Kill(pid, syscall.SIGKILL)
	}
	err := <-done
	// Git that was killed has not waited for the hook, which holds its lock until it is gone.
	for end := time.Now().Add(time.Second); syscall.Kill(pid, 0) == nil && time.Now().Before(end); {
		time.Sleep(time.Millisecond)
	}
	return killed == nil && err != nil
}

// until waits for something to be, or for the commit to end.
func (s *halfStaged) until(done chan error, there func() bool) {
	for !there() {
		select {
		case err := <-done:
			done <- err
			return
		default:
			runtime.Gosched()
		}
	}
}

func fixedOne(text string) string { return strings.Replace(text, "one  \n", "one\n", 1) }

// checkKilled holds what a killed hook left against what was before. It returns
// how many worktree files have their fix.
func (s *halfStaged) checkKilled(before, index map[string]string) (swapped int) {
	s.t.Helper()
	after := s.worktree()
	for name, was := range before {
		switch after[name] {
		case was:
		case fixedOne(was):
			swapped++
		default:
			s.t.Errorf("%q holds %q, was %q", name, after[name], was)
		}
	}
	for name := range after {
		if _, there := before[name]; !there {
			s.t.Errorf("%q was left", name)
		}
	}
	// Git may have been killed behind the hook, with the commit made.
	fixed := "one\ntwo\nthree\nfour\n"
	if s.kind == "all" {
		fixed = "one\ntwo\nthree\nunstaged\n"
	}
	changed := 0
	now := s.index()
	for name, was := range index {
		if now[name] == was {
			continue
		}
		changed++
		if got := s.blobOf(now[name]); got != fixed {
			s.t.Errorf("%q: the index holds %q", name, got)
		}
		if after[name] == before[name] {
			s.t.Errorf("%q was fixed in the index and not in the worktree", name)
		}
	}
	if changed > 0 && changed != len(s.dirtyNames(before)) || len(now) != len(index) {
		s.t.Errorf("half an index: %d of %d entries changed", changed, len(index))
	}
	return swapped
}

func (s *halfStaged) dirtyNames(before map[string]string) []string {
	return slices.DeleteFunc(slices.Sorted(maps.Keys(before)), func(name string) bool { return fixedOne(before[name]) == before[name] })
}

// checkNext commits again. It says whether a lock was in the way: one that git
// named, and that is gone by hand or by Recover.
func (s *halfStaged) checkNext(before, index map[string]string) (locked bool) {
	s.t.Helper()
	args := []string{"commit", "-q", "--allow-empty", "-m", "y"}
	if s.kind == "all" {
		args = append(args, "-a")
	}
	out, err := s.try(args...)
	for range 3 { // git killed behind the hook leaves locks of its own: HEAD.lock
		_, rest, _ := strings.Cut(out, "Unable to create '")
		lock, _, named := strings.Cut(rest, "': File exists")
		if err == nil || !named {
			break
		}
		locked = true
		s.breakLock(lock)
		out, err = s.try(args...)
	}
	if err != nil {
		s.t.Errorf("the next commit failed: %v\n%s", err, out)
	}
	after := s.worktree()
	for name, was := range before {
		if after[name] != fixedOne(was) {
			s.t.Errorf("after the next commit %q holds %q, was %q", name, after[name], was)
		}
		if _, tracked := index[name]; tracked && strings.HasPrefix(s.blob("HEAD:"+name), "one  ") {
			s.t.Errorf("%q was committed as it was", name)
		}
	}
	if left := s.leftovers(); left != nil {
		s.t.Errorf("left after the next commit: %q\n%s", left, out)
	}
	return locked
}

// breakLock lets Recover remove the lock, which it does where the lock is ours;
// git's own is removed as git's message says.
func (s *halfStaged) breakLock(lock string) {
	s.t.Helper()
	exe, err := os.Executable()
	s.must(err)
	cmd := exec.Command(exe, "-test.run", "^TestActAsHook$")
	cmd.Dir, cmd.Env = s.dir, slices.Concat(s.env, []string{"SOT_TEST_HOOK=recover"})
	out, err := cmd.CombinedOutput()
	if err != nil {
		s.t.Errorf("recover: %v\n%s", err, out)
	}
	if err := os.Remove(lock); err != nil && !errors.Is(err, fs.ErrNotExist) {
		s.t.Error(err)
	}
}
