package report

import (
	"cmp"
	"fmt"
	"io"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// MaxSummary is the most bytes of a step's summary: GitHub drops a longer one whole.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions#step-isolation-and-limits
const MaxSummary = 1<<20 - 1

// MarkdownOptions say what a Markdown report shows beside the run. The zero value
// shows the run alone.
type MarkdownOptions struct {
	// Server (https://github.com), Repository (owner/name) and Head (a commit's id)
	// are where the files can be looked at; places have no links where one is empty.
	Server, Repository, Head string
	// Run is the address of a page with more; "" has none.
	Run string
	// Compared and Cache say what was compared with what, and what the cache did.
	Compared, Cache string
	// Changed says whether a line (1-based) is part of the change; nil knows nothing.
	Changed func(path string, line int) bool
	// Unannotated are the findings that stand on no line as annotations.
	Unannotated int
	// Notes are further lines for people, such as what could not be told elsewhere.
	Notes []string
	// Past are earlier runs, oldest first.
	Past []Past
	// Limit is the most bytes that are written; 0 is MaxSummary.
	Limit int
	// Brief leaves out how the run went but for one line of figures.
	Brief bool
}

// Past is an earlier run's figures, for the trend.
type Past struct {
	Seconds             float64
	Workers             int
	Efficiency, Speedup float64
	Findings            int
}

// Markdown writes the report as GitHub flavoured Markdown: the verdict, what to do,
// the findings, the faults, and how the run used the machine. It is no longer than
// o.Limit: tables are cut at a row's border, with a count of what was left out.
//
// Nothing that the report holds is trusted: MarkdownText has the rules.
func Markdown(w io.Writer, r *Report, o MarkdownOptions) error {
	if o.Limit <= 0 {
		o.Limit = MaxSummary
	}
	m := &markdown{r: r, o: o, findings: Prominent(r.remaining(), o.Changed)}
	m.verdict()
	m.faults()
	head := m.take()
	if !o.Brief {
		m.figures()
		m.jobs()
		m.slower()
		m.timeline()
		m.slowest()
		m.batches()
		m.quiet()
	}
	m.footer()
	tail := m.take()
	m.left = o.Limit - len(head) - len(tail) - findingsFrame
	if m.left < 0 {
		tail = ""
		m.left = max(0, o.Limit-len(head)-findingsFrame)
	}
	m.found()
	out := head + m.take() + tail
	if len(out) > o.Limit { // no room for anything but the verdict
		out = head[:strings.LastIndexByte(head[:min(o.Limit, len(head))], '\n')+1]
	}
	_, err := io.WriteString(w, out)
	return err
}

// Prominent returns findings in the order in which people should see them: errors
// on changed lines, other errors, warnings and infos, each by place.
func Prominent(fs []rule.Finding, changed func(path string, line int) bool) []rule.Finding {
	fs = slices.Clone(fs)
	weight := func(f rule.Finding) int {
		if f.Severity == rule.Error && changed != nil && changed(f.Path, f.Line) {
			return int(rule.Error) + 1
		}
		return int(f.Severity)
	}
	slices.SortStableFunc(fs, func(a, b rule.Finding) int {
		return cmp.Or(cmp.Compare(weight(b), weight(a)), rule.Compare(a, b))
	})
	return fs
}

// markdown writes Markdown. What put is given is ours: untrusted strings go
// through MarkdownText, MarkdownCode or link first.
type markdown struct {
	strings.Builder
	r        *Report
	o        MarkdownOptions
	findings []rule.Finding // that stand, the gravest first
	left     int            // bytes that rows may still take
}

func (m *markdown) put(format string, args ...any) { fmt.Fprintf(m, format, args...) }

// take returns what was written, and starts anew.
func (m *markdown) take() string {
	s := m.String()
	m.Reset()
	return s
}

// row writes a table's row where there is room for it, and says whether there was.
func (m *markdown) row(s string) bool {
	if len(s) > m.left {
		return false
	}
	m.left -= len(s)
	m.WriteString(s)
	return true
}

// verdict is what everybody reads: how it ended, what to do, and the key figures.
func (m *markdown) verdict() {
	icon, text := m.outcome()
	m.put("## %s sot: %s\n\n", icon, text)
	if do := m.toDo(); do != "" {
		m.put("%s\n\n", do)
	}
	m.put("%s\n\n", m.glance())
	if m.o.Compared != "" && !m.o.Brief {
		m.put("<sub>compared: %s</sub>\n\n", MarkdownText(cut(m.o.Compared, mostNote)))
	}
}

func (m *markdown) outcome() (icon, text string) {
	errors, warnings, infos, fixed := m.r.Count()
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, Plural(n, one, many))
		}
	}
	add(len(m.r.Faults), "fault", "faults")
	add(errors, "error", "errors")
	add(warnings, "warning", "warnings")
	add(infos, "info", "infos")
	add(fixed, "fixed", "fixed")
	text = strings.Join(parts, ", ")
	if n := paths(m.findings); n > 0 {
		text += " in " + Plural(n, "file", "files")
	}
	switch code := m.r.Run.ExitCode; {
	case code == ExitInterrupted:
		return "🛑", strings.Trim("interrupted: "+text, ": ")
	case code == ExitFault || code == ExitUsage:
		return "🛑", text
	case code == ExitFindings:
		return "❌", text
	case len(m.r.Rules) == 0 && text == "":
		return "⚪", "nothing checked"
	case len(m.findings) > 0:
		return "⚠️", text + ", which does not fail the run"
	case text == "":
		return "✅", "clean"
	}
	return "✅", text
}

