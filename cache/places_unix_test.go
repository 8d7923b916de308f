//go:build unix

package cache_test

import (
	"bytes"
	"errors"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strconv"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
)

// soon fails the test where something does not come back.
func soon(t *testing.T, what string, do func()) {
	t.Helper()
	done := make(chan struct{})
	go func() { defer close(done); do() }()
	select {
	case <-done:
	case <-time.After(time.Minute):
		t.Fatalf("%s: it waits", what)
	}
}

// What is no regular file is not opened, whether it is in the store's place or in
// its lock's: a link is not followed, and a pipe holds nobody up.
func TestWhatIsNoFile(t *testing.T) {
	precious := filepath.Join(t.TempDir(), "precious")
	saved(t, precious, 0, 0, 3)
	before, err := os.ReadFile(precious)
	if err != nil {
		t.Fatal(err)
	}
	nowhere := filepath.Join(t.TempDir(), "nowhere")
	for what, make := range map[string]func(path string) error{
		"link":            func(p string) error { return os.Symlink(precious, p) },
		"link to nothing": func(p string) error { return os.Symlink(nowhere, p) },
		"link to itself":  func(p string) error { return os.Symlink(filepath.Base(p), p) },
		"device":          func(p string) error { return os.Symlink("/dev/zero", p) },
		"pipe":            func(p string) error { return syscall.Mkfifo(p, 0o666) },
		"folder":          func(p string) error { return os.Mkdir(p, 0o755) },
		"socket": func(p string) error {
			l, err := net.Listen("unix", p)
			if err == nil {
				t.Cleanup(func() { _ = l.Close() })
			}
			return err
		},
	} {
		t.Run(what, func(t *testing.T) {
			dir, err := os.MkdirTemp("", "c") // a socket's path is short
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(func() { _ = os.RemoveAll(dir) })
			path := filepath.Join(dir, "v")
			if err := make(path); err != nil {
				t.Fatal(err)
			}
			soon(t, "the store", func() {
				s := cache.Open(path, 0)
				if s.Problem() == nil || s.Len() != 0 {
					t.Errorf("it was opened: %d values, %v", s.Len(), s.Problem())
				}
				s.Put(key(9), nil)
				if s.Save() == nil {
					t.Error("it was written")
				}
			})
			locked := filepath.Join(dir, "l")
			if err := make(locked + ".lock"); err != nil {
				t.Fatal(err)
			}
			soon(t, "the lock", func() {
				s := cache.Open(locked, 0)
				s.Put(key(9), valueOf(9))
				if s.Save() == nil { // a pipe or so is as good as a file
					if v, ok := open(t, locked, 0).Get(key(9)); !ok || !bytes.Equal(v, valueOf(9)) {
						t.Error("what was saved is not there")
					}
				}
			})
		})
	}
	if after, err := os.ReadFile(precious); err != nil || !bytes.Equal(after, before) {
		t.Errorf("what a link leads to was written: %v", err)
	}
	if _, err := os.Lstat(nowhere); err == nil {
		t.Error("what a link leads to was made")
	}
}

// A link or a pipe that takes the file's place at any moment is not opened either.
func TestSwapped(t *testing.T) {
	dir := t.TempDir()
	at := func(name string) string { return filepath.Join(dir, name) }
	saved(t, at("real"), 0, 0, 3)
	s := cache.Open(at("other"), 0)
	s.Put(key(1), []byte("what a link leads to"))
	save(t, s)
	if err := errors.Join(os.Symlink(at("other"), at("link")), syscall.Mkfifo(at("pipe"), 0o666)); err != nil {
		t.Fatal(err)
	}
	var stop atomic.Bool
	ended := make(chan struct{})
	go func() {
		defer close(ended)
		for !stop.Load() {
			for _, name := range []string{"real", "link", "pipe"} {
				if os.Link(at(name), at("new")) == nil {
					_ = os.Rename(at("new"), at("verdicts"))
				}
			}
		}
	}()
	soon(t, "swapping", func() {
		for n := range 3000 {
			s := cache.Open(at("verdicts"), 0)
			if v, ok := s.Get(key(1)); ok && !bytes.Equal(v, valueOf(1)) {
				t.Errorf("a link was followed: %q", v)
			}
			if n%10 == 0 {
				s.Put(key(2), valueOf(2))
				_ = s.Save()
			}
			if err := s.Close(); err != nil {
				t.Error(err)
			}
		}
	})
	stop.Store(true)
	<-ended
	if v, ok := open(t, at("other"), 0).Get(key(1)); !ok || string(v) != "what a link leads to" {
		t.Errorf("%q %v", v, ok)
	}
	if s := open(t, at("other"), 0); s.Len() != 1 {
		t.Errorf("it was written through a link: %d values", s.Len())
	}
}

