package sched

import (
	"fmt"
	"math"
	"reflect"
	"testing"

	"pgregory.net/rapid"
)

// The same arguments give the same log, to the bit, and a whole one, on any graph
// and with any options.
func TestSimulateIsDeterministic(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "n")
		tasks := make([]Task[int], n)
		secs := make([]float64, n)
		for i := range tasks {
			secs[i] = rapid.SampledFrom([]float64{0, 1e-9, 0.1, 1, 7}).Draw(t, "seconds")
			tasks[i] = Task[int]{ID: fmt.Sprint(i), Estimate: secs[i] * rapid.SampledFrom([]float64{1, 1, 0.001, 1000}).Draw(t, "error"),
				CPUs: rapid.SampledFrom([]float64{0, 0, 0.5, 3}).Draw(t, "cpus")}
			if i > 0 {
				tasks[i].Needs = rapid.SliceOfN(rapid.IntRange(0, i-1), 0, 2).Draw(t, "needs")
			}
			for _, need := range tasks[i].Needs {
				tasks[i].Batch = max(tasks[i].Batch, tasks[need].Batch+1)
			}
		}
		o := Options{Workers: rapid.IntRange(1, 9).Draw(t, "workers"), CPUs: rapid.IntRange(1, 9).Draw(t, "cpus"),
			Policy: Policy(rapid.IntRange(0, 3).Draw(t, "policy")), Barrier: rapid.Bool().Draw(t, "barrier"), Warm: rapid.Bool().Draw(t, "warm")}
		a, err := Simulate(tasks, secs, o)
		if err != nil {
			t.Fatal(err)
		}
		if b, _ := Simulate(tasks, secs, o); !reflect.DeepEqual(a, b) {
			t.Fatalf("two simulations differ:\n%v\n%v", a, b)
		}
		end := make([]float64, n)
		for _, s := range a.Spans {
			end[s.Task] = s.End
			if math.Abs(s.End-s.Start-secs[s.Task]) > 1e-9 {
				t.Fatalf("task %d took %v s, want %v", s.Task, s.End-s.Start, secs[s.Task])
			}
		}
		for _, s := range a.Spans {
			for _, need := range tasks[s.Task].Needs {
				if end[need] > s.Start {
					t.Fatalf("task %d started at %v, before task %d ended at %v", s.Task, s.Start, need, end[need])
				}
			}
		}
		if len(a.Spans) != n {
			t.Fatalf("%d spans of %d tasks", len(a.Spans), n)
		}
	})
}

// List scheduling is known by hand: Graham's bounds, and a small case.
func TestSimulateListByHand(t *testing.T) {
	secs := []float64{3, 3, 2, 2, 2}
	tasks := make([]Task[int], len(secs))
	for i := range tasks {
		tasks[i] = Task[int]{ID: fmt.Sprint(i), Estimate: secs[i]}
	}
	for p, want := range map[Policy]float64{List: 7, Adaptive: 7, Fixed: 7, Table: 7} {
		if m := makespan(t, tasks, secs, Options{Workers: 2, Policy: p, Warm: true}); m != want {
			t.Errorf("%v: %v s, want %v", p, m, want)
		}
	}
	tasks[0].Needs = []int{4} // 2 then 3 beside 3 then 2 then 2
	for p, want := range map[Policy]float64{List: 7, Adaptive: 7, Fixed: 8} {
		if m := makespan(t, tasks, secs, Options{Workers: 2, Policy: p, Warm: true}); m != want {
			t.Errorf("with a need, %v: %v s, want %v", p, m, want)
		}
	}
}

func TestSimulateRefusesBadSeconds(t *testing.T) {
	tasks := []Task[int]{{ID: "a"}, {ID: "b"}}
	for _, secs := range [][]float64{nil, {1}, {1, 2, 3}, {1, math.NaN()}, {-1, 1}, {1, math.Inf(1)}, {1e300, 1}} {
		if _, err := Simulate(tasks, secs, Options{}); err == nil {
			t.Errorf("%v: no error", secs)
		}
	}
	if _, err := Simulate([]Task[int]{{ID: "a", Needs: []int{0}}}, []float64{1}, Options{}); err == nil {
		t.Error("cycle: no error")
	}
}

func chosen(t *testing.T, secs []float64, o Options) (int, float64) {
	t.Helper()
	tasks := make([]Task[int], len(secs))
	for i := range tasks {
		tasks[i] = Task[int]{ID: fmt.Sprint(i), Estimate: secs[i]}
	}
	j, err := prepare(tasks, o)
	if err != nil {
		t.Fatal(err)
	}
	limit, predicted := j.decide()
	return limit, seconds(predicted)
}

