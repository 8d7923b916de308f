package source

import (
	"os"
	"path/filepath"
	"testing"
	"time"
)

// A folder whose maker has not locked it yet is nobody's leftover, and a look at
// it does not take the lock away from its maker.
func TestAbandoned(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(t *testing.T, dir string)
		want bool
	}{
		{"no file yet", func(*testing.T, string) {}, false},
		{"no file, old", func(t *testing.T, dir string) { old(t, dir) }, true},
		{"not locked yet", func(t *testing.T, dir string) { write(t, dir, "") }, false},
		{"not locked, old", func(t *testing.T, dir string) { old(t, write(t, dir, "")) }, true},
		{"locked once", func(t *testing.T, dir string) { write(t, dir, "1\n") }, true},
		{"a link", func(t *testing.T, dir string) {
			if err := os.Rename(write(t, dir, "1\n"), filepath.Join(dir, "other")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink("other", filepath.Join(dir, aliveFile)); err != nil {
				t.Skip(err)
			}
		}, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			c.make(t, dir)
			root, err := os.OpenRoot(dir)
			if err != nil {
				t.Fatal(err)
			}
			defer func() { _ = root.Close() }()
			if got := abandoned(root); got != c.want {
				t.Errorf("got %v, want %v", got, c.want)
			}
		})
	}
}

func old(t *testing.T, path string) {
	t.Helper()
	then := time.Now().Add(-time.Hour)
	if err := os.Chtimes(path, then, then); err != nil {
		t.Fatal(err)
	}
}

func write(t *testing.T, dir, data string) string {
	t.Helper()
	path := filepath.Join(dir, aliveFile)
	if err := os.WriteFile(path, []byte(data), 0o600); err != nil {
		t.Fatal(err)
	}
	return path
}

// A link with the prefix is left, and what it leads to.
func TestScratchSweepsNoLinks(t *testing.T) {
	temp := t.TempDir()
	other := filepath.Join(temp, "other")
	t.Setenv("TMPDIR", temp)
	t.Setenv("TMP", temp)
	if err := os.Mkdir(other, 0o700); err != nil {
		t.Fatal(err)
	}
	write(t, other, "1\n")
	if err := os.Symlink("other", filepath.Join(temp, "scratch-link")); err != nil {
		t.Skip(err)
	}
	s, err := NewScratch("scratch-")
	if err != nil {
		t.Fatal(err)
	}
	if list, _ := os.ReadDir(s.Dir); len(list) > 0 {
		t.Errorf("it holds %v", list)
	}
	if err := s.Remove(); err != nil {
		t.Error(err)
	}
	list, _ := os.ReadDir(temp)
	if _, err := os.Stat(filepath.Join(other, aliveFile)); err != nil || len(list) != 2 {
		t.Errorf("%v; left: %v", err, list)
	}
}
