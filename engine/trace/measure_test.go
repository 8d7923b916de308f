package trace_test

import (
	"math"
	"slices"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/google/go-cmp/cmp/cmpopts"
	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/trace"
)

// example is two workers over four tasks, whose metrics can be made by hand:
//
//	worker 0: a 0..2, c 2..5
//	worker 1: b 1..2, d 2..4 (stolen from 0)     c needs a, d needs b
func example() trace.Log {
	return trace.Log{
		Policy: "adaptive", Warm: true, Allowed: 4, Predicted: 4, Overhead: 0.08,
		Tasks: []trace.Task{
			{ID: "a", Rule: "ra", Estimate: 1},
			{ID: "b", Rule: "rb", Estimate: 1},
			{ID: "c", Rule: "rc", Batch: 1, Estimate: 6, Needs: []int{0}},
			{ID: "d", Rule: "rc", Batch: 1, Needs: []int{1}},
		},
		Spans: []trace.Span{
			{Task: 0, Worker: 0, Start: 0, End: 2, Victim: -1},
			{Task: 1, Worker: 1, Start: 1, End: 2, Victim: -1},
			{Task: 2, Worker: 0, Start: 2, End: 5, Victim: -1},
			{Task: 3, Worker: 1, Start: 2, End: 4, Victim: 0},
		},
		Workers: []trace.Worker{
			{ID: 0, Life: 5},
			{ID: 1, Life: 4.5, Steal: 0.5, Attempts: 3},
		},
	}
}

var near = cmpopts.EquateApprox(0, 1e-9)

func TestMeasureByHand(t *testing.T) {
	got := trace.Measure(example())
	got.Log = trace.Log{}
	want := trace.Schedule{
		Policy: "adaptive", Profile: "warm", Workers: 2,
		Makespan: 5, Work: 8, CriticalPath: 5, LowerBound: 5, Optimality: 1,
		Efficiency: 8 / 9.5, Utilization: 8.0 / 20, Speedup: 1.6, Idle: 1 / 9.5,
		LoadVariance:    25,                          // busy 5 and 3: mean 4, standard deviation 1
		PredictionError: 20, TaskPredictionError: 50, // 50, 0 and 100
		ProfilingOverhead: 0.01, Steals: 1, StealAttempts: 3,
		Batches: []trace.Batch{
			{ID: 0, Rules: 2, Tasks: 2, Workers: 2, Seconds: 2, Efficiency: 0.75},
			{ID: 1, Rules: 1, Tasks: 2, Workers: 2, Seconds: 3, Efficiency: 5.0 / 6, Steals: 1},
		},
		WorkersDetail: []trace.Worker{
			{ID: 0, Life: 5, Busy: 5, Tasks: 2, Donated: 1},
			{ID: 1, Life: 4.5, Busy: 3, Steal: 0.5, Tasks: 2, Stolen: 1, Attempts: 3},
		},
		Chain: []int{0, 2},
	}
	if d := cmp.Diff(want, got, near); d != "" {
		t.Error(d)
	}
}

func TestMeasureWithoutMeaning(t *testing.T) {
	nan, inf := math.NaN(), math.Inf(1)
	for name, l := range map[string]trace.Log{
		"empty":      {},
		"no spans":   {Tasks: []trace.Task{{ID: "a", Estimate: nan}}, Workers: []trace.Worker{{Life: 3}}},
		"no seconds": {Tasks: []trace.Task{{ID: "a"}}, Spans: []trace.Span{{Start: 2, End: 2, Victim: -1}}, Workers: []trace.Worker{{}}, Predicted: 1, Overhead: 1},
		"no numbers": {Tasks: []trace.Task{{ID: "a", Estimate: inf}}, Spans: []trace.Span{{Start: nan, End: 1}, {Start: 0, End: inf}, {Start: 3, End: 1, Victim: -1}},
			Workers: []trace.Worker{{Life: nan, Steal: -inf, Attempts: -4}}, Predicted: nan, Overhead: inf, Allowed: -3},
		"no such task": {Spans: []trace.Span{{Task: 1}, {Task: -1}, {Worker: -1}}},
	} {
		s := trace.Measure(l)
		for k, v := range ratios(s) {
			if v != 0 {
				t.Errorf("%s: %s is %v", name, k, v)
			}
		}
	}
}

// ratios are the figures that say how good a run was.
func ratios(s trace.Schedule) map[string]float64 {
	return map[string]float64{
		"optimality": s.Optimality, "efficiency": s.Efficiency, "utilization": s.Utilization, "speedup": s.Speedup,
		"load variance": s.LoadVariance, "prediction error": s.PredictionError, "overhead": s.ProfilingOverhead,
		"makespan": s.Makespan, "work": s.Work, "critical path": s.CriticalPath, "lower bound": s.LowerBound,
	}
}

