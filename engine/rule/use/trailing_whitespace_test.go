package use

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestTrailingWhitespacePlaces(t *testing.T) {
	s := newSubject(t, "trailing-whitespace", "a/f.md", `{"markdown_linebreak_ext": "md"}`)
	got := places(s.findings([]byte("a \nb\né\t \r\nc  \nd \t  \n \t")))
	const message = " trailing white space, remove it\n"
	want := strings.Join([]string{"1:2-1:3", "3:2-3:4", "5:2-5:4", "6:1-6:3", ""}, message)
	if got != want {
		t.Errorf("got\n%swant\n%s", got, want)
	}
}

// Of very many findings in a file, one says that there are more.
func TestFindingsOfAFileAreBounded(t *testing.T) {
	s := newSubject(t, "trailing-whitespace", "f", "")
	for lines, want := range map[int]int{rule.MaxFindings: rule.MaxFindings, 5000: rule.MaxFindings + 1} {
		fs := s.findings([]byte(strings.Repeat("x \n", lines)))
		if len(fs) != want || lines == 5000 && !strings.HasPrefix(fs[want-1].Message, "more than 2000 findings") {
			t.Errorf("%d findings of %d lines", len(fs), lines)
		}
	}
}

func TestTrailingWhitespaceOptions(t *testing.T) {
	for options, want := range map[string]string{
		`{"markdown_linebreak_ext": ""}`:          "an extension is empty",
		`{"markdown_linebreak_ext": ["md", ""]}`:  "an extension is empty",
		`{"markdown_linebreak_ext": "README.md"}`: `"README.md" is no extension`,
		`{"markdown_linebreak_ext": "md,a/b"}`:    `"md,a/b" is no extension`,
		`{"markdown_linebreak_ext": "..md"}`:      "",
	} {
		_, problems := trailingWhitespace().New(valueOf(t, options))
		if got := whats(problems); got != want {
			t.Errorf("%s: %q, want %q", options, got, want)
		}
	}
}

// whats joins what the problems say.
func whats(problems []rule.Problem) string {
	var all []string
	for _, p := range problems {
		all = append(all, p.What)
	}
	return strings.Join(all, "; ")
}
