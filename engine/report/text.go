package report

import (
	"bufio"
	"fmt"
	"io"
	"slices"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/rivo/uniseg"
	"github.com/sot-validator/sot/engine/rule"
)

// TextOptions say how much the text report shows.
type TextOptions struct {
	Color   bool
	Verbose bool // also rules that passed or were skipped, with their seconds
	Quiet   bool // findings and faults alone: no notes, no summary
	// Raw leaves a diff as it is, for whoever applies it: not for terminals.
	Raw bool
	// Width is the number of columns that a source line may take; 0 is 100.
	Width int
	// StopCommands, where set, is a random token: the text goes to a log whose
	// runner obeys workflow commands, and is put between commands that switch
	// them off. https://docs.github.com/actions/reference/workflow-commands-for-github-actions
	StopCommands string
}

// Text writes the report for people: findings grouped by file, each with its
// source line and a caret, then faults, then one summary line. Only that last
// line differs between two runs over the same input.
func Text(w io.Writer, r *Report, o TextOptions) error {
	if o.Width <= 0 {
		o.Width = 100
	}
	t := &text{Writer: bufio.NewWriter(w), o: o}
	if o.StopCommands != "" {
		t.line("::stop-commands::%s", o.StopCommands)
	}
	if !o.Quiet {
		notes := r.Notes
		if o.Verbose {
			notes = slices.Concat(notes, r.Details)
		}
		for _, n := range notes {
			t.line("%s %s", t.paint(dim, "note:"), Printable(n))
		}
		if len(notes) > 0 {
			t.line("")
		}
	}
	t.findings(r.Findings)
	t.faults(r.Faults)
	if o.Verbose {
		t.rules(r.Rules)
	}
	if len(r.Diff) > 0 {
		t.diff(string(r.Diff))
	}
	t.deferred(r.Deferred)
	if !o.Quiet {
		t.summary(r)
	}
	if o.StopCommands != "" {
		t.line("::%s::", o.StopCommands)
	}
	return t.Flush()
}

// The colours, as SGR parameters.
const (
	bold   = "1"
	dim    = "2"
	red    = "31"
	green  = "32"
	yellow = "33"
	blue   = "34"
	cyan   = "36"
)

type text struct {
	*bufio.Writer
	o TextOptions
}

func (t *text) line(format string, args ...any) {
	// A bufio.Writer keeps its first error, and Flush returns it.
	_, _ = fmt.Fprintf(t, format+"\n", args...)
}

func (t *text) paint(color, s string) string {
	if !t.o.Color {
		return s
	}
	return "\x1b[" + color + "m" + s + "\x1b[0m"
}

// put writes strings and a line end.
func (t *text) put(parts ...string) {
	for _, p := range parts {
		_, _ = t.WriteString(p) // a bufio.Writer keeps its first error, and Flush returns it
	}
	_ = t.WriteByte('\n')
}

// severities are as wide as the widest.
var severities = [...]struct{ color, name string }{
	rule.Info: {blue, "info   "}, rule.Warning: {yellow, "warning"}, rule.Error: {red, "error  "},
}

func (t *text) severity(s rule.Severity) string {
	if s < 0 || int(s) >= len(severities) || severities[s].name == "" {
		return fmt.Sprintf("%-7s", s)
	}
	return t.paint(severities[s].color, severities[s].name)
}

func (t *text) findings(fs []rule.Finding) {
	for i := range fs {
		f := &fs[i]
		if i == 0 || f.Path != fs[i-1].Path {
			if i > 0 {
				t.put()
			}
			t.put(t.paint(bold, PrintablePath(f.Path)))
		}
		t.finding(f)
	}
	if len(fs) > 0 {
		t.line("")
	}
}

func (t *text) finding(f *rule.Finding) {
	place := "-"
	switch {
	case f.Line > 0 && f.Column > 0:
		place = strconv.Itoa(f.Line) + ":" + strconv.Itoa(f.Column)
	case f.Line > 0:
		place = strconv.Itoa(f.Line)
	}
	suffix := ""
	switch {
	case f.Fixed:
		suffix = t.paint(green, "  fixed")
	case f.Fixable:
		suffix = t.paint(dim, "  (--fix mends it)")
	}
	message, rest, _ := strings.Cut(f.Message, "\n")
	t.put("  ", place, spaces(7-len(place)), " ", t.severity(f.Severity), " ", Printable(message), "  ", t.paint(cyan, Printable(f.Rule)), suffix)
	for l := range strings.Lines(rest) {
		t.put("          ", t.paint(dim, "> "), Printable(strings.TrimRight(l, "\n")))
	}
	if f.Line > 0 && f.Text != "" {
		t.source(f)
	}
}

