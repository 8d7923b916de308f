package hook

import (
	"slices"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// join makes one report of those of several pushed refs: a finding, fault or
// note that several have is listed once, and a rule's worst status counts.
func join(reports []*report.Report) *report.Report {
	out := reports[0]
	for _, r := range reports[1:] {
		out.Findings = append(out.Findings, r.Findings...)
		out.Faults = append(out.Faults, r.Faults...)
		for _, n := range r.Notes {
			if !slices.Contains(out.Notes, n) {
				out.Notes = append(out.Notes, n)
			}
		}
		out.Rules = joinRules(out.Rules, r.Rules)
		out.Run.Files += r.Run.Files
		out.Run.Bytes += r.Run.Bytes
		out.Run.ExitCode = max(out.Run.ExitCode, r.Run.ExitCode) // the codes are in the order of their weight
	}
	if len(reports) > 1 {
		slices.SortFunc(out.Findings, rule.Compare)
		out.Findings = slices.CompactFunc(out.Findings, func(a, b rule.Finding) bool { return rule.Compare(a, b) == 0 })
		slices.SortFunc(out.Faults, rule.CompareFaults)
		out.Faults = slices.CompactFunc(out.Faults, func(a, b rule.Fault) bool { return a == b })
		for i := range out.Rules {
			out.Rules[i].Findings = count(out.Findings, out.Rules[i].ID)
		}
	}
	return out
}

func count(fs []rule.Finding, id string) (n int) {
	for _, f := range fs {
		if f.Rule == id && !f.Fixed {
			n++
		}
	}
	return n
}

// weight orders the statuses: the heaviest is what becomes of a rule in all.
var weight = map[report.Status]int{report.Skipped: 1, report.Passed: 2, report.Fixed: 3, report.Failed: 4, report.Faulted: 5}

// joinRules adds b's results to a's. Refs may differ in their sot.yaml, so that
// a rule may be in one list alone.
func joinRules(a, b []report.RuleResult) []report.RuleResult {
	for _, x := range b {
		i := slices.IndexFunc(a, func(r report.RuleResult) bool { return r.ID == x.ID })
		if i < 0 {
			a = append(a, x)
			continue
		}
		if weight[x.Status] > weight[a[i].Status] || x.Status == a[i].Status && a[i].Files == 0 {
			a[i].Status, a[i].Reason = x.Status, x.Reason
		}
		a[i].Files += x.Files
		a[i].Seconds += x.Seconds
	}
	return a
}
