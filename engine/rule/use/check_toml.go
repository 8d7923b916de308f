package use

import (
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/use/tomlsyntax"
)

func checkTOML() rule.Use {
	return rule.Use{
		ID:  "check-toml",
		Why: "The tool whose configuration it is stops at it, on somebody else's machine.",
		Doc: `Finds files that are not TOML 1.0.

Beside errors of syntax: keys and tables that are there twice, dates that there are not, and text
that is not UTF-8. Up to 100 are reported; the first error of syntax hides what follows.

The verdict is that of Python's tomllib. Differences, each a bound of Python's own: a number of
more than 4,300 digits is accepted, and values may be nested 1,000 deep, not some 500.
`,
		Defaults: rule.Selector{Types: []string{"toml"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return tomlCheck{}, nil },
	}
}

// tomlCheck is the check check-toml.
type tomlCheck struct{}

// CheckFile reports what is wrong with the text.
func (tomlCheck) CheckFile(p *rule.Pass, f *rule.File) {
	for _, problem := range tomlsyntax.Check(f.Bytes()) {
		p.Range(f, problem.Start, problem.End, "%s", problem.Message)
	}
}
