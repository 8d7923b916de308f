package hook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const halfBase = "one\ntwo\nthree\nfour\nfive\nsix\n"

// half makes a repository with a.txt half staged: a line that is to be fixed is
// staged, and another edit is not.
func half(t *testing.T, initArgs ...string) *mendRepo {
	r := newMendRepo(t, initArgs...)
	r.write("sot.yaml", rules)
	r.write("a.txt", halfBase)
	r.write("b.txt", "bee\n")
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "base")
	r.install()
	r.write("a.txt", "one  \ntwo\nthree\nfour\nfive\nsix\n")
	r.git("add", "a.txt")
	r.write("a.txt", "one  \ntwo\nthree\nfour\nUNSTAGED  \nsix\n")
	return r
}

// However a commit is made, it holds the fixed text, and what was not staged
// stays as it is.
func TestFixUnderEachCommit(t *testing.T) {
	const fixed, worktree = "one\ntwo\nthree\nfour\nfive\nsix\n", "one\ntwo\nthree\nfour\nUNSTAGED  \nsix\n"
	const untouched = "one  \ntwo\nthree\nfour\nUNSTAGED  \nsix\n"
	for _, c := range []struct {
		args           string
		head, now      string
		staged, says   string
		fails, amended bool
	}{
		{args: "commit -m x", head: fixed, now: worktree, staged: fixed},
		{args: "commit --amend -m x", head: fixed, now: worktree, staged: fixed},
		{args: "commit -a -m x", head: "one\ntwo\nthree\nfour\nUNSTAGED\nsix\n", now: "one\ntwo\nthree\nfour\nUNSTAGED\nsix\n", staged: "one\ntwo\nthree\nfour\nUNSTAGED\nsix\n"},
		{args: "commit -i b.txt -m x", head: fixed, now: worktree, staged: fixed},
		{args: "commit -o a.txt -m x", fails: true, now: untouched, staged: "one  \ntwo\nthree\nfour\nfive\nsix\n", says: "nothing was fixed: `git commit --only`"},
		{args: "commit a.txt -m x", fails: true, now: untouched, staged: "one  \ntwo\nthree\nfour\nfive\nsix\n", says: "nothing was fixed"},
	} {
		t.Run(c.args, func(t *testing.T) {
			t.Parallel()
			r := half(t)
			if c.head == fixed {
				r.write("b.txt", "bees  \n") // something to commit beside what is fixed to nothing
				r.git("add", "b.txt")
			}
			out, err := r.try(strings.Fields(c.args)...)
			if (err != nil) != c.fails || !strings.Contains(out, c.says) {
				t.Fatalf("%v\n%s", err, out)
			}
			r.wantFile("a.txt", c.now)
			r.wantBlob(":a.txt", c.staged)
			if !c.fails {
				r.wantBlob("HEAD:a.txt", c.head)
			}
			if left := r.leftovers(); left != nil {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Kinds of repositories.
func TestFixInEachRepository(t *testing.T) {
	for _, c := range []struct {
		name string
		init []string
		make func(r *mendRepo)
	}{
		{"sha256", []string{"--object-format=sha256"}, func(*mendRepo) {}},
		{"split index", nil, func(r *mendRepo) { r.git("update-index", "--split-index") }},
		{"index version 4", nil, func(r *mendRepo) { r.git("update-index", "--index-version", "4") }},
		{"untracked cache", nil, func(r *mendRepo) { r.git("update-index", "--force-untracked-cache") }},
		{"linked worktree", nil, func(r *mendRepo) {
			r.git("worktree", "add", "-q", "--detach", r.dir+"2")
			r.dir += "2"
			r.write("a.txt", "one  \ntwo\nthree\nfour\nfive\nsix\n")
			r.git("add", "a.txt")
			r.write("a.txt", "one  \ntwo\nthree\nfour\nUNSTAGED  \nsix\n")
		}},
		{"sparse index", nil, func(r *mendRepo) {
			r.write("far/away/c.txt", "sea\n")
			r.git("add", "far")
			r.git("commit", "-q", "--no-verify", "-m", "far", "far")
			r.git("sparse-checkout", "set", "--cone", "--sparse-index", "near")
		}},
		{"git dir elsewhere", nil, func(r *mendRepo) {
			r.must(os.Rename(r.path(".git"), r.dir+".git"))
			r.must(os.WriteFile(r.path(".git"), []byte("gitdir: "+r.dir+".git\n"), 0o666))
		}},
		{"in a subfolder", nil, func(r *mendRepo) { r.write("sub/x", "x\n"); r.env = append(r.env, "SUB=1") }},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := half(t, c.init...)
			c.make(r)
			r.write("b.txt", "bees  \n")
			r.git("add", "b.txt")
			args := []string{"commit", "-q", "-m", "x"}
			if c.name == "in a subfolder" {
				args = append([]string{"-C", "sub"}, args...)
			}
			if out, err := r.try(args...); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			r.wantFile("a.txt", "one\ntwo\nthree\nfour\nUNSTAGED  \nsix\n")
			r.wantFile("b.txt", "bees\n")
			r.wantBlob("HEAD:a.txt", halfBase)
			r.wantBlob(":b.txt", "bees\n")
			if out := r.git("status", "--porcelain"); !strings.Contains(out, " M a.txt") || strings.Contains(out, "b.txt") {
				t.Errorf("status: %s", out)
			}
			if left := r.leftovers(); left != nil {
				t.Errorf("left: %q", left)
			}
			r.git("fsck", "--strict")
		})
	}
}

// What is not fixed is not touched at all, and says why.
func TestFixRefuses(t *testing.T) {
	for _, c := range []struct {
		name string
		make func(r *mendRepo)
		says string
	}{
		{"touching", func(r *mendRepo) { r.write("a.txt", "one  \nTWO\nthree\nfour\nfive\nsix\n") }, "unstaged edits are in the way, at line 2 of"},
		{"overlapping", func(r *mendRepo) { r.write("a.txt", "ONE\ntwo\nthree\nfour\nfive\nsix\n") }, "at line 1 of"},
		{"replaced by a link", func(r *mendRepo) {
			r.must(os.Remove(r.path("a.txt")))
			r.must(os.Symlink("b.txt", r.path("a.txt")))
		}, "is a symbolic link"},
		{"its folder replaced by a link", func(r *mendRepo) {
			r.write("d/a.txt", "one  \n")
			r.git("add", "d")
			r.must(os.Rename(r.path("d"), r.path("e")))
			r.must(os.Symlink("e", r.path("d")))
			r.git("reset", "-q", "--", "a.txt")
		}, "not fixed: a symbolic link stands in the way to its worktree file"},
		{"assumed unchanged", func(r *mendRepo) { r.git("update-index", "--assume-unchanged", "a.txt") }, "assume-unchanged"},
		{"a filter", func(r *mendRepo) {
			r.git("config", "filter.f.clean", "cat")
			r.git("config", "filter.f.smudge", "cat")
			r.write(".gitattributes", "a.txt filter=f\n")
		}, "a filter"},
		{"an index of its own", func(r *mendRepo) {
			r.git("update-index", "-q", "--refresh")
			r.must(os.Link(r.path(".git/index"), r.path("../other")))
			r.env = append(r.env, "GIT_INDEX_FILE="+r.path("../other"))
		}, "GIT_INDEX_FILE names an index of its own"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := half(t)
			c.make(r)
			before, index := r.worktree(), r.index()["a.txt"]
			out, err := r.try("commit", "-m", "x")
			if err == nil || !strings.Contains(out, c.says) || !strings.Contains(out, "1:4 ") || strings.Contains(out, "UNSTAGED") {
				t.Errorf("%v, want %q\n%s", err, c.says, out)
			}
			if after := r.worktree(); after["a.txt"] != before["a.txt"] || r.index()["a.txt"] != index {
				t.Errorf("a.txt was touched: %q", after["a.txt"])
			}
			if left := r.leftovers(); left != nil {
				t.Errorf("left: %q", left)
			}
		})
	}
}

// Git converts on the way to the worktree; like is merged with like.
func TestFixThroughConversions(t *testing.T) {
	for _, c := range []struct{ name, attributes, config string }{
		{"eol=crlf", "* text eol=crlf\n", ""},
		{"autocrlf", "", "core.autocrlf=true"},
		{"text=auto", "* text=auto\n", ""},
		{"encoding", "a* text working-tree-encoding=UTF-16LE eol=lf\n", ""},
		{"ident", "* ident\n", ""},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			r := newMendRepo(t)
			if k, v, ok := strings.Cut(c.config, "="); ok {
				r.git("config", k, v)
			}
			r.write("sot.yaml", rules)
			r.write(".gitattributes", c.attributes)
			r.git("add", "-A")
			r.git("commit", "-q", "-m", "base")
			r.install()
			// The blobs, as git would check them out; one file's name fits on no line.
			names := []string{"a.txt", "a new\nline "}
			for _, name := range names {
				r.stage(name, "$Id$ one  \ntwo\nthree\nfour\n")
				r.checkOut(name)
			}
			clean := r.read(names[0])
			edit := strings.Replace(clean, "four", "FOUR  ", 1)
			if c.name == "encoding" {
				edit = strings.Replace(clean, "f\x00o\x00", "F\x00O\x00", 1)
			}
			r.write(names[0], edit)
			out, err := r.try("commit", "-q", "-m", "x")
			if err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			want := strings.NewReplacer("one  ", "one", "e\x00 \x00 \x00", "e\x00").Replace
			for i, name := range names {
				r.wantBlob("HEAD:"+name, "$Id$ one\ntwo\nthree\nfour\n")
				got := r.read(name)
				wanted := want([]string{edit, clean}[i])
				if c.name == "ident" {
					id := strings.TrimSpace(r.git("rev-parse", "HEAD:"+name))
					wanted = "$Id: " + id + " $" + wanted[strings.Index(wanted, " $")+2:]
				}
				if got != wanted {
					t.Errorf("%q holds %q, want %q", name, got, wanted)
				}
			}
			if out := r.git("status", "--porcelain"); out != " M a.txt\n" {
				t.Errorf("status: %q", out)
			}
		})
	}
}

