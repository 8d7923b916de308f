package profile

import (
	"math"
	"testing"

	"pgregory.net/rapid"
)

func secondsOf(values ...float64) *Model {
	m := &Model{}
	for _, v := range values {
		m.add(&Observation{Rule: "r", Kind: "k", Seconds: v}, m.Updated)
	}
	return m
}

func TestVarianceOfFewSamples(t *testing.T) {
	for _, c := range []struct {
		values   []float64
		mean, sd float64
	}{
		{nil, 0, 0},
		{[]float64{1}, 1, 0},
		{[]float64{1, 3}, 2, math.Sqrt2},
		{[]float64{2, 4, 4, 4, 5, 5, 7, 9}, 5, math.Sqrt(32.0 / 7)},
		{[]float64{1e6 + 4, 1e6 + 7, 1e6 + 13, 1e6 + 16}, 1e6 + 10, math.Sqrt(30)},
	} {
		m := secondsOf(c.values...)
		if math.Abs(m.Mean()-c.mean) > 1e-9 || math.Abs(m.SD()-c.sd) > 1e-9 || m.Count() != float64(len(c.values)) {
			t.Errorf("%v: mean %v, sd %v, count %v", c.values, m.Mean(), m.SD(), m.Count())
		}
	}
}

// drawObservations draws what a run could see: sizes and times over many orders
// of magnitude.
func drawObservations(t *rapid.T, least int) []Observation {
	return rapid.SliceOfN(rapid.Custom(func(t *rapid.T) Observation {
		o := Observation{
			Rule: "r", Kind: "k",
			Seconds: 1e-9 * float64(rapid.OneOf(rapid.Int64Range(0, 1e6), rapid.Int64Range(0, 1e11)).Draw(t, "nanoseconds")),
			Bytes:   rapid.Int64Range(0, 1e9).Draw(t, "bytes"),
			Files:   rapid.IntRange(0, 5000).Draw(t, "files"),
		}
		if rapid.Bool().Draw(t, "sweep") {
			o.Offered = o.Files + rapid.IntRange(0, 100).Draw(t, "offered")
			o.OfferedBytes = o.Bytes + rapid.Int64Range(0, 1e6).Draw(t, "offered bytes")
		}
		if rapid.Bool().Draw(t, "command") {
			o.CPUSeconds = rapid.Float64Range(0, 100).Draw(t, "cpu")
			o.PeakMemory = rapid.Int64Range(0, 1e10).Draw(t, "memory")
		}
		return o
	}), least, 40).Draw(t, "observations")
}

func modelOf(obs []Observation) *Model {
	m := &Model{}
	for i := range obs {
		m.add(&obs[i], m.Updated)
	}
	return m
}

func sum(ms ...*Model) *Model {
	all := &Model{}
	for _, m := range ms {
		all.merge(m)
	}
	return all
}

// same compares all numbers of two models, each relative to what it is made of:
// a co-moment to the product of its two standard deviations.
func same(t *rapid.T, what string, a, b *Model) {
	t.Helper()
	scale := func(m *Model, name string) float64 {
		x, y, s := math.Sqrt(m.xx+m.n*m.x*m.x), math.Sqrt(m.yy+m.n*m.y*m.y), math.Sqrt(m.ss+m.n*m.s*m.s)
		switch name {
		case "m2":
			return s * s
		case "bytes_m2":
			return x * x
		case "files_m2":
			return y * y
		case "bytes_files":
			return x * y
		case "bytes_seconds":
			return x * s
		case "files_seconds":
			return y * s
		}
		return 0
	}
	for _, f := range fields {
		v, w := *f.of(a), *f.of(b)
		if math.Abs(v-w) > 1e-9*max(math.Abs(v), math.Abs(w), scale(a, f.name))+1e-200 {
			t.Fatalf("%s: %s is %v and %v", what, f.name, v, w)
		}
	}
}

func TestMergingEqualsOneStream(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		obs := drawObservations(t, 0)
		i := rapid.IntRange(0, len(obs)).Draw(t, "first part")
		k := rapid.IntRange(i, len(obs)).Draw(t, "second part")
		a, b, c := modelOf(obs[:i]), modelOf(obs[i:k]), modelOf(obs[k:])
		one := modelOf(obs)
		same(t, "one stream", sum(a, b, c), one)
		same(t, "associative", sum(sum(a, b), c), sum(a, sum(b, c)))
		same(t, "commutative", sum(a, b), sum(b, a))
		if len(obs) > 0 {
			if d := math.Abs(sum(a, b, c).SD() - one.SD()); d > 1e-9*(1+one.SD()) {
				t.Fatalf("standard deviation is off by %v", d)
			}
		}
	})
}

// The same against two passes over the samples, which cannot drift.
func TestMomentsAgainstTwoPasses(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		obs := drawObservations(t, 1)
		n := float64(len(obs))
		var want Model
		want.n = n
		for _, o := range obs {
			want.x += float64(o.Bytes) / n
			want.y += float64(o.Files) / n
			want.s += o.Seconds / n
		}
		want.min, want.max = math.Inf(1), 0
		for _, o := range obs {
			x, y, s := float64(o.Bytes)-want.x, float64(o.Files)-want.y, o.Seconds-want.s
			want.xx, want.yy, want.ss = want.xx+x*x, want.yy+y*y, want.ss+s*s
			want.xy, want.xs, want.ys = want.xy+x*y, want.xs+x*s, want.ys+y*s
			want.min, want.max = min(want.min, o.Seconds), max(want.max, o.Seconds)
		}
		got := modelOf(obs)
		got = &Model{moments: got.moments, min: got.min, max: got.max}
		same(t, "two passes", got, &want)
	})
}

func TestFadingChangesWeightsAlone(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		obs := drawObservations(t, 1)
		for len(obs) <= fadeAbove {
			obs = append(obs, obs...)
		}
		before, after := modelOf(obs), modelOf(obs)
		after.fade()
		if after.n != before.n/2 || after.latest.n > latestWeight {
			t.Fatalf("weights %v and %v", after.n, after.latest.n)
		}
		for what, v := range map[string][2]float64{
			"mean":     {before.s, after.s},
			"variance": {before.ss / before.n, after.ss / after.n},
			"latest":   {before.latest.s / before.latest.n, after.latest.s / after.latest.n},
			"cpus":     {before.CPUs(), after.CPUs()},
		} {
			if math.Abs(v[0]-v[1]) > 1e-9*v[0] {
				t.Fatalf("%s was %v and is %v", what, v[0], v[1])
			}
		}
	})
}

func TestFadingBegins(t *testing.T) {
	fifty := make([]float64, 50)
	m := secondsOf(fifty...)
	m.fade()
	if m.n != 50 {
		t.Errorf("50 samples fade to %v", m.n)
	}
	m = secondsOf(append(fifty, 0)...)
	m.fade()
	if m.n != 25.5 {
		t.Errorf("51 samples fade to %v", m.n)
	}
}