func TestOneWorkerIsAllBusy(t *testing.T) {
	s := trace.Measure(trace.Log{Allowed: 4, Tasks: []trace.Task{{ID: "a"}},
		Spans:   []trace.Span{{Start: 1, End: 3, Victim: -1}},
		Workers: []trace.Worker{{Life: 1.9999999}}}) // a clock that rounds
	if s.Efficiency != 1 || s.Utilization != 0.25 || s.Speedup != 1 || s.LoadVariance != 0 || s.Idle != 0 {
		t.Errorf("%+v", s)
	}
}

// A log that says what cannot be, two tasks at once on one worker and a task
// before what it needs, does not make a part more than the whole.
func TestNoShareIsAboveOne(t *testing.T) {
	s := trace.Measure(trace.Log{Allowed: 1, Tasks: []trace.Task{{ID: "a"}, {ID: "b", Needs: []int{0}}},
		Spans:   []trace.Span{{Task: 0, Start: 0, End: 2, Victim: -1}, {Task: 1, Start: 1, End: 2, Victim: -1}},
		Workers: []trace.Worker{{Life: 2}}})
	for k, v := range map[string]float64{"efficiency": s.Efficiency, "utilization": s.Utilization, "optimality": s.Optimality, "batch": s.Batches[0].Efficiency} {
		if v != 1 {
			t.Errorf("%s is %v", k, v)
		}
	}
}

func TestChainIsOfActualSeconds(t *testing.T) {
	l := example()
	l.Tasks[0].Needs = []int{-1, 9}
	l.Tasks = append(l.Tasks, trace.Task{ID: "join", Needs: []int{2, 3}}, // did not run
		trace.Task{ID: "after", Needs: []int{4}}, trace.Task{ID: "x", Needs: []int{7}}, trace.Task{ID: "y", Needs: []int{6}})
	l.Spans = append(l.Spans, trace.Span{Task: 5, Worker: 1, Start: 5, End: 6, Victim: -1})
	s := trace.Measure(l)
	if !slices.Equal(s.Chain, []int{0, 2, 5}) || s.CriticalPath != 6 {
		t.Errorf("%v, %v", s.Chain, s.CriticalPath)
	}
}

// draw makes the log of a run as list scheduling would: each task on the worker
// that is free first, once its needs have ended.
func draw(t *rapid.T) trace.Log {
	workers := rapid.IntRange(1, 6).Draw(t, "workers")
	l := trace.Log{Allowed: rapid.IntRange(workers, 8).Draw(t, "allowed"), Predicted: rapid.Float64Range(0, 9).Draw(t, "predicted"), Overhead: 0.001}
	free := make([]float64, workers)
	var ends []float64
	for i := range rapid.IntRange(0, 40).Draw(t, "tasks") {
		task := trace.Task{ID: string(rune('a' + i)), Rule: rapid.SampledFrom([]string{"r", "s", "t"}).Draw(t, "rule"),
			Batch: i % 3, Estimate: rapid.Float64Range(0, 2).Draw(t, "estimate")}
		w := rapid.IntRange(0, workers-1).Draw(t, "worker")
		start := free[w]
		if i > 0 {
			task.Needs = rapid.SliceOfN(rapid.IntRange(0, i-1), 0, 3).Draw(t, "needs")
			for _, n := range task.Needs {
				start = max(start, ends[n])
			}
		}
		end := start + rapid.Float64Range(0, 1).Draw(t, "seconds")
		free[w], ends = end, append(ends, end)
		l.Tasks = append(l.Tasks, task)
		l.Spans = append(l.Spans, trace.Span{Task: i, Worker: w, Start: start, End: end, Victim: rapid.IntRange(-1, workers-1).Draw(t, "victim")})
	}
	if len(l.Spans) > 0 && rapid.Bool().Draw(t, "lose the last") {
		l.Spans = l.Spans[:len(l.Spans)-1]
	}
	for w := range workers {
		life := rapid.Float64Range(0, 50).Draw(t, "life")
		l.Workers = append(l.Workers, trace.Worker{ID: w, Life: life, Steal: rapid.Float64Range(0, 1).Draw(t, "steal"), Attempts: w})
	}
	return l
}

