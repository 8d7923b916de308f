package regexpset

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// matches runs the expression at position i on its spans.
func matches(h *Hits, re *regexp.Regexp, i int, data []byte) [][]int {
	var out [][]int
	for _, s := range h.Spans(i, 0, len(data)) {
		for _, m := range re.FindAllSubmatchIndex(data[s.Start:s.End], -1) {
			for j := range m {
				if m[j] >= 0 {
					m[j] += s.Start
				}
			}
			out = append(out, m)
		}
	}
	return out
}

// sameAsNaive fails where the spans give other matches than the whole text.
func sameAsNaive(t interface{ Fatalf(string, ...any) }, exprs []*regexp.Regexp, data []byte) {
	set := New(exprs)
	h := set.Scan(data)
	for i, re := range exprs {
		got, want := matches(&h, re, i, data), re.FindAllSubmatchIndex(data, -1)
		if !slices.EqualFunc(got, want, slices.Equal) {
			t.Fatalf("%s on %q: got %v, want %v; %s; spans %v", re, data, got, want, set.Explain(i), h.Spans(i, 0, len(data)))
		}
	}
}

// expression draws a regular expression over a small alphabet. The words are
// such that texts often hold them, in some case.
func expression(depth int) *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		leaf := rapid.SampledFrom([]string{
			"ab", "ask", "Ka", "é", "x", "abk", "sk", ".", `\s`, `[^a]`, `[ab]`, `[Kk]`, `\n`, `\b`, `\B`, "^", "$", `\A`, `\z`, "\uFFFD", `[^\n]`, "[a\uFFFD]", `\d`, "ſ", `\s*`, `\s+?`, `\n+`, `[\n ]`, `\r?\n`,
		}).Draw(t, "leaf")
		if depth == 0 {
			return leaf
		}
		sub := func() string { return expression(depth-1).Draw(t, "sub") }
		switch rapid.IntRange(0, 9).Draw(t, "operator") {
		case 0:
			return "(" + sub() + "|" + sub() + ")"
		case 1:
			return "(?:" + sub() + ")" + rapid.SampledFrom([]string{"*", "+", "?", "{2}", "{0,2}", "*?", "{1,}"}).Draw(t, "repeat")
		case 2:
			return "(?" + rapid.SampledFrom([]string{"i", "s", "-m", "is", "U"}).Draw(t, "flags") + ":" + sub() + ")"
		case 3, 4, 5:
			return sub() + sub()
		case 6:
			return sub() + leaf + sub()
		}
		return leaf
	})
}

func text() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{
			"ab", "aB", "ask", "ASK", "aſ\u212a", "ka", "\u212aa", "é", "É", "x", "\n", "\n", "\r\n", " ", "\xff", "\uFFFD", "\x00", "1", "abk", "sk", "\n\n", " \n", "\t", "\v",
		}), 0, 16).Draw(t, "text"), "")
	})
}

func TestSameAsNaive(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var exprs []*regexp.Regexp
		for range rapid.IntRange(1, 5).Draw(t, "patterns") {
			if re, err := regexp.Compile("(?m)" + expression(3).Draw(t, "expression")); err == nil {
				exprs = append(exprs, re)
			}
		}
		for range 5 {
			sameAsNaive(t, exprs, []byte(text().Draw(t, "text")))
		}
	})
}

func FuzzSameAsNaive(f *testing.F) {
	for _, e := range []string{`(?i)kelvin`, `fmt\.Print(ln|f)?`, `a\s+b`, `^$`, `(abc){2,3}$`, `(?i)[ks]é`, "a\uFFFDb", `(?-m)^ab$`, `\s*ab\s+cd\s*`} {
		f.Add(e, `ab.cd`, []byte("ab\n\u212aELVIN fmt.Println(a\nb)\r\n\xffab cd"))
	}
	f.Fuzz(func(t *testing.T, a, b string, data []byte) {
		var exprs []*regexp.Regexp
		for _, e := range []string{a, b, "(?i)" + a} {
			if re, err := regexp.Compile("(?m)" + e); err == nil && len(e) < 200 {
				exprs = append(exprs, re)
			}
		}
		if len(data) < 4096 {
			sameAsNaive(t, exprs, data)
		}
	})
}

