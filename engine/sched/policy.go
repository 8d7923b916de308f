package sched

import "sort"

// table is the original's number of workers for so many tasks.
func table(tasks, most int) int {
	n := most
	switch {
	case tasks <= 1:
		n = 1
	case tasks <= 3:
		n = 2
	case tasks <= 10:
		n = 4
	case tasks <= 50:
		n = 8
	}
	return max(1, min(n, most))
}

// enough is how near to the best makespan the number of workers must come.
const enough = 1.003

// doubtful is from where on Options.Doubt keeps estimates from deciding on the
// number of workers: few workers then may have the two longest tasks in one row,
// while one too many only retires early.
const doubtful = 0.1

// What deciding may cost: a simulation's price per task in nanoseconds
// (BenchmarkDecide: 300 to 800 on two busy cores), and the share of the predicted
// makespan that may be spent. Below always tasks it is always simulated.
const (
	taskPrice = 500
	share     = 0.0005
	always    = 8
)

// largeShare says which tasks are large: those of at least one part in so many of a
// worker's share of the work. About so much is what a late task can hold the run up.
// With errors of sigma 0.5 and at least 50 tasks a worker, the worst simulated case is
// 1.035 of the lower bound where none is large, 1.009 with 50, 1.012 with 200, 1.005
// with 1000. But only what is not large is dealt into the deques, without a lock.
const largeShare = 50

// leastLarge is the least weight of a large task, with so many workers; 0 where none
// is. It takes learned estimates: those of a cold run tell no task from another.
func (j *job) leastLarge(workers int) int64 {
	if j.o.Policy != Adaptive || !j.o.Warm || workers < 2 {
		return 0
	}
	return max(2, j.work/int64(workers)/largeShare)
}

// decide returns how many workers a run starts with, and the predicted makespan in
// nanoseconds; 0 where nothing was learned, so that nothing is predicted.
func (j *job) decide() (limit int, predicted int64) {
	if !j.o.Warm || len(j.tasks) == 0 {
		return j.most, 0
	}
	best := j.bound(j.most)
	if j.most == 1 {
		return 1, best
	}
	if !j.affordable(best) {
		if j.o.Policy != Adaptive || j.o.Doubt > doubtful {
			return j.most, best
		}
		return j.byBounds(), best
	}
	best = j.simulate(j.weight, j.most)
	if j.o.Policy != Adaptive || j.o.Doubt > doubtful {
		return j.most, best
	}
	return j.smallest(best)
}

// smallest returns the smallest number of workers whose simulated makespan is
// near the best. Numbers whose lower bound is beyond that
// need no simulation; of the others all are tried where that is cheap, because
// fewer workers can be faster (Graham's anomalies), and else a binary search
// takes it that more are not slower.
func (j *job) smallest(best int64) (limit int, predicted int64) {
	from := j.most
	for from > 1 && near(j.bound(from-1), best) {
		from--
	}
	if from == j.most {
		return j.most, best
	}
	spans := make([]int64, j.most+1) // by number of workers
	spans[j.most] = best
	good := func(k int) bool {
		if spans[k] == 0 {
			spans[k] = j.simulate(j.weight, k)
			best = min(best, spans[k])
		}
		return near(spans[k], best)
	}
	if j.affordable(best / int64(j.most)) {
		for k := from; k < j.most; k++ {
			good(k)
		}
		for from < j.most && !good(from) {
			from++
		}
	} else {
		from += sort.Search(j.most-from, func(i int) bool { return good(from + i) })
	}
	good(from)
	return from, spans[from]
}

func near(span, best int64) bool { return float64(span) <= enough*float64(best) }

// affordable says whether simulating costs little beside so long a run.
func (j *job) affordable(makespan int64) bool {
	return len(j.tasks) <= always || float64(len(j.tasks))*taskPrice <= share*float64(makespan)
}

// bound is the lower bound of the makespan with so many workers.
func (j *job) bound(workers int) int64 {
	return max((j.work+int64(workers)-1)/int64(workers), j.critical)
}

// byBounds chooses without simulation: list scheduling needs at most
// work / workers + critical path (Graham 1969).
func (j *job) byBounds() int {
	best := j.bound(j.most)
	for k := 1; k < j.most; k++ {
		atMost := j.work/int64(k) + int64(float64(j.critical)*float64(k-1)/float64(k))
		if near(atMost, best) {
			return k
		}
	}
	return j.most
}
