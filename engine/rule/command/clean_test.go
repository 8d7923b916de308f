package command

import (
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"
)

func TestClean(t *testing.T) {
	for in, want := range map[string]string{
		"plain é\tx\n":                          "plain é\tx\n",
		"\x1b[1;31mred\x1b[0m":                  "red",
		"\x1b]8;;http://x\x1b\\link\x1b]8;;\a.": "link.",
		"\x1b]0;title that is not closed\nnext": "\nnext",
		"\x1bPdata\x1b\\x\x1b(Bx\x1bMx\x1b":     "xxx",
		"\u009b31mred":                          "red",
		"a\r\nb\rc":                             "a\nb\nc",
		"a\x00\x07\b\x7fb\u0085":                "ab",
		"\xff\xfe":                              "\ufffd\ufffd",
		"abc\u202edef\u2066":                    "abcdef",
		"\x1b[":                                 "",
		"\x1b[1":                                "",
		"\x1b[1\n":                              "\n",
	} {
		if got := clean(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func FuzzClean(f *testing.F) {
	f.Add("\x1b[31mx\x1b]8;;\x1b\\\u009b1m\xff\r\n")
	f.Fuzz(func(t *testing.T, s string) {
		for _, got := range []string{clean(s), cut(clean(s), 10), excerpt(clean(s)), lastLines(clean(s))} {
			if !utf8.ValidString(got) {
				t.Fatalf("%q is not UTF-8", got)
			}
			for _, r := range got {
				if unicode.IsControl(r) && r != '\n' && r != '\t' {
					t.Fatalf("%q holds %q", got, r)
				}
			}
		}
		if n := len(excerpt(s)); n > maxOutput {
			t.Fatalf("%d bytes", n)
		}
	})
}

func TestExcerpt(t *testing.T) {
	long := strings.TrimSuffix(strings.Repeat("line\n", 100), "\n")
	got := strings.Split(excerpt("\n\n"+long+"\n\n"), "\n")
	if len(got) != outputLines+1 || got[40] != "[40 lines left out]" {
		t.Errorf("%d lines, %q", len(got), got[40])
	}
	if got := excerpt("  a  \n  b \n"); got != "a\n  b" {
		t.Errorf("%q", got)
	}
	if got := lastLines("a\n" + strings.Repeat("b\n", 12)); got != strings.TrimSuffix(strings.Repeat("b\n", 12), "\n") {
		t.Errorf("%q", got)
	}
	if got := cut("aééé", 6); got != "aé..." {
		t.Errorf("%q", got)
	}
}

func TestCodePoints(t *testing.T) {
	for _, c := range []struct {
		line         string
		column, want int
	}{
		{"abc", 2, 2}, {"😀b", 3, 2}, {"😀b", 2, 2}, {"😀b", 4, 3}, {"😀b", 9, 8}, {"", 5, 5}, {"x", 0, 1},
	} {
		if c.column == 0 {
			continue
		}
		if got := codePoints(c.line, c.column); got != c.want {
			t.Errorf("%q, %d: %d, want %d", c.line, c.column, got, c.want)
		}
	}
}
