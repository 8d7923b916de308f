package bench_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/engine/bench"
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
	"go.uber.org/goleak"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

func run(t *testing.T, o bench.Options) *bench.Result {
	t.Helper()
	r, err := bench.Run(context.Background(), o)
	if err != nil {
		t.Fatal(err)
	}
	return r
}

func shipped(t *testing.T, name string) *bench.Workload {
	t.Helper()
	w, ok := bench.Shipped(name)
	if !ok {
		t.Fatal(name)
	}
	return w
}

func virtual(t *testing.T, name string) trace.Comparison {
	t.Helper()
	return run(t, bench.Options{Name: name, Workload: shipped(t, name), Clock: bench.Virtual, Workers: 8, Runs: 3, Seed: 1}).Comparison
}

// The figures of the seed workload: what a fixed pool takes is known from a
// simulation that is not ours.
func TestSeedWorkloadOnTheVirtualClock(t *testing.T) {
	c := virtual(t, "seed")
	makespan := map[string]float64{}
	for _, m := range c.Modes {
		makespan[m.Name()] = m.Makespan.Median
		if m.Makespan.Min != m.Makespan.Max || m.Makespan.Low != m.Makespan.High {
			t.Errorf("%s: runs on a virtual clock differ: %+v", m.Name(), m.Makespan)
		}
		if math.Abs(m.LowerBound-8.85) > 0.01 || m.Makespan.Median < m.LowerBound || len(m.BatchSeconds) != 9 {
			t.Errorf("%s: %+v", m.Name(), m)
		}
	}
	if math.Abs(makespan["fixed, barriers"]-10.95) > 0.03 {
		t.Errorf("fixed takes %g s, want 10.95", makespan["fixed, barriers"])
	}
	if makespan["adaptive-warm"] > 9.3 || makespan["adaptive-warm"] > makespan["adaptive-cold"] {
		t.Errorf("%v", makespan)
	}
	for _, x := range c.Criteria {
		if !x.Pass {
			t.Errorf("%+v", x)
		}
	}
}

func TestMeasuredWorkloadIsNearItsBound(t *testing.T) {
	for _, m := range virtual(t, "measured").Modes {
		if m.Mode == "adaptive-warm" && m.Makespan.Median > 1.005*m.LowerBound {
			t.Errorf("%g s, bound %g s", m.Makespan.Median, m.LowerBound)
		}
	}
}

func TestTheVirtualClockIsTheSameToTheBit(t *testing.T) {
	for _, name := range bench.Names() {
		if diff := cmp.Diff(virtual(t, name), virtual(t, name)); diff != "" {
			t.Errorf("%s: %s", name, diff)
		}
	}
}

func TestScaleMultipliesAllSeconds(t *testing.T) {
	o := bench.Options{Workload: shipped(t, "uniform"), Clock: bench.Virtual, Workers: 4, Runs: 1}
	one := run(t, o).Comparison.Modes[0].Makespan.Median
	o.Scale = 0.5
	if half := run(t, o).Comparison.Modes[0].Makespan.Median; math.Abs(half-one/2) > 1e-9*one {
		t.Errorf("%g s, and %g s at half the scale", one, half)
	}
}

func TestBarrierHoldsTheAdaptiveModesToo(t *testing.T) {
	c := run(t, bench.Options{Workload: shipped(t, "seed"), Clock: bench.Virtual, Workers: 8, Runs: 1, Barrier: true}).Comparison
	var names []string
	for _, m := range c.Modes {
		names = append(names, m.Name())
	}
	want := []string{"fixed, barriers", "fixed", "table, barriers", "adaptive-cold, barriers", "adaptive-warm, barriers"}
	if diff := cmp.Diff(want, names); diff != "" {
		t.Error(diff)
	}
	if warm := c.Modes[4].Makespan.Median; warm < 10 {
		t.Errorf("with barriers the warm run takes %g s, as if there were none", warm)
	}
}

