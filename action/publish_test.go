package action

import (
	"context"
	"fmt"
	"net/http"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

func many(n int, severity rule.Severity) (fs []rule.Finding) {
	for i := range n {
		fs = append(fs, finding(severity, fmt.Sprintf("pkg/a%04d.go", i), i+1, "use the logger"))
	}
	return fs
}

// All annotations go into one check run, 50 a request; the log has the figures alone.
func TestCheckRunHoldsAll(t *testing.T) {
	for _, n := range []int{0, 1, 50, 51, 100, 120} {
		h, gh := newHub(t)
		s := newStage(t)
		out := outcomeOf(many(n, rule.Error)...)
		if notes := publish(t.Context(), gh, s.act, publishOptions{annotations: "auto", leg: "ubuntu, 1.2"}, out); notes != nil {
			t.Errorf("%q", notes)
		}
		if len(h.checks) != 1 || len(h.requests) != max(1, (n+49)/50) {
			t.Fatalf("%d findings: %d check runs by %q", n, len(h.checks), h.requests)
		}
		for _, c := range h.checks {
			want := map[bool]string{true: "failure", false: "success"}[n > 0]
			if len(c.annotations) != n || c.head != headSHA || c.name != "sot findings: lint (ubuntu, 1.2)" || c.conclusion != want {
				t.Errorf("%d findings: %d annotations, %+v", n, len(c.annotations), c.name)
			}
		}
		c := s.commands(t)
		if len(c["error"]) != 0 || len(c["notice"]) != 1 || !strings.Contains(c["notice"][0], report.Plural(n, "finding", "findings")+", 3 files, 1.50 s, warm start") {
			t.Errorf("%q", c)
		}
	}
}

// Whatever GitHub answers, findings come as workflow commands, and the step goes on.
func TestFallsBackToCommands(t *testing.T) {
	for name, fail := range map[string]func(http.ResponseWriter, *http.Request, int) bool{
		"403": refuse("check-runs", 403), "404": refuse("check-runs", 404), "422": refuse("check-runs", 422), "500": refuse("check-runs", 500), "401": refuse("", 401),
		"429": refuse("", 429),
		"rate limit": func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.Header().Set("X-RateLimit-Limit", "60")
			w.Header().Set("X-RateLimit-Remaining", "0")
			w.Header().Set("X-RateLimit-Reset", fmt.Sprint(time.Now().Add(time.Hour).Unix()))
			answer(w, 403, map[string]string{"message": "API rate limit exceeded"})
			return true
		},
		"secondary": func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			w.Header().Set("Retry-After", "3600")
			answer(w, 403, map[string]string{"message": "x", "documentation_url": "https://docs.github.com/rest/overview/rate-limits-for-the-rest-api#about-secondary-rate-limits"})
			return true
		},
		"no json": func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			_, _ = fmt.Fprint(w, "<html>")
			return true
		},
		"closed": func(w http.ResponseWriter, _ *http.Request, _ int) bool {
			c, _, err := http.NewResponseController(w).Hijack()
			if err == nil {
				_ = c.Close()
			}
			return true
		},
	} {
		for _, want := range []string{"auto", "checks"} {
			h, gh := newHub(t)
			h.fail = fail
			s := newStage(t)
			notes := publish(t.Context(), gh, s.act, publishOptions{annotations: want, summary: true}, outcomeOf(many(12, rule.Error)...))
			if c := s.commands(t); len(c["error"]) != 10 || len(c["notice"]) != 1 {
				t.Errorf("%s, %s: %q", name, want, c)
			}
			if len(notes) != 1 || strings.ContainsAny(notes[0], "\r\n") || strings.Contains(notes[0], "0x") {
				t.Errorf("%s, %s: %q", name, want, notes)
			}
			if sum := s.read(t); !strings.Contains(sum, "pkg/a0011.go") {
				t.Errorf("%s: the summary lacks a finding", name)
			}
		}
	}
}

