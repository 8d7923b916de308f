package profile

import (
	"math"
	"math/rand/v2"
	"testing"

	"pgregory.net/rapid"
)

func TestCostFindsThePlane(t *testing.T) {
	for _, c := range []struct{ a, b, c float64 }{
		{0.5, 0, 0}, {0.01, 3e-9, 0}, {0.01, 0, 2e-5}, {0.2, 1e-8, 1e-4}, {0, 1e-8, 0}, {0, 0, 1e-3}, {0, 2e-9, 1e-4},
	} {
		r := rand.New(rand.NewPCG(1, 2))
		m := &Model{}
		for range 60 {
			o := Observation{Kind: "k", Bytes: r.Int64N(1e7), Files: 1 + r.IntN(200)}
			o.Seconds = c.a + c.b*float64(o.Bytes) + c.c*float64(o.Files)
			m.add(&o, m.Updated)
		}
		cost := m.Cost()
		for _, at := range []struct {
			bytes int64
			files int
		}{{0, 0}, {5e6, 100}, {1e8, 2000}} {
			want := c.a + c.b*float64(at.bytes) + c.c*float64(at.files)
			if got := cost.Estimate(at.bytes, at.files).Seconds; math.Abs(got-want) > 0.01*want+1e-3*(c.a+c.b*5e6+c.c*100) {
				t.Errorf("%v at %v: %v, want %v", c, at, got, want)
			}
		}
	}
}

// Bytes and files that grow together, as chunks' do, leave no slope to chance.
func TestCostOfColumnsThatGrowTogether(t *testing.T) {
	r := rand.New(rand.NewPCG(3, 4))
	m := &Model{}
	for range 40 {
		files := 1 + r.IntN(100)
		m.add(&Observation{Kind: "k", Files: files, Bytes: int64(files) * 1000, Seconds: 1e-3 * float64(files) * (0.95 + 0.1*r.Float64())}, m.Updated)
	}
	cost := m.Cost()
	if got := cost.Estimate(500_000, 500).Seconds; got < 0.4 || got > 0.6 {
		t.Errorf("%v, want about 0.5; %+v", got, cost)
	}
}

// Neither chance nor two samples make a prediction grow faster than the size.
func TestPredictionsGrowAtMostAsTheSize(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := modelOf(drawObservations(t, 1))
		f := m.fit()
		k := rapid.Float64Range(1, 1e6).Draw(t, "times")
		x, y := rapid.Float64Range(0, maxBytes).Draw(t, "bytes"), rapid.Float64Range(0, maxFiles).Draw(t, "files")
		if got, most := f.at(k*x, k*y), k*f.at(x, y); got > most*(1+1e-9) {
			t.Fatalf("%v at %v times a size of %v", got, k, most/k)
		}
		if f.a > 0 && f.at(k*m.x, k*m.y) > k*m.s*(1+1e-9) {
			t.Fatalf("%+v is above the mean %v", f, m.s)
		}
		if f.a < 0 || f.b < 0 || f.c < 0 {
			t.Fatalf("%+v", f)
		}
	})
}

// The fit is the best that is not negative: no other plane has less penalised
// error, wherever it is looked for.
func TestFitIsTheBest(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := modelOf(drawObservations(t, 2))
		lambda := 1/(m.n*m.n) + 1e-6
		objective := func(a, b, c float64) float64 {
			return m.sse(a, b, c) + lambda*(b*b*m.xx+c*c*m.yy)
		}
		f := m.fit()
		best := objective(f.a, f.b, f.c)
		unit := func(v float64) float64 { return m.s / max(v, 1) }
		for range 30 {
			a := rapid.Float64Range(0, 2).Draw(t, "a") * m.s
			b := rapid.Float64Range(0, 2).Draw(t, "b") * unit(m.x)
			c := rapid.Float64Range(0, 2).Draw(t, "c") * unit(m.y)
			w := rapid.SampledFrom([]float64{1, 0.1, 1e-3}).Draw(t, "step") // towards it from the fit
			a, b, c = f.a+w*(a-f.a), f.b+w*(b-f.b), f.c+w*(c-f.c)
			if o := objective(a, b, c); o < best-1e-7*(best+m.ss) {
				t.Fatalf("%v %v %v has %v, the fit %+v has %v", a, b, c, o, f, best)
			}
		}
	})
}

// Whatever is in a model, what comes out is a number that is not negative.
func TestEstimatesAreNumbers(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		m := &Model{Kind: "k"}
		for _, f := range fields {
			v := rapid.OneOf(rapid.Just(0.0), rapid.Float64Range(0, 10), rapid.Float64Range(0, f.limit), rapid.Just(f.limit)).Draw(t, f.name)
			if f.sign && rapid.Bool().Draw(t, "negative") {
				v = -v
			}
			*f.of(m) = v
		}
		c := m.Cost()
		for _, e := range []Estimate{
			c.Estimate(rapid.Int64().Draw(t, "bytes"), rapid.Int().Draw(t, "files")),
			c.Offered(rapid.Int64().Draw(t, "bytes"), rapid.Int().Draw(t, "files")),
			c.Estimate(math.MinInt64, math.MinInt), c.Offered(math.MaxInt64, math.MaxInt),
		} {
			for _, v := range []float64{e.Seconds, e.StdErr, e.Spread, c.CPUs, c.FindingsRate, c.FileShare, c.ByteShare, m.SD()} {
				if !(v >= 0) || math.IsInf(v, 0) {
					t.Fatalf("%+v of %+v", e, m)
				}
			}
		}
		if c.Memory < 0 || c.FileShare > 1 || c.ByteShare > 1 {
			t.Fatalf("%+v", c)
		}
	})
}

