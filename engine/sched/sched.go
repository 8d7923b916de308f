// Package sched runs tasks on workers.
//
// It is generic and knows no rules: a task has an id, an estimate, the tasks it
// waits for, and a payload that only the caller understands.
//
// Invariants:
//   - every task's payload is handed to do exactly once, whatever others do,
//     unless the context ends first: then the tasks that have not started are
//     not started, and Run says how many they were;
//   - a task starts after every task that it waits for has ended;
//   - among ready tasks the one with the largest remaining path goes first
//     (its own estimate and the longest chain behind it), ties by id, so that
//     the order does not depend on chance.
//
// It is a plain pool: one queue, ordered by remaining path, behind one lock. A
// task is worth milliseconds, so that the lock is not what a run waits for.
package sched

import (
	"cmp"
	"container/heap"
	"context"
	"fmt"
	"math"
	"runtime"
	"sync"

	"github.com/sot-validator/sot/engine/trace"
)

// Task is one unit of work.
type Task[T any] struct {
	ID       string  // breaks ties; unique by the caller's care
	Rule     string  // what it is reported under in the log
	Batch    int     // dependency level: what Options.Barrier holds back, and what the log reports
	Estimate float64 // predicted seconds; negative, NaN and infinite count as 0
	Needs    []int   // positions of the tasks that must have ended before
	// CPUs are the slots that a command holds: the processors that its process
	// uses. 0 is work of this process, which uses the one that its worker runs on.
	CPUs    float64
	Memory  int64 // bytes that a command holds at its peak; 0 where it is not known
	Payload T
}

// Policy says how many workers a run gets.
type Policy int

// The policies.
const (
	Adaptive Policy = iota // as many as the work is worth
	Table                  // by the number of tasks alone, as the original did
	Fixed                  // Options.Workers, always
)

var policyNames = [...]string{"adaptive", "table", "fixed"}

// String returns the policy's name on the command line.
func (p Policy) String() string { return policyNames[p] }

// Options set up a run.
type Options struct {
	// Workers is the most goroutines that run tasks; below 1 it is the number
	// of CPUs this process may use.
	Workers int
	// CPUs are the processors that tasks may use together; below 1 it is the
	// number that this process may use.
	CPUs    int
	Memory  int64 // bytes that tasks may hold together; 0 is no bound
	Policy  Policy
	Barrier bool // a batch starts when the one before has ended, for comparison
	Warm    bool // the estimates were learned: the adaptive policy may rely on them
	// Watch, where not nil, is told how many workers live and how many of them are
	// busy, whenever that changes. It must not block.
	Watch func(live, busy int)
}

// Result is what a run left.
type Result struct {
	Log     trace.Log
	Left    int     // tasks that the end of the context kept from starting
	Skipped []Skip  // tasks whose needs failed, in order of Task
	Panics  []Panic // tasks that panicked, in order of Task
}

// Skip is a task that did not run because another one, that it needs directly or
// by way of others, failed or panicked.
type Skip struct{ Task, Because int }

// Panic is a task that panicked, with the value and the stack.
type Panic struct {
	Task  int
	Value any
	Stack []byte
}

// CycleError says that tasks wait for each other, so that none can start.
type CycleError struct{ IDs []string }

// Error names the tasks.
func (e *CycleError) Error() string {
	return fmt.Sprintf("tasks wait for each other: %v", e.IDs)
}

// workers returns how many workers a run with so many tasks gets.
func (o Options) workers(tasks int) int {
	n := o.Workers
	if n < 1 {
		n = runtime.GOMAXPROCS(0)
	}
	return max(1, min(n, tasks))
}

// Run runs the tasks and returns when all have ended, or when ctx has ended and
// the tasks that were running have returned. It calls do with the number of the
// worker (0-based) and the task's position. A task whose do returns an error, or
// panics, has failed: those that need it are not run. The error of Run is a
// *CycleError, an error of an unknown dependency, or nil.
func Run[T any](ctx context.Context, tasks []Task[T], o Options, do func(ctx context.Context, worker, task int) error) (Result, error) {
	p, err := newPool(tasks)
	if err != nil {
		return Result{Left: len(tasks)}, err
	}
	stop := context.AfterFunc(ctx, p.cancel)
	defer stop()
	var wg sync.WaitGroup
	for w := range o.workers(len(tasks)) {
		wg.Go(func() {
			for {
				t, ok := p.take()
				if !ok || ctx.Err() != nil {
					p.giveBack(ok)
					return
				}
				_ = do(ctx, w, t)
				p.done(t)
			}
		})
	}
	wg.Wait()
	return Result{Left: p.left}, nil
}

