package source

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
)

// locationVars are the variables that point git at a repository, an index or an
// object store: what `git rev-parse --local-env-vars` prints, but for those
// that carry configuration.
var locationVars = []string{
	"GIT_ALTERNATE_OBJECT_DIRECTORIES", "GIT_COMMON_DIR", "GIT_DIR", "GIT_GRAFT_FILE",
	"GIT_IMPLICIT_WORK_TREE", "GIT_INDEX_FILE", "GIT_INDEX_VERSION", "GIT_INTERNAL_SUPER_PREFIX",
	"GIT_NAMESPACE", "GIT_NO_REPLACE_OBJECTS", "GIT_OBJECT_DIRECTORY", "GIT_PREFIX",
	"GIT_QUARANTINE_PATH", "GIT_REPLACE_REF_BASE", "GIT_SHALLOW_FILE", "GIT_WORK_TREE",
}

// ownSecrets are the variables of sot's own that tools have no business with.
var ownSecrets = []string{"SOT_CACHE_TOKEN", "SOT_CACHE_REMOTE"}

// CommandEnv returns env without the variables by which git tells a hook where
// its repository and index are. A tool that runs git itself, in another
// repository, would otherwise write into ours (an index was corrupted so). What
// lets sot write to a remote cache is left out as well: a tool that a repository
// names could write verdicts there.
func CommandEnv(env []string) []string {
	out := make([]string, 0, len(env))
	for _, kv := range env {
		name, _, _ := strings.Cut(kv, "=")
		if !slices.Contains(locationVars, name) && !slices.Contains(ownSecrets, name) {
			out = append(out, kv)
		}
	}
	return out
}

// getenv returns the last value of a variable in env, as a child would see it.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(env[i], "="); ok && k == name {
			return v
		}
	}
	return ""
}

// findGit returns the path of git's binary on the PATH of env, or "".
func findGit(env []string) string {
	path := getenv(env, "PATH")
	if runtime.GOOS == "windows" || path == os.Getenv("PATH") {
		p, err := exec.LookPath("git")
		if err != nil {
			return ""
		}
		return p
	}
	for _, dir := range filepath.SplitList(path) {
		p := filepath.Join(dir, "git")
		if !filepath.IsAbs(p) {
			continue // "." on the PATH: as os/exec, never run what lies in the repository
		}
		if info, err := os.Stat(p); err == nil && info.Mode().IsRegular() && info.Mode()&0o111 != 0 {
			return p
		}
	}
	return ""
}
