package cache

import "sync/atomic"

// marks is a set of slots. Marks may be set by several at once.
type marks []atomic.Uint64

// word is 64 slots of a set: those from 64 times number on.
type word struct {
	number uint32
	bits   uint64
}

func newMarks(slots uint32) marks { return make(marks, (uint64(slots)+63)/64) }

func (m marks) mark(slot int) {
	w, bit := &m[slot/64], uint64(1)<<(slot%64)
	if w.Load()&bit == 0 {
		w.Or(bit)
	}
}

func (m marks) has(slot int) bool {
	return slot >= 0 && slot/64 < len(m) && m[slot/64].Load()>>(slot%64)&1 != 0
}

// add marks the slots of a word; none that the table has not.
func (m marks) add(w word) {
	if int64(w.number) < int64(len(m)) {
		m[w.number].Or(w.bits)
	}
}

// beside returns the words of what m has and known has not.
func (m marks) beside(known marks) (out []word) {
	for i := range m {
		w := m[i].Load()
		if i < len(known) {
			w &^= known[i].Load()
		}
		if w != 0 {
			out = append(out, word{uint32(i), w})
		}
	}
	return out
}
