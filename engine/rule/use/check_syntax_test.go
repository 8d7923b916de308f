package use

import (
	"testing"
)

// The three checks of syntax place their findings by line and column.
func TestSyntaxPlaces(t *testing.T) {
	for _, c := range []struct{ id, options, data, want string }{
		{"check-yaml", "", "é: 1\né: 2\n", "2:1-2:2 duplicate key \"é\", the first is at line 1, remove or rename one\n"},
		{"check-yaml", "", "a: b\n---\nc: d\n", "2:1-2:4 a second document begins here, split the file, or set allow_multiple_documents\n"},
		{"check-yaml", `{"allow_multiple_documents": true}`, "a: b\n---\nc: d\n", ""},
		{"check-yaml", "", "a: !vault b\n", "1:4-1:12 unknown tag !vault, which a safe loader refuses, remove it, or set unsafe to check the syntax alone\n"},
		{"check-yaml", `{"unsafe": true}`, "a: !vault b\n---\na: 1\na: *x\n", ""},
		{"check-yaml", `{"unsafe": true}`, "a: [\n", "1:4-1:5 this bracket is not closed, ',' or ']' was expected at line 2, add it there or further up\n"},
		{"check-toml", "", "é = 1\n", "1:1-1:2 found \"é\" where a key or a table must begin, remove it, or quote the key\n"},
		{"check-toml", "", "a = 'é'\na = 2\n", "2:1-2:2 key \"a\" is there twice, first at line 1, remove or rename one\n"},
		{"check-xml", "", "<é>\n é</e>\n", "2:3-2:7 </e> does not close <é> of line 1, mend the name, or add </é>\n"},
		{"check-xml", "", "<a/>\n", ""},
	} {
		s := newSubject(t, c.id, "f", c.options)
		if got := places(s.findings([]byte(c.data))); got != c.want {
			t.Errorf("%s %s %q: %swant %s", c.id, c.options, c.data, got, c.want)
		}
	}
}
