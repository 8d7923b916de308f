package config

import (
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// needs checks that every needed rule exists, and that no rule needs itself,
// directly or through others.
func (l *loader) needs() {
	ids := make([]string, len(l.decls))
	for i, d := range l.decls {
		ids[i] = d.id
	}
	for i, d := range l.decls {
		others := slices.Concat(ids[:i], ids[i+1:]) // a rule that needs itself is a cycle
		for _, n := range needItems(d) {
			if n.Kind == rule.String && n.Scalar != "" && l.byID[n.Scalar] == nil {
				l.problem(n.Problemf(l.suggest(n.Scalar, others, "name the id of a rule of this configuration"), "%q needs %q, and there is no such rule", d.id, shorten(n.Scalar)))
			}
		}
	}
	w := &cycleWalk{loader: l, state: map[string]visit{}}
	for _, d := range l.decls {
		w.walk(d)
	}
}

// needItems returns the values of needs, which may be one string or a list.
func needItems(d *decl) []rule.Value {
	v := d.get("needs")
	if v.Kind == rule.String {
		return []rule.Value{v}
	}
	return v.Items
}

type visit int8

const (
	unseen visit = iota
	onPath
	done
)

// maxCycles is how many cycles are shown: each may be as long as there are rules.
const maxCycles = 100

// cycleWalk is a depth-first search that reports each edge which closes a cycle.
type cycleWalk struct {
	*loader
	state map[string]visit
	path  []string
	found int
}

func (w *cycleWalk) walk(d *decl) {
	if w.state[d.id] != unseen {
		return
	}
	w.state[d.id] = onPath
	w.path = append(w.path, d.id)
	for _, n := range needItems(d) {
		next := w.byID[n.Scalar]
		if next == nil {
			continue
		}
		if w.state[next.id] == onPath {
			if w.found++; w.found > maxCycles {
				continue
			}
			from := slices.Index(w.path, next.id)
			cycle := append(slices.Clone(w.path[from:]), next.id)
			w.problem(n.Problemf("remove one of these needs", "the rules need each other in a cycle: %s", cycleText(cycle)))
			continue
		}
		w.walk(next)
	}
	w.path = w.path[:len(w.path)-1]
	w.state[d.id] = done
}
