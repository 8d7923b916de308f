package config

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// checker holds values to shapes.
type checker struct {
	// home says where an unknown key would have been right, as a hint; "" where
	// it does not know. It may be nil.
	home func(in, key string) string
}

// check returns what is wrong with v by its shape. Name is what v is called in
// the messages: its key, or a phrase with a blank in it.
func (c checker) check(v rule.Value, s *rule.Shape, name string) []rule.Problem {
	if !fits(v.Kind, s) {
		return []rule.Problem{wrongType(v, s, name)}
	}
	switch s.Type {
	case rule.StringShape:
		return checkString(v, s, name)
	case rule.IntShape, rule.NumberShape:
		return checkNumber(v, s, name)
	case rule.ListShape:
		return c.checkList(v, s, name)
	case rule.ObjectShape:
		return c.checkObject(v, s, name)
	case rule.MapShape:
		return c.checkMap(v, s, name)
	case rule.OneOfShape:
		return c.checkOneOf(v, s, name)
	}
	return nil
}

// fits says whether a value of a kind may be of a shape's type.
func fits(k rule.ValueKind, s *rule.Shape) bool {
	switch s.Type {
	case rule.StringShape:
		return k == rule.String
	case rule.IntShape:
		return k == rule.Int
	case rule.NumberShape:
		return k == rule.Int || k == rule.Float
	case rule.BoolShape:
		return k == rule.Bool
	case rule.ListShape:
		return k == rule.List
	case rule.ObjectShape, rule.MapShape:
		return k == rule.Map
	case rule.NullShape:
		return k == rule.Null
	case rule.OneOfShape:
		for i := range s.OneOf {
			if fits(k, &s.OneOf[i]) {
				return true
			}
		}
		return false
	}
	return true
}

func wrongType(v rule.Value, s *rule.Shape, name string) rule.Problem {
	want := describe(s)
	if v.Kind == rule.Null {
		return v.Problemf("write "+want+", or remove it", "%s is empty", quoteName(name))
	}
	hint := "write " + want
	switch {
	case isNumber(v.Kind) || v.Kind == rule.Bool:
		quoted := v
		quoted.Kind = rule.String
		if fits(rule.String, s) && len(checker{}.check(quoted, s, name)) == 0 {
			hint = fmt.Sprintf("put it in quotes: %q", v.Scalar)
		}
	case v.Kind == rule.String && s.Type == rule.BoolShape && looksBoolean(v.Scalar):
		hint = "write true or false, without quotes"
	case v.Kind == rule.String && (s.Type == rule.IntShape || s.Type == rule.NumberShape):
		if _, err := strconv.ParseFloat(v.Scalar, 64); err == nil {
			hint += ", without quotes"
		}
	}
	return v.Problemf(hint, "%s is %s", quoteName(name), v.Kind)
}

func isNumber(k rule.ValueKind) bool { return k == rule.Int || k == rule.Float }

func looksBoolean(s string) bool {
	return slices.Contains([]string{"yes", "no", "on", "off", "y", "n", "true", "false"}, strings.ToLower(s))
}

// itemName is what an item of a list is called.
func itemName(list string) string {
	switch {
	case list == "rules":
		return "the rule"
	case slices.Contains(operators[:], list):
		return "the body"
	}
	return list
}

// quoteName quotes a key, and leaves phrases such as "a rule" as they are.
func quoteName(name string) string {
	if strings.Contains(name, " ") {
		return name
	}
	return strconv.Quote(name)
}

