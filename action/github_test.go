package action

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-github/v60/github"
	"github.com/sethvargo/go-githubactions"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// hub is a server with the part of GitHub's REST API that is used here, and its limits.
// Where SOT_PRISM is the address of a Prism that mocks GitHub's own description of
// its API, each request is checked by that as well.
type hub struct {
	t    *testing.T
	mu   sync.Mutex
	me   string // who the token writes as
	next int64
	page int // most items of a page

	checks   map[int64]*checkState
	comments []*github.IssueComment
	files    []*github.CommitFile
	reviews  []*github.PullRequestReviewRequest
	replies  []*github.PullRequestComment // comments of reviews
	requests []string                     // method and path

	// fail answers in place of the server where it returns true.
	fail func(w http.ResponseWriter, r *http.Request, n int) bool
}

type checkState struct {
	name, head, conclusion string
	annotations            []*github.CheckRunAnnotation
}

const slug = "/repos/octo/hello"

func newHub(t *testing.T) (*hub, *github.Client) {
	t.Helper()
	if os.Getenv("SOT_PRISM") == "" {
		t.Log("SOT_PRISM names no Prism: requests are not checked against GitHub's own description of its API")
	}
	h := &hub{t: t, me: "github-actions[bot]", next: 100, page: 100, checks: map[int64]*checkState{}}
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	c := github.NewClient(nil).WithAuthToken("token")
	base, err := url.Parse(server.URL + "/api/v3/")
	if err != nil {
		t.Fatal(err)
	}
	c.BaseURL = base
	return h, c
}

func (h *hub) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	body, err := io.ReadAll(r.Body)
	if err != nil {
		h.t.Error(err)
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	path := strings.TrimPrefix(r.URL.Path, "/api/v3")
	h.described(r, path, body)
	h.mu.Lock()
	defer h.mu.Unlock()
	h.requests = append(h.requests, r.Method+" "+path)
	if h.fail != nil && h.fail(w, r, len(h.requests)) {
		return
	}
	if r.Header.Get("Authorization") != "Bearer token" {
		h.t.Errorf("%s without the token", path)
	}
	switch {
	case path == "/api/graphql":
		answer(w, 200, map[string]any{"data": map[string]any{"viewer": map[string]any{"login": h.me}}})
	case strings.HasPrefix(path, slug+"/check-runs"):
		h.check(w, r, strings.TrimPrefix(path, slug+"/check-runs"))
	case path == slug+"/issues/7/comments" && r.Method == http.MethodGet:
		paged(w, r, h.page, h.comments)
	case path == slug+"/issues/7/comments" && r.Method == http.MethodPost:
		h.next++
		c := &github.IssueComment{ID: github.Int64(h.next), User: h.user(), CreatedAt: &github.Timestamp{}}
		h.decode(r, c)
		h.size(c.GetBody(), 65536)
		h.comments = append(h.comments, c)
		answer(w, 201, c)
	case strings.HasPrefix(path, slug+"/issues/comments/"):
		h.comment(w, r, strings.TrimPrefix(path, slug+"/issues/comments/"))
	case path == slug+"/pulls/7/files":
		paged(w, r, h.page, h.files)
	case path == slug+"/pulls/7/comments":
		paged(w, r, h.page, h.replies)
	case path == slug+"/pulls/7/reviews" && r.Method == http.MethodPost:
		h.review(w, r)
	default:
		h.t.Errorf("%s %s is no request that GitHub knows", r.Method, path)
		answer(w, 404, map[string]string{"message": "Not Found"})
	}
}

// described has a request checked against GitHub's own description.
func (h *hub) described(r *http.Request, path string, body []byte) {
	prism := os.Getenv("SOT_PRISM")
	if prism == "" || path == "/api/graphql" {
		return
	}
	req, err := http.NewRequest(r.Method, strings.TrimSuffix(prism, "/")+path+"?"+r.URL.RawQuery, bytes.NewReader(body))
	if err != nil {
		h.t.Error(err)
		return
	}
	req.Header.Set("Accept", "application/json")
	if len(body) > 0 {
		req.Header.Set("Content-Type", "application/json")
	}
	resp, err := http.DefaultClient.Do(req)
	if err != nil {
		h.t.Errorf("SOT_PRISM: %v", err)
		return
	}
	defer func() { _ = resp.Body.Close() }()
	if b, _ := io.ReadAll(resp.Body); resp.StatusCode >= 400 || resp.Header.Get("sl-violations") != "" {
		h.t.Errorf("%s %s is not what GitHub describes: %d %s %.1000s", r.Method, path, resp.StatusCode, resp.Header.Get("sl-violations"), b)
	}
}

