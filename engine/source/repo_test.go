package source

import (
	"bytes"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"syscall"
	"testing"
	"testing/fstest"
)

// testRepo is a repository in a temporary folder, with git cut off from the
// machine's configuration.
type testRepo struct {
	t   testing.TB
	dir string
	env []string
}

func isolated(t testing.TB) []string {
	home := t.TempDir()
	// Each commit would start git once more to look whether there is work to do.
	quiet := "[maintenance]\n\tauto = false\n[gc]\n\tauto = 0\n[core]\n\tfsync = none\n"
	if err := os.WriteFile(filepath.Join(home, "config"), []byte(quiet), 0o666); err != nil {
		t.Fatal(err)
	}
	env := []string{
		"HOME=" + home, "XDG_CONFIG_HOME=" + filepath.Join(home, "xdg"),
		"GIT_CONFIG_GLOBAL=" + filepath.Join(home, "config"), "GIT_CONFIG_SYSTEM=/dev/null",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_AUTHOR_DATE=2024-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.org", "GIT_COMMITTER_DATE=2024-01-01T00:00:00Z",
	}
	for _, name := range []string{"PATH", "TMPDIR", "SYSTEMROOT"} {
		if v := os.Getenv(name); v != "" {
			env = append(env, name+"="+v)
		}
	}
	return env
}

// newRepo makes an empty repository; tests that need git are skipped without it.
func newRepo(t testing.TB, initArgs ...string) *testRepo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	dir, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &testRepo{t: t, dir: filepath.Join(dir, "repo"), env: isolated(t)}
	if err := os.Mkdir(r.dir, 0o777); err != nil {
		t.Fatal(err)
	}
	if len(initArgs) == 0 {
		r.must(os.CopyFS(r.path(".git"), emptyRepo()))
		return r
	}
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	return r
}

// emptyRepo is what `git init` makes, kept in memory: most tests start from it,
// and writing it costs a tenth of starting git.
var emptyRepo = sync.OnceValue(func() fs.FS {
	dir, err := os.MkdirTemp("", "sot-test-")
	if err != nil {
		panic(err)
	}
	defer func() { _ = os.RemoveAll(dir) }()
	cmd := exec.Command("git", "init", "-q", "-b", "main", "--template=", dir)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull)
	if out, err := cmd.CombinedOutput(); err != nil {
		panic(fmt.Sprintf("git init: %v\n%s", err, out))
	}
	all := fstest.MapFS{"info": &fstest.MapFile{Mode: fs.ModeDir | 0o777}}
	git := os.DirFS(filepath.Join(dir, ".git"))
	err = fs.WalkDir(git, ".", func(name string, d fs.DirEntry, err error) error {
		if err != nil || name == "." {
			return err
		}
		file := &fstest.MapFile{Mode: d.Type() | 0o777}
		if !d.IsDir() {
			file.Mode = 0o666
			file.Data, err = fs.ReadFile(git, name)
		}
		all[name] = file
		return err
	})
	if err != nil {
		panic(err)
	}
	return all
})

func (r *testRepo) with(kv ...string) *testRepo {
	c := *r
	c.env = append(slices.Clone(r.env), kv...)
	return &c
}

func (r *testRepo) try(args ...string) (string, error) {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	var out, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &stderr
	err := cmd.Run()
	if err != nil {
		return out.String() + stderr.String(), err
	}
	return out.String(), nil
}

func (r *testRepo) git(args ...string) string {
	r.t.Helper()
	out, err := r.try(args...)
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return out
}

func (r *testRepo) path(name string) string { return filepath.Join(r.dir, name) }

func (r *testRepo) write(name, data string) {
	r.t.Helper()
	r.must(os.MkdirAll(filepath.Dir(r.path(name)), 0o777))
	// It may be a hook: nobody starts a process meanwhile, which would hold the file
	// open for a moment, so that git found it busy (golang.org/issue/22315).
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	r.must(os.WriteFile(r.path(name), []byte(data), 0o666))
}

func (r *testRepo) link(name, target string) {
	r.t.Helper()
	r.must(os.MkdirAll(filepath.Dir(r.path(name)), 0o777))
	r.must(os.Symlink(target, r.path(name)))
}

func (r *testRepo) remove(name string) {
	r.t.Helper()
	r.must(os.RemoveAll(r.path(name)))
}

func (r *testRepo) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

// commit adds and commits everything.
func (r *testRepo) commit() {
	r.t.Helper()
	r.git("add", "-A")
	r.git("commit", "-q", "--allow-empty", "-m", "x")
}

// base commits a few files that most shapes start from.
func (r *testRepo) base() {
	r.t.Helper()
	r.write("a.txt", "one\ntwo\nthree\nfour\nfive\n")
	r.write("dir/b.txt", "bee\n")
	r.write("dir/sub/c.txt", "sea\n")
	r.write("gone.txt", "going\n")
	r.commit()
}

// options open the repository as a test does: isolated from the machine.
func (r *testRepo) options(mode Mode) Options { return Options{Dir: r.dir, Mode: mode, Env: r.env} }

func (r *testRepo) open(o Options) *Source {
	r.t.Helper()
	s, err := Open(r.t.Context(), o)
	if err != nil {
		r.t.Fatal(err)
	}
	r.t.Cleanup(func() { _ = s.Close() })
	return s
}

// lines returns the non-empty records of a NUL-separated output.
func records(out string) []string {
	return slices.DeleteFunc(strings.Split(out, "\x00"), func(s string) bool { return s == "" })
}
