package bench

import (
	"context"
	"fmt"
	"slices"

	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
)

// replay runs a workload.
type replay struct {
	tasks   []sched.Task[struct{}] // without estimates
	seconds []float64              // beside tasks
	clock   Clock
	hold    holder
	learned *learned
}

// The bounds of the pairs of tasks that wait for each other without a join between
// them: of two batches (two of 500,000 rules would be 250 billion pairs), and of all
// (300 batches of 100 rules, each behind all before it, are 448 million).
const (
	directEdges    = 10_000
	allDirectEdges = 1_000_000
)

func newReplay(o Options) *replay {
	scale := o.Scale
	if scale == 0 {
		scale = 1
	}
	r := &replay{clock: o.Clock, learned: newLearned()}
	r.build(o.Workload, scale)
	switch o.Clock {
	case Sleep:
		r.hold = sleeper()
	case Spin:
		r.hold = spinner()
	}
	return r
}

// build makes a task of each rule. Where a batch with many rules stands behind one
// with many rules, or behind many batches, a join of no seconds between them keeps
// the graph small.
func (r *replay) build(w *Workload, scale float64) {
	at := make(map[string]int, w.Rules())
	ends := make([][]int, len(w.Batches)) // what stands for a batch that others wait for
	add := func(t sched.Task[struct{}], seconds float64) int {
		r.tasks = append(r.tasks, t)
		r.seconds = append(r.seconds, seconds)
		return len(r.tasks) - 1
	}
	direct := 0
	many := func(tasks, others, rules int) bool {
		return tasks > 1 && (tasks*rules > directEdges || direct+(tasks+others)*rules > allDirectEdges)
	}
	for i, b := range w.Batches {
		var behind []int
		for _, d := range slices.Compact(slices.Sorted(slices.Values(b.Behind))) {
			if many(len(ends[d]), len(behind), len(b.Rules)) {
				ends[d] = []int{add(sched.Task[struct{}]{ID: fmt.Sprintf("batch %d, join", d), Batch: d, Needs: ends[d]}, 0)}
			}
			behind = append(behind, ends[d]...)
		}
		if len(b.Rules) > 1 && len(behind) > 1 && direct+len(behind)*len(b.Rules) > allDirectEdges {
			behind = []int{add(sched.Task[struct{}]{ID: fmt.Sprintf("batch %d, start", i), Batch: i, Needs: behind}, 0)}
		}
		direct += len(behind) * len(b.Rules)
		for _, rule := range b.Rules {
			at[rule.ID] = add(sched.Task[struct{}]{ID: rule.ID, Rule: rule.ID, Batch: i, Needs: behind}, rule.Seconds*scale)
			ends[i] = append(ends[i], at[rule.ID])
		}
		for _, rule := range b.Rules {
			if t := &r.tasks[at[rule.ID]]; len(rule.Needs) > 0 {
				t.Needs = append([]int(nil), t.Needs...)
				for _, id := range rule.Needs {
					t.Needs = append(t.Needs, at[id])
				}
			}
		}
	}
}

// total is the seconds that the tasks are asked to take.
func (r *replay) total() float64 {
	sum := 0.0
	for _, s := range r.seconds {
		sum += s
	}
	return sum
}

// run is a Runner.
func (r *replay) run(ctx context.Context, s Setup) (*trace.Schedule, error) {
	tasks := append([]sched.Task[struct{}](nil), r.tasks...)
	if s.Policy != sched.Fixed {
		r.learned.estimate(tasks, s.Estimates)
	}
	o := sched.Options{Workers: s.Workers, Policy: s.Policy, Barrier: s.Barrier, Warm: s.Estimates}
	if r.clock != Spin {
		o.CPUs = s.Workers // sleeping takes no processor
	}
	log, err := r.log(ctx, tasks, o)
	if err != nil {
		return nil, err
	}
	if s.Learn {
		seconds := r.learned.observe(log)
		if r.clock != Virtual {
			log.Overhead += seconds
		}
	}
	measured := trace.Measure(log)
	return &measured, nil
}

func (r *replay) log(ctx context.Context, tasks []sched.Task[struct{}], o sched.Options) (trace.Log, error) {
	if r.clock == Virtual {
		return sched.Simulate(tasks, r.seconds, o)
	}
	res, err := sched.Run(ctx, tasks, o, func(ctx context.Context, _, task int) error {
		r.hold(ctx, r.seconds[task])
		return nil
	})
	return res.Log, err
}
