package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// compose makes the check of a rule that is all, any or not.
func (l *loader) compose(d *decl, list rule.Value) {
	b, same, ok := l.composed(rule.Operator(d.kind), list)
	if !ok {
		return
	}
	if !same && !d.get("files").Set() && !d.get("types").Set() && !d.get("types_or").Set() {
		l.problem(list.Problemf("say with files, types or types_or which ones the rule speaks of",
			"the bodies of %q speak of different files by themselves", d.kind))
		return
	}
	d.built = b
}

// composed makes the check of a list of bodies with exactly one kind each. Same says whether they speak of the same files by themselves.
func (l *loader) composed(op rule.Operator, list rule.Value) (b rule.Built, same, ok bool) {
	var bodies []rule.Body
	var built []rule.Built
	whole, alike := true, true
	for _, item := range list.Items {
		b, name, same, ok := l.composeBody(item)
		whole, alike = whole && ok, alike && same
		bodies = append(bodies, rule.Body{Name: name, Check: b.Check})
		built = append(built, b)
	}
	if !whole || len(bodies) == 0 {
		return b, false, false
	}
	c, err := rule.Compose(op, bodies)
	if err != nil {
		l.problem(list.Problemf("put it into a rule of its own, and order the two with needs", "%s", err))
		return b, false, false
	}
	sel, same := commonSelector(built)
	return rule.Built{Check: c, Defaults: sel, Stages: commonStages(built)}, same && alike, true
}

// composeBody makes the check of one body, and names it. A body may be a list
// of bodies itself.
func (l *loader) composeBody(item rule.Value) (b rule.Built, name string, same, ok bool) {
	if item.Kind != rule.Map {
		return b, "", false, false
	}
	names := l.vocab.kindNames
	var kinds []rule.Field
	for _, f := range item.Fields {
		if slices.Contains(names, f.Key) {
			kinds = append(kinds, f)
		}
	}
	if len(kinds) != 1 {
		l.problem(item.Problemf("write exactly one of "+strings.Join(names, ", "), "a body has one kind, and this one has %d", len(kinds)))
		return b, "", false, false
	}
	kind := kinds[0]
	if with := fieldOf(item, "with"); with != nil && kind.Key != "use" {
		l.problem(rule.Problem{Pos: with.KeyPos, What: `"with" stands without "use"`, Hint: "remove it, or name the check that takes these options"})
		return b, "", false, false
	}
	if slices.Contains(operators[:], kind.Key) {
		b, same, ok = l.composed(rule.Operator(kind.Key), kind.Value)
		return b, kind.Key, same, ok
	}
	b, uses, ok := l.make(kind.Key, item, kind.Value)
	if name = kind.Key; uses != "" {
		name = uses
	}
	return b, name, true, ok
}

// commonSelector returns the defaults that all bodies share; same is false
// where they differ, and then only what they share is left.
func commonSelector(built []rule.Built) (sel rule.Selector, same bool) {
	sel, same = built[0].Defaults, true
	keep := func(mine *[]string, other []string) {
		if !slices.Equal(*mine, other) {
			*mine, same = nil, false
		}
	}
	for _, b := range built[1:] {
		keep(&sel.Files, b.Defaults.Files)
		keep(&sel.Exclude, b.Defaults.Exclude)
		keep(&sel.Types, b.Defaults.Types)
		keep(&sel.TypesOr, b.Defaults.TypesOr)
		keep(&sel.ExcludeTypes, b.Defaults.ExcludeTypes)
		if sel.Match != nil || b.Defaults.Match != nil { // functions cannot be compared
			sel.Match, same = nil, false
		}
	}
	return sel, same
}

// commonStages returns the stages that all bodies run at by themselves, nil
// where they differ.
func commonStages(built []rule.Built) []string {
	for _, b := range built[1:] {
		if !slices.Equal(b.Stages, built[0].Stages) {
			return nil
		}
	}
	return built[0].Stages
}

// cycleText shows a cycle as the path a -> b -> a.
func cycleText(path []string) string {
	const most = 12
	if len(path) > most {
		path = slices.Concat(path[:most/2], []string{fmt.Sprintf("(%d more)", len(path)-most)}, path[len(path)-most/2:])
	}
	return strings.Join(path, " -> ")
}
