package sched

// settle ends a task, and with it the tasks that its failure makes impossible.
// It adds to set what has become ready.
func (s *scheduler) settle(set []int32, t int32, now int64) []int32 {
	skipped := []int32(nil)
	ended := int64(0)
	for {
		ended++
		free := func(ranks []int32) {
			for _, r := range ranks {
				if s.waits[r].Add(-1) > 0 {
					continue
				}
				if s.failed.Load() && s.impossible(r) {
					skipped = append(skipped, r)
				} else {
					set = append(set, r)
				}
			}
		}
		free(s.after.of(t))
		if s.batch != nil {
			if b := s.batch[t]; s.closed[b].Add(-1) == 0 {
				s.gates[b].Store(max(1, now))
				if int(b)+1 < s.batches() {
					free(s.gated.of(b + 1))
				}
			}
		}
		if len(skipped) == 0 {
			break
		}
		t = skipped[len(skipped)-1]
		skipped = skipped[:len(skipped)-1]
	}
	if s.open.Add(-ended) == 0 {
		s.wakeAll()
	}
	return set
}

// impossible says whether a task whose needs have all ended cannot run, and
// notes why. All of its needs are known, so that the reason does not depend on
// which of them ended first.
func (s *scheduler) impossible(r int32) bool {
	p := s.pos[r]
	because := int32(0)
	for _, need := range s.tasks[p].Needs {
		if c := s.cause[need]; c != 0 && (because == 0 || c < because) {
			because = c
		}
	}
	s.cause[p] = because
	return because != 0
}