// The formulas again, as the table of the documentation has them, in the plainest way.
func TestMeasureAgainstOracle(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		l := draw(t)
		s := trace.Measure(l)
		var work, first, last float64
		first = math.Inf(1)
		seconds := map[int]float64{}
		for _, x := range l.Spans {
			seconds[x.Task] = x.End - x.Start
			work += x.End - x.Start
			first, last = math.Min(first, x.Start), math.Max(last, x.End)
		}
		makespan := 0.0
		if len(l.Spans) > 0 {
			makespan = last - first
		}
		var chain func(i int) float64
		chain = func(i int) float64 {
			longest := 0.0
			for _, n := range l.Tasks[i].Needs {
				longest = math.Max(longest, chain(n))
			}
			return longest + seconds[i]
		}
		critical := 0.0
		for i := range l.Tasks {
			if i < 12 { // the naive way is exponential
				critical = math.Max(critical, chain(i))
			}
		}
		equal(t, "work", s.Work, work)
		equal(t, "makespan", s.Makespan, makespan)
		if len(l.Tasks) <= 12 {
			equal(t, "critical path", s.CriticalPath, critical)
		}
		equal(t, "lower bound", s.LowerBound, math.Max(work/float64(l.Allowed), s.CriticalPath))
		if makespan > 0 {
			equal(t, "speedup", s.Speedup, work/makespan)
			equal(t, "optimality", s.Optimality, s.LowerBound/makespan)
			equal(t, "utilization", s.Utilization, work/(float64(l.Allowed)*makespan))
		}
		holds(t, l, s)
	})
}

// holds checks what is true of every run.
func holds(t *rapid.T, l trace.Log, s trace.Schedule) {
	var busy, life float64
	for _, w := range s.WorkersDetail {
		if w.Busy < 0 || w.Steal < 0 || w.Idle() < 0 || w.Life > s.Makespan+1e-9 {
			t.Fatalf("worker %+v of makespan %v", w, s.Makespan)
		}
		equal(t, "life", w.Busy+w.Steal+w.Idle(), w.Life)
		busy, life = busy+w.Busy, life+w.Life
	}
	equal(t, "busy", busy, s.Work)
	if life > 0 {
		equal(t, "efficiency", s.Efficiency, busy/life)
	}
	for k, v := range map[string]float64{"efficiency": s.Efficiency, "utilization": s.Utilization, "optimality": s.Optimality, "idle": s.Idle} {
		if !(v >= 0 && v <= 1) {
			t.Fatalf("%s is %v", k, v)
		}
	}
	length := 0.0
	for i, x := range s.Chain {
		for _, sp := range l.Spans {
			if sp.Task == x {
				length += sp.End - sp.Start
			}
		}
		if i > 0 && !reaches(l, x, s.Chain[i-1]) {
			t.Fatalf("chain %v: %d does not need %d", s.Chain, x, s.Chain[i-1])
		}
	}
	equal(t, "chain", length, s.CriticalPath)
	tasks, steals := 0, 0
	for _, b := range s.Batches {
		tasks, steals = tasks+b.Tasks, steals+b.Steals
	}
	if tasks != len(l.Spans) || steals != s.Steals {
		t.Fatalf("batches have %d tasks and %d steals", tasks, steals)
	}
}

func reaches(l trace.Log, from, to int) bool {
	for _, n := range l.Tasks[from].Needs {
		if n == to || reaches(l, n, to) {
			return true
		}
	}
	return false
}

func equal(t *rapid.T, what string, got, want float64) {
	t.Helper()
	if math.Abs(got-want) > 1e-9 {
		t.Fatalf("%s is %v, want %v", what, got, want)
	}
}

func BenchmarkMeasure(b *testing.B) {
	l := trace.Log{Allowed: 8}
	for i := range 10_000 {
		var needs []int
		if i > 0 {
			needs = []int{i / 2}
		}
		l.Tasks = append(l.Tasks, trace.Task{ID: "t", Rule: "r", Estimate: 1, Needs: needs})
		l.Spans = append(l.Spans, trace.Span{Task: i, Worker: i % 8, Start: float64(i / 8), End: float64(i/8) + 1, Victim: -1})
	}
	for b.Loop() {
		trace.Measure(l)
	}
}

// Nothing is promised of a run that is over before it can be measured.
func TestTooShortToJudge(t *testing.T) {
	run := func(seconds ...float64) []trace.Criterion {
		l := trace.Log{Policy: "adaptive", Allowed: 2}
		for i, x := range seconds {
			l.Tasks = append(l.Tasks, trace.Task{ID: "a"})
			l.Spans = append(l.Spans, trace.Span{Task: i, End: x, Victim: -1})
		}
		s := trace.Measure(l)
		return s.Criteria()
	}
	for _, c := range []struct {
		of    []trace.Criterion
		short bool
	}{
		{run(), true}, {run(0.049), true}, {run(0.051), false},
		{[]trace.Criterion{trace.Faster(0.04, 0.2)}, true}, {[]trace.Criterion{trace.Faster(0, 0)}, true}, {[]trace.Criterion{trace.Faster(0.06, 0.2)}, false},
	} {
		if len(c.of) == 0 {
			t.Fatal("no criteria")
		}
		for _, x := range c.of {
			if x.Short != c.short || x.Short && x.Pass {
				t.Errorf("%+v", x)
			}
		}
	}
}
