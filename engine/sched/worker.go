package sched

import (
	"slices"
	"sync/atomic"

	"github.com/sot-validator/sot/engine/trace"
)

// worker is one worker's queue, and the account of what it did. Only what is
// atomic, the inbox and the thieves' end of the deque may be touched by others.
type worker struct {
	id    int32
	deque deque
	inbox inbox

	weight []int64 // of a rank
	large  int64   // the least weight of a large task; 0 where none is

	queued atomic.Int64 // estimated nanoseconds in deque and inbox
	until  atomic.Int64 // when its running task is expected to end; 0 where none runs
	_      [64]byte

	task     int32 // that runs; -1 where none does
	victim   int32 // whom it was stolen from; -1 where it was not
	started  int64
	released bool // its last task released others

	spans    []trace.Span
	attempts int
	account

	set, mine  []int32 // scratch for dealing
	receiver   []int32
	counts     []int32
	loads      loads
	panics     []Panic
	reads      int // of the clock
	busy, live bool
}

// load is the estimated nanoseconds of work that a worker has before it. One
// that runs a task has at least 1, however long the task has run over its
// estimate: who has nothing to do comes before it.
func (w *worker) load(now int64) int64 {
	return w.queued.Load() + w.rest(now)
}

// rest is the estimated remainder of the running task.
func (w *worker) rest(now int64) int64 {
	if until := w.until.Load(); until != 0 {
		return max(1, until-now)
	}
	return 0
}

// isLarge says whether a task is so long that others must be able to take it before
// what is behind it in the queue. Such tasks wait in the inbox, from which others
// take the best, and not in the deque, from which they take the smallest.
func (w *worker) isLarge(t int32) bool { return w.large > 0 && w.weight[t] >= w.large }

func (w *worker) nothing() bool {
	return w.inbox.best.Load() == empty && w.deque.size() == 0
}

// own takes the worker's own next task: its largest, that is of least rank.
// Only where the deque is empty, or the inbox holds what goes first, is the lock taken.
func (w *worker) own(smallestFirst bool) (int32, bool) {
	if best := w.inbox.best.Load(); best != empty {
		next, ok := w.deque.peek()
		if !ok && !w.isLarge(best) {
			w.refill(smallestFirst)
		} else if ok && best < next && !smallestFirst {
			if t, ok := w.inbox.take(); ok {
				return t, true
			}
		}
	}
	if t, ok := w.deque.pop(); ok {
		return t, true
	}
	return w.inbox.take()
}

// refill moves the inbox to the empty deque, where thieves need no lock.
func (w *worker) refill(smallestFirst bool) {
	w.mine = w.inbox.all(w.mine[:0])
	w.fill(w.mine, smallestFirst)
}

// fill puts tasks, in order, into the worker's deque, but the large ones that come
// first, and all where one of them belongs behind a task that is there, into its
// inbox. For the owner alone.
func (w *worker) fill(tasks []int32, smallestFirst bool) {
	if smallestFirst {
		for _, t := range tasks {
			w.deque.push(t)
		}
		return
	}
	first := slices.IndexFunc(tasks, func(t int32) bool { return !w.isLarge(t) })
	if first < 0 {
		first = len(tasks)
	}
	if first > 0 {
		w.inbox.add(tasks[:first])
		tasks = tasks[first:]
	}
	if len(tasks) == 0 {
		return
	}
	if next, ok := w.deque.peek(); ok && tasks[len(tasks)-1] > next {
		w.inbox.add(tasks)
		return
	}
	w.deque.load(tasks)
}

// give lets a thief take a task: from the inbox the best, because its owner has
// not come to it while it waits on a long task, else from the deque the one at
// the top, its smallest.
func (w *worker) give() (int32, bool) {
	if w.inbox.best.Load() != empty {
		if t, ok := w.inbox.take(); ok {
			return t, true
		}
	}
	return w.deque.steal()
}
