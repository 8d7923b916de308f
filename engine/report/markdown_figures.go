package report

import (
	"fmt"
	"math"
	"slices"
	"strings"
)

// mostPast is how many runs the trend shows, this one included.
const mostPast = 20

// figures is the panel: how the run used the machine, beside the last runs.
func (m *markdown) figures() {
	s := m.r.Schedule
	if s == nil || s.Makespan <= 0 {
		return
	}
	m.put("### How the machine was used\n\n")
	trend := m.trend()
	m.put("| figure | this run | %s | meaning |\n| :-- | --: | :-- | :-- |\n", trend.title())
	row := func(name, value, picture, means string) {
		m.put("| %s | **%s** | %s | <sub>%s</sub> |\n", name, value, picture, means)
	}
	share := func(name string, x float64, past func(Past) float64, means string) {
		picture := meter(x)
		if past != nil {
			if line := trend.of(past, finite(x), 1); line != "" {
				picture = line
			}
		}
		row(name, percent(finite(x)), picture, means)
	}
	row("time", seconds(finite(m.r.Run.Seconds)), trend.of(func(p Past) float64 { return p.Seconds }, m.r.Run.Seconds, 0), "from start to report")
	workers := fmt.Sprint(s.Workers)
	if s.Log.Allowed >= s.Workers {
		workers = fmt.Sprintf("%d of %d", s.Workers, s.Log.Allowed)
	}
	row("workers", workers, trend.of(func(p Past) float64 { return float64(p.Workers) }, float64(s.Workers), 0), "used, of those allowed")
	share("efficiency", s.Efficiency, func(p Past) float64 { return p.Efficiency }, "busy / life of the workers")
	row("speedup", fmt.Sprintf("%.2f×", finite(s.Speedup)), trend.of(func(p Past) float64 { return p.Speedup }, s.Speedup, 0), "work / makespan, estimated")
	share("utilization", s.Utilization, nil, "work / (workers allowed × makespan)")
	share("optimality", s.Optimality, nil, "100 %: no schedule is shorter")
	share("idle", s.Idle, nil, "part of the workers' lives")
	row("steals", fmt.Sprintf("%d of %s", s.Steals, Plural(s.StealAttempts, "attempt", "attempts")), "", "tasks that another worker took over")
	predicted := "none was made"
	if s.Profile == "warm" {
		predicted = percents(finite(s.PredictionError))
	}
	row("prediction error", predicted, "", "of the makespan, by what was learned")
	row("start", MarkdownText(s.Profile), "", "warm: estimates were learned from earlier runs")
	m.saved(row)
	m.put("\n")
}

// saved is what the verdict cache spared.
func (m *markdown) saved(row func(name, value, picture, means string)) {
	files := 0
	for _, x := range m.r.Rules {
		files = max(files, x.Cached)
	}
	if files == 0 && m.r.Cache.Verdicts == 0 {
		row("cache", "nothing known", "", "verdicts of unchanged files")
		return
	}
	value := Plural(files, "file", "files")
	if m.r.Cache.Seconds > 0 {
		value += ", " + seconds(finite(m.r.Cache.Seconds))
	}
	row("cache saved", value, "", Plural(m.r.Cache.Verdicts, "verdict", "verdicts")+" of unchanged files known")
}

// meter is a share as a bar of 10 cells.
func meter(share float64) string {
	n := int(math.Round(10 * clamp(share)))
	return "`" + strings.Repeat("█", n) + strings.Repeat("░", 10-n) + "`"
}

// trend are the last runs before this one.
type trend []Past

func (m *markdown) trend() trend {
	return m.o.Past[max(0, len(m.o.Past)-mostPast+1):]
}

// title is the head of its column.
func (t trend) title() string {
	if len(t) == 0 {
		return " "
	}
	return fmt.Sprintf("last %d runs", len(t)+1)
}

// of is one figure over the runs, this one last, as a line of blocks: plain text, which
// shows wherever Markdown does. Full is the value of a full block; 0 is the largest.
func (t trend) of(figure func(Past) float64, now, full float64) string {
	if len(t) == 0 {
		return ""
	}
	values := make([]float64, 0, len(t)+1)
	for _, p := range t {
		values = append(values, max(0, finite(figure(p))))
	}
	values = append(values, max(0, finite(now)))
	if full == 0 {
		full = slices.Max(values)
	}
	var b strings.Builder
	b.WriteByte('`')
	for _, v := range values {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[int(math.Round(7*clamp(ratio(v, full))))])
	}
	b.WriteByte('`')
	return b.String()
}