func TestLiterals(t *testing.T) {
	for expr, want := range map[string]string{
		`fmt\.Print(ln|f)?`:              `runs on the lines that hold "fmt.Print", "fmt.Printf", "fmt.Println"`,
		`(?i)password\s*=`:               `runs on the lines that hold "password" in any case and those around them`,
		`(?i)password\s*=\s*\n+x`:        `runs on the lines that hold "password" in any case and those around them`,
		`password[^=]*=`:                 `may match over several lines, so it runs over each file that holds "password"`,
		`(?i)password[ \t]*=`:            `runs on the lines that hold "password" in any case`,
		`[Tt][Oo][Dd][Oo]`:               `runs on the lines that hold "todo" in any case`,
		`TODO|FIXME`:                     `runs on the lines that hold "FIXME", "TODO"`,
		`\b\w+_id\b`:                     `runs on the lines that hold "_id"`,
		`(abc)+x?`:                       `runs on the lines that hold "abc"`,
		`[a-z]+`:                         `holds no text that every match must hold, so it runs over every file: slow where files are large`,
		`a?`:                             `holds no text that every match must hold, so it runs over every file: slow where files are large`,
		`TODO|\d+`:                       `holds no text that every match must hold, so it runs over every file: slow where files are large`,
		`.*`:                             `holds no text that every match must hold, so it runs over every file: slow where files are large`,
		`\Aimport`:                       `may match over several lines, so it runs over each file that holds "import"`,
		`(a|b|c|d)(a|b|c|d)(a|b|c|d)xyz`: `runs on the lines that hold "axyz", "bxyz", "cxyz", "dxyz"`,
		`ab{3}`:                          `runs on the lines that hold "abbb"`,
		`(aa|bb|cc|dd|ee)`:               `runs on the lines that hold "aa", "bb", "cc", "dd" or 1 more`,
		`averyveryverylongliteral`:       `runs on the lines that hold "averyveryverylon"`,
	} {
		if got := New([]*regexp.Regexp{regexp.MustCompile("(?m)" + expr)}).Explain(0); got != want {
			t.Errorf("%s: %s, want %s", expr, got, want)
		}
	}
}

func TestSpansOfLines(t *testing.T) {
	data := []byte("todo a\nb\ntodo c\ntodo d\n\ntodo e")
	for _, exprs := range [][]string{{"todo"}, {"todo", "x1", "x2", "x3", "x4"}} {
		var res []*regexp.Regexp
		for _, e := range exprs {
			res = append(res, regexp.MustCompile(e))
		}
		h := New(res).Scan(data)
		if got, want := h.Spans(0, 0, len(data)), []Span{{0, 6}, {9, 22}, {24, 30}}; !slices.Equal(got, want) {
			t.Errorf("got %v, want %v", got, want)
		}
		// Lines 2 and 3.
		if got, want := h.Spans(0, 7, 15), []Span{{9, 15}}; !slices.Equal(got, want) {
			t.Errorf("in lines 2 and 3: got %v, want %v", got, want)
		}
	}
}

func TestEmptySet(t *testing.T) {
	h := New(nil).Scan([]byte("x"))
	_ = h
	h = New([]*regexp.Regexp{regexp.MustCompile("ab")}).Scan(nil)
	if got := h.Spans(0, 0, 0); got != nil {
		t.Errorf("an empty text has the spans %v", got)
	}
}

// corpus is text like source code, of about n bytes, the same at every call.
func corpus(n int) []byte {
	words := strings.Fields(`func return if err != nil { } package import string int for range := context.Context fmt.Sprintf("%d", i) the
		value of this.props.children const let var export default class extends React.Component => def self None import os`)
	var b bytes.Buffer
	b.Grow(n + 100)
	x := uint32(1)
	for b.Len() < n {
		for range 9 {
			x = x*1664525 + 1013904223
			b.WriteString(words[(x>>16)%uint32(len(words))])
			b.WriteByte(' ')
		}
		if x>>8%5000 == 0 {
			b.WriteString("console.log(x) // TODO: AKIA0123456789ABCDEF")
		}
		b.WriteByte('\n')
	}
	return b.Bytes()
}

