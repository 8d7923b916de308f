package use

import (
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/use/yamlsyntax"
)

func checkYAML() rule.Use {
	return rule.Use{
		ID:  "check-yaml",
		Why: "Deployments fail on it at the worst of times, and a key that is there twice silently loses one value.",
		Doc: `Finds YAML that cannot be loaded.

Beside errors of syntax: duplicate keys and anchors, undefined aliases, unknown tags, keys that
are mappings, several documents in a file, dates that there are not, and text that is not UTF-8.
All of these are reported, up to 100 in a file; the first error of syntax hides what follows.

- allow_multiple_documents: a file may hold several documents, each judged for itself.
- unsafe: check the syntax alone, so that any tag (!vault, !Ref), key, alias and number of
  documents is accepted.

The verdict is that of pre-commit-hooks with ruamel.yaml's C parser (YAML 1.2 values, libyaml
0.1's grammar: [a:b] is an error). Differences, all where that one fails on text that is
harmless, or by a bound of its own:

- a number of more than 4,300 digits is accepted, where Python refuses to convert it;
- collections nested more than 10,000 deep are an error, where Python may crash first;
- in a document of over a million nodes, syntax alone is checked; over 1 GiB is an error;
- where a bracket or a quote is not closed, the finding stands on it, not on the later line
  where the parser notices.
`,
		Defaults: rule.Selector{Types: []string{"yaml"}},
		With: rule.Object("options of check-yaml",
			rule.Key{Name: "allow_multiple_documents", Shape: rule.Boolean("a file may hold several documents")},
			rule.Key{Name: "unsafe", Shape: rule.Boolean("check the syntax alone")},
		),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			return yamlCheck{yamlsyntax.Options{
				Multi:  with.Get("allow_multiple_documents").Bool(false),
				Syntax: with.Get("unsafe").Bool(false),
			}}, nil
		},
	}
}

// yamlCheck is the check check-yaml.
type yamlCheck struct{ options yamlsyntax.Options }

// CheckFile reports what is wrong with the text.
func (c yamlCheck) CheckFile(p *rule.Pass, f *rule.File) {
	for _, problem := range yamlsyntax.Check(f.Bytes(), c.options) {
		p.Range(f, problem.Start, problem.End, "%s", problem.Message)
	}
}
