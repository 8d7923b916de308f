package action

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// client is a client of the test's API; nil for none.
func (a *api) client() *github.Client {
	if a == nil {
		return nil
	}
	c, err := newClient("secret-token", a.URL, "test")
	if err != nil {
		a.t.Fatal(err)
	}
	return c
}

func finderIn(dir string, l *lab, a aim, server *api) *finder {
	if server != nil && server.head == "" {
		server.head = a.head
	}
	return &finder{
		aim: a, dir: dir, env: gitEnviron(), gh: server.client(), at: place{owner: "o", repo: "r"},
		remote: source.Remote{URL: l.server + "/o/r", Token: "secret-token"},
	}
}

// listing is what a target comes to, "status path" each.
func listing(t *testing.T, o source.Options) (out []string) {
	t.Helper()
	src, err := source.Open(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	files, err := src.Files(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range files {
		out = append(out, fmt.Sprintf("%c %s", e.Status, e.Path))
	}
	return out
}

// ofPull is what the lab's pull request changes. R and D alike: what is renamed
// has its old path in the entry.
var ofPull = []string{"M a.txt", "A b.txt", "R moved-to.txt", "D old.txt"}

func pullFilesOf() []map[string]any {
	return []map[string]any{
		apiFile("a.txt", "modified", "", "@@ -19,3 +19,4 @@ a line\n a line\n a line\n a line\n+two "),
		apiFile("b.txt", "added", "", "@@ -0,0 +1 @@\n+b "),
		apiFile("moved-to.txt", "renamed", "moved-from.txt", ""),
		apiFile("old.txt", "removed", "", "@@ -1 +0,0 @@\n-old"),
	}
}

func TestFind(t *testing.T) {
	l := newLab(t)
	pull := func(base string) aim { return aim{base: base, says: "the base", head: l.head, pull: 1, files: 4} }
	for name, c := range map[string]struct {
		ref      string
		depth    int
		aim      aim
		api      func(*api) // nil: there is none
		noGit    bool       // no binary to be found, as in a container from scratch
		noRemote bool
		says     string
		want     []string // nil is ofPull
	}{
		"whole history, merge":                  {ref: "refs/pull/1/merge", aim: pull(l.base0), says: "into which the pull request is merged here"},
		"whole history, head":                   {ref: l.head, aim: pull(l.base1), says: "the merge base with " + short(l.base1)},
		"depth 1, merge, is fetched":            {ref: "refs/pull/1/merge", depth: 1, aim: pull(l.base0), says: "(fetched)"},
		"depth 2, merge":                        {ref: "refs/pull/1/merge", depth: 2, aim: pull(l.base0), says: "into which the pull request is merged here"},
		"depth 1, head, the API knows the fork": {ref: l.head, depth: 1, aim: pull(l.base1), api: func(a *api) { a.mergedAt = l.base0 }, says: "the API says so"},
		"depth 1, merge, no remote, API's list": {ref: "refs/pull/1/merge", depth: 1, aim: pull(l.base0), noRemote: true, api: func(a *api) { a.files = pullFilesOf() }, says: "the API's list of the 4 files of pull request #1"},
		"depth 1, merge, no git, API's list":    {ref: "refs/pull/1/merge", depth: 1, aim: pull(l.base0), noGit: true, api: func(a *api) { a.files = pullFilesOf() }, says: "the API's list of the 4 files of pull request #1"},
		"whole history, no git":                 {ref: "refs/pull/1/merge", aim: pull(l.base0), noGit: true, says: "into which the pull request is merged here"},
		"push":                                  {ref: l.head, aim: aim{base: l.base0, says: "before", ancestor: true, head: l.head}, says: "before"},
		"push, depth 1":                         {ref: l.head, depth: 1, aim: aim{base: l.base0, says: "before", ancestor: true, head: l.head}, says: "(fetched)"},
		"push of one commit":                    {ref: l.head, depth: 1, aim: aim{base: l.step, says: "before", ancestor: true, head: l.head}, says: "(fetched)", want: []string{"M a.txt", "R moved-to.txt", "D old.txt"}},
		"forced push, whole history":            {ref: l.head, aim: aim{base: l.base1, says: "replaced", head: l.head}, says: "the merge base with"},
		"new branch, whole history":             {ref: l.head, aim: aim{base: "main", says: "the default branch", head: l.head}, says: "the merge base with main"},
		"base as github.ref has it":             {ref: l.head, aim: aim{base: "refs/heads/main", says: "the input base"}, says: "the merge base with refs/heads/main"},
		"base of the remote":                    {ref: l.head, aim: aim{base: "origin/main", says: "the input base"}, says: "the merge base with origin/main"},
		"new branch, depth 1": {ref: l.head, depth: 1, aim: aim{base: "main", says: "the default branch", head: l.head},
			api: func(a *api) { a.mergedAt = l.base0 }, says: "the API says so"},
		"new branch, depth 1, no remote": {ref: l.head, depth: 1, aim: aim{base: "main", says: "the default branch", head: l.head}, noRemote: true,
			api: func(a *api) { a.compared = pullFilesOf() }, says: "the API's list of the 4 files that differ"},
		"merge group, depth 1":        {ref: l.merge, depth: 1, aim: aim{base: l.base1, says: "the merge group's base", ancestor: true, head: l.merge}, says: "(fetched)"},
		"everything":                  {ref: l.head, depth: 1, aim: aim{everything: true, why: "every file: so"}, says: "every file: so", want: []string{"  a.txt", "  b.txt", "  moved-to.txt", "  sot.yaml"}},
		"a commit of the workflow on": {ref: l.head, aim: aim{base: l.base0, says: "before", ancestor: true, head: l.step}, says: "before"},
	} {
		t.Run(name, func(t *testing.T) {
			dir := l.checkout(c.ref, c.depth)
			var server *api
			if c.api != nil {
				server = newAPI(t)
				c.api(server)
			}
			f := finderIn(dir, l, c.aim, server)
			if c.noGit {
				f.env = append(f.env, "PATH="+t.TempDir())
			}
			if c.noRemote {
				f.remote.URL = "file:///nowhere/o/r"
			}
			got, err := f.find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if !strings.Contains(got.compared, c.says) {
				t.Errorf("%q, want %q", got.compared, c.says)
			}
			want := c.want
			if want == nil {
				want = ofPull
			}
			if d := cmp.Diff(want, listing(t, got.source)); d != "" {
				t.Error(d)
			}
			if server != nil && strings.Contains(got.compared, "list") {
				if got.changed == nil {
					t.Fatal("the lines of the change are not known")
				}
				for line, want := range map[int]bool{21: false, 22: true, 23: false} {
					if got.changed("a.txt", line) != want {
						t.Errorf("line %d changed: %v", line, !want)
					}
				}
			}
		})
	}
}

// What earlier steps made in the workspace is not of the change.
func TestFindLeavesOutWhatStepsMade(t *testing.T) {
	l := newLab(t)
	for name, c := range map[string]struct {
		aim  aim
		want []string
	}{
		"pull request": {aim{base: l.base0, says: "the base", head: l.head, pull: 1, files: 4}, ofPull},
		"everything":   {aim{everything: true, why: "every file"}, []string{"  a.txt", "  b.txt", "  moved-to.txt", "  other.txt", "  sot.yaml"}},
	} {
		t.Run(name, func(t *testing.T) {
			dir := l.checkout("refs/pull/1/merge", 1)
			l.write(dir, "gha-creds-1.json", "made \n")
			l.write(dir, "sot.yaml", "version: 1\nrules: []\n")
			got, err := finderIn(dir, l, c.aim, nil).find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if d := cmp.Diff(c.want, listing(t, got.source)); d != "" {
				t.Error(d)
			}
		})
	}
}

// What cannot be told is an error that says what to set: never everything, never
// nothing.
func TestFindSaysWhatToDo(t *testing.T) {
	l := newLab(t)
	many := func(n int) []map[string]any {
		var files []map[string]any
		for i := range n {
			files = append(files, apiFile(fmt.Sprintf("f%d", i), "added", "", ""))
		}
		return files
	}
	for name, c := range map[string]struct {
		aim  aim
		ref  string
		api  func(*api)
		says string
	}{
		"no API":             {aim{base: l.base1, head: l.head, pull: 1}, l.head, nil, "without github-token"},
		"3,000 files":        {aim{base: l.base1, head: l.head, pull: 1}, l.head, func(a *api) { a.files = many(3000) }, "lists 3000 files and no more"},
		"the event says so":  {aim{base: l.base1, head: l.head, pull: 1, files: 3001}, l.head, func(a *api) { a.files = many(3000) }, "changes 3001 files"},
		"fewer than it says": {aim{base: l.base1, head: l.head, pull: 1, files: 9}, l.head, func(a *api) { a.files = many(8) }, "lists 8 files, and the event says 9"},
		"moved on":           {aim{base: l.base1, head: l.head, pull: 1, files: 4}, l.head, func(a *api) { a.files, a.head = pullFilesOf(), l.step }, "is at " + short(l.step) + " by now"},
		"300 files":          {aim{base: l.base1, head: l.head}, l.head, func(a *api) { a.compared = many(300) }, "names 300 files and no more"},
		"name not UTF-8":     {aim{base: l.base1, head: l.head, pull: 1}, l.head, func(a *api) { a.files = []map[string]any{apiFile("a\uFFFD", "added", "", "")} }, "not UTF-8"},
		"something new":      {aim{base: l.base1, head: l.head, pull: 1}, l.head, func(a *api) { a.files = []map[string]any{apiFile("a", "frobbed", "", "")} }, `"frobbed"`},
		"hostile path":       {aim{base: l.base1, head: l.head, pull: 1}, l.head, func(a *api) { a.files = []map[string]any{apiFile("../a", "added", "", "")} }, ""},
	} {
		t.Run(name, func(t *testing.T) {
			dir := l.checkout(c.ref, 1)
			var server *api
			if c.api != nil {
				server = newAPI(t)
				c.api(server)
			}
			f := finderIn(dir, l, c.aim, server)
			f.remote.URL = "file:///nowhere/o/r"
			got, err := f.find(t.Context())
			if c.says == "" { // the source refuses it
				src, err := source.Open(t.Context(), got.source)
				if err != nil {
					t.Fatal(err)
				}
				if _, err := src.Files(t.Context()); err == nil || !strings.Contains(err.Error(), "is no path of a repository") {
					t.Error(err)
				}
				return
			}
			var usage *UsageError
			if !errors.As(err, &usage) {
				t.Fatalf("%+v, %v", got, err)
			}
			for _, want := range []string{c.says, "`fetch-depth: 0`", "`files: all`"} {
				if !strings.Contains(err.Error(), want) {
					t.Errorf("%v\nlacks %q", err, want)
				}
			}
			if strings.Contains(err.Error(), "secret-token") {
				t.Error("the token is told")
			}
		})
	}
}

// The wrong commit is checked out: what would be compared is not what the event
// is about, and often nothing.
func TestFindRefusesTheWrongCheckout(t *testing.T) {
	l := newLab(t)
	dir := l.checkout("refs/heads/main", 1)
	_, err := finderIn(dir, l, aim{base: l.base1, head: l.head, pull: 1, untrusted: true}, nil).find(t.Context())
	if err == nil || !strings.HasSuffix(err.Error(), "give actions/checkout `ref: "+l.head+"`") {
		t.Error(err)
	}
	_, err = finderIn(t.TempDir(), l, aim{base: l.base1, head: l.head}, nil).find(t.Context())
	if err == nil || !strings.Contains(err.Error(), "put a step with actions/checkout before this one") {
		t.Error(err)
	}
}

// The API's mistakes are told apart, and none of them is waited for.
func TestAPITrouble(t *testing.T) {
	l := newLab(t)
	dir := l.checkout(l.head, 1)
	status := func(code int, header ...string) http.HandlerFunc {
		return func(w http.ResponseWriter, _ *http.Request) {
			for i := 0; i < len(header); i += 2 {
				w.Header().Set(header[i], header[i+1])
			}
			w.WriteHeader(code)
			_, _ = w.Write([]byte(`{"message": "no\n::error::forged"}`))
		}
	}
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		says   string
	}{
		"401":        {status(401), "does not know the token (401)"},
		"403":        {status(403), "`pull-requests: read`"},
		"404":        {status(404), "(404)"},
		"429":        {status(429), "fewer questions"},
		"500":        {status(500), "trouble of its own (500)"},
		"rate limit": {status(403, "X-RateLimit-Limit", "60", "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1900000000"), "rate limit is used up until 17:46 UTC"},
		"secondary": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Retry-After", "60")
			w.WriteHeader(http.StatusForbidden)
			_, _ = w.Write([]byte(`{"message": "slow down", "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"}`))
		}, "fewer questions at a time"},
		"no JSON": {func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write([]byte("<html>")) }, "the API's"},
		"cut off": {func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "100")
			_, _ = w.Write([]byte("["))
		}, "the API's"},
	} {
		t.Run(name, func(t *testing.T) {
			server := newAPI(t)
			server.answer = c.answer
			f := finderIn(dir, l, aim{base: l.base1, head: l.head, pull: 1}, server)
			f.remote.URL = "file:///nowhere/o/r"
			_, err := f.find(t.Context())
			if err == nil || !strings.Contains(err.Error(), c.says) || strings.ContainsAny(err.Error(), "\n") {
				t.Errorf("%v\nlacks %q", err, c.says)
			}
		})
	}
}

