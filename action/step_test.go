package action

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
)

// job is a job of a workflow: what the runner gives its steps.
type job struct {
	*lab
	env environ
	dir string // of the runner's files
}

func newJob(l *lab, workspace, name string, payload map[string]any) *job {
	l.t.Helper()
	dir := l.t.TempDir()
	data, err := json.Marshal(payload)
	if err != nil {
		l.t.Fatal(err)
	}
	l.write(dir, "event.json", string(data))
	return &job{lab: l, dir: dir, env: environ{
		"PATH": os.Getenv("PATH"), "HOME": dir, "GIT_CONFIG_GLOBAL": os.DevNull, "GIT_CONFIG_NOSYSTEM": "1",
		"CI": "true", "GITHUB_ACTIONS": "true", "GITHUB_SERVER_URL": "https://github.com", "GITHUB_REPOSITORY": "o/r",
		"GITHUB_WORKSPACE": workspace, "GITHUB_EVENT_NAME": name, "GITHUB_EVENT_PATH": filepath.Join(dir, "event.json"),
		"GITHUB_OUTPUT": filepath.Join(dir, "output"), "GITHUB_STEP_SUMMARY": filepath.Join(dir, "summary.md"),
		"RUNNER_TEMP": filepath.Join(dir, "temp"), "GITHUB_JOB": "check", "GITHUB_RUN_ID": "42", "GITHUB_RUN_ATTEMPT": "1",
		"INPUT_ANNOTATIONS": "commands",
	}}
}

func (j *job) run(ctx context.Context) (code int, out string) {
	j.t.Helper()
	j.mkdir(j.env["RUNNER_TEMP"])
	var b bytes.Buffer
	code = Run(ctx, Options{
		Getenv: j.env.get, Environ: j.env.list(), Out: &b, Version: "1.0.0",
		Parse: func([]string) (Flags, error) { return Flags{Engine: engine.Options{Stage: "ci"}}, nil },
		Explain: func(w io.Writer, err error) int {
			_, _ = fmt.Fprintln(w, err)
			if errors.As(err, new(*UsageError)) {
				return report.ExitUsage
			}
			return report.ExitFault
		},
	})
	return code, b.String()
}

// outputs are what the step set.
func (j *job) outputs() map[string]string {
	j.t.Helper()
	data, err := os.ReadFile(j.env["GITHUB_OUTPUT"])
	if err != nil {
		j.t.Fatal(err)
	}
	set := map[string]string{}
	for _, m := range regexp.MustCompile(`(?m)^(\w+)<<(\w+)\n(.*)\n\w+$`).FindAllStringSubmatch(string(data), -1) {
		set[m[1]] = m[3]
	}
	return set
}

func (j *job) use(server *cacheserver.Server, scopes []cacheserver.Scope) {
	for _, kv := range server.Env(scopes...) {
		name, value, _ := strings.Cut(kv, "=")
		j.env[name] = value
	}
}

func ownRepository() map[string]any {
	return map[string]any{"full_name": "o/r", "default_branch": "main"}
}

func pushOf(l *lab) map[string]any {
	return map[string]any{"ref": "refs/heads/main", "before": l.base0, "after": l.base1, "repository": ownRepository()}
}

func pullOf(l *lab) map[string]any {
	return map[string]any{"repository": ownRepository(), "pull_request": map[string]any{
		"number": 1, "changed_files": 4, "base": map[string]any{"sha": l.base1, "repo": ownRepository()}, "head": map[string]any{"sha": l.head, "repo": ownRepository()},
	}}
}