// A server that does not answer costs no more than its time.
func TestAnUnansweredRequestEnds(t *testing.T) {
	h, gh := newHub(t)
	ctx, cancel := context.WithCancel(t.Context())
	h.fail = func(_ http.ResponseWriter, r *http.Request, _ int) bool {
		cancel() // in place of the time's end
		<-r.Context().Done()
		return true
	}
	s := newStage(t)
	publish(ctx, gh, s.act, publishOptions{annotations: "auto", summary: true, comment: "sticky"}, outcomeOf(many(2, rule.Error)...))
	if c := s.commands(t); len(c["error"]) != 2 || !strings.Contains(s.read(t), "pkg/a0001.go") {
		t.Errorf("%q", c)
	}
}

// A check run that cannot be completed is closed, and what it lacks is told otherwise.
func TestCheckRunCutShort(t *testing.T) {
	h, gh := newHub(t)
	h.fail = func(w http.ResponseWriter, r *http.Request, n int) bool {
		return n == 2 && refuse("check-runs", 403)(w, r, n)
	}
	s := newStage(t)
	notes := publish(t.Context(), gh, s.act, publishOptions{annotations: "auto"}, outcomeOf(many(70, rule.Error)...))
	for _, c := range h.checks {
		if len(c.annotations) != 50 || c.conclusion != "failure" {
			t.Errorf("%+v", c)
		}
	}
	if c := s.commands(t); len(c["error"]) != 10 || !strings.Contains(c["error"][0], "a0050.go") {
		t.Errorf("%q", c["error"])
	}
	if len(notes) != 1 || !strings.Contains(notes[0], "10 findings are not annotated") {
		t.Errorf("%q", notes)
	}
}

// A step takes 10 commands of a type: those on changed lines come first.
func TestCommandsBest(t *testing.T) {
	fs := append(append(many(15, rule.Error), many(12, rule.Warning)...), many(12, rule.Info)...)
	fs = append(fs, finding(rule.Error, "zz.go", 3, "last by name, first by weight"))
	out := outcomeOf(fs...)
	out.changed = func(path string, line int) bool { return path == "zz.go" && line == 3 }
	out.report.Faults = []rule.Fault{{Rule: "x", Kind: rule.FaultCrash, Message: "m"}}
	s := newStage(t)
	publish(t.Context(), nil, s.act, publishOptions{annotations: "commands", summary: true}, out)
	c := s.commands(t)
	if len(c["error"]) != 9 || len(c["warning"]) != 10 || len(c["notice"]) != 10 || !strings.Contains(c["error"][0], "file=zz.go,line=3") {
		t.Errorf("%d, %d, %d: %q", len(c["error"]), len(c["warning"]), len(c["notice"]), c["error"])
	}
	if sum := s.read(t); !strings.Contains(sum, "12 findings are shown here alone") {
		t.Error("the summary does not say how many more there are")
	}
}

func TestAnnotationsOff(t *testing.T) {
	h, gh := newHub(t)
	s := newStage(t)
	if notes := publish(t.Context(), gh, s.act, publishOptions{annotations: "off", comment: "off"}, outcomeOf(many(3, rule.Error)...)); notes != nil || s.out.Len() > 0 || h.requests != nil {
		t.Errorf("%q, %q, %q", notes, s.out.String(), h.requests)
	}
	if _, err := os.Stat(s.summary); err == nil {
		t.Error("there is a summary")
	}
}

