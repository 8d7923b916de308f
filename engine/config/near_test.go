package config

import (
	"testing"

	"pgregory.net/rapid"
)

func TestNearest(t *testing.T) {
	words := []string{"severity", "stages", "files", "trailing-whitespace", "tags", "types", "types_or"}
	for word, want := range map[string]string{
		"sevrity": "severity", "severtiy": "severity", "Severity": "severity", "file": "files", "fliles": "files",
		"trailing_whitespace": "trailing-whitespace", "trailing-whitespaces": "trailing-whitespace",
		"type": "types", "types-or": "types_or", "xyzzy": "", "": "", "id": "", "s": "",
	} {
		if got := Nearest(word, words); got != want {
			t.Errorf("Nearest(%q) = %q, want %q", word, got, want)
		}
	}
}

func TestDistanceIsAMetric(t *testing.T) {
	word := rapid.StringMatching(`[abc]{0,6}`)
	rapid.Check(t, func(t *rapid.T) {
		a, b := []rune(word.Draw(t, "a")), []rune(word.Draw(t, "b"))
		d := distance(a, b)
		if d != distance(b, a) {
			t.Errorf("not symmetric: %q %q", string(a), string(b))
		}
		if (d == 0) != (string(a) == string(b)) {
			t.Errorf("distance of %q and %q is %d", string(a), string(b), d)
		}
		if d > max(len(a), len(b)) {
			t.Errorf("distance of %q and %q is %d, more than rewriting it", string(a), string(b), d)
		}
		if i := len(a) - 1; i >= 1 && a[i] != a[i-1] {
			swapped := append([]rune{}, a...)
			swapped[i], swapped[i-1] = swapped[i-1], swapped[i]
			if distance(a, swapped) != 1 {
				t.Errorf("a swap costs more than 1: %q", string(a))
			}
		}
	})
}
