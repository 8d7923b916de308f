package bench

import (
	"slices"
	"testing"

	"pgregory.net/rapid"
)

func TestMedian(t *testing.T) {
	for _, c := range []struct {
		xs   []float64
		want float64
	}{{nil, 0}, {[]float64{3}, 3}, {[]float64{5, 1, 2}, 2}, {[]float64{4, 1, 2, 9}, 3}} {
		if got := median(c.xs); got != c.want {
			t.Errorf("%v: %g", c.xs, got)
		}
	}
}

func TestSpreadIsOrderedAndRepeats(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		xs := rapid.SliceOfN(rapid.Float64Range(0, 100), 1, 12).Draw(t, "samples")
		s := spread(xs, 7)
		if !slices.IsSorted([]float64{s.Min, s.Low, s.Median, s.High, s.Max}) {
			t.Fatalf("%+v", s)
		}
		if again := spread(xs, 7); again != s {
			t.Fatalf("%+v, then %+v", s, again)
		}
	})
}

// The interval of the median of many draws of one distribution holds its true
// median about as often as it says.
func TestIntervalHoldsTheMedian(t *testing.T) {
	held := 0
	const trials = 200
	for trial := range trials {
		xs := make([]float64, 15)
		x := uint64(trial + 1)
		for i := range xs {
			x = x*6364136223846793005 + 1442695040888963407
			xs[i] = float64(x>>11) / (1 << 53)
		}
		if s := spread(xs, uint64(trial)); s.Low <= 0.5 && 0.5 <= s.High {
			held++
		}
	}
	if held < trials*85/100 {
		t.Errorf("the median was in %d of %d intervals of 95 %%", held, trials)
	}
}
