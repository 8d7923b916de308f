package config

import (
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// stageNames are the stages a rule may name.
var stageNames = [...]string{"pre-commit", "pre-push", "commit-msg", "ci", "manual"}

// operators are the keys that hold a list of bodies.
var operators = [...]string{string(rule.OpAll), string(rule.OpAny), string(rule.OpNot)}

// reservedID is the id of the findings that the engine itself makes about
// ignore comments which silence nothing.
const reservedID = "unused-ignore"

// vocabulary is everything that a file may say, given the kinds.
type vocabulary struct {
	kinds  []rule.Kind
	uses   []rule.Use // the built-in checks
	common []rule.Key // keys of every rule
	top    rule.Shape
	rule   rule.Shape
	body   *rule.Shape
	// kindNames are the keys of which a rule, or a body of a composed one, has
	// exactly one.
	kindNames []string
}

func newVocabulary(kinds []rule.Kind) vocabulary {
	v := vocabulary{kinds: kinds, common: commonKeys()}
	var keys []rule.Key
	for _, k := range kinds {
		shape := k.Shape
		if len(k.Uses) > 0 {
			v.uses = k.Uses
			shape = useShape(k)
		}
		if shape.Doc == "" {
			shape.Doc = firstLine(k.Doc)
		}
		keys = append(keys, rule.Key{Name: k.Name, Shape: shape})
		v.kindNames = append(v.kindNames, k.Name)
	}
	v.kindNames = append(v.kindNames, operators[:]...)
	if len(v.uses) > 0 {
		keys = append(keys, rule.Key{Name: "with", Shape: rule.Shape{Type: rule.MapShape, Doc: "The options of the built-in check that `use` names."}})
	}
	// A body may be a list of bodies again: its shape refers to itself.
	v.body = new(rule.Shape)
	*v.body = rule.Object("One body of a composed rule: exactly one kind, or all, any or not.", slices.Concat(keys, composedKeys(v.body))...)
	v.rule = rule.Object("One requirement.", slices.Concat(v.common, keys, composedKeys(v.body))...)
	v.top = topShape(v.rule)
	return v
}

func (v *vocabulary) kind(name string) *rule.Kind {
	for i := range v.kinds {
		if v.kinds[i].Name == name {
			return &v.kinds[i]
		}
	}
	return nil
}

func (v *vocabulary) use(id string) *rule.Use {
	for i := range v.uses {
		if v.uses[i].ID == id {
			return &v.uses[i]
		}
	}
	return nil
}

// home says in which kinds a key that stands in a rule itself has its place.
func (v *vocabulary) home(in, key string) string {
	if in != itemName("rules") && in != itemName(operators[0]) {
		return ""
	}
	var homes []string
	for i := range v.kinds {
		if findKey(&v.kinds[i].Shape, key) != nil {
			homes = append(homes, v.kinds[i].Name+":")
		}
	}
	if len(homes) == 0 {
		return ""
	}
	return "put it inside " + strings.Join(homes, " or ")
}

// useShape is the name of one of the built-in checks.
func useShape(k rule.Kind) rule.Shape {
	names := make([]string, len(k.Uses))
	for i, u := range k.Uses {
		names[i] = u.ID
	}
	return rule.Enum(k.Shape.Doc, names...)
}

// withShape is the shape of a check's options: a mapping, without keys where
// the check has none.
func withShape(u *rule.Use) rule.Shape {
	if u.With.Type != rule.ObjectShape {
		return rule.Object(u.ID + " takes no options.")
	}
	return u.With
}

func composedKeys(body *rule.Shape) []rule.Key {
	docs := []string{
		"Bodies that must all hold.",
		"Bodies of which at least one must hold: one finding a file where none does.",
		"Bodies of which none may hold: one finding a file where one does.",
	}
	keys := make([]rule.Key, len(operators))
	for i, op := range operators {
		keys[i] = rule.Key{Name: op, Shape: rule.Shape{Type: rule.ListShape, Elem: body, MinItems: 1, Doc: docs[i]}}
	}
	return keys
}

func commonKeys() []rule.Key {
	glob := rule.Fmt(rule.FormatGlob, "")
	word := rule.Shape{Type: rule.StringShape, MinItems: 1}
	text := func(doc string) rule.Shape { return rule.Shape{Type: rule.StringShape, MinItems: 1, Doc: doc} }
	return []rule.Key{
		{Name: "id", Shape: rule.Fmt(rule.FormatID, "The rule's name in reports, needs and ignore comments. A `use` rule without one is called as its check.")},
		{Name: "description", Shape: text("What the rule demands, in a sentence.")},
		{Name: "help", Shape: rule.Fmt(rule.FormatURL, "The address of a page that says more.")},
		{Name: "severity", Shape: rule.Enum("How much a finding weighs: error (default), warning or info.", rule.SeverityNames...)},
		{Name: "files", Shape: rule.OneOrMore(glob, "Globs of the files that the rule speaks of; all files where absent.")},
		{Name: "exclude", Shape: rule.OneOrMore(glob, "Globs of files that it does not speak of.")},
		{Name: "types", Shape: rule.OneOrMore(word, "Type tags that a file must all have: text, binary, executable, symlink, or a language.")},
		{Name: "types_or", Shape: rule.OneOrMore(word, "Type tags of which a file must have one.")},
		{Name: "exclude_types", Shape: rule.OneOrMore(word, "Type tags of which a file must have none.")},
		{Name: "needs", Shape: rule.OneOrMore(rule.Fmt(rule.FormatID, ""), "Ids of rules that run before; where one of them fails, this one is skipped.")},
		{Name: "stages", Shape: rule.OneOrMore(rule.Enum("", stageNames[:]...), "When the rule runs; every stage but commit-msg where absent.")},
		{Name: "tags", Shape: rule.OneOrMore(rule.Fmt(rule.FormatID, ""), "Words to choose rules by, with --tag.")},
		{Name: "timeout", Shape: rule.Fmt(rule.FormatDuration, "How long the rule may take, such as 90s or 2m.")},
		{Name: "holds", Shape: holdsShape()},
		{Name: "on_empty", Shape: rule.Enum("What it means that no file matches: pass (default) or fail.", "pass", "fail")},
	}
}

func holdsShape() rule.Shape {
	count := func(doc string) rule.Shape { return rule.Integer(doc, 0) }
	between := rule.Object("A range.",
		rule.Key{Name: "min", Shape: count("At least so many.")},
		rule.Key{Name: "max", Shape: count("At most so many.")})
	between.AtLeastOne = []string{"min", "max"}
	return rule.Shape{
		Type: rule.OneOfShape,
		Doc:  "In how many of its files or directories the rule must hold: all (default), any, none, a percentage, or a range.",
		OneOf: []rule.Shape{
			rule.Enum("", "all", "any", "none"),
			rule.Fmt(rule.FormatPercent, ""),
			between,
		},
	}
}

func topShape(ruleShape rule.Shape) rule.Shape {
	one, many := 1.0, 1024.0
	workers := rule.Shape{Type: rule.IntShape, Min: &one, Max: &many}
	top := rule.Object("The rules of a repository, for sot.",
		rule.Key{Name: "version", Shape: rule.Shape{Type: rule.IntShape, Min: &one, Max: &one, Doc: "The version of this format: 1."}},
		rule.Key{Name: "extends", Shape: rule.OneOrMore(rule.Shape{Type: rule.StringShape, MinItems: 1},
			"What to start from: embedded packs (sot:recommended) or files of the repository (./policy/base.yaml), relative to this file.")},
		rule.Key{Name: "exclude", Shape: rule.OneOrMore(rule.Fmt(rule.FormatGlob, ""), "Globs of files that no rule speaks of.")},
		rule.Key{Name: "fail_on", Shape: rule.Enum("The least severity that makes a run exit with 1.", append(slices.Clone(rule.SeverityNames), "never")...)},
		rule.Key{Name: "workers", Shape: rule.Shape{
			Type: rule.OneOfShape, OneOf: []rule.Shape{rule.Enum("", "auto"), workers},
			Doc: "The most workers; auto is as many as there are CPUs that this process may use.",
		}},
		rule.Key{Name: "rules", Shape: rule.Shape{Type: rule.ListShape, Elem: &ruleShape, Doc: "The rules, in the order of the reports."}},
		rule.Key{Name: "hook", Shape: rule.Object("The git hook's own settings.",
			rule.Key{Name: "fix", Shape: rule.Boolean("Mend what can be mended, and add it to the commit.")},
			rule.Key{Name: "budget", Shape: rule.Fmt(rule.FormatDuration, "How long the hook may take; 0s is no limit.")})},
		rule.Key{Name: "cache", Shape: rule.Object("The verdict cache.",
			rule.Key{Name: "size", Shape: rule.Fmt(rule.FormatSize, "The most that it may hold, such as 64MiB.")},
			rule.Key{Name: "remote", Shape: rule.Shape{
				Type: rule.OneOfShape, OneOf: []rule.Shape{rule.Enum("", ""), rule.Fmt(rule.FormatURL, "")},
				Doc: "The address of a cache that a team shares (https, or http on this machine), by the HTTP protocol of Bazel's remote cache; empty for none.",
			}})},
		rule.Key{Name: "min_version", Shape: rule.Fmt(rule.FormatVersion, "The oldest sot that may read this file.")},
	)
	top.AtLeastOne = []string{"rules", "extends"}
	return top
}
