package action

import (
	"fmt"
	"net/http"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

var sticky = publishOptions{annotations: "off", comment: "sticky"}

// A comment is written when something is wrong, updated in place, and says so when
// all is well again; where nothing was ever wrong there is none.
func TestStickyComment(t *testing.T) {
	h, gh := newHub(t)
	act := newStage(t).act
	run := func(fs ...rule.Finding) {
		t.Helper()
		if notes := publish(t.Context(), gh, act, sticky, outcomeOf(fs...)); notes != nil {
			t.Fatalf("%q", notes)
		}
	}
	run()
	if len(h.comments) != 0 {
		t.Fatal("a clean run wrote a comment")
	}
	run(many(3, rule.Error)...)
	if len(h.comments) != 1 || !strings.Contains(h.comments[0].GetBody(), "## ❌ sot: 3 errors in 3 files") {
		t.Fatalf("%v", h.comments)
	}
	id := h.comments[0].GetID()
	run(many(1, rule.Error)...)
	run()
	if len(h.comments) != 1 || h.comments[0].GetID() != id || !strings.Contains(h.comments[0].GetBody(), "## ✅ sot: clean") {
		t.Errorf("%v", h.comments)
	}
	writes := len(h.requests)
	run()
	if len(h.requests) != writes+2 { // the list, and who we are
		t.Errorf("the same body was written again: %q", h.requests[writes:])
	}
	run(many(20000, rule.Error)...)
}

// Ours is found behind pages of others' comments, some of which look like it.
func TestStickyCommentAmongOthers(t *testing.T) {
	h, gh := newHub(t)
	h.page = 10
	out := outcomeOf(many(1, rule.Error)...)
	p := &poster{in: sticky, out: out, workflow: "ci"}
	body := p.marker() + "old"
	other := func(login, kind, body string) {
		h.next++
		h.comments = append(h.comments, &github.IssueComment{ID: github.Int64(h.next), Body: github.String(body), User: &github.User{Login: github.String(login), Type: github.String(kind)}})
	}
	for range 35 {
		other("mallory", "User", body)
		other("github-actions", "User", body)
		other("other[bot]", "Bot", body)
		other(h.me, "Bot", "quoted:\n"+body)
		other(h.me, "Bot", strings.Replace(body, "job=", "job=0", 1))
	}
	other(h.me, "Bot", body)
	ours := h.comments[len(h.comments)-1]
	n := len(h.comments)
	for _, me := range []string{"github-actions[bot]", "github-actions"} { // GitHub's answers differ
		h.fail = func(w http.ResponseWriter, r *http.Request, _ int) bool {
			if !strings.Contains(r.URL.Path, "graphql") {
				return false
			}
			answer(w, 200, map[string]any{"data": map[string]any{"viewer": map[string]any{"login": me}}})
			return true
		}
		if me == "github-actions" { // a user of that name wrote some
			continue
		}
		ours.Body = &body
		if notes := publish(t.Context(), gh, newStage(t).act, sticky, out); notes != nil {
			t.Errorf("%q", notes)
		}
		if len(h.comments) != n || !strings.Contains(ours.GetBody(), "1 error in 1 file") {
			t.Errorf("%d comments, ours is %q", len(h.comments), ours.GetBody())
		}
	}
}

// Where GraphQL does not answer, the token is the job's own.
func TestStickyCommentWithoutGraphQL(t *testing.T) {
	h, gh := newHub(t)
	h.fail = refuse("graphql", 403)
	for range 2 {
		if notes := publish(t.Context(), gh, newStage(t).act, sticky, outcomeOf(many(1, rule.Error)...)); notes != nil {
			t.Errorf("%q", notes)
		}
	}
	if len(h.comments) != 1 {
		t.Errorf("%d comments", len(h.comments))
	}
}

// Several comments of one job become one again: the oldest, with the newest run.
func TestStickyCommentDuplicates(t *testing.T) {
	h, gh := newHub(t)
	for i := range 3 {
		o := outcomeOf()
		o.place.runID = int64(3 + i%2)
		p := &poster{in: sticky, out: o, workflow: "ci"}
		h.next++
		h.comments = append(h.comments, &github.IssueComment{ID: github.Int64(h.next), Body: github.String(p.marker() + fmt.Sprint(i)), User: h.user()})
	}
	first := h.comments[0].GetID()
	if notes := publish(t.Context(), gh, newStage(t).act, sticky, outcomeOf(many(2, rule.Error)...)); notes != nil {
		t.Errorf("%q", notes)
	}
	if len(h.comments) != 1 || h.comments[0].GetID() != first || !strings.Contains(h.comments[0].GetBody(), "run=5") {
		t.Errorf("%v", h.comments)
	}
	// A run that is late does not undo what a newer one said.
	late := outcomeOf(many(1, rule.Error)...)
	late.place.runID = 4
	if notes := publish(t.Context(), gh, newStage(t).act, sticky, late); len(notes) != 1 || !strings.Contains(notes[0], "newer run") {
		t.Errorf("%q", notes)
	}
	if !strings.Contains(h.comments[0].GetBody(), "2 errors") {
		t.Errorf("%v", h.comments)
	}
}

// Runs that write their first comment at once end with one.
func TestStickyCommentRaces(t *testing.T) {
	h, gh := newHub(t)
	var both sync.WaitGroup
	both.Add(2)
	lists := 0
	h.fail = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		if r.Method == http.MethodGet && lists < 2 { // neither sees the other's comment
			lists++
			h.mu.Unlock()
			both.Done()
			both.Wait()
			h.mu.Lock()
		}
		return false
	}
	var runs sync.WaitGroup
	for i := range 2 {
		act := newStage(t).act
		runs.Go(func() {
			out := outcomeOf(many(1+i, rule.Error)...)
			out.place.runID = int64(5 + i)
			if notes := publish(t.Context(), gh, act, sticky, out); notes != nil {
				t.Errorf("%q", notes)
			}
		})
	}
	runs.Wait()
	if len(h.comments) != 1 || !strings.Contains(h.comments[0].GetBody(), "run=6") {
		t.Errorf("%v", h.comments)
	}
}