func answer(w http.ResponseWriter, code int, v any) {
	w.Header().Set("Content-Type", "application/json; charset=utf-8")
	w.WriteHeader(code)
	_ = json.NewEncoder(w).Encode(v) // a client that went away is its own business
}

func paged[T any](w http.ResponseWriter, r *http.Request, most int, all []T) {
	page, _ := strconv.Atoi(r.URL.Query().Get("page"))
	page = max(1, page)
	from := min(len(all), (page-1)*most)
	to := min(len(all), from+most)
	if to < len(all) {
		u := *r.URL
		q := u.Query()
		q.Set("page", strconv.Itoa(page+1))
		u.RawQuery = q.Encode()
		w.Header().Set("Link", fmt.Sprintf(`<http://%s%s>; rel="next"`, r.Host, u.String()))
	}
	answer(w, 200, append([]T{}, all[from:to]...))
}

func (h *hub) user() *github.User { return &github.User{Login: &h.me, Type: github.String("Bot")} }

func (h *hub) decode(r *http.Request, v any) {
	if err := json.NewDecoder(r.Body).Decode(v); err != nil {
		h.t.Errorf("%s %s: %v", r.Method, r.URL.Path, err)
	}
}

func (h *hub) size(s string, most int) {
	if n := len([]rune(s)); n > most || n == 0 {
		h.t.Errorf("%d characters, GitHub takes 1 to %d", n, most)
	}
}

func (h *hub) check(w http.ResponseWriter, r *http.Request, id string) {
	var in struct {
		Name, Conclusion string
		Head             string                 `json:"head_sha"`
		Output           *github.CheckRunOutput `json:"output"`
	}
	h.decode(r, &in)
	var c *checkState
	switch {
	case r.Method == http.MethodPost:
		h.next++
		c = &checkState{name: in.Name, head: in.Head, conclusion: in.Conclusion}
		h.checks[h.next] = c
		id = fmt.Sprint("/", h.next)
	default:
		n, _ := strconv.ParseInt(strings.TrimPrefix(id, "/"), 10, 64)
		if c = h.checks[n]; c == nil {
			answer(w, 404, map[string]string{"message": "Not Found"})
			return
		}
	}
	if len(in.Output.Annotations) > 50 {
		h.t.Errorf("%d annotations, GitHub takes 50", len(in.Output.Annotations))
	}
	h.size(in.Output.GetSummary(), 65535)
	h.size(in.Output.GetTitle(), 255)
	for _, a := range in.Output.Annotations {
		if a.GetStartLine() < 1 || a.GetEndLine() < a.GetStartLine() || a.GetPath() == "" || a.GetMessage() == "" ||
			a.StartColumn != nil && a.GetStartLine() != a.GetEndLine() || len(a.GetMessage()) > 64<<10 {
			h.t.Errorf("GitHub refuses the annotation %v", a)
		}
		h.size(a.GetTitle(), 255)
	}
	c.annotations = append(c.annotations, in.Output.Annotations...)
	n, _ := strconv.ParseInt(strings.TrimPrefix(id, "/"), 10, 64)
	answer(w, 200, &github.CheckRun{ID: &n})
}

func (h *hub) comment(w http.ResponseWriter, r *http.Request, id string) {
	n, _ := strconv.ParseInt(id, 10, 64)
	i := slices.IndexFunc(h.comments, func(c *github.IssueComment) bool { return c.GetID() == n })
	switch {
	case i < 0:
		answer(w, 404, map[string]string{"message": "Not Found"})
	case h.comments[i].GetUser().GetLogin() != h.me:
		h.t.Errorf("%s of the comment of %s", r.Method, h.comments[i].GetUser().GetLogin())
		answer(w, 403, map[string]string{"message": "Resource not accessible by integration"})
	case r.Method == http.MethodDelete:
		h.comments = slices.Delete(h.comments, i, i+1)
		w.WriteHeader(http.StatusNoContent)
	default:
		h.decode(r, h.comments[i])
		h.size(h.comments[i].GetBody(), 65536)
		answer(w, 200, h.comments[i])
	}
}

