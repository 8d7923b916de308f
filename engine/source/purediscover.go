package source

import (
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// unreadVars are variables that would change what is read, and that only git
// honours.
var unreadVars = []string{
	"GIT_OBJECT_DIRECTORY", "GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_NAMESPACE",
	"GIT_SHALLOW_FILE", "GIT_GRAFT_FILE", "GIT_REPLACE_REF_BASE", "GIT_ATTR_SOURCE",
}

// pureDiscover finds the repository as git does (gitrepository-layout(5),
// git(1)), without asking whose it is: nothing that it configures is ever run.
func pureDiscover(dir string, env []string) (p place, found bool, err error) {
	for _, name := range unreadVars {
		if getenv(env, name) != "" {
			return p, false, unsupported("the variable %s is set", name)
		}
	}
	if v := getenv(env, "GIT_DIR"); v != "" {
		p, err = placeAt(dir, absFrom(dir, v), env)
		return p, err == nil, err
	}
	ceilings := filepath.SplitList(getenv(env, "GIT_CEILING_DIRECTORIES"))
	for at := dir; ; at = filepath.Dir(at) {
		if filepath.Base(at) == ".git" && isGitDir(at) {
			return p, false, usagef("run sot in the worktree", "%s lies in a git directory", dir)
		}
		if _, err := os.Lstat(filepath.Join(at, ".git")); err == nil {
			p, err := placeAt(at, filepath.Join(at, ".git"), env)
			return p, err == nil, err
		}
		if isGitDir(at) {
			return p, false, usagef("run sot in a clone that has one, or set GIT_WORK_TREE", "%s is a bare repository: it has no worktree", at)
		}
		parent := filepath.Dir(at)
		if parent == at || slices.Contains(ceilings, parent) {
			return p, false, nil
		}
	}
}

func isGitDir(dir string) bool {
	for _, name := range []string{"HEAD", "objects", "refs"} {
		if _, err := os.Stat(filepath.Join(dir, name)); err != nil {
			return false
		}
	}
	return true
}

func absFrom(dir, path string) string {
	if filepath.IsAbs(path) {
		return filepath.Clean(path)
	}
	return filepath.Join(dir, path)
}

// placeAt returns the place of the repository whose .git (folder, or file that
// names one) is at git, and whose worktree's top is root unless the variables
// say otherwise.
func placeAt(root, git string, env []string) (place, error) {
	p := place{root: root, gitDir: git, format: "sha1"}
	info, err := os.Stat(git)
	if err != nil {
		return p, &UsageError{What: fmt.Sprintf("%s: not a git repository: %s", git, whyNot(err)), Err: err}
	}
	if !info.IsDir() {
		data, err := readSmall(git)
		target, ok := strings.CutPrefix(strings.TrimRight(string(data), "\r\n"), "gitdir: ")
		if err != nil || !ok {
			return p, usagef("", "%s is no git directory and names none", git)
		}
		p.gitDir = absFrom(filepath.Dir(git), target)
	}
	if _, err := os.Stat(filepath.Join(p.gitDir, "HEAD")); err != nil {
		return p, &UsageError{What: fmt.Sprintf("%s: not a git repository: it has no HEAD", p.gitDir), Err: err}
	}
	p.commonDir = p.gitDir
	if data, err := readSmall(filepath.Join(p.gitDir, "commondir")); err == nil {
		p.commonDir = absFrom(p.gitDir, strings.TrimRight(string(data), "\r\n"))
	}
	if v := getenv(env, "GIT_COMMON_DIR"); v != "" {
		p.commonDir = absFrom(root, v)
	}
	p.indexFile = filepath.Join(p.gitDir, "index")
	return p.withIndexFile(env), nil
}
