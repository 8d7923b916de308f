package sched

import (
	"encoding/json"
	"fmt"
	"math"
	"math/rand/v2"
	"os"
	"slices"
	"testing"
)

// workload is a workload file: batches of rules, where all rules of a batch wait
// for all of the batches that dependencies names.
type workload struct {
	Dependencies [][]int
	Batches      []struct {
		ID    int
		Rules []struct {
			ID      string
			Seconds float64
		}
	}
}

func readWorkload(t testing.TB, file string) ([]Task[int], []float64) {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var w workload
	if err := json.Unmarshal(b, &w); err != nil {
		t.Fatal(err)
	}
	var tasks []Task[int]
	var secs []float64
	of := make([][]int, len(w.Batches))
	for i, batch := range w.Batches {
		var needs []int
		for _, d := range w.Dependencies[i] {
			needs = append(needs, of[d]...)
		}
		for _, r := range batch.Rules {
			of[i] = append(of[i], len(tasks))
			tasks = append(tasks, Task[int]{ID: r.ID, Rule: r.ID, Batch: batch.ID, Estimate: r.Seconds, Needs: needs})
			secs = append(secs, r.Seconds)
		}
	}
	return tasks, secs
}

func makespan(t testing.TB, tasks []Task[int], secs []float64, o Options) float64 {
	t.Helper()
	if o.CPUs == 0 {
		o.CPUs = o.Workers
	}
	l, err := Simulate(tasks, secs, o)
	if err != nil {
		t.Fatal(err)
	}
	last := 0.0
	for _, s := range l.Spans {
		last = max(last, s.End)
	}
	return last
}

// The original's nine batches, by its own numbers and by measured ones. The
// figures of the fixed runs are those of an independent simulation.
func TestWorkloadsOfTheOriginal(t *testing.T) {
	for _, c := range []struct {
		file                string
		adaptive            float64 // of the lower bound, at most
		fixed, fixedBarrier float64 // seconds
	}{
		{"seed", 1.033, 9.237, 10.950},
		{"measured", 1.005, 83.645, 89.559},
	} {
		tasks, secs := readWorkload(t, "testdata/"+c.file+".json")
		bound := lowerBound(t, tasks, secs, 8)
		run := func(p Policy, barrier bool) float64 {
			m := makespan(t, tasks, secs, Options{Workers: 8, Policy: p, Barrier: barrier, Warm: true})
			t.Logf("%-8s %-8v barrier %-5v %7.3f s, %.4f of the lower bound %.3f", c.file, p, barrier, m, m/bound, bound)
			return m
		}
		warm, list := run(Adaptive, false), run(List, false)
		fixed, fixedBarrier := run(Fixed, false), run(Fixed, true)
		original := run(Table, true)
		run(Adaptive, true)
		run(Table, false)
		if warm > c.adaptive*bound || warm > 1.001*list {
			t.Errorf("%s: adaptive takes %.3f s", c.file, warm)
		}
		if math.Abs(fixed-c.fixed) > 1e-3 || math.Abs(fixedBarrier-c.fixedBarrier) > 1e-3 {
			t.Errorf("%s: fixed takes %.3f s and %.3f s batch by batch, want %v and %v", c.file, fixed, fixedBarrier, c.fixed, c.fixedBarrier)
		}
		if original < fixedBarrier || warm > fixed {
			t.Errorf("%s: the original takes %.3f s, fixed %.3f s and adaptive %.3f s", c.file, original, fixedBarrier, warm)
		}
	}
}

func lowerBound(t testing.TB, tasks []Task[int], secs []float64, workers int) float64 {
	t.Helper()
	exact := slices.Clone(tasks)
	for i := range exact {
		exact[i].Estimate = secs[i]
	}
	j, err := prepare(exact, Options{Workers: workers, CPUs: workers})
	if err != nil {
		t.Fatal(err)
	}
	return seconds(max(j.work/int64(workers), j.critical))
}

// shapes are the distributions of seconds that the figures speak of.
var shapes = []struct {
	name string
	draw func(rng *rand.Rand, n int) []float64
}{
	{"uniform", func(rng *rand.Rand, n int) []float64 {
		return each(n, func(int) float64 { return 0.01 + 0.99*rng.Float64() })
	}},
	{"lognormal", func(rng *rand.Rand, n int) []float64 {
		return each(n, func(int) float64 { return 0.1 * math.Exp(1.5*rng.NormFloat64()) })
	}},
	{"bimodal", func(rng *rand.Rand, n int) []float64 {
		return each(n, func(int) float64 {
			if rng.Float64() < 0.1 {
				return 1 + 0.2*rng.Float64()
			}
			return 0.05 + 0.01*rng.Float64()
		})
	}},
	{"giant", func(rng *rand.Rand, n int) []float64 {
		secs := each(n, func(int) float64 { return 0.05 + 0.1*rng.Float64() })
		giant := 0.0
		for _, s := range secs {
			giant += s / 6 // bounds the run from 8 workers on
		}
		secs[rng.IntN(n)] = giant
		return secs
	}},
}

func each(n int, f func(int) float64) []float64 {
	secs := make([]float64, n)
	for i := range secs {
		secs[i] = f(i)
	}
	return secs
}

