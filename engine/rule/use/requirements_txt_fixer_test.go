package use

import (
	"strings"
	"testing"

	"pgregory.net/rapid"
)

func TestRequirementsPlaces(t *testing.T) {
	s := newSubject(t, "requirements-txt-fixer", "requirements.txt", "")
	for _, c := range []struct {
		data, want string
		fixable    bool
	}{
		{"a\nb\n", "", false},
		{"a\nc\nb\n", "2:0-0:0 requirements are not sorted from here on, sort them\n", true},
		{"b\n a\n", "2:0-0:0 a requirement begins with a blank or \";\", begin it with its name\n", false},
		{"# c\nb \\\n\na\n", "2:0-0:0 an empty line follows the backslash, join the entry's lines\n", false},
	} {
		found := s.findings([]byte(c.data))
		if got := places(found); got != c.want {
			t.Errorf("%q: %swant %s", c.data, got, c.want)
		}
		if len(found) > 0 && found[0].Fixable != c.fixable {
			t.Errorf("%q: fixable is %v", c.data, found[0].Fixable)
		}
		if _, changed := s.fix([]byte(c.data)); changed != c.fixable {
			t.Errorf("%q: changed is %v", c.data, changed)
		}
	}
}

func TestIsRequirements(t *testing.T) {
	for path, want := range map[string]bool{
		"requirements.txt": true, "a/requirements-dev.txt": true, "requirements/dev.txt": true, "my-constraints.in.txt": true,
		"requirements.txt\n": true, "requirements.in": false, "require.txt": false, "requirements\n.txt": false, "Requirements.txt": false,
	} {
		if got := isRequirements(path); got != want {
			t.Errorf("%q: %v, want %v", path, got, want)
		}
	}
}

// Fixes end, whatever the file holds, and the file is then clean or refused.
func TestRequirementsSettle(t *testing.T) {
	s := newSubject(t, "requirements-txt-fixer", "requirements.txt", "")
	parts := []string{"a", "B", "==1", ">=2", "#c", "\n", "\n", "\r\n", " ", ";x", "\\\n", "&egg=b", "pkg-resources==0.0.0\n", "\xff"}
	rapid.Check(t, func(t *rapid.T) {
		data := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(parts), 0, 24).Draw(t, "data"), ""))
		for range 10 {
			fixed, changed := s.fix(data)
			if found := s.findings(data); changed && len(found) == 0 || !changed && len(found) > 0 && found[0].Fixable {
				t.Fatalf("%q: changed is %v, found %s", data, changed, places(found))
			}
			if !changed {
				return
			}
			data = fixed
		}
		t.Fatalf("does not settle: %q", data)
	})
}
