package source

import (
	"errors"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/sot-validator/sot/engine/rule"
)

// shape is a repository of one kind. Both readers must give git's answer on it;
// the one without git may refuse, with an error that holds pure's text.
type shape struct {
	name string
	init []string // arguments of git init
	make func(r *testRepo)
	// pure is why the reader without git refuses, "" where it may not; refuses
	// says in which modes (nil is all).
	pure    string
	refuses []Mode
	base    string // for Range; "" leaves it out
	head    string
	env     func(r *testRepo) []string
}

var shapes = []shape{
	{name: "empty", make: func(*testRepo) {}},
	{name: "clean", make: (*testRepo).base, base: "HEAD", head: "HEAD"},
	{name: "unborn", make: func(r *testRepo) {
		r.write("a", "a")
		r.write("b", "b")
		r.git("add", "a")
	}},
	{name: "unborn and removed", make: func(r *testRepo) {
		r.write("a", "a")
		r.git("add", "a")
		r.remove("a")
	}},
	{name: "staged, unstaged, untracked", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "staged\n")
		r.git("add", "a.txt")
		r.write("a.txt", "unstaged\n")
		r.write("dir/b.txt", "unstaged\n")
		r.write("dir/new.txt", "new\n")
		r.write("newdir/deep/new.txt", "new\n")
		r.git("rm", "-q", "gone.txt")
	}},
	{name: "same size, same second", make: func(r *testRepo) {
		r.write("a", "1\n")
		r.git("add", "a")
		r.git("commit", "-q", "-m", "x")
		r.write("a", "2\n")
	}},
	{name: "deleted from the worktree", make: func(r *testRepo) {
		r.base()
		r.remove("gone.txt")
		r.remove("dir/sub")
	}},
	{name: "removed from the index alone", make: func(r *testRepo) {
		r.base()
		r.git("rm", "-q", "--cached", "gone.txt")
	}},
	{name: "detached head, range", base: "main~1", head: "HEAD", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "second\n")
		r.commit()
		r.git("checkout", "-q", "--detach", "HEAD~1")
		r.write("dir/b.txt", "on the side\n")
		r.commit()
	}},
	{name: "range to the worktree", base: "main", make: func(r *testRepo) {
		r.base()
		r.git("checkout", "-q", "-b", "topic")
		r.write("dir/b.txt", "topic\n")
		r.commit()
		r.git("checkout", "-q", "main")
		r.write("a.txt", "main went on\n")
		r.commit()
		r.git("checkout", "-q", "topic")
		r.write("a.txt", "unstaged\n")
		r.write("new", "new\n")
	}},
	{name: "range by tag and cut id", base: "v1", head: "main~0", make: func(r *testRepo) {
		r.base()
		r.git("tag", "-a", "-m", "x", "v1")
		r.write("a.txt", "second\n")
		r.commit()
		r.git("pack-refs", "--all")
	}},
	{name: "criss-cross merge", base: "main", head: "topic", make: func(r *testRepo) {
		r.base()
		r.git("checkout", "-q", "-b", "topic")
		r.write("t", "t\n")
		r.commit()
		r.git("checkout", "-q", "main")
		r.write("m", "m\n")
		r.commit()
		r.git("merge", "-q", "-m", "x", "topic")
		r.git("checkout", "-q", "topic")
		r.write("t2", "t2\n")
		r.commit()
	}},
	{name: "renames", make: func(r *testRepo) {
		r.base()
		r.write("long.txt", numbered(40))
		r.write("other.txt", numbered(90)[200:])
		r.commit()
		r.git("mv", "gone.txt", "dir/moved.txt")
		r.git("mv", "long.txt", "longer.txt")
		r.write("longer.txt", numbered(40)+"and more\n")
		r.git("mv", "other.txt", "dir/other.txt")
		r.write("dir/other.txt", numbered(85)[200:])
		r.git("add", "-A")
	}},
	{name: "renames in the worktree", make: func(r *testRepo) {
		r.base()
		r.write("long.txt", numbered(40))
		r.commit()
		r.git("mv", "long.txt", "moved.txt")
		r.write("moved.txt", numbered(38)+"x\n")
		r.must(os.Rename(r.path("gone.txt"), r.path("unseen.txt")))
	}},
	{name: "type changes", make: func(r *testRepo) {
		r.base()
		r.link("link", "a.txt")
		r.write("file", "file\n")
		r.commit()
		r.remove("link")
		r.write("link", "now a file\n")
		r.remove("file")
		r.link("file", "a.txt")
		r.git("add", "file")
	}},
	{name: "file becomes folder and back", make: func(r *testRepo) {
		r.base()
		r.remove("a.txt")
		r.write("a.txt/inside", "x\n")
		r.remove("dir")
		r.write("dir", "now a file\n")
	}},
	{name: "folder becomes link", make: func(r *testRepo) {
		r.base()
		r.must(os.Rename(r.path("dir"), r.path("real")))
		r.link("dir", "real")
	}},
	{name: "folder becomes link out of the repository", make: func(r *testRepo) {
		r.base()
		outside := filepath.Join(filepath.Dir(r.dir), "outside")
		r.must(os.MkdirAll(filepath.Join(outside, "sub"), 0o777))
		r.must(os.WriteFile(filepath.Join(outside, "b.txt"), []byte("secret\n"), 0o666))
		r.remove("dir")
		r.link("dir", outside)
	}},
	{name: "links", make: func(r *testRepo) {
		r.base()
		r.link("inside", "a.txt")
		r.link("out", "/etc/passwd")
		r.link("self", "self")
		r.link("nowhere", "missing/file")
		r.link("todir", "dir")
		r.git("add", "-A")
		r.link("untracked", "../..")
	}},
	{name: "executable bit", make: func(r *testRepo) {
		r.base()
		r.must(os.Chmod(r.path("a.txt"), 0o755))
		r.write("run", "#!/bin/sh\n")
		r.must(os.Chmod(r.path("run"), 0o755))
	}},
	{name: "core.fileMode=false", make: func(r *testRepo) {
		r.base()
		r.git("config", "core.fileMode", "false")
		r.must(os.Chmod(r.path("a.txt"), 0o755))
	}},
	{name: "intent to add", make: func(r *testRepo) {
		r.base()
		r.write("intent", "content\n")
		r.write("intent-empty", "")
		r.git("add", "-N", "intent", "intent-empty")
	}},
	{name: "conflict", make: conflict},
	{name: "conflict of deletion", make: func(r *testRepo) {
		r.base()
		r.git("checkout", "-q", "-b", "side")
		r.git("rm", "-q", "a.txt")
		r.commit()
		r.git("checkout", "-q", "main")
		r.write("a.txt", "changed\n")
		r.commit()
		_, _ = r.try("merge", "side")
	}},
	{name: "assume unchanged", make: func(r *testRepo) {
		r.base()
		r.git("update-index", "--assume-unchanged", "a.txt", "gone.txt")
		r.write("a.txt", "hidden change\n")
	}},
	{name: "skip worktree", make: func(r *testRepo) {
		r.base()
		r.git("update-index", "--skip-worktree", "a.txt", "gone.txt")
		r.write("a.txt", "hidden change\n")
		r.remove("gone.txt")
	}},
	{name: "sparse checkout", make: func(r *testRepo) {
		r.base()
		r.git("sparse-checkout", "init", "--cone")
		r.git("sparse-checkout", "set", "dir")
		r.write("dir/b.txt", "changed\n")
	}},
	{name: "sparse index", pure: "sparse", make: func(r *testRepo) {
		r.base()
		r.write("other/deep/x", "x\n")
		r.commit()
		r.git("sparse-checkout", "init", "--cone", "--sparse-index")
		r.git("sparse-checkout", "set", "dir")
		r.write("dir/b.txt", "changed\n")
		r.git("add", "dir/b.txt")
	}},
	{name: "split index", pure: "split", make: func(r *testRepo) {
		r.base()
		r.git("update-index", "--split-index")
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
		r.write("dir/b.txt", "changed\n")
	}},
	{name: "index version 4", make: func(r *testRepo) {
		r.base()
		r.git("update-index", "--index-version", "4")
		r.write("dir/sub/cc.txt", "more\n")
		r.git("add", "-A")
		r.write("a.txt", "changed\n")
	}},
	{name: "sha256", init: []string{"--object-format=sha256"}, pure: "sha256", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
		r.write("dir/b.txt", "changed\n")
	}},
	{name: "worktreeConfig", make: func(r *testRepo) {
		r.base()
		r.git("config", "extensions.worktreeConfig", "true")
		r.git("config", "--worktree", "core.fileMode", "false")
		r.must(os.Chmod(r.path("a.txt"), 0o755))
		r.write("dir/b.txt", "changed\n")
	}},
	{name: "unknown extension", pure: "noop-v1", make: func(r *testRepo) {
		r.base()
		r.git("config", "core.repositoryformatversion", "1")
		r.git("config", "extensions.noop-v1", "true")
	}},
	{name: "alternates", make: func(r *testRepo) {
		r.base()
		r.git("clone", "-q", "--shared", r.dir, r.dir+"2")
		r.dir += "2"
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
	}},
	{name: "packed", base: "HEAD~1", head: "HEAD", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "one\ntwo\n")
		r.commit()
		r.git("gc", "-q")
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
		r.remove("a.txt")
	}},
	{name: "shallow", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "second\n")
		r.commit()
		r.git("clone", "-q", "--depth=1", "file://"+r.dir, r.dir+"2")
		r.dir += "2"
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
	}},
	{name: "linked worktree", make: func(r *testRepo) {
		r.base()
		r.git("worktree", "add", "-q", "-b", "linked", r.dir+"2")
		r.write("dir/b.txt", "not here\n")
		r.git("add", "-A")
		r.dir += "2"
		r.write("a.txt", "changed\n")
		r.git("add", "a.txt")
	}},
	{name: "submodules", make: func(r *testRepo) {
		r.base()
		sub := &testRepo{t: r.t, dir: r.dir + "sub", env: r.env}
		r.must(os.Mkdir(sub.dir, 0o777))
		sub.git("init", "-q", "-b", "main")
		sub.base()
		r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.dir, "mod")
		r.git("-c", "protocol.file.allow=always", "submodule", "--quiet", "add", sub.dir, "moved")
		r.commit()
		r.write("mod/dirty", "inside\n")
		inner := &testRepo{t: r.t, dir: r.path("moved"), env: r.env}
		inner.write("a.txt", "next\n")
		inner.commit()
	}},
	{name: "submodule not checked out", make: func(r *testRepo) {
		r.base()
		id := strings.TrimSpace(r.git("rev-parse", "HEAD"))
		r.git("update-index", "--add", "--cacheinfo", "160000,"+id+",mod")
		r.git("update-index", "--add", "--cacheinfo", "160000,"+id+",gone")
		r.must(os.Mkdir(r.path("mod"), 0o777))
	}},
	{name: "nested repositories", make: func(r *testRepo) {
		r.base()
		nested := &testRepo{t: r.t, dir: r.path("nested"), env: r.env}
		r.must(os.Mkdir(nested.dir, 0o777))
		nested.git("init", "-q")
		nested.write("file", "inside\n")
		deep := &testRepo{t: r.t, dir: r.path("other/deep"), env: r.env}
		r.must(os.MkdirAll(deep.dir, 0o777))
		deep.git("init", "-q")
		deep.base()
		r.write("other/file", "x\n")
		r.must(os.MkdirAll(r.path("fake/.git"), 0o777))
		r.write("fake/file", "x\n")
	}},
	{name: "ignores", make: ignores},
	{name: "excludes outside", make: func(r *testRepo) {
		r.base()
		r.write(".git/info/exclude", "*.info\n!keep.log\n")
		excludes := filepath.Join(filepath.Dir(r.dir), "excludes")
		r.must(os.WriteFile(excludes, []byte("*.log\n"), 0o666))
		r.git("config", "core.excludesFile", excludes)
		for _, name := range []string{"x.info", "x.log", "keep.log", "dir/x.log", "x.txt"} {
			r.write(name, "x\n")
		}
	}},
	{name: "odd names", make: func(r *testRepo) {
		r.base()
		for _, name := range oddNames() {
			r.write(name, name)
			r.write("d-"+name+"/f", name)
		}
		r.git("add", "--", ".")
		for _, name := range oddNames() {
			r.write("u"+name, name)
		}
		r.git("config", "core.quotePath", "true")
	}},
	{name: "autocrlf", pure: "CR line ends", refuses: []Mode{Changed}, make: func(r *testRepo) {
		r.git("config", "core.autocrlf", "input")
		r.write("crlf", "a\r\nb\r\n")
		r.write("lf", "a\nb\n")
		r.commit()
		r.write("crlf", "a\nb\n")
		r.write("lf", "a\r\nb\r\n")
	}},
	{name: "autocrlf, clean", make: func(r *testRepo) {
		r.git("config", "core.autocrlf", "input")
		r.write("crlf", "a\r\nb\r\n")
		past(r, "crlf")
		r.commit()
	}},
	{name: "eol attribute", pure: "CR line ends", refuses: []Mode{Changed}, make: func(r *testRepo) {
		r.write(".gitattributes", "*.txt text eol=crlf\n")
		r.write("a.txt", "a\nb\n")
		r.commit()
		r.remove("a.txt")
		r.git("checkout", "-q", "a.txt")
		touch(r, "a.txt")
	}},
	{name: "clean filter", pure: "filter=rot", refuses: []Mode{Changed}, make: func(r *testRepo) {
		r.git("config", "filter.rot.clean", "tr a-y b-z")
		r.write(".gitattributes", "*.rot filter=rot\n")
		r.write("x.rot", "abc\n")
		r.write("plain", "abc\n")
		r.commit()
		touch(r, "x.rot")
		r.write("plain", "changed\n")
	}},
	{name: "lfs pointer", make: func(r *testRepo) {
		r.write(".gitattributes", "*.bin filter=lfs diff=lfs merge=lfs -text\n")
		past(r, ".gitattributes")
		r.write("x.bin", lfsPointer)
		past(r, "x.bin")
		r.commit()
		r.write("y.bin", lfsPointer)
		r.git("add", "y.bin")
		past(r, "y.bin")
	}, pure: "filter=lfs", refuses: []Mode{Changed}},
	{name: "unchanged but touched", make: func(r *testRepo) {
		r.base()
		touch(r, "a.txt")
	}},
	{name: "GIT_INDEX_FILE", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "in the other index\n")
		data, err := os.ReadFile(r.path(".git/index"))
		r.must(err)
		r.must(os.WriteFile(r.path(".git/other"), data, 0o666))
		r.with("GIT_INDEX_FILE="+r.path(".git/other")).git("add", "a.txt")
	}, env: func(*testRepo) []string { return []string{"GIT_INDEX_FILE=.git/other"} }},
	{name: "GIT_DIR and GIT_WORK_TREE", make: func(r *testRepo) {
		r.base()
		r.must(os.Rename(r.path(".git"), r.dir+".git"))
		r.write("a.txt", "changed\n")
		r.env = append(r.env, "GIT_DIR=../repo.git", "GIT_WORK_TREE=.")
		r.git("add", "a.txt")
	}},
	{name: "core.worktree", make: func(r *testRepo) {
		r.base()
		r.git("config", "core.worktree", "..")
		r.write("a.txt", "changed\n")
	}},
	{name: "GIT_OBJECT_DIRECTORY", pure: "GIT_OBJECT_DIRECTORY", make: (*testRepo).base,
		env: func(r *testRepo) []string { return []string{"GIT_OBJECT_DIRECTORY=" + r.path(".git/objects")} }},
	{name: "replaced objects", pure: "replaces objects", make: func(r *testRepo) {
		r.base()
		r.write("a.txt", "second\n")
		r.commit()
		r.git("replace", "HEAD", "HEAD~1")
	}},
	{name: "included configuration", make: func(r *testRepo) {
		r.base()
		r.must(os.WriteFile(r.path(".git/more"), []byte("[core]\n\tfileMode = false\n"), 0o666))
		r.git("config", "include.path", "more")
		r.must(os.Chmod(r.path("a.txt"), 0o755))
	}},
	{name: "includeIf of a token", make: func(r *testRepo) {
		r.base()
		r.must(os.WriteFile(r.path(".git/token"), []byte("[http]\n\textraheader = x\n"), 0o666))
		r.git("config", "includeIf.gitdir:**.path", "token")
	}},
	{name: "includeIf of core", pure: "includeIf", make: func(r *testRepo) {
		r.base()
		r.must(os.WriteFile(r.path(".git/core"), []byte("[core]\n\tfileMode = false\n"), 0o666))
		r.git("config", "includeIf.gitdir:**.path", "core")
	}},
	{name: "user's diff settings", make: func(r *testRepo) {
		r.base()
		r.git("config", "diff.renames", "false")
		r.git("config", "diff.external", "/bin/false")
		r.git("config", "diff.noprefix", "true")
		r.git("config", "diff.relative", "true")
		r.git("config", "color.ui", "always")
		r.git("config", "core.pager", "false")
		r.git("mv", "gone.txt", "moved.txt")
		r.write("a.txt", "changed\n")
		r.git("config", "diff.renames", "true")
	}},
}