// What findings hold starts no command, and its columns are those the runner takes.
func TestHostileCommands(t *testing.T) {
	bad := []string{"\n::stop-commands::x", "\r::error::x", "%0A::error::x", "a,line=1:b", "\u202e", "", strings.Repeat("x", 5000), "\xff"}
	var fs []rule.Finding
	for i, b := range bad {
		f := finding(rule.Severity(1+i%3), "a"+b, 2, b)
		f.Rule, f.Column, f.EndLine, f.EndColumn = "r"+b, 3, 2+i%2, 9
		fs = append(fs, f)
	}
	s := newStage(t)
	publish(t.Context(), nil, s.act, publishOptions{annotations: "commands"}, outcomeOf(fs...))
	n := 0
	for _, lines := range s.commands(t) {
		for _, l := range lines {
			n++
			head, message, _ := strings.Cut(l[2:], "::")
			if strings.Contains(head, "endLine") && strings.Contains(head, "ol=") || len([]rune(message)) > report.MaxAnnotation || strings.Contains(l, "\u202e") && !strings.Contains(head, "\u202e") {
				t.Errorf("%.200q", l)
			}
		}
	}
	if n != len(bad)+1 {
		t.Errorf("%d commands, want %d", n, len(bad)+1)
	}
	h, gh := newHub(t)
	publish(t.Context(), gh, newStage(t).act, publishOptions{annotations: "checks"}, outcomeOf(fs...))
	for _, c := range h.checks {
		for _, a := range c.annotations {
			if strings.Contains(a.GetMessage(), "\u202e") || strings.Contains(a.GetTitle(), "\n") {
				t.Errorf("%v", a)
			}
		}
	}
}

func TestSummaryBesideOthers(t *testing.T) {
	for _, before := range []int{0, 10, 1 << 19, 1<<20 - 10, 1 << 21} {
		s := newStage(t)
		if err := os.WriteFile(s.summary, make([]byte, before), 0o600); err != nil {
			t.Fatal(err)
		}
		notes := publish(t.Context(), nil, s.act, publishOptions{annotations: "off", summary: true}, outcomeOf(many(9000, rule.Error)...))
		size := len(s.read(t))
		if room := before < report.MaxSummary-1024; room != (size > before) || room != (notes == nil) || room && size > report.MaxSummary {
			t.Errorf("%d bytes before, %d behind, %q", before, size, notes)
		}
	}
}

func TestPause(t *testing.T) {
	now := time.Unix(1000, 0)
	resp := func(method string, code int, head ...string) *github.Response {
		r := &http.Response{StatusCode: code, Header: http.Header{}, Request: &http.Request{Method: method}}
		for i := 0; i < len(head); i += 2 {
			r.Header.Set(head[i], head[i+1])
		}
		return &github.Response{Response: r}
	}
	for _, c := range []struct {
		resp  *github.Response
		wait  time.Duration
		again bool
	}{
		{nil, 0, false},
		{resp("GET", 500), time.Second, true},
		{resp("POST", 500), 0, false},
		{resp("POST", 429, "Retry-After", "7"), 7 * time.Second, true},
		{resp("POST", 403, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "1005"), 5*time.Second + 100*time.Millisecond, true},
		{resp("POST", 403, "X-RateLimit-Remaining", "0", "X-RateLimit-Reset", "9"), 100 * time.Millisecond, true},
		{resp("POST", 403), 0, false},
		{resp("GET", 404), 0, false},
		{resp("GET", 429, "Retry-After", "99999999999999"), 1e6 * time.Second, true},
	} {
		if wait, again := pause(c.resp, http.ErrBodyNotAllowed, now); again != c.again || again && wait != c.wait {
			t.Errorf("%+v: %v, %v", c.resp, wait, again)
		}
	}
}

// Where GitHub asks to wait a moment, the request is made again.
func TestRateLimitWaits(t *testing.T) {
	h, gh := newHub(t)
	h.fail = func(w http.ResponseWriter, _ *http.Request, n int) bool {
		if n > 1 {
			return false
		}
		w.Header().Set("Retry-After", "0")
		answer(w, 429, map[string]string{"message": "slow down"})
		return true
	}
	s := newStage(t)
	if notes := publish(t.Context(), gh, s.act, publishOptions{annotations: "checks"}, outcomeOf(many(2, rule.Error)...)); notes != nil || len(h.checks) != 1 {
		t.Errorf("%q, %d", notes, len(h.checks))
	}
}
