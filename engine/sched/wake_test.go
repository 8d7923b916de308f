package sched_test

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"runtime"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/sched"
)

// While one worker is busy with a giant, what was dealt to it is taken by others,
// and what is released while others are parked wakes them.
func TestGiantHoldsNobodyUp(t *testing.T) {
	const small = 60
	tasks := []sched.Task[int]{{ID: "giant", Estimate: 1}, {ID: "head", Estimate: 1}}
	for i := range small {
		tasks = append(tasks, sched.Task[int]{ID: fmt.Sprint("small", i), Estimate: 1, Needs: []int{1}})
	}
	var ended atomic.Int32
	done := make(chan struct{})
	res, err := sched.Run(context.Background(), tasks, sched.Options{Workers: 4, CPUs: 4}, func(_ context.Context, _, i int) error {
		switch {
		case i == 0:
			select { // ends when all others have
			case <-done:
			case <-time.After(20 * time.Second):
				return errors.New("the others wait behind the giant")
			}
		case i > 1:
			if ended.Add(1) == small {
				close(done)
			}
		}
		return nil
	})
	if err != nil || ended.Load() != small {
		t.Fatalf("%d of %d small tasks ended, err %v", ended.Load(), small, err)
	}
	for _, s := range res.Log.Spans { // the last to start; it may be the last to end, or the giant
		if s.Task == 0 && s.End < res.Log.Spans[len(res.Log.Spans)-1].Start {
			t.Error("the giant did not wait for the others")
		}
	}
}

// Each task of a set meets all the others: if a released set woke fewer workers
// than it has tasks, or a wake-up were lost, they would wait for ever.
func TestReleaseWakesAsManyAsThereAreTasks(t *testing.T) {
	const workers, rounds = 8, 300
	for _, p := range policies {
		if p == sched.Table {
			continue // its table gives 8 tasks to 4 workers
		}
		tasks := []sched.Task[int]{}
		for r := range rounds {
			for range workers {
				k := sched.Task[int]{ID: "meet", Batch: 2 * r}
				if r > 0 {
					k.Needs = []int{len(tasks)/(workers+1)*(workers+1) - 1}
				}
				tasks = append(tasks, k)
			}
			join := sched.Task[int]{ID: "join", Batch: 2*r + 1}
			for k := range workers {
				join.Needs = append(join.Needs, r*(workers+1)+k)
			}
			tasks = append(tasks, join)
		}
		meet := make([]sync.WaitGroup, rounds)
		for r := range meet {
			meet[r].Add(workers)
		}
		ran := make(chan struct{})
		go func() {
			defer close(ran)
			_, err := sched.Run(context.Background(), tasks, sched.Options{Workers: workers, CPUs: workers, Policy: p}, func(_ context.Context, _, i int) error {
				if i%(workers+1) < workers {
					meet[i/(workers+1)].Done()
					meet[i/(workers+1)].Wait()
				}
				return nil
			})
			if err != nil {
				t.Error(err)
			}
		}()
		select {
		case <-ran:
		case <-time.After(60 * time.Second):
			buf := make([]byte, 1<<16)
			t.Fatalf("%v: a wake-up was lost\n%s", p, buf[:runtime.Stack(buf, true)])
		}
	}
}

// The same with random graphs, many workers and tasks that take no time, where
// parking and releasing race.
func TestNoWakeUpIsLost(t *testing.T) {
	rounds := 300
	for seed := range rounds {
		rng := rand.New(rand.NewPCG(uint64(seed), 3))
		tasks := make([]sched.Task[int], 200)
		for i := range tasks {
			for range rng.IntN(3) {
				if i > 0 {
					tasks[i].Needs = append(tasks[i].Needs, max(0, i-1-rng.IntN(10)))
				}
			}
			if seed%2 == 1 {
				tasks[i].CPUs = float64(rng.IntN(4))
			}
		}
		ctx, cancel := context.WithTimeout(context.Background(), 60*time.Second)
		res, err := sched.Run(ctx, tasks, sched.Options{Workers: 6, CPUs: 6, Policy: policies[seed%4]}, func(context.Context, int, int) error { return nil })
		cancel()
		if err != nil || res.Left != 0 {
			t.Fatalf("seed %d: left %d, err %v", seed, res.Left, err)
		}
	}
}
