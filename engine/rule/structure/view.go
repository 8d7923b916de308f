package structure

import (
	"iter"
	"sort"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// view is the files below a directory.
type view struct {
	dir    string // "" or ends in "/"
	tree   *rule.Tree
	lo, hi int // positions among the tree's entries
	// shared says that the tree is the run's own, whose index others use as well.
	// For the files of one rule, an index costs more than a walk.
	shared bool
}

// rootView is all that a rule sees: the tree, or the files of it that match.
func rootView(t *rule.Tree, match []rule.Entry) view {
	if len(match) == len(t.Entries()) {
		return view{tree: t, hi: len(match), shared: true}
	}
	return view{tree: rule.NewTree(match), hi: len(match)}
}

func (v view) at(i int) *rule.Entry { return &v.tree.Entries()[i] }

func (v view) entries() []rule.Entry { return v.tree.Entries()[v.lo:v.hi] }

// below returns the view of a directory in v, given with a trailing slash and
// the full path.
func (v view) below(dir string) view {
	all := v.tree.Entries()
	lo := v.lo + sort.Search(v.hi-v.lo, func(i int) bool { return all[v.lo+i].Path >= dir })
	return v.from(lo, dir)
}

// from returns the view of the directory whose files begin at position lo.
func (v view) from(lo int, dir string) view {
	all := v.tree.Entries()
	n := sort.Search(v.hi-lo, func(i int) bool { return !strings.HasPrefix(all[lo+i].Path, dir) })
	return view{dir: dir, tree: v.tree, lo: lo, hi: lo + n, shared: v.shared}
}

// empty returns the view of a directory without files: a submodule.
func (v view) empty(dir string) view { return view{dir: dir, tree: v.tree, shared: v.shared} }

// dirs yields the directories below v, each with a trailing slash, but no
// submodules.
func (v view) dirs() iter.Seq[string] {
	return func(yield func(string) bool) {
		if v.shared {
			for _, dir := range v.tree.Index().DirsBelow(v.dir) {
				if !yield(dir) {
					return
				}
			}
			return
		}
		for dir := range rule.NewTree(v.entries()).Dirs() {
			if len(dir) > len(v.dir) && !yield(dir+"/") {
				return
			}
		}
	}
}

// submodules returns those below v.
func (v view) submodules() []*rule.Entry {
	var out []*rule.Entry
	if v.shared {
		for _, i := range rule.Within(v.tree.Index().Submodules(), v.lo, v.hi) {
			out = append(out, v.at(int(i)))
		}
		return out
	}
	for i := v.lo; i < v.hi; i++ {
		if e := v.at(i); e.Mode == rule.ModeSubmodule {
			out = append(out, e)
		}
	}
	return out
}

// has says whether there is a file at a path below v, or a directory where the
// path ends in a slash.
func (v view) has(path string) bool {
	name, dir := strings.CutSuffix(path, "/")
	if e := v.tree.Lookup(v.dir + name); e != nil {
		return dir == (e.Mode == rule.ModeSubmodule)
	}
	return dir && v.tree.HasDir(v.dir+name)
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
	for i := v.lo; i < v.hi; {
		e := v.at(i)
		name := e.Path[len(v.dir):]
		c := child{name: name, path: e.Path}
		next := i + 1
		if k := strings.IndexByte(name, '/'); k >= 0 {
			sub := v.from(i, e.Path[:len(v.dir)+k+1])
			next = sub.hi
			c = child{name[:k], sub.dir, sub}
		} else if e.Mode == rule.ModeSubmodule {
			c.path += "/"
			c.view = v.empty(c.path)
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
	all := v.tree.Entries()
	i := v.lo + sort.Search(v.hi-v.lo, func(i int) bool { return all[v.lo+i].Path >= path })
	exact := i < v.hi && all[i].Path == path
	if exact && (all[i].Mode == rule.ModeSubmodule) == dir {
		if dir {
			path += "/"
		}
		return child{name, path, v.empty(path)}, true
	}
	if !dir {
		return child{}, false
	}
	sub := v.below(path + "/")
	return child{name, sub.dir, sub}, sub.hi > sub.lo
}