// kinds of estimates, made from the true seconds.
var estimates = []struct {
	name  string
	warm  bool
	doubt float64
	of    func(rng *rand.Rand, secs float64) float64
}{
	{"perfect", true, 0, func(_ *rand.Rand, s float64) float64 { return s }},
	{"sigma 0.5", true, 0, noisy},
	{"doubted", true, 0.5, noisy}, // the same, said in Options.Doubt
	{"cold", false, 0, func(*rand.Rand, float64) float64 { return 0.01 }},
}

func noisy(rng *rand.Rand, s float64) float64 { return s * math.Exp(0.5*rng.NormFloat64()) }

// figure is one simulated case: makespans in seconds.
type figure struct {
	shape, estimate string
	tasks, workers  int

	bound, adaptive, list, original float64
	best                            float64 // with any fixed number of workers up to workers
}

var columns = []struct {
	name string
	of   func(f figure) float64
}{
	{"adaptive/bound", func(f figure) float64 { return f.adaptive / f.bound }},
	{"adaptive/list", func(f figure) float64 { return f.adaptive / f.list }},
	{"adaptive/best number", func(f figure) float64 { return f.adaptive / f.best }},
	{"list/bound", func(f figure) float64 { return f.list / f.bound }},
	{"original/bound", func(f figure) float64 { return f.original / f.bound }},
}

// figures simulates all cases. The numbers of workers are compared under one
// policy, which without Warm uses exactly so many.
func figures(t testing.TB, seeds uint64) (fs []figure) {
	sizes := []int{10, 50, 100, 400, 1000, 5000}
	if slowdown > 1 {
		sizes = sizes[:4]
	}
	for seed := range seeds {
		for _, shape := range shapes {
			for _, n := range sizes {
				secs := shape.draw(rand.New(rand.NewPCG(seed, uint64(n))), n)
				for _, e := range estimates {
					rng := rand.New(rand.NewPCG(seed, 7))
					tasks := make([]Task[int], n)
					for i := range tasks {
						tasks[i] = Task[int]{ID: fmt.Sprintf("t%04d", i), Estimate: e.of(rng, secs[i])}
					}
					base := figure{shape: shape.name, estimate: e.name, tasks: n, best: math.Inf(1)}
					fs = append(fs, overWorkers(t, base, tasks, secs, Options{Warm: e.warm, Doubt: e.doubt})...)
				}
			}
		}
	}
	return fs
}

func overWorkers(t testing.TB, f figure, tasks []Task[int], secs []float64, o Options) (fs []figure) {
	for f.workers = 1; f.workers <= 16; f.workers++ {
		f.best = min(f.best, makespan(t, tasks, secs, Options{Workers: f.workers}))
		if f.workers == 1 || f.workers&(f.workers-1) != 0 {
			continue
		}
		f.bound = lowerBound(t, tasks, secs, f.workers)
		o.Workers = f.workers
		f.adaptive = makespan(t, tasks, secs, o)
		f.list = makespan(t, tasks, secs, Options{Workers: f.workers, Policy: List})
		f.original = makespan(t, tasks, secs, Options{Workers: f.workers, Policy: Table, Barrier: true})
		fs = append(fs, f)
	}
	return fs
}

func median(xs []float64) float64 {
	xs = slices.Sorted(slices.Values(xs))
	return (xs[(len(xs)-1)/2] + xs[len(xs)/2]) / 2
}

// pick returns a column of the cases that fit.
func pick(fs []figure, column int, fits func(f figure) bool) (xs []float64) {
	for _, f := range fs {
		if fits(f) {
			xs = append(xs, columns[column].of(f))
		}
	}
	return xs
}

// What the scheduler promises, on the virtual clock. With -v it prints the table.
func TestFigures(t *testing.T) {
	fs := figures(t, uint64(max(1, 2/slowdown)))
	for _, e := range estimates {
		for _, shape := range []string{"uniform", "lognormal", "bimodal", "giant", ""} {
			row := fmt.Sprintf("%-9s %-9s", e.name, shape)
			for c := range columns {
				of := func(f figure) bool { return f.estimate == e.name && (shape == "" || f.shape == shape) }
				many := func(f figure) bool { return of(f) && f.tasks >= 50*f.workers }
				xs, ys := pick(fs, c, of), pick(fs, c, many)
				row += fmt.Sprintf(" | %s %.4f to %.4f, many %.4f to %.4f", columns[c].name, median(xs), slices.Max(xs), median(ys), slices.Max(ys))
			}
			t.Log(row)
		}
	}
	for _, c := range []struct {
		estimate     string
		column       int
		many         bool // cases with at least 50 tasks a worker alone
		worst, usual float64
	}{
		{"perfect", 1, false, 1.01, 1.0001},
		{"perfect", 0, true, 1.005, 1.001},
		{"sigma 0.5", 0, true, 1.012, 1.002},
		{"cold", 0, true, 2, 1.04},
		{"doubted", 0, true, 1.012, 1.002},
		{"doubted", 1, false, 1.03, 1.001},
		{"perfect", 2, false, 1.01, 1.001},
		{"sigma 0.5", 2, true, 1.05, 1.01},
		{"doubted", 2, false, 1.05, 1.001},
		{"cold", 2, true, 1.2, 1.01},
	} {
		xs := pick(fs, c.column, func(f figure) bool { return f.estimate == c.estimate && (!c.many || f.tasks >= 50*f.workers) })
		if m, w := median(xs), slices.Max(xs); m > c.usual || w > c.worst {
			t.Errorf("%s, %s: median %.4f, want at most %v; worst %.4f, want at most %v", c.estimate, columns[c.column].name, m, c.usual, w, c.worst)
		}
	}
}
