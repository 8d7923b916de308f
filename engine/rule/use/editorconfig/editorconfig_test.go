package editorconfig

import (
	"strings"
	"testing"
)

func TestGlobs(t *testing.T) {
	for _, tt := range []struct{ glob, yes, no string }{
		{"*", "a a.b x/y", ""},
		{"**", "a x/y", ""},
		{"*.go", "a.go x/y.go .go", "a.gox go"},
		{"Makefile", "Makefile x/Makefile", "xMakefile Makefile.x"},
		{".golangci.yaml", ".golangci.yaml x/.golangci.yaml", "golangci.yaml x.golangci.yaml"},
		{"/a", "a", "x/a"},
		{"lib/*.js", "lib/a.js", "lib/x/a.js x/lib/a.js"},
		{"lib/**.js", "lib/a.js lib/x/a.js", "x/lib/a.js"},
		{"a/**/b", "a/b a/x/b a/x/y/b", "ab axb x/a/b"},
		{"**/b", "b x/b x/y/b", "xb"},
		{"a**b", "ab a/b axb a/x/b", "a"},
		{"?.c", "a.c x/b.c", "ab.c .c"},
		{"[ab].c", "a.c b.c", "c.c ab.c"},
		{"[a-c].c", "b.c", "d.c"},
		{"[!ab].c", "c.c", "a.c"},
		{"[^ab].c", "c.c", "a.c"},
		{"ab[e/]cd.i", "ab[e/]cd.i", "abecd.i"},
		{"[ab", "[ab", "a"},
		{"*.{a,b}", "x.a x.b", "x.c x.{a,b}"},
		{"{a,b/**}", "a b/x b/y/z", "b x/a"},
		{"{a,b{1,2}}.c", "a.c b1.c b2.c", "b.c"},
		{"{a}.c", "{a}.c", "a.c"},
		{"{*.c}", "{x.c}", "x.c"},
		{"{a,}b", "ab b", "xb"},
		{"{a.c", "{a.c", "a.c"},
		{"a}.c", "a}.c", "a.c"},
		{"{1..9}.c", "1.c 9.c x/5.c", "0.c 10.c 01.c +1.c a.c"},
		{"{-3..3}", "-3 0 3", "-4 4 -0"},
		{"{5..1}", "3", "6"},
		{"a{0..999999999999}b", "a5b a123456b", "ab a-1b"},
		{"{1..3,x}", "1..3 x", "2"},
		{`\*.c`, "*.c", "a.c"},
		{`a\{b\}`, "a{b}", "ab"},
		{"é*.c", "éa.c", "ea.c"},
		{"a,b", "a,b", "a"},
	} {
		g := compile(tt.glob)
		if g == nil {
			t.Errorf("%q does not compile", tt.glob)
			continue
		}
		for _, path := range strings.Fields(tt.yes) {
			if !g.match(path) {
				t.Errorf("%q does not match %q", tt.glob, path)
			}
		}
		for _, path := range strings.Fields(tt.no) {
			if g.match(path) {
				t.Errorf("%q matches %q", tt.glob, path)
			}
		}
	}
}

func TestProperties(t *testing.T) {
	top := Parse([]byte("\xef\xbb\xbf; a comment\nroot = TRUE\nindent_size = 9\n[*]\nindent_style: tab\nINDENT_SIZE = 4 ; blanks\n" +
		"charset = UTF-8 # x\nend_of_line = lf#x\nno pair\n= x\n[*.md]\nindent_size = tab\ntab_width = 3\nmax_line_length = 80\n" +
		"[]x]\ncharset = latin1\n[unclosed\ncharset = latin1\n[[z-a]]\ncharset = latin1\n"))
	sub := Parse([]byte("[*]\nindent_style = space\nmax_line_length = off\ncharset = unset\n[a.md]\nindent_style = unset\n"))
	var none *Chain
	chain := none.With(top, "")
	below := chain.With(sub, "d/")
	for _, tt := range []struct {
		chain *Chain
		path  string
		want  Properties
	}{
		{none, "a", Properties{}},
		{chain, "a", Properties{IndentStyle: "tab", IndentSize: "4", Charset: "utf-8", EndOfLine: "lf#x"}},
		{chain, "x/a.md", Properties{IndentStyle: "tab", IndentSize: "tab", TabWidth: "3", Charset: "utf-8", EndOfLine: "lf#x", MaxLineLength: "80"}},
		{below, "d/b.md", Properties{IndentStyle: "space", IndentSize: "tab", TabWidth: "3", EndOfLine: "lf#x", MaxLineLength: "off"}},
		{below, "d/a.md", Properties{IndentSize: "tab", TabWidth: "3", EndOfLine: "lf#x", MaxLineLength: "off"}},
	} {
		if got := tt.chain.For(tt.path); got != tt.want {
			t.Errorf("%s: %+v, want %+v", tt.path, got, tt.want)
		}
	}
	if p := below.For("d/b.md"); p.Indent() != 3 || p.Longest() != 0 {
		t.Errorf("an indent of %d, lines of %d", p.Indent(), p.Longest())
	}
	if !top.Root || sub.Root {
		t.Error("root is not read")
	}
	if got := chain.With(Parse([]byte("root = true\n[*]\ntab_width = 1\n")), "d/").For("d/x"); got != (Properties{TabWidth: "1"}) {
		t.Errorf("above a root: %+v", got)
	}
}

func FuzzParse(f *testing.F) {
	f.Add([]byte("root = true\n[*.{a,b{1..3}}]\nindent_style = tab\n[a/**/[!x]?]\ncharset=latin1"), "a/b/c.a")
	f.Add([]byte("[{{{,}\n[\\]\na=b\n[{1..2}{3..4}]\nx=y"), "13")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		file := Parse(data)
		var none *Chain
		_ = none.With(file, "").For(path)
		for _, s := range file.sections {
			for _, p := range s.pairs {
				if p.key == "" || strings.ToLower(p.value) != p.value {
					t.Errorf("a pair of %q", p)
				}
			}
		}
	})
}
