package hook

import (
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

func TestParseRefs(t *testing.T) {
	id, zero := strings.Repeat("a1", 20), strings.Repeat("0", 40)
	refs, err := parseRefs(strings.NewReader("refs/heads/a " + id + " refs/heads/b " + zero + "\n\n(delete) " + zero + " refs/heads/c " + strings.Repeat("b", 64)))
	want := []ref{{"refs/heads/a", id, "refs/heads/b", zero}, {"(delete)", zero, "refs/heads/c", strings.Repeat("b", 64)}}
	if err != nil || !slices.Equal(refs, want) {
		t.Errorf("got %v, %v", refs, err)
	}
	for _, bad := range []string{"a", "a b c d", "a " + id + " c " + id + " e", "a " + strings.ToUpper(id) + " c " + id, "--all " + id + " x --x"} {
		if refs, err := parseRefs(strings.NewReader(bad)); err == nil {
			t.Errorf("%q: got %v", bad, refs)
		}
	}
	if _, err := parseRefs(strings.NewReader(strings.Repeat("x", 1<<20))); err == nil {
		t.Error("a line of a megabyte was taken")
	}
}

func FuzzParseRefs(f *testing.F) {
	f.Add("refs/heads/a " + strings.Repeat("a", 40) + " refs/heads/b " + strings.Repeat("0", 40))
	f.Fuzz(func(t *testing.T, in string) {
		refs, err := parseRefs(strings.NewReader(in))
		for _, r := range refs {
			if err == nil && (!isID(r.localID) || !isID(r.remoteID)) {
				t.Errorf("%q: %v", in, r)
			}
		}
	})
}

func TestJoin(t *testing.T) {
	one := rule.Finding{Rule: "r", Path: "b", Line: 1, Message: "x"}
	two := rule.Finding{Rule: "r", Path: "a", Line: 1, Message: "x"}
	a := &report.Report{Findings: []rule.Finding{one}, Notes: []string{"n"},
		Rules: []report.RuleResult{{ID: "r", Status: report.Failed, Files: 1, Findings: 1}, {ID: "p", Status: report.Passed, Reason: "no files matched"}},
		Run:   report.Run{Files: 1, ExitCode: 1}}
	b := &report.Report{Findings: []rule.Finding{two, one}, Faults: []rule.Fault{{Rule: "f", Message: "m"}}, Notes: []string{"n", "m"},
		Rules: []report.RuleResult{{ID: "r", Status: report.Failed, Files: 2, Findings: 2}, {ID: "p", Status: report.Passed, Files: 2}, {ID: "f", Status: report.Faulted}},
		Run:   report.Run{Files: 2, ExitCode: 3}}
	got := join([]*report.Report{a, b})
	if !slices.Equal(got.Findings, []rule.Finding{two, one}) || len(got.Faults) != 1 || got.Run.ExitCode != 3 || got.Run.Files != 3 || len(got.Notes) != 2 {
		t.Errorf("got %+v", got)
	}
	want := []report.RuleResult{{ID: "r", Status: report.Failed, Files: 3, Findings: 2}, {ID: "p", Status: report.Passed, Files: 2}, {ID: "f", Status: report.Faulted}}
	if !slices.Equal(got.Rules, want) {
		t.Errorf("got the rules %+v", got.Rules)
	}
}
