package report

import (
	"fmt"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// modes are a bench's modes side by side: bars, and the table behind them.
func (p *page) modes(c *trace.Comparison) {
	p.put(`<section aria-labelledby="comparison"><h2 id="comparison">Comparison</h2><p>Makespan of each mode: the median of %s, with the least and the most as a line through the bar's end. The mark is the lower bound.</p><div class="modes">`, Plural(c.Runs, "run", "runs"))
	longest := 0.0
	for _, m := range c.Modes {
		longest = max(longest, m.Makespan.Max)
	}
	fixed := barrierFixed(c)
	for _, m := range c.Modes {
		at := func(seconds float64) float64 { return 100 * clamp(ratio(seconds, longest)) }
		p.put(`<div class="mode"><b>%s</b><span class="value">%s <small>%s</small></span>`, m.Name(), seconds(m.Makespan.Median), savedText(m, fixed))
		p.put(`<svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="%s" width="%.2f" height="10"/><rect class="whisker" x="%.2f" y="4" width="%.2f" height="2"/><rect class="bound" x="%.2f" width="0.6" height="10"/></svg></div>`,
			modeClass(m), at(m.Makespan.Median), at(m.Makespan.Min), max(0.3, at(m.Makespan.Max)-at(m.Makespan.Min)), min(99.4, at(m.LowerBound)))
	}
	p.put(`</div><div class="scroll" role="region" aria-labelledby="comparison" tabindex="0"><table class="dense"><thead><tr><th scope="col">mode</th>`)
	for _, h := range []string{"makespan", "least – most", "95 % interval", "/ bound", "efficiency", "utilization", "idle", "load var.", "pred. error", "overhead", "steals", "speedup", "measured"} {
		p.put(`<th scope="col" class="n">%s</th>`, h)
	}
	p.put(`</tr></thead><tbody>`)
	for _, m := range c.Modes {
		bound, predicted := "none", "none"
		if m.LowerBound > 0 {
			bound = fmt.Sprintf("%.3f", m.Makespan.Median/m.LowerBound)
		}
		if m.Mode == "adaptive-warm" {
			predicted = fmt.Sprintf("%.1f %%", m.PredictionError)
		}
		p.put(`<tr><th scope="row">%s</th>`, m.Name())
		for _, cell := range []string{seconds(m.Makespan.Median), seconds(m.Makespan.Min) + " – " + seconds(m.Makespan.Max), seconds(m.Makespan.Low) + " – " + seconds(m.Makespan.High),
			bound, percent(m.Efficiency), percent(m.Utilization), percent(m.Idle), fmt.Sprintf("%.1f %%", m.LoadVariance), predicted,
			fmt.Sprintf("%.3f %%", 100*m.ProfilingOverhead), fmt.Sprint(m.Steals), fmt.Sprintf("%.2f ×", m.Speedup), fmt.Sprintf("%.2f ×", m.SpeedupMeasured)} {
			p.put(`<td class="n">%s</td>`, cell)
		}
		p.put(`</tr>`)
	}
	p.put("</tbody></table></div></section>\n")
}

func modeClass(m trace.Mode) vetted {
	switch m.Mode {
	case "adaptive-warm":
		return "busy"
	case "adaptive-cold":
		return "b1"
	}
	return "b7"
}

// savedText says how a mode's makespan stands to that of fixed with barriers.
func savedText(m trace.Mode, fixed *trace.Mode) string {
	if fixed == nil || fixed.Makespan.Median <= 0 || m.Mode == fixed.Mode && m.Barrier == fixed.Barrier {
		return ""
	}
	switch change := 100 * (m.Makespan.Median/fixed.Makespan.Median - 1); {
	case change < -0.05:
		return fmt.Sprintf("%.1f %% shorter", -change)
	case change > 0.05:
		return fmt.Sprintf("%.1f %% longer", change)
	}
	return "the same"
}

// checklist holds the promised figures against the measured ones.
func (p *page) checklist(cs []trace.Criterion) {
	if len(cs) == 0 {
		return
	}
	verdict := reached(cs)
	p.put(`<section aria-labelledby="criteria"><h2 id="criteria">Criteria</h2><p>%s.</p>
<table class="criteria"><thead><tr><th scope="col">criterion</th><th scope="col" class="n">promised</th><th scope="col" class="n">measured</th><th scope="col">verdict</th></tr></thead><tbody>`, strings.ToUpper(verdict[:1])+verdict[1:])
	for _, c := range cs {
		p.put(`<tr><th scope="row" class="name">%s</th><td class="n">%s</td><td class="n">%s</td>`, c.Name, c.Target, measured(c))
		switch {
		case c.Short:
			p.put(`<td>too short to judge</td></tr>`)
		case c.Pass:
			p.put(`<td class="pass">✓ pass</td></tr>`)
		default:
			p.put(`<td class="fail">✗ fail</td></tr>`)
		}
	}
	p.put("</tbody></table></section>\n")
}
