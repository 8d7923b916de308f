package main

import (
	"errors"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/source"
)

// oldestGit is the oldest version that sot is held to: git rev-parse has
// --show-object-format since then.
var oldestGit = [2]int{2, 25}

// ask runs git and returns what it prints, and what it says on standard error.
func (d *doctor) ask(args ...string) (out, said string, err error) {
	cmd := exec.CommandContext(d.ctx, d.git, args...)
	cmd.Dir = d.dir
	cmd.Env = append(os.Environ(), "LC_ALL=C", "LANGUAGE=C", "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0")
	cmd.WaitDelay = 2 * time.Second
	var stderr strings.Builder
	cmd.Stderr = &stderr
	b, err := cmd.Output()
	return strings.TrimSuffix(string(b), "\n"), stderr.String(), err
}

var gitVersion = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`(\d+)\.(\d+)[.\d]*`) })

func (d *doctor) gitBinary() {
	path, err := exec.LookPath("git")
	if err != nil {
		d.say(stateProblem, "git", "install git and see that it is on the PATH", "it is not on the PATH: there are no hooks without it, and reading a repository is slower")
		return
	}
	d.git = path
	out, _, err := d.ask("--version")
	m := gitVersion().FindStringSubmatch(out)
	if err != nil || m == nil {
		d.git = ""
		d.say(stateProblem, "git", "install git anew", "%s does not run", path)
		return
	}
	major, _ := strconv.Atoi(m[1]) // digits alone: too many of them give a version that is new enough
	minor, _ := strconv.Atoi(m[2])
	if major < oldestGit[0] || major == oldestGit[0] && minor < oldestGit[1] {
		d.say(stateProblem, "git", "install a newer git", "version %s is older than %d.%d", m[0], oldestGit[0], oldestGit[1])
		return
	}
	d.say(stateOK, "git", "", "version %s", m[0])
}

// repository finds the worktree.
func (d *doctor) repository() {
	if d.git == "" {
		return
	}
	out, said, err := d.ask("rev-parse", "--show-toplevel")
	switch {
	case err == nil && out != "":
		d.root = filepath.FromSlash(out)
		d.say(stateOK, "repository", "", "%s", out)
	case strings.Contains(said, "dubious ownership"):
		d.say(stateProblem, "repository", "git config --global --add safe.directory "+filepath.ToSlash(d.top()), "git refuses it, because it belongs to somebody else (dubious ownership)")
	case strings.Contains(said, "must be run in a work tree"):
		d.say(stateProblem, "repository", "run sot in the worktree", "this is a git directory, or a bare repository")
	case strings.Contains(said, "not a git repository"):
		d.say(stateWarning, "repository", "git init", "this folder is in none, so that there are no hooks and no staged files")
	default:
		d.say(stateProblem, "repository", "", "git cannot read it: %s", strings.TrimSpace(said))
	}
}

// top is the folder that holds .git, found without git.
func (d *doctor) top() string {
	for dir := d.dir; ; dir = filepath.Dir(dir) {
		if _, err := os.Lstat(filepath.Join(dir, ".git")); err == nil {
			return dir
		}
		if dir == filepath.Dir(dir) {
			return d.dir
		}
	}
}

// gitPath returns a path in the git directory, absolute.
func (d *doctor) gitPath(name string) string {
	out, _, err := d.ask("rev-parse", "--git-path", name)
	if err != nil {
		return ""
	}
	if out = filepath.FromSlash(out); !filepath.IsAbs(out) {
		out = filepath.Join(d.dir, out)
	}
	return out
}

// gitDirectory sees whether git, and what sot learns, can be written.
func (d *doctor) gitDirectory() {
	dir, _, err := d.ask("rev-parse", "--git-common-dir")
	if err != nil {
		return
	}
	if dir = filepath.FromSlash(dir); !filepath.IsAbs(dir) {
		dir = filepath.Join(d.dir, dir)
	}
	f, err := os.CreateTemp(dir, "sot-doctor-*")
	if err != nil {
		d.say(stateProblem, "git directory", "give yourself the right to write to it", "%s cannot be written to, so that nothing can be committed, cached or learned: %v", dir, cause(err))
		return
	}
	_ = f.Close()
	_ = os.Remove(f.Name()) // an empty file at worst
	d.say(stateOK, "git directory", "", "%s can be written to", dir)
}

// cause is a file error without its path, which the message has.
func cause(err error) error {
	var perr *fs.PathError
	if errors.As(err, &perr) {
		return perr.Err
	}
	return err
}

// youngLock is how long a git command may well hold the index.
const youngLock = time.Minute

// recover cleans up behind hooks of sot's that were killed: nothing but what is
// provably theirs.
func (d *doctor) recover() {
	if d.root == "" {
		return
	}
	src, err := source.Open(d.ctx, source.Options{Dir: d.dir, Mode: source.Staged})
	if err != nil {
		return // said elsewhere
	}
	defer func() { _ = src.Close() }() // only asked
	said, err := src.Recover()
	for _, s := range said {
		d.say(stateWarning, "killed hook", "", "%s", s)
	}
	if err != nil {
		d.say(stateProblem, "killed hook", "", "%v", err)
	}
}

func (d *doctor) lock() {
	d.recover()
	path := d.gitPath("index.lock")
	info, err := os.Lstat(path)
	switch {
	case path == "" || errors.Is(err, fs.ErrNotExist):
		d.say(stateOK, "index", "", "it is not locked")
	case err != nil:
		d.say(stateProblem, "index", "", "%v", err)
	case time.Since(info.ModTime()) < youngLock:
		d.say(stateWarning, "index", "wait for the git command that is running", "it is locked just now (%s)", path)
	default:
		d.say(stateProblem, "index", "see that no git command is running, then remove "+path, "it has been locked for %s: a git command ended without unlocking it, and no commit can be made",
			time.Since(info.ModTime()).Round(time.Minute))
	}
}

func (d *doctor) history() {
	out, _, err := d.ask("rev-parse", "--is-shallow-repository")
	if err == nil && out == "true" {
		d.say(stateWarning, "history", "git fetch --unshallow (in GitHub Actions: fetch-depth: 0)", "the clone is shallow: --base may find no merge base")
		return
	}
	d.say(stateOK, "history", "", "it is whole")
}
