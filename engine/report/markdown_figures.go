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
		m.put("| %s | **%s** | %s | %s |\n", name, value, picture, means)
	}
	share := func(name string, x float64, past func(Past) float64, means string) {
		picture := meter(x)
		if past != nil && len(trend) > 0 {
			picture = trend.of(past, x, 1, percent)
		}
		row(name, percent(finite(x)), picture, means)
	}
	row("time", duration(m.r.Run.Seconds), trend.of(func(p Past) float64 { return p.Seconds }, m.r.Run.Seconds, 0, duration), "from start to report")
	workers := fmt.Sprint(s.Workers)
	if s.Log.Allowed >= s.Workers {
		workers = fmt.Sprintf("%d of %d", s.Workers, s.Log.Allowed)
	}
	row("workers", workers, trend.of(func(p Past) float64 { return float64(p.Workers) }, float64(s.Workers), 0, func(x float64) string { return fmt.Sprintf("%.0f", x) }), "used, of those allowed")
	share("efficiency", s.Efficiency, func(p Past) float64 { return p.Efficiency }, "busy / life of the workers")
	row("speedup", speedup(s.Speedup), trend.of(func(p Past) float64 { return p.Speedup }, s.Speedup, 0, speedup), "work / makespan, estimated")
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

// jobs are the shards of a merged report, beside the longest.
func (m *markdown) jobs() {
	jobs := m.r.Run.Jobs
	if len(jobs) == 0 {
		return
	}
	sum, most := 0.0, 0.0
	for _, j := range jobs {
		sum += finite(j.Makespan)
		most = max(most, finite(j.Makespan))
	}
	m.put("### Jobs\n\n| shard | makespan | | work | workers | efficiency | exit code |\n| --: | --: | :-- | --: | --: | --: | --: |\n")
	for _, j := range jobs[:min(len(jobs), mostDetail)] {
		workers := "–"
		if j.Workers > 0 {
			workers = fmt.Sprintf("%d to %d", j.FirstWorker, j.FirstWorker+j.Workers-1)
		}
		m.put("| %d | **%s** | %s | %s | %s | %s | %d |\n", j.Shard, duration(j.Makespan), meter(ratio(j.Makespan, most)), duration(j.Work), workers, percent(finite(j.Efficiency)), j.ExitCode)
	}
	if rest := len(jobs) - mostDetail; rest > 0 {
		m.put("\nand %s\n", Plural(rest, "more job", "more jobs"))
	}
	m.put("\n<sub>the longest took %.2f times as long as the mean</sub>\n\n", ratio(most, sum/float64(len(jobs))))
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
		value += ", " + duration(m.r.Cache.Seconds)
	}
	row("cache saved", value, "", Plural(m.r.Cache.Verdicts, "verdict", "verdicts")+" of unchanged files known")
}

// meter is a share as a bar of 10 cells.
func meter(share float64) string {
	n := int(math.Round(10 * clamp(share)))
	return "`" + strings.Repeat("█", n) + strings.Repeat("░", 10-n) + "`"
}

// duration is seconds in the unit that suits them, to three digits.
func duration(s float64) string {
	switch s = finite(s); {
	case s >= 999.5:
		return fmt.Sprintf("%.0f s", s)
	case s >= 0.9995:
		return fmt.Sprintf("%.3g s", s)
	case s >= 0.0009995:
		return fmt.Sprintf("%.3g ms", s*1e3)
	case s < 1e-9: // what differences of floats leave
		return "0 µs"
	}
	return fmt.Sprintf("%.3g µs", s*1e6)
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

// of is one figure over the runs, this one last, as a line of blocks, and what it
// usually is: plain text, which shows wherever Markdown does. Full is the value of a
// full block; 0 is the largest.
func (t trend) of(figure func(Past) float64, now, full float64, name func(float64) string) string {
	if len(t) == 0 {
		return ""
	}
	values := make([]float64, 0, len(t)+1)
	for _, p := range t {
		values = append(values, max(0, finite(figure(p))))
	}
	before := slices.Sorted(slices.Values(values))
	values = append(values, max(0, finite(now)))
	if full == 0 {
		full = slices.Max(values)
	}
	var b strings.Builder
	for _, v := range values {
		b.WriteRune([]rune("▁▂▃▄▅▆▇█")[int(math.Round(7*clamp(ratio(v, full))))])
	}
	return "`" + b.String() + "` usually " + name(before[len(before)/2])
}

func speedup(x float64) string { return fmt.Sprintf("%.2f×", finite(x)) }
