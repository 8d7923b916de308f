package sched_test

import (
	"context"
	"errors"
	"fmt"
	"math"
	"runtime"
	"slices"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
	"pgregory.net/rapid"
)

var policies = []sched.Policy{sched.Adaptive, sched.Table, sched.Fixed, sched.List}

// draw makes a graph: needs point back, batches are dependency levels.
func draw(t *rapid.T, most int) []sched.Task[int] {
	tasks := make([]sched.Task[int], rapid.IntRange(0, most).Draw(t, "tasks"))
	for i := range tasks {
		tasks[i].ID = string(rune('a' + i%7))
		tasks[i].Estimate = rapid.SampledFrom([]float64{0, 1, 5, 1e-6, -1, math.NaN(), math.Inf(1), 1e300}).Draw(t, "estimate")
		tasks[i].CPUs = rapid.SampledFrom([]float64{0, 0, 0, 0.5, 1, 2, 1000, math.NaN(), -1}).Draw(t, "cpus")
		tasks[i].Memory = rapid.SampledFrom([]int64{0, 0, 1, 60, 1000, -1}).Draw(t, "memory")
		if i > 0 {
			tasks[i].Needs = rapid.SliceOfN(rapid.IntRange(0, i-1), 0, 3).Draw(t, "needs")
		}
		for _, n := range tasks[i].Needs {
			tasks[i].Batch = max(tasks[i].Batch, tasks[n].Batch+1)
		}
	}
	return tasks
}

func drawOptions(t *rapid.T) sched.Options {
	return sched.Options{
		Workers: rapid.SampledFrom([]int{-1, 0, 1, 2, 3, 8, 100_000}).Draw(t, "workers"),
		CPUs:    rapid.IntRange(0, 5).Draw(t, "cpus"),
		Memory:  rapid.SampledFrom([]int64{0, 100}).Draw(t, "memory"),
		Policy:  rapid.SampledFrom(policies).Draw(t, "policy"),
		Barrier: rapid.Bool().Draw(t, "barrier"),
		Warm:    rapid.Bool().Draw(t, "warm"),
	}
}

// On any graph, with any options, whichever tasks fail: each task runs once after
// its needs have ended well, or is skipped because of one that failed, and the
// log is whole.
func TestEachTaskOnceWhateverFails(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks, o := draw(t, 40), drawOptions(t)
		fate := rapid.SliceOfN(rapid.SampledFrom([]string{"", "", "", "error", "panic"}), len(tasks), len(tasks)).Draw(t, "fate")
		state := make([]atomic.Int32, len(tasks))
		res, err := sched.Run(context.Background(), tasks, o, func(_ context.Context, _, i int) error {
			for _, n := range tasks[i].Needs {
				if state[n].Load() != 1 || fate[n] != "" {
					t.Errorf("task %d started although task %d had not ended well", i, n)
				}
			}
			if o.Barrier {
				for k := range tasks {
					if tasks[k].Batch > tasks[i].Batch && state[k].Load() != 0 {
						t.Errorf("task %d of a later batch had run before task %d", k, i)
					}
				}
			}
			state[i].Add(1)
			switch fate[i] {
			case "error":
				return errors.New("failed")
			case "panic":
				panic(i)
			}
			return nil
		})
		if err != nil || res.Left != 0 {
			t.Fatalf("left %d, err %v", res.Left, err)
		}
		checkOutcome(t, tasks, fate, state, res)
		checkLog(t, tasks, res.Log)
	})
}

func checkOutcome(t *rapid.T, tasks []sched.Task[int], fate []string, state []atomic.Int32, res sched.Result) {
	because := make([]int, len(tasks)) // 1 + the failed task with the lowest position
	var skips []sched.Skip
	var panics []int
	for i := range tasks {
		for _, n := range tasks[i].Needs {
			if because[n] > 0 && (because[i] == 0 || because[n] < because[i]) {
				because[i] = because[n]
			}
		}
		want := int32(1)
		switch {
		case because[i] > 0:
			skips, want = append(skips, sched.Skip{Task: i, Because: because[i] - 1}), 0
		case fate[i] != "":
			because[i] = i + 1
			if fate[i] == "panic" {
				panics = append(panics, i)
			}
		}
		if got := state[i].Load(); got != want {
			t.Fatalf("task %d ran %d times, want %d", i, got, want)
		}
	}
	if !slices.Equal(res.Skipped, skips) {
		t.Fatalf("skipped %v, want %v", res.Skipped, skips)
	}
	got := []int(nil)
	for _, p := range res.Panics {
		got = append(got, p.Task)
		if p.Value != p.Task || len(p.Stack) == 0 {
			t.Fatalf("panic of task %d: %v with %d bytes of stack", p.Task, p.Value, len(p.Stack))
		}
	}
	if !slices.Equal(got, panics) {
		t.Fatalf("panics of %v, want %v", got, panics)
	}
}

