package action

import (
	"bytes"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
	"github.com/sot-validator/sot/engine/report"
)

// What is checked out under an event is trusted where the event vouches for it, or
// GitHub has taken its rights away; whatever the workflow checks out by hand is not.
func TestForeign(t *testing.T) {
	l := newLab(t)
	branch := "refs/heads/main"
	for name, c := range map[string]struct {
		event, sha string
		ref        string // that is checked out
		depth      int
		want       bool
	}{
		"push":                                  {event: "push", sha: l.base1, ref: branch},
		"push, depth 1":                         {event: "push", sha: l.base1, ref: branch, depth: 1},
		"push, of another commit":               {event: "push", sha: l.base1, ref: l.head, want: true},
		"push, of a merge of another":           {event: "push", sha: l.base1, ref: "refs/pull/1/merge", want: true},
		"push, of an older one":                 {event: "push", sha: l.base1, ref: l.base0},
		"push, of an older one, which is alone": {event: "push", sha: l.base1, ref: l.base0, depth: 1, want: true},
		"push, nobody says of what":             {event: "push", ref: l.head},
		"schedule":                              {event: "schedule", sha: l.base1, ref: branch},
		"schedule, of a pull request":           {event: "schedule", sha: l.base1, ref: "refs/pull/1/head", want: true},
		"by hand, of a pull request":            {event: "workflow_dispatch", sha: l.base1, ref: "refs/pull/1/merge", depth: 1, want: true},
		"merge group":                           {event: "merge_group", sha: l.merge, ref: l.merge, depth: 1},
		"pull request":                          {event: "pull_request", sha: l.merge, ref: "refs/pull/1/merge"},
		"pull request's head":                   {event: "pull_request", sha: l.merge, ref: l.head},
		"review":                                {event: "pull_request_review", sha: l.merge, ref: "refs/pull/1/merge"},
		"pull_request_target":                   {event: "pull_request_target", sha: l.base1, ref: branch, want: true},
		"workflow_run":                          {event: "workflow_run", sha: l.base1, ref: branch, want: true},
		"comment":                               {event: "issue_comment", sha: l.base1, ref: branch},
		"comment, depth 1":                      {event: "issue_comment", sha: l.base1, ref: branch, depth: 1},
		"comment, of its pull request":          {event: "issue_comment", sha: l.base1, ref: "refs/pull/1/head", want: true},
		"comment, of its merge, depth 1":        {event: "issue_comment", sha: l.base1, ref: "refs/pull/1/merge", depth: 1, want: true},
		"comment, nobody says on what":          {event: "issue_comment", ref: branch, want: true},
		"issue, of a pull request":              {event: "issues", sha: l.base1, ref: l.head, want: true},
		"an event to come":                      {event: "sunrise", sha: l.base1, ref: l.head, want: true},
	} {
		t.Run(name, func(t *testing.T) {
			f := finderIn(l.checkout(c.ref, c.depth), l, aim{everything: true, why: "every file"}, nil)
			f.origin, f.allowed = originOf(c.event, &event{}, c.sha), true
			got, err := f.find(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if got.foreign != c.want || got.untrusted {
				t.Errorf("foreign %t, want %t; untrusted %t where it is allowed", got.foreign, c.want, got.untrusted)
			}
		})
	}
}

// A comment on a pull request makes a workflow check its code with the repository's
// own rights: the rules are those of the event's commit, no command runs, and the
// cache gets nothing.
func TestCommentOnAPullRequest(t *testing.T) {
	l := newLab(t)
	evil := "version: 1\nrules:\n  - {id: evil, command: {run: 'touch ran', files: none}}\n"
	payload := map[string]any{"action": "created", "comment": map[string]any{"body": "/check"}, "repository": ownRepository(),
		"issue": map[string]any{"number": 1, "pull_request": map[string]any{"url": "https://api.github.com/repos/o/r/pulls/1"}}}
	for _, allowed := range []bool{false, true} {
		w := l.checkout("refs/pull/1/head", 0)
		l.write(w, "sot.yaml", evil)
		l.commit(w, "bring my own rules")
		j := newJob(l, w, "issue_comment", payload)
		j.env["GITHUB_SHA"], j.env["GITHUB_REF"] = l.base1, "refs/heads/main"
		if allowed {
			j.env["INPUT_ALLOW-UNTRUSTED"] = "true"
		}
		code, out := j.run(t.Context())
		_, err := os.Stat(filepath.Join(w, "ran"))
		switch {
		case allowed && (err != nil || code != report.ExitClean || !strings.Contains(out, "it is trusted because of allow-untrusted")):
			t.Errorf("allowed: %d, %v\n%s", code, err, out)
		case !allowed && (err == nil || code != report.ExitFindings || !strings.Contains(out, "b.txt") || !strings.Contains(out, "is judged as code that is not trusted")):
			t.Errorf("%d, %v\n%s", code, err, out)
		}
	}
}

// A command rule of the event's own commit is refused there, and says so.
func TestCommandsAreRefusedOnForeignCode(t *testing.T) {
	l := newLab(t)
	work := filepath.Join(l.dir, "work")
	l.git(work, "checkout", "-q", "main")
	l.write(work, "sot.yaml", "version: 1\nrules: [{id: tool, command: {run: 'touch ran', files: none}}]\n")
	own := l.commit(work, "a tool")
	l.git(work, "push", "-q", filepath.Join(l.dir, "server", "o", "r"), "main")
	for _, name := range []string{"issue_comment", "issues", "schedule", "workflow_dispatch", "repository_dispatch", "push"} {
		w := l.checkout("refs/pull/1/head", 0)
		j := newJob(l, w, name, map[string]any{"repository": ownRepository()})
		j.env["GITHUB_SHA"], j.env["GITHUB_REF"], j.env["INPUT_FILES"] = own, "refs/heads/main", "all"
		code, out := j.run(t.Context())
		if _, err := os.Stat(filepath.Join(w, "ran")); err == nil || code != report.ExitFault || !strings.Contains(out, "tool: refused") {
			t.Errorf("%s: %d\n%s", name, code, out)
		}
		w = l.checkout("refs/heads/main", 1)
		j = newJob(l, w, name, map[string]any{"repository": ownRepository()})
		j.env["GITHUB_SHA"], j.env["GITHUB_REF"], j.env["INPUT_FILES"] = own, "refs/heads/main", "all"
		code, out = j.run(t.Context())
		if _, err := os.Stat(filepath.Join(w, "ran")); err != nil || code != report.ExitClean {
			t.Errorf("%s, on its own commit: %d\n%s", name, code, out)
		}
	}
}

// A command that a push to main runs writes whatever it likes into whatever it can
// find of ours, and goes on doing so when it has ended. What is signed and kept is
// what was decided all the same, and later runs believe that.
func TestHostileCommandAndTheSignature(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the command is of a POSIX shell")
	}
	l := newLab(t)
	work := filepath.Join(l.dir, "work")
	l.git(work, "checkout", "-q", "main")
	l.write(work, "bad.txt", "bad \n")
	l.write(work, "late.md", "bad\n") // is judged when the command has ended
	l.write(work, "spoil.sh", `
spoil() {
	find "$RUNNER_TEMP" -type f ! -name 'profile.json*' ! -name spoilt ! -name ended | while read -r f; do
		echo forged >> "$f" && echo "$f" >> "$RUNNER_TEMP/spoilt"
	done
}
[ "$1" = --version ] && echo 1 && exit
sleep 1.2 # so that what was decided is worth keeping
printf 'fix\n' > late.md
spoil
(exec > /dev/null 2>&1; for i in 1 2 3 4 5 6 7 8; do spoil; sleep 0.1; done; touch "$RUNNER_TEMP/ended") &
exit 0
`)
	l.write(work, "sot.yaml", `version: 1
rules:
  - {use: trailing-whitespace, files: "*.txt"}
  - {id: later, needs: [spoil], content: {forbid: [{pattern: bad, message: no bad}]}, files: late.md}
  - {id: spoil, files: spoil.sh, command: {run: "sh spoil.sh {files}", inputs: [], version_command: "sh spoil.sh --version", snapshot: never}}
`)
	own := l.commit(work, "a command")
	l.git(work, "push", "-q", filepath.Join(l.dir, "server", "o", "r"), "main")
	server := cacheserver.Start(t, cacheserver.Options{})
	step := func(name string, scopes []cacheserver.Scope) (*job, string) {
		j := newJob(l, l.checkout("refs/heads/main", 0), name, map[string]any{"repository": ownRepository()})
		j.env["GITHUB_SHA"], j.env["GITHUB_REF"], j.env["INPUT_CACHE-SECRET"], j.env["INPUT_FILES"] = own, "refs/heads/main", "k3y", "all"
		j.use(server, scopes)
		_, out := j.run(t.Context())
		return j, out
	}
	// Of late.md the first run sees what the command left.
	first, out := step("push", cacheserver.Branch("main", "main"))
	for range 1000 { // the folder is taken away when the test ends
		if _, err := os.Stat(filepath.Join(first.env["RUNNER_TEMP"], "ended")); err == nil {
			break
		}
		time.Sleep(10 * time.Millisecond)
	}
	if spoilt, err := os.ReadFile(filepath.Join(first.env["RUNNER_TEMP"], "spoilt")); err == nil && bytes.Contains(spoilt, []byte("/verdicts")) {
		t.Errorf("verdicts lay where a command could write to them:\n%s", spoilt)
	}
	var kept *cacheserver.Entry
	for _, e := range server.Entries() {
		if strings.Contains(e.Key, "-verdicts/") {
			kept = &e
		}
	}
	if kept == nil {
		t.Fatalf("no verdicts were kept\n%s", out)
	}
	// The pull request's run believes them, so that the command is not run again,
	// and judges late.md by what it holds in the commit.
	second, out := step("pull_request_review", cacheserver.PullRequest(1, "main"))
	if strings.Contains(out, "not signed") || strings.Contains(out, "not used") || !strings.Contains(out, "from the cache: what rules cost, verdicts on files") {
		t.Error(out)
	}
	if data, err := os.ReadFile(filepath.Join(second.env["GITHUB_WORKSPACE"], "late.md")); err != nil || string(data) != "bad\n" {
		t.Errorf("the command ran again: %q %v", data, err)
	}
	for _, want := range []string{"no bad", "trailing white space"} {
		if !strings.Contains(out, want) {
			t.Errorf("%q is not found any more\n%s", want, out)
		}
	}
}