// A batch of many rules behind one of many rules waits for all of them.
func TestLargeBatchesWaitForEachOther(t *testing.T) {
	w := &bench.Workload{Batches: []bench.Batch{{}, {Behind: []int{0}}, {Behind: []int{0, 1}}}}
	for i := range 3 {
		for k := range 400 {
			w.Batches[i].Rules = append(w.Batches[i].Rules, bench.Rule{ID: fmt.Sprintf("r%d-%d", i, k), Seconds: 0.01 + float64(k%7)/1000})
		}
	}
	s := run(t, bench.Options{Workload: w, Clock: bench.Virtual, Workers: 8, Runs: 1}).Comparison.Schedule
	ends, starts := make([]float64, 3), []float64{math.Inf(1), math.Inf(1), math.Inf(1)}
	rules := 0
	for _, x := range s.Log.Spans {
		if s.Log.Tasks[x.Task].Rule == "" {
			continue
		}
		rules++
		b := s.Log.Tasks[x.Task].Batch
		ends[b], starts[b] = max(ends[b], x.End), min(starts[b], x.Start)
	}
	if rules != 1200 || starts[1] < ends[0]-1e-9 || starts[2] < ends[1]-1e-9 {
		t.Errorf("%d rules, starts %v, ends %v", rules, starts, ends)
	}
}

// Many batches that are behind all before them: pair by pair, their rules would be
// as many edges as a graph can hold, out of a file of a megabyte.
func TestManyBatchesBehindEachOtherAreNoManyEdges(t *testing.T) {
	const batches, rules = 80, 100
	w := &bench.Workload{}
	for i := range batches {
		b := bench.Batch{}
		for d := range i {
			b.Behind = append(b.Behind, d, d) // what stands there twice counts once
		}
		for k := range rules {
			b.Rules = append(b.Rules, bench.Rule{ID: fmt.Sprintf("r%d-%d", i, k), Seconds: 0.01})
		}
		w.Batches = append(w.Batches, b)
	}
	s := run(t, bench.Options{Workload: w, Clock: bench.Virtual, Workers: 8, Runs: 1}).Comparison.Schedule
	edges := 0
	for _, task := range s.Log.Tasks {
		edges += len(task.Needs)
	}
	if most := 1_000_000 + batches*(batches+2*rules); edges > most {
		t.Errorf("the graph has %d edges, want at most %d", edges, most)
	}
	// Each batch takes 13 rounds of 8 workers, and none begins before the last has ended.
	if want := 0.13 * batches; math.Abs(s.Makespan-want) > 1e-6 {
		t.Errorf("it takes %g s, want %g s", s.Makespan, want)
	}
}

// recorded is a runner that notes how it was asked.
func recorded(setups *[]bench.Setup) bench.Runner {
	return func(_ context.Context, s bench.Setup) (*trace.Schedule, error) {
		*setups = append(*setups, s)
		return &trace.Schedule{Makespan: float64(100 + len(*setups)), LowerBound: 50}, nil
	}
}

func TestModesAreInterleavedInAnOrderThatChanges(t *testing.T) {
	var setups []bench.Setup
	r := run(t, bench.Options{Name: "x", Runner: recorded(&setups), Clock: bench.Rules, Workers: 4, Runs: 20, Seed: 3})
	if len(setups) != 2+5*20 {
		t.Fatalf("%d runs", len(setups))
	}
	if s := setups[0]; s.Workers != 1 || s.Estimates || s.Learn {
		t.Errorf("the first run is not that of one worker: %+v", s)
	}
	if s := setups[1]; s.Workers != 4 || s.Policy != sched.Adaptive || s.Estimates || !s.Learn {
		t.Errorf("the second run is not one to learn from: %+v", s)
	}
	orders := map[string]bool{}
	for round := range 20 {
		var names []string
		for _, s := range setups[2+5*round : 7+5*round] {
			names = append(names, trace.Mode{Mode: s.Mode, Barrier: s.Barrier}.Name())
			warm := s.Mode == "adaptive-warm"
			if s.Workers != 4 || s.Estimates != (warm || s.Mode == "table") || s.Learn != warm {
				t.Errorf("%+v", s)
			}
		}
		orders[strings.Join(names, " ")] = true
		slices.Sort(names)
		if want := []string{"adaptive-cold", "adaptive-warm", "fixed", "fixed, barriers", "table, barriers"}; !slices.Equal(names, want) {
			t.Errorf("round %d: %v", round, names)
		}
	}
	if len(orders) < 10 {
		t.Errorf("only %d orders in 20 rounds", len(orders))
	}
	if r.Comparison.Clock != "rules" || r.Comparison.Modes[0].SpeedupMeasured <= 0 {
		t.Errorf("%+v", r.Comparison)
	}
}

