package sched_test

import (
	"context"
	"errors"
	"fmt"

	"github.com/sot-validator/sot/engine/sched"
)

// Three tasks, one of which waits for another that fails.
func ExampleRun() {
	tasks := []sched.Task[string]{
		{ID: "layout", Estimate: 0.2},
		{ID: "shards", Estimate: 0.1, Needs: []int{0}},
		{ID: "names", Estimate: 0.1},
	}
	result, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 2},
		func(_ context.Context, _, task int) error {
			if tasks[task].ID == "layout" {
				return errors.New("a folder is missing")
			}
			return nil
		})
	if err != nil {
		fmt.Println(err)
		return
	}
	for _, s := range result.Skipped {
		fmt.Println(tasks[s.Task].ID, "was skipped because of", tasks[s.Because].ID)
	}
	fmt.Println(len(result.Log.Spans), "ran")
	// Output:
	// shards was skipped because of layout
	// 2 ran
}

// What would four workers make of it, and what the original's dispatch?
func ExampleSimulate() {
	seconds := []float64{8, 5, 4, 4, 3, 3, 2, 2, 1}
	tasks := make([]sched.Task[struct{}], len(seconds))
	for i, s := range seconds {
		tasks[i] = sched.Task[struct{}]{ID: fmt.Sprint(i), Estimate: s}
	}
	for _, policy := range []sched.Policy{sched.Adaptive, sched.List, sched.Fixed, sched.Table} {
		log, err := sched.Simulate(tasks, seconds, sched.Options{Workers: 4, CPUs: 4, Policy: policy, Warm: true})
		if err != nil {
			fmt.Println(err)
			return
		}
		end := 0.0
		for _, s := range log.Spans {
			end = max(end, s.End)
		}
		fmt.Printf("%-8v %2.0f s, %2.0f predicted, %d workers\n", policy, end, log.Predicted, len(log.Workers))
	}
	// Output:
	// adaptive  9 s,  9 predicted, 4 workers
	// list      9 s,  9 predicted, 4 workers
	// fixed     9 s,  9 predicted, 4 workers
	// table    12 s, 12 predicted, 4 workers
}
