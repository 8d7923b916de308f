package engine

import (
	"fmt"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// findingsAt makes findings of one rule and message, given as line and fingerprint.
func findingsAt(at ...any) (out []rule.Finding) {
	for i := 0; i < len(at); i += 2 {
		out = append(out, rule.Finding{Rule: "r", Path: "a", Message: "m", Line: at[i].(int), Fingerprint: at[i+1].(string)})
	}
	return out
}

func TestGone(t *testing.T) {
	for _, c := range []struct {
		before, after []rule.Finding
		want          string
	}{
		{findingsAt(1, "a", 2, "b"), findingsAt(2, "b"), "[a]"},
		{findingsAt(1, "a", 2, "b"), findingsAt(1, "a", 2, "B"), "[]"},          // its line changed
		{findingsAt(1, "a", 5, "b", 9, "c"), findingsAt(5, "B"), "[a c]"},       // the nearest one moved
		{findingsAt(1, "a", 5, "b", 9, "c"), findingsAt(3, "X"), "[b c]"},       // further down than it was
		{findingsAt(5, "b", 9, "c"), findingsAt(1, "X"), "[c]"},                 // further up
		{findingsAt(5, "b"), findingsAt(1, "X", 2, "Y"), "[]"},                  // more than there were
		{findingsAt(1, "a", 2, "b", 3, "c"), findingsAt(8, "X", 9, "Y"), "[a]"}, // the last ones
		{findingsAt(1, "a"), nil, "[a]"},
	} {
		got := []string{}
		for _, f := range gone(c.before, c.after) {
			got = append(got, f.Fingerprint)
		}
		if fmt.Sprint(got) != c.want {
			t.Errorf("%v then %v: %v are gone, want %s", c.before, c.after, got, c.want)
		}
	}
}
