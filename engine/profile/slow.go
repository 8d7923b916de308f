package profile

import (
	"math"
	"slices"
	"strings"
)

// When a rule is called slow.
const (
	slowSamples = 8    // the least samples that the model must have, and of so many runs
	slowSigmas  = 3    // standard deviations
	slowShare   = 0.2  // and at least so much of what was expected
	slowSeconds = 0.05 // and at least so many seconds
)

// Slow is a rule that ran slower than its model says.
type Slow struct {
	Rule     string
	Expected float64 // seconds of all its tasks in this run
	Actual   float64 // seconds
	SD       float64 // standard deviation of Expected
}

// Slow returns the rules that ran 3 standard deviations slower in this run than
// their cost models say for the bytes and files that they judged, sorted by rule.
// Ask before Save.
//
// The standard deviation is that of one task around the fit (the root of the sum
// of squared residuals / (n - coefficients)) and of the fit at that size, times
// the tasks: a rule's tasks in one run are taken to be slow together, as they are
// on a busy machine, so that many of them do not make small differences count.
// So that the noise of a rule of microseconds does not, it must have been at least
// 50 ms and 20 % slower besides: what nobody waits for is no news. A model of fewer
// than 8 samples, or of fewer than 8 runs, says nothing: the samples of one run are
// alike, and a first run finds no file in the page cache.
func (p *Profile) Slow() []Slow {
	p.mu.Lock()
	defer p.mu.Unlock()
	var slow []Slow
	for rule, d := range p.delta.classes[p.class] {
		m := p.base.classes[p.class][rule]
		if m == nil || m.n < slowSamples || m.runs < slowSamples || d.n == 0 || m.Kind != d.Kind {
			continue
		}
		c := m.Cost()
		mean := c.estimate(d.x, d.y) // linear: the mean task stands for all
		s := Slow{Rule: rule, Expected: mean.Seconds * d.n, Actual: d.s * d.n, SD: mean.Spread * d.n}
		over := s.Actual - s.Expected
		if over > slowSigmas*s.SD && over >= math.Max(slowSeconds, slowShare*s.Expected) {
			slow = append(slow, s)
		}
	}
	slices.SortFunc(slow, func(a, b Slow) int { return strings.Compare(a.Rule, b.Rule) })
	return slow
}
