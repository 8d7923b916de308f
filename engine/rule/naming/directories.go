package naming

import (
	"fmt"
	"iter"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// directories judges the names of the directories above the files. A directory
// has no entry, so this is a check of the tree; but like every naming rule it
// speaks of what changed, unless the rule counts places (holds, on_empty).
type directories struct{ naming }

// CheckTree reports each wrong directory above the files once.
func (c directories) CheckTree(p *rule.Pass, t *rule.Tree, match, changed []rule.Entry) {
	r := p.Rule()
	list := match
	if c.ByPaths(r) {
		list = changed
	}
	total := 0
	var failing []string
	for dir := range dirs(t, list) {
		if c.each != nil && !c.each.Match(dir) {
			continue
		}
		name := dir[strings.LastIndexByte(dir, '/')+1:]
		if c.ignoreNames.Match(name) || c.ignorePaths.Match(dir) {
			continue
		}
		total++
		what := c.judgeStem(name, "")
		if what == "" {
			what = c.judgePattern(name, dir)
		}
		switch {
		case what == "":
		case r.Holds.All():
			p.Path(dir+"/", "%s", what)
		default:
			failing = append(failing, dir+"/")
		}
	}
	switch {
	case total == 0:
		p.MatchNothing("no directory matches")
	case !r.Holds.All():
		if ok, want := r.Holds.Judge(total-len(failing), total); !ok {
			held := total - len(failing)
			if r.Holds.TooMany(held, total) { // the others are wrong
				failing = nil
			}
			what := summary(held, total, want, failing)
			if r.Description != "" {
				what = r.Description + ": " + what
			}
			p.Path("", "%s", what)
		}
	}
}

// ByPaths says that a rule that does not count its places judges what changed.
func (c directories) ByPaths(r *rule.Rule) (changed bool) { return !r.EmptyFails && r.Holds.All() }

// dirs yields the directories above a list of a tree's files, without the root
// and without a slash at their ends.
func dirs(t *rule.Tree, list []rule.Entry) iter.Seq[string] {
	return func(yield func(string) bool) {
		if len(list) == len(t.Entries()) {
			for _, dir := range t.Index().Dirs() { // others ask for it as well
				if !yield(dir[:len(dir)-1]) {
					return
				}
			}
			return
		}
		for dir := range rule.NewTree(list).Dirs() {
			if dir != "" && !yield(dir) {
				return
			}
		}
	}
}

// summary is the one finding of a rule that counts its places.
func summary(held, total int, want string, failing []string) string {
	const most = 3
	s := fmt.Sprintf("holds in %d of %d directories, wanted %s", held, total, want)
	if len(failing) == 0 {
		return s
	}
	more := ""
	if len(failing) > most {
		more = fmt.Sprintf(" and %d more", len(failing)-most)
	}
	return s + "; not in " + strings.Join(failing[:min(most, len(failing))], ", ") + more
}
