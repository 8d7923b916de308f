package trace

import (
	"cmp"
	"math"
	"slices"
)

// Measure makes the metrics of a log; see the fields of Schedule for the
// formulas. Every answer is finite: what has no meaning for an empty log is 0.
//
// The spans are the truth: busy seconds and the numbers of tasks and of steals
// are counted from them; a worker's life, its seconds of looking for work and its
// attempts are taken from Log.Workers, and held to busy + steal + idle = life, so
// that the rounding of clocks cannot make an efficiency of more than 1.
func Measure(l Log) Schedule {
	l.Spans = usable(l)
	s := Schedule{Policy: l.Policy, Barrier: l.Barrier, Profile: "cold", Log: l}
	if l.Warm {
		s.Profile = "warm"
	}
	seconds := make([]float64, len(l.Tasks))
	first, last := math.Inf(1), math.Inf(-1)
	for _, x := range l.Spans {
		seconds[x.Task] += x.Seconds()
		s.Work += x.Seconds()
		first, last = min(first, x.Start), max(last, x.End)
	}
	s.Makespan = max(0, last-first)
	s.Chain, s.CriticalPath = critical(l, seconds)
	s.workers(l)
	allowed := float64(max(1, l.Allowed))
	if l.Allowed < 1 {
		allowed = float64(max(1, s.Workers))
	}
	s.LowerBound = max(s.Work/allowed, s.CriticalPath)
	s.Optimality = share(s.LowerBound, s.Makespan)
	s.Utilization = share(s.Work, allowed*s.Makespan)
	s.Speedup = over(s.Work, s.Makespan)
	if positive(l.Predicted) {
		s.PredictionError = 100 * over(math.Abs(s.Makespan-l.Predicted), s.Makespan)
	}
	s.TaskPredictionError = taskError(l, seconds)
	if positive(l.Overhead) {
		s.ProfilingOverhead = over(l.Overhead, s.Work)
	}
	s.Batches = batches(l)
	return s
}

// Seconds is how long the task ran.
func (s Span) Seconds() float64 { return s.End - s.Start }

// endless is more seconds than any clock has counted.
const endless = 1e15

// usable returns the spans that mean something, in order: of a task that is
// there, with times that are numbers. One that ends before it starts took no time.
func usable(l Log) []Span {
	spans := make([]Span, 0, len(l.Spans))
	for _, x := range l.Spans {
		if x.Task < 0 || x.Task >= len(l.Tasks) || x.Worker < 0 || !(math.Abs(x.Start) < endless && math.Abs(x.End) < endless) {
			continue
		}
		x.End = max(x.Start, x.End)
		spans = append(spans, x)
	}
	slices.SortStableFunc(spans, func(a, b Span) int {
		return cmp.Or(cmp.Compare(a.Start, b.Start), cmp.Compare(a.Worker, b.Worker))
	})
	return spans
}

func finite(v float64) bool   { return !math.IsNaN(v) && !math.IsInf(v, 0) }
func positive(v float64) bool { return v > 0 && finite(v) }

// over divides, and is 0 where there is nothing to divide by.
func over(a, b float64) float64 {
	if v := a / b; b > 0 && finite(v) {
		return v
	}
	return 0
}

// share is over, at most 1: rounding of clocks aside, the part cannot be more
// than the whole.
func share(a, b float64) float64 { return min(1, over(a, b)) }

