package sched

import "sync/atomic"

// deque is the work-stealing deque of Chase and Lev (Dynamic Circular
// Work-Stealing Deque, SPAA 2005) with the orderings of Lê, Pop, Cohen and
// Zappa Nardelli (Correct and Efficient Work-Stealing for Weak Memory Models,
// PPoPP 2013). Its owner pushes and pops at the bottom, last in, first out; any
// number of thieves take from the top, first in, first out. Nobody locks, and
// nobody waits: a steal that loses its race has lost it to somebody who won a task.
//
// Go's atomics are sequentially consistent (go.dev/ref/mem), which is stronger
// than every fence of the C11 version, so that the fences have no counterpart
// here. What remains of them is the order of the statements:
//   - pop lowers bottom before it reads top, and steal reads top before bottom:
//     of an owner and a thief who both want the last element, at least one sees
//     the other, and the compare-and-swap on top decides;
//   - steal loads the ring after bottom, so that it never looks for an element
//     in a ring that is older than the element;
//   - top only grows, and has 64 bits: it cannot come round to a value that a
//     slow thief still holds (the ABA problem);
//   - a ring that was outgrown is left to the garbage collector and never
//     reused: a slow thief may still read it, and what it reads there between
//     top and bottom is still right.
type deque struct {
	top    atomic.Int64
	_      [56]byte // top is the thieves' cache line, bottom the owner's
	bottom atomic.Int64
	ring   atomic.Pointer[ring]
	seen   int64 // the owner's last look at top, which spares push the thieves' cache line
	_      [40]byte
}

// ring is a circular array whose size is a power of two.
type ring struct {
	mask  int64
	slots []atomic.Int32
}

const smallestRing = 32

func newRing(size int64) *ring {
	n := int64(smallestRing)
	for n < size {
		n *= 2
	}
	return &ring{n - 1, make([]atomic.Int32, n)}
}

func (r *ring) at(i int64) *atomic.Int32 { return &r.slots[i&r.mask] }

// size is exact for the owner while nobody steals, and a moment old for others.
func (d *deque) size() int64 {
	t := d.top.Load()
	return max(0, d.bottom.Load()-t)
}

// push adds a task at the bottom. For the owner alone.
func (d *deque) push(task int32) {
	b := d.bottom.Load()
	r := d.room(b, 1)
	r.at(b).Store(task)
	d.bottom.Store(b + 1)
}

// load adds tasks so that pop returns them in their order: it pushes them last
// to first, and shows them to thieves all at once. For the owner alone.
func (d *deque) load(tasks []int32) {
	b := d.bottom.Load()
	r := d.room(b, int64(len(tasks)))
	for i, t := range tasks {
		r.at(b + int64(len(tasks)-1-i)).Store(t)
	}
	d.bottom.Store(b + int64(len(tasks)))
}

// room returns a ring with room for more elements from bottom b on.
func (d *deque) room(b, more int64) *ring {
	r := d.ring.Load()
	if r != nil && b-d.seen+more <= r.mask+1 {
		return r
	}
	t := d.top.Load()
	d.seen = t
	if r != nil && b-t+more <= r.mask+1 {
		return r
	}
	bigger := newRing(2 * (b - t + more))
	for i := t; i < b; i++ {
		bigger.at(i).Store(r.at(i).Load())
	}
	d.ring.Store(bigger)
	return bigger
}

// peek returns what pop would return if nobody steals; to others it is a hint.
func (d *deque) peek() (int32, bool) {
	t := d.top.Load()
	b := d.bottom.Load()
	if t >= b {
		return 0, false
	}
	return d.ring.Load().at(b - 1).Load(), true
}

// pop takes the task at the bottom; false where the deque is empty. For the
// owner alone.
func (d *deque) pop() (int32, bool) {
	b := d.bottom.Load() - 1
	if d.seen > b {
		return 0, false // top only grows: what the owner saw empty stays empty
	}
	r := d.ring.Load()
	d.bottom.Store(b)
	t := d.top.Load()
	d.seen = t
	if t > b {
		d.bottom.Store(b + 1)
		return 0, false
	}
	task := r.at(b).Load()
	if t == b { // the last one: race the thieves for it
		won := d.top.CompareAndSwap(t, t+1)
		d.bottom.Store(b + 1)
		return task, won
	}
	return task, true
}

// steal takes the task at the top. It is false where the deque is empty, and
// where somebody else took that task first: size tells which. For anybody.
func (d *deque) steal() (int32, bool) {
	t := d.top.Load()
	if t >= d.bottom.Load() {
		return 0, false
	}
	task := d.ring.Load().at(t).Load()
	if !d.top.CompareAndSwap(t, t+1) {
		return 0, false
	}
	return task, true
}