const lfsPointer = "version https://git-lfs.github.com/spec/v1\noid sha256:4d7a214614ab2935c943f9e0ff69d22eadbb8f32b1258daaa5e2ca24d17e2393\nsize 12345\n"

func oddNames() []string {
	names := []string{"new\nline", `quo"te`, "apo'strophe", "per%cent", "-dash", "--", "tab\there", "back\\slash", "uml\u00e4ut", " lead", "trail ", "*", "[x]", "#hash", "!bang"}
	if runtime.GOOS == "linux" {
		names = append(names, "raw\xff\xfe", "col:on", ":(top)x")
	}
	return names
}

func numbered(n int) string {
	var b strings.Builder
	for i := range n {
		b.WriteString(strings.Repeat(string(rune('a'+i%26)), i%30+5) + "\n")
	}
	return b.String()
}

func touch(r *testRepo, name string) {
	r.must(os.Chtimes(r.path(name), time.Unix(1e9, 0), time.Unix(1e9, 0)))
}

func past(r *testRepo, name string) { touch(r, name) }

func conflict(r *testRepo) {
	r.base()
	r.git("checkout", "-q", "-b", "side")
	r.write("a.txt", "side\n")
	r.commit()
	r.git("checkout", "-q", "main")
	r.write("a.txt", "main\n")
	r.write("dir/b.txt", "clean change\n")
	r.commit()
	if _, err := r.try("merge", "side"); err == nil {
		r.t.Fatal("no conflict")
	}
}