// inside runs the test again as a process of its own, changed, and says whether
// this is that process.
func inside(t *testing.T, change func(*exec.Cmd)) bool {
	t.Helper()
	if os.Getenv("CACHE_TEST_INSIDE") != "" {
		return true
	}
	cmd := exec.Command(os.Args[0], "-test.run", "^"+t.Name()+"$", "-test.v")
	cmd.Env = append(os.Environ(), "CACHE_TEST_INSIDE=1")
	change(cmd)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	switch {
	case errors.As(err, &exit):
		t.Errorf("%v\n%s", err, out)
	case err != nil:
		t.Skip(err)
	case bytes.Contains(out, []byte("--- SKIP")):
		t.Skipf("%s", out)
	case !bytes.Contains(out, []byte("--- PASS: "+t.Name())):
		t.Errorf("it did not run\n%s", out)
	}
	return false
}

// A store of somebody else is read where that is allowed, and replaced where the
// folder allows that; elsewhere the error says why.
func TestOfAnotherOwner(t *testing.T) {
	const nobody = 65534
	if os.Getenv("CACHE_TEST_INSIDE") == "" && os.Getuid() != 0 {
		t.Skip("only root can leave files of two owners")
	}
	base := os.Getenv("CACHE_TEST_BASE")
	if base == "" {
		var err error
		if base, err = os.MkdirTemp("", "cache"); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.RemoveAll(base) })
		prepareOwned(t, base)
	}
	if !inside(t, func(cmd *exec.Cmd) {
		binary, err := os.ReadFile(os.Args[0])
		if err == nil {
			err = os.WriteFile(filepath.Join(base, "test"), binary, 0o755)
		}
		if err != nil {
			t.Fatal(err)
		}
		cmd.Path, cmd.Dir = filepath.Join(base, "test"), base
		cmd.Env = append(cmd.Env, "CACHE_TEST_BASE="+base)
		cmd.SysProcAttr = &syscall.SysProcAttr{Credential: &syscall.Credential{Uid: nobody, Gid: nobody}}
	}) {
		return
	}
	for _, c := range owned {
		path := filepath.Join(base, c.name, "verdicts")
		s := cache.Open(path, 0)
		if (s.Problem() == nil) != c.read || (s.Len() == 3) != c.read {
			t.Errorf("%s: %d values, %v", c.name, s.Len(), s.Problem())
		}
		s.Put(key(7), valueOf(7))
		if err := s.Save(); (err == nil) != c.write {
			t.Errorf("%s: saving: %v", c.name, err)
		}
		want := 0
		if c.read {
			want = 3
		}
		if c.write {
			want++
		}
		if found := present(t, path, 0, 10); found != want {
			t.Errorf("%s: %d values behind it, want %d", c.name, found, want)
		}
	}
}

// owned are stores of root: what somebody else may do with them.
var owned = []struct {
	name               string
	folder, file, lock os.FileMode
	read, write        bool
}{
	{"all may write", 0o777, 0o666, 0o644, true, true},
	{"all may read", 0o777, 0o644, 0o644, true, true}, // replaced
	{"private", 0o777, 0o600, 0o644, false, true},     // likewise
	{"folder", 0o755, 0o644, 0o644, true, false},
	{"private lock", 0o777, 0o644, 0o600, true, false},
	{"private folder", 0o700, 0o644, 0o644, false, false},
}

func prepareOwned(t *testing.T, base string) {
	t.Helper()
	if err := os.Chmod(base, 0o755); err != nil {
		t.Fatal(err)
	}
	for _, c := range owned {
		dir := filepath.Join(base, c.name)
		if err := os.Mkdir(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join(dir, "verdicts")
		saved(t, path, 0, 0, 3)
		if err := errors.Join(os.Chmod(path, c.file), os.Chmod(path+".lock", c.lock), os.Chmod(dir, c.folder)); err != nil {
			t.Fatal(err)
		}
	}
}

// Who may read the file is for the umask to say.
func TestUmask(t *testing.T) {
	if !inside(t, func(*exec.Cmd) {}) {
		return
	}
	for _, mask := range []int{0, 0o022, 0o077} {
		syscall.Umask(mask)
		path := filepath.Join(t.TempDir(), "new", strconv.Itoa(mask), "verdicts")
		saved(t, path, 0, 0, 3)
		for name, want := range map[string]os.FileMode{path: 0o644, filepath.Dir(path): 0o755} {
			info, err := os.Stat(name)
			if err != nil {
				t.Fatal(err)
			}
			if got := info.Mode().Perm(); got != want&^os.FileMode(mask) {
				t.Errorf("umask %03o: %s is %03o", mask, filepath.Base(name), got)
			}
		}
	}
}
