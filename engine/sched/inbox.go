package sched

import (
	"math"
	"slices"
	"sync"
	"sync/atomic"
)

// inbox holds tasks that others dealt to a worker, large ones that others may take
// before their turn, and those that came too late for their place in its deque. A deque takes new tasks at one end alone, so
// that a task which belongs into its middle would cost as many moves as there
// are tasks before it; here it costs a logarithm. Unlike the deque it has a
// lock, which is held for a few moves in an array and never while a task runs.
//
// Tasks are ranks: the smaller goes first.
type inbox struct {
	best atomic.Int32 // the smallest rank inside; empty where there is none
	size atomic.Int32
	mu   sync.Mutex
	heap heap
}

const empty = math.MaxInt32

// add puts tasks in. They are in order, smallest rank first.
func (b *inbox) add(tasks []int32) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.heap) == 0 {
		b.heap = append(b.heap, tasks...) // what is sorted is a heap
	} else {
		for _, t := range tasks {
			b.heap.push(t)
		}
	}
	b.note()
}

// take takes the best task.
func (b *inbox) take() (int32, bool) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if len(b.heap) == 0 {
		return 0, false
	}
	t := b.heap.pop()
	b.note()
	return t, true
}

// all takes everything, in order.
func (b *inbox) all(into []int32) []int32 {
	b.mu.Lock()
	into = append(into, b.heap...)
	b.heap = b.heap[:0]
	b.note()
	b.mu.Unlock()
	slices.Sort(into)
	return into
}

func (b *inbox) note() {
	b.size.Store(int32(len(b.heap)))
	if len(b.heap) == 0 {
		b.best.Store(empty)
		return
	}
	b.best.Store(b.heap[0])
}

// heap is a binary heap of ranks, the smallest at 0.
type heap []int32

func (h *heap) push(t int32) {
	s := append(*h, t)
	i := len(s) - 1
	for i > 0 {
		up := (i - 1) / 2
		if s[up] <= t {
			break
		}
		s[i] = s[up]
		i = up
	}
	s[i] = t
	*h = s
}

func (h *heap) pop() int32 {
	s := *h
	first, last := s[0], s[len(s)-1]
	s = s[:len(s)-1]
	*h = s
	if len(s) == 0 {
		return first
	}
	i := 0
	for {
		down := 2*i + 1
		if down >= len(s) {
			break
		}
		if down+1 < len(s) && s[down+1] < s[down] {
			down++
		}
		if last <= s[down] {
			break
		}
		s[i] = s[down]
		i = down
	}
	s[i] = last
	return first
}

// queue is one queue for all workers: what Fixed and List take from.
type queue struct {
	size atomic.Int32
	mu   sync.Mutex
	heap heap
}

func (q *queue) add(tasks []int32) {
	q.mu.Lock()
	defer q.mu.Unlock()
	for _, t := range tasks {
		q.heap.push(t)
	}
	q.size.Store(int32(len(q.heap)))
}

func (q *queue) take() (int32, bool) {
	q.mu.Lock()
	defer q.mu.Unlock()
	if len(q.heap) == 0 {
		return 0, false
	}
	t := q.heap.pop()
	q.size.Store(int32(len(q.heap)))
	return t, true
}