func TestAPIThatHangsIsLeft(t *testing.T) {
	l := newLab(t)
	dir := l.checkout(l.head, 1)
	server := newAPI(t)
	gone := make(chan struct{})
	t.Cleanup(func() { close(gone) })
	server.answer = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	}
	f := finderIn(dir, l, aim{base: l.base1, head: l.head, pull: 1}, server)
	f.remote.URL = "file:///nowhere/o/r"
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := f.find(ctx); !errors.Is(err, context.DeadlineExceeded) {
		t.Error(err)
	}
}

// However many questions there are, they share one bound.
func TestAPIQuestionsShareTheirTime(t *testing.T) {
	l := newLab(t)
	server := newAPI(t)
	gone := make(chan struct{})
	t.Cleanup(func() { close(gone) })
	server.answer = func(_ http.ResponseWriter, r *http.Request) {
		select {
		case <-r.Context().Done():
		case <-gone:
		}
	}
	asked := func() []string {
		server.mu.Lock()
		defer server.mu.Unlock()
		return slices.Clone(server.asked)
	}
	// On a busy machine the time may be over before git has let it come to a question.
	for most := 500 * time.Millisecond; len(asked()) == 0 && most < time.Minute; most *= 2 {
		f := finderIn(l.checkout(l.head, 1), l, aim{base: l.base1, head: l.head, pull: 1}, server)
		f.remote.URL = "file:///nowhere/o/r"
		f.until = time.Now().Add(most)
		_, err := f.find(t.Context())
		if err == nil || !strings.Contains(err.Error(), "did not answer within") {
			t.Error(err)
		}
	}
	if got := asked(); len(got) != 1 {
		t.Errorf("asked %q, and there was time for one", got)
	}
}