func ignores(r *testRepo) {
	r.write(".gitignore", "*.log\n/build/\n!important.log\nnode_modules\ndoc/**/draft\n\\#x\n*.tm[pq]\nemptydirs/*\ntrail\\ \n**/anywhere/x\na/**/z\n")
	r.write("dir/.gitignore", "!deep.log\n/only-here\nsub/*.c\n")
	r.write("build/tracked.o", "tracked though ignored\n")
	r.git("add", "-f", ".gitignore", "dir/.gitignore", "build/tracked.o")
	r.git("commit", "-q", "-m", "x")
	for _, name := range []string{
		"x.log", "important.log", "dir/x.log", "dir/deep.log", "dir/only-here", "only-here", "dir/sub/x.c", "sub/x.c",
		"build/other.o", "x/build/o", "node_modules/a/b.js", "dir/node_modules/c.js", "doc/a/b/draft", "doc/draft", "draft",
		"#x", "x.tmp", "x.tmq", "x.tmr", "emptydirs/x", "trail ", "trail", "q/anywhere/x", "anywhere/x", "a/z", "a/b/c/z",
		"new/.gitignore", "new/kept", "new/x.log", "lonely/x.log",
	} {
		r.write(name, "x\n")
	}
	r.write("new/.gitignore", "!x.log\nkept\n")
	r.must(os.MkdirAll(r.path("hollow/inner"), 0o777))
}

