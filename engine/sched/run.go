package sched

import (
	"context"
	"errors"
	"math"
	"runtime/debug"
	"slices"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/trace"
)

// errGoexit is the value of the panic of a task that ended its goroutine.
var errGoexit = errors.New("the task ended its goroutine (runtime.Goexit)")

// real drives a scheduler with goroutines and the monotonic clock.
type real struct {
	*scheduler
	ctx    context.Context
	do     func(ctx context.Context, worker, task int) error
	began  time.Time
	wg     sync.WaitGroup
	tokens []chan struct{} // of a worker: sent to whoever's name was struck out
	joined []bool          // of a worker: its goroutine was started; under its sleeper's name

	watch      sync.Mutex
	live, busy int // told to Options.Watch
}

func run(ctx context.Context, j *job, do func(ctx context.Context, worker, task int) error) Result {
	limit, predicted := j.decide()
	r := newReal(ctx, newScheduler(j, limit, j.most, predicted), do)
	r.work()
	return r.result(predicted)
}

func newReal(ctx context.Context, s *scheduler, do func(ctx context.Context, worker, task int) error) *real {
	r := &real{scheduler: s, ctx: ctx, do: do}
	r.tokens = make([]chan struct{}, len(r.workers))
	r.joined = make([]bool, len(r.workers))
	r.scheduler.wake = r.rouse
	return r
}

// work returns when all workers have ended.
func (r *real) work() {
	r.began = time.Now()
	if len(r.tasks) == 0 || r.ctx.Err() != nil {
		return
	}
	r.start()
	defer context.AfterFunc(r.ctx, r.halt)() // not before: start fills what halt reads
	r.wg.Wait()
}

// clock returns nanoseconds since the run began.
func (r *real) clock(w *worker) int64 {
	w.reads++
	return int64(time.Since(r.began))
}

// rouse wakes a worker whose name was struck out, so that nobody else does.
func (r *real) rouse(w *worker) {
	if r.joined[w.id] {
		r.tokens[w.id] <- struct{}{}
		return
	}
	if r.over() {
		return
	}
	r.joined[w.id] = true
	r.tokens[w.id] = make(chan struct{}, 1)
	r.wg.Go(func() {
		w.spans = make([]trace.Span, 0, len(r.tasks)/len(r.workers)*9/8+8)
		now := r.clock(w)
		w.arrive(now)
		r.loop(w, now)
	})
}

// halt keeps tasks from starting.
func (r *real) halt() {
	r.stop.Store(true)
	r.wakeAll()
}

// loop is a worker's life, from a time that it has accounted for on. A task that
// ends the goroutine ends the loop; another goroutine then goes on.
func (r *real) loop(w *worker, now int64) {
	defer func() {
		if w.task >= 0 {
			now := r.finish(w, true)
			r.wg.Go(func() { r.loop(w, now) })
		}
	}()
	r.tell(w, true, false)
	for !r.over() {
		if r.ctx.Err() != nil {
			r.halt()
			break
		}
		own := now
		if !r.next(w, now) {
			now = r.park(w, now)
			continue
		}
		if w.victim >= 0 || w.released || r.slots != nil || r.shared != nil {
			own = r.clock(w)
			w.look(now, own)
		}
		r.tell(w, true, true)
		w.started = own
		now = r.finish(w, r.call(w))
	}
	r.tell(w, false, false)
	w.leave(r.clock(w))
}

// call hands a task to do, and says whether it failed.
func (r *real) call(w *worker) (failed bool) {
	pos := int(r.pos[w.task])
	returned := false
	defer func() {
		if returned {
			return
		}
		failed = true
		v := recover()
		if v == nil { // not even panic(nil), which recover turns into an error
			v = errGoexit
		}
		w.panics = append(w.panics, Panic{pos, v, debug.Stack()})
	}()
	err := r.do(r.ctx, int(w.id), pos)
	returned = true
	return err != nil
}

// finish notes the end of a worker's task. When the context has ended, nothing is
// released: what is left was kept from starting, and was not skipped.
func (r *real) finish(w *worker, failed bool) int64 {
	now := r.clock(w)
	w.note(r.pos[w.task], now)
	if r.ctx.Err() != nil {
		r.idle(w)
		r.halt()
		return now
	}
	r.end(w, failed, now)
	return now
}

// park lets a worker that found nothing sleep until there is something, and
// returns the time then. It has looked for work since the time given.
func (r *real) park(w *worker, since int64) int64 {
	now := r.clock(w)
	w.look(since, now)
	w.park(now)
	r.tell(w, r.o.Policy == Fixed, false)
	r.sleep.enter(w.id)
	if !r.found() || !r.sleep.strike(w.id) {
		<-r.tokens[w.id]
	}
	now = r.clock(w)
	w.resume(now, r.retired(w, now))
	r.tell(w, true, false)
	return now
}

// tell tells Options.Watch what has changed of a worker.
func (r *real) tell(w *worker, live, busy bool) {
	if r.o.Watch == nil || w.live == live && w.busy == busy {
		return
	}
	r.watch.Lock()
	defer r.watch.Unlock()
	r.live += change(w.live, live)
	r.busy += change(w.busy, busy)
	w.live, w.busy = live, busy
	r.o.Watch(r.live, r.busy)
}

func change(from, to bool) int {
	switch {
	case to && !from:
		return 1
	case from && !to:
		return -1
	}
	return 0
}

func (r *real) result(predicted int64) Result {
	res := Result{Log: r.log(predicted), Left: len(r.tasks)}
	reads := 0
	for _, w := range r.workers {
		res.Left -= len(w.spans)
		res.Panics = append(res.Panics, w.panics...)
		reads += w.reads
	}
	slices.SortFunc(res.Panics, func(a, b Panic) int { return a.Task - b.Task })
	if r.failed.Load() {
		res.Skipped = r.skipped()
		res.Left -= len(res.Skipped)
	}
	res.Log.Overhead = float64(reads) * r.price()
	return res
}

// skipped returns the tasks that others made impossible.
func (s *scheduler) skipped() []Skip {
	var skips []Skip
	for p, c := range s.cause {
		if because := int(c) - 1; c != 0 && because != p {
			skips = append(skips, Skip{p, because})
		}
	}
	return skips
}

// price returns the seconds that reading the clock takes, measured on the spot: the
// least of a few times, because others that want the CPU stop it in some.
func (r *real) price() float64 {
	const times, reads = 5, 20
	least := math.Inf(1)
	for range times {
		began := time.Now()
		for range reads {
			_ = time.Since(r.began)
		}
		least = min(least, time.Since(began).Seconds()/reads)
	}
	return least
}
