package report

import (
	"fmt"
	"math"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// The curve's frame, in the picture's own units: about a pixel each on a phone.
const (
	curveWidth, curveHeight  = 360.0, 230.0
	curveLeft, curveRight    = 52.0, 12.0
	curveTop, curveBottom    = 14.0, 38.0
	curveInsideX, curveYSize = curveWidth - curveLeft - curveRight, curveHeight - curveTop - curveBottom
)

// whatIf is the curve of the makespan over the number of workers.
func (p *page) whatIf(s *trace.Schedule) {
	curve := p.o.WhatIf
	if len(curve) < 2 {
		return
	}
	p.put(`<section aria-labelledby="whatif"><h2 id="whatif">What if</h2>
<p>The makespan of the same tasks with 1 to %d workers on as many processors, from the scheduler's simulation on a virtual clock, each task taking what it took here.</p>
<div class="split"><svg class="chart" viewBox="0 0 %g %g" role="img" aria-label="Makespan over workers; the table beside it has the numbers">`, len(curve), curveWidth, curveHeight)
	top := niceCeil(max(curve[0], s.Makespan))
	x := func(workers float64) float64 { return curveLeft + (workers-1)/float64(len(curve)-1)*curveInsideX }
	y := func(seconds float64) float64 { return curveTop + (1-clamp(ratio(seconds, top)))*curveYSize }
	for i := range 5 {
		v := top * float64(i) / 4
		p.put(`<line class="grid" x1="%.1f" x2="%.1f" y1="%.1f" y2="%.1f"/><text x="%.1f" y="%.1f" text-anchor="end">%s</text>`, curveLeft, curveWidth-curveRight, y(v), y(v), curveLeft-5, y(v)+4, axisSeconds(v, top))
	}
	for i := range curve {
		if n := i + 1; n == 1 || n%2 == 0 || len(curve) <= 8 {
			p.put(`<text x="%.1f" y="%.1f" text-anchor="middle">%d</text>`, x(float64(n)), curveHeight-curveBottom+15, n)
		}
	}
	p.put(`<text x="%.1f" y="%.1f" text-anchor="middle">workers</text>`, curveLeft+curveInsideX/2, curveHeight-6)
	var simulated, bound strings.Builder
	for i, seconds := range curve {
		fmt.Fprintf(&simulated, "%.1f,%.1f ", x(float64(i+1)), y(seconds))
		fmt.Fprintf(&bound, "%.1f,%.1f ", x(float64(i+1)), y(boundWith(s, i+1)))
	}
	p.put(`<polyline class="bound" points="%s"/><polyline class="curve" points="%s"/>`, bound.String(), simulated.String())
	for i, seconds := range curve {
		p.put(`<circle class="dot" cx="%.1f" cy="%.1f" r="2.6"/>`, x(float64(i+1)), y(seconds))
	}
	if s.Log.Allowed >= 1 && s.Log.Allowed <= len(curve) {
		p.put(`<circle class="here" cx="%.1f" cy="%.1f" r="5.5"/>`, x(float64(s.Log.Allowed)), y(s.Makespan))
	}
	p.put(`</svg><div><ul class="legend"><li><i class="line-curve"></i>simulated</li><li><i class="line-bound"></i>lower bound</li><li><i class="ring"></i>this run, %s allowed</li></ul>`, Plural(s.Log.Allowed, "worker", "workers"))
	p.put(`<details open><summary>Table</summary><table><thead><tr><th scope="col" class="n">workers</th><th scope="col" class="n">makespan</th><th scope="col" class="n">lower bound</th><th scope="col" class="n">speedup</th></tr></thead><tbody>`)
	for i, t := range curve {
		p.put(`<tr><th scope="row" class="n">%d</th><td class="n">%s</td><td class="n">%s</td><td class="n">%.2f ×</td></tr>`, i+1, seconds(t), seconds(boundWith(s, i+1)), ratio(curve[0], t))
	}
	p.put("</tbody></table></details></div></div></section>\n")
}

// boundWith is the lower bound with so many workers.
func boundWith(s *trace.Schedule, workers int) float64 {
	return max(s.Work/float64(workers), s.CriticalPath)
}

// niceCeil is the least of 1, 2, 2.5, 4, 5, 8 and 10 times a power of ten that x does
// not exceed: its quarters are short numbers.
func niceCeil(x float64) float64 {
	if !(x > 0) {
		return 1
	}
	power := math.Pow(10, math.Floor(math.Log10(x)))
	for _, m := range []float64{1, 2, 2.5, 4, 5, 8} {
		if x <= m*power {
			return m * power
		}
	}
	return 10 * power
}

// axisSeconds writes a mark of an axis that ends at top.
func axisSeconds(v, top float64) string {
	switch {
	case v == 0:
		return "0"
	case top < 0.001:
		return fmt.Sprintf("%.4g µs", v*1e6)
	case top < 1:
		return fmt.Sprintf("%.4g ms", v*1e3)
	}
	return fmt.Sprintf("%.4g s", v)
}
