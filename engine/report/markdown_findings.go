package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

const (
	openFindings  = 25 // rows that need no click
	mostByRule    = 10 // rows of the table by rule
	mostFaults    = 20
	messageLines  = 6    // of one finding
	findingsFrame = 8192 // bytes that the findings' section takes beside its rows
)

var severityIcon = [...]string{rule.Info: "ℹ️", rule.Warning: "⚠️", rule.Error: "❌"}

func icon(s rule.Severity) string {
	if s < rule.Info || s > rule.Error {
		return ""
	}
	return severityIcon[s]
}

// findingsHead begins a table of findings. Place and message share a cell: a long
// path breaks nowhere, and in a cell of its own leaves the message a word a line.
const findingsHead = "| | where and what | rule |\n| :-: | :-- | :-- |\n"

// found is the table of findings, the gravest first. Those behind the first ones
// need a click; where the limit is reached, the rest is counted.
func (m *markdown) found() {
	if len(m.findings) == 0 {
		return
	}
	m.put("### Findings\n\n")
	if m.o.Unannotated > 0 {
		m.put("%s shown here alone: GitHub takes no more annotations of one step.\n\n", Plural(m.o.Unannotated, "finding is", "findings are"))
	}
	m.byRule()
	m.WriteString(findingsHead)
	n := 0
	for n < min(openFindings, len(m.findings)) && m.row(m.finding(m.findings[n])) {
		n++
	}
	m.put("\n")
	if n == openFindings && n < len(m.findings) {
		first := m.finding(m.findings[n])
		if len(first) <= m.left {
			m.put("<details><summary>%d more</summary>\n\n%s", len(m.findings)-n, findingsHead)
			for n < len(m.findings) && m.row(m.finding(m.findings[n])) {
				n++
			}
			m.put("\n</details>\n\n")
		}
	}
	if rest := len(m.findings) - n; rest > 0 {
		m.put("**%s not shown: there is no room for more.** `sot run` lists them all.\n\n", Plural(rest, "more finding is", "more findings are"))
	}
}

// byRule is how the findings lie over the rules, where they are too many to see.
func (m *markdown) byRule() {
	if len(m.findings) <= openFindings {
		return
	}
	type count struct {
		id    string
		most  rule.Severity
		n     int
		files map[string]bool
	}
	var counts []*count
	at := map[string]*count{}
	for _, f := range m.findings {
		c := at[f.Rule]
		if c == nil {
			c = &count{id: f.Rule, files: map[string]bool{}}
			at[f.Rule] = c
			counts = append(counts, c)
		}
		c.n++
		c.most = max(c.most, f.Severity)
		c.files[f.Path] = true
	}
	slices.SortStableFunc(counts, func(a, b *count) int {
		return cmp.Or(cmp.Compare(b.most, a.most), cmp.Compare(b.n, a.n), cmp.Compare(a.id, b.id))
	})
	m.put("| | rule | findings | files | share |\n| :-: | :-- | --: | --: | :-- |\n")
	shown := 0
	for _, c := range counts[:min(len(counts), mostByRule)] {
		if !m.row(fmt.Sprintf("| %s | %s | %d | %d | %s |\n", icon(c.most), MarkdownCode(cut(c.id, mostName)), c.n, len(c.files), meter(ratio(float64(c.n), float64(len(m.findings)))))) {
			break
		}
		shown++
	}
	m.put("\n")
	if rest := len(counts) - shown; rest > 0 {
		m.put("and %s\n\n", Plural(rest, "more rule", "more rules"))
	}
}

// finding is a finding's row.
func (m *markdown) finding(f rule.Finding) string {
	mark := icon(f.Severity)
	if f.Fixable {
		mark += " 🔧"
	}
	return fmt.Sprintf("| %s | %s<br>%s | %s |\n", mark, m.place(f), lines(f.Message), MarkdownCode(cut(f.Rule, mostName)))
}

