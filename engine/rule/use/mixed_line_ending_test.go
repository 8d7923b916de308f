package use

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestMixedLineEndingPlaces(t *testing.T) {
	for _, c := range []struct{ options, data, want string }{
		{"", "a\nb\nc\r\n", "3:2-3:3 line end is CRLF, make it LF as in most of the file's lines\n"},
		{"", "a\r\nb\r\nc\n", "3:2-3:2 line end is LF, make it CRLF as in most of the file's lines\n"},
		// A run of lines is one finding.
		{"", "a\nb\r\nc\r\nd\ne\nf\r\n", "2:2-3:3 line end is CRLF, make it LF as in most of the file's lines\n" +
			"6:2-6:3 line end is CRLF, make it LF as in most of the file's lines\n"},
		{"", "ab\rc\nd\n", "1:3-1:4 line end is CR, make it LF as in most of the file's lines\n"},
		{`{"fix": "lf"}`, "a\r\nb\r\n", "1:2-2:3 line end is CRLF, make it LF as the rule asks for\n"},
		{`{"fix": "crlf"}`, "a\nb", "1:2-1:2 line end is LF, make it CRLF as the rule asks for\n"},
		{`{"fix": "crlf"}`, "a\r\n", ""},
		{`{"fix": "cr"}`, "a", ""},
		{`{"fix": "no"}`, "a\r\nb\n", "1:2-1:3 line end is CRLF, make it LF as in most of the file's lines\n"},
	} {
		if got := places(newSubject(t, "mixed-line-ending", "f", c.options).findings([]byte(c.data))); got != c.want {
			t.Errorf("%s %q: %swant %s", c.options, c.data, got, c.want)
		}
	}
}

// From the hundredth run on, one finding counts the rest.
func TestMixedLineEndingCounts(t *testing.T) {
	found := newSubject(t, "mixed-line-ending", "f", "").findings([]byte(strings.Repeat("a\nb\r\n", 250)))
	if len(found) != maxRuns+1 {
		t.Fatalf("%d findings", len(found))
	}
	if got, want := places(found[maxRuns:]), "0:0-0:0 line ends differ in 150 more places, make them LF as in most of the file's lines\n"; got != want {
		t.Errorf("%swant %s", got, want)
	}
}

func TestMixedLineEndingWithoutFix(t *testing.T) {
	if _, ok := newSubject(t, "mixed-line-ending", "f", `{"fix": "no"}`).check.(rule.Fixer); ok {
		t.Error("it fixes under fix: no")
	}
}
