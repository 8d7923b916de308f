package main

import (
	"bytes"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
)

// The frameworks that run .pre-commit-hooks.yaml, by their programs. A variable
// names another one: PRE_COMMIT_BIN, PREK_BIN.
var frameworks = []struct{ name, variable string }{{"pre-commit", "PRE_COMMIT_BIN"}, {"prek", "PREK_BIN"}}

// frameworkRepo is a repository whose hooks a framework runs.
type frameworkRepo struct {
	t         *testing.T
	bin       string
	dir       string
	env       []string
	framework string
}

func (r *frameworkRepo) run(name string, args ...string) (string, error) {
	cmd := exec.Command(name, args...)
	cmd.Dir, cmd.Env = r.dir, r.env
	var out bytes.Buffer
	cmd.Stdout, cmd.Stderr = &out, &out
	err := cmd.Run()
	return out.String(), err
}

func (r *frameworkRepo) must(name string, args ...string) string {
	r.t.Helper()
	out, err := r.run(name, args...)
	if err != nil {
		r.t.Fatalf("%s %q: %v\n%s", name, args, err, out)
	}
	return out
}

// stopped runs what must fail, and say all of these.
func (r *frameworkRepo) stopped(says []string, name string, args ...string) {
	r.t.Helper()
	out, err := r.run(name, args...)
	if err == nil {
		r.t.Errorf("%s: %s %q passed:\n%s", r.framework, name, args, out)
	}
	for _, s := range says {
		if !strings.Contains(out, s) {
			r.t.Errorf("%s: %s %q does not say %q:\n%s", r.framework, name, args, s, out)
		}
	}
}

// passes runs what must pass, and say all of these.
func (r *frameworkRepo) passes(says []string, name string, args ...string) {
	r.t.Helper()
	out := r.must(name, args...)
	for _, s := range says {
		if !strings.Contains(out, s) {
			r.t.Errorf("%s: %s %q does not say %q:\n%s", r.framework, name, args, s, out)
		}
	}
}

func (r *frameworkRepo) write(name, text string) {
	r.t.Helper()
	write(r.t, filepath.Join(r.dir, name), text)
}

// Real frameworks run the hooks of .pre-commit-hooks.yaml, from a local clone.
func TestFrameworks(t *testing.T) {
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			t.Parallel()
			bin := os.Getenv(f.variable)
			if bin == "" {
				bin = f.name
			}
			if _, err := exec.LookPath(bin); err != nil {
				t.Skipf("%s is not installed (%s names it elsewhere)", bin, f.variable)
			}
			r := &frameworkRepo{t: t, bin: bin, framework: f.name, dir: t.TempDir()}
			r.env = isolatedEnv(t)
			source, rev := cloneOfThis(r, f.name == "pre-commit" && isOld(r))
			r.must("git", "init", "-q", "-b", "main")
			r.write(".pre-commit-config.yaml", "repos:\n  - repo: "+source+"\n    rev: "+rev+"\n    hooks:\n"+
				"      - { id: sot-system, verbose: true }\n      - { id: sot-commit-msg-system, verbose: true }\n")
			r.write("sot.yaml", "version: 1\nrules:\n  - use: trailing-whitespace\n  - id: subject\n    message: { conventional: true }\n"+
				"  - id: layout\n    structure: { require: [needed.txt] }\n")
			r.must(r.bin, "install", "--hook-type", "pre-commit", "--hook-type", "commit-msg", "--hook-type", "pre-push")
			testCommits(r)
			testRuns(r)
			testPushes(r)
			testDeclared(r)
			if testing.Short() {
				return
			}
			r.must("git", "checkout", "-qf", "main")
			r.write(".pre-commit-config.yaml", "repos:\n  - repo: "+source+"\n    rev: "+rev+"\n    hooks: [{ id: sot }]\n")
			r.must("git", "add", ".pre-commit-config.yaml")
			r.must("git", "commit", "-q", "--no-verify", "-m", "built from source")
			r.stopped([]string{"slipped.txt", "trailing white space"}, r.bin, "run", "--all-files")
		})
	}
}