// paths counts the files that findings are in.
func paths(fs []rule.Finding) int {
	seen := map[string]bool{}
	for _, f := range fs {
		if f.Path != "" {
			seen[f.Path] = true
		}
	}
	return len(seen)
}

// toDo says what whoever reads it does next.
func (m *markdown) toDo() string {
	var parts []string
	fixable := 0
	for _, f := range m.findings {
		if f.Fixable {
			fixable++
		}
	}
	switch {
	case fixable > 0 && fixable == len(m.findings):
		parts = append(parts, "🔧 **`sot fix` mends all of them.**")
	case fixable > 0:
		parts = append(parts, fmt.Sprintf("🔧 **`sot fix` mends %d of %d** (marked 🔧 below).", fixable, len(m.findings)))
	}
	if n := len(m.r.Faults); n > 0 {
		parts = append(parts, "🛑 "+Plural(n, "fault", "faults")+": **what would have been found there is not known.**")
	}
	return strings.Join(parts, " ")
}

// glance is the line of key figures.
func (m *markdown) glance() string {
	ran, skipped := 0, 0
	for _, x := range m.r.Rules {
		if x.Status == Skipped {
			skipped++
		} else {
			ran++
		}
	}
	parts := []string{Plural(m.r.Run.Files, "file", "files"), Plural(ran, "rule", "rules")}
	if skipped > 0 {
		parts[1] += fmt.Sprintf(" (%d skipped)", skipped)
	}
	parts = append(parts, "**"+duration(m.r.Run.Seconds)+"**")
	if s := m.r.Schedule; s != nil && s.Makespan > 0 {
		parts = append(parts, Plural(s.Workers, "worker", "workers"),
			fmt.Sprintf("efficiency **%.0f %%**", 100*finite(s.Efficiency)),
			fmt.Sprintf("speedup **%.1f×**", finite(s.Speedup)), MarkdownText(s.Profile)+" start")
	}
	return strings.Join(parts, " · ")
}

func (m *markdown) footer() {
	for _, n := range m.o.Notes[:min(len(m.o.Notes), mostNotes)] {
		m.put("- %s\n", MarkdownText(cut(n, mostNote)))
	}
	if len(m.o.Notes) > 0 {
		m.put("\n")
	}
	var parts []string
	if m.o.Cache != "" && !m.o.Brief {
		parts = append(parts, "cache: "+MarkdownText(cut(m.o.Cache, mostNote)))
	}
	if u := trusted(m.o.Run); u != "" {
		parts = append(parts, "[the whole run]("+u+")")
	}
	if m.r.Tool.Version != "" {
		parts = append(parts, "sot "+MarkdownText(cut(m.r.Tool.Version, mostName)))
	}
	if len(parts) > 0 {
		m.put("<sub>%s</sub>\n", strings.Join(parts, " · "))
	}
}

// The most characters of what is shown in a line or a cell.
const (
	mostNotes   = 20
	mostNote    = 500
	mostName    = 120
	mostMessage = 1000
)

// cut cuts s to so many characters and a mark.
func cut(s string, most int) string {
	n := 0
	for i := range s {
		if n == most {
			return s[:i] + "…"
		}
		n++
	}
	return s
}
