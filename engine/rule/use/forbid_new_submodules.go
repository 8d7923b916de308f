package use

import "github.com/sot-validator/sot/engine/rule"

func forbidNewSubmodules() rule.Use {
	return rule.Use{
		ID:  "forbid-new-submodules",
		Why: "A clone without its submodules is not whole, and a server that is gone stops all builds.",
		Doc: `Keeps git submodules from being added.

Those that are there already may stay, and change. A submodule is new where the run's other
side (HEAD or the base) does not have it, so a run that compares nothing finds none. Differs
from pre-commit-hooks in a submodule that moved: there it is new, here it was there already.
`,
		Defaults: rule.Selector{Types: []string{"directory"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return noNewSubmodules{}, nil },
	}
}

// noNewSubmodules is the check forbid-new-submodules.
type noNewSubmodules struct{}

// Blind says that the mode and the status are enough.
func (noNewSubmodules) Blind() {}

// CheckFile reports a submodule that is new.
func (noNewSubmodules) CheckFile(p *rule.Pass, f *rule.File) {
	if f.Mode == rule.ModeSubmodule && f.New() {
		p.Path(f.Path, "new submodule, if it came in by accident (git add .), remove it: git rm --cached PATH, and look into .gitmodules")
	}
}