// The second run starts from what the first one learned, also that of a pull
// request; a cache that does not work costs a note.
func TestStepColdThenWarm(t *testing.T) {
	l := newLab(t)
	server := cacheserver.Start(t, cacheserver.Options{})
	step := func(name, ref string, payload map[string]any, scopes []cacheserver.Scope) (*job, string) {
		j := newJob(l, l.checkout(ref, 0), name, payload)
		j.env["GITHUB_REF"] = "refs/heads/main"
		j.use(server, scopes)
		_, out := j.run(t.Context())
		return j, out
	}
	first, out := step("push", l.base1, pushOf(l), cacheserver.Branch("main", "main"))
	if got := first.outputs()["profile"]; got != "cold" {
		t.Errorf("the first run is %s", got)
	}
	if !strings.Contains(out, "nothing was found in the cache; kept for the next run: the first profile") {
		t.Error(out)
	}
	second, out := step("push", l.base1, pushOf(l), cacheserver.Branch("main", "main"))
	if got := second.outputs()["profile"]; got != "warm" {
		t.Errorf("the second run is %s\n%s", got, out)
	}
	pull, out := step("pull_request", "refs/pull/1/merge", pullOf(l), cacheserver.PullRequest(1, "main"))
	if got := pull.outputs()["profile"]; got != "warm" {
		t.Errorf("the pull request's run is %s\n%s", got, out)
	}
	for _, e := range server.Entries() {
		if !strings.HasPrefix(e.Key, "sot-v1-") || !strings.Contains(e.Key, "/42-1-") {
			t.Error(e.Key)
		}
	}
	if v := server.Violations(); len(v) > 0 {
		t.Error(v)
	}
	known := len(server.Entries())
	gone := pushOf(l)
	gone["deleted"] = true
	if _, out := step("push", l.base1, gone, cacheserver.Branch("main", "main")); len(server.Entries()) != known {
		t.Errorf("a run of nothing made an entry\n%s", out)
	}
	server.Break(cacheserver.Find, cacheserver.Answer(http.StatusInternalServerError, "no"))
	server.Break(cacheserver.Create, cacheserver.Answer(http.StatusInternalServerError, "no"))
	broken, out := step("push", l.base1, pushOf(l), cacheserver.Branch("main", "main"))
	if got := broken.outputs(); got["profile"] != "cold" || got["conclusion"] != "success" && got["conclusion"] != "failure" {
		t.Errorf("%v\n%s", got, out)
	}
	if !strings.Contains(out, "note: the cache was not written:") || strings.Contains(out, "kept for the next run") {
		t.Error(out)
	}
}

// A deleted branch's run has the head of the default branch, whose check run of the
// same name would be replaced.
func TestStepOfNothingTellsNobody(t *testing.T) {
	l := newLab(t)
	server := newAPI(t)
	gone := pushOf(l)
	gone["deleted"] = true
	j := newJob(l, l.checkout(l.base1, 1), "push", gone)
	j.env["GITHUB_API_URL"], j.env["INPUT_GITHUB-TOKEN"], j.env["INPUT_ANNOTATIONS"] = server.URL, "secret-token", "checks"
	j.env["GITHUB_SHA"] = l.base1
	code, out := j.run(t.Context())
	if code != report.ExitClean || len(server.asked) > 0 || !strings.Contains(out, "compared: nothing") {
		t.Errorf("%d, asked %q\n%s", code, server.asked, out)
	}
}

// The summary, the outputs, the annotations and the JSON report say the same.
func TestStepTells(t *testing.T) {
	l := newLab(t)
	j := newJob(l, l.checkout("refs/pull/1/merge", 0), "pull_request", pullOf(l))
	code, out := j.run(t.Context())
	if code != report.ExitFindings {
		t.Fatalf("exit code %d\n%s", code, out)
	}
	got := j.outputs()
	for name, want := range map[string]string{"conclusion": "failure", "errors": "2", "findings": "2", "warnings": "0", "fixed": "0", "files": "3"} {
		if got[name] != want {
			t.Errorf("%s is %q, want %q", name, got[name], want)
		}
	}
	for _, name := range []string{"seconds", "efficiency", "speedup"} {
		if !regexp.MustCompile(`^\d+\.\d+$`).MatchString(got[name]) {
			t.Errorf("%s is %q", name, got[name])
		}
	}
	data, err := os.ReadFile(got["report"])
	if err != nil || !json.Valid(data) {
		t.Errorf("%s: %v", got["report"], err)
	}
	summary, err := os.ReadFile(j.env["GITHUB_STEP_SUMMARY"])
	if err != nil || !strings.Contains(string(summary), "into which the pull request is merged here") {
		t.Errorf("%s %v", summary, err)
	}
	if !regexp.MustCompile(`(?m)^::error .*file=b.txt`).MatchString(out) {
		t.Error(out)
	}
}

// On cancelling, what had finished is told, and nothing waits for the network.
func TestStepIsCancelled(t *testing.T) {
	l := newLab(t)
	server := newAPI(t)
	server.answer = func(http.ResponseWriter, *http.Request) { t.Error("the API was asked") }
	w := l.checkout("refs/pull/1/merge", 0)
	l.write(w, "sot.yaml", "version: 1\nrules: [{id: slow, command: {run: sleep 60, files: none}}]\n")
	j := newJob(l, w, "pull_request", pullOf(l))
	j.env["GITHUB_API_URL"], j.env["INPUT_GITHUB-TOKEN"], j.env["INPUT_COMMENT"] = server.URL, "secret-token", "sticky"
	ctx, cancel := context.WithCancel(t.Context())
	time.AfterFunc(500*time.Millisecond, cancel)
	code, out := j.run(ctx)
	if code != report.ExitInterrupted || j.outputs()["conclusion"] != "cancelled" {
		t.Errorf("%d %v\n%s", code, j.outputs(), out)
	}
}

