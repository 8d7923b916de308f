package config

import (
	"bytes"
	"encoding/json"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// schemaID is where the published schema lives, and its name for editors.
const schemaID = "https://raw.githubusercontent.com/sot-validator/sot/main/docs/sot.schema.json"

type object = map[string]any

// Schema returns the JSON Schema (draft 2020-12) of sot.yaml, indented. It is
// printed from the shapes that the loader checks: what it refuses, Load
// refuses too.
func Schema(kinds []rule.Kind) ([]byte, error) {
	w := schemaWriter{vocab: newVocabulary(kinds), defs: object{}}
	root := w.object(&w.vocab.top)
	root["$schema"] = "https://json-schema.org/draft/2020-12/schema"
	root["$id"] = schemaID
	root["title"] = "sot.yaml"
	w.define()
	root["$defs"] = w.defs
	root["properties"].(object)["rules"].(object)["items"] = ref("rule")
	var out bytes.Buffer
	enc := json.NewEncoder(&out)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	err := enc.Encode(root)
	return out.Bytes(), err
}

type schemaWriter struct {
	vocab vocabulary
	defs  object
}

func ref(name string) object { return object{"$ref": "#/$defs/" + name} }

// define fills $defs: every kind's body, every check's options, a rule and a
// body of a composed rule, which both refer to them.
func (w *schemaWriter) define() {
	body, whole := w.object(w.vocab.body), w.object(&w.vocab.rule)
	for _, k := range w.vocab.body.Keys {
		if k.Name == "with" || slices.Contains(operators[:], k.Name) {
			continue
		}
		def := w.shape(&k.Shape)
		def["title"] = k.Name
		if kind := w.vocab.kind(k.Name); kind != nil && kind.Doc != "" {
			def["description"] = firstLine(kind.Doc)
		}
		w.defs["kind-"+k.Name] = def
		for _, owner := range []object{body, whole} {
			owner["properties"].(object)[k.Name] = ref("kind-" + k.Name)
		}
	}
	kinds := w.vocab.kindNames
	body["oneOf"] = exactlyOne(kinds)
	whole["oneOf"] = append(exactlyOne(kinds), object{"not": object{"anyOf": exactlyOne(kinds)}})
	whole["anyOf"] = []any{object{"required": []string{"id"}}, object{"required": []string{"use"}}}
	whole["title"], body["title"] = "rule", "body"
	w.options(whole, body)
	w.defs["rule"], w.defs["body"] = whole, body
}

// exactlyOne is for oneOf: a key each.
func exactlyOne(keys []string) []any {
	out := make([]any, len(keys))
	for i, k := range keys {
		out[i] = object{"required": []string{k}}
	}
	return out
}

// options ties `with` to the check that `use` names.
func (w *schemaWriter) options(owners ...object) {
	if len(w.vocab.uses) == 0 {
		return
	}
	var ties []any
	for i := range w.vocab.uses {
		u := &w.vocab.uses[i]
		shape := withShape(u)
		def := w.shape(&shape)
		def["title"] = "options of " + u.ID
		if def["description"] == nil {
			def["description"] = firstLine(u.Doc)
		}
		w.defs["with-"+u.ID] = def
		then := object{"properties": object{"with": ref("with-" + u.ID)}}
		if needsOptions(&shape) {
			then["required"] = []string{"with"}
		}
		ties = append(ties, object{
			"if":   object{"properties": object{"use": object{"const": u.ID}}, "required": []string{"use"}},
			"then": then,
		})
	}
	w.defs["options"] = object{"allOf": ties}
	for _, o := range owners {
		o["allOf"] = []any{ref("options")}
		o["dependentRequired"] = object{"with": []string{"use"}}
	}
}

func needsOptions(s *rule.Shape) bool {
	for _, k := range s.Keys {
		if k.Required {
			return true
		}
	}
	return len(s.AtLeastOne)+len(s.ExactlyOne) > 0
}

// shape is the schema of one shape.
func (w *schemaWriter) shape(s *rule.Shape) object {
	out := object{}
	switch s.Type {
	case rule.StringShape:
		out = stringSchema(s)
	case rule.IntShape, rule.NumberShape:
		out["type"] = "number"
		if s.Type == rule.IntShape {
			out["type"] = "integer"
		}
		if s.Min != nil {
			out["minimum"] = *s.Min
		}
		if s.Max != nil {
			out["maximum"] = *s.Max
		}
	case rule.BoolShape:
		out["type"] = "boolean"
	case rule.NullShape:
		out["type"] = "null"
	case rule.ListShape:
		out["type"] = "array"
		w.inner(out, "items", "minItems", s)
	case rule.MapShape:
		out["type"] = "object"
		w.inner(out, "additionalProperties", "minProperties", s)
	case rule.ObjectShape:
		out = w.object(s)
	case rule.OneOfShape:
		var alternatives []any
		for i := range s.OneOf {
			alternatives = append(alternatives, w.shape(&s.OneOf[i]))
		}
		out["anyOf"] = alternatives
	}
	if s.Doc != "" {
		out["description"] = s.Doc
	}
	if v, ok := defaultOf(s); ok {
		out["default"] = v
	}
	return out
}

// defaultOf is a shape's default as JSON has it.
func defaultOf(s *rule.Shape) (any, bool) {
	if s.Default == "" {
		return nil, false
	}
	v, problems := Parse("default", []byte(s.Default))
	if len(problems) > 0 {
		return nil, false // a test parses all of them
	}
	return v, true
}

// inner adds the shape and the least number of what a list or a map holds.
func (w *schemaWriter) inner(out object, elem, least string, s *rule.Shape) {
	switch {
	case s.Elem == w.vocab.body && s.Elem != nil:
		out[elem] = ref("body") // which holds itself
	case s.Elem != nil:
		out[elem] = w.shape(s.Elem)
	}
	if s.MinItems > 0 {
		out[least] = s.MinItems
	}
}

func stringSchema(s *rule.Shape) object {
	out := object{"type": "string"}
	if len(s.Enum) > 0 {
		out["enum"] = s.Enum
	}
	if s.MinItems > 0 {
		out["minLength"] = 1 // MinItems counts bytes, minLength characters
	}
	f := formatOf(s.Format)
	if f.pattern != "" {
		out["pattern"] = f.pattern
	}
	if f.not != "" {
		out["not"] = object{"pattern": f.not}
	}
	return out
}

func (w *schemaWriter) object(s *rule.Shape) object {
	props := object{}
	var required []string
	for i := range s.Keys {
		k := &s.Keys[i]
		props[k.Name] = w.shape(&k.Shape)
		if k.Required {
			required = append(required, k.Name)
		}
	}
	out := object{"type": "object", "properties": props, "additionalProperties": false}
	if required != nil {
		out["required"] = required
	}
	if len(s.AtLeastOne) > 0 {
		out["anyOf"] = exactlyOne(s.AtLeastOne)
	}
	if len(s.ExactlyOne) > 0 {
		out["oneOf"] = exactlyOne(s.ExactlyOne)
	}
	if s.Doc != "" {
		out["description"] = s.Doc
	}
	return out
}

func firstLine(doc string) string {
	line, _, _ := strings.Cut(doc, "\n")
	return strings.TrimSpace(line)
}
