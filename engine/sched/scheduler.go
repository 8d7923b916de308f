package sched

import (
	"slices"
	"sync/atomic"
)

// scheduler is a run as it stands. It neither waits nor reads a clock, and
// starts nothing: a driver does, one with goroutines (run.go) and one with a
// virtual clock (simulate.go), so that what is simulated is what runs.
type scheduler struct {
	*job
	workers  []*worker
	limit    atomic.Int32 // workers that tasks are dealt to
	off      atomic.Int64 // nanoseconds by which estimates were wrong, where it counts
	bearable int64        // how many of them change nothing
	large    atomic.Int64 // large tasks in queues; more where some were skipped
	shared   *queue       // of Fixed and List, instead of deques
	slots    *slots       // nil where they cannot bind
	sleep    sleepers
	wake     func(w *worker) // the driver's: w's name has been struck out

	waits  []atomic.Int32 // of a rank: tasks and gates that have not ended
	cause  []int32        // of a position: 1 + the position of the task that failed; 0 where none did
	failed atomic.Bool    // whether any has
	closed []atomic.Int32 // of a batch: tasks that have not ended
	gates  []atomic.Int64 // of a batch: when the last of them did
	open   atomic.Int64   // tasks that have not ended
	stop   atomic.Bool    // nothing more is to start
}

// newScheduler sets up a run that starts with so many workers and may come to
// so many. No task is ready until start.
func newScheduler(j *job, limit, most int, predicted int64) *scheduler {
	n := len(j.tasks)
	s := &scheduler{
		job:    j,
		waits:  make([]atomic.Int32, n),
		cause:  make([]int32, n),
		closed: make([]atomic.Int32, j.batches()),
		gates:  make([]atomic.Int64, j.batches()),
	}
	s.workers = make([]*worker, most)
	all := make([]worker, most)
	least := j.leastLarge(most)
	for i := range s.workers {
		w := &all[i]
		w.id, w.task, w.account = int32(i), -1, newAccount()
		w.weight, w.large = j.weight, least
		w.inbox.best.Store(empty)
		s.workers[i] = w
	}
	s.limit.Store(int32(limit))
	s.bearable = int64((enough - 1) * float64(predicted))
	for i := limit - 1; i >= 0; i-- {
		s.sleep.enter(int32(i))
	}
	if j.o.Policy == Fixed || j.o.Policy == List {
		s.shared = &queue{}
	}
	s.slots = newSlots(j.holds, j.all, most)
	for r, w := range j.waits {
		s.waits[r].Store(w)
	}
	for _, b := range j.batch {
		s.closed[b].Add(1)
	}
	s.open.Store(int64(n))
	if least > 0 {
		for _, w := range j.weight {
			if w >= least {
				s.large.Add(1)
			}
		}
	}
	return s
}

// start deals the tasks that wait for nothing. Nobody is woken before all are
// dealt, because queues are filled here that belong to others.
func (s *scheduler) start() {
	wake := s.wake
	var woken []*worker
	s.wake = func(w *worker) { woken = append(woken, w) }
	if ready := s.roots(); len(ready) > 0 {
		s.deal(nil, ready, 0)
	}
	if s.o.Policy == Fixed { // all of them live from the start, whether there is work or not
		for w, ok := s.sleep.any(s.limit.Load()); ok; w, ok = s.sleep.any(s.limit.Load()) {
			woken = append(woken, s.workers[w])
		}
	}
	s.wake = wake
	for _, w := range woken {
		wake(w)
	}
}

// over says that there is nothing left to start.
func (s *scheduler) over() bool { return s.stop.Load() || s.open.Load() == 0 }

// found says whether a worker that looks would find something.
func (s *scheduler) found() bool {
	switch {
	case s.over():
		return true
	case s.slots != nil:
		return s.slots.any()
	case s.shared != nil:
		return s.shared.size.Load() > 0
	}
	return slices.ContainsFunc(s.workers, func(w *worker) bool { return !w.nothing() })
}

// next finds a task for a worker, and marks the worker as running it. Where it
// finds none, the worker may park.
func (s *scheduler) next(w *worker, now int64) bool {
	ok := false
	if s.slots == nil {
		ok = s.find(w, now)
	} else {
		ok = s.findFitting(w, now)
	}
	// A task may have come into this worker's queue because it looked idle when it
	// was about to start another: then a parked one takes it.
	if ok && s.sleep.count.Load() > 0 && s.leaves(w) {
		s.wakeAny()
	}
	return ok
}