// isolatedEnv is the environment without the machine's configuration, and
// without the network: Go's modules are those that this build used.
func isolatedEnv(t *testing.T) []string {
	goEnv := func(name string) string {
		out, err := exec.Command("go", "env", name).Output()
		if err != nil {
			t.Skip("go is not installed")
		}
		return name + "=" + strings.TrimSpace(string(out))
	}
	home := t.TempDir()
	return append(os.Environ(), goEnv("GOMODCACHE"), goEnv("GOCACHE"), "GOPROXY=off", "GOFLAGS=-mod=mod", "GOTOOLCHAIN=local",
		"HOME="+home, "PRE_COMMIT_HOME="+filepath.Join(home, "pre-commit"), "PREK_HOME="+filepath.Join(home, "prek"),
		"GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_SYSTEM="+os.DevNull, "GIT_EDITOR=true", "CI=", "SKIP=", "SOT_SKIP=",
		"GIT_AUTHOR_NAME=A", "GIT_AUTHOR_EMAIL=a@example.com", "GIT_COMMITTER_NAME=A", "GIT_COMMITTER_EMAIL=a@example.com")
}

// isOld says whether a pre-commit is older than 3.2, which named the stages
// commit and push.
func isOld(r *frameworkRepo) bool {
	v := strings.Fields(r.must(r.bin, "--version"))
	n := strings.SplitN(v[len(v)-1], ".", 3)
	return n[0] < "3" && len(n[0]) == 1 || n[0] == "3" && (n[1] == "0" || n[1] == "1")
}

// cloneOfThis makes a repository of this source tree as it is now, and returns
// its path and commit. Old has the manifest speak the old names of stages.
func cloneOfThis(r *frameworkRepo, old bool) (dir, rev string) {
	r.t.Helper()
	top, err := filepath.Abs("../..")
	if err != nil {
		r.t.Fatal(err)
	}
	dir = filepath.Join(r.t.TempDir(), "sot")
	err = filepath.WalkDir(top, func(path string, d fs.DirEntry, err error) error {
		rel, _ := filepath.Rel(top, path)
		switch {
		case err != nil:
			return err
		case d.IsDir() && (d.Name() == ".git" || d.Name() == "bin" || d.Name() == "testdata" && filepath.ToSlash(rel) != "engine/bench/testdata"): // which is embedded
			return filepath.SkipDir
		case d.IsDir():
			return os.MkdirAll(filepath.Join(dir, rel), 0o755)
		case !d.Type().IsRegular() || d.Name() == ".git":
			return nil
		}
		data, err := os.ReadFile(path)
		if old && rel == ".pre-commit-hooks.yaml" {
			data = bytes.ReplaceAll(data, []byte("[pre-commit, pre-push, manual]"), []byte("[commit, push, manual]"))
			data = bytes.ReplaceAll(data, []byte("minimum_pre_commit_version: 3.2.0"), []byte("minimum_pre_commit_version: 2.0.0"))
		}
		if err != nil {
			return err
		}
		return os.WriteFile(filepath.Join(dir, rel), data, 0o644)
	})
	if err != nil {
		r.t.Fatal(err)
	}
	r.must("git", "-C", dir, "init", "-q")
	r.must("git", "-C", dir, "add", "-A")
	r.must("git", "-C", dir, "commit", "-q", "-m", "sot")
	return filepath.ToSlash(dir), strings.TrimSpace(r.must("git", "-C", dir, "rev-parse", "HEAD"))
}

