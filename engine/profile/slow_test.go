package profile

import (
	"math/rand/v2"
	"path/filepath"
	"testing"
)

// learned returns a profile that knows rules by some runs.
func learned(t *testing.T, n int, run func(p *Profile)) *Profile {
	t.Helper()
	path := filepath.Join(t.TempDir(), "p.json")
	for range n {
		p := load(t, path)
		run(p)
		for rule, m := range p.delta.classes[p.class] {
			p.Judged(rule, m.Kind, false)
		}
		save(t, p)
	}
	return load(t, path)
}

func TestSlowRules(t *testing.T) {
	r := rand.New(rand.NewPCG(9, 10))
	var scale float64
	run := func(p *Profile) {
		bytes := r.Int64N(1e6)
		p.Observe(Observation{Rule: "by-size", Kind: "k", Bytes: bytes, Files: 1, Seconds: scale * (0.01 + 1e-6*float64(bytes)) * (1 + 0.02*r.NormFloat64())})
		observe(p, "tiny", scale*10e-6*(1+0.02*r.NormFloat64()))
		observe(p, "steady", 1)
	}
	scale = 1
	p := learned(t, 10, run)
	run(p)
	if s := p.Slow(); len(s) != 0 {
		t.Errorf("a run like the others: %+v", s)
	}
	p = learned(t, 10, run)
	p.Observe(Observation{Rule: "by-size", Kind: "k", Bytes: 10e6, Files: 1, Seconds: 10}) // ten times the largest, in proportion
	observe(p, "steady", 1.1)                                                              // far beyond 3 sigmas, but 10 % alone
	observe(p, "tiny", 100e-6)                                                             // ten times, but microseconds
	observe(p, "new", 100)
	if s := p.Slow(); len(s) != 0 {
		t.Errorf("%+v", s)
	}
	p = learned(t, 10, run)
	p.Observe(Observation{Rule: "by-size", Kind: "k", Bytes: 1e5, Files: 1, Seconds: 0.3}) // 0.11 expected, though 1 s was seen
	observe(p, "steady", 1.3, 1.3)
	s := p.Slow()
	if len(s) != 2 || s[0].Rule != "by-size" || s[1].Rule != "steady" {
		t.Fatalf("%+v", s)
	}
	if s[0].Actual != 0.3 || s[0].Expected < 0.1 || s[0].Expected > 0.12 || s[0].SD <= 0 || s[0].SD > 0.05 {
		t.Errorf("%+v", s[0])
	}
	if s[1].Actual != 2.6 || s[1].Expected != 2 {
		t.Errorf("two tasks: %+v", s[1])
	}
	p.Observe(Observation{Rule: "steady", Kind: "another", Seconds: 1})
	if s := p.Slow(); len(s) != 1 {
		t.Errorf("a rule of another kind now: %+v", s)
	}
}

// What is within three standard deviations is no news, however many seconds.
func TestUnsteadyRuleRaisesNoAlarm(t *testing.T) {
	i := 0
	p := learned(t, 20, func(p *Profile) {
		i++
		observe(p, "r", 1+float64(i%5)/2) // 1 to 3 s: mean 2, standard deviation 0.7
	})
	for _, c := range []struct {
		seconds float64
		slow    int
	}{{3.5, 0}, {6, 1}} {
		p.delta = NewStore()
		observe(p, "r", c.seconds)
		if s := p.Slow(); len(s) != c.slow {
			t.Errorf("%v s: %+v", c.seconds, s)
		}
	}
}

func TestSevenSamplesAreTooFewForAnAlarm(t *testing.T) {
	for n, want := range map[int]int{7: 0, 8: 1} {
		p := learned(t, n, func(p *Profile) { observe(p, "r", 1) })
		observe(p, "r", 5)
		if s := p.Slow(); len(s) != want {
			t.Errorf("%d samples: %+v", n, s)
		}
	}
}
