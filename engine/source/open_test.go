package source

import (
	"errors"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// wantUsage asserts a *UsageError that says all of these.
func wantUsage(t *testing.T, what string, err error, says ...string) {
	t.Helper()
	var usage *UsageError
	if !errors.As(err, &usage) {
		t.Errorf("%s: got %v, want a usage error", what, err)
		return
	}
	for _, s := range says {
		if !strings.Contains(err.Error(), s) {
			t.Errorf("%s: %q does not say %q", what, err, s)
		}
	}
}

// failure returns the error of opening and listing.
func failure(t *testing.T, o Options) error {
	t.Helper()
	s, err := Open(t.Context(), o)
	if err != nil {
		return err
	}
	defer func() { _ = s.Close() }()
	_, err = s.Files(t.Context())
	return err
}

func TestBareRepository(t *testing.T) {
	r := newRepo(t, "--bare")
	for _, reader := range readers {
		o := r.options(All)
		o.Reader = reader
		wantUsage(t, reader, failure(t, o), "bare repository", "GIT_WORK_TREE")
	}
}

func TestInsideTheGitDirectory(t *testing.T) {
	r := newRepo(t)
	r.base()
	for _, reader := range readers {
		o := r.options(All)
		o.Reader, o.Dir = reader, r.path(".git")
		wantUsage(t, reader, failure(t, o), "git directory")
	}
}

func TestBrokenGitFile(t *testing.T) {
	r := newRepo(t)
	dir := filepath.Join(filepath.Dir(r.dir), "broken")
	r.must(os.Mkdir(dir, 0o777))
	r.must(os.WriteFile(filepath.Join(dir, ".git"), []byte("gitdir: /nowhere/at/all\n"), 0o666))
	for _, reader := range readers {
		o := r.options(All)
		o.Reader, o.Dir = reader, dir
		wantUsage(t, reader, failure(t, o), "/nowhere/at/all")
	}
}

func TestRangeMistakes(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.git("checkout", "-q", "--orphan", "unrelated")
	r.write("u", "u")
	r.commit()
	r.git("checkout", "-q", "main")
	for _, reader := range readers {
		o := r.options(Range)
		o.Reader = reader
		for _, bad := range []string{"no-such-ref", "-x", "--all", "HEAD~99", "", "a.txt", "deadbeef", "line\nfeed", "HEAD:a.txt"} {
			o.Base, o.Head = bad, "HEAD"
			if err := failure(t, o); !errors.As(err, new(*UnsupportedError)) {
				wantUsage(t, reader+" "+bad, err, "names no commit")
			}
		}
		o.Base, o.Head = "main", "unrelated"
		wantUsage(t, reader, failure(t, o), "no common ancestor")
	}
}

func TestRangeInAShallowClone(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.git("checkout", "-q", "-b", "topic")
	r.write("t", "t")
	r.commit()
	r.git("checkout", "-q", "main")
	r.write("m", "m")
	r.commit()
	r.git("clone", "-q", "--depth=1", "--no-single-branch", "file://"+r.dir, r.dir+"2")
	r.dir += "2"
	for _, reader := range readers {
		o := r.options(Range)
		o.Reader, o.Base, o.Head = reader, "origin/main", "origin/topic"
		wantUsage(t, reader, failure(t, o), "shallow", "git fetch --deepen")
		o.Base = "main~1"
		wantUsage(t, reader, failure(t, o), "names no commit", "shallow", "git fetch")
	}
}

func TestOutsideOfGit(t *testing.T) {
	s := folderOf(t, map[string]string{"a": "a", "dir/b": "b", "dir/.git/config": "x", "sub/.git": "gitdir: x", "sub/c": "c"})
	if s.InGit() || !s.Worktree() || s.Name() != "all" {
		t.Errorf("in git %v, worktree %v, name %s", s.InGit(), s.Worktree(), s.Name())
	}
	if got := paths(t, s); !slices.Equal(got, []string{"a", "dir/b", "sub/c"}) {
		t.Errorf("all lists %q", got)
	}
	plain := s.opts
	plain.Mode = Changed // nothing tells what changed: everything is meant
	if p, err := Open(t.Context(), plain); err != nil || p.Name() != "all" || len(paths(t, p)) != 3 {
		t.Errorf("without a flag: %v", err)
	}
	for _, mode := range []Mode{Staged, Range} {
		o := s.opts
		o.Mode = mode
		_, err := Open(t.Context(), o)
		wantUsage(t, modeNames[mode], err, "no git repository", "--all")
	}
	o := s.opts
	o.Dir, o.ConfigDir = filepath.Join(s.root, "dir"), s.root
	c, err := Open(t.Context(), o)
	if err != nil || c.Root() != s.root || len(paths(t, c)) != 3 {
		t.Errorf("with the configuration's folder: %v", err)
	}
	if dir, err := s.StateDir(); err == nil && (!strings.Contains(dir, "sot") || strings.HasPrefix(dir, s.root)) {
		t.Errorf("state in %s", dir)
	}
	if b, err := s.Branch(t.Context()); b != "" || err != nil {
		t.Errorf("branch %q, %v", b, err)
	}
	if m, err := s.Merging(t.Context()); m || err != nil {
		t.Errorf("merging %v, %v", m, err)
	}
}

func paths(t *testing.T, s *Source) []string {
	t.Helper()
	files, err := s.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	var list []string
	for _, e := range files {
		list = append(list, e.Path)
	}
	return list
}

func TestPaths(t *testing.T) {
	r := newRepo(t)
	r.write(".gitignore", "*.log\nbuild/\n")
	r.base()
	r.write("x.log", "ignored")
	r.write("dir/x.log", "ignored")
	r.write("dir/new", "new")
	r.write("build/out", "ignored")
	r.link("dir/link", "b.txt")
	r.link("todir", "dir")
	for _, c := range []struct {
		from  string
		given []string
		want  []string
	}{
		{"", []string{"a.txt"}, []string{"a.txt"}},
		{"", []string{"x.log"}, []string{"x.log"}},
		{"", []string{"dir"}, []string{"dir/b.txt", "dir/link", "dir/new", "dir/sub/c.txt"}},
		{"dir", []string{"."}, []string{"dir/b.txt", "dir/link", "dir/new", "dir/sub/c.txt"}},
		{"dir", []string{"../a.txt", "b.txt", "b.txt", "sub"}, []string{"a.txt", "dir/b.txt", "dir/sub/c.txt"}},
		{"", []string{"dir", "dir/x.log"}, []string{"dir/b.txt", "dir/link", "dir/new", "dir/sub/c.txt", "dir/x.log"}},
		{"", []string{"build"}, nil},
		{"", []string{"build/out"}, []string{"build/out"}},
		{"", []string{"todir"}, []string{"todir"}},
		{"", []string{"todir/b.txt"}, []string{"dir/b.txt"}},
		{"", []string{r.path("a.txt")}, []string{"a.txt"}},
		{"dir", []string{".."}, []string{".gitignore", "a.txt", "dir/b.txt", "dir/link", "dir/new", "dir/sub/c.txt", "gone.txt", "todir"}},
	} {
		for _, reader := range readers {
			o := r.options(Paths)
			o.Dir, o.Reader, o.Paths = r.path(c.from), reader, c.given
			if got := paths(t, r.open(o)); !slices.Equal(got, c.want) {
				t.Errorf("%s: %q from %q lists %q, want %q", reader, c.given, c.from, got, c.want)
			}
		}
	}
	r.must(os.WriteFile(r.dir+".outside", nil, 0o666))
	for _, c := range [][2]string{
		{"missing", "no such file"}, {"a.txt/below", ""}, {"../repo.outside", "outside"}, {"..", "outside"}, {".git/config", "git directory"},
	} {
		o := r.options(Paths)
		o.Paths = []string{"a.txt", c[0]}
		wantUsage(t, c[0], failure(t, o), c[0], c[1])
	}
}

func TestPathsInSubmodules(t *testing.T) {
	r := newRepo(t)
	r.base()
	inner := &testRepo{t: t, dir: r.path("mod"), env: r.env}
	r.must(os.Mkdir(inner.dir, 0o777))
	inner.git("init", "-q")
	inner.base()
	r.git("-c", "advice.addEmbeddedRepo=false", "add", "mod")
	for _, reader := range readers {
		o := r.options(Paths)
		o.Reader, o.Paths = reader, []string{"mod/a.txt"}
		wantUsage(t, reader, failure(t, o), "mod/a.txt", "submodule mod")
		o.Paths = []string{"mod"}
		files, err := r.open(o).Files(t.Context())
		if err != nil || len(files) != 1 || files[0].Mode != rule.ModeSubmodule {
			t.Errorf("%s: the submodule itself: %v, %v", reader, files, err)
		}
	}
}

// A repository that belongs to somebody else is refused by git, and read
// without it.
func TestForeignOwner(t *testing.T) {
	if os.Geteuid() != 0 {
		t.Skip("only root can give a repository away")
	}
	r := newRepo(t)
	r.base()
	r.write("a.txt", "changed\n")
	r.git("add", "a.txt")
	r.write("new", "new\n")
	want := map[Mode][]string{Changed: r.oracle(Changed, "", ""), Staged: r.oracle(Staged, "", ""), All: r.oracle(All, "", "")}
	r.must(filepath.WalkDir(r.dir, func(path string, _ os.DirEntry, err error) error {
		if err != nil {
			return err
		}
		return os.Lchown(path, 12345, 12345)
	}))
	if _, err := r.try("status"); err == nil {
		t.Skip("this git reads everybody's repositories")
	}
	for mode, lines := range want {
		got := ask(t, r.options(mode))
		if got.err != nil || !slices.Equal(got.lines, lines) {
			t.Errorf("%s: got %q, %v, want %q", modeNames[mode], got.lines, got.err, lines)
		}
		o := r.options(mode)
		o.Reader = "git"
		wantUsage(t, "git alone", failure(t, o), "dubious ownership")
	}
	r.must(os.WriteFile(r.path(".git/config"), []byte("[core]\n\trepositoryformatversion = 1\n[extensions]\n\tobjectFormat = sha256\n"), 0o666))
	if err := failure(t, r.options(All)); err == nil || !strings.Contains(err.Error(), "sha256") || !strings.Contains(err.Error(), "safe.directory") {
		t.Errorf("one that only git reads: got %v", err)
	}
}

func TestPartialClone(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("a.txt", "second\n")
	r.commit()
	r.git("config", "uploadpack.allowFilter", "true")
	if out, err := r.try("clone", "-q", "--filter=blob:none", "--no-checkout", "file://"+r.dir, r.dir+"2"); err != nil {
		t.Skipf("this git makes no partial clones: %s", out)
	}
	r.dir += "2"
	want := r.with("GIT_NO_LAZY_FETCH=0")
	o := r.options(Range)
	o.Base, o.Head, o.Reader = "HEAD~1", "HEAD", "go-git"
	var no *UnsupportedError
	if got := ask(t, o); !errors.As(got.err, &no) || !strings.Contains(got.err.Error(), "partial clone") {
		t.Errorf("without git: got %q, %v", got.lines, got.err)
	}
	o.Reader = "git"
	got := ask(t, o)
	if lines := want.oracle(Range, "HEAD~1", "HEAD"); got.err != nil || !slices.Equal(got.lines, lines) {
		t.Errorf("with git: got %q, %v, want %q", got.lines, got.err, lines)
	}
}

func TestNoGitOnThePath(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("a.txt", "changed\n")
	want := r.oracle(Changed, "", "")
	o := r.options(Changed)
	o.Env = append(slices.Clone(r.env), "PATH="+t.TempDir())
	if got := ask(t, o); got.err != nil || !slices.Equal(got.lines, want) {
		t.Errorf("got %q, %v, want %q", got.lines, got.err, want)
	}
	o.Reader = "git"
	wantUsage(t, "git alone", failure(t, o), "git is not on the PATH", "install git")
}

func TestStateDirIsShared(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.git("worktree", "add", "-q", r.dir+"2")
	linked := *r
	linked.dir += "2"
	for _, reader := range readers {
		for _, o := range []Options{r.options(All), linked.options(All)} {
			o.Reader = reader
			dir, err := r.open(o).StateDir()
			if err != nil || dir != r.path(".git/sot") {
				t.Errorf("%s: got %s, %v", reader, dir, err)
			}
		}
	}
}

// Looking at a repository writes nothing to it, though `git diff` would.
func TestTheIndexIsNotWritten(t *testing.T) {
	r := newRepo(t)
	r.base()
	touch(r, "a.txt")
	before, err := os.ReadFile(r.path(".git/index"))
	r.must(err)
	for mode := Changed; mode <= All; mode++ {
		o := r.options(mode)
		o.Base = "HEAD"
		s := r.open(o)
		if got := paths(t, s); mode != All && len(got) != 0 {
			t.Errorf("%s: lists %q", s.Name(), got)
		}
		if _, err := s.Tree(t.Context()); err != nil {
			t.Error(err)
		}
	}
	after, err := os.ReadFile(r.path(".git/index"))
	r.must(err)
	if !slices.Equal(before, after) {
		t.Error("the index was written")
	}
}

func TestCommandEnv(t *testing.T) {
	got := CommandEnv([]string{"PATH=/bin", "GIT_DIR=x", "GIT_INDEX_FILE=x", "GIT_WORK_TREE=x", "GIT_OBJECT_DIRECTORY=x",
		"GIT_ALTERNATE_OBJECT_DIRECTORIES=x", "GIT_COMMON_DIR=x", "GIT_PREFIX=x", "GIT_QUARANTINE_PATH=x", "GIT_AUTHOR_NAME=n", "GIT_SSH_COMMAND=s",
		"SOT_CACHE_TOKEN=t", "SOT_CACHE_REMOTE=https://u:p@x"})
	if want := []string{"PATH=/bin", "GIT_AUTHOR_NAME=n", "GIT_SSH_COMMAND=s"}; !slices.Equal(got, want) {
		t.Errorf("got %q, want %q", got, want)
	}
}
