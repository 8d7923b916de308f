package data

import (
	"context"
	"io/fs"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

type oneText struct {
	rule.Repo
	text []byte
}

func (o oneText) Read(_ context.Context, path string) ([]byte, error) {
	if path == "s.json" {
		return o.text, nil
	}
	return nil, fs.ErrNotExist
}

// Whatever the schema and the document are: no panic, mistakes and findings with
// a place and words.
func FuzzSchema(f *testing.F) {
	f.Add([]byte(manifestSchema), manifests(1)[0])
	f.Add([]byte(`{"anyOf": [{"$ref": "#"}, {"type": "string"}], "$schema": "http://json-schema.org/draft-04/schema#"}`), []byte("a: 1"))
	f.Add([]byte(`{"$dynamicRef": "#x", "$defs": {"a": {"$dynamicAnchor": "x", "not": {}}}, "unevaluatedProperties": false}`), []byte("a: 1"))
	f.Add([]byte(`{"properties": {"a": {"pattern": "(", "format": "uri"}}, "dependentSchemas": {"a": {"minProperties": 2}}}`), []byte("a: x"))
	f.Add([]byte(`{"propertyNames": {"maxLength": 1}, "multipleOf": 0.1, "items": [{}], "contains": true, "if": {}, "else": false}`), []byte("[1, aa: b]"))
	f.Fuzz(func(t *testing.T, schema, text []byte) {
		check := schemaCheck(t)
		repo := oneText{text: schema}
		for _, p := range check.(rule.Verifier).Verify(func(path string) ([]byte, error) { return repo.Read(context.Background(), path) }) {
			if p.What == "" {
				t.Fatalf("%q: a mistake without words", schema)
			}
		}
		p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Severity: rule.Error}, repo)
		check.CheckFile(p, rule.NewFile(rule.Entry{Path: "f.yaml"}, text, nil))
		for _, x := range p.Findings() {
			if x.Line < 1 || x.Column < 1 || x.Message == "" {
				t.Fatalf("%q on %q: %+v", schema, text, x)
			}
		}
	})
}
