package engine

import (
	"cmp"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// settleMended returns the findings of the rounds that are gone from files that
// were changed, each once.
func (r *run) settleMended(rounds [][]rule.Finding, changed map[string]bool) []rule.Finding {
	rounds = append(rounds, r.last.findings())
	seen := map[string]bool{}
	for _, f := range rounds[len(rounds)-1] {
		seen[f.Fingerprint] = true
	}
	var out []rule.Finding
	for i, now := range rounds[:len(rounds)-1] {
		for _, f := range gone(now, rounds[i+1]) {
			if (changed[f.Path] || f.Path == "" && r.mendedBy[f.Rule]) && !seen[f.Fingerprint] {
				seen[f.Fingerprint] = true
				f.Fixed = true
				out = append(out, f)
			}
		}
	}
	return out
}

// alike are the findings of one rule in one file that say the same.
type alike struct{ rule, path, message string }

// gone returns the findings that a round of fixes took away. A finding's
// fingerprint follows its line's text, so that the fix of another rule on that
// line gives it a new one: of findings that are alike, as many as are new after
// the round are no fewer, but moved.
func gone(before, after []rule.Finding) []rule.Finding {
	left, came := apart(before, after), apart(after, before)
	var out []rule.Finding
	for k, list := range left {
		out = append(out, unmoved(list, came[k])...)
	}
	return out
}

// apart are the findings of a whose fingerprint b does not have, by line.
func apart(a, b []rule.Finding) map[alike][]rule.Finding {
	in := make(map[string]bool, len(b))
	for _, f := range b {
		in[f.Fingerprint] = true
	}
	out := map[alike][]rule.Finding{}
	for _, f := range a {
		if k := (alike{f.Rule, f.Path, f.Message}); !in[f.Fingerprint] {
			out[k] = append(out[k], f)
		}
	}
	for _, list := range out {
		slices.SortStableFunc(list, func(a, b rule.Finding) int { return cmp.Compare(a.Line, b.Line) })
	}
	return out
}

// unmoved leaves out of the findings that left one for each that came: the last
// one that stands no further down, for all but those that would have none then.
func unmoved(left, came []rule.Finding) []rule.Finding {
	if len(came) >= len(left) {
		return nil
	}
	var out []rule.Finding
	at := 0
	for i, f := range came {
		spare := len(left) - (len(came) - i) // the last one that leaves enough for the others
		for at < spare && left[at+1].Line <= f.Line {
			out = append(out, left[at])
			at++
		}
		at++ // this one moved
	}
	return append(out, left[at:]...)
}
