package report_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
	"unicode"

	"github.com/google/go-cmp/cmp"
	"github.com/rivo/uniseg"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/trace"
	"pgregory.net/rapid"
)

func pictures(t *testing.T, rec *report.Record, o report.PictureOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Pictures(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func ofRun() *report.Record {
	return &report.Record{Run: &report.Report{Run: report.Run{Source: "all", Files: 14, Seconds: 3.6}, Rules: []report.RuleResult{{ID: "a"}}}, Schedule: small()}
}

func ofBench() *report.Record {
	c := comparison()
	return &report.Record{Comparison: c, Schedule: c.Schedule}
}

var update = flag.Bool("update", false, "rewrite the expected pictures")

// The pictures are those in testdata: look at them, and go test ./engine/report -update
func TestPicturesAreAsExpected(t *testing.T) {
	for name, got := range map[string]string{
		"run.txt":          pictures(t, ofRun(), report.PictureOptions{}),
		"run-narrow.txt":   pictures(t, ofRun(), report.PictureOptions{Width: 40}),
		"bench.txt":        pictures(t, ofBench(), report.PictureOptions{Unicode: true}),
		"bench-wide.txt":   pictures(t, ofBench(), report.PictureOptions{Unicode: true, Width: 140, Show: []string{"comparison"}}),
		"bench-colour.txt": pictures(t, ofBench(), report.PictureOptions{Color: true, Show: []string{"criteria", "efficiency"}}),
	} {
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

func TestWhatAFileCannotShowIsSaid(t *testing.T) {
	run := &report.Record{Run: &report.Report{}}
	got := pictures(t, run, report.PictureOptions{Show: report.PictureNames()})
	if n := strings.Count(got, "no schedule block"); n != 6 {
		t.Errorf("said %d times:\n%s", n, got)
	}
	if !strings.Contains(got, "`sot bench --output FILE` writes one that") {
		t.Error(got)
	}
	// Unasked, the head alone says so.
	if got := pictures(t, run, report.PictureOptions{}); strings.Count(got, "no schedule block") != 1 || strings.Contains(got, "Timeline") {
		t.Error(got)
	}
}

var colors = regexp.MustCompile("\x1b\\[[0-9;]*m")

// checkLines wants every line to fit, and nothing that steers a terminal beside
// colours.
func checkLines(t interface {
	Helper()
	Fatalf(string, ...any)
}, text string, width int) {
	t.Helper()
	for line := range strings.Lines(text) {
		line = colors.ReplaceAllString(strings.TrimSuffix(line, "\n"), "")
		if w := uniseg.StringWidth(line); w > width {
			t.Fatalf("%d columns of %d: %q", w, width, line)
		}
		for _, r := range line {
			if !unicode.IsPrint(r) && r != '\u200d' && !unicode.Is(unicode.Zs, r) {
				t.Fatalf("%q in %q", r, line)
			}
		}
	}
}

// Any run and bench fits any terminal, whatever its names are.
func TestPicturesFitAnyTerminal(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{"日本語の長い名前のルール", "\x1b[2J", strings.Repeat("long", 30), "a\nb"}))
		workers := rapid.IntRange(1, 40).Draw(t, "workers")
		l := trace.Log{Policy: name.Draw(t, "policy"), Allowed: workers, Warm: rapid.Bool().Draw(t, "warm"), Predicted: 1}
		for w := range workers {
			l.Workers = append(l.Workers, trace.Worker{ID: w, Life: 5, Steal: rapid.Float64Range(0, 1).Draw(t, "steal")})
		}
		for i := range rapid.IntRange(0, 60).Draw(t, "tasks") {
			l.Tasks = append(l.Tasks, trace.Task{ID: name.Draw(t, "task"), Rule: "r", Batch: rapid.IntRange(0, 50).Draw(t, "batch")})
			start := rapid.Float64Range(0, 1000).Draw(t, "start")
			l.Spans = append(l.Spans, trace.Span{Task: i, Worker: rapid.IntRange(0, workers-1).Draw(t, "worker"), Start: start,
				End: start + rapid.Float64Range(0, 100).Draw(t, "seconds"), Victim: rapid.IntRange(-1, workers-1).Draw(t, "victim")})
		}
		s := trace.Measure(l)
		c := comparison()
		c.Workload, c.Machine.OS, c.Clock = name.Draw(t, "workload"), name.Draw(t, "os"), name.Draw(t, "clock")
		c.Modes[0].Mode, c.Criteria[0].Name, c.Criteria[1].Target = name.Draw(t, "mode"), name.Draw(t, "criterion"), name.Draw(t, "target")
		o := report.PictureOptions{Width: rapid.IntRange(40, 160).Draw(t, "width"), Unicode: rapid.Bool().Draw(t, "unicode"), Color: rapid.Bool().Draw(t, "color"), Show: report.PictureNames()}
		for _, rec := range []*report.Record{{Run: &report.Report{Run: report.Run{Source: name.Draw(t, "source")}}, Schedule: &s}, {Comparison: c, Schedule: &s}} {
			var b bytes.Buffer
			if err := report.Pictures(&b, rec, o); err != nil {
				t.Fatal(err)
			}
			checkLines(t, b.String(), o.Width)
		}
		var b bytes.Buffer
		if err := report.Comparison(&b, c, []string{name.Draw(t, "note")}, o); err != nil {
			t.Fatal(err)
		}
		checkLines(t, b.String(), o.Width)
	})
}

func TestASCIIStaysASCII(t *testing.T) {
	for _, rec := range []*report.Record{ofRun(), ofBench()} {
		for _, r := range pictures(t, rec, report.PictureOptions{Show: report.PictureNames()}) {
			if r > 0x7e {
				t.Fatalf("%q", r)
			}
		}
	}
}

// What is too short to judge is counted neither as reached nor as failed.
func TestTooShortIsNoFailure(t *testing.T) {
	rec := ofBench()
	idle := rec.Comparison.Criteria[1]
	rec.Comparison.Criteria = []trace.Criterion{trace.Faster(0.01, 0.02), trace.AtMost("idle", 1, 2, "<= 2 %")}
	page := func() string {
		var b bytes.Buffer
		if err := report.HTML(&b, rec, report.HTMLOptions{}); err != nil {
			t.Fatal(err)
		}
		return b.String()
	}
	criteria := func() string { return pictures(t, rec, report.PictureOptions{Show: []string{"criteria"}}) }
	if got := criteria(); !strings.Contains(got, "1 of 1 promised figures reached, 1 too short to judge") || !strings.Contains(got, "too short  faster") || strings.Contains(got, "FAIL") {
		t.Error(got)
	}
	if got := page(); !strings.Contains(got, "<td>too short to judge</td>") || strings.Contains(got, "✗ fail") {
		t.Error("the page does not say that it was too short")
	}
	rec.Comparison.Criteria = rec.Comparison.Criteria[:1]
	if got := criteria(); !strings.Contains(got, "the run was too short to judge") {
		t.Error(got)
	}
	if got := page(); !strings.Contains(got, "The run was too short to judge.") {
		t.Error("the page does not say that nothing can be judged")
	}
	rec.Comparison.Criteria = append(rec.Comparison.Criteria, idle)
	if got := criteria(); !strings.Contains(got, "0 of 1 promised figures reached, 1 too short") || !strings.Contains(got, "FAIL") {
		t.Error(got)
	}
}
