package source

import (
	"maps"
	"os"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// both runs a test with each reader.
func both(t *testing.T, r *testRepo, mode Mode, run func(t *testing.T, s *Source)) {
	for _, reader := range readers {
		t.Run(reader, func(t *testing.T) {
			o := r.options(mode)
			o.Reader, o.Base, o.Head = reader, "HEAD", "HEAD"
			run(t, r.open(o))
		})
	}
}

func wantBranch(t *testing.T, r *testRepo, want string) {
	t.Helper()
	both(t, r, Changed, func(t *testing.T, s *Source) {
		if got, err := s.Branch(t.Context()); err != nil || got != want {
			t.Errorf("got %q, %v, want %q", got, err, want)
		}
	})
}

func TestBranch(t *testing.T) {
	r := newRepo(t)
	wantBranch(t, r, "main") // before the first commit
	r.base()
	wantBranch(t, r, "main")
	r.git("checkout", "-q", "-b", "feat/x")
	wantBranch(t, r, "feat/x")
	r.git("checkout", "-q", "--detach")
	wantBranch(t, r, "")
}

func TestMerging(t *testing.T) {
	r := newRepo(t)
	conflict(r)
	want := func(want bool) {
		t.Helper()
		both(t, r, Staged, func(t *testing.T, s *Source) {
			if got, err := s.Merging(t.Context()); err != nil || got != want {
				t.Errorf("got %v, %v, want %v", got, err, want)
			}
		})
	}
	want(true)
	r.git("merge", "--abort")
	want(false)
	_, _ = r.try("rebase", "side")
	want(true)
}

func TestAttribute(t *testing.T) {
	r := newRepo(t)
	r.write(".gitattributes", "[attr]own filter=own -text\n*.bin filter=lfs diff=lfs\n*.raw own\n/top.x filter\n*.no -filter\ndir/*.bin !filter\n\"sp ace.x\" filter=quoted\n# *.c filter=no\n")
	r.write("dir/.gitattributes", "keep.bin filter=again\nsub/** filter=sub\n")
	files := []string{"a.bin", "dir/a.bin", "dir/keep.bin", "x.raw", "top.x", "dir/top.x", "a.no", "sp ace.x", "a.c", "dir/sub/deep/y", "new\nline.bin", ":(top)x.bin"}
	for _, f := range files {
		r.write(f, f)
	}
	r.commit()
	r.write(".gitattributes", "*.c filter=worktree\n")
	for mode, says := range map[Mode][]string{Changed: {}, Staged: {"--cached"}, Range: {"--cached"}} {
		want := map[string]string{}
		args := append(append([]string{"check-attr", "-z"}, says...), "filter", "--")
		out := strings.Split(r.git(append(args, files...)...), "\x00")
		for i := 0; i+2 < len(out); i += 3 {
			if out[i+2] != "unspecified" {
				want[out[i]] = out[i+2]
			}
		}
		both(t, r, mode, func(t *testing.T, s *Source) {
			got, err := s.Attribute(t.Context(), "filter", files)
			if err != nil || !maps.Equal(got, want) {
				t.Errorf("%s: got %q, %v, want %q", s.Name(), got, err, want)
			}
		})
	}
}

func TestExists(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.link("dir/up", "..")
	r.link("loop", "loop")
	r.link("chain", "dir/up/a.txt")
	r.commit()
	r.write("only-in-worktree", "x")
	for _, mode := range []Mode{All, Staged, Range} {
		both(t, r, mode, func(t *testing.T, s *Source) {
			for target, want := range map[string]bool{
				"a.txt": true, "dir": true, "dir/": true, ".": true, "dir/up/dir/b.txt": true, "chain": true,
				"missing": false, "dir/missing": false, "loop": false, "a.txt/below": false, "a.txt/": false, "missing/../a.txt": false,
				os.TempDir(): true, "/no/such/place": false, "../repo": true, "../no/such/place": false,
				"only-in-worktree": mode == All,
			} {
				if got, err := s.Exists(t.Context(), "link", target); err != nil || got != want {
					t.Errorf("%s: %s: got %v, %v, want %v", s.Name(), target, got, err, want)
				}
			}
			if got, err := s.Exists(t.Context(), "dir/link", "b.txt"); err != nil || !got {
				t.Errorf("%s: relative to its folder: got %v, %v", s.Name(), got, err)
			}
		})
	}
}

func TestTree(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("later", "x")
	r.commit()
	r.write("intent", "x")
	r.git("add", "-N", "intent")
	r.git("rm", "-q", "--cached", "later")
	r.write("staged", "x")
	r.git("add", "staged")
	r.remove("a.txt")
	r.write("untracked", "x")
	for mode, want := range map[Mode][]string{
		Changed: {"dir/b.txt", "dir/sub/c.txt", "gone.txt", "intent", "later", "staged", "untracked"},
		Staged:  {"a.txt", "dir/b.txt", "dir/sub/c.txt", "gone.txt", "staged"},
		Range:   {"a.txt", "dir/b.txt", "dir/sub/c.txt", "gone.txt", "later"},
		All:     {"dir/b.txt", "dir/sub/c.txt", "gone.txt", "intent", "later", "staged", "untracked"},
	} {
		both(t, r, mode, func(t *testing.T, s *Source) {
			tree, err := s.Tree(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			var got []string
			for _, e := range tree.Entries() {
				got = append(got, e.Path)
				if e.Status == rule.Deleted || e.Mode == 0 {
					t.Errorf("%s: %v is in the tree", s.Name(), e)
				}
			}
			if !slices.Equal(got, want) {
				t.Errorf("%s: got %q, want %q", s.Name(), got, want)
			}
		})
	}
}

// What a sparse checkout left out is in the tree, is not checked, and can be read.
func TestSparseTree(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("other/x", "left out")
	r.commit()
	r.git("sparse-checkout", "init", "--cone")
	r.git("sparse-checkout", "set", "dir")
	both(t, r, All, func(t *testing.T, s *Source) {
		if got := paths(t, s); slices.Contains(got, "other/x") {
			t.Errorf("files: %q", got)
		}
		tree, err := s.Tree(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		e := tree.Lookup("other/x")
		if e == nil {
			t.Fatal("it is not in the tree")
		}
		reader := s.NewReader()
		defer func() { _ = reader.Close() }()
		entry := *e
		if data, err := reader.Read(&entry, nil, 0); err != nil || string(data) != "left out" {
			t.Errorf("reader: got %q, %v", data, err)
		}
		if data, err := s.Read(t.Context(), "other/x"); err != nil || string(data) != "left out" {
			t.Errorf("source: got %q, %v", data, err)
		}
	})
}

// A clean file's blob is known without reading it, but not where line ends or
// filters stand between worktree and index.
func TestBlobOfCleanFiles(t *testing.T) {
	for attributes, known := range map[string]bool{"": true, "*.png binary\n": true, "* text=auto\n": false, "*.x filter=f\n": false} {
		r := newRepo(t)
		r.write(".gitattributes", attributes)
		r.base()
		for _, e := range []string{".gitattributes", "a.txt", "dir/b.txt", "gone.txt"} {
			touch(r, e)
		}
		r.git("update-index", "--refresh")
		r.write("gone.txt", "GOING\n")
		both(t, r, All, func(t *testing.T, s *Source) {
			files, err := s.Files(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			tree := rule.NewTree(files)
			if e := tree.Lookup("a.txt"); (e.Exact() != "") != known {
				t.Errorf("%q: the blob of a clean file is %q", attributes, e.Blob)
			}
			if e := tree.Lookup("gone.txt"); e.Exact() != "" {
				t.Errorf("%q: the blob of a changed file is %q", attributes, e.Blob)
			}
		})
	}
}
