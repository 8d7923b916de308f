package content

import (
	"bytes"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/regexpset"
)

// check judges a file by its terms. The terms' positions in the set are those of
// forbid, then of require.
type check struct {
	forbid, require []term
	atLeast         int
	set             *regexpset.Set
}

// maxFindings is how many matches of one pattern in one file are findings of
// their own; what follows is one more.
const maxFindings = 1000

// CheckFile reports every match of a forbidden pattern, and required patterns
// that match nowhere.
func (c *check) CheckFile(p *rule.Pass, f *rule.File) {
	hits := c.set.Scan(f.Bytes())
	for i, t := range c.forbid {
		for n, m := range t.matches(&hits, i, f, maxFindings+1) {
			x := found(f, t, m)
			if n == maxFindings {
				x.Message += " (here and further on: more are not listed)"
			}
			p.Add(x)
		}
	}
	var missing []term
	for i, t := range c.require {
		if !t.stands(&hits, len(c.forbid)+i, f) {
			missing = append(missing, t)
		}
	}
	if len(c.require)-len(missing) >= c.atLeast {
		return
	}
	if c.atLeast < len(c.require) {
		p.Add(rule.Finding{Path: f.Path, Message: fmt.Sprintf("holds %d of %d required patterns, wanted %d; missing: %s",
			len(c.require)-len(missing), len(c.require), c.atLeast, names(missing))})
		return
	}
	for _, t := range missing {
		p.Add(rule.Finding{Path: f.Path, Message: t.missing()})
	}
}

func names(ts []term) string {
	var out []string
	for _, t := range ts {
		out = append(out, rule.Shown(t.text))
	}
	return strings.Join(out, ", ")
}

// missing says that a required pattern is not there.
func (t term) missing() string {
	if t.message != "" {
		return t.message
	}
	where := ""
	if t.first > 0 {
		where = fmt.Sprintf(" in lines %d-%d", t.first, t.last)
		if t.last < 0 {
			where = fmt.Sprintf(" from line %d on", t.first)
		}
	}
	return fmt.Sprintf("must match %s%s, and does not", rule.Shown(t.text), where)
}

func found(f *rule.File, t term, m []int) rule.Finding {
	x := rule.Finding{Path: f.Path, Message: t.message, Fixable: t.mends}
	if x.Message == "" {
		x.Message = fmt.Sprintf("must not match %s: remove it", rule.Shown(t.text))
	}
	// Of ^\s*name, the line breaks and blanks in front are no place to point at.
	start := m[0]
	if text := f.Bytes()[m[0]:m[1]]; len(bytes.TrimSpace(text)) > 0 {
		start += len(text) - len(bytes.TrimLeft(text, " \t\r\n"))
	}
	x.Line, x.Column = f.Position(start)
	x.EndLine, x.EndColumn = f.Position(m[1])
	x.Text = f.Text(x.Line)
	return x
}

// bounds returns the bytes that the term looks at.
func (t term) bounds(f *rule.File) (lo, hi int) {
	if t.first == 0 {
		return 0, len(f.Bytes())
	}
	_, lo = f.Line(t.first)
	if t.last < 0 {
		return lo, len(f.Bytes())
	}
	text, at := f.Line(t.last)
	hi = at + len(text)
	if data := f.Bytes(); hi < len(data) && data[hi] == '\r' {
		hi++ // $ stands before the "\n" alone, in this line as in the others
	}
	return lo, max(lo, hi)
}

// matches returns the term's matches with their groups, in order. A match of
// nothing is left out, as there is no text to point at, but for the empty lines
// of a pattern that begins at a line's start (`^$`, `^\s*$`). It stops at most matches; -1 is
// all.
func (t term) matches(h *regexpset.Hits, i int, f *rule.File, most int) [][]int {
	var out [][]int
	lo, hi := t.bounds(f)
	for _, s := range h.Spans(i, lo, hi) {
		n := most
		if t.nullable { // some will be left out
			n = -1
		}
		for _, m := range t.expr.FindAllSubmatchIndex(f.Bytes()[s.Start:s.End], n) {
			if m[0] == m[1] && !(t.empty && emptyLine(f.Bytes(), s.Start+m[0])) {
				continue
			}
			for k := range m {
				if m[k] >= 0 {
					m[k] += s.Start
				}
			}
			if out = append(out, m); len(out) == most {
				return out
			}
		}
	}
	return out
}

// emptyLine says whether a line without text begins at an offset. What follows
// the last line end is no line.
func emptyLine(data []byte, at int) bool {
	return at < len(data) && data[at] == '\n' && (at == 0 || data[at-1] == '\n')
}

// stands says whether the term matches anywhere.
func (t term) stands(h *regexpset.Hits, i int, f *rule.File) bool {
	lo, hi := t.bounds(f)
	return slices.ContainsFunc(h.Spans(i, lo, hi), func(s regexpset.Span) bool {
		return t.expr.Match(f.Bytes()[s.Start:s.End])
	})
}

// Explain says how the patterns are looked for.
func (c *check) Explain() string {
	var out []string
	for i, t := range slices.Concat(c.forbid, c.require) {
		out = append(out, t.text+": "+c.set.Explain(i))
	}
	return strings.Join(out, "; ")
}

// maxMended is the most bytes that a fix writes: twice the largest file that is
// read. A replacement that holds what its pattern matches would go on growing.
const maxMended = 128 << 20

// fixer is a check of which some terms have a replacement.
type fixer struct{ *check }

// Fix replaces the matches of each term that has a replacement, one term after
// the other.
func (c *fixer) Fix(f *rule.File) ([]byte, bool) {
	start := f.Bytes()
	for i, t := range c.forbid {
		if !t.mends {
			continue
		}
		hits := c.set.Scan(f.Bytes())
		data := f.Bytes()
		matches := t.matches(&hits, i, f, -1)
		if len(matches) == 0 {
			continue
		}
		var out []byte
		at := 0
		for _, m := range matches {
			out = append(out, data[at:m[0]]...)
			out = t.expr.Expand(out, []byte(t.replace), data, m)
			at = m[1]
			if len(out) > maxMended {
				return nil, false
			}
		}
		f = f.With(append(out, data[at:]...))
	}
	return f.Bytes(), !bytes.Equal(start, f.Bytes())
}
