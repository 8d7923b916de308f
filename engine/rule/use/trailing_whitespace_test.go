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

// Every line is reported, however many.
func TestTrailingWhitespaceHasNoCap(t *testing.T) {
	s := newSubject(t, "trailing-whitespace", "f", "")
	if n := len(s.findings([]byte(strings.Repeat("x \n", 5000)))); n != 5000 {
		t.Errorf("%d findings", n)
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
