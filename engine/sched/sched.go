package sched

import (
	"context"
	"fmt"
	"math"
	"runtime"

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
	// What exceeds Options.CPUs is cut to it: such a task runs alone.
	CPUs    float64
	Memory  int64 // bytes that a command holds at its peak; 0 where it is not known
	Payload T
}

// Policy says how many workers a run gets, and in which order they take tasks.
type Policy int

// The policies.
const (
	Adaptive Policy = iota // as many as the work is worth; work stealing, longest remaining path first
	Table                  // by the number of tasks alone, and as the original dispatched, for comparison
	Fixed                  // Options.Workers, always; one queue in the order of the list, for comparison
	List                   // longest remaining path first from one queue, for comparison
)

var policyNames = [...]string{"adaptive", "table", "fixed", "list"}

// String returns the policy's name on the command line.
func (p Policy) String() string {
	if p < 0 || int(p) >= len(policyNames) {
		return fmt.Sprintf("policy %d", int(p))
	}
	return policyNames[p]
}

// Options set up a run.
type Options struct {
	// Workers is the most goroutines that run tasks; below 1 it is the number
	// of CPUs this process may use. No run has more than 1,024.
	Workers int
	// CPUs are the processors that tasks may use together; below 1 it is the
	// number that this process may use. Under Fixed and Table it is Workers where
	// that is more: whoever asks for the original's workers gets them.
	CPUs    int
	Memory  int64 // bytes that tasks may hold together; 0 is no bound
	Policy  Policy
	Barrier bool // a batch starts when the one before has ended, for comparison
	Warm    bool // the estimates were learned: the adaptive policy may rely on them
	// Doubt is by how much learned estimates are usually off, as a fraction: 0.5 is
	// from two thirds to one and a half of the truth. With more than a tenth, the
	// adaptive number of workers does not rely on them: as in a cold run, as many
	// as there are ready tasks may join.
	Doubt float64
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
// by way of others, failed or panicked. Where several did, Because is the one
// with the lowest position.
type Skip struct{ Task, Because int }

// Panic is a task that panicked, with the value and the stack. A task that ended
// its goroutine (runtime.Goexit, as testing.T.FailNow does) counts as one.
type Panic struct {
	Task  int
	Value any
	Stack []byte
}

// CycleError says that tasks wait for each other, so that none can start.
type CycleError struct{ IDs []string } // one cycle: each waits for the next, the last for the first

// Error names the tasks.
func (e *CycleError) Error() string {
	const shown = 10
	if len(e.IDs) > shown {
		return fmt.Sprintf("tasks wait for each other: %v and %d more", e.IDs[:shown], len(e.IDs)-shown)
	}
	return fmt.Sprintf("tasks wait for each other: %v", e.IDs)
}

// mostWorkers bounds what Options.Workers may ask for: a goroutine and a deque
// each, which no machine repays.
const mostWorkers = 1024

// Run runs the tasks and returns when all have ended, or when ctx has ended and
// the tasks that were running have returned: a task that never returns holds up
// the run unless its do obeys the context that it is given. It calls do with the
// number of the worker (0-based) and the task's position; a worker's calls do
// not overlap. A task whose do returns an error, or panics, has failed: those
// that need it are not run. The error of Run is a *CycleError, an error of an
// unknown dependency, or nil.
func Run[T any](ctx context.Context, tasks []Task[T], o Options, do func(ctx context.Context, worker, task int) error) (Result, error) {
	r, err := prepare(tasks, o)
	if err != nil {
		return Result{Left: len(tasks)}, err
	}
	return run(ctx, r, do), nil
}

// job is a checked run: what is the same whether its clock is real or not.
type job struct {
	*graph
	o    Options
	all  hold // what tasks may hold together
	most int  // workers that could have something to do
	// allowed are the workers that there might have been, had there been the work.
	allowed int
}

// prepare checks the tasks and fills in the options' defaults.
func prepare[T any](tasks []Task[T], o Options) (*job, error) {
	list := make([]trace.Task, len(tasks))
	var holds []hold
	for i := range tasks {
		t := &tasks[i]
		list[i] = trace.Task{ID: t.ID, Rule: t.Rule, Batch: t.Batch, Estimate: sane(t.Estimate), Needs: t.Needs, CPUs: t.CPUs, Memory: t.Memory}
		if t.CPUs != 0 || t.Memory != 0 {
			if holds == nil {
				holds = make([]hold, len(tasks))
				for k := range holds {
					holds[k] = holdsOf(0, 0)
				}
			}
			holds[i] = holdsOf(t.CPUs, t.Memory)
		}
	}
	if o.Workers < 1 {
		o.Workers = runtime.GOMAXPROCS(0)
	}
	o.Workers = min(o.Workers, mostWorkers)
	if o.CPUs < 1 {
		o.CPUs = runtime.GOMAXPROCS(0)
	}
	if o.Policy == Fixed || o.Policy == Table {
		o.CPUs = max(o.CPUs, o.Workers)
	}
	g, err := newGraph(list, holds, o.Policy, o.Barrier)
	if err != nil {
		return nil, err
	}
	all := hold{int64(min(o.CPUs, 1e6)) * 1000, math.MaxInt64}
	if o.Memory > 0 {
		all.memory = o.Memory
	}
	j := &job{graph: g, o: o, all: all, most: max(1, min(o.Workers, len(tasks)))}
	switch {
	case o.Policy == Fixed: // always
	case g.holds != nil:
		j.most = together(g.holds, all, j.most)
	default:
		j.most = min(j.most, o.CPUs)
	}
	j.allowed = max(j.most, min(o.Workers, o.CPUs))
	return j, nil
}