// A step whose runner gives it nothing still says what is wrong.
func TestStepWithoutARunner(t *testing.T) {
	l := newLab(t)
	for name, change := range map[string]func(j *job){
		"no outputs":                 func(j *job) { delete(j.env, "GITHUB_OUTPUT") },
		"outputs that are no file":   func(j *job) { j.env["GITHUB_OUTPUT"] = j.dir },
		"no temporary folder":        func(j *job) { j.env["RUNNER_TEMP"] = filepath.Join(j.dir, "a", "b") },
		"a link in its place":        func(j *job) { _ = os.Symlink("/etc", filepath.Join(j.env["RUNNER_TEMP"], "sot")) },
		"the API's address is none":  func(j *job) { j.env["GITHUB_API_URL"], j.env["INPUT_GITHUB-TOKEN"] = "::error::x", "t" },
		"a summary that is no file":  func(j *job) { j.env["GITHUB_STEP_SUMMARY"] = j.dir },
		"suggestions without an API": func(j *job) { j.env["INPUT_FIX"] = "suggest" },
	} {
		t.Run(name, func(t *testing.T) {
			j := newJob(l, l.checkout("refs/pull/1/merge", 0), "pull_request", pullOf(l))
			j.mkdir(j.env["RUNNER_TEMP"])
			change(j)
			code, out := j.run(t.Context())
			if code != report.ExitFindings {
				t.Errorf("%d\n%s", code, out)
			}
			commands := slices.DeleteFunc(regexp.MustCompile(`(?m)^\s*::(\w[\w-]*)`).FindAllString(out, -1), func(c string) bool {
				return slices.Contains([]string{"::stop-commands", "::group", "::endgroup", "::error", "::notice", "::add-mask", "::warning"}, strings.TrimSpace(c)) ||
					regexp.MustCompile(`^::[A-Z2-7]{26}$`).MatchString(strings.TrimSpace(c))
			})
			if len(commands) > 0 {
				t.Errorf("%q in\n%s", commands, out)
			}
		})
	}
}

// No environment of a command holds a secret, whatever its name.
func TestCommandEnv(t *testing.T) {
	got := commandEnv([]string{
		"PATH=/bin", "HOME=/root", "INPUT_GITHUB-TOKEN=t0ken", "INPUT_ARGS=x", "ACTIONS_RUNTIME_TOKEN=r", "actions_results_url=u", "GITHUB_TOKEN=t0ken",
		"GH_TOKEN=other", "MINE=a t0ken b", "NPM_TOKEN=theirs", "GITHUB_ENV=/x", "GITHUB_OUTPUT=/y", "GITHUB_REPOSITORY=o/r", "SECRET=k3y",
	}, "t0ken", "k3y", "")
	want := []string{"PATH=/bin", "HOME=/root", "NPM_TOKEN=theirs", "GITHUB_REPOSITORY=o/r"}
	if !slices.Equal(got, want) {
		t.Errorf("%q, want %q", got, want)
	}
}

func TestAddedLines(t *testing.T) {
	for patch, want := range map[string]string{
		"@@ -0,0 +1 @@\n+b ": "[{1 1}]",
		"@@ -1,2 +1,3 @@ func\n a\n+b\n-c\n+d\n\\ No newline at end of file": "[{2 3}]",
		"@@ -1 +1,0 @@\n-x":   "[]",
		"@@ -1,2 +1,2 @@\n a": "false",
		"@@ bad @@\n+x":       "false",
		"@@ -1 +1 @@\n+a\n@@ -9,2 +9,3 @@\n x\n+y\n z": "[{1 1} {10 10}]",
	} {
		lines, ok := addedLines(patch)
		got := fmt.Sprint(lines)
		if !ok {
			got = "false"
		}
		if got != want {
			t.Errorf("%q: %s, want %s", patch, got, want)
		}
	}
}

func FuzzAddedLines(f *testing.F) {
	f.Add("@@ -1,2 +1,3 @@ func\n a\n+b\n-c\n+d\n")
	f.Add("@@ -1 +9999999999999999999 @@\n+x")
	f.Fuzz(func(t *testing.T, patch string) {
		lines, ok := addedLines(patch)
		for i := range lines {
			if ok && (lines[i].Last < lines[i].First || lines[i].First < 0) {
				t.Fatal(lines)
			}
		}
	})
}