// No residuals times a leverage that overflows is no number.
func TestLeverageWithoutEnd(t *testing.T) {
	m := &Model{Kind: "k", moments: moments{n: 3e11, x: 4e-276, s: 6e6, xx: 1e45, yy: 2.5e-278, ss: 1e46, xs: 1e46}}
	c := m.Cost()
	e := c.Estimate(math.MaxInt64, math.MaxInt)
	if !(e.StdErr >= 0 && e.StdErr <= maxSeconds) || !(e.Spread >= e.StdErr && e.Spread <= maxSeconds) {
		t.Errorf("%+v", e)
	}
}

func TestStandardError(t *testing.T) {
	r := rand.New(rand.NewPCG(5, 6))
	m := &Model{}
	for range 50 {
		m.add(&Observation{Kind: "k", Seconds: 1 + 0.1*r.NormFloat64()}, m.Updated)
	}
	c := m.Cost()
	e := c.Estimate(0, 0)
	if e.StdErr < 0.008 || e.StdErr > 0.02 || e.Spread < 0.07 || e.Spread > 0.13 {
		t.Errorf("%+v: 50 samples of standard deviation 0.1", e)
	}
	one := secondsOf(3).Cost()
	if e := one.Estimate(0, 0); e.Seconds != 3 || e.StdErr != 3 {
		t.Errorf("one sample: %+v", e)
	}
}

// runs saves n runs of one sample each.
func runs(m *Model, n int, seconds func() float64) {
	for range n {
		m.fade()
		m.merge(secondsOf(seconds()))
	}
}

// A rule that got slower is believed within a few runs, whether it has one
// sample a run or hundreds; and noise is not taken for a change.
func TestSlowerRuleIsBelievedWithinAFewRuns(t *testing.T) {
	r := rand.New(rand.NewPCG(7, 8))
	noisy := func(mean float64) func() float64 {
		return func() float64 { return mean * (1 + 0.1*r.NormFloat64()) }
	}
	m := &Model{}
	runs(m, 100, noisy(1))
	estimate := func() float64 { c := m.Cost(); return c.Estimate(0, 0).Seconds }
	if e := estimate(); math.Abs(e-1) > 0.1 {
		t.Fatalf("after 100 runs of 1 s: %v", e)
	}
	runs(m, 5, noisy(3))
	if e := estimate(); e < 2.4 || e > 3.3 {
		t.Errorf("five runs after it takes 3 s: %v", e)
	}

	many := &Model{}
	run := func(mean float64) {
		many.fade()
		var s []float64
		for range 300 {
			s = append(s, noisy(mean)())
		}
		many.merge(secondsOf(s...))
	}
	for range 10 {
		run(1)
	}
	run(3)
	c := many.Cost()
	if e := c.Estimate(0, 0).Seconds; e < 2.8 || e > 3.2 {
		t.Errorf("one run of 300 samples after it takes 3 s: %v", e)
	}
}

// Latest samples within their standard error change nothing.
func TestChanceIsNotFollowed(t *testing.T) {
	m := &Model{}
	high := false
	runs(m, 40, func() float64 {
		high = !high
		if high {
			return 1.1
		}
		return 0.9
	})
	c := m.Cost()
	if e := c.Estimate(0, 0).Seconds; math.Abs(e-m.Mean()) > 1e-12 || math.Abs(m.latest.s/m.latest.n-m.Mean()) < 0.01 {
		t.Errorf("%v, the mean is %v, that of the latest %v", e, m.Mean(), m.latest.s/m.latest.n)
	}
}

func TestSharesOfASweep(t *testing.T) {
	m := &Model{}
	for range 4 {
		m.add(&Observation{Kind: "k", Files: 10, Bytes: 100, Offered: 40, OfferedBytes: 1000, Seconds: 0.1}, m.Updated)
	}
	c := m.Cost()
	if c.FileShare != 0.25 || c.ByteShare != 0.1 {
		t.Errorf("%+v", c)
	}
	m.add(&Observation{Kind: "k", Files: 7, Bytes: 9, Seconds: 0.1}, m.Updated) // offered nothing: says nothing
	if c := m.Cost(); c.FileShare != 0.25 || c.ByteShare != 0.1 {
		t.Errorf("%+v", c)
	}
	if c := secondsOf(1).Cost(); c.FileShare != 1 || c.ByteShare != 1 {
		t.Errorf("nothing known: %+v", c)
	}
}

func TestCommandResources(t *testing.T) {
	m := &Model{}
	m.add(&Observation{Kind: "command", Seconds: 2, CPUSeconds: 6, PeakMemory: 100}, m.Updated)
	m.add(&Observation{Kind: "command", Seconds: 4, CPUSeconds: 6, PeakMemory: 300}, m.Updated)
	m.add(&Observation{Kind: "command", Seconds: 50}, m.Updated) // no accounting
	if c := m.Cost(); c.CPUs != 2 || c.Memory != 300 {
		t.Errorf("%+v", c)
	}
}

func TestFindingsRate(t *testing.T) {
	m := &Model{}
	if r := m.FindingsRate(); r != 0.5 {
		t.Errorf("never seen: %v", r)
	}
	for i := range 8 {
		m.judged("k", i == 0, m.Updated)
	}
	if r := m.FindingsRate(); r != 0.2 {
		t.Errorf("1 of 8: %v", r)
	}
}
