package source

import (
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

func TestWriteFile(t *testing.T) {
	s := folderOf(t, map[string]string{"dir/run": "old\n"})
	path := filepath.Join(s.root, "dir", "run")
	if err := os.Chmod(path, 0o750); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile("dir/run", []byte("new\r\n")); err != nil {
		t.Fatal(err)
	}
	if err := s.WriteFile("fresh", []byte("fresh")); err != nil {
		t.Fatal(err)
	}
	data, err := os.ReadFile(path)
	if err != nil || string(data) != "new\r\n" {
		t.Errorf("got %q, %v", data, err)
	}
	if info, err := os.Stat(path); err != nil || runtime.GOOS != "windows" && info.Mode().Perm() != 0o750 {
		t.Errorf("the mode became %v", info.Mode())
	}
	entries, _ := os.ReadDir(filepath.Join(s.root, "dir"))
	if len(entries) != 1 {
		t.Errorf("something was left behind: %v", entries)
	}
}

func TestWriteFileRefuses(t *testing.T) {
	s := folderOf(t, map[string]string{"file": "x", "dir/file": "x"})
	outside := filepath.Join(t.TempDir(), "outside")
	if err := os.WriteFile(outside, []byte("safe"), 0o666); err != nil {
		t.Fatal(err)
	}
	for name, target := range map[string]string{"out": outside, "in": "file", "to": "dir", "away": filepath.Dir(outside)} {
		if err := os.Symlink(target, filepath.Join(s.root, name)); err != nil {
			t.Skip(err)
		}
	}
	for name, says := range map[string]string{
		"out": "symbolic link", "in": "symbolic link", "to/file": "symbolic link", "away/outside": "symbolic link",
		"../x": "outside", "/etc/x": "outside", "dir/../../x": "outside", "dir": "folder", "": "outside", "a//b": "outside", "no/such/dir": "",
	} {
		if err := s.WriteFile(name, []byte("bad")); err == nil || !strings.Contains(err.Error(), says) {
			t.Errorf("%q: got %v, want %q", name, err, says)
		}
	}
	if data, _ := os.ReadFile(outside); string(data) != "safe" {
		t.Error("a file outside was written")
	}
	if data, _ := os.ReadFile(filepath.Join(s.root, "file")); string(data) != "x" {
		t.Error("a file was written through a link")
	}
}

func TestWriteFileOnlyInTheWorktree(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("a.txt", "changed\n")
	r.git("add", "-A")
	for _, o := range []Options{r.options(Staged), {Dir: r.dir, Mode: Range, Base: "HEAD", Head: "HEAD", Env: r.env}} {
		s := r.open(o)
		if err := s.WriteFile("a.txt", nil); err == nil || s.Worktree() {
			t.Errorf("%s: written", s.Name())
		}
	}
}

// snapshotOf returns what a snapshot holds: path, mode, content.
func snapshotOf(t *testing.T, s *Source, only ...string) []string {
	t.Helper()
	dir := t.TempDir()
	if err := s.Snapshot(t.Context(), dir, only...); err != nil {
		t.Fatal(err)
	}
	var list []string
	err := filepath.WalkDir(dir, func(path string, d os.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		rel, _ := filepath.Rel(dir, path)
		if target, err := os.Readlink(path); err == nil {
			list = append(list, rel+" -> "+target)
			return nil
		}
		info, err := d.Info()
		if err != nil {
			return err
		}
		data, err := os.ReadFile(path)
		kind := " = "
		if info.Mode()&0o100 != 0 {
			kind = " * "
		}
		list = append(list, rel+kind+string(data))
		return err
	})
	if err != nil {
		t.Fatal(err)
	}
	return list
}

func TestSnapshot(t *testing.T) {
	r := newRepo(t)
	r.write("a", "one")
	r.write("dir/run", "#!")
	r.must(os.Chmod(r.path("dir/run"), 0o755))
	for name, target := range map[string]string{
		"in": "a", "dir/up": "../a", "todir": "dir", "self": "self",
		"out": "/etc/passwd", "above": "../x", "dir/above": "../../x",
		"dot": ".", "dir/top": "..", "tricky": "dir/top/../x", // inside by its words, outside by the links
	} {
		r.link(name, target)
	}
	r.commit()
	r.write("a", "unstaged")
	r.write("untracked", "u")
	r.git("rm", "-q", "--cached", "dir/run")
	links := []string{"dir/top -> ..", "dir/up -> ../a", "dot -> .", "in -> a", "self -> self", "todir -> dir"}
	for _, reader := range readers {
		staged, head, all := r.options(Staged), r.options(Range), r.options(All)
		head.Base, head.Head = "HEAD", "HEAD"
		for _, c := range []struct {
			o     Options
			files []string
		}{
			{staged, []string{"a = one"}},
			{head, []string{"a = one", "dir/run * #!"}},
			{all, []string{"a = unstaged", "dir/run * #!", "untracked = u"}},
		} {
			c.o.Reader = reader
			s := r.open(c.o)
			want := slices.Concat(c.files, links)
			got := snapshotOf(t, s)
			slices.Sort(want)
			slices.Sort(got)
			if !slices.Equal(got, want) {
				t.Errorf("%s by %s: got %q, want %q", s.Name(), reader, got, want)
			}
			if got := snapshotOf(t, s, "a", "missing"); !slices.Equal(got, c.files[:1]) {
				t.Errorf("%s by %s: of one path: %q", s.Name(), reader, got)
			}
		}
	}
}

func TestSameAsWorktree(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("run", "x")
	r.link("link", "a.txt")
	r.write("staged.txt", "s")
	r.git("add", "-A")
	r.write("a.txt", "changed\n")
	r.must(os.Chmod(r.path("run"), 0o755))
	r.remove("gone.txt")
	r.remove("link")
	r.link("link", "elsewhere")
	touch(r, "staged.txt")
	for _, reader := range readers {
		o := r.options(Staged)
		o.Reader = reader
		got, err := r.open(o).SameAsWorktree(t.Context(), []string{"staged.txt", "run", "link", "gone.txt", "dir/b.txt", "a.txt", "unknown"})
		if want := []string{"a.txt", "gone.txt", "link", "run"}; err != nil || !slices.Equal(got, want) {
			t.Errorf("%s: got %q, %v, want %q", reader, got, err, want)
		}
		o.Mode = All
		if got, err := r.open(o).SameAsWorktree(t.Context(), []string{"a.txt"}); err != nil || got != nil {
			t.Errorf("%s: of the worktree itself: %q, %v", reader, got, err)
		}
	}
}

func TestReadOld(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.git("mv", "gone.txt", "moved.txt")
	r.write("a.txt", "changed\n")
	r.write("new.txt", "new\n")
	r.git("add", "-A")
	r.remove("dir/b.txt")
	want := map[string]string{"a.txt": "one\ntwo\nthree\nfour\nfive\n", "moved.txt": "going\n", "new.txt": "", "dir/b.txt": "bee\n"}
	for _, reader := range readers {
		o := r.options(Changed)
		o.Reader = reader
		s := r.open(o)
		files, err := s.Files(t.Context())
		if err != nil || len(files) != len(want) {
			t.Fatalf("%s: %v, %v", reader, files, err)
		}
		for _, e := range files {
			data, err := s.ReadOld(t.Context(), &e)
			if string(data) != want[e.Path] || (err != nil) != e.New() {
				t.Errorf("%s: %s: got %q, %v", reader, e.Path, data, err)
			}
		}
	}
}

func TestReadIsOfTheSameSide(t *testing.T) {
	r := newRepo(t)
	r.write("f", "head")
	r.link("link", "dir/../f")
	r.link("loop", "loop")
	r.link("out", "/etc/passwd")
	r.commit()
	r.write("f", "staged")
	r.git("add", "f")
	r.write("f", "worktree")
	head := r.options(Range)
	head.Base, head.Head = "HEAD", "HEAD"
	for _, reader := range readers {
		for want, o := range map[string]Options{"head": head, "staged": r.options(Staged), "worktree": r.options(Changed)} {
			o.Reader = reader
			s := r.open(o)
			if data, err := s.Read(t.Context(), "f"); err != nil || string(data) != want {
				t.Errorf("%s by %s: got %q, %v", want, reader, data, err)
			}
			for _, name := range []string{"missing", "dir/missing", "f/below", "loop", "out", "../f", ".", ""} {
				if data, err := s.Read(t.Context(), name); err == nil {
					t.Errorf("%s by %s: %q: read %q", want, reader, name, data)
				}
			}
			if e := (rule.Entry{}); want != "worktree" {
				tree, err := s.Tree(t.Context())
				if err != nil {
					t.Fatal(err)
				}
				e = *tree.Lookup("f")
				if e.Blob == "" {
					t.Errorf("%s: the blob is not known", want)
				}
			}
		}
	}
}

// What filters and line ends make of an unchanged file in the worktree is no
// difference, and is what a command gets to see on a copy as well.
func TestUnchangedButConverted(t *testing.T) {
	if runtime.GOOS != "linux" {
		t.Skip("whether a file is unchanged is known by its whole status on Linux alone")
	}
	r := newRepo(t)
	r.write(".gitattributes", "*.txt text eol=crlf\n")
	r.write("a.txt", "one\r\n")
	r.write("b.txt", "two\r\n")
	r.commit()
	old := time.Now().Add(-time.Hour)
	r.must(os.Chtimes(r.path("a.txt"), old, old))
	r.must(os.Chtimes(r.path("b.txt"), old, old))
	r.git("update-index", "--refresh")
	r.write("b.txt", "changed\r\n")
	for _, reader := range readers {
		o := r.options(Staged)
		o.Reader = reader
		s := r.open(o)
		if got, err := s.SameAsWorktree(t.Context(), []string{"a.txt", "b.txt"}); err != nil || !slices.Equal(got, []string{"b.txt"}) {
			t.Errorf("%s: %q, %v differ", reader, got, err)
		}
		if got := snapshotOf(t, s, "a.txt", "b.txt"); !slices.Equal(got, []string{"a.txt = one\r\n", "b.txt = two\n"}) {
			t.Errorf("%s: the copy holds %q", reader, got)
		}
	}
}

// Many files are compared by a walk, and copied by several goroutines.
func TestSnapshotOfMany(t *testing.T) {
	r := newRepo(t)
	for i := range walkFrom + 50 {
		r.write(fmt.Sprintf("d%d/f%d", i%7, i), fmt.Sprint("content ", i))
	}
	r.commit()
	r.write("d0/f0", "changed")
	s := r.open(r.options(Staged))
	tree, err := s.Tree(t.Context())
	r.must(err)
	var paths []string
	for _, e := range tree.Entries() {
		paths = append(paths, e.Path)
	}
	if got, err := s.SameAsWorktree(t.Context(), paths); err != nil || !slices.Equal(got, []string{"d0/f0"}) {
		t.Errorf("%q, %v differ", got, err)
	}
	got := snapshotOf(t, s)
	if len(got) != walkFrom+50 || got[0] != "d0/f0 = content 0" {
		t.Errorf("%d files, first %q", len(got), got[0])
	}
	for _, line := range got {
		if _, n, _ := strings.Cut(line, "/f"); !strings.HasSuffix(line, " = content "+strings.SplitN(n, " ", 2)[0]) {
			t.Errorf("the copy holds %q", line)
		}
	}
}