// stage puts a blob into the index without any conversion.
func (r *mendRepo) stage(name, data string) {
	r.t.Helper()
	cmd := r.command("hash-object", "-w", "--stdin")
	cmd.Stdin = strings.NewReader(data)
	id, err := cmd.Output()
	r.must(err)
	cmd = r.command("update-index", "-z", "--index-info")
	cmd.Stdin = strings.NewReader("100644 " + strings.TrimSpace(string(id)) + "\t" + name + "\x00")
	r.must(cmd.Run())
}

func (r *mendRepo) checkOut(name string) {
	r.t.Helper()
	r.git("--literal-pathspecs", "checkout", "-q", "-f", "--", name)
}

// States that are no plain edit of a file that is there.
func TestFixOddStates(t *testing.T) {
	r := newMendRepo(t)
	r.write("sot.yaml", rules)
	r.write("old", "same\nlines\nof\na\nrenamed\nfile  \n")
	r.write("run", "#!/bin/sh\n")
	r.git("add", "-A")
	r.git("commit", "-q", "-m", "base")
	r.install()
	r.git("mv", "old", "new name")
	r.write("deleted", "text  \n")
	r.write("new\n\"quoted\" \xff", "new  \nand\nhalf\n")
	r.must(os.Chmod(r.path("run"), 0o777))
	r.write("run", "#!/bin/sh  \n")
	r.git("add", "-A")
	r.must(os.Chmod(r.path("run"), 0o640))
	r.must(os.Remove(r.path("deleted")))
	r.write("new\n\"quoted\" \xff", "new  \nand\nhalf  \n")
	r.write("intent", "only meant  \n")
	r.git("add", "-N", "intent")
	if out, err := r.try("commit", "-q", "-m", "x"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.wantBlob("HEAD:new name", "same\nlines\nof\na\nrenamed\nfile\n")
	r.wantFile("new name", "same\nlines\nof\na\nrenamed\nfile\n")
	r.wantBlob("HEAD:deleted", "text\n")
	if _, err := os.Lstat(r.path("deleted")); err == nil {
		t.Error("a deleted file came back")
	}
	r.wantBlob("HEAD:new\n\"quoted\" \xff", "new\nand\nhalf\n")
	r.wantFile("new\n\"quoted\" \xff", "new\nand\nhalf  \n")
	r.wantFile("intent", "only meant  \n")
	if got := r.tree()["run"]; !strings.HasPrefix(got, "100755 ") {
		t.Errorf("run is %s", got)
	}
	if info, err := os.Stat(r.path("run")); err != nil || info.Mode().Perm() != 0o640 {
		t.Errorf("run became %v", info.Mode())
	}
	if _, there := r.tree()["intent"]; there || !strings.Contains(r.git("status", "--porcelain"), " A intent") {
		t.Error("an intent to add was lost")
	}
}

// A lock that another process holds leaves all as it is, with its name.
func TestFixUnderForeignLock(t *testing.T) {
	r := half(t)
	r.writeHook(strings.Replace(r.hook(), "SOT_TEST_HOOK", ": >.git/index.lock\nSOT_TEST_HOOK", 1))
	before := r.read("a.txt")
	out, err := r.try("commit", "-m", "x")
	if err == nil || !strings.Contains(out, "another process holds "+r.path(".git/index.lock")) {
		t.Errorf("%v\n%s", err, out)
	}
	r.wantFile("a.txt", before)
	if _, err := os.Stat(r.path(".git/index.lock")); err != nil {
		t.Error("a foreign lock was removed")
	}
}

func (r *mendRepo) hook() string {
	data, err := os.ReadFile(filepath.Join(filepath.Dir(r.dir), "hooks", "pre-commit"))
	r.must(err)
	return string(data)
}

// A merge whose conflict was resolved, and a rebase that stopped, commit like
// any other.
func TestFixInMergeAndRebase(t *testing.T) {
	for _, how := range []string{"merge", "rebase", "cherry-pick"} {
		t.Run(how, func(t *testing.T) {
			t.Parallel()
			r := newMendRepo(t)
			r.write("sot.yaml", rules)
			r.write("a.txt", halfBase)
			r.git("add", "-A")
			r.git("commit", "-q", "-m", "base")
			r.git("checkout", "-q", "-b", "side")
			r.write("a.txt", strings.Replace(halfBase, "two", "side", 1))
			r.git("commit", "-q", "-a", "-m", "side")
			r.git("checkout", "-q", "main")
			r.write("a.txt", strings.Replace(halfBase, "two", "main", 1))
			r.git("commit", "-q", "-a", "-m", "main")
			if out, err := r.try(how, "side"); err == nil {
				t.Fatalf("no conflict: %s", out)
			}
			r.install()
			r.write("a.txt", strings.Replace(halfBase, "two", "both  ", 1))
			r.git("add", "a.txt")
			r.write("a.txt", strings.Replace(halfBase, "two", "both  ", 1)+"unstaged  \n")
			if out, err := r.try("commit", "-q", "-m", "x"); err != nil {
				t.Fatalf("%v\n%s", err, out)
			}
			r.wantBlob("HEAD:a.txt", strings.Replace(halfBase, "two", "both", 1))
			r.wantFile("a.txt", strings.Replace(halfBase, "two", "both", 1)+"unstaged  \n")
		})
	}
}

// Submodules and links are listed, and never touched.
func TestFixLeavesLinksAndSubmodules(t *testing.T) {
	r := half(t)
	r.git("-c", "protocol.file.allow=always", "init", "-q", "sub")
	r.git("-C", "sub", "commit", "-q", "--no-verify", "--allow-empty", "-m", "x")
	r.must(os.Symlink("a.txt  ", r.path("link")))
	r.git("-c", "advice.addEmbeddedRepo=false", "add", "sub", "link")
	before := r.index()
	if out, err := r.try("commit", "-q", "-m", "x"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, name := range []string{"sub", "link"} {
		if got := r.index()[name]; got != before[name] || got == "" {
			t.Errorf("%s: %q, was %q", name, got, before[name])
		}
	}
	r.wantBlob("HEAD:a.txt", halfBase)
}

// The first commit has nothing to compare with, and one made by `commit -p`
// stages while it runs.
func TestFixFirstAndPatch(t *testing.T) {
	r := newMendRepo(t)
	r.write("sot.yaml", rules)
	r.write("a.txt", halfBase+"seven  \n")
	r.git("add", "-A")
	r.install()
	if out, err := r.try("commit", "-q", "-m", "first"); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.wantBlob("HEAD:a.txt", halfBase+"seven\n")
	r.wantFile("a.txt", halfBase+"seven\n")
	far := strings.Repeat("between\n", 20)
	r.write("a.txt", halfBase+far+"last\n")
	r.git("add", "a.txt")
	r.git("commit", "-q", "--no-verify", "-m", "far")
	r.write("a.txt", "new  \n"+halfBase+far+"last  \n")
	cmd := r.command("commit", "-q", "-p", "-m", "patch")
	cmd.Stdin = strings.NewReader("y\nn\n")
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r.wantBlob("HEAD:a.txt", "new\n"+halfBase+far+"last\n")
	r.wantFile("a.txt", "new\n"+halfBase+far+"last  \n")
}