// A job that forgot its checkout does not pass because there is nothing to judge.
func TestFindRefusesAnEmptyWorkspace(t *testing.T) {
	l := newLab(t)
	unborn := t.TempDir()
	l.git(unborn, "init", "-q")
	l.write(unborn, "made.txt", "by a step\n")
	plain := t.TempDir()
	l.write(plain, "a.txt", "a\n")
	for dir, refused := range map[string]bool{t.TempDir(): true, unborn: true, plain: false} {
		_, err := finderIn(dir, l, aim{everything: true, why: "every file"}, nil).find(t.Context())
		if got := err != nil && strings.Contains(err.Error(), "put a step with actions/checkout before this one"); got != refused {
			t.Errorf("refused: %v, %v", got, err)
		}
	}
}

// A repository beside is named: whoever checked it out with a path looks for it.
func TestFindNamesTheFolderThatIsARepository(t *testing.T) {
	l := newLab(t)
	dir := filepath.Dir(l.checkout(l.head, 1))
	for _, a := range []aim{{everything: true, why: "every file"}, {base: l.base0, head: l.head}} {
		_, err := finderIn(dir, l, a, nil).find(t.Context())
		if err == nil || !strings.Contains(err.Error(), "its folder workspace is a repository") {
			t.Error(err)
		}
	}
}

