package sched

// drift is by how much the estimates must have misled before more workers join
// than were planned for.
const drift = 1.1

// grow lets one more worker join where those that live have clearly more before
// them than the longest of their tasks, so that another one would shorten the run:
// the giant that few workers were planned for has turned out small, or the rest
// large. Where all goes as estimated, it does not happen.
func (s *scheduler) grow(now int64) {
	limit := s.limit.Load()
	if s.o.Policy != Adaptive || int(limit) == len(s.workers) {
		return
	}
	var queued, rest, longest int64
	for _, w := range s.workers[:limit] {
		queued += w.queued.Load()
		if r := w.rest(now); r > 0 {
			rest += r
			longest = max(longest, r+w.tail.Load())
		}
		if t, ok := w.largest(); ok {
			longest = max(longest, s.weight[t]+s.tail[t])
		}
	}
	if queued == 0 || float64(queued+rest) <= drift*float64(limit)*float64(longest) {
		return
	}
	if s.limit.CompareAndSwap(limit, limit+1) {
		s.wake(s.workers[limit])
	}
}

// largest is the task of least rank in the worker's queue, as far as others can
// tell: it may be gone by now.
func (w *worker) largest() (int32, bool) {
	best := w.inbox.best.Load()
	if t, ok := w.deque.peek(); ok {
		best = min(best, t)
	}
	return best, best != empty
}
