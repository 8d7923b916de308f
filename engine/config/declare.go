package config

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// decl is a rule as it is written, before its keys become a rule.Rule: so that
// another file can change some of them.
type decl struct {
	id     string
	pos    rule.Pos     // of the id, or of the rule where it has none
	common []rule.Field // the common keys
	body   []rule.Field // the kind's key, and with
	kind   string       // "" where the rule only changes keys of an extended one
	uses   string
	built  rule.Built
	told   bool // its lack of a kind is explained by a problem that is told already
	origin string
}

// declare reads one rule of a file. It returns nil where the rule has no id.
func (l *loader) declare(v rule.Value, file string) *decl {
	d := &decl{pos: v.Pos, origin: origin(v.Pos, file)}
	var kinds []rule.Field
	names := l.vocab.kindNames
	for _, f := range v.Fields {
		switch {
		case slices.Contains(names, f.Key):
			kinds = append(kinds, f)
			d.body = append(d.body, f)
		case findKey(&rule.Shape{Keys: l.vocab.common}, f.Key) != nil:
			d.common = append(d.common, f)
		}
		if f.Key == "with" {
			d.body = append(d.body, f)
		}
	}
	d.id = v.Get("id").Str("")
	if d.id != "" {
		d.pos = v.Get("id").Pos
	} else if use := v.Get("use"); !v.Get("id").Set() && use.Kind == rule.String {
		d.id, d.pos = use.Scalar, use.Pos
	}
	d.told = !l.oneKind(v, kinds) || len(kinds) == 0 && hasUnknownKey(v, &l.vocab.rule)
	if len(kinds) > 0 {
		d.kind = kinds[0].Key
	}
	if len(kinds) == 1 {
		l.build(d, v, kinds[0].Value)
	}
	return d.orNil()
}

func hasUnknownKey(v rule.Value, s *rule.Shape) bool {
	return slices.ContainsFunc(v.Fields, func(f rule.Field) bool { return findKey(s, f.Key) == nil })
}

func (d *decl) orNil() *decl {
	if d.id == "" {
		return nil
	}
	return d
}

// oneKind reports a rule that has several kinds, or none and no id either, or
// options without a check.
func (l *loader) oneKind(v rule.Value, kinds []rule.Field) bool {
	id := v.Get("id")
	switch {
	case len(kinds) > 1:
		keys := make([]string, len(kinds))
		for i, f := range kinds {
			keys[i] = f.Key
		}
		l.problem(rule.Problem{Pos: kinds[1].KeyPos, What: "a rule has one kind, and this one has " + strings.Join(keys, " and "),
			Hint: "make a rule of each, or put them into all: [...]"})
		return false
	case len(kinds) == 0 && !id.Set():
		l.problem(v.Problemf("add an id and one of "+strings.Join(l.vocab.kindNames, ", "), "the rule has no kind"))
		return false
	case len(kinds) == 1 && !id.Set() && kinds[0].Key != "use":
		l.problem(v.Problemf("add one, such as id: root-layout", "the rule has no id"))
	}
	if with := fieldOf(v, "with"); with != nil && (len(kinds) == 0 || kinds[0].Key != "use") {
		l.problem(rule.Problem{Pos: with.KeyPos, What: `"with" stands without "use"`, Hint: "remove it, or name the check that takes these options"})
	}
	return true
}

// fieldOf returns the entry of a mapping with a key, or nil.
func fieldOf(v rule.Value, key string) *rule.Field {
	for i := range v.Fields {
		if v.Fields[i].Key == key {
			return &v.Fields[i]
		}
	}
	return nil
}

// origin is what `sot list` shows: a pack by its name alone.
func origin(pos rule.Pos, file string) string {
	if isPack(file) {
		return file
	}
	return fmt.Sprintf("%s:%d", pos.File, pos.Line)
}

// add puts the rules of one file behind those of the files it extends.
func (l *loader) add(ds []*decl) {
	own := map[string]*decl{}
	for _, d := range ds {
		if d.id == reservedID {
			l.problem(rule.Problem{Pos: d.pos, What: fmt.Sprintf("the id %q is sot's own", d.id), Hint: "choose another"})
		}
		if first := own[d.id]; first != nil {
			l.problem(rule.Problem{Pos: d.pos, What: fmt.Sprintf("the id %q is taken, by the rule at %s", d.id, first.pos),
				Hint: "give one of them another id"})
			continue
		}
		own[d.id] = d
		l.override(d)
	}
}

// override replaces the extended rule of the same id, or changes the keys that
// d has where it has no kind.
func (l *loader) override(d *decl) {
	old := l.byID[d.id]
	switch {
	case old == nil && d.kind == "" && !d.told:
		l.problem(rule.Problem{Pos: d.pos, What: fmt.Sprintf("the rule %q has no kind, and there is no extended rule of that id to change", d.id),
			Hint: l.overrideHint(d.id)})
	case old == nil:
		l.byID[d.id] = d
		l.decls = append(l.decls, d)
	case d.kind == "":
		for _, f := range d.common {
			old.set(f)
		}
		old.pos = d.pos
		old.origin += ", changed in " + d.origin
	default:
		*old = *d
	}
}

func (l *loader) overrideHint(id string) string {
	ids := make([]string, 0, len(l.decls))
	for _, d := range l.decls {
		ids = append(ids, d.id)
	}
	if hint := l.suggest(id, ids, ""); strings.HasPrefix(hint, "did you mean") {
		return hint
	}
	if l.vocab.use(id) != nil {
		return "write use: " + id
	}
	return "add one of " + strings.Join(l.vocab.kindNames, ", ")
}

func (d *decl) set(f rule.Field) {
	for i := range d.common {
		if d.common[i].Key == f.Key {
			d.common[i] = f
			return
		}
	}
	d.common = append(d.common, f)
}

func (d *decl) get(key string) rule.Value {
	return rule.Value{Fields: d.common}.Get(key)
}
