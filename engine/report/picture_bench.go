package report

import (
	"fmt"
	"io"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// Comparison writes a bench for people: its figures as a table, and the criteria.
// Notes are sentences about how it was made.
func Comparison(w io.Writer, c *trace.Comparison, notes []string, o PictureOptions) error {
	p := newPicture(w, o)
	p.comparisonHead(c)
	p.line("")
	p.figures(c)
	p.criteria(c.Criteria)
	if len(notes) > 0 {
		p.line("")
	}
	for _, n := range notes {
		p.say("note: " + Printable(n))
	}
	return p.Flush()
}

// comparisonHead says what was run. A virtual clock gives the same on any machine.
func (p *picture) comparisonHead(c *trace.Comparison) {
	parts := []string{p.paint(bold, p.fit("bench of "+orUnknown(c.Workload), p.width-2)), Plural(c.Workers, "worker", "workers"),
		Plural(c.Runs, "run", "runs") + " of each mode", Printable(orUnknown(c.Clock)) + " clock"}
	if c.Files > 0 {
		parts = append(parts, Plural(c.Files, "file", "files"))
	}
	if c.Clock != "virtual" {
		parts = append(parts, fmt.Sprintf("%s/%s with %s", Printable(c.Machine.OS), Printable(c.Machine.Arch), Plural(c.Machine.CPUs, "CPU", "CPUs")))
	}
	p.wrap(parts...)
}

// comparison: makespans as bars, with the lower bound, and the figures.
func (p *picture) comparison(c *trace.Comparison) {
	p.title("comparison", fmt.Sprintf("makespan: median of %s, least %s most", Plural(c.Runs, "run", "runs"), p.to))
	names, longest, most := 0, 0.0, 0
	for _, m := range c.Modes {
		names = max(names, printedWidth(p.name(m)))
		longest = max(longest, m.Makespan.Max)
		most = max(most, printedWidth(p.span(m.Makespan)))
	}
	fixed := barrierFixed(c)
	cells := p.width - 2 - names - 2 - len(" 999.50 ms") - 2 - most - 2 - len("-12.3 %")
	wide := cells >= 10
	if !wide {
		cells = p.width - 2 - names - 2 - len(" 999.50 ms")
	}
	for _, m := range c.Modes {
		name := p.name(m)
		line := fmt.Sprintf("  %s%s  %s%10s", name, strings.Repeat(" ", names-printedWidth(name)),
			p.paint(modeColor(m), p.bar(ratio(m.Makespan.Median, longest), cells)), p.seconds(m.Makespan.Median))
		if wide {
			line += fmt.Sprintf("  %*s  %s", most, p.span(m.Makespan), p.saved(m, fixed))
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
	p.line("")
	p.figures(c)
}

// name is a mode's name where it is narrow too.
func (p *picture) name(m trace.Mode) string { return p.fit(m.Name(), min(24, p.width/3)) }

func modeColor(m trace.Mode) string {
	switch m.Mode {
	case "adaptive-warm":
		return green
	case "adaptive-cold":
		return cyan
	}
	return yellow
}

// span is least to most, with one unit.
func (p *picture) span(s trace.Spread) string {
	return p.seconds(s.Min) + " " + p.to + " " + p.seconds(s.Max)
}

// barrierFixed is the mode that others are compared with; nil where there is none.
func barrierFixed(c *trace.Comparison) *trace.Mode {
	for i, m := range c.Modes {
		if m.Mode == "fixed" && m.Barrier {
			return &c.Modes[i]
		}
	}
	return nil
}

// saved is how much shorter than fixed a mode is.
func (p *picture) saved(m trace.Mode, fixed *trace.Mode) string {
	if fixed == nil || fixed.Makespan.Median <= 0 || m.Mode == fixed.Mode && m.Barrier == fixed.Barrier {
		return ""
	}
	change := fmt.Sprintf("%+.1f %%", 100*(m.Makespan.Median/fixed.Makespan.Median-1))
	if change == "-0.0 %" || change == "+0.0 %" {
		return "0.0 %"
	}
	return change
}

// figures is the table of the modes.
func (p *picture) figures(c *trace.Comparison) {
	fixed := barrierFixed(c)
	columns := []column{{name: "mode", left: true}, {name: "makespan"}, {name: "95 % interval"}, {name: "to fixed"}, {name: "/ bound"},
		{name: "efficiency"}, {name: "util."}, {name: "idle"}, {name: "load var."}, {name: "pred."}, {name: "steals"}, {name: "speedup"}, {name: "measured"}}
	for _, m := range c.Modes {
		interval := p.seconds(m.Makespan.Low) + " " + p.to + " " + p.seconds(m.Makespan.High)
		bound, predicted := p.dash, p.dash
		if m.LowerBound > 0 {
			bound = fmt.Sprintf("%.3f", m.Makespan.Median/m.LowerBound)
		}
		if m.Mode == "adaptive-warm" {
			predicted = percents(m.PredictionError)
		}
		for i, cell := range []string{p.name(m), p.seconds(m.Makespan.Median), interval, p.saved(m, fixed), bound,
			percent(m.Efficiency), percent(m.Utilization), percent(m.Idle), percents(m.LoadVariance), predicted,
			fmt.Sprint(m.Steals), fmt.Sprintf("%.2f", m.Speedup), fmt.Sprintf("%.2f", m.SpeedupMeasured)} {
			columns[i].cells = append(columns[i].cells, cell)
		}
	}
	p.table(columns)
}

// criteria: the promised figures beside the measured ones.
func (p *picture) criteria(cs []trace.Criterion) {
	columns := []column{{left: true}, {name: "criterion", left: true}, {name: "promised"}, {name: "measured"}}
	for _, c := range cs {
		verdict := p.paint(red, p.failed)
		switch {
		case c.Short:
			verdict = p.paint(dim, "too short")
		case c.Pass:
			verdict = p.paint(green, p.pass)
		}
		for i, cell := range []string{verdict, p.fit(c.Name, 40), p.fit(c.Target, 20), measured(c)} {
			columns[i].cells = append(columns[i].cells, cell)
		}
	}
	p.title("criteria", reached(cs))
	if p.width >= 72 {
		p.table(columns)
		return
	}
	for i, c := range columns[1].cells {
		p.line("  %s  %s", columns[0].cells[i], p.fit(c, p.width-12))
		p.line("          %s", p.fit(columns[2].cells[i]+", "+columns[3].cells[i], p.width-10))
	}
}

// reached says how many of the criteria that could be judged were reached.
func reached(cs []trace.Criterion) string {
	pass, short := 0, 0
	for _, c := range cs {
		switch {
		case c.Short:
			short++
		case c.Pass:
			pass++
		}
	}
	switch {
	case short == 0:
		return fmt.Sprintf("%d of %d promised figures reached", pass, len(cs))
	case short == len(cs):
		return "the run was too short to judge"
	}
	return fmt.Sprintf("%d of %d promised figures reached, %d too short to judge", pass, len(cs)-short, short)
}

// measured writes a criterion's figure in the unit of its target.
func measured(c trace.Criterion) string {
	if !strings.HasSuffix(c.Target, "%") {
		return fmt.Sprintf("%.3f", c.Measured)
	}
	if c.Measured != 0 && c.Measured > -1 && c.Measured < 1 {
		return fmt.Sprintf("%.3f %%", c.Measured)
	}
	return percents(c.Measured)
}
