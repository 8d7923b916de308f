package engine

// sot:ignore-file unused-ignore -- the texts of these tests hold such comments

import (
	"bytes"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

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
		{"# sot:ignored x", []string{}, -1, -1, false},
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
	f.Add([]byte("# sot:ignore-line *, x */ sot ignore --\n// SOT: disable-next-line a\r\n<!-- sot-ingore -->"))
	known := map[string]int{"x": 0, UnusedIgnore: 1}
	f.Fuzz(func(t *testing.T, data []byte) {
		lines := bytes.Count(data, []byte{'\n'}) + 1
		for _, g := range parseIgnores(data) {
			if g.line < 1 || g.line > lines || g.column < 1 || (len(g.rules) == 0) != (g.first < 0) || (g.near == nil) != (g.first >= 0) {
				t.Fatalf("%q: %+v", data, g)
			}
			if why := g.amiss("a.py", known); why != "" && (g.near == nil || strings.Contains(why, "\n")) {
				t.Fatalf("%q: %q", data, why)
			}
		}
	})
}

// What somebody took for an ignore comment is told of, with what to write; prose
// that talks about such comments is left alone.
func TestNearMissesOfIgnores(t *testing.T) {
	known := map[string]int{"no-print": 0, "no-todo": 1, "line-length": 2}
	for _, c := range []struct{ path, text, want string }{
		{"a.py", "x = 1  # sot:ignore-line no-print -- demo", "\"sot:ignore-line\" is no ignore comment, so it silences nothing: write `sot:ignore no-print -- why`"},
		{"a.py", "# sot:ignore-line no-print", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:ignore-line no-print because of the demo", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:ignore-line no-prnt, no-todo", "`sot:ignore no-print, no-todo -- why`"},
		{"a.py", "# sot:ignore-line", "`sot:ignore RULE -- why`"},
		{"a.py", "# sot:ignore-line elsewhere -- demo", "`sot:ignore RULE -- why`"},
		{"a.js", "// sot:ignore-next no-print -- demo", "`sot:ignore-next-line no-print -- why`"},
		{"a.js", "/* sot:ignore_next_line no-print */", "`sot:ignore-next-line no-print -- why`"},
		{"a.js", "x() /* sot:ignoreFile no-print */", "`sot:ignore-file no-print -- why`"},
		{"a.js", "// sot:ignore-start no-print", "`sot:ignore-next-line no-print -- why` before each line, or `sot:ignore-file no-print -- why`"},
		{"a.sql", "-- sot:ignored no-print", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:ignore *", "\"*\" names no rule, so it silences nothing: write the ids of the rules, as in `sot:ignore RULE, RULE -- why`"},
		{"a.py", "# sot:ignore * -- all of them", "\"*\" names no rule"},
		{"a.js", "/* sot:ignore * */", "\"*\" names no rule"},
		{"a.js", "/* sot:ignore */", "names no rule, so it silences nothing"},
		{"a.js", "/* sot:ignore-file *, no-print */", "\"*\" names no rule"},
		{"a.py", "# sot:ignore", "names no rule, so it silences nothing"},
		{"a.py", "# sot:ignore: no-print", "\"sot:ignore:\""},
		{"a.py", "# sot:ignore(no-print)", "\"sot:ignore(\""},
		{"a.py", "# sot:ignore[no-print] -- why", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:ignore-next-line: no-print", "`sot:ignore-next-line no-print -- why`"},
		{"a.py", "# SOT:ignore no-print", "\"SOT:ignore\" is no ignore comment"},
		{"a.py", "# sot:Ignore-File no-print", "`sot:ignore-file no-print -- why`"},
		{"a.py", "# sot: ignore no-print", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot-ignore no-print", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:ingore no-print", "`sot:ignore no-print -- why`"},
		{"a.py", "# sot:disable-next-line no-print", "`sot:ignore-next-line no-print -- why`"},
		{"a.md", "<!-- sot:ignore-line line-length -->", "`sot:ignore line-length -- why`"},
		{"a.md", "<!-- sot:ignore-all -->", "`sot:ignore-file RULE -- why`"},
		{"a.rst", ".. sot:ignore-line line-length", "`sot:ignore line-length -- why`"},

		{"a.md", "- `sot:ignore-line` is told of now", ""},
		{"a.md", "- sot:ignore-line no-print is told of now", ""},
		{"a.md", "## sot:ignore-line", ""},
		{"a.md", "## sot:ignore", ""},
		{"a.md", "`# sot:ignore-line no-print -- demo`", ""},
		{"a.md", "`<!-- sot:ignore-line line-length -->`", ""},
		{"a.md", "print(1)  # sot:ignore-line no-print -- in a block of code", ""},
		{"a.md", "x sot:ignore * y", ""},
		{"a.py", "# sot:ignored files are counted", ""},
		{"a.go", "// sot:ignore-comments are parsed here", ""},
		{"a.py", "see sot:ignore-nextline x", ""},
		{"a.py", "# sot:ignore, and so on", ""},
		{"a.py", "# sot:ignore-line is not what people should write", ""},
		{"a.py", "# write sot:ignore-line no-print and wonder", ""},
		{"a.py", "# sot skip lists come from the environment", ""},
		{"a.py", "x = \"# sot:ignore-line no-print\"", ""},
		{"a.py", "x = \"sot:ignore *\"", ""},
		{"a.go", "// sot:ignores are comments", ""},
		{"a.go", "// sotto:ignore no-print", ""},
		{"a.go", "// isot ignore", ""},
	} {
		var got []string
		for _, g := range parseIgnores([]byte("\n" + c.text + "\n")) {
			if why := g.amiss(c.path, known); why != "" {
				got = append(got, why)
			}
		}
		switch {
		case c.want == "" && got != nil, c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want)):
			t.Errorf("%s: %s: got %q, want %q", c.path, c.text, got, c.want)
		}
	}
}

