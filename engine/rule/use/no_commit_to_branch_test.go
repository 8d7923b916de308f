package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestNoCommitToBranch(t *testing.T) {
	for _, c := range []struct {
		branch, options string
		found           bool
	}{
		{"main", "", true},
		{"master", "", true},
		{"mainline", "", false},
		{"feature/main", "", false},
		{"", "", false}, // detached
		{"main", `{"branch": "dev"}`, false},
		{"dev", `{"branch": ["dev", "release/1.0"]}`, true},
		{"release/1.0", `{"branch": ["dev", "release/1.0"]}`, true},
		{"release/2.0", `{"pattern": "release/.*"}`, true},
		{"release/2.0", `{"pattern": "rel"}`, true}, // as re.match: from the start, not to the end
		{"my/release/2.0", `{"pattern": "release/.*"}`, false},
		{"main", `{"pattern": "release/.*"}`, true},
		{"b", `{"pattern": ["a|b", "c"]}`, true},
		{"ab", `{"pattern": "b|ab$"}`, true},
		{"xb", `{"pattern": "a|b"}`, false},
	} {
		s := newSubject(t, "no-commit-to-branch", "", c.options)
		p := s.pass(&fakeRepo{branch: c.branch})
		s.check.(rule.RepoCheck).CheckRepo(p, nil)
		want := ""
		if c.found {
			want = ": branch " + c.branch + " is protected"
		}
		expect(t, c.branch+" with "+c.options, said(p), want)
	}
	s := newSubject(t, "no-commit-to-branch", "", "")
	p := s.pass(&fakeRepo{err: errRepo})
	s.check.(rule.RepoCheck).CheckRepo(p, nil)
	expect(t, "no git", said(p), "fault: cannot find the current branch")
}

func TestNoCommitToBranchReportsBadPatterns(t *testing.T) {
	_, problems := newProtected(valueOf(t, `{"pattern": ["a(", "b", "(?=c)"]}`))
	if len(problems) != 2 {
		t.Errorf("%v", problems)
	}
}
