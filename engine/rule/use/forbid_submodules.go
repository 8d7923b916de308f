package use

import "github.com/sot-validator/sot/engine/rule"

func forbidSubmodules() rule.Use {
	return rule.Use{
		ID:       "forbid-submodules",
		Why:      "A clone without its submodules is not whole, and a server that is gone stops all builds.",
		Doc:      "Forbids git submodules.\n",
		Defaults: rule.Selector{Types: []string{"directory"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return noSubmodules{}, nil },
	}
}

// noSubmodules is the check forbid-submodules.
type noSubmodules struct{}

// Blind says that the mode is enough.
func (noSubmodules) Blind() {}

// CheckFile reports a submodule.
func (noSubmodules) CheckFile(p *rule.Pass, f *rule.File) {
	if f.Mode == rule.ModeSubmodule {
		p.Path(f.Path, "submodules are not allowed here, remove it: git rm PATH")
	}
}
