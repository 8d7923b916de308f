package engine

import (
	"slices"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
)

// tasks are the plan's tasks for the scheduler, and how to run them.
func (p *round) tasks() ([]sched.Task[struct{}], sched.Options) {
	o := sched.Options{
		Workers: p.workers, Policy: p.o.Policy, Barrier: p.o.Barrier,
		Warm: p.profile.Warm(), Doubt: p.learned.doubt(), Watch: p.o.Progress.watch,
	}
	tasks := make([]sched.Task[struct{}], len(p.plan.Tasks))
	for i, t := range p.plan.Tasks {
		tasks[i] = sched.Task[struct{}]{
			ID: t.ID, Rule: p.label(&t), Batch: t.Batch, Estimate: t.Estimate, Needs: t.Needs,
			CPUs: t.Hold.CPUs, Memory: t.Hold.Memory,
		}
		if t.Hold.Memory > 0 && o.Memory == 0 {
			o.Memory = freeMemory()
		}
	}
	return tasks, o
}

// label is what a task is reported under: its rule, the first of its rules where
// it is a sweep. A join is no work, and is reported under nothing.
func (p *round) label(t *plan.Task) string {
	if t.Kind == plan.Join {
		return ""
	}
	return p.rules[t.Rules[0]].ID
}

// measure keeps how the first round ran: the later ones, of --fix, check again
// what changed.
func (p *round) measure(log trace.Log) {
	if p.schedule != nil {
		return
	}
	clocks := 0
	for i := range p.slots {
		clocks += p.slots[i].clocks
	}
	p.rulesOnly(&log)
	log.Overhead += float64(clocks) * clockPrice().Seconds()
	s := trace.Measure(log)
	p.schedule = &s
}

// rulesOnly takes out of the log what is no work of a rule's: joins, and tasks of
// rules that were not to run. All rules of a task are named.
func (p *round) rulesOnly(log *trace.Log) {
	idle := func(i int) bool { return p.plan.Tasks[i].Kind == plan.Join || !p.slots[i].worked }
	log.Spans = slices.DeleteFunc(log.Spans, func(x trace.Span) bool { return idle(x.Task) })
	log.Tasks = slices.Clone(log.Tasks)
	for i := range log.Tasks {
		t := &log.Tasks[i]
		if idle(i) {
			t.Rule, t.Estimate = "", 0
			continue
		}
		for _, x := range p.plan.Tasks[i].Rules[1:] {
			t.Also = append(t.Also, p.rules[x].ID)
		}
	}
}

// clockPrice is what reading the clock costs on this machine, as measured.
func clockPrice() time.Duration {
	const n = 256
	start := time.Now()
	for range n {
		_ = time.Now()
	}
	return time.Since(start) / n
}