// A comment for a rule that does not exist is a mistake, and a text that reads
// like one by chance is not.
func TestProseAboutIgnores(t *testing.T) {
	known := map[string]int{"no-print": 0}
	for _, c := range []struct {
		path, text string
		prose      bool
	}{
		{"a.py", "x # sot:ignore no-tabs -- demo", false},
		{"a.py", "x # sot:ignore no-tabs", false},
		{"a.py", "x; sot:ignore no-tabs -- demo", false},
		{"a.py", "x # sot:ignore no-prnt because of the demo", false},
		{"a.md", "<!-- sot:ignore no-tabs -- demo -->", false},
		{"a.py", "# the old sot:ignore comments", true},
		{"a.py", "# sot:ignore comments are honoured", true},
		{"a.py", "x = \"sot:ignore no-tabs -- demo\"", true},
		{"CHANGELOG.md", "- sot:ignore comments, and a baseline", true},
		{"a.md", "`sot:ignore RULE -- reason` silences a rule", true},
		{"a.md", "x # sot:ignore no-tabs -- in a block of code", true},
	} {
		g := parseIgnores([]byte(c.text))
		if len(g) != 1 || len(g[0].rules) == 0 {
			t.Fatalf("%q: %v", c.text, g)
		}
		if got := g[0].prose(c.path, g[0].rules[0], known); got != c.prose {
			t.Errorf("%s: %q: %t", c.path, c.text, got)
		}
	}
}

// A line of nothing but comments, megabytes of it, takes time in proportion.
func TestManyIgnoresOnALine(t *testing.T) {
	text := []byte("é sot:ignore a ")
	data := bytes.Repeat(text, 1<<22/len(text))
	got := parseIgnores(data)
	if len(got) != maxIgnores {
		t.Fatalf("%d comments, want %d", len(got), maxIgnores)
	}
	for i, g := range []*ignore{got[0], got[1], got[len(got)-1]} {
		n := []int{0, 1, len(got) - 1}[i]
		if want := n*utf8.RuneCount(text) + 3; g.column != want || g.line != 1 {
			t.Errorf("comment %d: %d:%d, want column %d", n, g.line, g.column, want)
		}
	}
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