// A comment that was deleted meanwhile is written anew.
func TestStickyCommentDeletedMeanwhile(t *testing.T) {
	h, gh := newHub(t)
	publish(t.Context(), gh, newStage(t).act, sticky, outcomeOf(many(1, rule.Error)...))
	h.fail = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		if r.Method == http.MethodPatch {
			h.comments = nil
		}
		return false
	}
	if notes := publish(t.Context(), gh, newStage(t).act, sticky, outcomeOf(many(2, rule.Error)...)); notes != nil || len(h.comments) != 1 || !strings.Contains(h.comments[0].GetBody(), "2 errors") {
		t.Errorf("%q, %v", notes, h.comments)
	}
}

func TestStickyCommentRefused(t *testing.T) {
	for _, code := range []int{403, 404, 422, 500, 503} {
		h, gh := newHub(t)
		h.fail = func(w http.ResponseWriter, r *http.Request, n int) bool {
			return r.Method == http.MethodPost && refuse("comments", code)(w, r, n)
		}
		notes := publish(t.Context(), gh, newStage(t).act, sticky, outcomeOf(many(1, rule.Error)...))
		if len(notes) != 1 || !strings.HasPrefix(notes[0], "no comment: ") || strings.Contains(notes[0], "\n") || (code == 403) != strings.Contains(notes[0], "pull-requests: write") && code != 404 {
			t.Errorf("%d: %q", code, notes)
		}
	}
	h, gh := newHub(t)
	h.fail = refuse("comments", 403)
	out := outcomeOf(many(1, rule.Error)...)
	out.place.fork = true
	if notes := publish(t.Context(), gh, newStage(t).act, sticky, out); len(notes) != 1 || !strings.Contains(notes[0], "from forks") {
		t.Errorf("%q", notes)
	}
	out.place.pull = 0
	if notes := publish(t.Context(), nil, newStage(t).act, sticky, out); len(notes) != 1 {
		t.Errorf("%q", notes)
	}
	out.place.pull = 7
	if notes := publish(t.Context(), nil, newStage(t).act, sticky, out); len(notes) != 1 || !strings.Contains(notes[0], "no access") {
		t.Errorf("%q", notes)
	}
}

// Jobs, legs of a matrix and workflows have comments of their own.
func TestStickyCommentOfEachJob(t *testing.T) {
	h, gh := newHub(t)
	for i := range 4 {
		out, in := outcomeOf(many(1, rule.Error)...), sticky
		if i%2 == 1 {
			out.place.job = "test"
		}
		if i >= 2 {
			in.leg = "windows"
		}
		publish(t.Context(), gh, newStage(t).act, in, out)
	}
	if len(h.comments) != 4 {
		t.Errorf("%d comments", len(h.comments))
	}
	for _, c := range h.comments {
		if len(c.GetBody()) > commentLength || report.MaxSummary < commentLength {
			t.Errorf("%d", len(c.GetBody()))
		}
	}
}