// A merge of GitHub's is never compared with the fork point, since which others
// changed files too.
func TestMergeIsNotComparedWithTheForkPoint(t *testing.T) {
	l := newLab(t)
	server := newAPI(t)
	server.mergedAt, server.files = l.base0, pullFilesOf()
	f := finderIn(l.checkout("refs/pull/1/merge", 1), l, aim{base: l.base1, head: l.head, pull: 1, files: 4}, server)
	l.git(f.dir, "fetch", "-q", "--depth=1", "origin", l.base0)
	f.remote.URL = "file:///nowhere/o/r"
	got, err := f.find(t.Context())
	if err != nil || !strings.Contains(got.compared, "the API's list of the 4 files") {
		t.Errorf("%q, %v", got.compared, err)
	}
}

// A whole clone stays whole, whatever had to be fetched into it.
func TestFetchDoesNotCutHistory(t *testing.T) {
	l := newLab(t)
	dir := l.checkout(l.base1, 0)
	w := filepath.Join(l.dir, "work")
	l.git(w, "checkout", "-q", "-b", "late", l.base1)
	l.write(w, "late.txt", "late\n")
	late := l.commit(w, "late")
	l.git(w, "push", "-q", filepath.Join(l.dir, "server", "o", "r"), "late")
	got, err := finderIn(dir, l, aim{base: late, says: "replaced", head: l.base1}, nil).find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	if !strings.Contains(got.compared, short(l.base1)) {
		t.Error(got.compared)
	}
	if _, err := os.Stat(filepath.Join(dir, ".git", "shallow")); !errors.Is(err, os.ErrNotExist) {
		t.Error("the clone is shallow now")
	}
	if out := l.git(dir, "for-each-ref"); strings.Contains(out, late) {
		t.Error("a ref was written: " + out)
	}
}

// Untrusted code does not bring its own rules.
func TestPolicyComesFromTheBase(t *testing.T) {
	l := newLab(t)
	dir := l.checkout(l.head, 1)
	l.write(dir, "sot.yaml", "version: 1\nrules: [{id: evil, command: {run: 'false'}}]\n")
	got, err := finderIn(dir, l, aim{everything: true, why: "every file", untrusted: true, policy: l.base1}, nil).find(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	src, err := source.Open(t.Context(), got.source)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = src.Close() }()
	data, err := src.ReadPolicy(t.Context(), "sot.yaml")
	if err != nil || strings.Contains(string(data), "evil") {
		t.Errorf("%s %v", data, err)
	}
	if data, err := rule.ReadPolicy(t.Context(), src, "other.txt"); err != nil || string(data) != "other \n" {
		t.Errorf("%s %v: the base has it, and the head has not", data, err)
	}
	f := finderIn(dir, l, aim{everything: true, untrusted: true, policy: idC}, nil)
	if _, err := f.find(t.Context()); err == nil || !strings.Contains(err.Error(), "the rules come from commit ccccccc") {
		t.Error(err)
	}
}
