package use

import (
	"bytes"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

func fileContentsSorter() rule.Use {
	return rule.Use{
		ID:  "file-contents-sorter",
		Why: "Lists to which everybody appends conflict in each merge; sorted ones rarely do, and show what is there twice.",
		Doc: `Sorts the lines of the files that the rule lists, bytewise, and drops empty ones.

It matches no file until the rule sets files. Lines end in LF afterwards.

- ignore_case: compare with ASCII letters in lower case; equal lines keep their order.
- unique: keep one of equal lines. Not together with ignore_case.`,
		Defaults: rule.Selector{Types: []string{"file"}, Match: func(string) bool { return false }},
		With: rule.Object("options of file-contents-sorter",
			rule.Key{Name: "ignore_case", Shape: rule.Boolean("compare with ASCII letters in lower case")},
			rule.Key{Name: "unique", Shape: rule.Boolean("keep one of equal lines")},
		),
		New: newContentsSorter,
	}
}

// contentsSorter is the check file-contents-sorter.
type contentsSorter struct{ ignoreCase, unique bool }

func newContentsSorter(with rule.Value) (rule.Check, []rule.Problem) {
	c := contentsSorter{with.Get("ignore_case").Bool(false), with.Get("unique").Bool(false)}
	if c.ignoreCase && c.unique {
		return c, []rule.Problem{with.Get("unique").Problemf("leave one of them out", "unique and ignore_case exclude each other")}
	}
	return c, nil
}

// CheckFile reports one finding, on the first line that is not in its place.
func (c contentsSorter) CheckFile(p *rule.Pass, f *rule.File) {
	if at, what := c.firstWrong(f.Bytes()); what != "" {
		line, _ := f.Position(at)
		p.Line(f, line, "%s, sort the file's lines", what)
	}
}

// Fix sorts the lines.
func (c contentsSorter) Fix(f *rule.File) ([]byte, bool) {
	data := f.Bytes()
	if _, what := c.firstWrong(data); what == "" {
		return nil, false
	}
	var lines [][]byte
	for line := range bytes.Lines(data) {
		if !allSpace(line) {
			lines = append(lines, bytes.TrimRight(line, "\r\n"))
		}
	}
	slices.SortStableFunc(lines, c.compare)
	if c.unique {
		lines = slices.CompactFunc(lines, bytes.Equal)
	}
	out := make([]byte, 0, len(data)+1)
	for _, line := range lines {
		out = append(append(out, line...), '\n')
	}
	return out, true
}

// firstWrong returns the offset of the first line that sorting would move,
// change or drop, and what is wrong with it; "" where nothing is.
func (c contentsSorter) firstWrong(data []byte) (at int, what string) {
	var last []byte
	for start := 0; start < len(data); {
		n := bytes.IndexByte(data[start:], '\n')
		if n < 0 {
			return start, "the last line has no line end"
		}
		line := data[start : start+n]
		switch order := c.compare(last, line); {
		case allSpace(line):
			return start, "the line is empty"
		case line[n-1] == '\r':
			return start, "the line ends in CRLF"
		case order > 0:
			return start, "the line belongs further up"
		case order == 0 && c.unique:
			return start, "the line is there twice"
		}
		last, start = line, start+n+1
	}
	return 0, ""
}

func (c contentsSorter) compare(a, b []byte) int {
	if !c.ignoreCase {
		return bytes.Compare(a, b)
	}
	for i := range min(len(a), len(b)) {
		if x, y := lower(a[i]), lower(b[i]); x != y {
			return int(x) - int(y)
		}
	}
	return len(a) - len(b)
}

// lower folds an ASCII letter.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}
