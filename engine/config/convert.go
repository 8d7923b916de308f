package config

import (
	"fmt"
	"math"
	"strconv"
	"strings"

	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/rule"
)

// converter turns the library's nodes into Values: aliases expanded and merge
// keys merged, both bounded.
type converter struct {
	src      *source
	problems []rule.Problem
	depth    int
	values   int
	full     bool                // a limit was hit, and told once
	open     map[*yaml.Node]bool // the anchored nodes that are being expanded
}

func (c *converter) pos(n *yaml.Node) rule.Pos { return c.src.pos(n.Line, n.Column) }

func (c *converter) problem(n *yaml.Node, hint, format string, args ...any) {
	c.problems = append(c.problems, rule.Problem{Pos: c.pos(n), What: fmt.Sprintf(format, args...), Hint: hint})
}

// limit tells a broken limit, once.
func (c *converter) limit(n *yaml.Node, format string, args ...any) {
	if !c.full {
		c.problem(n, "write it simpler, or move a part to a file of its own and name it in extends", format, args...)
	}
	c.full = true
}

// value converts a node. A node that cannot be converted gives a null with a
// problem, so that what stands around it is still checked.
func (c *converter) value(n *yaml.Node) rule.Value {
	v := rule.Value{Pos: c.pos(n), Kind: rule.Null}
	if c.values++; c.values > maxValues {
		c.limit(n, "there are more than %d values once aliases are expanded", maxValues)
	}
	if c.depth > maxDepth {
		c.limit(n, "the nesting is deeper than %d", maxDepth)
	}
	if c.full {
		return v
	}
	c.depth++
	defer func() { c.depth-- }()
	switch n.Kind {
	case yaml.DocumentNode:
		if len(n.Content) > 0 {
			return c.value(n.Content[0])
		}
	case yaml.AliasNode:
		return c.alias(n)
	case yaml.ScalarNode:
		return c.scalar(n)
	case yaml.SequenceNode:
		c.collectionTag(n, "!!seq")
		v.Kind, v.Items = rule.List, make([]rule.Value, 0, len(n.Content))
		for _, item := range n.Content {
			v.Items = append(v.Items, c.value(item))
		}
	case yaml.MappingNode:
		c.collectionTag(n, "!!map")
		v.Kind = rule.Map
		v.Fields = c.fields(n)
	}
	return v
}

func (c *converter) collectionTag(n *yaml.Node, want string) {
	if tag := n.ShortTag(); tag != want && tag != "!" {
		c.problem(n, "remove it", "the tag %s has no meaning here", tag)
	}
}

func (c *converter) alias(n *yaml.Node) rule.Value {
	if c.open[n.Alias] {
		c.problem(n, "remove the alias", "the anchor %q contains itself", n.Value)
		return rule.Value{Pos: c.pos(n), Kind: rule.Null}
	}
	c.open[n.Alias] = true
	defer delete(c.open, n.Alias)
	return c.value(n.Alias)
}

// fields converts a mapping's entries; "<<" merges others, and keys that are
// written out win over merged ones, earlier merged ones over later.
func (c *converter) fields(n *yaml.Node) []rule.Field {
	var out []rule.Field
	var merged []*yaml.Node
	seen := make(map[string]rule.Pos, len(n.Content)/2)
	for i := 0; i+1 < len(n.Content); i += 2 {
		k, val := n.Content[i], n.Content[i+1]
		if k.Kind == yaml.ScalarNode && k.ShortTag() == "!!merge" {
			merged = append(merged, val)
			continue
		}
		name, ok := c.key(k)
		if !ok {
			continue
		}
		pos := c.pos(k)
		if first, dup := seen[name]; dup {
			c.problem(k, "remove one of them", "the key %q stands here a second time, first at %s", name, first)
			continue
		}
		seen[name] = pos
		out = append(out, rule.Field{Key: name, KeyPos: pos, Value: c.value(val)})
	}
	for _, m := range merged {
		out = c.merge(out, seen, m)
	}
	return out
}

// key returns the text of a mapping's key.
func (c *converter) key(k *yaml.Node) (string, bool) {
	if k.Kind == yaml.AliasNode && k.Alias != nil {
		k = k.Alias
	}
	if k.Kind != yaml.ScalarNode {
		c.problem(k, "write a plain word before the colon", "a key must be a word, not a list or a mapping")
		return "", false
	}
	return k.Value, true
}

// merge adds what the value of a "<<" key holds and is not there yet.
func (c *converter) merge(out []rule.Field, seen map[string]rule.Pos, n *yaml.Node) []rule.Field {
	v := c.value(n)
	maps := []rule.Value{v}
	if v.Kind == rule.List {
		maps = v.Items
	}
	for _, m := range maps {
		if m.Kind != rule.Map {
			if !c.full {
				c.problem(n, "write <<: *name, where &name marks a mapping", "the merge key << takes a mapping or a list of mappings")
			}
			continue
		}
		for _, f := range m.Fields {
			if _, there := seen[f.Key]; !there {
				seen[f.Key] = f.KeyPos
				out = append(out, f)
			}
		}
	}
	return out
}

// scalar converts a plain or quoted text by the types of YAML's core schema.
func (c *converter) scalar(n *yaml.Node) rule.Value {
	v := rule.Value{Pos: c.pos(n), Kind: rule.String, Scalar: n.Value}
	switch tag := n.ShortTag(); tag {
	case "!!str", "!", "!!timestamp", "!!merge":
	case "!!null":
		v.Kind, v.Scalar = rule.Null, ""
	case "!!bool":
		v.Kind, v.Scalar = rule.Bool, strings.ToLower(n.Value)
		if v.Scalar != "true" && v.Scalar != "false" {
			c.problem(n, "write true or false", "%q is no boolean", n.Value)
		}
	case "!!int", "!!float":
		if !number(&v, n.Value) {
			c.problem(n, "write a decimal number, or quote a text", "%q is no number that can be used here", n.Value)
		}
	default:
		c.problem(n, "remove it", "the tag %s has no meaning here", tag)
	}
	return v
}

// number makes v a whole number in decimal digits (0x10 is 16) or a finite
// number as JSON writes it.
func number(v *rule.Value, text string) bool {
	plain := strings.ReplaceAll(text, "_", "")
	// Base 0 takes 0x, 0o and 0b, and a leading 0 as octal, as YAML 1.1 did and
	// the library does.
	if i, err := strconv.ParseInt(strings.TrimPrefix(plain, "+"), 0, 64); err == nil {
		v.Kind, v.Scalar = rule.Int, strconv.FormatInt(i, 10)
		return true
	}
	f, err := strconv.ParseFloat(plain, 64)
	if err != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return false
	}
	v.Kind, v.Scalar = rule.Float, strconv.FormatFloat(f, 'g', -1, 64)
	return true
}