type failer interface{ Fatalf(string, ...any) }

// checkLog asserts what must hold of any log.
func checkLog(t failer, tasks []sched.Task[int], l trace.Log) {
	if len(l.Tasks) != len(tasks) {
		t.Fatalf("%d tasks in the log of %d", len(l.Tasks), len(tasks))
	}
	if !slices.IsSortedFunc(l.Spans, func(a, b trace.Span) int {
		if a.Start != b.Start {
			return int(math.Copysign(1, a.Start-b.Start))
		}
		return a.Worker - b.Worker
	}) {
		t.Fatalf("spans are not in order of their start")
	}
	first, last := math.Inf(1), 0.0
	ends := map[int]float64{}
	stolen := map[int]int{}
	for _, s := range l.Spans {
		first, last = min(first, s.Start), max(last, s.End)
		if s.End < s.Start || s.Start < ends[s.Worker] {
			t.Fatalf("worker %d overlaps itself at %v", s.Worker, s)
		}
		ends[s.Worker] = s.End
		if s.Stolen() {
			stolen[s.Victim]++
		}
	}
	ran := 0
	for _, w := range l.Workers {
		ran += w.Tasks
		if w.Busy+w.Steal > w.Life*1.01+1e-6 || w.Life > last-first+1e-9 {
			t.Fatalf("worker %+v in a makespan of %v", w, last-first)
		}
		if w.Donated != stolen[w.ID] {
			t.Fatalf("worker %d donated %d, the spans say %d", w.ID, w.Donated, stolen[w.ID])
		}
	}
	if ran != len(l.Spans) {
		t.Fatalf("workers ran %d tasks, there are %d spans", ran, len(l.Spans))
	}
}

// What tasks hold together never exceeds what there is, but for one that alone
// exceeds it; no more run at once than there are workers.
func TestSlotsAreNotOversubscribed(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		tasks := draw(t, 40)
		o := sched.Options{Workers: rapid.IntRange(1, 6).Draw(t, "workers"), CPUs: rapid.IntRange(1, 6).Draw(t, "cpus"), Memory: 100,
			Policy: rapid.SampledFrom([]sched.Policy{sched.Adaptive, sched.List}).Draw(t, "policy"), Warm: rapid.Bool().Draw(t, "warm")}
		var mu sync.Mutex
		var cpus float64
		var memory int64
		running := 0
		_, err := sched.Run(context.Background(), tasks, o, func(_ context.Context, _, i int) error {
			c := 1.0
			if tasks[i].CPUs > 0 {
				c = min(tasks[i].CPUs, float64(o.CPUs))
			}
			m := max(0, min(tasks[i].Memory, o.Memory))
			mu.Lock()
			cpus, memory, running = cpus+c, memory+m, running+1
			if cpus > float64(o.CPUs) || memory > o.Memory || running > o.Workers {
				t.Errorf("%d tasks hold %v of %d CPUs and %d of %d bytes", running, cpus, o.CPUs, memory, o.Memory)
			}
			mu.Unlock()
			runtime.Gosched()
			mu.Lock()
			cpus, memory, running = cpus-c, memory-m, running-1
			mu.Unlock()
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	})
}

// A task that holds much is passed by a few, not by all.
func TestBigTaskDoesNotStarve(t *testing.T) {
	tasks := []sched.Task[int]{
		{ID: "first", CPUs: 1, Estimate: 10},
		{ID: "big", CPUs: 4, Estimate: 5},
	}
	for i := range 200 {
		tasks = append(tasks, sched.Task[int]{ID: fmt.Sprintf("small%03d", i), CPUs: 1, Estimate: 1})
	}
	var started atomic.Int32
	at := make([]int32, len(tasks))
	if _, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 4, CPUs: 4}, func(_ context.Context, _, i int) error {
		at[i] = started.Add(1)
		if i != 1 {
			time.Sleep(time.Millisecond)
		}
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if at[1] > 40 {
		t.Errorf("the big task was number %d to start", at[1])
	}
}

func TestPanicAndGoexitLoseNoWorker(t *testing.T) {
	tasks := make([]sched.Task[int], 100)
	res, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 2, CPUs: 2}, func(_ context.Context, _, i int) error {
		switch i % 3 {
		case 0:
			panic("boom")
		case 1:
			runtime.Goexit()
		}
		return nil
	})
	if err != nil || res.Left != 0 || len(res.Panics) != 67 || len(res.Log.Spans) != 100 {
		t.Fatalf("left %d, %d panics, %d spans, err %v", res.Left, len(res.Panics), len(res.Log.Spans), err)
	}
}