func spaces(n int) string { return strings.Repeat(" ", max(0, n)) }

// source writes the finding's line, cut to the width around the finding, and a
// caret line below.
func (t *text) source(f *rule.Finding) {
	line := runesOf(f.Text)
	n := line.len()
	if f.Column-1 > n {
		return // beyond what is kept of a very long line
	}
	from, to := 0, 0
	if f.Column > 0 {
		from = min(f.Column-1, n)
		to = n
		if f.EndLine <= f.Line && f.EndColumn > 0 {
			to = min(f.EndColumn-1, n)
		}
		to = max(to, from)
	}
	lo := 0
	if from > t.o.Width*3/4 {
		lo = from - t.o.Width/2
	}
	hi := min(n, lo+t.o.Width)
	to = min(to, hi)
	before, marked, after := line.shown(lo, from), line.shown(from, to), line.shown(to, hi)
	if lo > 0 {
		before = "…" + before
	}
	if hi < n {
		after += "…"
	}
	margin := t.paint(dim, "|")
	t.put("          ", margin, " ", before, marked, after)
	if f.Column > 0 {
		t.put("          ", margin, " ", spaces(width(before)), t.paint(red, strings.Repeat("^", max(1, width(marked)))))
	}
}

// runes is a text of which parts are asked for by the numbers of characters.
type runes struct {
	text  string
	split []rune // nil where each character is a byte
}

func runesOf(s string) runes {
	if isPlain(s) {
		return runes{text: s}
	}
	return runes{s, []rune(s)}
}

func (r runes) len() int {
	if r.split == nil {
		return len(r.text)
	}
	return len(r.split)
}

// shown is how a part looks.
func (r runes) shown(from, to int) string {
	if r.split == nil {
		return r.text[from:to]
	}
	return shown(r.split[from:to])
}

// isPlain says whether a text is of printable ASCII alone.
func isPlain(s string) bool {
	for i := range len(s) {
		if s[i] < ' ' || s[i] > '~' {
			return false
		}
	}
	return true
}

// width is the number of columns that a printable text takes.
func width(s string) int {
	if isPlain(s) {
		return len(s)
	}
	return uniseg.StringWidth(s)
}

// shown is how part of a source line looks: a tab is four spaces, a control
// character its escape.
func shown(r []rune) string {
	return Printable(strings.ReplaceAll(string(r), "\t", "    "))
}

func (t *text) faults(fs []rule.Fault) {
	for _, f := range fs {
		id := ""
		if f.Rule != "" {
			id = "  " + t.paint(cyan, Printable(f.Rule))
		}
		message, rest, _ := strings.Cut(f.Message, "\n")
		t.line("%s %s%s", t.paint(red, "fault ("+string(f.Kind)+"):"), Printable(message), id)
		for l := range strings.Lines(rest) {
			t.line("  %s", t.paint(dim, "> ")+Printable(strings.TrimRight(l, "\n")))
		}
	}
	if len(fs) > 0 {
		t.line("")
	}
}

func (t *text) rules(rs []RuleResult) {
	width := 0
	for _, r := range rs {
		width = max(width, len(r.ID))
	}
	for _, r := range rs {
		reason := ""
		if r.Reason != "" {
			reason = "  " + Printable(r.Reason)
		}
		t.line("  %-*s  %-7s  %11s  %12s%s", width, r.ID, r.Status,
			Plural(r.Files, "file", "files"), Plural(r.Findings, "finding", "findings"), reason)
	}
	if len(rs) > 0 {
		t.line("")
	}
}

func (t *text) diff(d string) {
	if t.o.Raw {
		_, _ = t.WriteString(d) // a bufio.Writer keeps its first error, and Flush returns it
		return
	}
	for l := range strings.Lines(d) {
		parts := strings.Split(strings.TrimSuffix(l, "\n"), "\t")
		for i := range parts {
			parts[i] = Printable(parts[i])
		}
		l = strings.Join(parts, "\t")
		color := ""
		switch {
		case strings.HasPrefix(l, "+++"), strings.HasPrefix(l, "---"):
			color = bold
		case strings.HasPrefix(l, "+"):
			color = green
		case strings.HasPrefix(l, "-"):
			color = red
		case strings.HasPrefix(l, "@@"):
			color = cyan
		}
		if color == "" || !t.o.Color {
			t.line("%s", l)
		} else {
			t.line("%s", t.paint(color, l))
		}
	}
}

