package sched

// doubt is by how much of its estimate a task may be off before its error counts.
const doubt = 0.2

// learn compares a task's time with its estimate. Tasks were dealt, and perhaps
// fewer workers chosen than there could be, on the word of the estimates. Once their
// errors come to as much of the predicted makespan as was to be spared, that word
// counts no more: large tasks may be overtaken, and all join for whom there are
// tasks, as in a cold run.
func (s *scheduler) learn(t int32, took int64) {
	limit := s.limit.Load()
	if s.o.Policy != Adaptive || int(limit) == len(s.workers) && s.large.Load() == 0 {
		return
	}
	off := took - s.weight[t]
	if off < 0 {
		off = -off
	}
	if float64(off) <= doubt*float64(s.weight[t]) {
		return
	}
	if s.off.Add(off) <= s.bearable {
		return
	}
	more := min(int64(len(s.workers)), int64(limit)+s.waiting()) - int64(limit)
	if more <= 0 || !s.limit.CompareAndSwap(limit, limit+int32(more)) {
		return
	}
	for _, w := range s.workers[limit : int64(limit)+more] {
		s.wake(w)
	}
}

// waiting is how many tasks are in queues.
func (s *scheduler) waiting() (n int64) {
	for _, w := range s.workers[:s.limit.Load()] {
		n += w.deque.size() + int64(w.inbox.size.Load())
	}
	return n
}