func TestRunThatATaskCancels(t *testing.T) {
	for _, p := range policies {
		ctx, cancel := context.WithCancel(context.Background())
		tasks := make([]sched.Task[int], 1000)
		for i := range tasks {
			if i >= 500 {
				tasks[i].Needs = []int{i - 500}
			}
		}
		var ran atomic.Int32
		res, err := sched.Run(ctx, tasks, sched.Options{Workers: 3, CPUs: 3, Policy: p}, func(context.Context, int, int) error {
			switch n := ran.Add(1); {
			case n == 100:
				cancel()
			case n > 100:
				<-ctx.Done() // whoever cancels may be held up before it does
			}
			return ctx.Err()
		})
		n := int(ran.Load())
		if err != nil || n+res.Left != 1000 || n > 110 || len(res.Skipped) != 0 || len(res.Log.Spans) != n {
			t.Errorf("%v: ran %d, left %d, skipped %d, %d spans, err %v", p, n, res.Left, len(res.Skipped), len(res.Log.Spans), err)
		}
	}
}

func TestBlockedTaskEndsWithTheContext(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tasks := []sched.Task[int]{{ID: "blocks"}, {ID: "after", Needs: []int{0}}, {ID: "beside"}}
	blocks := make(chan struct{})
	res, err := sched.Run(ctx, tasks, sched.Options{Workers: 2, CPUs: 2}, func(ctx context.Context, _, i int) error {
		if i == 0 {
			close(blocks)
			<-ctx.Done()
		} else {
			<-blocks
			cancel()
		}
		return nil
	})
	if err != nil || res.Left != 1 || len(res.Log.Spans) != 2 {
		t.Errorf("left %d, %d spans, err %v", res.Left, len(res.Log.Spans), err)
	}
}

func TestEndedContextStartsNothing(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	cancel()
	res, err := sched.Run(ctx, make([]sched.Task[int], 5), sched.Options{}, func(context.Context, int, int) error {
		t.Error("ran")
		return nil
	})
	if err != nil || res.Left != 5 {
		t.Errorf("left %d, err %v", res.Left, err)
	}
}

// Fixed takes tasks in the order of the list, as the original's fixed run did.
func TestFixedKeepsTheListsOrder(t *testing.T) {
	tasks := []sched.Task[int]{{ID: "c", Estimate: 1}, {ID: "b", Estimate: 9}, {ID: "a", Estimate: 4, Needs: []int{1}}, {ID: "d", Estimate: 7}}
	var order []string
	if _, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 1, Policy: sched.Fixed}, func(_ context.Context, _, i int) error {
		order = append(order, tasks[i].ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if want := []string{"c", "b", "a", "d"}; !slices.Equal(order, want) {
		t.Errorf("order %v, want %v", order, want)
	}
}

// Watch hears of every worker that comes and goes, and at the end of none.
func TestWatchSeesWorkersComeAndGo(t *testing.T) {
	tasks := []sched.Task[int]{{ID: "head"}}
	for range 20 {
		tasks = append(tasks, sched.Task[int]{ID: "x", Needs: []int{0}})
	}
	live, busy, most := -1, -1, 0
	o := sched.Options{Workers: 4, CPUs: 4, Watch: func(l, b int) {
		if b > l || l > 4 || b < 0 {
			t.Errorf("%d of %d busy", b, l)
		}
		live, busy, most = l, b, max(most, b)
	}}
	if _, err := sched.Run(context.Background(), tasks, o, func(context.Context, int, int) error {
		time.Sleep(5 * time.Millisecond)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	if live != 0 || busy != 0 || most != 4 {
		t.Errorf("at the end %d live and %d busy, at most %d busy", live, busy, most)
	}
}

func TestManyTasks(t *testing.T) {
	for _, c := range []struct{ tasks, workers int }{{1_000_000 / sched.Slowdown(), 2}, {100_000 / sched.Slowdown() / sched.Slowdown(), 100_000}} {
		tasks := make([]sched.Task[int], c.tasks)
		for i := range tasks {
			if i%3 == 2 {
				tasks[i].Needs = []int{i - 1, i - 2}
			}
			tasks[i].Estimate = float64(i % 1000)
		}
		var ran atomic.Int64
		res, err := sched.Run(context.Background(), tasks, sched.Options{Workers: c.workers, CPUs: c.workers, Warm: true}, func(context.Context, int, int) error {
			ran.Add(1)
			return nil
		})
		if err != nil || res.Left != 0 || int(ran.Load()) != c.tasks {
			t.Fatalf("ran %d, left %d, err %v", ran.Load(), res.Left, err)
		}
	}
}

func TestBatchThatWaitsForALaterOneIsAnError(t *testing.T) {
	tasks := []sched.Task[int]{{ID: "a", Batch: 1, Needs: []int{1}}, {ID: "b", Batch: 2}}
	if _, err := sched.Run(context.Background(), tasks, sched.Options{Barrier: true}, func(context.Context, int, int) error { return nil }); err == nil {
		t.Error("no error")
	}
}
