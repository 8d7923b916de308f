package structure

import (
	"slices"
	"sort"
	"strings"

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
	if strings.HasSuffix(rest, "/**") {
		rest += "/*" // what is below, where doublestar also takes the directory itself
	}
	set, err := glob.Compile([]string{rest})
	if err != nil { // a slash stood in a class, so what was cut at it are no patterns
		a.names = nil
		set, _ = glob.Compile([]string{pattern})
	}
	a.rest = set
	return a
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
	for _, a := range t.alts {
		a.walk(v, a.names, func(path string) bool {
			out = append(out, path)
			return true
		})
	}
	slices.Sort(out)
	return slices.Compact(out)
}

// any says whether the target matches something in v.
func (t target) any(v view) bool {
	found := false
	for _, a := range t.alts {
		a.walk(v, a.names, func(string) bool {
			found = true
			return false
		})
	}
	return found
}

// view is the files below a directory.
type view struct {
	dir     string // "" or ends in "/"
	entries []rule.Entry
}

// below returns the view of a directory in v, given with a trailing slash and
// the full path.
func (v view) below(dir string) view {
	rest := v.entries[sort.Search(len(v.entries), func(i int) bool { return v.entries[i].Path >= dir }):]
	n := sort.Search(len(rest), func(i int) bool { return !strings.HasPrefix(rest[i].Path, dir) })
	return view{dir, rest[:n]}
}

// child is what lies directly in a directory.
type child struct {
	name string // without slash
	path string // full, directories with a trailing slash
	view        // of a directory
}

func (c child) isDir() bool { return strings.HasSuffix(c.path, "/") }

// children calls yield for each child, sorted by path, until it returns false.
// It skips over a directory's files by binary search.
func (v view) children(yield func(child) bool) {
	for i := 0; i < len(v.entries); {
		e := &v.entries[i]
		name := e.Path[len(v.dir):]
		c := child{name: name, path: e.Path}
		next := i + 1
		if k := strings.IndexByte(name, '/'); k >= 0 {
			dir := e.Path[:len(v.dir)+k+1]
			next = i + sort.Search(len(v.entries)-i, func(j int) bool { return !strings.HasPrefix(v.entries[i+j].Path, dir) })
			c = child{name[:k], dir, view{dir, v.entries[i:next]}}
		} else if e.Mode == rule.ModeSubmodule {
			c.path += "/"
			c.view = view{dir: c.path}
		}
		i = next
		if !yield(c) {
			return
		}
	}
}

// child returns the child of that name that is, or is no, directory.
func (v view) child(name string, dir bool) (child, bool) {
	path := v.dir + name
	i := sort.Search(len(v.entries), func(i int) bool { return v.entries[i].Path >= path })
	exact := i < len(v.entries) && v.entries[i].Path == path
	if exact && (v.entries[i].Mode == rule.ModeSubmodule) == dir {
		if dir {
			path += "/"
		}
		return child{name, path, view{dir: path}}, true
	}
	if !dir {
		return child{}, false
	}
	sub := v.below(path + "/")
	return child{name, path + "/", sub}, len(sub.entries) > 0
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
	if a.rest == nil { // the pattern is the directory itself
		return yield(v.dir)
	}
	for i := range v.entries {
		e := &v.entries[i]
		if !a.dir && e.Mode != rule.ModeSubmodule && a.rest.Match(e.Path[len(v.dir):]) && !yield(e.Path) {
			return false
		}
		if a.dir && e.Mode == rule.ModeSubmodule && a.rest.Match(e.Path[len(v.dir):]) && !yield(e.Path+"/") {
			return false
		}
	}
	if !a.dir {
		return true
	}
	for dir := range rule.NewTree(v.entries).Dirs() {
		if len(dir) > len(v.dir) && a.rest.Match(dir[len(v.dir):]) && !yield(dir+"/") {
			return false
		}
	}
	return true
}
