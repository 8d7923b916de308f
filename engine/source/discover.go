package source

import (
	"bytes"
	"context"
	"os"
	"path/filepath"
	"strings"
)

// discoveryVars change where git looks for a repository: with one of them set,
// git itself is asked.
var discoveryVars = []string{
	"GIT_DIR", "GIT_WORK_TREE", "GIT_COMMON_DIR", "GIT_CEILING_DIRECTORIES",
	"GIT_DISCOVERY_ACROSS_FILESYSTEM", "GIT_CONFIG_COUNT", "GIT_CONFIG_PARAMETERS",
}

// plainPlace finds a repository of the plainest shape (a .git folder above dir,
// both ours, on one file system, with nothing in its configuration that moves
// the worktree) without starting git, which saves 6 ms of every run. Found is
// false where there is surely no repository; sure is false where git must be asked.
func plainPlace(dir string, env []string) (p place, found, sure bool) {
	for _, name := range discoveryVars {
		if getenv(env, name) != "" {
			return p, false, false
		}
	}
	device, ok := deviceOf(dir)
	for ok {
		if d, same := deviceOf(dir); !same || d != device {
			return p, false, false
		}
		git := filepath.Join(dir, ".git")
		if _, err := os.Lstat(git); err == nil {
			return place{root: dir, gitDir: git, commonDir: git, indexFile: filepath.Join(git, "index"), format: "sha1"}, true, plainGitDir(dir, git)
		}
		if _, err := os.Lstat(filepath.Join(dir, "HEAD")); err == nil {
			return p, false, false // perhaps a bare repository
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return p, false, true
		}
		dir = parent
	}
	return p, false, false
}

// plainGitDir says whether git would surely accept this folder as it is.
func plainGitDir(root, git string) bool {
	for _, name := range []string{"", "objects", "refs"} {
		if info, err := os.Lstat(filepath.Join(git, name)); err != nil || !info.IsDir() {
			return false
		}
	}
	if _, err := os.Lstat(filepath.Join(git, "HEAD")); err != nil || !ownedByUs(root) || !ownedByUs(git) {
		return false
	}
	if _, err := os.Lstat(filepath.Join(git, "commondir")); err == nil {
		return false
	}
	config, err := readSmall(filepath.Join(git, "config"))
	if err != nil {
		return false
	}
	config = bytes.ToLower(config)
	for _, word := range []string{"worktree", "include", "extensions", "bare = true", "bare=true", "\tbare\n"} {
		if bytes.Contains(config, []byte(word)) {
			return false
		}
	}
	return true
}

// askedPlace lets git find the repository. Found is false where there is none.
func askedPlace(ctx context.Context, g *gitCmd) (p place, found bool, err error) {
	out, err := g.run(ctx, nil, "rev-parse", "--is-bare-repository", "--is-inside-work-tree",
		"--git-dir", "--git-common-dir", "--git-path", "index", "--show-object-format")
	if gitSays(err, notRepository) {
		return p, false, nil
	}
	if err != nil {
		return p, false, err
	}
	f := strings.Split(strings.TrimSuffix(string(out), "\n"), "\n")
	if len(f) != 6 {
		return p, false, usagef("move it, or run sot elsewhere", "the repository's path holds a line feed: %q", out)
	}
	abs := func(path string) string {
		if path = filepath.FromSlash(path); !filepath.IsAbs(path) {
			path = filepath.Join(g.dir, path)
		}
		return path
	}
	if f[1] != "true" {
		if f[0] == "true" {
			return p, false, usagef("run sot in a clone that has one, or set GIT_WORK_TREE", "%s is a bare repository: it has no worktree", abs(f[2]))
		}
		return p, false, usagef("run sot in the worktree", "%s lies in a git directory", g.dir)
	}
	top, err := g.run(ctx, nil, "rev-parse", "--show-toplevel")
	if err != nil {
		return p, false, err
	}
	p = place{root: abs(strings.TrimSuffix(string(top), "\n")), gitDir: abs(f[2]), commonDir: abs(f[3]), indexFile: abs(f[4]), format: f[5]}
	return p, true, nil
}

// withIndexFile honours GIT_INDEX_FILE, which git takes relative to the top.
func (p place) withIndexFile(env []string) place {
	if v := getenv(env, "GIT_INDEX_FILE"); v != "" {
		if !filepath.IsAbs(v) {
			v = filepath.Join(p.root, v)
		}
		p.indexFile = v
	}
	return p
}

// pinned returns env with the places that were relative made absolute, so that
// git may be started at the root.
func (p place) pinned(env []string) []string {
	env = env[:len(env):len(env)]
	if getenv(env, "GIT_DIR") != "" {
		env = append(env, "GIT_DIR="+p.gitDir, "GIT_WORK_TREE="+p.root)
	}
	if getenv(env, "GIT_INDEX_FILE") != "" {
		env = append(env, "GIT_INDEX_FILE="+p.indexFile)
	}
	return env
}