// workers fills in what the workers did.
func (s *Schedule) workers(l Log) {
	byID := map[int]*Worker{}
	for _, w := range l.Workers {
		byID[w.ID] = &Worker{ID: w.ID, Life: w.Life, Steal: w.Steal, Attempts: max(0, w.Attempts)}
	}
	of := func(id int) *Worker {
		if byID[id] == nil {
			byID[id] = &Worker{ID: id}
		}
		return byID[id]
	}
	for _, x := range l.Spans {
		w := of(x.Worker)
		w.Busy += x.Seconds()
		w.Tasks++
		if x.Stolen() {
			w.Stolen++
			of(x.Victim).Donated++
			s.Steals++
		}
	}
	var life, busy, idle float64
	for _, w := range byID {
		w.settle(s.Makespan)
		s.WorkersDetail = append(s.WorkersDetail, *w)
	}
	slices.SortFunc(s.WorkersDetail, func(a, b Worker) int { return a.ID - b.ID })
	for _, w := range s.WorkersDetail {
		life, busy, idle = life+w.Life, busy+w.Busy, idle+w.Idle()
		s.StealAttempts += w.Attempts
		if w.lived() {
			s.Workers++
		}
	}
	s.Efficiency, s.Idle = share(busy, life), share(idle, life)
	s.LoadVariance = variation(s.WorkersDetail)
}

func (w *Worker) lived() bool { return w.Life > 0 || w.Tasks > 0 }

// settle holds a worker to busy + steal + idle = life, and life to the makespan.
func (w *Worker) settle(makespan float64) {
	if !positive(w.Life) {
		w.Life = 0
	}
	if !positive(w.Steal) {
		w.Steal = 0
	}
	w.Life = max(w.Busy, min(w.Life, makespan))
	w.Steal = min(w.Steal, w.Life-w.Busy)
}

// variation is the standard deviation of the busy seconds of the workers
// that lived over their mean, in percent. The workers are the whole population, not a sample of it.
func variation(workers []Worker) float64 {
	var n, mean, squares float64
	for _, w := range workers {
		if w.lived() {
			n++
			mean += (w.Busy - mean) / n
		}
	}
	for _, w := range workers {
		if w.lived() {
			squares += (w.Busy - mean) * (w.Busy - mean) / n
		}
	}
	return 100 * over(math.Sqrt(squares), mean)
}

// taskError is the median absolute percentage error of the tasks' estimates, over
// those that ran and had one.
func taskError(l Log, seconds []float64) float64 {
	var errs []float64
	for i, t := range l.Tasks {
		if positive(t.Estimate) && seconds[i] > 0 {
			errs = append(errs, 100*math.Abs(seconds[i]-t.Estimate)/seconds[i])
		}
	}
	return middle(errs)
}

// middle is the median, 0 of none.
func middle(errs []float64) float64 {
	if len(errs) == 0 {
		return 0
	}
	slices.Sort(errs)
	return (errs[(len(errs)-1)/2] + errs[len(errs)/2]) / 2
}

// batches sums up the dependency levels, in order. One whose tasks were all
// skipped is listed, with 0 tasks.
func batches(l Log) []Batch {
	type level struct {
		Batch
		rules, workers   map[any]bool
		work, start, end float64
	}
	byID := map[int]*level{}
	for _, t := range l.Tasks {
		b := byID[t.Batch]
		if b == nil {
			b = &level{Batch: Batch{ID: t.Batch}, rules: map[any]bool{}, workers: map[any]bool{}, start: math.Inf(1), end: math.Inf(-1)}
			byID[t.Batch] = b
		}
		if t.Rule != "" {
			b.rules[t.Rule] = true
		}
		for _, r := range t.Also {
			b.rules[r] = true
		}
	}
	for _, x := range l.Spans {
		b := byID[l.Tasks[x.Task].Batch]
		b.Tasks++
		b.workers[x.Worker] = true
		b.work += x.Seconds()
		b.start, b.end = min(b.start, x.Start), max(b.end, x.End)
		if x.Stolen() {
			b.Steals++
		}
	}
	var all []Batch
	for _, b := range byID {
		b.Rules, b.Workers = len(b.rules), len(b.workers)
		b.Seconds = max(0, b.end-b.start)
		b.Efficiency = share(b.work, float64(b.Workers)*b.Seconds)
		all = append(all, b.Batch)
	}
	slices.SortFunc(all, func(a, b Batch) int { return cmp.Compare(a.ID, b.ID) })
	return all
}
