package sched

import (
	"slices"
	"sync"
	"sync/atomic"
)

// sleepers are the workers that may be woken: parked ones, and ones that have
// not joined yet.
//
// Nothing is lost between a worker that parks and one that has work for it. The
// one that parks enters its name and then looks once more for work; the other
// puts the work where it is found and then looks for names. Atomics are
// sequentially consistent, so that at least one of the two sees the other
// (Dekker's argument); where both do, the name is struck out once, under the
// lock, and who strikes it out sends the one token, or keeps the worker up.
type sleepers struct {
	count atomic.Int32
	mu    sync.Mutex
	names []int32
}

func (s *sleepers) enter(w int32) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.names = append(s.names, w)
	s.count.Store(int32(len(s.names)))
}

// strike takes a name out; false where somebody else has done it.
func (s *sleepers) strike(w int32) bool {
	if s.count.Load() == 0 {
		return false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.Index(s.names, w)
	if i < 0 {
		return false
	}
	s.names = slices.Delete(s.names, i, i+1)
	s.count.Store(int32(len(s.names)))
	return true
}

// any takes out the name that was entered last, of the workers below limit.
func (s *sleepers) any(limit int32) (int32, bool) {
	if s.count.Load() == 0 {
		return 0, false
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	for i := len(s.names) - 1; i >= 0; i-- {
		if w := s.names[i]; w < limit {
			s.names = slices.Delete(s.names, i, i+1)
			s.count.Store(int32(len(s.names)))
			return w, true
		}
	}
	return 0, false
}