func TestAFailingRunIsNamed(t *testing.T) {
	broken := errors.New("broken")
	runs := 0
	_, err := bench.Run(context.Background(), bench.Options{Workers: 2, Runs: 1, Runner: func(context.Context, bench.Setup) (*trace.Schedule, error) {
		if runs++; runs == 2 {
			return nil, broken
		}
		return &trace.Schedule{}, nil
	}})
	if !errors.Is(err, broken) || !strings.HasPrefix(err.Error(), "first run, to learn from: ") {
		t.Error(err)
	}
}

func TestAnInterruptedBenchGivesNoFigures(t *testing.T) {
	for _, clock := range []bench.Clock{bench.Sleep, bench.Spin} {
		ctx, cancel := context.WithCancel(context.Background())
		w := shipped(t, "one-giant")
		_, err := bench.Run(ctx, bench.Options{Workload: w, Clock: clock, Workers: 2, Runs: 3, Watch: func(done, _ int, _ string) {
			if done == 0 {
				go cancel()
			}
		}})
		if !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", clock, err)
		}
	}
}

// A sleeping task lasts at least its seconds, and a spinning one computes.
func TestRealClocksTakeTime(t *testing.T) {
	for _, clock := range []bench.Clock{bench.Sleep, bench.Spin} {
		w := &bench.Workload{Batches: []bench.Batch{{Rules: []bench.Rule{{ID: "a", Seconds: 0.02}, {ID: "b", Seconds: 0.01}, {ID: "c", Seconds: 0}}}}}
		r := run(t, bench.Options{Workload: w, Clock: clock, Workers: 2, Runs: 2})
		s := r.Comparison.Schedule
		if clock == bench.Sleep && s.Work < 0.03 || s.Work <= 0.005 || len(s.Log.Spans) != 3 {
			t.Errorf("%s: %g s of work in %d spans", clock, s.Work, len(s.Log.Spans))
		}
		for _, x := range s.Log.Spans {
			if seconds := x.Seconds(); clock == bench.Sleep && s.Log.Tasks[x.Task].ID == "a" && seconds < 0.02 {
				t.Errorf("a slept %g s of 0.02", seconds)
			}
		}
		if len(r.Notes) != 1 || !strings.Contains(r.Notes[0], "where 0.03 s were asked for") {
			t.Errorf("%s: %v", clock, r.Notes)
		}
	}
}

func TestWhatIf(t *testing.T) {
	s := virtual(t, "seed").Schedule
	curve, err := bench.WhatIf(s)
	if err != nil || len(curve) != 16 {
		t.Fatal(curve, err)
	}
	if math.Abs(curve[0]-s.Work) > 1e-6 || curve[7] > 9.3 {
		t.Errorf("%v", curve)
	}
	for i, seconds := range curve {
		if bound := max(s.Work/float64(i+1), s.CriticalPath); seconds < bound-1e-6 {
			t.Errorf("%d workers: %g s, below the bound %g s", i+1, seconds, bound)
		}
	}
	s.Log.Tasks = slices.Clone(s.Log.Tasks)
	s.Log.Tasks[0].Needs, s.Log.Tasks[1].Needs = []int{1}, []int{0}
	if _, err := bench.WhatIf(s); !errors.As(err, new(*sched.CycleError)) {
		t.Errorf("a cycle: %v", err)
	}
}

// Commands keep what they held: two of three processors each run beside each other
// from six processors on, and two of 3 GB never do where there are 5.
func TestWhatIfHoldsSlots(t *testing.T) {
	run := func(cpus float64, memory int64) []float64 {
		log, err := sched.Simulate([]sched.Task[struct{}]{
			{ID: "a", Rule: "a", CPUs: cpus, Memory: memory}, {ID: "b", Rule: "b", CPUs: cpus, Memory: memory},
		}, []float64{1, 1}, sched.Options{Workers: 2, CPUs: 2, Memory: 5e9, Policy: sched.Adaptive})
		if err != nil {
			t.Fatal(err)
		}
		s := trace.Measure(log)
		curve, err := bench.WhatIf(&s)
		if err != nil {
			t.Fatal(err)
		}
		return curve
	}
	if c := run(3, 0); c[1] != 2 || c[4] != 2 || c[5] != 1 {
		t.Errorf("two commands of three processors: %v", c)
	}
	if c := run(1, 3e9); c[15] != 2 {
		t.Errorf("two commands of 3 GB in 5: %v", c)
	}
	if c := run(1, 2e9); c[1] != 1 {
		t.Errorf("two commands of 2 GB in 5: %v", c)
	}
}
