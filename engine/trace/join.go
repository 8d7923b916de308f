package trace

import (
	"cmp"
	"math"
	"slices"
)

// Joined is several schedules as one, and where each is in it.
type Joined struct {
	Schedule
	First []int // beside the parts: the number of each one's first worker
}

// Join makes one schedule of those of jobs that ran side by side, each on workers
// of its own. The jobs count as if all had begun at once: how long each waited for
// a machine is no part of the schedule. So the makespan is that of the longest, and
//
//   - work, busy, steal, idle and life are sums, and so are workers, those that were
//     allowed, and steals: efficiency is sum of busy / sum of life over all jobs;
//   - speedup is work / makespan, utilization work / (workers allowed x makespan), the
//     lower bound max(work / workers allowed, longest critical path);
//   - load variance is over the workers of all jobs;
//   - the prediction error is that of the longest job; the overhead is weighted by work.
//
// Workers are numbered on from job to job. Figures are made of the parts' own, not of
// their spans, of which some may be left out.
func Join(parts []*Schedule) *Joined {
	j := &Joined{Schedule: Schedule{Profile: "warm"}}
	var life, busy, idle, overhead float64
	var longest *Schedule
	var errs []float64
	for _, p := range parts {
		if longest == nil || p.Makespan > longest.Makespan {
			longest = p
			j.PredictionError, j.Policy = p.PredictionError, p.Policy
		}
		j.add(p)
		j.Barrier = j.Barrier || p.Barrier
		if p.Profile != "warm" {
			j.Profile = "cold"
		}
		j.Makespan = max(j.Makespan, p.Makespan)
		j.CriticalPath = max(j.CriticalPath, p.CriticalPath)
		j.Work += p.Work
		j.Workers += p.Workers
		j.Steals += p.Steals
		j.StealAttempts += p.StealAttempts
		j.Log.Allowed += max(1, cmp.Or(p.Log.Allowed, p.Workers))
		overhead += p.ProfilingOverhead * p.Work
		for _, x := range p.Log.Spans {
			if e := p.Log.Tasks[x.Task].Estimate; positive(e) && x.Seconds() > 0 {
				errs = append(errs, 100*math.Abs(x.Seconds()-e)/x.Seconds())
			}
		}
	}
	for _, w := range j.WorkersDetail {
		life, busy, idle = life+w.Life, busy+w.Busy, idle+w.Idle()
	}
	j.Efficiency, j.Idle = share(busy, life), share(idle, life)
	j.LoadVariance = variation(j.WorkersDetail)
	allowed := float64(max(1, j.Log.Allowed))
	j.LowerBound = max(j.Work/allowed, j.CriticalPath)
	j.Optimality = share(j.LowerBound, j.Makespan)
	j.Utilization = share(j.Work, allowed*j.Makespan)
	j.Speedup = over(j.Work, j.Makespan)
	j.ProfilingOverhead = over(overhead, j.Work)
	j.TaskPredictionError = middle(errs)
	j.Batches = joinBatches(parts)
	j.Log.Policy, j.Log.Barrier, j.Log.Warm, j.Log.Workers = j.Policy, j.Barrier, j.Profile == "warm", j.WorkersDetail
	return j
}

// add appends the tasks, spans and workers of a part. Its first span starts at 0. The
// chain is that of the part with the longest.
func (j *Joined) add(p *Schedule) {
	worker, task := 0, len(j.Log.Tasks)
	for _, w := range j.WorkersDetail {
		worker = max(worker, w.ID+1)
	}
	for _, x := range j.Log.Spans {
		worker = max(worker, x.Worker+1, x.Victim+1)
	}
	j.First = append(j.First, worker)
	for _, w := range p.WorkersDetail {
		w.ID += worker
		j.WorkersDetail = append(j.WorkersDetail, w)
	}
	for _, t := range p.Log.Tasks {
		t.Needs = shifted(t.Needs, task)
		j.Log.Tasks = append(j.Log.Tasks, t)
	}
	begin := 0.0
	for i, x := range p.Log.Spans {
		if i == 0 || x.Start < begin {
			begin = x.Start
		}
	}
	for _, x := range p.Log.Spans {
		x.Task += task
		x.Worker += worker
		x.Start, x.End = x.Start-begin, x.End-begin
		if x.Stolen() {
			x.Victim += worker
		}
		j.Log.Spans = append(j.Log.Spans, x)
	}
	if p.CriticalPath > j.CriticalPath {
		j.Chain = shifted(p.Chain, task)
	}
}

func shifted(at []int, by int) []int {
	out := make([]int, len(at))
	for i := range at {
		out[i] = at[i] + by
	}
	return out
}

// joinBatches sums up the dependency levels. A rule may be in several parts, so that
// their number is at least the most of one part.
func joinBatches(parts []*Schedule) []Batch {
	byID := map[int]*Batch{}
	work, life := map[int]float64{}, map[int]float64{}
	for _, p := range parts {
		for _, b := range p.Batches {
			sum := byID[b.ID]
			if sum == nil {
				sum = &Batch{ID: b.ID}
				byID[b.ID] = sum
			}
			sum.Rules = max(sum.Rules, b.Rules)
			sum.Tasks += b.Tasks
			sum.Workers += b.Workers
			sum.Steals += b.Steals
			sum.Seconds = max(sum.Seconds, b.Seconds)
			life[b.ID] += float64(b.Workers) * b.Seconds
			work[b.ID] += b.Efficiency * float64(b.Workers) * b.Seconds
		}
	}
	var all []Batch
	for id, b := range byID {
		b.Efficiency = share(work[id], life[id])
		all = append(all, *b)
	}
	slices.SortFunc(all, func(a, b Batch) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
