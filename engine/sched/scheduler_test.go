package sched

import (
	"fmt"
	"slices"
	"testing"
)

// still makes a scheduler of so many workers and tasks of a second, in which
// nothing has started; the workers named run something and are not asleep. It
// records whom the scheduler wakes.
func still(t *testing.T, tasks, workers int, up ...int32) (*scheduler, *[]int32) {
	t.Helper()
	list := make([]Task[int], tasks)
	for i := range list {
		list[i] = Task[int]{ID: fmt.Sprintf("%03d", i), Estimate: 1}
	}
	j, err := prepare(list, Options{Workers: workers, CPUs: workers})
	if err != nil {
		t.Fatal(err)
	}
	s := newScheduler(j, workers, workers, 0)
	var woken []int32
	s.wake = func(w *worker) { woken = append(woken, w.id) }
	for _, w := range up {
		s.sleep.strike(w)
	}
	return s, &woken
}

// The owner's next task is its largest, wherever it is.
func TestOwnersNextIsItsLargest(t *testing.T) {
	s, _ := still(t, 20, 2)
	w := s.workers[0]
	w.fill([]int32{5, 9, 11}, false)
	w.inbox.add([]int32{3, 7, 12})
	w.fill([]int32{1, 2}, false)  // before all that is there: into the deque
	w.fill([]int32{4, 10}, false) // between: into the inbox
	var got []int32
	for v, ok := w.own(false); ok; v, ok = w.own(false) {
		got = append(got, v)
	}
	if want := []int32{1, 2, 3, 4, 5, 7, 9, 10, 11, 12}; !slices.Equal(got, want) {
		t.Errorf("order %v, want %v", got, want)
	}
}

// A thief goes to the most work left, running tasks included, and never to a
// queue that is empty.
func TestVictimHasMostWorkLeft(t *testing.T) {
	s, _ := still(t, 20, 4, 0, 1, 2, 3)
	s.hand(nil, s.workers[1], []int32{1, 2, 3})
	s.hand(nil, s.workers[2], []int32{4, 5})
	s.workers[3].until.Store(100e9) // busy for long, with nothing queued
	if v := s.mostLoaded(s.workers[0], 0); v != s.workers[1] {
		t.Errorf("victim %d, want 1", v.id)
	}
	s.workers[2].until.Store(5e9)
	if v := s.mostLoaded(s.workers[0], 0); v != s.workers[2] {
		t.Errorf("victim %d, want 2", v.id)
	}
	if !s.next(s.workers[0], 0) || s.workers[0].victim != 2 || s.workers[0].task != 5 {
		t.Errorf("stole task %d of %d, want 5, the smallest, of 2", s.workers[0].task, s.workers[0].victim)
	}
}

// Once learned estimates have proved wrong, a long task waits for its owner only until
// another worker has nothing longer. The short ones behind it stay where they are.
func TestLongTaskDoesNotWaitForItsOwner(t *testing.T) {
	list := make([]Task[int], 400)
	for i := range list {
		list[i] = Task[int]{ID: fmt.Sprintf("%03d", i), Estimate: 1}
	}
	list[0].Estimate, list[1].Estimate, list[2].Estimate, list[3].Estimate = 90, 80, 70, 60
	for _, c := range []struct {
		warm bool
		off  int64
		want []int32
	}{
		{true, 1, []int32{1, 2, 3, 5, 7}},
		{true, 0, []int32{1, 3, 5, 7, 9}},
		{false, 1, []int32{1, 3, 5, 7, 9}},
	} {
		j, err := prepare(list, Options{Workers: 2, CPUs: 2, Warm: c.warm})
		if err != nil {
			t.Fatal(err)
		}
		s := newScheduler(j, 2, 2, 0)
		s.wake = func(*worker) {}
		s.off.Store(c.off)
		s.hand(nil, s.workers[0], []int32{0, 2, 4, 6, 8})
		s.hand(nil, s.workers[1], []int32{1, 3, 5, 7, 9})
		var ran [2][]int32
		take := func(w int) {
			if !s.next(s.workers[w], 0) {
				t.Fatalf("worker %d finds nothing", w)
			}
			ran[w] = append(ran[w], s.workers[w].task)
		}
		take(0)
		for range 5 {
			take(1) // worker 0 is still at its first one
		}
		if !slices.Equal(ran[1], c.want) {
			t.Errorf("warm %v, off by %d: worker 1 ran %v, want %v", c.warm, c.off, ran[1], c.want)
		}
		if s.large.Load() != 0 && c.off > 0 {
			t.Errorf("%d long tasks are left, want none", s.large.Load())
		}
	}
}

// A task that is dealt to a worker which has just become busy wakes another.
func TestBusyReceiverWakesAnother(t *testing.T) {
	s, woken := still(t, 20, 3, 0, 1)
	s.hand(s.workers[0], s.workers[1], []int32{4})
	if !slices.Equal(*woken, []int32{2}) {
		t.Errorf("woke %v, want 2", *woken)
	}
}

// A worker that starts a task and leaves others in its queue wakes another.
func TestStartingOneOfSeveralWakesAnother(t *testing.T) {
	s, woken := still(t, 20, 3, 0, 1)
	s.workers[1].inbox.add([]int32{4, 6})
	s.workers[1].queued.Add(2e9)
	if !s.next(s.workers[1], 0) || !slices.Equal(*woken, []int32{2}) {
		t.Errorf("woke %v, want 2", *woken)
	}
	if !s.next(s.workers[2], 0) || len(*woken) != 1 {
		t.Errorf("woke %v for an empty queue", *woken)
	}
}

// The deal is longest-first list scheduling ahead of time, over what workers
// already have before them; who runs something comes after who does not.
func TestDealGoesToTheLeastLoaded(t *testing.T) {
	s, woken := still(t, 20, 4, 0, 1)
	s.workers[1].until.Store(1) // busy, over its estimate
	s.deal(s.workers[0], []int32{0, 1, 2, 3, 4}, 5e9)
	var sizes []int
	for _, w := range s.workers {
		sizes = append(sizes, int(w.deque.size())+int(w.inbox.size.Load()))
	}
	if want := []int{2, 1, 1, 1}; !slices.Equal(sizes, want) || !slices.Equal(*woken, []int32{2, 3}) {
		t.Errorf("dealt %v, want %v; woke %v, want 2 and 3", sizes, want, *woken)
	}
	if best := s.workers[2].inbox.best.Load(); best != 1 {
		t.Errorf("the second task went elsewhere: worker 2 has %d", best)
	}
}