// pool is the queue of ready tasks. A task that is done releases those that
// waited for it alone.
type pool struct {
	mu       sync.Mutex
	wake     sync.Cond
	ready    byPath
	waits    []int   // tasks that must end before this one
	release  [][]int // tasks that wait for this one
	left     int     // tasks not started
	canceled bool
}

func newPool[T any](tasks []Task[T]) (*pool, error) {
	p := &pool{waits: make([]int, len(tasks)), release: make([][]int, len(tasks)), left: len(tasks)}
	p.wake.L = &p.mu
	for i, t := range tasks {
		for _, n := range t.Needs {
			if n < 0 || n >= len(tasks) {
				return nil, fmt.Errorf("task %s waits for task %d of %d", t.ID, n, len(tasks))
			}
			p.waits[i]++
			p.release[n] = append(p.release[n], i)
		}
	}
	paths, err := remaining(tasks, p)
	if err != nil {
		return nil, err
	}
	p.ready.less = func(a, b int) bool {
		return cmp.Or(cmp.Compare(paths[b], paths[a]), cmp.Compare(tasks[a].ID, tasks[b].ID), cmp.Compare(a, b)) < 0
	}
	for i, n := range p.waits {
		if n == 0 {
			p.ready.items = append(p.ready.items, i)
		}
	}
	heap.Init(&p.ready)
	return p, nil
}

// remaining returns each task's own estimate plus the longest chain behind it.
func remaining[T any](tasks []Task[T], p *pool) ([]float64, error) {
	order := make([]int, 0, len(tasks))
	waits := append([]int(nil), p.waits...)
	for i, n := range waits {
		if n == 0 {
			order = append(order, i)
		}
	}
	for k := 0; k < len(order); k++ {
		for _, r := range p.release[order[k]] {
			if waits[r]--; waits[r] == 0 {
				order = append(order, r)
			}
		}
	}
	if len(order) < len(tasks) {
		var ids []string
		for i, n := range waits {
			if n > 0 {
				ids = append(ids, tasks[i].ID)
			}
		}
		return nil, &CycleError{ids}
	}
	paths := make([]float64, len(tasks))
	for k := len(order) - 1; k >= 0; k-- {
		i := order[k]
		longest := 0.0
		for _, r := range p.release[i] {
			longest = max(longest, paths[r])
		}
		paths[i] = longest + sane(tasks[i].Estimate)
	}
	return paths, nil
}

func sane(estimate float64) float64 {
	if !(estimate > 0) || math.IsInf(estimate, 1) {
		return 0
	}
	return estimate
}

// take returns the next task, waiting for one to become ready; false when
// there will be none.
func (p *pool) take() (int, bool) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for !p.canceled && len(p.ready.items) == 0 && p.left > 0 {
		p.wake.Wait()
	}
	if p.canceled || p.left == 0 {
		return 0, false
	}
	p.left--
	return heap.Pop(&p.ready).(int), true
}

// giveBack counts a task that was taken as not started: the context ended
// between, before cancel was called.
func (p *pool) giveBack(taken bool) {
	if !taken {
		return
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.left++
	p.canceled = true
	p.wake.Broadcast()
}

func (p *pool) done(t int) {
	p.mu.Lock()
	defer p.mu.Unlock()
	for _, r := range p.release[t] {
		if p.waits[r]--; p.waits[r] == 0 {
			heap.Push(&p.ready, r)
		}
	}
	p.wake.Broadcast()
}

func (p *pool) cancel() {
	p.mu.Lock()
	defer p.mu.Unlock()
	p.canceled = true
	p.wake.Broadcast()
}

// byPath is a heap of task positions.
type byPath struct {
	items []int
	less  func(a, b int) bool
}

func (h *byPath) Len() int           { return len(h.items) }
func (h *byPath) Less(i, j int) bool { return h.less(h.items[i], h.items[j]) }
func (h *byPath) Swap(i, j int)      { h.items[i], h.items[j] = h.items[j], h.items[i] }
func (h *byPath) Push(x any)         { h.items = append(h.items, x.(int)) }
func (h *byPath) Pop() any {
	last := len(h.items) - 1
	x := h.items[last]
	h.items = h.items[:last]
	return x
}