// leaves says whether there is work for one more while w runs its task.
func (s *scheduler) leaves(w *worker) bool {
	switch {
	case s.slots != nil:
		return s.slots.any()
	case s.shared != nil:
		return s.shared.size.Load() > 0
	}
	return !w.nothing()
}

func (s *scheduler) find(w *worker, now int64) bool {
	if s.shared != nil {
		if t, ok := s.shared.take(); ok {
			s.begin(w, nil, t, now)
			return true
		}
		return false
	}
	if s.large.Load() > 0 && s.off.Load() > s.bearable && s.overtake(w, now) {
		return true
	}
	if t, ok := w.own(s.o.Policy == Table); ok {
		s.begin(w, w, t, now)
		return true
	}
	return s.steal(w, now)
}

// findFitting finds a task whose slots are free. Those that it meets on the way
// and that do not fit are put aside; it looks only while one fits.
func (s *scheduler) findFitting(w *worker, now int64) bool {
	for {
		if t, ok := s.slots.waiting(); ok {
			s.begin(w, nil, t, now)
			return true
		}
		if !s.slots.any() || !s.find(w, now) {
			return false
		}
		if s.slots.acquire(w.task) {
			return true
		}
		s.idle(w)
	}
}

// begin notes that w runs t, which was in the queue of from. The expected end is
// stored before the queue gets lighter: at no moment does the worker look idle.
func (s *scheduler) begin(w, from *worker, t int32, now int64) {
	w.task, w.victim = t, -1
	w.until.Store(max(1, now+s.weight[t]))
	if from != nil {
		from.queued.Add(-s.weight[t])
		if w.isLarge(t) {
			s.large.Add(-1)
		}
		if from != w {
			w.victim = from.id
		}
	}
}

func (s *scheduler) idle(w *worker) {
	w.task = -1
	w.until.Store(0)
}

// overtake takes a large task out of the inbox of a worker that has not come to it
// yet, where it goes before all that w has itself: that is what list scheduling does.
// While the estimates prove right, the deal has done it ahead of time.
func (s *scheduler) overtake(w *worker, now int64) bool {
	best := w.inbox.best.Load()
	if next, ok := w.deque.peek(); ok {
		best = min(best, next)
	}
	var late *worker
	for _, v := range s.workers {
		if b := v.inbox.best.Load(); b < best && v != w && w.isLarge(b) {
			late, best = v, b
		}
	}
	if late == nil {
		return false
	}
	w.attempts++
	t, ok := late.inbox.take()
	if ok {
		s.begin(w, late, t, now)
	}
	return ok
}

// steal takes a task from the worker with the most estimated work left. A steal
// that fails was outrun by somebody who got a task: it looks again.
func (s *scheduler) steal(w *worker, now int64) bool {
	for {
		v := s.mostLoaded(w, now)
		if v == nil {
			return false
		}
		w.attempts++
		if t, ok := v.give(); ok {
			s.begin(w, v, t, now)
			return true
		}
	}
}

// mostLoaded returns the worker with the most work left, of those that have
// something in their queue; nil where there is none.
func (s *scheduler) mostLoaded(thief *worker, now int64) *worker {
	var victim *worker
	most := int64(-1)
	for _, v := range s.workers {
		if v == thief || v.nothing() {
			continue
		}
		if load := v.load(now); load > most {
			victim, most = v, load
		}
	}
	return victim
}

func (s *scheduler) wakeAny() {
	if w, ok := s.sleep.any(s.limit.Load()); ok {
		s.wake(s.workers[w])
	}
}

// wakeAll ends the parking of those that joined: the run is over.
func (s *scheduler) wakeAll() {
	for {
		w, ok := s.sleep.any(int32(len(s.workers)))
		if !ok {
			return
		}
		s.wake(s.workers[w])
	}
}

// end notes that w's task has ended, releases what waited for it alone, and
// deals that out.
func (s *scheduler) end(w *worker, failed bool, now int64) {
	t := w.task
	s.idle(w)
	s.learn(t, now-w.started)
	if s.slots != nil {
		s.slots.release(t)
	}
	if failed {
		s.cause[s.pos[t]] = s.pos[t] + 1
		s.failed.Store(true)
	}
	w.set = s.settle(w.set[:0], t, now)
	w.released = len(w.set) > 0
	if w.released {
		slices.Sort(w.set)
		s.deal(w, w.set, now)
	}
}
