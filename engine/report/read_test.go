package report_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
)

// small is a run of five tasks in two batches on two workers, and a third worker
// that came and found nothing.
func small() *trace.Schedule {
	s := trace.Measure(trace.Log{
		Policy: "adaptive", Warm: true, Allowed: 3, Memory: 4 << 40, Predicted: 3.2, Overhead: 0.001,
		Tasks: []trace.Task{
			{ID: "a", Rule: "a", Estimate: 1}, {ID: "b", Rule: "b", Estimate: 2, CPUs: 1.5, Memory: 3 << 30}, {ID: "c#1", Rule: "c", Batch: 1, Estimate: 1.5, Needs: []int{0}},
			{ID: "c#2", Rule: "c", Batch: 1, Needs: []int{0}}, {ID: "d", Rule: "d", Batch: 1, Needs: []int{0, 1}}, {ID: "skipped", Rule: "e", Batch: 1, Needs: []int{4}},
		},
		Spans: []trace.Span{
			{Task: 0, Worker: 0, Start: 0.5, End: 1.5, Victim: -1}, {Task: 1, Worker: 1, Start: 0.5, End: 2.5, Victim: 0},
			{Task: 2, Worker: 0, Start: 1.5, End: 3, Victim: -1}, {Task: 3, Worker: 1, Start: 2.5, End: 2.75, Victim: 0}, {Task: 4, Worker: 0, Start: 3, End: 3.5, Victim: -1},
		},
		Workers: []trace.Worker{{ID: 0, Life: 3}, {ID: 1, Life: 2.5, Steal: 0.1, Attempts: 3}, {ID: 2, Life: 0.2, Steal: 0.1, Attempts: 2}},
	})
	return &s
}

func comparison() *trace.Comparison {
	spread := func(m float64) trace.Spread {
		return trace.Spread{Median: m, Min: m - 0.1, Max: m + 0.2, Low: m - 0.05, High: m + 0.1}
	}
	return &trace.Comparison{
		Workload: "seed", Workers: 3, Runs: 5, Clock: "sleep", Machine: trace.Machine{OS: "linux", Arch: "amd64", CPUs: 2},
		Modes: []trace.Mode{
			{Mode: "fixed", Barrier: true, Makespan: spread(10.95), LowerBound: 8.85, Efficiency: 0.8, Utilization: 0.8, Idle: 0.2, Speedup: 6.46, SpeedupMeasured: 6.4, BatchSeconds: []float64{1}},
			{Mode: "adaptive-warm", Makespan: spread(9.14), LowerBound: 8.85, Efficiency: 0.985, Utilization: 0.96, Idle: 0.01, LoadVariance: 1.2, PredictionError: 3, ProfilingOverhead: 0.0001, Speedup: 7.7, SpeedupMeasured: 7.6, Steals: 40, BatchSeconds: []float64{1, 2}},
		},
		Criteria: []trace.Criterion{trace.Faster(9.14, 10.95), trace.AtMost("idle", 2.5, 2, "<= 2 %")},
		Schedule: small(),
	}
}

