package sched

import (
	"fmt"
	"math"

	"github.com/sot-validator/sot/engine/trace"
)

// Simulate runs the tasks on a virtual clock, on which task i takes seconds[i],
// and everything else nothing. It is the scheduler itself that runs, with another
// clock under it: the same order, deal, steals, number of workers, slots and
// barriers as under Run, and the same Log. The result depends on the arguments
// alone, to the bit, but for Options.Workers and CPUs below 1, which ask for the
// machine's.
//
// The error is that of Run, or says that seconds does not fit the tasks: one for
// each, not negative, not NaN, and in all below 73 years.
//
// With the adaptive policy and without Warm, exactly Options.Workers are used,
// as long as there are tasks for them: that is the curve of makespans over a
// number of workers.
func Simulate[T any](tasks []Task[T], seconds []float64, o Options) (trace.Log, error) {
	j, err := prepare(tasks, o)
	if err != nil {
		return trace.Log{}, err
	}
	durations, err := j.durations(seconds)
	if err != nil {
		return trace.Log{}, err
	}
	limit, predicted := j.decide()
	s := newScheduler(j, limit, j.most, predicted)
	v := &virtual{scheduler: s, durations: durations}
	v.run()
	return s.log(predicted), nil
}

func (j *job) durations(seconds []float64) ([]int64, error) {
	if len(seconds) != len(j.tasks) {
		return nil, fmt.Errorf("%d durations for %d tasks", len(seconds), len(j.tasks))
	}
	const most = math.MaxInt64 / 4
	sum := 0.0
	for i, x := range seconds {
		if sum += x * 1e9; !(x >= 0) || sum > most {
			return nil, fmt.Errorf("task %s lasts %g s: a duration is at least 0, and all together at most %g s", j.tasks[i].ID, x, float64(most)/1e9)
		}
	}
	by := make([]int64, len(seconds))
	for r, p := range j.pos {
		by[r] = int64(math.Round(seconds[p] * 1e9))
	}
	return by, nil
}

// simulate returns the makespan with so many workers in nanoseconds.
func (j *job) simulate(durations []int64, workers int) int64 {
	v := &virtual{scheduler: newScheduler(j, workers, workers, 0), durations: durations, mute: true}
	v.run()
	return v.now
}

// virtual drives a scheduler through events in the order of time.
type virtual struct {
	*scheduler
	durations []int64 // of a rank
	now       int64
	mute      bool // keep no spans
	awake     []bool
	ready     int // how many of awake are set
	events    events
}

func (v *virtual) run() {
	v.awake = make([]bool, len(v.workers))
	v.wake = v.rouse
	v.start()
	for {
		v.assign()
		if len(v.events) == 0 {
			break
		}
		// All that ends at one moment has ended before anybody takes a task.
		v.now = v.events[0].at
		for len(v.events) > 0 && v.events[0].at == v.now {
			v.finish(v.workers[v.events.pop().worker])
		}
	}
	for _, w := range v.workers {
		if w.parked >= 0 {
			w.resume(v.now, v.retired(w, v.now))
		}
		w.leave(v.now)
	}
}

func (v *virtual) rouse(w *worker) {
	switch {
	case w.parked >= 0:
		w.resume(v.now, v.retired(w, v.now))
	case w.since < 0:
		w.arrive(v.now)
	}
	v.stand(w)
}

func (v *virtual) stand(w *worker) {
	if !v.awake[w.id] {
		v.awake[w.id] = true
		v.ready++
	}
}

// assign lets workers that are awake find tasks, in order of their numbers.
func (v *virtual) assign() {
	for v.ready > 0 {
		for i, w := range v.workers {
			if !v.awake[i] {
				continue
			}
			v.awake[i] = false
			v.ready--
			if !v.over() && v.next(w, v.now) {
				w.started = v.now
				v.events.push(event{v.now + v.durations[w.task], w.id})
				continue
			}
			w.park(v.now)
			v.sleep.enter(w.id)
		}
	}
}

func (v *virtual) finish(w *worker) {
	if !v.mute {
		w.note(v.pos[w.task], v.now)
	}
	v.end(w, false, v.now)
	v.stand(w)
}

// event is the end of a worker's task.
type event struct {
	at     int64
	worker int32
}

func (a event) before(b event) bool { return a.at < b.at || a.at == b.at && a.worker < b.worker }

// events is a heap, the next one at 0.
type events []event

func (h *events) push(e event) {
	s := append(*h, e)
	i := len(s) - 1
	for i > 0 && e.before(s[(i-1)/2]) {
		s[i] = s[(i-1)/2]
		i = (i - 1) / 2
	}
	s[i] = e
	*h = s
}

func (h *events) pop() event {
	s := *h
	first, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	i := 0
	for {
		c := 2*i + 1
		if c >= len(s) {
			break
		}
		if c+1 < len(s) && s[c+1].before(s[c]) {
			c++
		}
		if last.before(s[c]) {
			break
		}
		s[i] = s[c]
		i = c
	}
	if len(s) > 0 {
		s[i] = last
	}
	return first
}
