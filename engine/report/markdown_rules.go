package report

import (
	"cmp"
	"fmt"
	"slices"
)

const (
	mostSlowest = 10 // rows of the slowest rules
	mostSlower  = 10 // rules that became slower
	mostQuiet   = 50 // rows of rules that did not run
	mostDetail  = 32 // rows of workers, and of batches
)

// slower names the rules that took longer than what was learned of them.
func (m *markdown) slower() {
	if len(m.r.Slow) == 0 {
		return
	}
	m.put("### 🐌 Became slower\n\n| rule | this run | expected | |\n| :-- | --: | --: | :-- |\n")
	for _, x := range m.r.Slow[:min(len(m.r.Slow), mostSlower)] {
		m.put("| %s | **%s** | %s ± %s | %s |\n", MarkdownCode(cut(x.Rule, mostName)), duration(x.Seconds),
			duration(x.Expected), duration(x.Deviation), times(x.Seconds, x.Expected))
	}
	m.put("\n")
	if rest := len(m.r.Slow) - mostSlower; rest > 0 {
		m.put("and %s\n\n", Plural(rest, "more rule", "more rules"))
	}
}

func times(a, b float64) string {
	if finite(b) <= 0 {
		return ""
	}
	return fmt.Sprintf("%.1f×", finite(a/b))
}

// slowest is the table of the rules that took most, beside what was learned.
func (m *markdown) slowest() {
	rules := slices.DeleteFunc(slices.Clone(m.r.Rules), func(x RuleResult) bool { return x.Seconds <= 0 || finite(x.Seconds) == 0 })
	if len(rules) == 0 {
		return
	}
	sum := 0.0
	for _, x := range rules {
		sum += x.Seconds
	}
	slices.SortStableFunc(rules, func(a, b RuleResult) int { return cmp.Or(cmp.Compare(b.Seconds, a.Seconds), cmp.Compare(a.ID, b.ID)) })
	m.put("### Slowest rules\n\n| rule | took | share | expected | a task, as learned | files |\n| :-- | --: | :-- | --: | --: | --: |\n")
	for _, x := range rules[:min(len(rules), mostSlowest)] {
		expected, learned, files := "–", "–", fmt.Sprint(x.Files)
		if x.Estimated > 0 {
			expected = duration(x.Estimated)
		}
		if l := x.Learned; l != nil && l.Tasks > 0 {
			learned = duration(l.Mean) + " ± " + duration(l.Deviation) + fmt.Sprintf(" (%.0f)", finite(l.Tasks))
		}
		if x.Cached > 0 {
			files += fmt.Sprintf(" (%d known)", x.Cached)
		}
		m.put("| %s | **%s** | %s | %s | %s | %s |\n", MarkdownCode(cut(x.ID, mostName)), duration(x.Seconds), meter(ratio(x.Seconds, sum)), expected, learned, files)
	}
	if rest := len(rules) - mostSlowest; rest > 0 {
		left := 0.0
		for _, x := range rules[mostSlowest:] {
			left += x.Seconds
		}
		m.put("| and %s | %s | %s | | | |\n", Plural(rest, "faster rule", "faster rules"), duration(left), meter(ratio(left, sum)))
	}
	m.put("\n<sub>a task, as learned: mean ± standard deviation of earlier runs (how many)</sub>\n\n")
}

// batches are the dependency levels and the workers, for who asks.
func (m *markdown) batches() {
	s := m.r.Schedule
	if s == nil || len(s.Batches) == 0 {
		return
	}
	m.put("<details><summary>%s, %s</summary>\n\n", Plural(len(s.Batches), "batch", "batches"), Plural(len(s.WorkersDetail), "worker", "workers"))
	m.put("| batch | rules | tasks | workers | time | efficiency | steals |\n| --: | --: | --: | --: | --: | --: | --: |\n")
	for _, b := range s.Batches[:min(len(s.Batches), mostDetail)] {
		m.put("| %d | %d | %d | %d | %s | %s | %d |\n", b.ID, b.Rules, b.Tasks, b.Workers, duration(b.Seconds), percent(finite(b.Efficiency)), b.Steals)
	}
	if rest := len(s.Batches) - mostDetail; rest > 0 {
		m.put("\nand %s\n", Plural(rest, "more batch", "more batches"))
	}
	m.put("\n| worker | busy | | stealing | idle | tasks | stolen | donated |\n| --: | --: | :-- | --: | --: | --: | --: | --: |\n")
	for _, w := range s.WorkersDetail[:min(len(s.WorkersDetail), mostDetail)] {
		m.put("| %d | %s | %s | %s | %s | %d | %d | %d |\n", w.ID, duration(w.Busy), meter(ratio(w.Busy, w.Life)),
			duration(w.Steal), duration(w.Idle()), w.Tasks, w.Stolen, w.Donated)
	}
	if rest := len(s.WorkersDetail) - mostDetail; rest > 0 {
		m.put("\nand %s\n", Plural(rest, "more worker", "more workers"))
	}
	m.put("\n</details>\n\n")
}

// quiet are the rules that did not run, with the reason: nothing is passed over
// silently.
func (m *markdown) quiet() {
	var rows []string
	for _, x := range m.r.Rules {
		if x.Status == Skipped {
			rows = append(rows, fmt.Sprintf("| %s | %s |\n", MarkdownCode(cut(x.ID, mostName)), MarkdownText(cut(x.Reason, mostNote))))
		}
	}
	if len(rows) == 0 {
		return
	}
	m.put("<details><summary>%s did not run</summary>\n\n| rule | why |\n| :-- | :-- |\n", Plural(len(rows), "rule", "rules"))
	room := m.o.Limit / 8
	shown := 0
	for _, row := range rows[:min(len(rows), mostQuiet)] {
		if room -= len(row); room < 0 {
			break
		}
		m.WriteString(row)
		shown++
	}
	if rest := len(rows) - shown; rest > 0 {
		m.put("\nand %s\n", Plural(rest, "more rule", "more rules"))
	}
	m.put("\n</details>\n\n")
}
