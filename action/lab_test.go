package action

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
)

// lab is a repository on a server, by git's own hand:
//
//	base0 --- base1 ---------- merge    main is at base1, the pull request at head
//	     \--- step --- head ---/
//
// The pull request adds b.txt, changes a.txt, deletes old.txt and renames
// moved-from.txt; main meanwhile adds other.txt.
type lab struct {
	t                               *testing.T
	dir, server                     string // server is the URL that o/r lies below
	base0, base1, step, head, merge string
}

func newLab(t *testing.T) *lab {
	t.Helper()
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("git is not on the PATH")
	}
	l := &lab{t: t, dir: t.TempDir()}
	l.server = "file://" + filepath.ToSlash(filepath.Join(l.dir, "server"))
	bare := filepath.Join(l.dir, "server", "o", "r")
	l.mkdir(bare)
	l.git(bare, "init", "-q", "--bare", "-b", "main")
	l.git(bare, "config", "uploadpack.allowAnySHA1InWant", "true") // as GitHub
	w := filepath.Join(l.dir, "work")
	l.mkdir(w)
	l.git(w, "init", "-q", "-b", "main")
	long := strings.Repeat("a line\n", 20)
	l.write(w, "a.txt", "one\n"+long)
	l.write(w, "old.txt", "old\n")
	l.write(w, "moved-from.txt", "moved\n"+long)
	l.write(w, "sot.yaml", "version: 1\nrules: [{use: trailing-whitespace}]\n")
	l.base0 = l.commit(w, "base0")
	l.git(w, "checkout", "-q", "-b", "pr")
	l.write(w, "b.txt", "b \n")
	l.step = l.commit(w, "step")
	l.write(w, "a.txt", "one\n"+long+"two \n")
	l.git(w, "rm", "-q", "old.txt")
	l.git(w, "mv", "moved-from.txt", "moved-to.txt")
	l.head = l.commit(w, "head")
	l.git(w, "checkout", "-q", "main")
	l.write(w, "other.txt", "other \n")
	l.base1 = l.commit(w, "base1")
	l.git(w, "checkout", "-q", "--detach")
	l.git(w, "merge", "-q", "--no-ff", "-m", "merge", "pr")
	l.merge = l.git(w, "rev-parse", "HEAD")
	l.git(w, "push", "-q", bare, "main", "pr", "HEAD:refs/pull/1/merge", "pr:refs/pull/1/head")
	return l
}

func (l *lab) mkdir(dir string) {
	l.t.Helper()
	if err := os.MkdirAll(dir, 0o755); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) write(dir, name, data string) {
	l.t.Helper()
	if err := os.WriteFile(filepath.Join(dir, name), []byte(data), 0o644); err != nil {
		l.t.Fatal(err)
	}
}

func (l *lab) commit(dir, message string) string {
	l.t.Helper()
	l.git(dir, "add", "-A")
	l.git(dir, "commit", "-q", "-m", message)
	return l.git(dir, "rev-parse", "HEAD")
}

func (l *lab) git(dir string, args ...string) string {
	l.t.Helper()
	cmd := exec.Command("git", args...)
	cmd.Dir, cmd.Env = dir, gitEnviron()
	out, err := cmd.CombinedOutput()
	if err != nil {
		l.t.Fatalf("git %s: %v\n%s", strings.Join(args, " "), err, out)
	}
	return strings.TrimSpace(string(out))
}

// gitEnviron keeps the user's settings out, and those of a hook that runs us.
func gitEnviron() []string {
	env := slices.DeleteFunc(os.Environ(), func(kv string) bool { return strings.HasPrefix(kv, "GIT_") })
	return append(env, "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1", "GIT_AUTHOR_NAME=a", "GIT_AUTHOR_EMAIL=a@example.com",
		"GIT_COMMITTER_NAME=a", "GIT_COMMITTER_EMAIL=a@example.com")
}

