package use

import (
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestList(t *testing.T) {
	uses := checks()
	if !slices.IsSortedFunc(uses, func(a, b rule.Use) int { return strings.Compare(a.ID, b.ID) }) {
		t.Error("not sorted by id")
	}
	for i, u := range uses {
		if i > 0 && uses[i-1].ID == u.ID {
			t.Errorf("%s is listed twice", u.ID)
		}
		first, _, _ := strings.Cut(u.Doc, "\n")
		if !strings.HasSuffix(first, ".") {
			t.Errorf("%s: its documentation begins with no sentence: %q", u.ID, first)
		}
		if u.With.Type != rule.ObjectShape || u.New == nil {
			t.Errorf("%s: no options shape, or no New", u.ID)
		}
		check, problems := u.New(rule.Value{})
		switch check.(type) {
		case rule.FileCheck, rule.TreeCheck, rule.RepoCheck:
		default:
			t.Errorf("%s without options is a %T, which the engine does not run", u.ID, check)
		}
		if len(problems) > 0 {
			t.Errorf("%s without options: %v", u.ID, problems)
		}
	}
}

func TestKindByName(t *testing.T) {
	k := Kind()
	built, problems := k.New(rule.Value{Kind: rule.String, Scalar: "check-json"})
	if len(problems) > 0 || built.Check == nil || !slices.Equal(built.Defaults.Types, []string{"json"}) {
		t.Errorf("%+v, %v", built, problems)
	}
	if _, problems = k.New(rule.Value{Kind: rule.String, Scalar: "check-jsn"}); len(problems) != 1 {
		t.Errorf("an unknown check: %v", problems)
	}
}