func twenty() []*regexp.Regexp {
	var out []*regexp.Regexp
	for _, e := range []string{
		`console\.(log|debug)\(`, `\bTODO\b`, `FIXME|XXX`, `AKIA[0-9A-Z]{16}`, `(?i)password\s*=\s*['"]`, `-----BEGIN [A-Z ]*PRIVATE KEY`,
		`debugger;`, `print_r\(`, `var_dump\(`, `System\.out\.println`, `eval\(.*\)`, `document\.write\(`, `\.innerHTML\s*=`, `xoxb-[0-9a-z]+`,
		`ghp_[0-9A-Za-z]{36}`, `pdb\.set_trace`, `binding\.pry`, `fmt\.Print(ln|f)?\(`, `(?i)do not commit`, `https?://localhost`,
	} {
		out = append(out, regexp.MustCompile("(?m)"+e))
	}
	return out
}

// BenchmarkTwentyPatterns is 20 patterns over 16 MB in one pass, and one after
// the other over 1 MB.
func BenchmarkTwentyPatterns(b *testing.B) {
	exprs := twenty()
	for _, bench := range []struct {
		name  string
		exprs []*regexp.Regexp
		data  []byte
		run   func(exprs []*regexp.Regexp, s *Set, data []byte) int
	}{
		{"set", exprs, corpus(16 << 20), onSpans},
		{"naive", exprs, corpus(1 << 20), naive},
		{"set of one", exprs[1:2], corpus(16 << 20), onSpans},
		{"naive of one", exprs[1:2], corpus(16 << 20), naive},
	} {
		b.Run(bench.name, func(b *testing.B) {
			s := New(bench.exprs)
			b.SetBytes(int64(len(bench.data)))
			n := 0
			for b.Loop() {
				n = bench.run(bench.exprs, s, bench.data)
			}
			b.ReportMetric(float64(n), "matches")
		})
	}
}

func onSpans(exprs []*regexp.Regexp, s *Set, data []byte) (n int) {
	h := s.Scan(data)
	for i, re := range exprs {
		n += len(matches(&h, re, i, data))
	}
	return n
}

func naive(exprs []*regexp.Regexp, _ *Set, data []byte) (n int) {
	for _, re := range exprs {
		n += len(re.FindAllIndex(data, -1))
	}
	return n
}

// BenchmarkBuild is what a run pays before its first file.
func BenchmarkBuild(b *testing.B) {
	for _, n := range []int{20, 200} {
		var exprs []*regexp.Regexp
		for i := range n {
			exprs = append(exprs, regexp.MustCompile(fmt.Sprintf(`word%d\.call(ed)?\(`, i)))
		}
		b.Run(fmt.Sprint(n), func(b *testing.B) {
			for b.Loop() {
				New(exprs)
			}
		})
	}
}

// Patterns with more literals than an automaton is built of are run on every
// text: a configuration cannot ask for gigabytes.
func TestTheAutomatonIsBounded(t *testing.T) {
	var exprs []*regexp.Regexp
	for i := range 20 {
		var words []string
		for k := range 250 {
			words = append(words, fmt.Sprintf("%c%c-word-%03d-%03d", 'a'+k%26, 'a'+k/26, i, k))
		}
		exprs = append(exprs, regexp.MustCompile(strings.Join(words, "|")))
	}
	s := New(exprs)
	if n := len(s.auto.next); n > 1024*most/4 {
		t.Errorf("the table has %d entries", n)
	}
	if why := s.Explain(19); !strings.Contains(why, "too many patterns") {
		t.Error(why)
	}
	sameAsNaive(t, exprs, []byte("x aa-word-000-000\nab-word-019-026 y\n"))
}