// testCommits: what is staged is judged, whatever the worktree holds, and the message.
func testCommits(r *frameworkRepo) {
	r.t.Helper()
	r.write("a.txt", "bad  \n")
	r.write("needed.txt", "good\n")
	r.must("git", "add", ".")
	r.write("a.txt", "good by now\n")
	r.stopped([]string{"a.txt", "1:4", "trailing white space"}, "git", "commit", "-qm", "feat: x")
	if data, err := os.ReadFile(filepath.Join(r.dir, "a.txt")); err != nil || string(data) != "good by now\n" {
		r.t.Errorf("the worktree holds %q, %v", data, err)
	}
	r.must("git", "add", ".")
	r.write("a.txt", "bad again  \n")
	r.stopped([]string{"COMMIT_EDITMSG", "the subject is not conventional"}, "git", "commit", "-qm", "no type")
	r.passes([]string{"clean"}, "git", "commit", "-qm", "feat: x")
	r.must("git", "checkout", "-q", "a.txt")
	r.must("git", "rm", "-q", "needed.txt") // nothing but a deletion
	r.stopped([]string{"needed.txt"}, "git", "commit", "-qm", "feat: without")
	r.must("git", "reset", "-q", "--hard")
	r.write("slipped.txt", "bad  \n")
	r.must("git", "add", ".")
	r.must("git", "commit", "-q", "--no-verify", "-m", "feat: slipped")
}

// testRuns: runs by hand.
func testRuns(r *frameworkRepo) {
	r.t.Helper()
	bad := []string{"slipped.txt", "trailing white space"}
	r.stopped(bad, r.bin, "run", "--all-files")
	r.stopped(bad, r.bin, "run", "--all-files", "--hook-stage", "manual")
	r.stopped(bad, r.bin, "run", "--files", "a.txt") // nothing is staged: everything, rather than nothing
	r.write("good.txt", "good\n")
	r.must("git", "add", "good.txt")
	r.passes([]string{"(staged)"}, r.bin, "run")
	if runtime.GOOS != "windows" {
		r.stopped(bad, r.bin, "run", "--all-files")
		r.stopped(bad, r.bin, "run", "-a")
	}
	r.stopped(bad, r.bin, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
	r.must("git", "commit", "-qm", "feat: good")
	r.passes([]string{"1 file (range)"}, r.bin, "run", "--from-ref", "HEAD~1", "--to-ref", "HEAD")
}

// testDeclared: the hook that the documentation gives to those whose pre-commit
// is too old runs once a commit, whatever hooks are installed, and where files
// are only deleted.
func testDeclared(r *frameworkRepo) {
	r.t.Helper()
	page, err := os.ReadFile("../../docs/hook.md")
	if err != nil {
		r.t.Fatal(err)
	}
	_, rest, _ := strings.Cut(string(page), "With an older pre-commit")
	_, rest, _ = strings.Cut(rest, "```yaml\n")
	config, _, _ := strings.Cut(rest, "```")
	r.write(".pre-commit-config.yaml", config)
	r.must("git", "add", ".pre-commit-config.yaml")
	if out := r.must("git", "commit", "-m", "no type"); strings.Count(out, "Passed") != 1 {
		r.t.Errorf("%s: sot did not run once:\n%s", r.framework, out)
	}
	r.must("git", "rm", "-q", "needed.txt")
	r.stopped([]string{"needed.txt"}, "git", "commit", "-qm", "without")
	r.must("git", "reset", "-q", "--hard")
}

// testPushes: the commits that the remote lacks.
func testPushes(r *frameworkRepo) {
	r.t.Helper()
	remote := filepath.Join(r.t.TempDir(), "remote.git")
	r.must("git", "init", "-q", "--bare", remote)
	r.must("git", "remote", "add", "origin", remote)
	r.stopped([]string{"slipped.txt"}, "git", "push", "-q", "origin", "main")
	r.must("git", "push", "-q", "--no-verify", "origin", "main")
	r.must("git", "checkout", "-q", "-b", "topic")
	r.write("topic.txt", "good\n")
	r.must("git", "add", ".")
	r.must("git", "commit", "-qm", "feat: topic")
	r.passes([]string{"1 file (range)"}, "git", "push", "-q", "origin", "topic")
	r.write("worse.txt", "bad  \n")
	r.must("git", "add", ".")
	r.must("git", "commit", "-q", "--no-verify", "-m", "feat: worse")
	r.stopped([]string{"worse.txt"}, "git", "push", "-q", "origin", "topic")
}
