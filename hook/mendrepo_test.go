package hook

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// TestActAsHook is no test: the hooks of the repositories below run it. It is
// the pre-commit hook with fixes on.
func TestActAsHook(t *testing.T) {
	if os.Getenv("SOT_TEST_HOOK") == "" {
		t.Skip("only run by a hook")
	}
	src, err := source.Open(t.Context(), source.Options{Mode: source.Staged})
	if err != nil {
		t.Fatal(err)
	}
	notes, err := src.Recover()
	for _, n := range notes {
		fmt.Println("recovered:", n)
	}
	if err != nil || os.Getenv("SOT_TEST_HOOK") == "recover" {
		fmt.Println("recover:", err)
		os.Exit(0)
	}
	rep, err := engine.Run(t.Context(), engine.Options{
		Source: source.Options{Mode: source.Staged}, Stage: "pre-commit", Fix: true, Mend: Mend, Workers: 2,
	})
	if err != nil {
		fmt.Println(err)
		os.Exit(2)
	}
	if err := report.Text(os.Stdout, rep, report.TextOptions{}); err != nil {
		t.Fatal(err)
	}
	os.Exit(rep.Run.ExitCode)
}

// mendRepo is a repository in a temporary folder, with the hook in place.
type mendRepo struct {
	t   testing.TB
	dir string
	env []string
	log *[]string // the commands, to repeat by hand
}

// rules are what the hook of a mendRepo checks and fixes.
const rules = "version: 1\nrules:\n  - use: trailing-whitespace\n  - use: end-of-file-fixer\n"

func newMendRepo(t testing.TB, initArgs ...string) *mendRepo {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not installed")
	}
	top, err := filepath.EvalSymlinks(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	r := &mendRepo{t: t, dir: filepath.Join(top, "repo"), log: new([]string)}
	r.env = []string{
		"HOME=" + top, "XDG_CONFIG_HOME=" + filepath.Join(top, "xdg"), "XDG_CACHE_HOME=" + filepath.Join(top, "cache"),
		"GIT_CONFIG_GLOBAL=/dev/null", "GIT_CONFIG_SYSTEM=/dev/null", "GIT_EDITOR=true",
		"GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.org", "GIT_AUTHOR_DATE=2024-01-01T00:00:00Z",
		"GIT_COMMITTER_NAME=c", "GIT_COMMITTER_EMAIL=c@example.org", "GIT_COMMITTER_DATE=2024-01-01T00:00:00Z",
	}
	for _, name := range []string{"PATH", "TMPDIR", "SYSTEMROOT", "GOCOVERDIR"} {
		if v := os.Getenv(name); v != "" {
			r.env = append(r.env, name+"="+v)
		}
	}
	r.must(os.Mkdir(r.dir, 0o777))
	r.git(append([]string{"init", "-q", "-b", "main"}, initArgs...)...)
	r.git("config", "core.hooksPath", filepath.Join(top, "hooks"))
	r.git("config", "gc.auto", "0")
	r.must(os.Mkdir(filepath.Join(top, "hooks"), 0o777))
	return r
}

// install puts the hook in place.
func (r *mendRepo) install() {
	r.t.Helper()
	exe, err := os.Executable()
	r.must(err)
	hook := "#!/bin/sh\n[ -z \"$PIDFILE\" ] || echo $$ >\"$PIDFILE\"\nSOT_TEST_HOOK=1 exec '" + exe + "' -test.run '^TestActAsHook$' -test.timeout 5m\n"
	r.writeHook(hook)
}

// writeHook writes the hook. Nobody starts a process meanwhile, which would hold the
// file open for a moment: git would find it busy (golang.org/issue/22315).
func (r *mendRepo) writeHook(text string) {
	r.t.Helper()
	syscall.ForkLock.RLock()
	defer syscall.ForkLock.RUnlock()
	r.must(os.WriteFile(filepath.Join(filepath.Dir(r.dir), "hooks", "pre-commit"), []byte(text), 0o777))
}

func (r *mendRepo) must(err error) {
	r.t.Helper()
	if err != nil {
		r.t.Fatal(err)
	}
}

func (r *mendRepo) command(args ...string) *exec.Cmd {
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	return cmd
}

func (r *mendRepo) try(args ...string) (string, error) {
	if len(args) > 0 && !slices.Contains([]string{"ls-files", "cat-file", "rev-parse", "status", "ls-tree"}, args[0]) {
		*r.log = append(*r.log, fmt.Sprintf("git %q", args))
	}
	out, err := r.command(args...).CombinedOutput()
	return string(out), err
}

