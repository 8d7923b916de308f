package data

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/internal/jsonschema"
	"github.com/sot-validator/sot/engine/rule/data/internal/jsonschema/kind"
)

// validate holds a value to a schema.
func (j *judge) validate(sch *jsonschema.Schema, t target) {
	err := sch.ValidateWithin(t.node.Value, maxSchemaSteps+maxSchemaStepsPerValue*t.node.Count())
	var invalid *jsonschema.ValidationError
	switch {
	case err == nil:
	case errors.As(err, &invalid):
		for _, x := range leaves(invalid) {
			n, _ := t.node.Nearest(x.at)
			where := document.Pointer(slices.Concat(t.at, x.at))
			if where != "" {
				where = clip(where) + ": "
			}
			if x.key && n.KeyEnd > n.KeyStart {
				j.found = append(j.found, found{n.KeyStart, n.KeyEnd, where + x.message})
				continue
			}
			j.add(n, where+x.message)
		}
	default:
		j.add(t.node, err.Error()+", write one that refers to itself less often")
	}
}

// leaf is an error that has no other behind it.
type leaf struct {
	at      []string // tokens from the value that was validated
	message string
	key     bool // it is the member's key that is wrong
}

// leaves returns what is wrong, in the user's words. Of alternatives none of
// which fits, the nearest tells: that which fails deepest in the value.
func leaves(e *jsonschema.ValidationError) []leaf {
	switch k := e.ErrorKind.(type) {
	case *kind.AnyOf:
		return alternatives(e, "anyOf")
	case *kind.OneOf:
		if len(k.Subschemas) == 0 {
			return alternatives(e, "oneOf")
		}
		return []leaf{{e.InstanceLocation, fmt.Sprintf("fits several alternatives of oneOf, numbers %d and %d, and must fit one", k.Subschemas[0]+1, k.Subschemas[1]+1), false}}
	case *kind.AdditionalProperties:
		var out []leaf
		for _, name := range k.Properties {
			out = append(out, leaf{append(slices.Clip(slices.Clone(e.InstanceLocation)), name), "not a known key here, remove it, or correct its name", true})
		}
		return out
	case *kind.PropertyNames:
		var out []leaf
		for _, c := range e.Causes {
			for _, l := range leaves(c) {
				out = append(out, leaf{append(slices.Clip(slices.Clone(e.InstanceLocation)), k.Property), "the key " + l.message, true})
			}
		}
		return out
	case *kind.FalseSchema:
		return []leaf{{e.InstanceLocation, "must not be here", true}}
	}
	if len(e.Causes) > 0 {
		var out []leaf
		for _, c := range e.Causes {
			out = append(out, leaves(c)...)
		}
		return out
	}
	return []leaf{{e.InstanceLocation, message(e.ErrorKind), false}}
}

// alternatives returns the errors of the nearest alternative, or one error with
// those of all where none goes deeper than the value itself.
func alternatives(e *jsonschema.ValidationError, keyword string) []leaf {
	var nearest []leaf
	deepest := len(e.InstanceLocation)
	var said []string
	for _, c := range e.Causes {
		ls := leaves(c)
		depth := 0
		for _, l := range ls {
			depth = max(depth, len(l.at))
		}
		if depth > deepest {
			nearest, deepest = ls, depth
		}
		if len(ls) > 0 && depth == len(e.InstanceLocation) {
			m := slices.MinFunc(ls, func(a, b leaf) int { return strings.Compare(a.message, b.message) }).message
			if !slices.Contains(said, m) {
				said = append(said, m)
			}
		}
	}
	if nearest != nil {
		return nearest
	}
	const most = 4
	if len(said) > most {
		said = append(said[:most], "...")
	}
	return []leaf{{e.InstanceLocation, fmt.Sprintf("fits no alternative of %s: %s", keyword, strings.Join(said, "; or ")), false}}
}

// message says what one error is.
func message(k jsonschema.ErrorKind) string {
	switch k := k.(type) {
	case *kind.Type:
		return fmt.Sprintf("is %s, and must be %s", article(k.Got), strings.Join(each(k.Want, article), " or "))
	case *kind.Required:
		return "lacks " + strings.Join(each(sorted(k.Missing), quote), ", ")
	case *kind.Format:
		if k.Want == "regex" {
			return fmt.Sprintf("the pattern %s does not parse: %s; the syntax is RE2's, which has no look-ahead and no back-references", quote(fmt.Sprint(k.Got)), cause(k.Err))
		}
	case *kind.RefCycle:
		return "the schema refers to itself without an end"
	}
	return clip(k.LocalizedString(kind.Printer{}))
}

func sorted(s []string) []string { return slices.Sorted(slices.Values(s)) }

func each(words []string, f func(string) string) []string {
	out := make([]string, len(words))
	for i, w := range words {
		out[i] = f(w)
	}
	return out
}

// article puts one in front of the name of a type.
func article(name string) string {
	switch name {
	case "null":
		return name
	case "integer":
		return "a whole number"
	case "object":
		return "a mapping"
	case "array":
		return "a list"
	}
	return "a " + name
}

// clip cuts a text for a message.
func clip(s string) string {
	const most = 300
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