// describe says what a shape wants, as a phrase.
func describe(s *rule.Shape) string {
	switch s.Type {
	case rule.StringShape:
		switch {
		case len(s.Enum) == 1 && s.Enum[0] == "":
			return "nothing between quotes"
		case len(s.Enum) == 1:
			return s.Enum[0]
		case len(s.Enum) > 12:
			return "one of " + strings.Join(s.Enum[:11], ", ") + " and others"
		case len(s.Enum) > 0:
			return "one of " + strings.Join(s.Enum, ", ")
		case s.Format != "":
			return formatOf(s.Format).noun
		}
		return "a string"
	case rule.IntShape:
		if s.Min != nil && s.Max != nil && *s.Min == *s.Max {
			return fmt.Sprintf("%g", *s.Min)
		}
		return "a whole number" + bounds(s)
	case rule.NumberShape:
		return "a number" + bounds(s)
	case rule.BoolShape:
		return "true or false"
	case rule.ListShape:
		return "a list"
	case rule.ObjectShape, rule.MapShape:
		if len(s.ExactlyOne) > 0 {
			return "a mapping with " + strings.Join(s.ExactlyOne, " or ")
		}
		return "a mapping"
	case rule.NullShape:
		return "nothing"
	case rule.OneOfShape:
		var parts []string
		for i := range s.OneOf {
			if d := describe(&s.OneOf[i]); !slices.Contains(parts, d) {
				parts = append(parts, d)
			}
		}
		return strings.Join(parts, " or ")
	}
	return "a value"
}

func bounds(s *rule.Shape) string {
	switch {
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf(" from %g to %g", *s.Min, *s.Max)
	case s.Min != nil:
		return fmt.Sprintf(" of at least %g", *s.Min)
	case s.Max != nil:
		return fmt.Sprintf(" of at most %g", *s.Max)
	}
	return ""
}

func checkString(v rule.Value, s *rule.Shape, name string) []rule.Problem {
	if len(s.Enum) > 0 && !slices.Contains(s.Enum, v.Scalar) {
		return []rule.Problem{v.Problemf(suggest(v.Scalar, s.Enum, "write "+describe(s)),
			"%s cannot be %q", quoteName(name), shorten(v.Scalar))}
	}
	if len(v.Scalar) < s.MinItems {
		return []rule.Problem{v.Problemf("write a text, or remove it", "%s is an empty string", quoteName(name))}
	}
	if f := formatOf(s.Format); f.check != nil {
		if what, hint := f.check(v.Scalar); what != "" {
			return []rule.Problem{v.Problemf(hint, "%s: %s", name, what)}
		}
	}
	return nil
}

func checkNumber(v rule.Value, s *rule.Shape, name string) []rule.Problem {
	f, err := strconv.ParseFloat(v.Scalar, 64)
	if err != nil || s.Min != nil && f < *s.Min || s.Max != nil && f > *s.Max {
		return []rule.Problem{v.Problemf("write "+describe(s), "%s cannot be %s", quoteName(name), v.Scalar)}
	}
	return nil
}

func (c checker) checkList(v rule.Value, s *rule.Shape, name string) (ps []rule.Problem) {
	if len(v.Items) < s.MinItems {
		ps = append(ps, v.Problemf(atLeast(s.MinItems, "item")+", or remove it", "%s has %s", quoteName(name), howMany(len(v.Items), "item")))
	}
	if s.Elem == nil {
		return ps
	}
	for _, item := range v.Items {
		ps = append(ps, c.check(item, s.Elem, itemName(name))...)
	}
	return ps
}

func atLeast(n int, noun string) string {
	return "write at least " + howMany(n, noun)
}

func (c checker) checkMap(v rule.Value, s *rule.Shape, name string) (ps []rule.Problem) {
	if len(v.Fields) < s.MinItems {
		ps = append(ps, v.Problemf(atLeast(s.MinItems, "key")+", or remove it", "%s has %s", quoteName(name), howMany(len(v.Fields), "key")))
	}
	if s.Elem == nil {
		return ps
	}
	for _, f := range v.Fields {
		ps = append(ps, c.check(f.Value, s.Elem, f.Key)...)
	}
	return ps
}

