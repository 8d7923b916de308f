package use

import (
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/use/xmlsyntax"
)

func checkXML() rule.Use {
	return rule.Use{
		ID:  "check-xml",
		Why: "Builds and deployments stop at it, late.",
		Doc: `Finds XML that is not well-formed.

Nothing is validated against a document type or a schema, namespaces are not looked at, and no
other file is ever loaded: an external entity or document type is taken as empty. There is at
most one finding a file, the first error.

The verdict is that of expat, which pre-commit-hooks uses. Differences:

- names may hold the characters of XML 1.0's fifth edition (2008), expat knows the fourth's;
- of encodings, UTF-8, UTF-16, ASCII and the families of one byte a character (ISO-8859,
  windows-125x, KOI8, DOS, Mac) are read, where Python knows a few more; in the latter, every
  byte beyond ASCII counts as a letter of ISO-8859-1 would;
- entities that refer to each other, and content models in a DTD, over 1,000 deep are an error.
`,
		Defaults: rule.Selector{Types: []string{"xml"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return xmlCheck{}, nil },
	}
}

// xmlCheck is the check check-xml.
type xmlCheck struct{}

// CheckFile reports the first error.
func (xmlCheck) CheckFile(p *rule.Pass, f *rule.File) {
	if problem := xmlsyntax.Check(f.Bytes()); problem != nil {
		p.Range(f, problem.Start, problem.End, "%s", problem.Message)
	}
}
