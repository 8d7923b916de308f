package sched

import (
	"math"
	"sort"
)

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

// What deciding may cost: a simulation's price per task in nanoseconds
// (BenchmarkDecide: 300 to 800 on two busy cores), and the share of the predicted
// makespan that may be spent. Below always tasks it is always simulated.
const (
	taskPrice = 500
	share     = 0.0005
	always    = 8
)

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
		if j.o.Policy != Adaptive {
			return j.most, best
		}
		return j.byBounds(), best
	}
	best = j.simulate(j.weight, j.most)
	if j.o.Policy != Adaptive {
		return j.most, best
	}
	return j.smallest(best)
}

// smallest returns the smallest number of workers whose simulated makespan is
// near the best, in each of the worlds. Numbers whose lower bound is beyond that
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
	worlds := j.worlds()
	bests := make([]int64, len(worlds))
	spans := make([][]int64, j.most+1) // by number of workers and world
	try := func(k int) {
		for i, durations := range worlds {
			spans[k] = append(spans[k], j.simulate(durations, k))
			if k == j.most || spans[k][i] < bests[i] {
				bests[i] = spans[k][i]
			}
		}
	}
	good := func(k int) bool {
		for i, span := range spans[k] {
			if !near(span, bests[i]) {
				return false
			}
		}
		return true
	}
	try(j.most)
	if j.affordable(best / int64(j.most*len(worlds))) {
		for k := from; k < j.most; k++ {
			try(k)
		}
		for from < j.most && !good(from) {
			from++
		}
	} else {
		from += sort.Search(j.most-from, func(i int) bool {
			try(from + i)
			return good(from + i)
		})
	}
	return from, spans[from][0]
}

// worlds returns the estimates, and where they are in doubt, what the tasks may
// take as well: each longer or shorter by Options.Doubt, as a hash says, so that
// a number of workers which stands on one estimate alone is not chosen.
func (j *job) worlds() [][]int64 {
	worlds := [][]int64{j.weight}
	if !(j.o.Doubt > 0) {
		return worlds
	}
	factor := 1 + min(j.o.Doubt, 10)
	for world := range uint64(3) {
		durations := make([]int64, len(j.weight))
		for r, w := range j.weight {
			if mix(world<<32+uint64(r))&1 == 0 {
				durations[r] = int64(min(float64(w)*factor, float64(w)+float64(math.MaxInt64/4)/float64(len(j.weight))))
			} else {
				durations[r] = int64(float64(w) / factor)
			}
		}
		worlds = append(worlds, durations)
	}
	return worlds
}

// mix is the output function of SplitMix64 (Steele, Lea and Flood, OOPSLA 2014).
func mix(x uint64) uint64 {
	x += 0x9e3779b97f4a7c15
	x = (x ^ x>>30) * 0xbf58476d1ce4e5b9
	x = (x ^ x>>27) * 0x94d049bb133111eb
	return x ^ x>>31
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
