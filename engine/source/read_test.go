package source

import (
	"bytes"
	"errors"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// folderOf makes a folder outside of git and opens it.
func folderOf(t *testing.T, files map[string]string) *Source {
	t.Helper()
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	for name, data := range files {
		path := filepath.Join(dir, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(data), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	s, err := Open(t.Context(), Options{Dir: dir, Mode: All, Env: isolated(t)})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = s.Close() })
	return s
}

// eachReader runs a test with the system's quick way to open files, and with
// the portable one.
func eachReader(t *testing.T, s *Source, run func(t *testing.T, r *Reader)) {
	t.Run("quick", func(t *testing.T) {
		r := s.NewReader()
		defer func() { _ = r.Close() }()
		run(t, r)
	})
	t.Run("portable", func(t *testing.T) {
		slow, err := openRooted(s.root)
		if err != nil {
			t.Fatal(err)
		}
		r := s.NewReader()
		r.dir = portable(slow)
		defer func() { _ = r.Close() }()
		run(t, r)
	})
}

func TestReadReusesTheBuffer(t *testing.T) {
	s := folderOf(t, map[string]string{"a": "hello\n", "dir/b": strings.Repeat("x", 5000), "empty": ""})
	eachReader(t, s, func(t *testing.T, r *Reader) {
		e := rule.Entry{Path: "a", Mode: rule.ModeFile, Size: -1}
		buf := make([]byte, 3, 100)
		data, err := r.Read(&e, buf, 0)
		if err != nil || string(data) != "hello\n" || e.Size != 6 {
			t.Fatalf("got %q, %v, size %d", data, err, e.Size)
		}
		if &data[0] != &buf[0] {
			t.Error("a buffer that is large enough was not used")
		}
		b := rule.Entry{Path: "dir/b", Mode: rule.ModeFile}
		if data, err = r.Read(&b, buf, 0); err != nil || len(data) != 5000 {
			t.Errorf("got %d bytes, %v", len(data), err)
		}
		empty := rule.Entry{Path: "empty", Mode: rule.ModeFile}
		if data, err = r.Read(&empty, nil, 0); err != nil || len(data) != 0 || empty.Size != 0 {
			t.Errorf("empty: got %q, %v", data, err)
		}
	})
}

func TestReadTooLarge(t *testing.T) {
	content := strings.Repeat("0123456789", 2000)
	s := folderOf(t, map[string]string{"large": content})
	eachReader(t, s, func(t *testing.T, r *Reader) {
		e := rule.Entry{Path: "large", Mode: rule.ModeFile}
		_, err := r.Read(&e, nil, int64(len(content))-1)
		var large *TooLargeError
		if !errors.As(err, &large) || large.Size != int64(len(content)) || string(large.Head) != content[:headSize] || e.Size != large.Size {
			t.Fatalf("got %v, size %d", err, e.Size)
		}
		if _, err := r.Read(&e, nil, int64(len(content))); err != nil {
			t.Errorf("at the limit: %v", err)
		}
	})
}

func TestReadLinks(t *testing.T) {
	s := folderOf(t, map[string]string{"a": "hello\n"})
	for name, target := range map[string]string{"in": "a", "out": "/etc/passwd", "self": "self", "nowhere": "no/where"} {
		if err := os.Symlink(target, filepath.Join(s.root, name)); err != nil {
			t.Skip(err)
		}
		eachReader(t, s, func(t *testing.T, r *Reader) {
			link := rule.Entry{Path: name, Mode: rule.ModeSymlink}
			if data, err := r.Read(&link, nil, 0); err != nil || string(data) != target {
				t.Errorf("%s: got %q, %v", name, data, err)
			}
			// One that was listed as a file, and is a link by now, is not followed.
			file := rule.Entry{Path: name, Mode: rule.ModeFile}
			if data, err := r.Read(&file, nil, 0); !errors.Is(err, errChanged) {
				t.Errorf("%s as a file: got %q, %v", name, data, err)
			}
		})
	}
}

func TestReadBehindALinkedFolder(t *testing.T) {
	outside := t.TempDir()
	if err := os.WriteFile(filepath.Join(outside, "b"), []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"out of it": outside, "inside": "real", "relative": "../" + filepath.Base(outside)} {
		t.Run(name, func(t *testing.T) {
			s := folderOf(t, map[string]string{"dir/b": "b", "real/b": "other"})
			if err := os.RemoveAll(filepath.Join(s.root, "dir")); err != nil {
				t.Fatal(err)
			}
			if err := os.Symlink(target, filepath.Join(s.root, "dir")); err != nil {
				t.Skip(err)
			}
			eachReader(t, s, func(t *testing.T, r *Reader) {
				e := rule.Entry{Path: "dir/b", Mode: rule.ModeFile}
				if data, err := r.Read(&e, nil, 0); !errors.Is(err, errChanged) {
					t.Errorf("got %q, %v", data, err)
				}
			})
			if data, err := s.Read(t.Context(), "dir/b"); name != "inside" && err == nil {
				t.Errorf("Source.Read left the root: %q", data)
			}
			if err := s.WriteFile("dir/b", []byte("x")); err == nil {
				t.Error("WriteFile went through a link")
			}
		})
	}
}

func TestReadWhatIsGone(t *testing.T) {
	s := folderOf(t, map[string]string{"file": "x"})
	eachReader(t, s, func(t *testing.T, r *Reader) {
		for _, path := range []string{"missing", "no/folder", "file/below"} {
			e := rule.Entry{Path: path, Mode: rule.ModeFile}
			if _, err := r.Read(&e, nil, 0); !errors.Is(err, fs.ErrNotExist) || !strings.HasPrefix(err.Error(), path+": ") {
				t.Errorf("%s: got %v", path, err)
			}
		}
		e := rule.Entry{Path: "file", Mode: rule.ModeFile, Status: rule.Deleted}
		if _, err := r.Read(&e, nil, 0); !errors.Is(err, fs.ErrNotExist) {
			t.Errorf("deleted: got %v", err)
		}
		m := rule.Entry{Path: "file", Mode: rule.ModeSubmodule}
		if data, err := r.Read(&m, nil, 0); err != nil || len(data) != 0 {
			t.Errorf("submodule: got %q, %v", data, err)
		}
	})
}

func TestReadEscapes(t *testing.T) {
	s := folderOf(t, map[string]string{"dir/file": "x"})
	if err := os.WriteFile(filepath.Join(filepath.Dir(s.root), "outside"), []byte("secret"), 0o666); err != nil {
		t.Fatal(err)
	}
	eachReader(t, s, func(t *testing.T, r *Reader) {
		for _, path := range []string{"../outside", "dir/../../outside", filepath.Join(filepath.Dir(s.root), "outside")} {
			e := rule.Entry{Path: path, Mode: rule.ModeFile}
			if data, err := r.Read(&e, nil, 0); err == nil {
				t.Errorf("%s: read %q", path, data)
			}
			if _, err := s.Read(t.Context(), path); err == nil {
				t.Errorf("%s: Source.Read read it", path)
			}
		}
	})
}

func TestReadWithoutPermission(t *testing.T) {
	if os.Geteuid() == 0 {
		t.Skip("root may read everything")
	}
	s := folderOf(t, map[string]string{"file": "x", "dir/file": "x"})
	if err := os.Chmod(filepath.Join(s.root, "file"), 0); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(s.root, "dir"), 0); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = os.Chmod(filepath.Join(s.root, "dir"), 0o777) })
	eachReader(t, s, func(t *testing.T, r *Reader) {
		for _, path := range []string{"file", "dir/file"} {
			e := rule.Entry{Path: path, Mode: rule.ModeFile}
			if _, err := r.Read(&e, nil, 0); !errors.Is(err, fs.ErrPermission) {
				t.Errorf("%s: got %v", path, err)
			}
		}
	})
	if _, err := s.Files(t.Context()); err != nil {
		t.Fatal(err)
	}
	if f := s.Unreadable(); len(f) != 1 || !strings.HasPrefix(f[0].Message, "dir") || !strings.Contains(f[0].Message, "permission denied") {
		t.Errorf("got the faults %v", f)
	}
}

