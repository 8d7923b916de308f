package use

import (
	"bytes"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

func requirementsTxtFixer() rule.Use {
	return rule.Use{
		ID:  "requirements-txt-fixer",
		Why: "Sorted entries rarely conflict in merges, and show what is there twice.",
		Doc: `Sorts the entries of requirements.txt and constraints.txt.

Entries go by name, in lower case; the comments above an entry move with it, a comment
above the first empty line stays at the top, one at the end stays there. An entry that is there
twice, and pkg-resources==0.0.0 (which a broken pip adds), are dropped.

Differs from pre-commit-hooks in two files that it cannot sort. An entry that begins with
a blank or ";" makes it stop with an error: here that is a finding on the entry's line. An
empty line after a backslash, in a first entry with a comment, makes it lose the entry: here that is a
finding too. Neither is fixed.`,
		Defaults: rule.Selector{Types: []string{"file"}, Match: isRequirements},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return requirementsSorter{}, nil },
	}
}

// isRequirements is the namesake's pattern (requirements|constraints).*\.txt$,
// whose dot matches no newline and whose $ matches before a last one.
func isRequirements(path string) bool {
	path, ok := strings.CutSuffix(strings.TrimSuffix(path, "\n"), ".txt")
	if !ok {
		return false
	}
	path = path[strings.LastIndexByte(path, '\n')+1:]
	return strings.Contains(path, "requirements") || strings.Contains(path, "constraints")
}

// requirementsSorter is the check requirements-txt-fixer.
type requirementsSorter struct{}

// requirement is one entry: its lines (a backslash joins them), and the
// comments and empty lines above.
type requirement struct {
	comments [][]byte
	value    []byte // nil: none yet
	name     []byte
	line     int  // 1-based, of the value's first
	top      bool // the comment at the top of the file, which stays there
}

// refusal is why a file cannot be sorted.
type refusal struct {
	line int
	what string
}

// CheckFile reports one finding, on the first line that sorting changes.
func (requirementsSorter) CheckFile(p *rule.Pass, f *rule.File) {
	data := f.Bytes()
	want, bad := sortRequirements(data)
	switch {
	case bad != nil:
		text, _ := f.Line(bad.line)
		p.Add(rule.Finding{Path: f.Path, Line: bad.line, Text: string(text), Message: bad.what})
	case !bytes.Equal(want, data):
		line, _ := f.Position(commonPrefix(want, data))
		p.Line(f, line, "requirements are not sorted from here on, sort them")
	}
}

// Fix sorts the requirements.
func (requirementsSorter) Fix(f *rule.File) ([]byte, bool) {
	want, bad := sortRequirements(f.Bytes())
	if bad != nil || bytes.Equal(want, f.Bytes()) {
		return nil, false
	}
	return want, true
}

// commonPrefix returns the length of what both begin with.
func commonPrefix(a, b []byte) int {
	n := 0
	for n < len(a) && n < len(b) && a[n] == b[n] {
		n++
	}
	return n
}
