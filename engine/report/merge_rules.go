package report

import (
	"fmt"
	"slices"
	"strings"
)

// rules merges what became of each rule, in the order of the first part.
func (m *merger) rules() {
	results := map[string][]RuleResult{}
	shards := map[string][]int{} // beside results
	var ids []string
	for _, p := range m.parts {
		for _, x := range p.Run.Rules {
			if results[x.ID] == nil {
				ids = append(ids, x.ID)
			}
			results[x.ID] = append(results[x.ID], x)
			shards[x.ID] = append(shards[x.ID], p.Run.Run.Shard.Index)
		}
	}
	for _, id := range ids {
		m.out.Rules = append(m.out.Rules, m.rule(id, results[id], shards[id]))
	}
}

// statuses are the statuses of a rule, from the best: that of a rule of several
// shards is the worst.
var statuses = [...]Status{Passed, Fixed, Skipped, Failed, Faulted}

func (m *merger) rule(id string, all []RuleResult, shards []int) RuleResult {
	out := RuleResult{ID: id, Kind: all[0].Kind, Batch: all[0].Batch}
	rank := -1
	reported := false
	for _, x := range all {
		if l := x.Learned; l != nil && (out.Learned == nil || l.Tasks > out.Learned.Tasks) {
			out.Learned = l // of earlier runs: jobs that start from one profile say the same
		}
		if x.Part == Elsewhere {
			continue
		}
		out.Seconds += x.Seconds
		out.Estimated += x.Estimated
		if x.Part == Repeated {
			continue
		}
		reported = true
		out.Files += x.Files
		out.Cached += x.Cached
		switch k := slices.Index(statuses[:], x.Status); {
		case k > rank:
			rank, out.Status, out.Reason = k, x.Status, x.Reason
		case k == rank && x.Reason == "":
			out.Reason = "" // one of its shards had something to say more of
		}
	}
	m.agree(id, all, shards)
	switch {
	case reported && out.Status != "":
	case len(m.gone) > 0:
		out.Status, out.Reason = Skipped, "its shard has no report"
	default:
		out.Status, out.Reason = Faulted, "no shard reports it"
		m.fault(id, "none of the shards reports it: files may have been missed; run all shards of one `sot plan`")
	}
	return out
}

// agree finds a rule that ran whole in several shards, because others need it, and
// did not end the same way in all of them: then what needs it ran in some of them,
// and did not in others.
func (m *merger) agree(id string, all []RuleResult, shards []int) {
	repeated := false
	var ends []string
	var seen []Status
	for i, x := range all {
		if x.Part == Elsewhere {
			continue
		}
		repeated = repeated || x.Part == Repeated
		if !slices.Contains(seen, x.Status) {
			seen = append(seen, x.Status)
			ends = append(ends, fmt.Sprintf("%s in shard %d", x.Status, shards[i]))
		}
	}
	if repeated && len(seen) > 1 {
		m.fault(id, "it judged the same files in several shards, and did not end the same way (%s): what needs it was not checked in all of them; make it repeatable", strings.Join(ends, ", "))
	}
}