func (r *mendRepo) git(args ...string) string {
	r.t.Helper()
	out, err := r.try(args...)
	if err != nil {
		r.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return out
}

// blob returns what an object name such as ":path" or "HEAD:path" holds.
func (r *mendRepo) blob(name string) string {
	r.t.Helper()
	out, err := r.command("cat-file", "blob", name).Output()
	if err != nil {
		r.t.Fatalf("git cat-file blob %q: %v", name, err)
	}
	return string(out)
}

func (r *mendRepo) path(name string) string { return filepath.Join(r.dir, name) }

func (r *mendRepo) write(name, data string) {
	r.t.Helper()
	r.must(os.MkdirAll(filepath.Dir(r.path(name)), 0o777))
	*r.log = append(*r.log, fmt.Sprintf("write %q %q", name, data))
	r.must(os.WriteFile(r.path(name), []byte(data), 0o666))
}

func (r *mendRepo) read(name string) string {
	r.t.Helper()
	data, err := os.ReadFile(r.path(name))
	r.must(err)
	return string(data)
}

// wantFile fails unless a worktree file holds data.
func (r *mendRepo) wantFile(name, data string) {
	r.t.Helper()
	if got := r.read(name); got != data {
		r.t.Errorf("%s holds %q, want %q", name, got, data)
	}
}

func (r *mendRepo) wantBlob(name, data string) {
	r.t.Helper()
	if got := r.blob(name); got != data {
		r.t.Errorf("%s is %q, want %q", name, got, data)
	}
}

// index returns the index's entries by path: mode, id, stage.
func (r *mendRepo) index() map[string]string {
	r.t.Helper()
	out, err := r.command("ls-files", "-s", "-z").Output()
	r.must(err)
	return byPath(string(out))
}

func byPath(out string) map[string]string {
	list := map[string]string{}
	for _, line := range strings.Split(out, "\x00") {
		if meta, path, ok := strings.Cut(line, "\t"); ok {
			list[path] += meta
		}
	}
	return list
}

// tree returns HEAD's entries by path.
func (r *mendRepo) tree() map[string]string {
	r.t.Helper()
	out, err := r.command("ls-tree", "-r", "-z", "HEAD").Output()
	r.must(err)
	return byPath(string(out))
}

// worktree returns what lies in the worktree, by path: type, permissions and
// content.
func (r *mendRepo) worktree() map[string]string {
	r.t.Helper()
	list := map[string]string{}
	r.must(filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err != nil {
			return err
		}
		rel, _ := filepath.Rel(r.dir, path)
		if rel == ".git" {
			if d.IsDir() {
				return filepath.SkipDir
			}
			return nil
		}
		info, err := d.Info()
		if err != nil || d.IsDir() {
			return err
		}
		data := ""
		if info.Mode().Type() == fs.ModeSymlink {
			data, err = os.Readlink(path)
		} else {
			var b []byte
			b, err = os.ReadFile(path)
			data = string(b)
		}
		list[rel] = fmt.Sprintf("%v %s", info.Mode(), data)
		return err
	}))
	return list
}

// gitDir returns the worktree's git directory.
func (r *mendRepo) gitDir() string {
	out, err := r.command("rev-parse", "--absolute-git-dir").Output()
	r.must(err)
	return strings.TrimSuffix(string(out), "\n")
}

// neverHeld says whether a staging's file is of one that was killed before it
// had the lock: nothing else lies there, and Recover gives it a minute.
func neverHeld(file string) bool {
	info, err := os.Stat(file)
	return err == nil && info.Size() == 0 && filepath.Base(file) == "alive"
}

// leftovers returns locks and traces of stagings.
func (r *mendRepo) leftovers() []string {
	r.t.Helper()
	var list []string
	for _, pattern := range []string{"*.lock", "*/mend-*/alive"} {
		found, err := filepath.Glob(filepath.Join(r.gitDir(), pattern))
		r.must(err)
		list = append(list, slices.DeleteFunc(found, neverHeld)...)
	}
	r.must(filepath.WalkDir(r.dir, func(path string, d fs.DirEntry, err error) error {
		if err == nil && strings.HasPrefix(d.Name(), ".sot-") {
			list = append(list, path)
		}
		return err
	}))
	return list
}

// copyTo makes a copy of the repository that nothing is shared with.
func (r *mendRepo) copyTo(name string) *mendRepo {
	r.t.Helper()
	c := *r
	c.dir, c.log = filepath.Join(filepath.Dir(r.dir), name), new([]string)
	out, err := exec.Command("cp", "-a", r.dir, c.dir).CombinedOutput()
	if err != nil {
		r.t.Fatalf("cp: %v\n%s", err, out)
	}
	return &c
}

// lf is what the rules above make of a blob; binary ones are not looked at.
func fixedText(data string) string {
	if strings.Contains(data, "\x00") || data == "" {
		return data
	}
	var b strings.Builder
	for line := range bytes.Lines([]byte(data)) {
		body := bytes.TrimRight(line, "\r\n")
		end := line[len(body):]
		b.Write(bytes.TrimRight(body, " \t"))
		b.Write(end)
	}
	text := strings.TrimRight(b.String(), "\r\n")
	switch rest := b.String()[len(text):]; {
	case text == "":
		return ""
	case strings.HasPrefix(rest, "\r\n"):
		return text + "\r\n"
	case strings.HasPrefix(rest, "\r"), strings.HasPrefix(rest, "\n"):
		return text + rest[:1]
	}
	return text + "\n"
}

func exitOf(err error) int {
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return exit.ExitCode()
	}
	if err != nil {
		return -1
	}
	return 0
}
