package config

import (
	"crypto/sha256"
	"slices"
	"strconv"

	"github.com/sot-validator/sot/engine/rule"
)

// build makes the check of a rule's body.
func (l *loader) build(d *decl, v, body rule.Value) {
	if slices.Contains(operators[:], d.kind) {
		l.compose(d, body)
		return
	}
	d.built, d.uses, _ = l.make(d.kind, v, body)
}

// make makes one body's check; parent is the mapping that the body's key stands
// in, for `with`. A body that does not fit its shape makes none, and has been
// reported.
func (l *loader) make(kind string, parent, body rule.Value) (b rule.Built, uses string, ok bool) {
	if kind == "use" && len(l.vocab.uses) > 0 {
		return l.makeUse(parent, body)
	}
	k := l.vocab.kind(kind)
	if k == nil || k.New == nil {
		return b, "", false
	}
	if len(checker{}.check(body, &k.Shape, kind)) > 0 {
		if rest, ok := prune(body, &k.Shape); ok {
			_, ps := k.New(rest)
			l.problems = append(l.problems, ps...)
		}
		return b, "", false
	}
	b, ps := k.New(body)
	if v, ok := b.Check.(rule.Verifier); ok && len(ps) == 0 {
		ps = v.Verify(l.Read)
	}
	l.problems = append(l.problems, ps...)
	return b, "", len(ps) == 0 && b.Check != nil
}

func (l *loader) makeUse(parent, body rule.Value) (b rule.Built, uses string, ok bool) {
	u := l.vocab.use(body.Str(""))
	if u == nil {
		return b, "", false // the shape's enumeration has said so
	}
	with, shape := parent.Get("with"), withShape(u)
	ps := checkWith(parent, with, &shape, u.ID)
	if len(ps) == 0 {
		b.Check, ps = u.New(with)
	}
	b.Defaults, b.Stages = u.Defaults, u.Stages
	l.problems = append(l.problems, ps...)
	return b, u.ID, len(ps) == 0 && b.Check != nil
}

// checkWith holds the options to their shape; that of absent ones only asks
// whether any is required.
func checkWith(parent, with rule.Value, shape *rule.Shape, id string) []rule.Problem {
	switch with.Kind {
	case rule.Absent:
		return missingKeys(rule.Value{Pos: parent.Get("use").Pos, Kind: rule.Map}, shape, id)
	case rule.Map:
		if len(shape.Keys) == 0 && len(with.Fields) > 0 {
			return []rule.Problem{with.Problemf("remove with", "%s takes no options", id)}
		}
		return checker{}.check(with, shape, `"with" of `+id)
	}
	return nil // its type is reported already
}

// resolve makes the rule of a declaration.
func (l *loader) resolve(d *decl) *rule.Rule {
	r := &rule.Rule{
		ID: d.id, Kind: d.kind, Uses: d.uses,
		Description: d.get("description").Str(""), Help: d.get("help").Str(""),
		Severity: rule.Error,
		Needs:    d.get("needs").Strings(), Tags: d.get("tags").Strings(),
		Stages: d.built.Stages, Timeout: d.get("timeout").Duration(0),
		EmptyFails: d.get("on_empty").Str("") == "fail",
		Check:      d.built.Check, Origin: d.origin,
	}
	if s, ok := rule.ParseSeverity(d.get("severity").Str("")); ok {
		r.Severity = s
	}
	if stages := d.get("stages"); stages.Set() {
		r.Stages = stages.Strings()
	}
	h := sha256.New()
	rule.Value{Kind: rule.Map, Scalar: d.id, Fields: slices.Concat(d.body, d.common)}.Hash(h)
	h.Sum(r.Digest[:0])
	r.Holds = l.holds(d.get("holds"))
	r.Select = rule.Selector{
		Files: d.get("files").Strings(), Exclude: d.get("exclude").Strings(),
		Types: l.types(d.get("types")), TypesOr: l.types(d.get("types_or")), ExcludeTypes: l.types(d.get("exclude_types")),
	}.Or(d.built.Defaults)
	return r
}

func (l *loader) holds(v rule.Value) rule.Holds {
	switch {
	case v.Kind == rule.Map:
		lo, hi := v.Get("min").Int(0), v.Get("max").Int(-1)
		if hi >= 0 && lo > hi {
			l.problem(v.Get("min").Problemf("write the smaller number in min", "holds wants at least %d and at most %d", lo, hi))
		}
		return rule.HoldsBetween(lo, hi)
	case v.Str("") == "any":
		return rule.HoldsAny
	case v.Str("") == "none":
		return rule.HoldsNone
	}
	if p, ok := parsePercent(v.Str("")); ok {
		return rule.HoldsPercent(p)
	}
	return rule.Holds{}
}

// types returns type tags, and reports those that do not exist.
func (l *loader) types(v rule.Value) []string {
	tags := v.Items
	if v.Kind == rule.String {
		tags = []rule.Value{v}
	}
	for _, t := range tags {
		if l.KnownType == nil || t.Kind != rule.String || t.Scalar == "" || l.KnownType(t.Scalar) {
			continue
		}
		var all []string
		if l.Types != nil {
			all = l.Types()
		}
		l.problem(t.Problemf(l.suggest(t.Scalar, all, "write text, binary, executable, symlink or a language such as python"),
			"unknown type %s", strconv.Quote(shorten(t.Scalar))))
	}
	return v.Strings()
}