func runJSON(t *testing.T, r *report.Report) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func benchJSON(t *testing.T, c *trace.Comparison) []byte {
	t.Helper()
	var b bytes.Buffer
	if err := report.ComparisonJSON(&b, c); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

func TestScheduleBlockIsReadBack(t *testing.T) {
	want := small()
	rec, err := report.Read(bytes.NewReader(runJSON(t, &report.Report{
		Run: report.Run{Source: "staged", Seconds: 4, Files: 2}, Rules: []report.RuleResult{{ID: "a", Kind: "content", Status: report.Passed, Seconds: 1}}, Schedule: want,
	})))
	if err != nil {
		t.Fatal(err)
	}
	if rec.Run.Run.Source != "staged" || len(rec.Run.Rules) != 1 || rec.Comparison != nil {
		t.Errorf("%+v", rec.Run)
	}
	// What did not run has no span, and so is not kept; the prediction and the
	// overhead are kept as the figures that they led to.
	want.Log.Tasks = want.Log.Tasks[:5]
	want.Log.Predicted, want.Log.Overhead, want.Log.Workers = 0, 0, want.WorkersDetail
	if diff := cmp.Diff(want, rec.Schedule); diff != "" {
		t.Error(diff)
	}
}

func TestComparisonIsReadBack(t *testing.T) {
	want := comparison()
	rec, err := report.Read(bytes.NewReader(benchJSON(t, want)))
	if err != nil {
		t.Fatal(err)
	}
	got := *rec.Comparison
	if rec.Run != nil || rec.Schedule == nil || got.Schedule != rec.Schedule || rec.Schedule.Makespan != want.Schedule.Makespan {
		t.Errorf("%+v", rec)
	}
	got.Schedule, want.Schedule = nil, nil
	if diff := cmp.Diff(*want, got); diff != "" {
		t.Error(diff)
	}
	want.Schedule = nil
	if rec, err := report.Read(bytes.NewReader(benchJSON(t, want))); err != nil || rec.Schedule != nil {
		t.Errorf("%v %v", rec, err)
	}
}

// The keys that the contract names, each at its place.
func TestScheduleBlockHasEveryKey(t *testing.T) {
	var got struct {
		Schedule map[string]json.RawMessage `json:"schedule"`
	}
	if err := json.Unmarshal(runJSON(t, &report.Report{Schedule: small()}), &got); err != nil {
		t.Fatal(err)
	}
	for _, key := range strings.Fields("policy profile workers makespan work critical_path lower_bound optimality efficiency utilization speedup idle load_variance prediction_error profiling_overhead steals steal_attempts batches workers_detail spans") {
		if _, ok := got.Schedule[key]; !ok {
			t.Errorf("the schedule has no %q", key)
		}
	}
	for list, keys := range map[string]string{
		"batches": "id rules tasks workers seconds efficiency steals", "workers_detail": "id tasks stolen donated busy steal idle", "spans": "task rule worker start end stolen",
	} {
		var items []map[string]any
		if err := json.Unmarshal(got.Schedule[list], &items); err != nil || len(items) == 0 {
			t.Fatal(list, err)
		}
		for _, key := range strings.Fields(keys) {
			if _, ok := items[0][key]; !ok {
				t.Errorf("%s have no %q", list, key)
			}
		}
	}
	if bytes.Contains(runJSON(t, &report.Report{}), []byte("schedule")) {
		t.Error("a run that was not measured has a schedule")
	}
}

func TestFiguresThatAreNoNumbersAreWritten(t *testing.T) {
	s := small()
	s.Optimality, s.Speedup, s.Log.Tasks[0].Estimate = math.NaN(), math.Inf(1), math.NaN()
	s.WorkersDetail[0].Life = math.NaN()
	if _, err := report.Read(bytes.NewReader(runJSON(t, &report.Report{Schedule: s}))); err != nil {
		t.Error(err)
	}
}

func TestTheLongestSpansAreKept(t *testing.T) {
	l := trace.Log{Allowed: 1, Workers: []trace.Worker{{Life: 1e6}}}
	for i := range report.MostSpans + 10 {
		l.Tasks = append(l.Tasks, trace.Task{ID: fmt.Sprint(i), Rule: "r", Needs: []int{max(0, i-1)}})
		end := float64(i) + 0.5
		if i%1000 == 7 {
			end = float64(i) + 0.1
		}
		l.Spans = append(l.Spans, trace.Span{Task: i, Start: float64(i), End: end, Victim: -1})
	}
	l.Tasks[0].Needs = nil
	s := trace.Measure(l)
	rec, err := report.Read(bytes.NewReader(runJSON(t, &report.Report{Schedule: &s})))
	if err != nil || len(rec.Schedule.Log.Spans) != report.MostSpans || rec.SpansLeftOut != 10 {
		t.Fatalf("%v: %d spans, %d left out", err, len(rec.Schedule.Log.Spans), rec.SpansLeftOut)
	}
	if rec.Schedule.Work != s.Work || rec.Schedule.Log.Tasks[report.MostSpans-1].ID != fmt.Sprint(report.MostSpans+9) {
		t.Errorf("work %g, last task %s", rec.Schedule.Work, rec.Schedule.Log.Tasks[report.MostSpans-1].ID)
	}
}

func TestReadSaysWhatIsWrong(t *testing.T) {
	run := func(schedule string) string { return `{"version": 1, "run": {}, "schedule": {` + schedule + `}}` }
	span := func(s string) string {
		return run(`"spans": [{"task": "a", "worker": 0, "start": 1, "end": 2, ` + s + `}]`)
	}
	mode := func(s string) string { return `{"version": 1, "modes": [{` + s + `}]}` }
	for text, want := range map[string]string{
		"":                          "line 1, column 1: unexpected end of JSON input",
		"{\n\"version\": 1,}":       "line 2, column 14: invalid character '}'",
		"[]":                        "it is no JSON object",
		"{}":                        "it is no report of sot",
		`{"version": 2, "run": {}}`: "its version is 2, and this sot reads version 1",
		`{"run": {}}`:               "its version is ",
		`{"version": 1, "run": 3}`:  `"run" has the wrong type: "number"`,
		`{"version": 1, "run": {"started": "yesterday"}}`:                `run.started is "yesterday"`,
		run(`"makespan": -1`):                                            "schedule.makespan is -1: it takes 0 to 1e+12",
		run(`"work": 1e300`):                                             "schedule.work is 1e+300",
		run(`"workers": 1000000`):                                        "schedule.workers is 1000000: it takes 0 to 4096",
		span(`"end": 0.5`):                                               "schedule.spans[0].end (0.5) is before its start (1)",
		span(`"worker": 5000`):                                           "schedule.spans[0].worker is 5000: it takes 0 to 4095",
		span(`"batch": -1`):                                              "schedule.spans[0].batch is -1",
		span(`"cpus": -1`):                                               "schedule.spans[0].cpus is -1",
		span(`"memory": -1`):                                             "schedule.spans[0].memory is -1: it takes a number from 0",
		run(`"memory_allowed": -1`):                                      "schedule.memory_allowed is -1",
		span(`"needs": [1]`):                                             "schedule.spans[0].needs[0] is 1: it takes 0 to 0",
		span(`"stolen": true, "victim": -3`):                             "schedule.spans[0].victim is -3",
		run(`"critical_chain": [0]`):                                     "schedule.critical_chain[0] is 0",
		run(`"workers_detail": [{"id": -1}]`):                            "schedule.workers_detail[0].id is -1",
		run(`"batches": [{"seconds": -2}]`):                              "schedule.batches[0] is -2",
		mode(`"makespan": {"median": -1}`):                               "modes[0].makespan is -1",
		mode(`"makespan": {"median": 1, "min": 2, "max": 3}`):            "modes[0].makespan: the median 1 is not between min 2 and max 3",
		mode(`"batch_seconds": [-1]`):                                    "modes[0].batch_seconds is -1",
		`{"version": 1, "modes": [], "criteria": [{"measured": 1e200}]}`: "criteria[0].measured is 1e+200",
	} {
		_, err := report.Read(strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%s\n  got:  %v\n  want: %s", text, err, want)
		}
	}
	many := `{"task": "a"},`
	if _, err := report.Read(strings.NewReader(run(`"spans": [` + strings.Repeat(many, report.MostSpans) + `{}]`))); err == nil || !strings.Contains(err.Error(), "schedule.spans are 100001: it takes at most 100000") {
		t.Error(err)
	}
}

// Whatever a file holds, it is refused, or everything can be drawn.
func FuzzRead(f *testing.F) {
	s := small()
	var run, bench bytes.Buffer
	if err := report.JSON(&run, &report.Report{Schedule: s, Rules: []report.RuleResult{{ID: "a", Seconds: 1}}}); err != nil {
		f.Fatal(err)
	}
	if err := report.ComparisonJSON(&bench, comparison()); err != nil {
		f.Fatal(err)
	}
	f.Add(run.Bytes())
	run.Reset()
	shard := &report.Shard{Index: 1, Of: 2, FailOn: "error", Comments: []report.Comment{{Path: "a", Line: 1, Fates: []report.Fate{{Rule: "a", Message: "idle", Idle: true}}, Fingerprints: []string{"f"}}}}
	if err := report.JSON(&run, &report.Report{Schedule: s, Run: report.Run{Shard: shard}, Findings: []rule.Finding{{Rule: "a", Severity: rule.Error, Path: "\xff", Line: 1}}, Rules: []report.RuleResult{{ID: "a", Status: report.Failed}}}); err != nil {
		f.Fatal(err)
	}
	f.Add(run.Bytes())
	f.Add(bench.Bytes())
	f.Add([]byte(`{"version": 1, "modes": [{"mode": "fixed", "barrier": true}], "criteria": [{"name": "<b>", "target": "%"}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		rec, err := report.Read(bytes.NewReader(data))
		if err != nil {
			return
		}
		for _, o := range []report.PictureOptions{{Width: 40}, {Width: 100, Unicode: true, Color: true, Show: report.PictureNames()}} {
			var b bytes.Buffer
			if err := report.Pictures(&b, rec, o); err != nil {
				t.Fatal(err)
			}
			checkLines(t, b.String(), max(40, o.Width))
		}
		var b bytes.Buffer
		if err := report.HTML(&b, rec, report.HTMLOptions{Name: "x", WhatIf: []float64{2, 1}}); err != nil {
			t.Fatal(err)
		}
		checkPage(t, b.String())
		checkMerge(t, rec)
	})
}

// checkMerge merges a shard's report with itself: what comes out can be read again,
// and passes nothing.
func checkMerge(t *testing.T, rec *report.Record) {
	t.Helper()
	merged, err := report.Merge([]report.ShardReport{{Name: "a", Record: rec}, {Name: "b", Record: rec}})
	if err != nil {
		return
	}
	var b bytes.Buffer
	if err := report.JSON(&b, merged); err != nil {
		t.Fatal(err)
	}
	if _, err := report.Read(&b); err != nil && !strings.Contains(err.Error(), "it takes") {
		t.Fatal(err)
	}
	if merged.Run.ExitCode == report.ExitClean || merged.Run.ExitCode == report.ExitFindings {
		t.Fatalf("the same report twice exits with %d", merged.Run.ExitCode)
	}
}