// checkout makes a worktree as actions/checkout does: depth 0 is all history.
func (l *lab) checkout(ref string, depth int) string {
	l.t.Helper()
	dir := filepath.Join(l.t.TempDir(), "workspace")
	l.mkdir(dir)
	l.git(dir, "init", "-q", "-b", "main")
	l.git(dir, "remote", "add", "origin", l.server+"/o/r")
	args := []string{"fetch", "-q", "--no-tags"}
	if depth > 0 {
		args = append(args, fmt.Sprint("--depth=", depth), "origin", ref)
	} else {
		args = append(args, "origin", "+refs/heads/*:refs/remotes/origin/*", ref)
	}
	l.git(dir, args...)
	id := ref
	if !isID(ref) {
		id = l.git(filepath.Join(l.dir, "server", "o", "r"), "rev-parse", ref)
	}
	l.git(dir, "checkout", "-q", "--detach", id)
	return dir
}

// api answers as GitHub's REST API does, from what a test gives it.
type api struct {
	t *testing.T
	*httptest.Server

	mu       sync.Mutex
	asked    []string
	files    []map[string]any // of pull request 1
	head     string           // of pull request 1
	mergedAt string           // the merge base of a comparison
	compared []map[string]any
	answer   http.HandlerFunc // instead of all that
}

func newAPI(t *testing.T) *api {
	a := &api{t: t}
	a.Server = httptest.NewServer(http.HandlerFunc(a.serve))
	t.Cleanup(a.Close)
	return a
}

func (a *api) serve(w http.ResponseWriter, r *http.Request) {
	a.mu.Lock()
	defer a.mu.Unlock()
	a.asked = append(a.asked, r.URL.Path)
	if a.answer != nil {
		a.answer(w, r)
		return
	}
	if r.Header.Get("Authorization") != "Bearer secret-token" {
		a.write(w, http.StatusUnauthorized, map[string]any{"message": "Bad credentials"})
		return
	}
	switch {
	case r.URL.Path == "/repos/o/r/pulls/1/files":
		a.page(w, r)
	case r.URL.Path == "/repos/o/r/pulls/1":
		a.write(w, http.StatusOK, map[string]any{"number": 1, "head": map[string]any{"sha": a.head}})
	case strings.HasPrefix(r.URL.Path, "/repos/o/r/compare/"):
		a.write(w, http.StatusOK, map[string]any{
			"status": "diverged", "total_commits": 2, "merge_base_commit": map[string]any{"sha": a.mergedAt}, "files": a.compared,
		})
	default:
		a.write(w, http.StatusNotFound, map[string]any{"message": "Not Found", "documentation_url": "https://docs.github.com/rest"})
	}
}

// page serves a part of the files, with the Link header that names the next.
func (a *api) page(w http.ResponseWriter, r *http.Request) {
	var page, size int
	_, _ = fmt.Sscan(r.URL.Query().Get("page")+" "+r.URL.Query().Get("per_page"), &page, &size)
	page, size = max(page, 1), max(size, 30)
	from, to := min((page-1)*size, len(a.files)), min(page*size, len(a.files))
	if to < len(a.files) {
		w.Header().Set("Link", fmt.Sprintf(`<%s%s?per_page=%d&page=%d>; rel="next"`, a.URL, r.URL.Path, size, page+1))
	}
	a.write(w, http.StatusOK, a.files[from:to])
}

func (a *api) write(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	if err := json.NewEncoder(w).Encode(v); err != nil {
		a.t.Error(err)
	}
}

// apiFile is a file as the API lists it (the schema diff-entry of GitHub's OpenAPI
// description).
func apiFile(path, status, previous, patch string) map[string]any {
	f := map[string]any{
		"sha": idA, "filename": path, "status": status, "additions": 1, "deletions": 0, "changes": 1,
		"blob_url": "https://github.com/o/r/blob/x/y", "raw_url": "https://github.com/o/r/raw/x/y",
		"contents_url": "https://api.github.com/repos/o/r/contents/x",
	}
	if patch != "" {
		f["patch"] = patch
	}
	if previous != "" {
		f["previous_filename"] = previous
	}
	return f
}