// review takes a review as GitHub does: every comment on lines that the diff shows on
// its right side, the first and the last in one hunk.
func (h *hub) review(w http.ResponseWriter, r *http.Request) {
	var in github.PullRequestReviewRequest
	h.decode(r, &in)
	if in.GetEvent() != "COMMENT" || in.GetCommitID() == "" {
		h.t.Errorf("a review %v", in)
	}
	for _, c := range in.Comments {
		lines := map[int]shown{}
		for _, f := range h.files {
			if f.GetFilename() == c.GetPath() {
				lines = headLines(f.GetPatch())
			}
		}
		first := c.GetLine()
		if c.StartLine != nil {
			first = c.GetStartLine()
			if first >= c.GetLine() || c.GetStartSide() != "RIGHT" {
				h.t.Errorf("lines %d to %d", first, c.GetLine())
			}
		}
		a, okA := lines[first]
		b, okB := lines[c.GetLine()]
		if !okA || !okB || a.hunk != b.hunk || c.GetSide() != "RIGHT" {
			answer(w, 422, map[string]string{"message": "Unprocessable Entity: pull_request_review_thread.line must be part of the diff"})
			return
		}
		h.replies = append(h.replies, &github.PullRequestComment{Body: c.Body, User: h.user(), Path: c.Path, Line: c.Line})
	}
	h.reviews = append(h.reviews, &in)
	answer(w, 200, &github.PullRequestReview{ID: github.Int64(1)})
}

// refuse answers every request whose path holds part with a code.
func refuse(part string, code int) func(http.ResponseWriter, *http.Request, int) bool {
	return func(w http.ResponseWriter, r *http.Request, _ int) bool {
		if !strings.Contains(r.URL.Path, part) {
			return false
		}
		answer(w, code, map[string]string{"message": "Resource not accessible by integration\n::error::x"})
		return true
	}
}

// stage is a step's output and environment.
type stage struct {
	out     bytes.Buffer
	summary string
	act     *githubactions.Action
}

func newStage(t *testing.T) *stage {
	t.Helper()
	s := &stage{summary: filepath.Join(t.TempDir(), "summary.md")}
	env := map[string]string{"GITHUB_STEP_SUMMARY": s.summary, "GITHUB_WORKFLOW": "ci"}
	s.act = githubactions.New(githubactions.WithWriter(&s.out), githubactions.WithGetenv(func(k string) string { return env[k] }))
	return s
}

func (s *stage) read(t *testing.T) string {
	t.Helper()
	b, err := os.ReadFile(s.summary)
	if err != nil {
		t.Fatal(err)
	}
	return string(b)
}

// commands are the workflow commands of the output, as the runner sees them.
func (s *stage) commands(t *testing.T) map[string][]string {
	t.Helper()
	out := map[string][]string{}
	for line := range strings.Lines(strings.ReplaceAll(s.out.String(), "\r", "\n")) {
		if line = strings.TrimSpace(line); line == "" { // between the two halves of Windows' line end
			continue
		}
		name, _, ok := strings.Cut(strings.TrimPrefix(line, "::"), " ")
		if !ok || !strings.HasPrefix(line, "::") || !slices.Contains([]string{"error", "warning", "notice"}, name) {
			t.Fatalf("a line of the log: %q", line)
		}
		out[name] = append(out[name], line)
	}
	return out
}

const headSHA = "0123456789abcdef0123456789abcdef01234567"

func finding(severity rule.Severity, path string, line int, message string) rule.Finding {
	return rule.Finding{Rule: "no-print", Severity: severity, Path: path, Line: line, Message: message}
}

// outcomeOf is a run on a pull request.
func outcomeOf(fs ...rule.Finding) *outcome {
	r := &report.Report{
		Tool: report.Tool{Name: "sot", Version: "1.2.3"}, Run: report.Run{Seconds: 1.5, Files: 3},
		Rules: []report.RuleResult{{ID: "no-print", Status: report.Passed}}, Findings: fs,
	}
	rule.SetFingerprints(r.Findings)
	if len(fs) > 0 {
		r.Run.ExitCode = report.ExitFindings
	}
	return &outcome{
		report: r, warm: true,
		place: place{server: "https://github.com", owner: "octo", repo: "hello", head: headSHA, pull: 7, runURL: "https://github.com/octo/hello/actions/runs/5", runID: 5, attempt: 1, job: "lint"},
	}
}
