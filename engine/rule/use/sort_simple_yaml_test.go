package use

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestSortSimpleYAMLPlaces(t *testing.T) {
	s := newSubject(t, "sort-simple-yaml", "f", "")
	for data, want := range map[string]string{
		"a: 1\n\nb: 2\n":    "",
		"b: 1\n\na: 2\n":    "1:0-0:0 keys are not sorted, sort the blocks by their first key\n",
		"a: 1\n\n\nb: 2\n":  "3:0-0:0 empty line too many, separate sorted blocks by one\n",
		"# c\na: 1\n":       "2:0-0:0 keys are not sorted, sort the blocks by their first key\n",
		"a: 1\r\n\r\n":      "2:0-0:0 empty line too many, separate sorted blocks by one\n",
		"a: 1\n\nc\n\nb: 2": "3:0-0:0 keys are not sorted, sort the blocks by their first key\n",
	} {
		if got := places(s.findings([]byte(data))); got != want {
			t.Errorf("%q: %swant %s", data, got, want)
		}
	}
}

// It finds something exactly where its fix changes something, and nothing after.
func TestSortSimpleYAMLFixes(t *testing.T) {
	s := newSubject(t, "sort-simple-yaml", "f", "")
	pieces := []string{"a: 1\n", "b: 2\n", "\"b\": 3\n", "# c\n", "\n", " \n", "\r\n", "x", "\r", "\xff\n", "é: 4\n"}
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 10).Draw(t, "data"), ""))
		fixed, changed := s.fix(data)
		if found := s.findings(data); (len(found) > 0) != changed {
			t.Fatalf("%q to %q: found %s", data, fixed, places(found))
		}
		// A glued header becomes a block of its own, so the second time is the last.
		fixed, _ = s.fix(fixed)
		if again, changed := s.fix(fixed); changed {
			t.Fatalf("%q becomes %q", fixed, again)
		}
		if bytes.Contains(data, []byte("\r")) && changed && bytes.Contains(fixed, []byte("\r")) {
			t.Fatalf("%q keeps a CR", fixed)
		}
	})
}
