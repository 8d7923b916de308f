package profile

import (
	"cmp"
	"math"
	"slices"
)

// unknownSeconds is the estimate where nothing is known.
const unknownSeconds = 0.01

// Basis says what an estimate stands on.
type Basis int8

// What an estimate stands on, best first.
const (
	FromRule  Basis = iota // the rule, on this class of machine
	FromClass              // the rule, on another class of machine
	FromKind               // the median rule of its kind
	FromNone               // nothing: 0.01 s
)

var basisNames = [...]string{"rule", "class", "kind", "none"}

// String returns the basis's name.
func (b Basis) String() string { return basisNames[b] }

// Cost is what a rule costs, as far as it is known: seconds = Fixed + PerByte x
// bytes + PerFile x files. It is a value, cheap to ask and safe to share.
//
// The coefficients are those of the cost model, times 1 + k (r - 1) where r is
// the seconds of the latest samples over what the model says for them. k is the
// positive-part James-Stein factor 1 - se^2/d^2, with d the mean by which they are
// off and se its standard error: chance leaves k near 0, a change of three
// standard errors makes it 0.89.
type Cost struct {
	Fixed   float64 // seconds of a task, whatever its size
	PerByte float64 // seconds
	PerFile float64 // seconds
	// FileShare and ByteShare are the parts of what a sweep offers that the rule
	// judges; 1 where that is not known.
	FileShare, ByteShare float64
	CPUs                 float64 // processors that a command keeps busy; 0 where not known
	Memory               int64   // bytes of a command at its peak; 0 where not known
	FindingsRate         float64 // probability that a run finds something
	// Told, of 0 to 1, is how well the samples tell Fixed from what grows with the
	// size: 1 / (1 + h), with h the leverage of a task of no size. Samples of one size
	// say what a task takes, and nothing of what it would take were it smaller.
	Told  float64
	Basis Basis

	fit     fit
	samples float64
}

// Estimate is a prediction for one task.
type Estimate struct {
	Seconds float64
	// StdErr is the standard error of Seconds: how well the mean task of that size
	// is known. As large as Seconds where there are too few samples to tell.
	StdErr float64
	// Spread is the standard deviation of one task around Seconds, in which the
	// standard error is contained.
	Spread float64
	Known  bool // it stands on the rule itself, on this class of machine
}

// Estimate predicts a task that judges so many bytes in so many files. What
// comes back is never NaN, infinite or negative; negative sizes count as 0.
func (c *Cost) Estimate(bytes int64, files int) Estimate {
	return c.estimate(float64(max(0, bytes)), float64(max(0, files)))
}

// Offered predicts a task to which so many files are offered, of which the rule
// judges its learned share.
func (c *Cost) Offered(bytes int64, files int) Estimate {
	return c.estimate(float64(max(0, bytes))*c.ByteShare, float64(max(0, files))*c.FileShare)
}

func (c *Cost) estimate(x, y float64) Estimate {
	e := Estimate{Seconds: min(c.Fixed+c.PerByte*x+c.PerFile*y, maxSeconds), Known: c.Basis == FromRule}
	e.StdErr, e.Spread = e.Seconds, e.Seconds
	if c.samples > 1 && c.fit.variance >= 0 {
		v, h := c.fit.variance, c.fit.leverage(x, y)
		e.StdErr, e.Spread = deviation(v*h), deviation(v*(1+h))
	}
	return e
}

// deviation is the root of a variance, at most maxSeconds. A leverage without end, as
// a hostile profile can have, says nothing of any size, even where no sample is off.
func deviation(variance float64) float64 {
	if d := math.Sqrt(variance); d <= maxSeconds {
		return d
	}
	return maxSeconds
}

// Cost returns what the model says.
func (m *Model) Cost() Cost {
	c := Cost{fit: m.fit(), samples: m.n, CPUs: m.CPUs(), Memory: m.Memory(), FindingsRate: m.FindingsRate()}
	c.FileShare, c.ByteShare = m.shares()
	f := m.follow(&c.fit)
	c.Fixed, c.PerByte, c.PerFile = f*c.fit.a, f*c.fit.b, f*c.fit.c
	c.Told = m.told()
	if m.n == 0 || !sane(c.Fixed, maxSeconds) || !sane(c.PerByte, maxSeconds) || !sane(c.PerFile, maxSeconds) {
		c.Fixed, c.PerByte, c.PerFile, c.samples = unknownSeconds, 0, 0, 0
	}
	return c
}

// follow returns the factor by which the latest samples change the fit.
func (m *Model) follow(f *fit) float64 {
	l := m.latest
	said := f.a*l.n + f.b*l.x + f.c*l.y
	if m.n < 3 || l.n < 1 || !(said > 0) {
		return 1
	}
	d := (l.s - said) / l.n
	k := 1 - f.variance/(l.n*d*d)
	if !(k > 0) || math.IsInf(k, 0) {
		return 1
	}
	return 1 + k*(l.s/said-1)
}

// median returns the cost of the median rule: the middle one by its seconds at
// the typical size of all, or the mean of the two in the middle.
func median(models []*Model) (Cost, bool) {
	type known struct {
		cost Cost
		at   float64
	}
	var all []known
	var x, y float64
	for _, m := range models {
		if m.n > 0 {
			x += m.x
			y += m.y
			all = append(all, known{cost: m.Cost()})
		}
	}
	if len(all) == 0 {
		return Cost{}, false
	}
	n := float64(len(all))
	for i := range all {
		all[i].at = all[i].cost.estimate(x/n, y/n).Seconds
	}
	slices.SortFunc(all, func(a, b known) int {
		return cmp.Or(cmp.Compare(a.at, b.at), cmp.Compare(a.cost.Fixed, b.cost.Fixed), cmp.Compare(a.cost.PerByte, b.cost.PerByte))
	})
	lo, hi := all[(len(all)-1)/2].cost, all[len(all)/2].cost
	return Cost{
		Fixed: (lo.Fixed + hi.Fixed) / 2, PerByte: (lo.PerByte + hi.PerByte) / 2, PerFile: (lo.PerFile + hi.PerFile) / 2,
		FileShare: (lo.FileShare + hi.FileShare) / 2, ByteShare: (lo.ByteShare + hi.ByteShare) / 2,
		CPUs: (lo.CPUs + hi.CPUs) / 2, Memory: lo.Memory/2 + hi.Memory/2,
		FindingsRate: 0.5, Basis: FromKind,
	}, true
}
