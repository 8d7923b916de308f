package bench

import (
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
)

// whatIfWorkers is how far the curve goes.
const whatIfWorkers = 16

// WhatIf says what a run's tasks would have taken with 1 to 16 workers: makespans in
// seconds, the first of one worker, from the scheduler's simulation with exactly so
// many workers and processors, whose estimates are what the tasks took. Commands hold
// the processors and the memory that they held in the run. The error is a *sched.CycleError, or
// of an unknown task, where the tasks' needs make no sense.
func WhatIf(s *trace.Schedule) ([]float64, error) {
	log := s.Log
	seconds := make([]float64, len(log.Tasks))
	for _, x := range log.Spans {
		seconds[x.Task] += x.Seconds()
	}
	tasks := make([]sched.Task[struct{}], len(log.Tasks))
	for i, t := range log.Tasks {
		tasks[i] = sched.Task[struct{}]{ID: t.ID, Rule: t.Rule, Batch: t.Batch, Estimate: seconds[i], Needs: t.Needs, CPUs: t.CPUs, Memory: t.Memory}
	}
	curve := make([]float64, whatIfWorkers)
	for i := range curve {
		got, err := sched.Simulate(tasks, seconds, sched.Options{Workers: i + 1, CPUs: i + 1, Memory: log.Memory, Policy: sched.Adaptive})
		if err != nil {
			return nil, err
		}
		curve[i] = trace.Measure(got).Makespan
	}
	return curve, nil
}
