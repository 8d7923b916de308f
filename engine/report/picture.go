package report

import (
	"bufio"
	"fmt"
	"io"
	"math"
	"slices"
	"strings"

	"github.com/rivo/uniseg"
)

// PictureNames are the pictures that Pictures draws, in its order.
func PictureNames() []string {
	return []string{"utilization", "stealing", "efficiency", "timeline", "comparison", "criteria"}
}

// PictureOptions say how pictures are drawn on a terminal.
type PictureOptions struct {
	Show    []string // of PictureNames; empty is all
	Width   int      // columns; 0 is 80. Below 40 it is 40, above 160 it is 160.
	Color   bool
	Unicode bool // block characters; else ASCII
}

// Pictures draws a report that was read. What the file cannot show is said where
// the picture would be.
func Pictures(w io.Writer, rec *Record, o PictureOptions) error {
	p := newPicture(w, o)
	p.head(rec)
	for _, name := range PictureNames() {
		if len(o.Show) == 0 || slices.Contains(o.Show, name) {
			p.draw(name, rec, len(o.Show) > 0)
		}
	}
	return p.Flush()
}

type picture struct {
	text
	width int
	glyphs
}

// glyphs are the characters that pictures are made of.
type glyphs struct {
	eighths                   []string // 1/8 to 8/8 of a cell, or the whole alone
	busy, steal, idle         string
	thick, dash, pass, failed string
	none, to, sep, micro      string
}

func newPicture(w io.Writer, o PictureOptions) *picture {
	if o.Width <= 0 {
		o.Width = 80
	}
	p := &picture{text: text{Writer: bufio.NewWriter(w), o: TextOptions{Color: o.Color}}, width: max(40, min(o.Width, 160))}
	p.glyphs = glyphs{eighths: []string{"#"}, busy: "#", steal: "+", idle: ".", thick: "=", dash: "-", pass: "pass", failed: "FAIL", none: ".", to: "to", sep: ", ", micro: "us"}
	if o.Unicode {
		p.glyphs = glyphs{eighths: strings.Split("▏▎▍▌▋▊▉█", ""), busy: "█", steal: "▓", idle: "░", thick: "━", dash: "─", pass: "✓ pass", failed: "✗ FAIL", none: "·", to: "–", sep: " · ", micro: "µs"}
	}
	return p
}

func (p *picture) draw(name string, rec *Record, asked bool) {
	ofRun := map[string]func(*Record){
		"utilization": p.utilization, "stealing": p.stealing, "efficiency": p.efficiency, "timeline": p.timeline,
	}
	switch draw := ofRun[name]; {
	case draw != nil && rec.Schedule != nil:
		draw(rec)
	case draw != nil && asked:
		p.title(name, "")
		p.say("this report has no schedule block, so that there is nothing to draw")
	case name == "comparison" && rec.Comparison != nil:
		p.comparison(rec.Comparison)
	case name == "comparison" && asked:
		p.title(name, "")
		p.say("this is the report of one run; `sot bench --output FILE` writes one that compares")
	case name == "criteria" && rec.Comparison != nil:
		p.criteria(rec.Comparison.Criteria)
	case name == "criteria" && rec.Schedule != nil:
		p.criteria(rec.Schedule.Criteria())
	case name == "criteria" && asked:
		p.title(name, "")
		p.say("this report has no schedule block, so that there is nothing to judge")
	}
}

// head says what the file is of.
func (p *picture) head(rec *Record) {
	if c := rec.Comparison; c != nil {
		p.comparisonHead(c)
		if rec.Schedule != nil {
			p.say("pictures of a run are of the median adaptive-warm run")
		}
	} else {
		r := rec.Run
		p.wrap(p.paint(bold, "run"), Plural(len(r.Rules), "rule", "rules"),
			fmt.Sprintf("%s (%s)", Plural(r.Run.Files, "file", "files"), Printable(orUnknown(r.Run.Source))), p.seconds(r.Run.Seconds), fmt.Sprintf("exit code %d", r.Run.ExitCode))
	}
	s := rec.Schedule
	if s == nil {
		p.say("this report has no schedule block: how its tasks ran on the workers was not measured")
		return
	}
	p.wrap(fmt.Sprintf("%s of %d, %s%s, %s", Plural(s.Workers, "worker", "workers"), s.Log.Allowed, Printable(orUnknown(s.Policy)), barriers(s.Barrier), Printable(orUnknown(s.Profile))),
		"makespan "+p.seconds(s.Makespan), "work "+p.seconds(s.Work), "critical path "+p.seconds(s.CriticalPath), "lower bound "+p.seconds(s.LowerBound))
	p.wrap("efficiency "+percent(s.Efficiency), "utilization "+percent(s.Utilization), fmt.Sprintf("speedup %.2f (estimated)", s.Speedup), "optimality "+percent(s.Optimality),
		"idle "+percent(s.Idle), "load variance "+percents(s.LoadVariance), predictions(s.Profile, s.PredictionError), fmt.Sprintf("profiling overhead %.3f %%", 100*s.ProfilingOverhead))
	if rec.SpansLeftOut > 0 {
		p.say(fmt.Sprintf("the file holds the longest %d tasks; the figures are of %d more", len(s.Log.Spans), rec.SpansLeftOut))
	}
}

func barriers(b bool) string {
	if b {
		return " with barriers"
	}
	return ""
}

func predictions(profile string, err float64) string {
	if profile != "warm" {
		return "no prediction (cold)"
	}
	return "prediction error " + percents(err)
}

func orUnknown(s string) string {
	if s == "" {
		return "unknown"
	}
	return s
}

