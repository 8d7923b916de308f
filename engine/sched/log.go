package sched

import (
	"math"

	"github.com/sot-validator/sot/engine/trace"
)

// note notes that the worker's task, which is at a position, has ended.
func (w *worker) note(pos int32, now int64) {
	victim := -1
	if w.victim >= 0 {
		victim = int(w.victim)
	}
	w.spans = append(w.spans, trace.Span{
		Task: int(pos), Worker: int(w.id), Start: seconds(w.started), End: seconds(now), Victim: victim,
	})
}

// retired says when a parked worker retired, were it woken now: never, where it
// has lived on.
func (s *scheduler) retired(w *worker, now int64) int64 {
	switch {
	case s.o.Policy == Adaptive || s.o.Policy == List:
		return w.parked + linger
	case s.o.Policy == Table && s.o.Barrier:
		// The original's workers lived as long as their batch.
		for i := range s.gates {
			if at := s.gates[i].Load(); at >= w.parked && at != 0 && at < now {
				return at
			}
		}
	}
	return never
}

// log gathers what the workers did. Nobody works any more.
func (s *scheduler) log(predicted int64) trace.Log {
	l := trace.Log{
		Policy:    s.o.Policy.String(),
		Barrier:   s.o.Barrier,
		Warm:      s.o.Warm,
		Allowed:   s.allowed,
		Memory:    max(0, s.o.Memory),
		Predicted: seconds(predicted),
		Tasks:     s.tasks,
	}
	first, last := math.Inf(1), 0.0
	var runs [][]trace.Span
	for _, w := range s.workers {
		if n := len(w.spans); n > 0 {
			runs = append(runs, w.spans)
			first = min(first, w.spans[0].Start)
			last = max(last, w.spans[n-1].End)
		}
	}
	if len(runs) == 0 {
		return l
	}
	window := period{int64(math.Round(first * 1e9)), int64(math.Round(last * 1e9))}
	l.Spans = merge(runs)
	byID := make([]trace.Worker, len(s.workers))
	for i, w := range s.workers {
		t := &byID[i]
		t.ID, t.Attempts = i, w.attempts
		t.Life, t.Steal, _ = w.times(window)
		for _, p := range w.spans {
			t.Busy += p.End - p.Start
			t.Tasks++
			if p.Victim >= 0 {
				t.Stolen++
				byID[p.Victim].Donated++
			}
		}
	}
	for i, w := range s.workers {
		if len(w.stays) > 0 {
			l.Workers = append(l.Workers, byID[i])
		}
	}
	return l
}

// merge merges sorted runs of spans: neighbours first, until there is one.
func merge(runs [][]trace.Span) []trace.Span {
	for len(runs) > 1 {
		half := runs[:0:0]
		for i := 0; i+1 < len(runs); i += 2 {
			half = append(half, mergeTwo(runs[i], runs[i+1]))
		}
		if len(runs)%2 == 1 {
			half = append(half, runs[len(runs)-1])
		}
		runs = half
	}
	return runs[0]
}

func mergeTwo(a, b []trace.Span) []trace.Span {
	both := make([]trace.Span, 0, len(a)+len(b))
	for len(a) > 0 && len(b) > 0 {
		if a[0].Start < b[0].Start || a[0].Start == b[0].Start && a[0].Worker < b[0].Worker {
			both, a = append(both, a[0]), a[1:]
		} else {
			both, b = append(both, b[0]), b[1:]
		}
	}
	return append(append(both, a...), b...)
}
