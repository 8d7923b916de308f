package command

import (
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// showRaw prints findings as they were read.
func showRaw(found []raw) string {
	var out []string
	for _, r := range found {
		s := fmt.Sprintf("%s:%d:%d", r.path, r.line, r.column)
		if r.endLine+r.endCol > 0 {
			s += fmt.Sprintf("-%d:%d", r.endLine, r.endCol)
		}
		out = append(out, fmt.Sprintf("%s %s %q %s", s, r.severity, r.message, r.code))
	}
	return strings.Join(out, "\n")
}

func TestParseGCC(t *testing.T) {
	for in, want := range map[string]string{
		"a.c:1:2: error: m":                   `a.c:1:2 error "m" `,
		"a.c:1: m":                            `a.c:1:0 none "m" `,
		"a.c:1:2:m":                           `a.c:1:2 none "m" `,
		"a.c:1:2: fatal error: m":             `a.c:1:2 error "m" `,
		"a.c:1:2: [warning] m (rule)":         `a.c:1:2 warning "m (rule)" `,
		"a b.c:1: error: x: y":                `a b.c:1:0 error "x: y" `,
		`C:\a.c:1:2: warning: m`:              `C:\a.c:1:2 warning "m" `,
		"C:/a.c:1:2: warning: m":              `C:/a.c:1:2 warning "m" `,
		"a.c:0:0: error: about it":            `a.c:0:0 error "about it" `,
		"a.c:99999999999:2: m":                `a.c:0:2 none "m" `,
		"vet: ./a.go:1:2: m":                  `./a.go:1:2 none "m" `,
		"a.py:1: [E501] too long":             `a.py:1:0 none "[E501] too long" `,
		"a.c:1:2: error: m\r":                 `a.c:1:2 error "m" `,
		"\x1b[1ma.c:1:2:\x1b[0m error: m":     `a.c:1:2 error "m" `,
		"In file included from a.h:1:":        ``,
		"   at f (a.js:1:2: x)":               ``,
		"http://localhost:80: refused":        ``,
		"a.c: In function 'f':":               ``,
		":1:2: m":                             ``,
		"a.c:1":                               ``,
		"make: *** [Makefile:3: a] Error 1\n": `make: *** [Makefile:3:0 none "a] Error 1" `,
	} {
		found, err := parseGCC([]byte(in))
		if got := showRaw(found); got != want || err != nil {
			t.Errorf("%q: %s, %v, want %s", in, got, err, want)
		}
	}
}

func TestParseGitHub(t *testing.T) {
	in := strings.Join([]string{
		"::error file=a%2Cb%3A.js,line=1,col=2,endLine=3,endColumn=4,title=T%25::first%0Asecond%3A%2525",
		"  ::warning file=a.js,line=2::w",
		"::notice::n",
		"::error::",
		"::error file=a.js",
		"::debug::d", "::group::g", "::set-output name=x::y", "plain ::error::x",
	}, "\n")
	want := strings.Join([]string{
		`a,b:.js:1:2-3:4 error "first\nsecond:%25" T%`,
		`a.js:2:0 warning "w" `,
		`:0:0 info "n" `,
		`:0:0 error "" `,
	}, "\n")
	found, err := parseGitHub([]byte(in))
	if d := cmp.Diff(want, showRaw(found)); d != "" || err != nil {
		t.Error(d, err)
	}
}

func TestParseCheckstyle(t *testing.T) {
	latin := "<?xml version='1.0' encoding='ISO-8859-1'?><checkstyle><file name='\xe9'><error line='1' message='m'/></file></checkstyle>"
	for in, want := range map[string]string{
		latin: `é:1:0 none "m" `,
		"\ufeff<checkstyle><file name='a'><error line='2' column='3' severity='info' message='&lt;x&gt;' source='a.b.C'/></file></checkstyle>": `a:2:3 info "<x>" C`,
		"<checkstyle></checkstyle>":                  ``,
		"<checkstyle><file name='a'>":                `line 1, column 28: the document is not complete`,
		"<checkstyle>\n<file name=>":                 `line 2, column 12: an attribute has no value in quotes`,
		"no report":                                  `line 1, column 10: the document is not complete`,
		strings.Repeat("<checkstyle>", 100):          `line 1, column 781: elements are nested too deeply`,
		"<?xml version='1.0' encoding='utf-7'?><a/>": `line 1, column 39: unknown encoding "utf-7"`,
	} {
		found, err := parseCheckstyle([]byte(in))
		got := showRaw(found)
		if err != nil {
			got += err.Error()
		}
		if got != want {
			t.Errorf("%.80q: %s, want %s", in, got, want)
		}
	}
}

func TestParseSARIF(t *testing.T) {
	log := func(run string) string { return `{"version":"2.1.0","runs":[{` + run + `}]}` }
	at := func(more string) string {
		return `"locations":[{},{"physicalLocation":{"artifactLocation":{"uri":"a.go"},"region":{` + more + `}}}]`
	}
	for _, c := range []struct{ name, in, want string }{
		{"no runs", `{}`, `it has no runs`},
		{"nothing found", log(`"results":[]`), ``},
		{"no results", log(`"results":null`), ``},
		{"level defaults to warning", log(`"results":[{"message":{"text":"m"},` + at(`"startLine":1`) + `}]`), `a.go:1:0 warning "m" `},
		{"level of the rule", log(`"tool":{"driver":{"rules":[{"id":"R","defaultConfiguration":{"level":"error"}}]}},"results":[{"ruleId":"R/sub","message":{"text":"m"}}]`),
			`:0:0 error "m" R/sub`},
		{"rule by index, in an extension", log(`"tool":{"driver":{},"extensions":[{"rules":[{"id":"X","messageStrings":{"k":{"text":"{0} is {{not}} {1}"}},"defaultConfiguration":{"level":"note"}}]}]},` +
			`"results":[{"rule":{"index":0,"toolComponent":{"index":0}},"message":{"id":"k","arguments":["a","b"]}}]`), `:0:0 info "a is {not} b" X`},
		{"wild indexes", log(`"results":[{"ruleIndex":-5,"rule":{"index":7,"toolComponent":{"index":9}},"message":{"id":"k","arguments":[]},"locations":[{"physicalLocation":{"artifactLocation":{"index":-3}}}]}]`), `:0:0 warning "k" `},
		{"not violations", log(`"results":[{"kind":"pass"},{"kind":"notApplicable"},{"baselineState":"absent"},{"suppressions":[{}]},{"suppressions":[{"status":"accepted"}]}]`), ``},
		{"violations all the same", log(`"results":[{"kind":"open","level":"error","message":{"text":"o"}},{"suppressions":[{"status":"rejected"}],"message":{"text":"s"}}]`),
			":0:0 info \"o\" \n:0:0 warning \"s\" "},
		{"ranges", log(`"results":[{"message":{"text":"m"},` + at(`"startLine":2,"endColumn":5`) + `},{"message":{"text":"m"},` + at(`"charOffset":3`) + `},{"message":{"text":"m"},` + at(`"startLine":2,"startColumn":3,"endLine":4`) + `}]`),
			"a.go:2:1-2:5 warning \"m\" \na.go:0:0 warning \"m\" \na.go:2:3-4:0 warning \"m\" "},
		{"bases", log(`"originalUriBaseIds":{"A":{"uri":"file:///r%20x/","uriBaseId":"B"},"B":{"uri":"web","uriBaseId":"B"},"C":{"uriBaseId":"B"}},"artifacts":[{"location":{"uri":"p%2Bq","uriBaseId":"A"}}],` +
			`"results":[{"locations":[{"physicalLocation":{"artifactLocation":{"index":0}}}]},{"locations":[{"physicalLocation":{"artifactLocation":{"uri":"x","uriBaseId":"%SRCROOT%"}}}]}]`),
			"/r x/p+q:0:0 warning \"\" \nx:0:0 warning \"\" "},
		{"a wrong type", log(`"results":[{"message":5}]`), `line 1, column 52: unexpected number for "message"`},
		{"cut off", `{"runs":[{"results":[`, `line 1, column 22: unexpected end of JSON input`},
	} {
		found, err := parseSARIF([]byte(c.in))
		got := showRaw(found)
		if err != nil {
			got += err.Error()
		}
		if d := cmp.Diff(c.want, got); d != "" {
			t.Errorf("%s: %s", c.name, d)
		}
	}
}

func TestParseESLintFaults(t *testing.T) {
	for in, want := range map[string]string{
		`{}`: "line 1, column 1: a list is expected",
		"[{\"filePath\":\"a\",\n\"messages\":[{\"line\":1},{\"line\":\"x\"}]}]": `line 2, column 35: unexpected string for "line"`,
		`[{"messages":{}}]`: "line 1, column 14: a list is expected",
		`[`:                 "line 1, column 2: EOF",
		`Oops`:              "line 1, column 2: invalid character 'O' looking for beginning of value",
	} {
		_, err := parseESLint([]byte(in))
		if err == nil || err.Error() != want {
			t.Errorf("%q: %v, want %s", in, err, want)
		}
	}
}

// A pattern that the library cannot follow is an error, not a panic.
func TestErrorformat(t *testing.T) {
	for _, p := range []string{"%", "%*[", "%f:%", "%Q%q"} {
		if _, err := newErrorformat([]string{p}); err == nil {
			t.Errorf("%q was taken", p)
		}
	}
	for pattern, out := range map[string]string{"%t%#x": "x", "%Z%m": "x"} {
		parse, err := newErrorformat([]string{"%-A%f", pattern})
		if err != nil {
			t.Fatal(err)
		}
		_, _ = parse([]byte("a\n" + out))
	}
	// A line longer than the library's scanner takes does not end the reading.
	parse, err := newErrorformat([]string{"%f:%l:%c: %t%*[a-z]: %m", "%-G%.%#"})
	if err != nil {
		t.Fatal(err)
	}
	found, err := parse([]byte(strings.Repeat("x", 200_000) + "\na b:1:2: warning: x\na:1:2: warning: m\n"))
	if got := showRaw(found); got != `a:1:2 warning "m" ` || err != nil {
		t.Errorf("%s, %v", got, err)
	}
}

func TestTooManyFindings(t *testing.T) {
	lines := []byte(strings.Repeat("a:1: x\n", maxFindings+1))
	commands := []byte(strings.Repeat("::error::x\n", maxFindings+1))
	messages := []byte(`[{"messages":[` + strings.Repeat(`{},`, maxFindings) + `{}]}]`)
	results := []byte(`{"runs":[{"results":[` + strings.Repeat(`{},`, maxFindings) + `{}]}]}`)
	document := []byte("<a>" + strings.Repeat("<error/>", maxFindings+1) + "</a>")
	regex, _ := newRegex("(?P<message>x)")
	efm, _ := newErrorformat([]string{"%f:%l: %m"})
	for name, c := range map[string]struct {
		parse func([]byte) ([]raw, error)
		in    []byte
	}{
		"gcc": {parseGCC, lines}, "regex": {regex, lines}, "errorformat": {efm, lines}, "github": {parseGitHub, commands},
		"eslint": {parseESLint, messages}, "sarif": {parseSARIF, results}, "checkstyle": {parseCheckstyle, document},
	} {
		if name != "gcc" && name != "sarif" && os.Getenv("SOT_LONG") == "" {
			continue // the others take seconds under the race detector
		}
		found, err := c.parse(c.in)
		if len(found) != maxFindings || err == nil || !strings.Contains(err.Error(), errTooMany.Error()) {
			t.Errorf("%s: %d findings, %v", name, len(found), err)
		}
	}
}

// seeds are the recorded outputs and some broken ones.
func seeds(f *testing.F) {
	files, err := filepath.Glob("testdata/output/*.txt")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, name := range files {
		data, err := os.ReadFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(data)
		f.Add(data[:len(data)/2])
	}
}

// fuzzParser holds a parser to what the rest relies on.
func fuzzParser(f *testing.F, parse func([]byte) ([]raw, error)) {
	seeds(f)
	f.Fuzz(func(t *testing.T, out []byte) {
		found, _ := parse(out)
		m := mapper{roots: []string{"/repo"}, dir: "web"}
		for _, r := range found {
			if r.line < 0 || r.column < 0 || r.endLine < 0 || r.endCol < 0 {
				t.Fatalf("a negative place: %+v", r)
			}
			p, inside := m.path(r.path)
			if !inside && p != "" || strings.HasPrefix(p, "/") || p == ".." || strings.HasPrefix(p, "../") {
				t.Fatalf("%q became %q", r.path, p)
			}
		}
	})
}

func FuzzSARIF(f *testing.F)      { fuzzParser(f, parseSARIF) }
func FuzzCheckstyle(f *testing.F) { fuzzParser(f, parseCheckstyle) }
func FuzzESLint(f *testing.F)     { fuzzParser(f, parseESLint) }
func FuzzGCC(f *testing.F)        { fuzzParser(f, parseGCC) }
func FuzzGitHub(f *testing.F)     { fuzzParser(f, parseGitHub) }

func FuzzErrorformat(f *testing.F) {
	f.Add("%f:%l:%c: %m", "a:1:2: m")
	f.Add("%-P%f", "a\n b")
	f.Add("%E%f:%l%.%#", "a:1\nb")
	f.Add("%Z%m", "x")
	f.Fuzz(func(t *testing.T, pattern, out string) {
		if parse, err := newErrorformat(strings.Split(pattern, ",")); err == nil {
			_, _ = parse([]byte(out))
		}
	})
}

func FuzzRegex(f *testing.F) {
	f.Add(`(?P<file>.+):(?P<line>\d+): (?P<message>.*)`, "a:1: m")
	f.Fuzz(func(t *testing.T, pattern, out string) {
		if parse, err := newRegex(pattern); err == nil {
			_, _ = parse([]byte(out))
		}
	})
}