// fakeFile is a file that changes between looks and reads.
type fakeFile struct {
	contents []string // one after each look at the size; the last stays
	looks    int
}

func (f *fakeFile) now() string { return f.contents[min(f.looks, len(f.contents)-1)] }

func (f *fakeFile) size() (int64, error) {
	n := int64(len(f.now()))
	f.looks++
	return n, nil
}

func (f *fakeFile) pread(p []byte, off int64) (int, error) {
	s := f.now()
	return copy(p, s[min(int(off), len(s)):]), nil
}

func TestReadSteady(t *testing.T) {
	for _, c := range []struct {
		name     string
		contents []string
		want     string
		fails    bool
	}{
		{"still", []string{"abc"}, "abc", false},
		{"grows once", []string{"abc", "abcdef"}, "abcdef", false},
		{"shrinks once", []string{"abcdef", "ab"}, "ab", false},
		{"becomes empty", []string{"abcdef", ""}, "", false},
		{"never rests", []string{"a", "ab", "abc", "abcd", "abcde"}, "", true},
	} {
		t.Run(c.name, func(t *testing.T) {
			f := &fakeFile{contents: c.contents}
			data, err := readSteady(0, nil, f.size, f.pread)
			if (err != nil) != c.fails || string(data) != c.want {
				t.Errorf("got %q, %v", data, err)
			}
		})
	}
}

func TestReadSteadyInSmallPieces(t *testing.T) {
	want := bytes.Repeat([]byte("0123456789"), 100)
	data, err := readSteady(0, nil, func() (int64, error) { return int64(len(want)), nil }, func(p []byte, off int64) (int, error) {
		return copy(p[:min(len(p), 7)], want[off:]), nil
	})
	if err != nil || !bytes.Equal(data, want) {
		t.Errorf("got %d bytes, %v", len(data), err)
	}
}
