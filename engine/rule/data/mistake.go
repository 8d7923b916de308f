package data

import (
	"errors"
	"net/url"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/internal/jsonschema"
)

// explain says what is wrong with a schema and where it stands.
func (l *schemaLoader) explain(name string, err error) error {
	var mistakes schemaMistakes
	var invalid *jsonschema.SchemaValidationError
	var pattern *jsonschema.InvalidRegexError
	var pointer *jsonschema.JSONPointerNotFoundError
	var anchor *jsonschema.AnchorNotFoundError
	var validation *jsonschema.ValidationError
	switch {
	case errors.As(err, &mistakes):
		return mistakes
	case errors.As(err, &invalid) && errors.As(invalid.Err, &validation):
		for _, x := range leaves(validation) {
			mistakes = append(mistakes, schemaMistake{pos: l.place(invalid.URL, x.at), what: "not a JSON Schema: " + x.message})
		}
		return mistakes
	case errors.As(err, &pattern):
		hint := "correct it; the syntax is RE2's, which has no look-ahead and no back-references"
		return schemaMistakes{{pos: l.place(pattern.URL, nil), what: "the pattern " + quote(pattern.Regex) + " does not parse: " + cause(pattern.Err), hint: hint}}
	case errors.As(err, &pointer):
		return schemaMistakes{{what: "the schema refers to " + strings.TrimPrefix(pointer.URL, repository) + ", and there is nothing", hint: "correct the reference"}}
	case errors.As(err, &anchor):
		return schemaMistakes{{what: "the schema " + name + " refers to the anchor " + strings.TrimPrefix(anchor.Reference, repository) + ", and there is none", hint: "correct the reference"}}
	}
	return schemaMistakes{{what: "the schema " + name + " cannot be used: " + cause(err)}}
}

// cause is an error's text without the addresses that only we know.
func cause(err error) string {
	return strings.TrimPrefix(strings.ReplaceAll(err.Error(), repository, ""), "error parsing regexp: ")
}

// place returns where a part of a schema stands: its URL may have a JSON Pointer
// in the fragment, and tokens lead on from there.
func (l *schemaLoader) place(address string, tokens []string) rule.Pos {
	file, fragment, _ := strings.Cut(address, "#")
	u, err := url.Parse(file)
	if err != nil {
		return rule.Pos{}
	}
	name := strings.TrimPrefix(u.Path, "/repository/")
	root := l.roots[name]
	if root == nil {
		return rule.Pos{}
	}
	if pointer, err := url.PathUnescape(fragment); err == nil {
		if more, ok := document.Tokens(pointer); ok {
			tokens = append(more, tokens...)
		}
	}
	n, _ := root.Nearest(tokens)
	return l.pos(name, n.Start)
}
