package engine

// sot:ignore-file unused-ignore -- the texts of these tests hold such comments

import (
	"bytes"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

func TestParseIgnores(t *testing.T) {
	for _, c := range []struct {
		text        string
		rules       []string
		first, last int
		reason      bool
	}{
		{"x # sot:ignore no-print -- demo", []string{"no-print"}, 1, 1, true},
		{"\n\n// sot:ignore-next-line a, b -- both", []string{"a", "b"}, 4, 4, true},
		{"<!-- sot:ignore-file x.y -- generated -->", []string{"x.y"}, 0, 0, true},
		{"<!-- sot:ignore x -->", []string{"x"}, 1, 1, false},
		{"/* sot:ignore x */", []string{"x"}, 1, 1, false},
		{"/* sot:ignore x -- why */", []string{"x"}, 1, 1, true},
		{"{# sot:ignore x -- #}", []string{"x"}, 1, 1, false},
		{"-- sot:ignore x -- sql", []string{"x"}, 1, 1, true},
		{"# sot:ignore", []string{}, -1, -1, false},
		{"// sot:ignore-next-line -- no rule", []string{}, -1, -1, false},
		{"<!-- sot:ignore-file -->", []string{}, -1, -1, false},
		{"x /* sot:ignore */ y", []string{}, -1, -1, false},
		{"x # sot:ignore docs/no-print, _x -- why", []string{"docs/no-print", "_x"}, 1, 1, true},
		{"<!-- sot:ignore x-->", []string{"x"}, 1, 1, false},
		{"# sot:ignore *", []string{}, -1, -1, false},
		{"# sot:ignore * -- all of them", []string{}, -1, -1, false},
		{"# sot:ignore-nextline x -- why", []string{}, -1, -1, false},
		{"// sot:ignore-line", []string{}, -1, -1, false},
		{"# sot:ignore-next_line x", []string{}, -1, -1, false},
		{"// sot:ignore-comments are parsed here", nil, 0, 0, false},
		{"see sot:ignore-nextline x", nil, 0, 0, false},
		{"# sot:ignored x", nil, 0, 0, false},
		{"# sot:ignore: x", []string{}, -1, -1, false},
		{"# sot:ignore\nx", []string{}, -1, -1, false},
		{"write `sot:ignore`", nil, 0, 0, false},
		{"\"# sot:ignore\"", nil, 0, 0, false},
		{"# sot:ignore, and so on", nil, 0, 0, false},
		{"é sot:ignore x", []string{"x"}, 1, 1, false},
	} {
		got := parseIgnores([]byte(c.text))
		if c.rules == nil {
			if len(got) != 0 {
				t.Errorf("%q: %v", c.text, got[0])
			}
			continue
		}
		if len(got) != 1 {
			t.Fatalf("%q: %d comments", c.text, len(got))
		}
		g := got[0]
		if !slices.Equal(g.rules, c.rules) || g.first != c.first || g.last != c.last || g.reason != c.reason {
			t.Errorf("%q: %+v", c.text, g)
		}
		before, _, _ := strings.Cut(c.text, "sot:")
		if want := len([]rune(before[strings.LastIndexByte(before, '\n')+1:])) + 1; g.column != want {
			t.Errorf("%q: column %d, want %d", c.text, g.column, want)
		}
	}
}

func FuzzParseIgnores(f *testing.F) {
	f.Add([]byte("a # sot:ignore x, y -- z\nsot:ignore-next-line q\xff\nsot:ignore-file -- \n"))
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte{'\n'}) + 1
		for _, g := range parseIgnores(data) {
			if g.line < 1 || g.line > lines || g.column < 1 || (len(g.rules) == 0) != (g.first < 0) {
				t.Fatalf("%q: %+v", data, g)
			}
		}
	})
}

// The lines that a comparison calls new are those whose change makes one text
// into the other: every line outside of them stands, in order, in the old text.
func TestNewLinesCoverTheChange(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := rapid.Custom(func(t *rapid.T) string {
			s := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "c", ""}), 0, 12).Draw(t, "lines"), "\n")
			return s + rapid.SampledFrom([]string{"", "\n"}).Draw(t, "end")
		})
		before, after := text.Draw(t, "before"), text.Draw(t, "after")
		spans := newLines([]byte(before), []byte(after))
		old := strings.SplitAfter(before, "\n")
		for n, line := range strings.SplitAfter(after, "\n") {
			if line == "" || slices.ContainsFunc(spans, func(s span) bool { return s.first <= n+1 && n+1 <= s.last }) {
				continue
			}
			k := slices.Index(old, line)
			if k < 0 {
				t.Fatalf("line %d %q of %q is not in %q, and not in %v", n+1, line, after, before, spans)
			}
			old = old[k+1:]
		}
		if before == after && len(spans) > 0 {
			t.Fatalf("%v in equal texts", spans)
		}
	})
}

func TestNewLines(t *testing.T) {
	got := newLines([]byte("a\nb\nc\n"), []byte("a\nx\ny\nc\nd"))
	if want := []span{{2, 3}, {5, 5}}; !slices.Equal(got, want) {
		t.Errorf("%v, want %v", got, want)
	}
}

func TestPanicFaultNamesTheRuleAndTheFile(t *testing.T) {
	f := panicFault("my-rule", "a/b.go", "boom")
	if f.Rule != "my-rule" || f.Kind != rule.FaultPanic || !strings.Contains(f.Message, "at a/b.go: boom") {
		t.Errorf("%+v", f)
	}
	if strings.Contains(f.Message, "\n") {
		t.Error("a stack trace is shown to the user")
	}
}
