package structure

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// structure is what a rule asks of the tree.
type structure struct {
	each            []target // nil: the root
	only, exactly   *names   // nil: not asked
	require, forbid []target
	counts          []count
	pairs           []pair
	unique          []unique
	maxDepth        int         // -1: any
	extensions      *extensions // nil: any
	owned           bool
}

type count struct {
	of       target
	min, max int // max -1 is no bound
}

// names are the only names allowed directly in a directory.
type names struct {
	key         string // "only" or "exactly"
	texts       []string
	literals    []string // those that are no globs, directories with a slash
	must        []target // those that must be there
	files, dirs *glob.Set
}

// mistake is a finding before the quantifier has spoken.
type mistake struct {
	path, message string
	// say makes the message where it costs something: a quantifier wants none.
	say func() string
}

// CheckTree judges the root, or each directory, by the files that match.
func (s *structure) CheckTree(p *rule.Pass, t *rule.Tree, match, _ []rule.Entry) {
	root := rootView(t, match)
	var owners *owners
	if s.owned && len(match) > 0 {
		var err error
		if owners, err = readOwners(p); err != nil {
			p.Fail(rule.FaultUnreadable, "cannot read CODEOWNERS: %v", err)
			return
		}
	}
	if s.each == nil {
		s.report(p, owners, []view{root})
		if len(match) == 0 && len(p.Findings()) == 0 {
			p.MatchNothing("no file matches")
		}
		return
	}
	places := s.places(root)
	if len(places) == 0 {
		p.MatchNothing("no directory matches " + quoted(s.each))
		return
	}
	s.report(p, owners, places)
}

// ByPaths says that all files are judged, changed or not.
func (s *structure) ByPaths(*rule.Rule) (changed bool) { return false }

// eachKey is the key of a shared tree's memo under which the places of a list of
// globs lie.
type eachKey string

// places are the directories of each, sorted, each once.
func (s *structure) places(root view) []view {
	if !root.shared {
		return s.find(root)
	}
	key := make([]string, len(s.each))
	for i, t := range s.each {
		key[i] = t.text
	}
	return root.tree.Memo(eachKey(strings.Join(key, "\x00")), func() any { return s.find(root) }).([]view)
}

func (s *structure) find(root view) []view {
	var dirs []string
	for _, t := range s.each {
		dirs = append(dirs, t.find(root)...)
	}
	slices.Sort(dirs)
	dirs = slices.Compact(dirs)
	places := make([]view, len(dirs))
	for i, dir := range dirs {
		places[i] = root.below(dir)
	}
	return places
}

// report judges the places and reports by the rule's quantifier.
func (s *structure) report(p *rule.Pass, owners *owners, places []view) {
	holds := p.Rule().Holds
	var held, failing []string
	for _, v := range places {
		if p.Context().Err() != nil {
			return // the engine says why
		}
		mistakes := s.judge(v)
		if s.owned {
			mistakes = append(mistakes, owners.judge(v)...)
		}
		switch {
		case holds.All():
			for _, m := range mistakes {
				if m.say != nil {
					m.message = m.say()
				}
				p.Path(m.path, "%s", m.message)
			}
		case len(mistakes) == 0:
			held = append(held, v.dir)
		default:
			failing = append(failing, v.dir)
		}
	}
	if ok, want := holds.Judge(len(held), len(places)); !ok && !holds.All() {
		what := fmt.Sprintf("holds in %d of %d %s, wanted %s%s", len(held), len(places), directories(len(places)), want, examples(held, failing, holds.TooMany(len(held), len(places))))
		if d := p.Rule().Description; d != "" {
			what = d + ": " + what
		}
		p.Path("", "%s", what)
	}
}

func directories(n int) string {
	if n == 1 {
		return "directory"
	}
	return "directories"
}

// examples names a few places: those that fail, or those that hold where that is too
// many.
func examples(held, failing []string, tooMany bool) string {
	const most = 3
	word, dirs := "not in", failing
	if tooMany || len(failing) == 0 {
		word, dirs = "in", held
	}
	shown := slices.Clone(dirs[:min(most, len(dirs))])
	for i, d := range shown {
		if d == "" {
			shown[i] = "the root"
		}
	}
	more := ""
	if len(dirs) > most {
		more = fmt.Sprintf(" and %d more", len(dirs)-most)
	}
	return "; " + word + " " + strings.Join(shown, ", ") + more
}

