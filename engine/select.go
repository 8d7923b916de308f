package engine

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/rule"
)

// UsageError is a mistake in how sot was called: exit code 2.
type UsageError struct{ Message string }

// Error returns what is wrong and what to do.
func (e *UsageError) Error() string { return e.Message }

func usagef(format string, args ...any) error { return &UsageError{fmt.Sprintf(format, args...)} }

// choose returns the rules that the options ask for, in the order of the
// configuration, together with all that they need. Rules that were asked to be
// skipped are among them, with the reason, so that the report and the rules that
// need them can say so.
func choose(all []*rule.Rule, o Options) (rules []*rule.Rule, skip map[string]string, err error) {
	byID := map[string]*rule.Rule{}
	ids := make([]string, 0, len(all))
	tags := map[string]bool{}
	for _, r := range all {
		byID[r.ID] = r
		ids = append(ids, r.ID)
		for _, t := range r.Tags {
			tags[t] = true
		}
	}
	for _, id := range slices.Concat(o.Rules, o.Skip) {
		if byID[id] == nil {
			return nil, nil, usagef("there is no rule %q%s; `sot list` shows the rules in force", id, didYouMean(id, ids))
		}
	}
	for _, t := range o.Tags {
		if !tags[t] {
			return nil, nil, usagef("no rule has the tag %q; `sot list` shows the rules in force", t)
		}
	}
	skip = map[string]string{}
	for _, id := range o.Skip {
		skip[id] = "skipped by --skip"
	}
	for _, id := range slices.Concat(o.SkipEnv, o.SkipShared) {
		if byID[id] != nil {
			skip[id] = "skipped by the environment (SOT_SKIP or SKIP)"
		}
	}
	chosen := map[string]bool{}
	var pull func(id string)
	pull = func(id string) {
		if r := byID[id]; r != nil && !chosen[id] {
			chosen[id] = true
			for _, n := range r.Needs {
				pull(n)
			}
		}
	}
	for _, r := range all {
		if wanted(r, o) {
			pull(r.ID)
		}
	}
	for _, r := range all {
		if chosen[r.ID] {
			rules = append(rules, r)
		}
	}
	return rules, skip, nil
}

// unknownSkips returns a note about the ids of SOT_SKIP that no rule has: a
// mistake there stops nobody, and whoever made it believes that a rule is left
// out. 1 is the hooks' own: it leaves out all of sot.
func unknownSkips(all []*rule.Rule, skips []string) []string {
	ids := make([]string, 0, len(all))
	for _, r := range all {
		ids = append(ids, r.ID)
	}
	var unknown []string
	for _, id := range skips {
		if note := strconv.Quote(id) + didYouMean(id, ids); id != "1" && !slices.Contains(ids, id) && !slices.Contains(unknown, note) {
			unknown = append(unknown, note)
		}
	}
	if unknown == nil {
		return nil
	}
	return []string{"SOT_SKIP names no rule by " + strings.Join(unknown, ", ") + "; `sot list` shows the rules in force"}
}

// wanted says whether a rule is asked for by --rule, --tag and --stage. Naming a
// rule asks for it at whatever stage.
func wanted(r *rule.Rule, o Options) bool {
	if len(o.Rules) > 0 {
		return slices.Contains(o.Rules, r.ID)
	}
	if len(o.Tags) > 0 && !slices.ContainsFunc(o.Tags, func(t string) bool { return slices.Contains(r.Tags, t) }) {
		return false
	}
	return atStage(r, o.Stage)
}

// atStage says whether a rule runs at a stage. Without stages of its own it
// runs at all but commit-msg.
func atStage(r *rule.Rule, stage string) bool {
	if r.Stages == nil {
		return stage != "commit-msg"
	}
	return slices.Contains(r.Stages, stage)
}

func didYouMean(word string, known []string) string {
	if near := config.Nearest(word, known); near != "" {
		return fmt.Sprintf(" (did you mean %q?)", near)
	}
	return ""
}

// SkipList splits what SOT_SKIP and SKIP hold: ids by commas.
func SkipList(s string) []string {
	return strings.FieldsFunc(s, func(r rune) bool { return r == ',' || r == ' ' })
}
