package sched

import (
	"testing"

	"pgregory.net/rapid"
)

// Whatever order tasks come in: no more is held than there is, each is put aside
// or started, and when nothing runs, one of those put aside can start.
func TestSlotsNeverGetStuck(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 60).Draw(t, "tasks")
		holds := make([]hold, n)
		for i := range holds {
			holds[i] = hold{rapid.SampledFrom([]int64{1000, 2000, 3000, 9000}).Draw(t, "cpu"), rapid.SampledFrom([]int64{0, 60}).Draw(t, "memory")}
		}
		holds[0].cpu = 2000 // so that slots bind
		s := newSlots(holds, hold{4000, 100}, 4)
		coming := rapid.Permutation(ranks(n)).Draw(t, "order")
		s.ready(coming)
		started, running := 0, []int32{}
		start := func(r int32) {
			started++
			running = append(running, r)
			if s.free.cpu < 0 || s.free.memory < 0 {
				t.Fatalf("more is held than there is: %v is left", s.free)
			}
		}
		for len(coming) > 0 || len(running) > 0 || started < n {
			if len(coming) > 0 && rapid.Bool().Draw(t, "come") {
				r := coming[0]
				coming = coming[1:]
				if s.acquire(r) {
					start(r)
				}
				continue
			}
			if len(running) > 0 {
				k := rapid.IntRange(0, len(running)-1).Draw(t, "end")
				s.release(running[k])
				running = append(running[:k], running[k+1:]...)
			}
			for r, ok := s.waiting(); ok; r, ok = s.waiting() {
				start(r)
			}
			if len(running) == 0 && s.head != empty {
				t.Fatalf("nothing runs, and rank %d does not start", s.head)
			}
		}
	})
}

func ranks(n int) []int32 {
	rs := make([]int32, n)
	for i := range rs {
		rs[i] = int32(i)
	}
	return rs
}
