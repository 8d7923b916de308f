package xmlsyntax

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"
	"unicode/utf16"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// verdict is what the original says of a text.
type verdict struct {
	text string
	ok   bool
}

// verdicts reads testdata/verdicts.txt, which was made by running Python 3.11's
// xml.sax (expat 2.5) over each text (a quoted Go string), as pre-commit-hooks
// 6.0.0 does. To add a case, run the original.
func verdicts(t testing.TB) []verdict {
	data, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []verdict
	for line := range strings.Lines(string(data)) {
		word, quoted, _ := strings.Cut(strings.TrimSpace(line), " ")
		text, err := strconv.Unquote(quoted)
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, verdict{text, word == "ok"})
	}
	if len(all) < 100 {
		t.Fatalf("only %d cases", len(all))
	}
	return all
}

func TestVerdicts(t *testing.T) {
	for _, v := range verdicts(t) {
		if problem := Check([]byte(v.text)); (problem == nil) != v.ok {
			t.Errorf("%q: %v, the original says %v", v.text, problem, v.ok)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ text, place, message string }{
		{"<a>\n<b>\n</a>\n", "</a>@8", "</a> does not close <b> of line 2"},
		{"<a>\n<b/>\n", "<a@0", "element <a> is not closed"},
		{"<a/><b/>", "<@4", "a second root element"},
		{"<a/>x", "x@4", "text behind the root element"},
		{"x<a/>", "x@0", "text in front of the root element"},
		{"", "@0", "no element"},
		{"<a é='1' é='2'/>", "é@10", "attribute é is there twice"},
		{"<a b=c/>", "c@5", "the value must be in quotes"},
		{"<a b='<'/>", "<@6", "'<' in an attribute's value"},
		{"<a>&nbsp;</a>", "&nbsp;@3", "entity &nbsp; is not defined"},
		{"<a>& b</a>", " @4", "or &amp; for the character"},
		{"<a>&#1;</a>", "&#1;@3", "U+0001 is no character"},
		{"<a>]]></a>", "]]>@3", "write ]]&gt;"},
		{"<a><!-- b -- c --></a>", "--@10", "\"--\" inside a comment"},
		{"<a><!-- b", "<!--@3", "this comment is not closed"},
		{" <?xml version='1.0'?><a/>", "<?xml@1", "must be at the very start"},
		{"<a>\xff</a>", "\xff@3", "not in the file's encoding"},
		{"<!DOCTYPE a [<!ENTITY e '&e;'>]><a>&e;</a>", "&e;@35", "refers to itself"},
		{"<?xml version='1.0' encoding='nope'?><a/>", "nope@30", "encoding nope is not the file's"},
		{"<?xml version='1.0' encoding='latin1'?><a>\xe9</b>", "</b>@43", "</b> does not close <a>"},
	} {
		problem := Check([]byte(c.text))
		if problem == nil {
			t.Errorf("%q: nothing found", c.text)
			continue
		}
		if place := c.text[problem.Start:problem.End] + "@" + strconv.Itoa(problem.Start); place != c.place || !strings.Contains(problem.Message, c.message) {
			t.Errorf("%q: at %q: %s, want %q: %s", c.text, place, problem.Message, c.place, c.message)
		}
	}
}

func TestUTF16(t *testing.T) {
	encode := func(text string, big bool) []byte {
		var out []byte
		for _, u := range utf16.Encode([]rune(text)) {
			if big {
				out = append(out, byte(u>>8), byte(u))
			} else {
				out = append(out, byte(u), byte(u>>8))
			}
		}
		return out
	}
	for _, big := range []bool{false, true} {
		for _, mark := range []string{"", "\ufeff"} {
			if p := Check(encode(mark+"<?xml version='1.0' encoding='UTF-16'?><é>\U0001f600</é>", big)); p != nil {
				t.Errorf("big %v, mark %q: %v", big, mark, p)
			}
			text := mark + "<a>\U0001f600</b>"
			if p := Check(encode(text, big)); p == nil || p.Start != len(encode(mark+"<a>\U0001f600", big)) {
				t.Errorf("big %v, mark %q: %v", big, mark, p)
			}
		}
	}
	if p := Check([]byte{0xff, 0xfe, '<'}); p == nil {
		t.Error("half a character is accepted")
	}
}

// Hostile texts end soon. Nothing quadratic would.
func TestHostileTexts(t *testing.T) {
	const n = 50_000
	laughs := "<!DOCTYPE a [<!ENTITY e0 'ha'>"
	for i := range 30 {
		laughs += "<!ENTITY e" + strconv.Itoa(i+1) + " '" + strings.Repeat("&e"+strconv.Itoa(i)+";", 10) + "'>"
	}
	chain := "<!DOCTYPE a [<!ENTITY e0 'x'>"
	for i := range 5000 {
		chain += "<!ENTITY e" + strconv.Itoa(i+1) + " '&e" + strconv.Itoa(i) + ";'>"
	}
	var attributes strings.Builder
	for i := range n {
		attributes.WriteString(" a" + strconv.Itoa(i) + "='1'")
	}
	for name, c := range map[string]struct{ text, want string }{
		"billion laughs":    {laughs + "]><a>&e30;</a>", "over 100 times"},
		"laughs, attribute": {laughs + "]><a b='&e30;'/>", "over 100 times"},
		"many references":   {"<!DOCTYPE a [<!ENTITY e '" + strings.Repeat("x", 1000) + "'>]><a>" + strings.Repeat("&e;", 50_000) + "</a>", "over 100 times"},
		"chain":             {chain + "]><a>&e5000;</a>", "too deeply"},
		"elements":          {strings.Repeat("<a>", n) + strings.Repeat("</a>", n), ""},
		"open elements":     {strings.Repeat("<a>", n), "is not closed"},
		"attributes":        {"<a" + attributes.String() + "/>", ""},
		"models":            {"<!DOCTYPE a [<!ELEMENT a " + strings.Repeat("(", n), "too deeply"},
		"long line":         {"<a>" + strings.Repeat("é", n) + "</a>", ""},
		"comments":          {strings.Repeat("<!---->", n) + "<a/>", ""},
		"ampersands":        {"<a>" + strings.Repeat("&amp;", n) + "</a>", ""},
		"parameters":        {"<!DOCTYPE a [<!ENTITY % p '" + strings.Repeat(" ", 1000) + "'>" + strings.Repeat("%p;", n) + "]><a/>", "over 100 times"},
	} {
		start := cputime.Used()
		problem := Check([]byte(c.text))
		if took := cputime.Used() - start; took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if c.want == "" != (problem == nil) || problem != nil && !strings.Contains(problem.Message, c.want) {
			t.Errorf("%s: %v, want %q", name, problem, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, v := range verdicts(f) {
		f.Add([]byte(v.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if p := Check(data); p != nil && (p.Start < 0 || p.End < p.Start || p.End > len(data) || p.Message == "") {
			t.Errorf("bad place or message: %+v in %d bytes", p, len(data))
		}
	})
}
