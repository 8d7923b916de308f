package report

import (
	"fmt"

	"github.com/sot-validator/sot/engine/trace"
)

// readSchedule turns the block back into a schedule; nil of nil.
func readSchedule(j *jsonSchedule) (*trace.Schedule, error) {
	if j == nil {
		return nil, nil
	}
	if err := j.check(); err != nil {
		return nil, fmt.Errorf("schedule.%w", err)
	}
	s := &trace.Schedule{
		Policy: j.Policy, Barrier: j.Barrier, Profile: j.Profile, Workers: j.Workers,
		Makespan: j.Makespan, Work: j.Work, CriticalPath: j.CriticalPath, LowerBound: j.LowerBound, Optimality: j.Optimality,
		Efficiency: j.Efficiency, Utilization: j.Utilization, Speedup: j.Speedup, Idle: j.Idle, LoadVariance: j.LoadVariance,
		PredictionError: j.PredictionError, TaskPredictionError: j.TaskPredictionError, ProfilingOverhead: j.ProfilingOverhead,
		Steals: j.Steals, StealAttempts: j.StealAttempts, Chain: j.Chain,
		Log: trace.Log{Policy: j.Policy, Barrier: j.Barrier, Warm: j.Profile == "warm", Allowed: j.Allowed, Memory: j.Memory},
	}
	for _, b := range j.Batches {
		s.Batches = append(s.Batches, trace.Batch(b))
	}
	for _, w := range j.WorkersDetail {
		life := w.Life
		if life == 0 {
			life = w.Busy + w.Steal + w.Idle
		}
		s.WorkersDetail = append(s.WorkersDetail, trace.Worker{
			ID: w.ID, Life: life, Busy: w.Busy, Steal: w.Steal, Tasks: w.Tasks, Stolen: w.Stolen, Donated: w.Donated, Attempts: w.Attempts,
		})
	}
	for i, x := range j.Spans {
		s.Log.Tasks = append(s.Log.Tasks, trace.Task{
			ID: x.Task, Rule: x.Rule, Batch: x.Batch, Estimate: x.Estimate, Needs: x.Needs, CPUs: x.CPUs, Memory: x.Memory,
		})
		victim := -1
		if x.Stolen && x.Victim != nil {
			victim = *x.Victim
		}
		s.Log.Spans = append(s.Log.Spans, trace.Span{Task: i, Worker: x.Worker, Start: x.Start, End: x.End, Victim: victim})
	}
	s.Log.Workers = s.WorkersDetail
	return s, nil
}

// check finds what would make a picture lie, hang or run out of memory.
func (j *jsonSchedule) check() error {
	switch {
	case len(j.Spans) > MostSpans:
		return fmt.Errorf("spans are %d: it takes at most %d", len(j.Spans), MostSpans)
	case len(j.WorkersDetail) > mostWorkers:
		return fmt.Errorf("workers_detail are %d: it takes at most %d", len(j.WorkersDetail), mostWorkers)
	case len(j.Batches) > mostBatches:
		return fmt.Errorf("batches are %d: it takes at most %d", len(j.Batches), mostBatches)
	}
	c := &checker{}
	c.number("makespan", j.Makespan)
	c.number("work", j.Work)
	c.number("critical_path", j.CriticalPath)
	c.number("lower_bound", j.LowerBound)
	c.number("a figure", j.Optimality, j.Efficiency, j.Utilization, j.Speedup, j.Idle, j.LoadVariance,
		j.PredictionError, j.TaskPredictionError, j.ProfilingOverhead, float64(j.Steals), float64(j.StealAttempts), float64(j.SpansLeftOut))
	c.index("workers", j.Workers, mostWorkers+1)
	c.index("workers_allowed", j.Allowed, 1<<31)
	c.bytes("memory_allowed", j.Memory)
	for i, b := range j.Batches {
		c.index(fmt.Sprintf("batches[%d].id", i), b.ID, 1<<31)
		c.number(fmt.Sprintf("batches[%d]", i), b.Seconds, b.Efficiency, float64(b.Rules), float64(b.Tasks), float64(b.Workers), float64(b.Steals))
	}
	for i, w := range j.WorkersDetail {
		c.index(fmt.Sprintf("workers_detail[%d].id", i), w.ID, mostWorkers)
		c.number(fmt.Sprintf("workers_detail[%d]", i), w.Life, w.Busy, w.Steal, w.Idle, float64(w.Tasks), float64(w.Stolen), float64(w.Donated), float64(w.Attempts))
	}
	j.checkSpans(c)
	return c.err
}

func (j *jsonSchedule) checkSpans(c *checker) {
	edges := 0
	for i, x := range j.Spans {
		if c.err != nil {
			return
		}
		at := func(key string) string { return fmt.Sprintf("spans[%d].%s", i, key) }
		c.index(at("worker"), x.Worker, mostWorkers)
		c.index(at("batch"), x.Batch, 1<<31)
		c.number(at("start"), x.Start)
		c.number(at("end"), x.End)
		c.number(at("estimate"), x.Estimate)
		c.number(at("cpus"), x.CPUs)
		c.bytes(at("memory"), x.Memory)
		if c.err == nil && x.End < x.Start {
			c.err = fmt.Errorf("%s (%g) is before its start (%g)", at("end"), x.End, x.Start)
		}
		if x.Victim != nil {
			c.index(at("victim"), *x.Victim, mostWorkers)
		}
		if edges += len(x.Needs); c.err == nil && edges > mostEdges {
			c.err = fmt.Errorf("%s: there are more than %d needs in all", at("needs"), mostEdges)
		}
		for k, n := range x.Needs {
			c.index(fmt.Sprintf("spans[%d].needs[%d]", i, k), n, len(j.Spans))
		}
	}
	for i, n := range j.Chain {
		c.index(fmt.Sprintf("critical_chain[%d]", i), n, len(j.Spans))
	}
}