// judge returns what is wrong in one directory.
func (s *structure) judge(v view) []mistake {
	var out []mistake
	out = append(out, s.only.judge(v)...)
	out = append(out, s.exactly.judge(v)...)
	for _, t := range s.require {
		if !t.any(v) {
			out = append(out, mistake{path: v.dir, say: func() string { return t.missing(v, "require") }})
		}
	}
	for _, t := range s.forbid {
		for _, path := range t.find(v) {
			out = append(out, mistake{path: path, message: fmt.Sprintf("%s matches %s, which is forbidden, remove it", path[len(v.dir):], t.text)})
		}
	}
	for _, c := range s.counts {
		if n := c.of.size(v); n < c.min || (c.max >= 0 && n > c.max) {
			out = append(out, mistake{path: v.dir, message: fmt.Sprintf("%s matches %d %s, wanted %s", c.of.text, n, c.of.plural(n), c.wanted())})
		}
	}
	for _, pair := range s.pairs {
		out = append(out, pair.judge(v)...)
	}
	for _, u := range s.unique {
		out = append(out, u.judge(v)...)
	}
	if s.maxDepth >= 0 {
		out = append(out, tooDeep(v, s.maxDepth)...)
	}
	return append(out, s.extensions.judge(v)...)
}

func (c count) wanted() string {
	switch {
	case c.max < 0:
		return fmt.Sprintf("at least %d", c.min)
	case c.min == c.max:
		return fmt.Sprintf("exactly %d", c.min)
	case c.min == 0:
		return fmt.Sprintf("at most %d", c.max)
	}
	return fmt.Sprintf("%d to %d", c.min, c.max)
}

func (t target) plural(n int) string {
	switch {
	case t.alts[0].dir:
		return directories(n)
	case n == 1:
		return "file"
	}
	return "files"
}

func (n *names) judge(v view) []mistake {
	if n == nil {
		return nil
	}
	var out []mistake
	v.children(func(c child) bool {
		set := n.files
		if c.isDir() {
			set = n.dirs
		}
		if !set.Match(c.name) {
			out = append(out, mistake{path: c.path, say: func() string { return n.unexpected(c) }})
		}
		return true
	})
	for _, t := range n.must {
		if !t.any(v) {
			out = append(out, mistake{path: v.dir, say: func() string { return t.missing(v, n.key) }})
		}
	}
	return out
}

// unexpected is the message about a child that the list does not allow.
func (n *names) unexpected(c child) string {
	name, other := c.name, c.name+"/"
	if c.isDir() {
		name, other = other, name
	}
	otherType := slices.Contains(n.literals, other)
	switch near := nearest(name, n.literals); {
	case otherType && c.isDir():
		return fmt.Sprintf("%s is a directory, and %s allows a file of that name: write it with a slash at its end", name, n.key)
	case otherType:
		return fmt.Sprintf("%s is a file, and %s allows a directory of that name: remove the file", name, n.key)
	case near != "":
		return fmt.Sprintf("%s is not allowed here, did you mean %s?", name, near)
	}
	return fmt.Sprintf("%s is not allowed here, move or remove it, or add it to %s (%s)", name, n.key, list(n.texts))
}

// missing is the message about a target that matches nothing in v.
func (t target) missing(v view, key string) string {
	a := t.alts[0]
	last := len(a.names) - 1
	literal := len(t.alts) == 1 && a.rest == nil && last >= 0 && !slices.ContainsFunc(a.names, func(s segment) bool { return s.glob != nil })
	if !literal {
		if a.dir {
			return fmt.Sprintf("no directory matches %s, add one", t.text)
		}
		return fmt.Sprintf("no file matches %s, add one", t.text)
	}
	for _, s := range a.names[:last] {
		c, ok := v.child(s.literal, true)
		if !ok {
			return t.text + " is missing, add it"
		}
		v = c.view
	}
	name := a.names[last].literal
	if _, ok := v.child(name, !a.dir); ok && a.dir {
		return fmt.Sprintf("%s is missing: there is a file of that name, make it a directory", t.text)
	} else if ok {
		return fmt.Sprintf("%s is missing: there is a directory of that name, write %s/ in %s", t.text, t.text, key)
	}
	var same []string
	v.children(func(c child) bool {
		if c.isDir() == a.dir {
			same = append(same, c.path[len(v.dir):])
		}
		return true
	})
	if near := nearest(name, same); near != "" {
		return fmt.Sprintf("%s is missing, rename %s or add it", t.text, near)
	}
	return t.text + " is missing, add it"
}

func quoted(ts []target) string {
	texts := make([]string, len(ts))
	for i, t := range ts {
		texts[i] = t.text
	}
	return list(texts)
}

// list joins a few texts.
func list(texts []string) string {
	const most = 12
	if len(texts) > most {
		return strings.Join(texts[:most], ", ") + ", ..."
	}
	return strings.Join(texts, ", ")
}
