package report_test

import (
	"bytes"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
)

func markdownOf(t testing.TB, r *report.Report, o report.MarkdownOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Markdown(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// onGitHub are the options of a run on GitHub.
func onGitHub() report.MarkdownOptions {
	o := report.MarkdownOptions{
		Server: "https://github.com", Repository: "octo/hello", Head: "0123456789abcdef0123456789abcdef01234567",
		Run:      "https://github.com/octo/hello/actions/runs/1",
		Compared: "the merge base 1a2b3c4 with the head 0123456, in the local history", Cache: "profile restored from the branch main",
		Changed: func(path string, line int) bool { return path == "web/app.ts" },
	}
	for i := range 12 {
		o.Past = append(o.Past, report.Past{Seconds: 2.5 - 0.1*float64(i%7), Workers: 2 + i%3, Efficiency: 0.7 + 0.02*float64(i), Speedup: 1.5 + 0.1*float64(i%4)})
	}
	return o
}

// scheduleOf is a run of n tasks on some workers, dealt in turns, with one large task
// in ten.
func scheduleOf(n, workers int) *trace.Schedule {
	l := trace.Log{Policy: "adaptive", Warm: true, Allowed: workers, Predicted: float64(n) * 0.08 / float64(workers)}
	at := make([]float64, workers)
	for i := range n {
		took := 0.02 + 0.01*float64(i%5)
		if i%10 == 0 {
			took = 0.3 + 0.01*float64(i)
		}
		w, victim := i%workers, -1
		if i%7 == 6 && workers > 1 {
			victim = (w + 1) % workers
		}
		l.Tasks = append(l.Tasks, trace.Task{ID: fmt.Sprintf("rule-%d#%d", i%9, i), Rule: fmt.Sprintf("rule-%d", i%9), Batch: i % 3, Estimate: took})
		l.Spans = append(l.Spans, trace.Span{Task: i, Worker: w, Start: at[w], End: at[w] + took, Victim: victim})
		at[w] += took
	}
	for w := range workers {
		l.Workers = append(l.Workers, trace.Worker{ID: w, Life: at[w] + 0.02, Busy: at[w], Steal: 0.005, Tasks: n / workers, Attempts: 3})
	}
	s := trace.Measure(l)
	return &s
}

func cleanRun() *report.Report {
	r := &report.Report{
		Tool: report.Tool{Name: "sot", Version: "1.2.3"}, Run: report.Run{Source: "range", Started: time.Unix(1700000000, 0), Seconds: 1.62, Files: 14, Bytes: 91823},
		Schedule: scheduleOf(12, 2), Cache: report.Cache{Verdicts: 40, Seconds: 0.8},
	}
	for i := range 12 {
		r.Rules = append(r.Rules, report.RuleResult{ID: fmt.Sprintf("rule-%d", i), Kind: "content", Status: report.Passed, Files: 14, Cached: 4,
			Seconds: 0.5 / float64(i+1), Estimated: 0.45 / float64(i+1), Learned: &report.Learned{Tasks: 31, Mean: 0.2 / float64(i+1), Deviation: 0.02}})
	}
	return r
}

func threeFindings() *report.Report {
	r := cleanRun()
	r.Run.ExitCode = 1
	r.Rules[0].Status, r.Rules[1].Status = report.Failed, report.Failed
	r.Rules[11].Status, r.Rules[11].Reason = report.Skipped, "needs rule-0, which failed"
	r.Slow = []report.Slow{{Rule: "rule-0", Seconds: 0.5, Expected: 0.2, Deviation: 0.02}}
	r.Findings = []rule.Finding{
		{Rule: "rule-0", Severity: rule.Error, Path: "cmd/main.go", Line: 12, Column: 2, EndLine: 14, EndColumn: 3, Message: "use the logger, not `fmt.Print`", Fixable: true},
		{Rule: "rule-1", Severity: rule.Warning, Path: "docs/a b.md", Line: 3, Message: "ask @octocat or see #12 in 1a2b3c4d:\nmore <b>here</b>"},
		{Rule: "rule-0", Severity: rule.Error, Path: "web/app.ts", Line: 40, Column: 1, Message: "console.log is left"},
	}
	rule.SetFingerprints(r.Findings)
	return r
}

func manyFindings(n int) *report.Report {
	r := threeFindings()
	for i := range n - 3 {
		r.Findings = append(r.Findings, rule.Finding{Rule: fmt.Sprintf("rule-%d", i%11), Severity: rule.Severity(1 + i%3), Path: fmt.Sprintf("pkg/deep/folder/file%03d.go", i/4), Line: i%90 + 1,
			Message: "the exported function lacks a comment that starts with its name", Fixable: i%5 == 0})
	}
	rule.SetFingerprints(r.Findings)
	return r
}

func faultyRun() *report.Report {
	r := threeFindings()
	r.Run.ExitCode = 3
	r.Rules[2].Status, r.Rules[2].Reason = report.Faulted, "missing-tool"
	r.Faults = []rule.Fault{
		{Rule: "eslint", Kind: rule.FaultMissing, Message: "eslint is not installed: `npm ci` before this step, or `on_missing: skip`"},
		{Rule: "mypy", Kind: rule.FaultTimeout, Message: "mypy was stopped after its timeout of 2m0s; raise `timeout:`, or give it fewer files\nlast line of its output: checking a.py"},
		{Kind: rule.FaultUnreadable, Message: "data/secret.bin: permission denied"},
	}
	r.Schedule = scheduleOf(64, 8)
	return r
}

var markdownRuns = map[string]func() *report.Report{
	"clean.md": cleanRun, "findings.md": threeFindings, "faults.md": faultyRun,
}

// The summaries are those in testdata: look at them on GitHub, and
// go test ./engine/report -update
func TestMarkdownIsAsExpected(t *testing.T) {
	for name, run := range markdownRuns {
		got := markdownOf(t, run(), onGitHub())
		path := filepath.Join("testdata", name)
		if *update {
			if err := os.WriteFile(path, []byte(got), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		want, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(string(want), got); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

// Of any number of findings the summary fits, lists what has room, and counts the rest.
func TestMarkdownFitsItsLimit(t *testing.T) {
	for _, n := range []int{26, 500, 20000} {
		r := manyFindings(n)
		for _, limit := range []int{0, 65535, 20000, 3000, 100, 1} {
			o := onGitHub()
			o.Limit = limit
			got := markdownOf(t, r, o)
			most := limit
			if limit == 0 {
				most = report.MaxSummary
			}
			if len(got) > most {
				t.Errorf("%d findings: %d bytes, the limit is %d", n, len(got), most)
			}
			if limit == 100 || limit == 1 {
				continue
			}
			rows := strings.Count(got, "](https://github.com/octo/hello/blob/")
			_, rest, cutShort := strings.Cut(got, " not shown: there is no room for more")
			left := 0
			if cutShort {
				line := got[:len(got)-len(rest)]
				line = line[strings.LastIndexByte(line, '\n')+1:]
				if _, err := fmt.Sscanf(line, "**%d more", &left); err != nil {
					t.Fatalf("%q: %v", line, err)
				}
			}
			if rows+left != n {
				t.Errorf("%d findings, limit %d: %d rows and %d left out", n, limit, rows, left)
			}
			if n == 20000 && limit != 0 && !cutShort {
				t.Errorf("limit %d: all %d fit", limit, n)
			}
			if strings.Count(got, "<details>") != strings.Count(got, "</details>") || strings.Count(got, "```")%2 != 0 {
				t.Errorf("%d findings, limit %d: something is left open", n, limit)
			}
		}
	}
}

func TestMarkdownOrder(t *testing.T) {
	got := markdownOf(t, threeFindings(), onGitHub())
	changed, other, warning := strings.Index(got, "web/app.ts:40"), strings.Index(got, "cmd/main.go:12"), strings.Index(got, "docs/a b.md:3")
	if changed < 0 || changed > other || other > warning {
		t.Errorf("the error on a changed line is at %d, the other at %d, the warning at %d", changed, other, warning)
	}
	for _, want := range []string{
		"https://github.com/octo/hello/blob/0123456789abcdef0123456789abcdef01234567/cmd/main.go#L12-L14",
		"/docs/a%20b.md?plain=1#L3",
		"`sot fix` mends 1 of 3",
	} {
		if !strings.Contains(got, want) {
			t.Errorf("it lacks %q", want)
		}
	}
}

func TestMarkdownVerdicts(t *testing.T) {
	warned := cleanRun()
	warned.Findings = threeFindings().Findings[1:2]
	stopped := threeFindings()
	stopped.Run.ExitCode = report.ExitInterrupted
	mended := threeFindings()
	for i := range mended.Findings {
		mended.Findings[i].Fixed = true
	}
	mended.Run.ExitCode = 0
	for want, r := range map[string]*report.Report{
		"## ✅ sot: clean\n":                                             cleanRun(),
		"## ❌ sot: 2 errors, 1 warning in 3 files\n":                    threeFindings(),
		"## 🛑 sot: 3 faults, 2 errors, 1 warning in 3 files\n":          faultyRun(),
		"## ⚠️ sot: 1 warning in 1 file, which does not fail the run\n": warned,
		"## 🛑 sot: interrupted: 2 errors, 1 warning in 3 files\n":       stopped,
		"## ✅ sot: 3 fixed\n":                                           mended,
		"## ⚪ sot: nothing checked\n":                                   {},
	} {
		for _, o := range []report.MarkdownOptions{{}, onGitHub(), {Brief: true}} {
			if got := markdownOf(t, r, o); !strings.HasPrefix(got, want) {
				t.Errorf("%q is not %q", got[:min(len(got), 80)], want)
			}
		}
	}
}

// The timeline has at most 50 bars, which cover all that every drawn worker did.
func TestMarkdownTimeline(t *testing.T) {
	for _, c := range []struct{ tasks, workers int }{{1, 1}, {30, 3}, {50, 2}, {51, 2}, {5000, 8}, {300, 60}} {
		r := cleanRun()
		r.Schedule = scheduleOf(c.tasks, c.workers)
		got := markdownOf(t, r, onGitHub())
		_, chart, _ := strings.Cut(got, "```mermaid\n")
		chart, _, _ = strings.Cut(chart, "```")
		bars, worker, drawn, end := 0, 0, map[int]float64{}, map[int]float64{}
		unit := 1e-3
		if strings.Contains(chart, "axis in s\n") {
			unit = 1
		}
		for line := range strings.Lines(chart) {
			if _, err := fmt.Sscanf(strings.TrimSpace(line), "section worker %d", &worker); err == nil {
				continue
			}
			_, data, ok := strings.Cut(strings.TrimSpace(line), " :")
			if !ok {
				continue
			}
			bars++
			fields := strings.Split(data, ", ")
			from, errFrom := strconv.ParseFloat(fields[len(fields)-2], 64)
			to, errTo := strconv.ParseFloat(fields[len(fields)-1], 64)
			if errFrom != nil || errTo != nil || to <= from {
				t.Fatalf("%q", line)
			}
			if from < end[worker] {
				t.Errorf("%+v: the bars of worker %d overlap: %q", c, worker, line)
			}
			end[worker] = to
			drawn[worker] += unit * (to - from)
		}
		if bars == 0 || bars > 50 || len(drawn) != min(50, c.workers) {
			t.Errorf("%+v: %d bars of %d workers", c, bars, len(drawn))
		}
		for _, w := range r.Schedule.WorkersDetail { // scheduleOf leaves no gaps
			if got := drawn[w.ID]; got > 0 && math.Abs(got-w.Busy) > 10*unit {
				t.Errorf("%+v: worker %d was busy for %v s, %v are drawn", c, w.ID, w.Busy, got)
			}
		}
	}
}
