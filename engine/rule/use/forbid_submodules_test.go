package use

import (
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

func TestSubmodules(t *testing.T) {
	for _, c := range []struct {
		mode     rule.Mode
		status   rule.Status
		any, new string
	}{
		{rule.ModeSubmodule, rule.Added, "m: submodules are not allowed", "m: new submodule"},
		{rule.ModeSubmodule, rule.Modified, "m: submodules are not allowed", ""},
		{rule.ModeSubmodule, rule.Unchanged, "m: submodules are not allowed", ""},
		{rule.ModeSubmodule, rule.Typed, "m: submodules are not allowed", ""},
		{rule.ModeFile, rule.Added, "", ""},
		{rule.ModeSymlink, rule.Added, "", ""},
	} {
		e := rule.Entry{Path: "m", Mode: c.mode, Status: c.status}
		expect(t, "forbid-submodules", newSubject(t, "forbid-submodules", "", "").entry(nil, e, ""), c.any)
		expect(t, "forbid-new-submodules", newSubject(t, "forbid-new-submodules", "", "").entry(nil, e, ""), c.new)
	}
}
