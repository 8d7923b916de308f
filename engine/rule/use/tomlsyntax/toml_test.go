package tomlsyntax

import (
	"os"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// verdict is what the original says of a text.
type verdict struct {
	text string
	ok   bool
}

// verdicts reads testdata/verdicts.txt, which was made by running Python 3.11's
// tomllib over each text (a quoted Go string). To add a case, run the original.
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
		if problems := Check([]byte(v.text)); (len(problems) == 0) != v.ok {
			t.Errorf("%q: %v, the original says %v", v.text, problems, v.ok)
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ text, place, message string }{
		{"a = 1\na = 2\n", "a@6", `key "a" is there twice, first at line 1`},
		{"[a]\nb = 1\n[a]\n", "[a]@10", `table "a" is there twice, first at line 1`},
		{"a = 1\n[a.b]\n", "[a.b]@6", `"a" has a value at line 1 and is no table`},
		{"[a.b]\nc = 1\n[a]\nb.d = 2\n", "b.d@16", `table "b" was closed before, at line 1`},
		{"a = x\n", "x@4", `found "x" where a value is expected`},
		{"a = [1\nb = 2\n", "b@7", "found \"b\" where ',' or ']' is expected, for the array that begins at line 1"},
		{"a = [1,\n", "[@4", "this bracket is not closed"},
		{"a = \"b\n", "\"@4", "this quote is not closed on its line"},
		{"a = '''b\n", "'''@4", "these quotes are not closed"},
		{"a = \"\\q\"\n", "\\q@5", "unknown escape"},
		{"a = 2001-02-30\n", "2001-02-30@4", "there is no such date"},
		{"é = 1\n", "é@0", "found \"é\" where a key or a table must begin"},
		{"a = 1 b = 2\n", "b@6", "where the line must end"},
		{"a = {b = 1,\n}\n", "\n@11", "where a key is expected"},
		{"a = \"\xff\"\n", "\xff@5", "not UTF-8"},
		{"[a\n", "\n@2", "where the table's \"]\" is expected"},
		{"a = {b = 1 c = 2}\n", "c@11", "an inline table is one line"},
	} {
		problems := Check([]byte(c.text))
		if len(problems) != 1 {
			t.Errorf("%q: %v", c.text, problems)
			continue
		}
		p := problems[0]
		if place := c.text[p.Start:p.End] + "@" + strconv.Itoa(p.Start); place != c.place || !strings.Contains(p.Message, c.message) {
			t.Errorf("%q: at %q: %s, want %q: %s", c.text, place, p.Message, c.place, c.message)
		}
	}
}

// A key that is there twice does not hide what follows.
func TestAllDuplicates(t *testing.T) {
	if problems := Check([]byte("a = 1\na = 2\nb = 3\nb = 4\n[c]\n[c]\n")); len(problems) != 3 {
		t.Errorf("%d problems, want 3: %v", len(problems), problems)
	}
}

// Hostile texts end soon. Nothing quadratic would.
func TestHostileTexts(t *testing.T) {
	const n = 50_000
	var keys strings.Builder
	for i := range n {
		keys.WriteString("k" + strconv.Itoa(i) + " = 1\n")
	}
	for name, c := range map[string]struct{ text, want string }{
		"keys":          {keys.String(), ""},
		"tables":        {strings.ReplaceAll(strings.ReplaceAll(keys.String(), "k", "[k"), " = 1", "]"), ""},
		"list":          {strings.Repeat("[[a]]\nb = 1\n", n), ""},
		"brackets":      {"a = " + strings.Repeat("[", n), "nested too deeply"},
		"braces":        {"a = " + strings.Repeat("{a=", n), "nested too deeply"},
		"dots":          {"a" + strings.Repeat(".a", n) + " = 1", ""},
		"duplicates":    {strings.Repeat("a = 1\n", n), "is there twice"},
		"long line":     {"a = \"" + strings.Repeat("é", n) + "\"", ""},
		"quotes":        {"a = " + strings.Repeat("\"", n), "where the line must end"},
		"long number":   {"a = " + strings.Repeat("9", n), ""},
		"long comments": {strings.Repeat("#", n), ""},
	} {
		start := cputime.Used()
		problems := Check([]byte(c.text))
		if took := cputime.Used() - start; took > 10*time.Second {
			t.Errorf("%s: took %v", name, took)
		}
		if c.want == "" != (len(problems) == 0) || len(problems) > 0 && !strings.Contains(problems[0].Message, c.want) {
			t.Errorf("%s: %.200v, want %q", name, problems, c.want)
		}
	}
}

func FuzzCheck(f *testing.F) {
	for _, v := range verdicts(f) {
		f.Add([]byte(v.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, p := range Check(data) {
			if p.Start < 0 || p.End < p.Start || p.End > len(data) || p.Message == "" {
				t.Errorf("bad place or message: %+v in %d bytes", p, len(data))
			}
		}
	})
}