func TestConformance(t *testing.T) {
	for _, s := range shapes {
		t.Run(s.name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t, s.init...)
			s.make(r)
			if s.env != nil {
				r = r.with(s.env(r)...)
			}
			modes := []Mode{Changed, Staged, All}
			if s.base != "" {
				modes = append(modes, Range)
			}
			for _, mode := range modes {
				o := r.options(mode)
				if mode == Range {
					o.Base, o.Head = s.base, s.head
				}
				// The oracle comes last: `git diff` refreshes the index as it goes.
				answers := map[string]reply{}
				for _, o.Reader = range readers {
					answers[o.Reader] = ask(t, o)
				}
				want := r.oracle(mode, o.Base, o.Head)
				for _, o.Reader = range readers {
					s.check(t, o, answers[o.Reader], want)
				}
			}
		})
	}
}

var readers = []string{"git", "go-git"}

type reply struct {
	lines []string
	err   error
}

func ask(t *testing.T, o Options) reply {
	src, err := Open(t.Context(), o)
	if err != nil {
		return reply{err: err}
	}
	defer func() { _ = src.Close() }()
	lines, err := answerOf(t, src)
	if err == nil {
		samePaths(t, src)
	}
	return reply{lines, err}
}

// samePaths holds EachPath to Tree.
func samePaths(t *testing.T, src *Source) {
	t.Helper()
	type file struct {
		path string
		mode rule.Mode
	}
	var want, got []file
	ok, err := src.EachPath(t.Context(), func(path string, mode rule.Mode) { got = append(got, file{path, mode}) })
	if err != nil || ok != (src.opts.Mode == Staged) {
		t.Errorf("%s: paths: %v, %v", src.Name(), ok, err)
	}
	if !ok {
		return
	}
	tree, err := src.Tree(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range tree.Entries() {
		want = append(want, file{e.Path, e.Mode})
	}
	if !slices.Equal(got, want) {
		t.Errorf("%s: paths %v, want %v", src.Name(), got, want)
	}
}

// check holds one reader's answer to git's.
func (s *shape) check(t *testing.T, o Options, is reply, want []string) {
	t.Helper()
	name := modeNames[o.Mode] + " by " + o.Reader
	got, err := is.lines, is.err
	if o.Reader == "go-git" && s.pure != "" && s.refusesIn(o.Mode) {
		var no *UnsupportedError
		if !errors.As(err, &no) || !strings.Contains(err.Error(), s.pure) || !strings.Contains(err.Error(), "install git") {
			t.Errorf("%s: got error %v, want one about %q", name, err, s.pure)
		}
		return
	}
	if err != nil {
		t.Errorf("%s: %v", name, err)
		return
	}
	if want == nil {
		want = []string{}
	}
	if diff := cmp.Diff(want, got); diff != "" {
		t.Errorf("%s (-git +got):\n%s", name, diff)
	}
}

func (s *shape) refusesIn(m Mode) bool {
	if s.refuses == nil {
		return true
	}
	for _, r := range s.refuses {
		if r == m {
			return true
		}
	}
	return false
}