func (c checker) checkObject(v rule.Value, s *rule.Shape, name string) (ps []rule.Problem) {
	for _, f := range v.Fields {
		if k := findKey(s, f.Key); k != nil {
			ps = append(ps, c.check(f.Value, &k.Shape, f.Key)...)
			continue
		}
		ps = append(ps, rule.Problem{
			Pos: f.KeyPos, What: fmt.Sprintf("unknown key %q in %s", shorten(f.Key), quoteName(name)),
			Hint: c.keyHint(name, f.Key, keyNames(s)),
		})
	}
	return append(ps, missingKeys(v, s, name)...)
}

func (c checker) keyHint(in, key string, known []string) string {
	if c.home != nil {
		if hint := c.home(in, key); hint != "" {
			return hint
		}
	}
	return suggest(key, known, "write one of "+strings.Join(known, ", "))
}

func findKey(s *rule.Shape, name string) *rule.Key {
	for i := range s.Keys {
		if s.Keys[i].Name == name {
			return &s.Keys[i]
		}
	}
	return nil
}

func keyNames(s *rule.Shape) []string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Name
	}
	return names
}

func missingKeys(v rule.Value, s *rule.Shape, name string) (ps []rule.Problem) {
	for _, k := range s.Keys {
		if k.Required && !v.Get(k.Name).Set() {
			ps = append(ps, v.Problemf("add "+k.Name+": "+describe(&k.Shape), "%s has no %q", quoteName(name), k.Name))
		}
	}
	if len(s.AtLeastOne) > 0 && countKeys(v, s.AtLeastOne) == 0 {
		ps = append(ps, v.Problemf("add at least one of them", "%s has none of the keys %s", quoteName(name), strings.Join(s.AtLeastOne, ", ")))
	}
	if len(s.ExactlyOne) > 0 {
		keys := strings.Join(s.ExactlyOne, ", ")
		switch n := countKeys(v, s.ExactlyOne); {
		case n == 0:
			ps = append(ps, v.Problemf("add exactly one of them", "%s has none of the keys %s", quoteName(name), keys))
		case n > 1:
			ps = append(ps, v.Problemf("keep exactly one of them", "%s has %d of the keys %s", quoteName(name), n, keys))
		}
	}
	return ps
}

// howMany is "no items", "1 item", "2 items".
func howMany(n int, noun string) string {
	switch n {
	case 0:
		return "no " + noun + "s"
	case 1:
		return "1 " + noun
	}
	return strconv.Itoa(n) + " " + noun + "s"
}

func countKeys(v rule.Value, names []string) int {
	n := 0
	for _, f := range v.Fields {
		if slices.Contains(names, f.Key) {
			n++
		}
	}
	return n
}

// checkOneOf takes v where it is right by any alternative of its type. Where it
// is not, the problems of the alternative that it is nearest to are told; for a
// scalar that could have been several things, all of these.
func (c checker) checkOneOf(v rule.Value, s *rule.Shape, name string) []rule.Problem {
	var best []rule.Problem
	scalars := 0
	for i := range s.OneOf {
		if t := s.OneOf[i].Type; t != rule.ListShape && t != rule.ObjectShape && t != rule.MapShape {
			scalars++
		}
		if !fits(v.Kind, &s.OneOf[i]) {
			continue
		}
		ps := c.check(v, &s.OneOf[i], name)
		if len(ps) == 0 {
			return nil
		}
		if best == nil || len(ps) < len(best) {
			best = ps
		}
	}
	near := strings.HasPrefix(best[0].Hint, "did you mean")
	choice := strings.HasPrefix(best[0].Hint, "write one of") // and a mapping may do as well
	if (scalars > 1 || choice) && !near && v.Kind != rule.Map && v.Kind != rule.List {
		said := shorten(v.Scalar)
		if v.Kind == rule.String {
			said = strconv.Quote(said)
		}
		return []rule.Problem{v.Problemf("write "+describe(s), "%s cannot be %s", quoteName(name), said)}
	}
	return best
}