// The smallest number of workers that is near the best: by hand.
func TestNumberOfWorkers(t *testing.T) {
	ten := each(10, func(int) float64 { return 1 })
	for _, c := range []struct {
		name      string
		secs      []float64
		o         Options
		want      int
		predicted float64
	}{
		{"ten equal ones need two rounds with 5 as with 8", ten, Options{Workers: 8, CPUs: 8, Warm: true}, 5, 2},
		{"cold takes what there is", ten, Options{Workers: 8, CPUs: 8}, 8, 0},
		{"cold takes no more than there are tasks", ten[:3], Options{Workers: 8, CPUs: 8}, 3, 0},
		{"a giant hides nine others behind it", append([]float64{9}, ten[:9]...), Options{Workers: 8, CPUs: 8, Warm: true}, 2, 9},
		{"two short ones fit behind a long one", []float64{2, 0.9, 0.9}, Options{Workers: 8, CPUs: 8, Warm: true}, 2, 2},
		{"if the estimates are right", []float64{2, 0.9, 0.9}, Options{Workers: 8, CPUs: 8, Warm: true, Doubt: 0.5}, 3, 2},
		{"two CPUs bear two", ten, Options{Workers: 8, CPUs: 2, Warm: true}, 2, 5},
		{"one task", ten[:1], Options{Workers: 8, CPUs: 8, Warm: true}, 1, 1},
		{"no task", nil, Options{Workers: 8, CPUs: 8, Warm: true}, 1, 0},
		{"thousands of short ones, without simulation", each(100_000, func(int) float64 { return 1e-6 }), Options{Workers: 8, CPUs: 8, Warm: true}, 8, 0.0125},
		{"fixed is fixed", ten, Options{Workers: 7, CPUs: 2, Policy: Fixed, Warm: true}, 7, 2},
	} {
		got, predicted := chosen(t, c.secs, c.o)
		if got != c.want || math.Abs(predicted-c.predicted) > 1e-9 {
			t.Errorf("%s: %d workers and %v s, want %d and %v", c.name, got, predicted, c.want, c.predicted)
		}
	}
	for n, want := range map[int]int{0: 1, 1: 1, 2: 2, 3: 2, 4: 4, 10: 4, 11: 8, 50: 8, 51: 12} {
		if got := table(n, 12); got != want {
			t.Errorf("table of %d: %d, want %d", n, got, want)
		}
	}
}

// Where the estimates of a giant were wrong, all join after all.
func TestWrongEstimatesLetAllJoin(t *testing.T) {
	secs := append([]float64{1}, each(64, func(int) float64 { return 1 })...)
	tasks := make([]Task[int], len(secs))
	for i := range tasks {
		tasks[i] = Task[int]{ID: fmt.Sprint(i), Estimate: secs[i]}
	}
	tasks[0].Estimate = 60 // two workers would do
	l, err := Simulate(tasks, secs, Options{Workers: 8, CPUs: 8, Warm: true})
	if err != nil {
		t.Fatal(err)
	}
	if len(l.Workers) != 8 || l.Spans[len(l.Spans)-1].End > 10 {
		t.Errorf("%d workers, %v s", len(l.Workers), l.Spans[len(l.Spans)-1].End)
	}
}

// A worker lives while there is work for it: a fan, a neck, and a fan again.
func TestWorkersJoinAndRetire(t *testing.T) {
	tasks := []Task[int]{{ID: "neck", Estimate: 10}}
	secs := []float64{10}
	for i := range 8 {
		tasks = append(tasks, Task[int]{ID: fmt.Sprint("after", i), Estimate: 1, Needs: []int{0}, Batch: 1})
		secs = append(secs, 1)
	}
	for i := range 4 {
		tasks[0].Needs = append(tasks[0].Needs, len(tasks))
		tasks = append(tasks, Task[int]{ID: fmt.Sprint("before", i), Estimate: 1})
		secs = append(secs, 1)
	}
	life := func(o Options) (sum float64) {
		o.Workers, o.CPUs, o.Warm = 4, 4, true
		l, err := Simulate(tasks, secs, o)
		if err != nil {
			t.Fatal(err)
		}
		if end := l.Spans[len(l.Spans)-1].End; end != 13 {
			t.Errorf("%v: makespan %v s", o.Policy, end)
		}
		for _, w := range l.Workers {
			sum += w.Life
		}
		return sum
	}
	if got := life(Options{}); math.Abs(got-(22+3*seconds(linger))) > 1e-9 {
		t.Errorf("adaptive workers live %v s, want their tasks' 22 s and what three linger", got)
	}
	if got := life(Options{Policy: Fixed}); got != 4*13 {
		t.Errorf("fixed workers live %v s, want %v", got, 4*13)
	}
}

// What a simulation costs a task: taskPrice stands on it. Deciding for three
// tasks is what every small run pays.
func BenchmarkDecide(b *testing.B) {
	for _, n := range []int{1, 3, 30, 300, 3000, 100_000} {
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			tasks := make([]Task[int], n)
			for i := range tasks {
				tasks[i] = Task[int]{ID: fmt.Sprint(i), Estimate: 1 + 1/float64(i+1)}
			}
			j, err := prepare(tasks, Options{Workers: 16, CPUs: 16, Warm: true})
			if err != nil {
				b.Fatal(err)
			}
			b.Run("decide", func(b *testing.B) {
				for b.Loop() {
					j.decide()
				}
			})
			b.Run("simulate", func(b *testing.B) {
				for b.Loop() {
					j.simulate(j.weight, j.most)
				}
				b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
			})
		})
	}
}
