package structure

import (
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

const meta = `*?[\{}`

// target is a glob that finds files or directories in a tree.
type target struct {
	text string // as sot.yaml writes it
	alts []alternative
}

// alternative is one pattern without braces: names that lead down to a
// directory, then what is held against every path below it. Walking the names
// by binary search keeps `*/shards/*/` from looking at each of 100,000 paths.
type alternative struct {
	dir   bool // directories are wanted, not files
	names []segment
	rest  *glob.Set // nil: the last name is what is wanted
	// name is the last name of whatever the rest matches, ext its end from its last
	// dot on; "" where the pattern does not tell. The tree's index finds by them.
	name, ext string
}

// segment is one name of a pattern.
type segment struct {
	literal string
	glob    *glob.Set // nil: the name is literal
}

func newAlternative(pattern string, dirs bool) alternative {
	a := alternative{dir: dirs || strings.HasSuffix(pattern, "/")}
	pattern = strings.TrimSuffix(pattern, "/")
	if pattern == "" {
		return a
	}
	if strings.Contains(pattern, "//") || strings.HasSuffix(pattern, "/") {
		a.rest, _ = glob.Compile(nil) // no path holds an empty name
		return a
	}
	rest, more := pattern, true
	for more {
		name, tail, found := strings.Cut(rest, "/")
		seg, ok := newSegment(name)
		if !ok {
			break
		}
		a.names = append(a.names, seg)
		rest, more = tail, found
	}
	if !more {
		return a
	}
	a.name, a.ext = lastOf(rest)
	if strings.HasSuffix(rest, "/**") {
		rest += "/*" // what is below, where doublestar also takes the directory itself
	}
	set, err := glob.Compile([]string{rest})
	if err != nil { // a slash stood in a class, so what was cut at it are no patterns
		a.names, a.name, a.ext = nil, "", ""
		set, _ = glob.Compile([]string{pattern})
	}
	a.rest = set
	return a
}

// lastOf returns the last name of every path that a pattern matches, or else
// how it ends from its last dot on. Beyond ASCII it is silent: there, doublestar
// takes one bad byte for another.
func lastOf(pattern string) (name, ext string) {
	if strings.ContainsAny(pattern, `[\`) {
		return "", ""
	}
	last := pattern[strings.LastIndexByte(pattern, '/')+1:]
	for i := range len(last) {
		if last[i] >= utf8.RuneSelf {
			return "", ""
		}
	}
	star := strings.LastIndexAny(last, "*?")
	if star < 0 {
		return last, ""
	}
	if dot := strings.LastIndexByte(last, '.'); dot > star {
		return "", last[dot:]
	}
	return "", ""
}

// newSegment fails for `**` and for half a class.
func newSegment(name string) (segment, bool) {
	switch {
	case name == "**":
		return segment{}, false
	case !strings.ContainsAny(name, meta):
		return segment{literal: name}, true
	}
	set, err := glob.Compile([]string{name})
	return segment{glob: set}, err == nil
}

// find returns what the target matches in v: full paths, directories with a
// trailing slash, sorted, each once.
func (t target) find(v view) []string {
	var out []string
	for i := range t.alts {
		t.alts[i].walk(v, t.alts[i].names, func(path string) bool {
			out = append(out, path)
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// size is how much the target matches in v.
func (t target) size(v view) int {
	if len(t.alts) > 1 {
		return len(t.find(v)) // two alternatives may match the same
	}
	n := 0
	t.alts[0].walk(v, t.alts[0].names, func(string) bool {
		n++
		return true
	})
	return n
}

// any says whether the target matches something in v.
func (t target) any(v view) bool {
	found := false
	for i := range t.alts {
		t.alts[i].walk(v, t.alts[i].names, func(string) bool {
			found = true
			return false
		})
	}
	return found
}

// walk yields what matches the names and then the rest, and says whether to go on.
func (a *alternative) walk(v view, names []segment, yield func(path string) bool) bool {
	if len(names) == 0 {
		return a.walkRest(v, yield)
	}
	last := len(names) == 1 && a.rest == nil
	dir := a.dir || !last
	visit := func(c child) bool {
		if last {
			return yield(c.path)
		}
		return a.walk(c.view, names[1:], yield)
	}
	if names[0].glob == nil {
		c, ok := v.child(names[0].literal, dir)
		return !ok || visit(c)
	}
	more := true
	v.children(func(c child) bool {
		if c.isDir() == dir && names[0].glob.Match(c.name) {
			more = visit(c)
		}
		return more
	})
	return more
}

func (a *alternative) walkRest(v view, yield func(path string) bool) bool {
	switch {
	case a.rest == nil: // the pattern is the directory itself
		return yield(v.dir)
	case a.dir:
		return a.walkDirs(v, yield)
	}
	file := func(i int) bool {
		e := v.at(i)
		return e.Mode == rule.ModeSubmodule || !a.rest.Match(e.Path[len(v.dir):]) || yield(e.Path)
	}
	if v.shared && a.name+a.ext != "" {
		x := v.tree.Index()
		among := x.WithExtension(a.ext)
		if a.name != "" {
			among = x.Named(a.name)
		}
		for _, i := range rule.Within(among, v.lo, v.hi) {
			if !file(int(i)) {
				return false
			}
		}
		return true
	}
	for i := v.lo; i < v.hi; i++ {
		if !file(i) {
			return false
		}
	}
	return true
}

func (a *alternative) walkDirs(v view, yield func(path string) bool) bool {
	for _, e := range v.submodules() {
		if a.rest.Match(e.Path[len(v.dir):]) && !yield(e.Path+"/") {
			return false
		}
	}
	dirs := v.dirs()
	if v.shared && a.name != "" {
		dirs = slices.Values(v.tree.Index().DirsNamedBelow(v.dir, a.name))
	}
	for dir := range dirs {
		if a.rest.Match(dir[len(v.dir):len(dir)-1]) && !yield(dir) {
			return false
		}
	}
	return true
}
