//go:build unix

package source

import (
	"errors"
	"net"
	"os"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// in fails a test that waits for the other end of a pipe.
func in(t *testing.T, limit time.Duration, run func()) {
	t.Helper()
	done := make(chan struct{})
	go func() {
		defer close(done)
		run()
	}()
	select {
	case <-done:
	case <-time.After(limit):
		t.Fatal("it blocks")
	}
}

func TestPipesNeverBlock(t *testing.T) {
	s := folderOf(t, map[string]string{"file": "x"})
	pipe := filepath.Join(s.root, "pipe")
	if err := syscall.Mkfifo(pipe, 0o666); err != nil {
		t.Skip(err)
	}
	eachReader(t, s, func(t *testing.T, r *Reader) {
		in(t, 5*time.Second, func() {
			e := rule.Entry{Path: "pipe", Mode: rule.ModeFile}
			if _, err := r.Read(&e, nil, 0); !errors.Is(err, errChanged) {
				t.Errorf("got %v", err)
			}
		})
	})
	in(t, 5*time.Second, func() {
		if _, err := s.Read(t.Context(), "pipe"); err == nil || !strings.Contains(err.Error(), "named pipe") {
			t.Errorf("Source.Read: got %v", err)
		}
		if err := s.WriteFile("pipe", nil); err == nil || !strings.Contains(err.Error(), "named pipe") {
			t.Errorf("WriteFile: got %v", err)
		}
		files, err := s.Files(t.Context())
		if err != nil || len(files) != 1 {
			t.Errorf("All lists %v, %v", files, err)
		}
	})
	in(t, 5*time.Second, func() {
		o := s.opts
		o.Mode, o.Paths = Paths, []string{"pipe"}
		p, err := Open(t.Context(), o)
		if err != nil {
			t.Fatal(err)
		}
		var usage *UsageError
		if _, err := p.Files(t.Context()); !errors.As(err, &usage) || !strings.Contains(err.Error(), "pipe") {
			t.Errorf("Paths: got %v", err)
		}
	})
}

// A tracked file that turned into a pipe or a socket is not there for git, and
// said to be unreadable.
func TestTrackedFileBecomesAPipe(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.remove("a.txt")
	if err := syscall.Mkfifo(r.path("a.txt"), 0o666); err != nil {
		t.Skip(err)
	}
	r.remove("gone.txt")
	if l, err := net.Listen("unix", r.path("gone.txt")); err == nil {
		defer func() { _ = l.Close() }()
	}
	for _, mode := range []Mode{Changed, All} {
		for _, reader := range readers {
			in(t, 20*time.Second, func() {
				o := r.options(mode)
				o.Reader = reader
				s := r.open(o)
				files, err := s.Files(t.Context())
				if err != nil {
					t.Error(err)
					return
				}
				for _, e := range files {
					if (e.Path == "a.txt" || e.Path == "gone.txt") && e.Status != rule.Deleted {
						t.Errorf("%s by %s: %s is listed as %c %o", s.Name(), reader, e.Path, e.Status, e.Mode)
					}
				}
				if f := s.Unreadable(); len(f) == 0 || !strings.Contains(f[0].Message, "a.txt: cannot be read: it is no file but a named pipe") {
					t.Errorf("%s by %s: got the faults %v", s.Name(), reader, f)
				}
			})
		}
	}
}

// Folders that cannot be read are said, and their tracked files are not taken
// for deleted.
func TestFolderWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	r := newRepo(t)
	r.base()
	r.write("other/x", "x")
	for _, dir := range []string{"dir", "other"} {
		if err := os.Chmod(r.path(dir), 0); err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { _ = os.Chmod(r.path(dir), 0o777) })
	}
	for _, reader := range readers {
		o := r.options(All)
		o.Reader = reader
		s := r.open(o)
		files, err := s.Files(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range files {
			if e.Status == rule.Deleted {
				t.Errorf("%s: %s is taken for deleted", reader, e.Path)
			}
		}
		all := ""
		for _, f := range s.Unreadable() {
			all += f.Message + "\n"
		}
		if !strings.Contains(all, "dir/: cannot be read: permission denied") || !strings.Contains(all, "other/: cannot be read: permission denied") {
			t.Errorf("%s: got the faults\n%s", reader, all)
		}
	}
}
