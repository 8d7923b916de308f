package sched

import (
	"math"
	"slices"
	"sync"
)

// hold is what a task holds while it runs: thousandths of a processor, and bytes.
type hold struct{ cpu, memory int64 }

// patience is how many tasks of less rank may start before one that waits for
// its slots. Then nothing starts but that one: the running tasks end and leave
// it their slots, so that a task which holds much waits, but not for ever.
const patience = 8

// slots keep tasks from holding more together than there is. A task that does
// not fit when its turn comes is put aside, and the worker looks for another;
// whoever frees slots looks at what was put aside first. One lock guards all: a
// task that holds slots is worth milliseconds.
type slots struct {
	holds []int32 // of a rank: the number of its class
	class []class

	mu     sync.Mutex
	free   hold
	head   int32 // the least rank of the tasks put aside; empty where there is none
	passed int   // how many tasks have started before head
}

// class is the tasks that hold the same: if one of them does not fit, none does.
type class struct {
	hold
	ready int  // tasks that are ready and have not started
	aside heap // those of them that were put aside
}

// newSlots returns nil where slots can never bind: every task holds one
// processor, and there are no more workers than processors.
func newSlots(holds []hold, all hold, workers int) *slots {
	if !binds(holds, all, workers) {
		return nil
	}
	s := &slots{holds: make([]int32, len(holds)), free: all, head: empty}
	known := map[hold]int32{}
	for r, h := range holds {
		h = hold{min(h.cpu, all.cpu), min(h.memory, all.memory)}
		c, ok := known[h]
		if !ok {
			c = int32(len(s.class))
			known[h] = c
			s.class = append(s.class, class{hold: h})
		}
		s.holds[r] = c
	}
	return s
}

func binds(holds []hold, all hold, workers int) bool {
	if int64(workers)*1000 > all.cpu {
		return len(holds) > 0
	}
	return slices.ContainsFunc(holds, func(h hold) bool { return h.cpu > 1000 || h.memory > all.memory/int64(workers) })
}

// holdsOf returns what a task holds. A task that alone exceeds the whole holds
// the whole (newSlots cuts it), and so runs alone.
func holdsOf(cpus float64, memory int64) hold {
	h := hold{1000, max(0, memory)}
	if cpus > 0 {
		h.cpu = max(1, int64(math.Round(min(cpus, 1e6)*1000)))
	}
	return h
}

// together returns how many of the tasks fit beside each other at best: more
// workers would have nothing to do.
func together(holds []hold, all hold, most int) int {
	if slices.ContainsFunc(holds, func(h hold) bool { return h.cpu < 1000 }) {
		cpus := make([]int64, len(holds))
		for i, h := range holds {
			cpus[i] = h.cpu
		}
		slices.Sort(cpus)
		n, sum := 0, int64(0)
		for n < len(cpus) && n < most && sum+cpus[n] <= all.cpu {
			sum += cpus[n]
			n++
		}
		return max(1, n)
	}
	return max(1, min(most, len(holds), int(all.cpu/1000)))
}

func (s *slots) fits(c *class) bool { return c.cpu <= s.free.cpu && c.memory <= s.free.memory }

// reserved says whether head has been passed so often that it is next.
func (s *slots) reserved() bool { return s.head != empty && s.passed >= patience }

// ready counts tasks that have become ready.
func (s *slots) ready(tasks []int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, t := range tasks {
		s.class[s.holds[t]].ready++
	}
}

// any says whether a task is ready that would fit now.
func (s *slots) any() bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.reserved() {
		return s.fits(&s.class[s.holds[s.head]])
	}
	for i := range s.class {
		if c := &s.class[i]; c.ready > 0 && s.fits(c) {
			return true
		}
	}
	return false
}

// waiting takes the first of the tasks put aside that fits now.
func (s *slots) waiting() (int32, bool) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.head == empty {
		return 0, false
	}
	best := int32(empty)
	for i := range s.class {
		c := &s.class[i]
		if len(c.aside) > 0 && c.aside[0] < best && s.fits(c) && (!s.reserved() || c.aside[0] == s.head) {
			best = c.aside[0]
		}
	}
	if best == empty {
		return 0, false
	}
	c := &s.class[s.holds[best]]
	c.aside.pop()
	if best == s.head {
		s.behead()
	} else {
		s.passed++
	}
	s.start(c)
	return best, true
}

func (s *slots) start(c *class) {
	c.ready--
	s.free.cpu -= c.cpu
	s.free.memory -= c.memory
}

// behead finds the next head.
func (s *slots) behead() {
	s.head, s.passed = empty, 0
	for i := range s.class {
		if a := s.class[i].aside; len(a) > 0 {
			s.head = min(s.head, a[0])
		}
	}
}

// acquire gives a task its slots, or puts it aside.
func (s *slots) acquire(t int32) bool {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.class[s.holds[t]]
	if !s.fits(c) || s.reserved() && t > s.head {
		c.aside.push(t)
		if t < s.head {
			s.head, s.passed = t, 0
		}
		return false
	}
	if s.head < t {
		s.passed++
	}
	s.start(c)
	return true
}

func (s *slots) release(t int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	c := &s.class[s.holds[t]]
	s.free.cpu += c.cpu
	s.free.memory += c.memory
}