// wrap writes parts with separators, on as many lines as they need.
func (p *picture) wrap(parts ...string) {
	line, width := "", 0
	for _, s := range parts {
		w := printedWidth(s)
		if w > p.width-2 && !strings.Contains(s, "\x1b") {
			s = p.fit(s, p.width-2)
			w = printedWidth(s)
		}
		if width > 0 && width+len(", ")+1+w > p.width {
			p.line("%s", line)
			line, width = "  ", 2
		} else if line != "" {
			line, width = line+p.sep, width+3
		}
		line, width = line+s, width+w
	}
	p.line("%s", line)
}

func (p *picture) title(name, rest string) {
	p.line("")
	t := strings.ToUpper(name[:1]) + name[1:]
	switch {
	case rest == "":
		p.line("%s", p.paint(bold, t))
	case len(t)+2+printedWidth(rest) <= p.width:
		p.line("%s  %s", p.paint(bold, t), p.paint(dim, rest))
	default:
		p.line("%s", p.paint(bold, t))
		p.say(rest)
	}
}

// say writes a sentence, wrapped at words.
func (p *picture) say(s string) {
	line := ""
	for _, word := range strings.Fields(s) {
		word = p.fit(word, p.width-4)
		if line != "" && printedWidth(line)+1+printedWidth(word) > p.width-2 {
			p.line("  %s", line)
			line = ""
		}
		if line != "" {
			line += " "
		}
		line += word
	}
	p.line("  %s", line)
}

// bar is a bar of a fraction of so many cells, padded with spaces.
func (p *picture) bar(fraction float64, cells int) string {
	n := len(p.eighths)
	units := int(math.Round(clamp(fraction) * float64(cells*n)))
	s := strings.Repeat(p.eighths[n-1], units/n)
	used := units / n
	if rest := units % n; rest > 0 {
		s += p.eighths[rest-1]
		used++
	}
	return s + strings.Repeat(" ", cells-used)
}

func clamp(x float64) float64 {
	if !(x > 0) {
		return 0
	}
	return min(x, 1)
}

// fit cuts s to so many columns.
func (p *picture) fit(s string, columns int) string {
	s = Printable(s)
	if uniseg.StringWidth(s) <= columns {
		return s
	}
	var b strings.Builder
	used := 0
	state := -1
	for len(s) > 0 {
		var cluster string
		var w int
		cluster, s, w, state = uniseg.FirstGraphemeClusterInString(s, state)
		if used+w > columns-1 {
			break
		}
		b.WriteString(cluster)
		used += w
	}
	if len(p.eighths) == 1 {
		return b.String() + "~"
	}
	return b.String() + "…"
}

// seconds is a duration for people.
func (p *picture) seconds(s float64) string { return secondsIn(s, p.micro) }

// secondsIn writes seconds in s, ms or microseconds, whose unit's name is given, to
// three digits or hundredths.
func secondsIn(s float64, micro string) string {
	switch {
	case s == 0:
		return "0 s"
	case s < 0.0009995:
		return digits(s*1e6) + " " + micro
	case s < 0.9995:
		return digits(s*1e3) + " ms"
	}
	return digits(s) + " s"
}

func digits(x float64) string {
	switch {
	case x < 99.995:
		return fmt.Sprintf("%.2f", x)
	case x < 999.5:
		return fmt.Sprintf("%.1f", x)
	case x < 1e7:
		return fmt.Sprintf("%.0f", x)
	}
	return fmt.Sprintf("%.3g", x)
}

func percent(fraction float64) string { return percents(100 * fraction) }

// percents writes what is in percent already.
func percents(x float64) string {
	if x >= 1e5 {
		return fmt.Sprintf("%.3g %%", x)
	}
	return fmt.Sprintf("%.1f %%", x)
}

// printedWidth is the number of columns that s takes, without its colours.
func printedWidth(s string) int {
	if strings.Contains(s, "\x1b[") {
		var b strings.Builder
		for {
			before, rest, found := strings.Cut(s, "\x1b[")
			b.WriteString(before)
			if !found {
				break
			}
			_, s, _ = strings.Cut(rest, "m")
		}
		s = b.String()
	}
	return uniseg.StringWidth(s)
}

// column is one column of a table.
type column struct {
	name  string
	left  bool // aligned; else right
	cells []string
	paint string // colour of its cells; "" is none
}

// table writes columns below their names. Columns that do not fit go into a table of
// their own below, behind the first one again.
func (p *picture) table(columns []column) {
	width := func(c column) int {
		w := printedWidth(c.name)
		for _, x := range c.cells {
			w = max(w, printedWidth(x))
		}
		return 2 + w
	}
	for {
		used, fits := width(columns[0]), 1
		for fits < len(columns) && (fits == 1 || used+width(columns[fits]) <= p.width) {
			used += width(columns[fits])
			fits++
		}
		p.rows(columns[:fits], width)
		if fits == len(columns) {
			return
		}
		p.line("")
		columns = append([]column{columns[0]}, columns[fits:]...)
	}
}

func (p *picture) rows(columns []column, width func(column) int) {
	row := func(cell func(column) string, color func(column) string) {
		line := ""
		for _, c := range columns {
			s := cell(c)
			pad := strings.Repeat(" ", width(c)-2-printedWidth(s))
			if s = p.paintIf(color(c), s); c.left {
				line += "  " + s + pad
			} else {
				line += "  " + pad + s
			}
		}
		p.line("%s", strings.TrimRight(line, " "))
	}
	row(func(c column) string { return c.name }, func(column) string { return dim })
	for r := range columns[0].cells {
		row(func(c column) string { return c.cells[r] }, func(c column) string { return c.paint })
	}
}

func (p *picture) paintIf(color, s string) string {
	if color == "" || s == "" {
		return s
	}
	return p.paint(color, s)
}
