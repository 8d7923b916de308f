package sched_test

import (
	"context"
	"errors"
	"math"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/sched"
	"go.uber.org/goleak"
	"pgregory.net/rapid"
)

func TestMain(m *testing.M) { goleak.VerifyTestMain(m) }

// Every task runs once, after all that it waits for, on any graph and at any
// number of workers.
func TestEveryTaskOnceAfterItsNeeds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(0, 60).Draw(t, "tasks")
		tasks := make([]sched.Task[int], n)
		for i := range tasks {
			tasks[i].ID = string(rune('a' + i%7))
			tasks[i].Estimate = rapid.SampledFrom([]float64{0, 1, 5, -1, math.NaN(), math.Inf(1)}).Draw(t, "estimate")
			if i > 0 {
				tasks[i].Needs = rapid.SliceOfN(rapid.IntRange(0, i-1), 0, 4).Draw(t, "needs")
			}
		}
		ended := make([]atomic.Int32, n)
		res, err := sched.Run(context.Background(), tasks, sched.Options{Workers: rapid.IntRange(-1, 9).Draw(t, "workers")},
			func(_ context.Context, _, i int) error {
				for _, need := range tasks[i].Needs {
					if ended[need].Load() != 1 {
						t.Errorf("task %d started before task %d had ended", i, need)
					}
				}
				ended[i].Add(1)
				return nil
			})
		if err != nil || res.Left != 0 {
			t.Fatalf("left %d, err %v", res.Left, err)
		}
		for i := range ended {
			if got := ended[i].Load(); got != 1 {
				t.Fatalf("task %d ran %d times", i, got)
			}
		}
	})
}

func TestLongestRemainingPathFirst(t *testing.T) {
	tasks := []sched.Task[string]{
		{ID: "short", Estimate: 1},
		{ID: "long", Estimate: 5},
		{ID: "head", Estimate: 2}, // 2 + 4 behind it: goes first
		{ID: "tail", Estimate: 4, Needs: []int{2}},
		{ID: "also-long", Estimate: 5},
	}
	var order []string
	if _, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 1}, func(_ context.Context, _, i int) error {
		order = append(order, tasks[i].ID)
		return nil
	}); err != nil {
		t.Fatal(err)
	}
	want := []string{"head", "also-long", "long", "tail", "short"}
	for i := range want {
		if order[i] != want[i] {
			t.Fatalf("order %v, want %v", order, want)
		}
	}
}

func TestCycleAndUnknownTaskAreErrors(t *testing.T) {
	run := func(tasks []sched.Task[int]) error {
		_, err := sched.Run(context.Background(), tasks, sched.Options{}, func(context.Context, int, int) error {
			t.Error("ran")
			return nil
		})
		return err
	}
	var cycle *sched.CycleError
	if err := run([]sched.Task[int]{{ID: "a", Needs: []int{1}}, {ID: "b", Needs: []int{0}}}); !errors.As(err, &cycle) || len(cycle.IDs) != 2 {
		t.Errorf("cycle: %v", err)
	}
	if err := run([]sched.Task[int]{{ID: "a", Needs: []int{1}}}); err == nil {
		t.Error("unknown task: no error")
	}
}

func TestCancelStopsWhatHasNotStarted(t *testing.T) {
	ctx, cancel := context.WithCancel(context.Background())
	defer cancel()
	tasks := make([]sched.Task[int], 100)
	var ran atomic.Int32
	var once sync.Once
	res, err := sched.Run(ctx, tasks, sched.Options{Workers: 4}, func(ctx context.Context, _, _ int) error {
		ran.Add(1)
		once.Do(cancel)
		<-ctx.Done()
		time.Sleep(time.Millisecond)
		return nil
	})
	if err != nil || int(ran.Load())+res.Left != 100 || res.Left < 90 {
		t.Fatalf("ran %d, left %d, err %v", ran.Load(), res.Left, err)
	}
}
