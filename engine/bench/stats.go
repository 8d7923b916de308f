package bench

import (
	"math/rand/v2"
	"slices"

	"github.com/sot-validator/sot/engine/trace"
)

// resamples is enough for the ends of a 95 % interval of a handful of runs.
const resamples = 2000

// median returns the middle value, or the mean of the middle two; 0 of none.
func median(xs []float64) float64 {
	if len(xs) == 0 {
		return 0
	}
	s := slices.Sorted(slices.Values(xs))
	if n := len(s); n%2 == 0 {
		return (s[n/2-1] + s[n/2]) / 2
	}
	return s[len(s)/2]
}

// spread is the median with its least, its most, and its 95 % percentile bootstrap
// interval (Efron 1979). The draws are seeded: equal samples give equal intervals.
func spread(xs []float64, seed uint64) trace.Spread {
	if len(xs) == 0 {
		return trace.Spread{}
	}
	random := rand.New(rand.NewPCG(seed, uint64(len(xs))))
	medians := make([]float64, resamples)
	draw := make([]float64, len(xs))
	for i := range medians {
		for k := range draw {
			draw[k] = xs[random.IntN(len(xs))]
		}
		medians[i] = median(draw)
	}
	slices.Sort(medians)
	return trace.Spread{
		Median: median(xs), Min: slices.Min(xs), Max: slices.Max(xs),
		Low: medians[resamples*25/1000], High: medians[resamples*975/1000-1],
	}
}

// medianOf is the median of one figure over runs.
func medianOf(runs []*trace.Schedule, figure func(*trace.Schedule) float64) float64 {
	xs := make([]float64, len(runs))
	for i, r := range runs {
		xs[i] = figure(r)
	}
	return median(xs)
}

// medianRun is the run whose makespan is nearest to the median.
func medianRun(runs []*trace.Schedule) *trace.Schedule {
	m := medianOf(runs, func(s *trace.Schedule) float64 { return s.Makespan })
	return slices.MinFunc(runs, func(a, b *trace.Schedule) int {
		da, db := abs(a.Makespan-m), abs(b.Makespan-m)
		switch {
		case da < db:
			return -1
		case da > db:
			return 1
		}
		return 0
	})
}

func abs(x float64) float64 { return max(x, -x) }