// lines is a message in a cell.
func lines(s string) string {
	all := strings.Split(strings.TrimSpace(cut(s, mostMessage)), "\n")
	kept := all[:min(len(all), messageLines)]
	for i := range kept {
		kept[i] = MarkdownText(kept[i])
	}
	out := strings.Join(kept, "<br>")
	if len(all) > messageLines {
		out += fmt.Sprintf("<br>… %s", Plural(len(all)-messageLines, "more line", "more lines"))
	}
	return out
}

// place is where a finding stands, with a link where the file can be looked at.
func (m *markdown) place(f rule.Finding) string {
	if f.Path == "" {
		return "the repository"
	}
	text := f.Path
	if len(text) > mostName { // the end of a path says more than its start
		short := []rune(strings.ToValidUTF8(text, "\uFFFD"))
		text = "…" + string(short[max(0, len(short)-mostName):])
	}
	if f.Line > 0 {
		text += fmt.Sprintf(":%d", f.Line)
	}
	if u := m.url(f); u != "" {
		return "[" + MarkdownCode(text) + "](" + u + ")"
	}
	return MarkdownCode(text)
}

// url is the address of a finding's lines at the head commit; "" where it is not
// known. A path is encoded byte by byte, so that it stays within its place.
func (m *markdown) url(f rule.Finding) string {
	server := trusted(m.o.Server)
	if server == "" || m.o.Repository == "" || m.o.Head == "" || len(f.Path) > 1024 {
		return ""
	}
	for part := range strings.SplitSeq(strings.TrimSuffix(f.Path, "/"), "/") {
		if part == "" || part == "." || part == ".." { // browsers would walk it
			return ""
		}
	}
	view, path := "blob", f.Path
	if dir, ok := strings.CutSuffix(path, "/"); ok {
		view, path = "tree", dir
	}
	u := strings.TrimSuffix(server, "/") + "/" + uriPath(m.o.Repository) + "/" + view + "/" + uriPath(m.o.Head) + "/" + uriPath(path)
	if f.Line <= 0 {
		return u
	}
	if rendered(path) {
		u += "?plain=1" // else the lines are not to be seen
	}
	u += fmt.Sprintf("#L%d", f.Line)
	if f.EndLine > f.Line {
		u += fmt.Sprintf("-L%d", f.EndLine)
	}
	return u
}

// rendered says whether GitHub shows a file as a page instead of its lines.
func rendered(path string) bool {
	name := strings.ToLower(path[strings.LastIndexByte(path, '/')+1:])
	for _, ext := range []string{".md", ".markdown", ".mdx", ".rst", ".adoc", ".asciidoc", ".org", ".textile", ".svg", ".geojson", ".csv", ".tsv", ".ipynb"} {
		if strings.HasSuffix(name, ext) {
			return true
		}
	}
	return false
}

// trusted returns an address of the runner's as it is, where it is an ordinary one.
func trusted(u string) string {
	if !strings.HasPrefix(u, "https://") && !strings.HasPrefix(u, "http://") {
		return ""
	}
	for _, r := range u {
		if !alphanumeric(r) && !strings.ContainsRune(":/.-_~?=&%", r) {
			return ""
		}
	}
	return u
}

// faults is the table of what could not do its work.
func (m *markdown) faults() {
	if len(m.r.Faults) == 0 {
		return
	}
	m.put("### Faults\n\n| | rule | what, and what to do |\n| :-: | :-- | :-- |\n")
	shown, room := 0, m.o.Limit/4
	for _, f := range m.r.Faults[:min(len(m.r.Faults), mostFaults)] {
		id := "the run"
		if f.Rule != "" {
			id = MarkdownCode(cut(f.Rule, mostName))
		}
		row := fmt.Sprintf("| 🛑 | %s | **%s**: %s |\n", id, MarkdownText(string(f.Kind)), lines(f.Message))
		if room -= len(row); room < 0 {
			break
		}
		m.WriteString(row)
		shown++
	}
	m.put("\n")
	if rest := len(m.r.Faults) - shown; rest > 0 {
		m.put("and %s\n\n", Plural(rest, "more fault", "more faults"))
	}
}
