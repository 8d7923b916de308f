package cache_test

import (
	"bytes"
	"crypto/sha256"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"

	"github.com/sot-validator/sot/cache"
)

// mounting is for a process that mounts what nobody else sees.
func mounting(cmd *exec.Cmd) {
	attr := &syscall.SysProcAttr{Unshareflags: syscall.CLONE_NEWNS}
	if os.Getuid() != 0 {
		attr = &syscall.SysProcAttr{
			Cloneflags:  syscall.CLONE_NEWNS | syscall.CLONE_NEWUSER,
			UidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getuid(), Size: 1}},
			GidMappings: []syscall.SysProcIDMap{{ContainerID: 0, HostID: os.Getgid(), Size: 1}},
		}
	}
	cmd.SysProcAttr = attr
}

func mount(t *testing.T, dir, options string, flags uintptr) {
	t.Helper()
	if err := syscall.Mount("tmpfs", dir, "tmpfs", flags, options); err != nil {
		t.Skip(err)
	}
	t.Cleanup(func() { _ = syscall.Unmount(dir, syscall.MNT_DETACH) })
}

// listing is what a folder holds, with the content of its files.
func listing(t *testing.T, dir string) string {
	t.Helper()
	var b strings.Builder
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		data, err := os.ReadFile(filepath.Join(dir, e.Name()))
		if err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "%s %d %x\n", e.Name(), len(data), sha256.Sum256(data))
	}
	return b.String()
}

// On a file system with every possible lack of room, a save that finds none leaves
// the store as it was and nothing beside it, whether it appends or writes anew;
// and with room again it saves.
func TestFullFileSystem(t *testing.T) {
	if !inside(t, mounting) {
		return
	}
	dir := t.TempDir()
	mount(t, dir, "size=1m", 0)
	path, filler := filepath.Join(dir, "verdicts"), filepath.Join(dir, "filler")
	for name, c := range map[string]struct{ add, step, most int }{"append": {1000, 4 << 10, 160 << 10}, "anew": {3000, 20 << 10, 600 << 10}} {
		add := c.add
		failed, worked := 0, 0
		for free := 0; free <= c.most; free += c.step {
			_ = errors.Join(os.Remove(path), os.Remove(path+".lock"), os.Remove(filler))
			saved(t, path, 0, 0, 300)
			fillUp(t, filler, free)
			before := listing(t, dir)
			s := cache.Open(path, 0)
			for n := range add {
				s.Put(key(300+n), valueOf(300+n))
			}
			err := s.Save()
			if err == nil {
				worked++
				if found := present(t, path, 0, 300+add); found != 300+add {
					t.Fatalf("%s, %d bytes free: %d values", name, free, found)
				}
				continue
			}
			failed++
			if !errors.Is(err, syscall.ENOSPC) {
				t.Errorf("%s, %d bytes free: %v", name, free, err)
			}
			if after := listing(t, dir); after != before {
				t.Errorf("%s, %d bytes free: the folder was changed", name, free)
			}
			if found := present(t, path, 0, 300+add); found != 300 {
				t.Errorf("%s, %d bytes free: %d values", name, free, found)
			}
			if err := os.Remove(filler); err != nil {
				t.Fatal(err)
			}
			save(t, s)
			if found := present(t, path, 0, 300+add); found != 300+add {
				t.Errorf("%s, %d bytes were free: %d values", name, free, found)
			}
		}
		if failed < 3 || worked < 3 {
			t.Errorf("%s: %d saves found no room, and %d did", name, failed, worked)
		}
	}
	// Nothing is there yet, and there is no room for a folder.
	_ = errors.Join(os.Remove(path), os.Remove(path+".lock"), os.Remove(filler))
	fillUp(t, filler, 0)
	s := cache.Open(filepath.Join(dir, "sot", "verdicts"), 0)
	s.Put(key(1), bytes.Repeat([]byte{'x'}, 8<<10))
	if err := s.Save(); err == nil {
		t.Error("there was room")
	}
	if left, err := filepath.Glob(filepath.Join(dir, "sot", "verdicts*")); err != nil || len(left) > 1 {
		t.Errorf("beside the lock there are %v (%v)", left, err)
	}
}

// fillUp leaves so many bytes of a file system free.
func fillUp(t *testing.T, filler string, free int) {
	t.Helper()
	f, err := os.Create(filler)
	if err != nil {
		t.Fatal(err)
	}
	size := int64(0)
	for err == nil {
		var n int
		n, err = f.Write(make([]byte, 4<<10))
		size += int64(n)
	}
	if !errors.Is(err, syscall.ENOSPC) {
		t.Fatal(err)
	}
	if err := errors.Join(f.Truncate(max(0, size-int64(free))), f.Close()); err != nil {
		t.Fatal(err)
	}
}

// On a file system that is mounted to be read alone, what is there is found, and
// a save says why it cannot be.
func TestReadOnlyFileSystem(t *testing.T) {
	if !inside(t, mounting) {
		return
	}
	dir := t.TempDir()
	mount(t, dir, "size=4m", 0)
	path := filepath.Join(dir, "verdicts")
	saved(t, path, 64<<10, 0, 500) // near its bound: what is used is to be told
	torn := filepath.Join(dir, "torn")
	saved(t, torn, 0, 0, 10)
	saved(t, torn, 0, 10, 20)
	info, err := os.Stat(torn)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(torn, info.Size()-1); err != nil {
		t.Fatal(err)
	}
	mount(t, dir, "", syscall.MS_REMOUNT|syscall.MS_RDONLY)
	before := listing(t, dir)
	if found := present(t, path, 64<<10, 500); found != 500 {
		t.Errorf("%d values", found)
	}
	if found := present(t, torn, 0, 20); found != 10 {
		t.Errorf("%d values of a torn file", found)
	}
	for name, do := range map[string]func() error{
		"used": func() error { s := cache.Open(path, 64<<10); s.Get(key(499)); s.Get(key(0)); return s.Save() },
		"put":  func() error { s := cache.Open(path, 64<<10); s.Put(key(0), nil); return s.Save() },
		"drop": func() error { s := cache.Open(path, 64<<10); s.Drop(key(0)); return s.Save() },
		"torn": func() error { s := cache.Open(torn, 0); s.Put(key(0), nil); return s.Save() },
		"new": func() error {
			s := cache.Open(filepath.Join(dir, "new", "verdicts"), 0)
			s.Put(key(0), nil)
			return s.Save()
		},
		"remove": func() error { return cache.Remove(path) },
	} {
		if err := do(); !errors.Is(err, syscall.EROFS) {
			t.Errorf("%s: %v", name, err)
		}
	}
	s := cache.Open(path, 64<<10)
	if err := s.Save(); err != nil { // nothing to write
		t.Error(err)
	}
	if err := s.Close(); err != nil && !errors.Is(err, fs.ErrClosed) {
		t.Error(err)
	}
	if after := listing(t, dir); after != before {
		t.Error("the folder was changed")
	}
}
