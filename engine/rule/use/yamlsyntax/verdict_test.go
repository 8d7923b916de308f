package yamlsyntax

import (
	"os"
	"strconv"
	"strings"
	"testing"
)

// verdict is what the original says of a text: "ok" or "no" as one document,
// as several, and of its syntax alone.
type verdict struct {
	text string
	want [3]string
}

var modes = [3]Options{{}, {Multi: true}, {Syntax: true}}

// verdicts reads testdata/verdicts.txt, which was made by running
// ruamel.yaml 0.17.21 with its C parser over each text (a quoted Go string), as
// pre-commit-hooks 6.0.0 does. To add a case, run the original.
func verdicts(t testing.TB) []verdict {
	data, err := os.ReadFile("testdata/verdicts.txt")
	if err != nil {
		t.Fatal(err)
	}
	var all []verdict
	for line := range strings.Lines(string(data)) {
		f := strings.SplitN(strings.TrimSpace(line), " ", 4)
		text, err := strconv.Unquote(f[3])
		if err != nil {
			t.Fatalf("%s: %v", line, err)
		}
		all = append(all, verdict{text, [3]string(f[:3])})
	}
	if len(all) < 250 {
		t.Fatalf("only %d cases", len(all))
	}
	return all
}

func TestVerdicts(t *testing.T) {
	for _, v := range verdicts(t) {
		for i, o := range modes {
			for how, problems := range map[string][]Problem{"": Check([]byte(v.text), o), "fully": CheckFully([]byte(v.text), o)} {
				if ok := len(problems) == 0; ok != (v.want[i] == "ok") {
					t.Errorf("%q with %+v %s: %v, the original says %s", v.text, o, how, problems, v.want[i])
				}
			}
		}
	}
}

func TestPlaces(t *testing.T) {
	for _, c := range []struct{ text, place, message string }{
		{"a: 1\nb: 2\na: 3\n", "a@10", `duplicate key "a", the first is at line 1`},
		{"a: [1, 2\nb: 3\n", "[@3", "this bracket is not closed, ',' or ']' was expected at line 2"},
		{"a: {b: 1 c: 2}\n", ":@10", "found ':' where ',' or '}' is expected"},
		{"a: [1, 2\n", "[@3", "this bracket is not closed"},
		{"a: \"b\nc: d\n", "\"@3", "this quote is not closed"},
		{"a: 1\nfoo\nb: 2\n", "foo@5", "no ':' behind this key"},
		{"a: b: c\n", ":@4", "a second ':' in the line"},
		{"a:\n\tb: c\n", "\t@3", "tab where indentation is expected"},
		{"a:\n  - b\n c: d\n", "@10", "found a key where the mapping's next key is expected"},
		{"é: @b\n", "@@4", "cannot begin with '@'"},
		{"a: !vault x\n", "!vault x@3", "unknown tag !vault"},
		{"a: !!foo x\n", "!!foo x@3", "unknown tag !!foo"},
		{"a: *b\n", "*b@3", "undefined alias *b"},
		{"a: &x 1\nb: &x 2\n", "&x 2@11", "second anchor &x, the first is at line 1"},
		{"{{ a }}: b\n", "{@0", "a mapping cannot be a key"},
		{"a: b\n---\nc: d\n", "---@5", "a second document begins here"},
		{"a: \"\\q\"\n", "\\q@4", "unknown escape"},
		{"a: 2001-02-30\n", "2001-02-30@3", "no date that there is"},
		{"a: \x01\n", "\x01@3", "control character U+0001"},
		{"a: \xff\n", "\xff@3", "not UTF-8"},
	} {
		problems := Check([]byte(c.text), Options{})
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

// Everything that is wrong with what could be parsed is reported.
func TestAllProblems(t *testing.T) {
	problems := Check([]byte("a: 1\na: 2\nb: !x y\na: *c\n"), Options{})
	if len(problems) != 4 {
		t.Errorf("%d problems, want 4: %v", len(problems), problems)
	}
}