// deferred names what was left to CI, also where the report is quiet: nothing is
// passed over silently.
func (t *text) deferred(ds []Deferred) {
	if len(ds) == 0 {
		return
	}
	names := make([]string, len(ds))
	for i, d := range ds {
		names[i] = fmt.Sprintf("%s (%.2g s)", Printable(d.Rule), d.Seconds)
	}
	t.line("%s %s", t.paint(yellow, "deferred to CI:"), strings.Join(names, ", "))
}

func (t *text) summary(r *Report) {
	errors, warnings, infos, fixed := r.Count()
	var parts []string
	add := func(n int, color, one, many string) {
		if n > 0 {
			parts = append(parts, t.paint(color, Plural(n, one, many)))
		}
	}
	add(errors, red, "error", "errors")
	add(warnings, yellow, "warning", "warnings")
	add(infos, blue, "info", "infos")
	add(fixed, green, "fixed", "fixed")
	add(len(r.Faults), red, "fault", "faults")
	verdict := strings.Join(parts, ", ")
	switch {
	case len(parts) == 0 && len(r.Rules) == 0:
		verdict = "nothing checked"
	case len(parts) == 0:
		verdict = t.paint(green, "clean")
	}
	t.line("%s: %s, %s (%s), %.2f s%s", verdict,
		ranRules(r.Rules), Plural(r.Run.Files, "file", "files"), r.Run.Source, r.Run.Seconds, t.figures(r))
}

// ranRules counts the rules that ran, and those that did not.
func ranRules(rules []RuleResult) string {
	skipped, ran := 0, 0
	for _, x := range rules {
		switch {
		case x.Part == Elsewhere:
		case x.Status == Skipped:
			skipped++
		default:
			ran++
		}
	}
	out := Plural(ran, "rule", "rules")
	if skipped > 0 {
		out += fmt.Sprintf(" and %d skipped", skipped)
	}
	return out
}

// figures are how the run used the machine, and the rules that were slower than
// what was learned of them.
func (t *text) figures(r *Report) string {
	out := ""
	if s := r.Schedule; s != nil && s.Makespan > 0 {
		out = fmt.Sprintf("; %s, efficiency %.0f %%, utilization %.0f %%, speedup %.1f, optimality %.0f %%, %s",
			Plural(s.Workers, "worker", "workers"), 100*s.Efficiency, 100*s.Utilization, s.Speedup, 100*s.Optimality, s.Profile)
	}
	if n := r.Cache.Verdicts; n > 0 {
		out += "; " + Plural(n, "verdict", "verdicts") + " known"
		if f := r.Cache.Files; f > 0 {
			out += ", " + Plural(f, "file", "files") + " not read"
		}
		if r.Cache.Seconds >= 0.005 {
			out += fmt.Sprintf(", %.2f s saved", r.Cache.Seconds)
		}
	}
	for i, x := range r.Slow {
		if i == maxSlow {
			out += fmt.Sprintf(" and %d more", len(r.Slow)-maxSlow)
			break
		}
		out += fmt.Sprintf("; %s", t.paint(yellow, fmt.Sprintf("%s took %.2f s, expected %.2f s", Printable(x.Rule), x.Seconds, x.Expected)))
	}
	return out
}

// maxSlow is how many slow rules the last line names.
const maxSlow = 3

// Plural returns "1 file" or "2 files".
func Plural(n int, one, many string) string {
	if n == 1 {
		return "1 " + one
	}
	return fmt.Sprintf("%d %s", n, many)
}

// PrintablePath is a path as a heading: printable, never mistaken for a
// workflow command of a CI system, and the repository itself by name.
func PrintablePath(path string) string {
	if path == "" {
		return "(repository)"
	}
	if strings.HasPrefix(strings.TrimLeft(path, " \t"), "::") {
		path = "./" + path
	}
	return Printable(path)
}

// Printable returns s with what could steer a terminal made visible: control
// and format characters and bytes that are not UTF-8 become Go escapes.
func Printable(s string) string {
	if isPlain(s) {
		return s
	}
	clean := true
	for _, r := range s {
		if r == utf8.RuneError || !printable(r) {
			clean = false
			break
		}
	}
	if clean {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			fmt.Fprintf(&b, `\x%02x`, s[i])
		case printable(r):
			b.WriteRune(r)
		case r < 0x80:
			q := fmt.Sprintf("%q", r)
			b.WriteString(q[1 : len(q)-1])
		default:
			fmt.Fprintf(&b, `\u%04x`, r)
		}
		i += n
	}
	return b.String()
}

// printable leaves out format characters too: U+202E turns the text around.
// The zero-width joiner is part of ordinary emoji.
func printable(r rune) bool {
	return unicode.IsPrint(r) || r == '\u200d' || unicode.Is(unicode.Zs, r)
}
