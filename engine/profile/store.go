package profile

import (
	"cmp"
	"slices"
	"strings"
)

// maxModels is how many models a store keeps.
const maxModels = 10_000

// maxName is the most bytes of a rule's id, a kind or a class: a longer one is
// not learned.
const maxName = 512

// Store is what a profile's file, or a delta, holds: the models of all classes
// of machines. It is not safe for concurrent use.
type Store struct {
	classes map[string]map[string]*Model
}

// NewStore returns an empty store.
func NewStore() *Store { return &Store{classes: map[string]map[string]*Model{}} }

// Entry is one model of a store.
type Entry struct {
	Class string // Class.String
	Rule  string
	*Model
}

// Entries returns the models, sorted by class and rule. They are not copies.
func (s *Store) Entries() []Entry {
	var all []Entry
	for class, rules := range s.classes {
		for rule, m := range rules {
			all = append(all, Entry{class, rule, m})
		}
	}
	slices.SortFunc(all, func(a, b Entry) int {
		return cmp.Or(strings.Compare(a.Class, b.Class), strings.Compare(a.Rule, b.Rule))
	})
	return all
}

// Len returns the number of models.
func (s *Store) Len() int {
	n := 0
	for _, rules := range s.classes {
		n += len(rules)
	}
	return n
}

// Rules returns the rules of which something is known, sorted, each once.
func (s *Store) Rules() []string {
	var ids []string
	for _, rules := range s.classes {
		for id := range rules {
			ids = append(ids, id)
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids)
}

// Remove forgets a rule on all classes, and says whether it was known.
func (s *Store) Remove(rule string) bool {
	was := false
	for class, rules := range s.classes {
		if _, ok := rules[rule]; ok {
			was = true
			delete(rules, rule)
		}
		if len(rules) == 0 {
			delete(s.classes, class)
		}
	}
	return was
}

// model returns a model to add to, a new one where there was none.
func (s *Store) model(class, rule string) *Model {
	rules := s.classes[class]
	if rules == nil {
		rules = map[string]*Model{}
		s.classes[class] = rules
	}
	m := rules[rule]
	if m == nil {
		m = &Model{}
		rules[rule] = m
	}
	return m
}

// Merge adds all that o knows, exactly: nothing fades, and the order of several
// merges does not matter. Give it deltas: what two whole profiles learned before
// they parted would count twice.
func (s *Store) Merge(o *Store) {
	for class, rules := range o.classes {
		for rule, m := range rules {
			s.model(class, rule).merge(m)
		}
	}
}

// Learn adds a delta, or the sum of several, to what a profile knows. What the
// profile knew of the rules in it fades once before.
func (s *Store) Learn(delta *Store) { s.learn(delta, nil) }

// learn is Learn; a model whose saves are not those in loaded, where loaded is
// not nil, was saved since then, and has faded already.
func (s *Store) learn(delta *Store, loaded func(class, rule string) float64) {
	for class, rules := range delta.classes {
		for rule, d := range rules {
			m := s.model(class, rule)
			if m.Kind != "" && d.Kind != m.Kind {
				*m = Model{} // the id was given to another kind of rule
			}
			if loaded == nil || m.saves == loaded(class, rule) {
				m.fade()
			}
			m.merge(d)
		}
	}
	s.bound()
}

// bound drops the models that were not updated for longest, to what Decode takes.
func (s *Store) bound() {
	models := s.Len()
	if models <= maxModels && len(s.classes) <= maxClasses {
		return
	}
	all := s.Entries()
	slices.SortStableFunc(all, func(a, b Entry) int { return a.Updated.Compare(b.Updated) })
	for _, e := range all {
		if models <= maxModels && len(s.classes) <= maxClasses {
			return
		}
		models--
		delete(s.classes[e.Class], e.Rule)
		if len(s.classes[e.Class]) == 0 {
			delete(s.classes, e.Class)
		}
	}
}
