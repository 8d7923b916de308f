package sched

// deal gives tasks that have become ready to workers, and wakes those it gives
// to. The tasks are in order. by is the worker that released them; nil before
// the run, when no worker looks yet.
//
// Each goes to the worker with the least estimated work before it: that is
// longest-first list scheduling (Graham 1969) done ahead of time, and where the
// estimates are right, nobody has to steal.
func (s *scheduler) deal(by *worker, tasks []int32, now int64) {
	if s.slots != nil {
		s.slots.ready(tasks)
	}
	switch {
	case s.shared != nil:
		s.shared.add(tasks)
		s.wakeFor(by, len(tasks))
		return
	case len(tasks) == 1 && by != nil && s.o.Policy == Adaptive && by.queued.Load() == 0:
		s.hand(by, by, tasks)
		return
	}
	d := by
	if d == nil {
		d = s.workers[0]
	}
	if s.o.Policy == Table {
		s.turns(d, len(tasks))
	} else {
		s.least(d, by, tasks, now)
	}
	s.distribute(d, by, tasks)
}

// wakeFor wakes as many workers as there are tasks; by takes one itself.
func (s *scheduler) wakeFor(by *worker, tasks int) {
	if by != nil {
		tasks--
	}
	for range tasks {
		w, ok := s.sleep.any(s.limit.Load())
		if !ok {
			return
		}
		s.wake(s.workers[w])
	}
}

// turns deals as the original did: the table says to how many workers, and they
// get a task in turn.
func (s *scheduler) turns(d *worker, tasks int) {
	k := min(table(tasks, s.o.Workers), len(s.workers))
	s.limit.Store(int32(k))
	d.receiver = d.receiver[:0]
	for i := range tasks {
		d.receiver = append(d.receiver, int32(i%k))
	}
}

// least finds for each task the worker with the least load, ties to the one that
// deals, then to the lowest number.
func (s *scheduler) least(d, by *worker, tasks []int32, now int64) {
	d.loads = d.loads[:0]
	for _, w := range s.workers[:s.limit.Load()] {
		l := load{w.load(now), w.id + 1}
		if w == by {
			l.turn = 0
		}
		d.loads = append(d.loads, l)
	}
	d.loads.init()
	d.receiver = d.receiver[:0]
	for _, t := range tasks {
		w := d.loads[0].turn - 1
		if w < 0 {
			w = by.id
		}
		d.receiver = append(d.receiver, w)
		d.loads.add(s.weight[t])
	}
}

// distribute hands each receiver its tasks, in order.
func (s *scheduler) distribute(d, by *worker, tasks []int32) {
	if len(tasks) == 1 {
		s.hand(by, s.workers[d.receiver[0]], tasks)
		return
	}
	counts := d.counts[:0]
	for range len(s.workers) + 1 {
		counts = append(counts, 0)
	}
	for _, w := range d.receiver {
		counts[w]++
	}
	sum := int32(0)
	for i, n := range counts { // from sizes to where each share starts
		counts[i] = sum
		sum += n
	}
	if cap(d.mine) < len(tasks) {
		d.mine = make([]int32, 2*len(tasks))
	}
	shares := d.mine[:len(tasks)]
	for i, w := range d.receiver {
		shares[counts[w]] = tasks[i]
		counts[w]++ // in the end where its share ends
	}
	d.counts = counts
	from := int32(0)
	for i, w := range s.workers {
		if to := counts[i]; to > from {
			s.hand(by, w, shares[from:to])
			from = to
		}
	}
}

// hand puts tasks into a worker's queue and sees to it that somebody comes.
func (s *scheduler) hand(by, to *worker, tasks []int32) {
	sum := int64(0)
	for _, t := range tasks {
		sum += s.weight[t]
	}
	to.queued.Add(sum)
	if by == to || by == nil {
		to.fill(tasks, s.o.Policy == Table)
	} else {
		to.inbox.add(tasks)
	}
	switch {
	case by == to:
	case s.sleep.strike(to.id):
		s.wake(to)
	case s.sleep.count.Load() > 0:
		// It looked idle and may have started a task since, or it is busy and a
		// worker parked meanwhile: somebody can steal.
		s.wakeAny()
	}
}

// loads is a heap of workers' loads, the least at 0.
type loads []load

type load struct {
	nanoseconds int64
	turn        int32 // breaks ties
}

func (a load) before(b load) bool {
	return a.nanoseconds < b.nanoseconds || a.nanoseconds == b.nanoseconds && a.turn < b.turn
}

func (l loads) init() {
	for i := len(l)/2 - 1; i >= 0; i-- {
		l.down(i)
	}
}

// add adds to the least load.
func (l loads) add(nanoseconds int64) {
	l[0].nanoseconds += nanoseconds
	l.down(0)
}

func (l loads) down(i int) {
	x := l[i]
	for {
		c := 2*i + 1
		if c >= len(l) {
			break
		}
		if c+1 < len(l) && l[c+1].before(l[c]) {
			c++
		}
		if x.before(l[c]) {
			break
		}
		l[i] = l[c]
		i = c
	}
	l[i] = x
}
