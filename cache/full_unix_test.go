//go:build unix

package cache_test

import (
	"bytes"
	"os/signal"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/sot-validator/sot/cache"
)

// A disk without room leaves the file as it was.
func TestFullDisk(t *testing.T) {
	path := filepath.Join(t.TempDir(), "verdicts")
	s := open(t, path, 0)
	s.Put(key(1), []byte("one"))
	save(t, s)
	var old syscall.Rlimit
	if err := syscall.Getrlimit(syscall.RLIMIT_FSIZE, &old); err != nil {
		t.Skip(err)
	}
	signal.Ignore(syscall.SIGXFSZ)
	full := old
	full.Cur = 8 << 10
	if err := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &full); err != nil {
		t.Skip(err)
	}
	s = cache.Open(path, 0)
	s.Put(key(2), bytes.Repeat([]byte{'x'}, 100<<10))
	err := s.Save()
	if lerr := syscall.Setrlimit(syscall.RLIMIT_FSIZE, &old); lerr != nil {
		t.Fatal(lerr)
	}
	if err == nil {
		t.Error("there was room")
	}
	s = open(t, path, 0)
	if v, ok := s.Get(key(1)); !ok || string(v) != "one" {
		t.Errorf("%q %v", v, ok)
	}
	if _, ok := s.Get(key(2)); ok {
		t.Error("half a value is there")
	}
}
