package rule

import (
	"sort"
	"strings"
	"sync"
)

// Index finds a tree's files and directories by their last names. Hundreds of
// rules that each walk 24,000 paths cost seconds; looked up here, they cost what
// they find.
type Index struct {
	// Dirs are the directories that files lie in, each with a trailing slash,
	// sorted bytewise; the root is not among them.
	Dirs []string
	// Submodules are the positions of submodules among the tree's entries.
	Submodules []int32

	names, extensions, dirNames map[string][]int32
}

// Index returns the tree's index, made when it is first asked for.
func (t *Tree) Index() *Index {
	t.once.Do(func() {
		x := &Index{}
		for dir := range t.Dirs() {
			if dir != "" {
				x.Dirs = append(x.Dirs, dir+"/")
			}
		}
		for i := range t.entries {
			if t.entries[i].Mode == ModeSubmodule {
				x.Submodules = append(x.Submodules, int32(i))
			}
		}
		x.names = group(len(t.entries), func(i int) string { return t.entries[i].Name() })
		x.extensions = group(len(t.entries), func(i int) string { return lastExtension(t.entries[i].Name()) })
		x.dirNames = group(len(x.Dirs), func(i int) string { return lastName(x.Dirs[i]) })
		t.index = x
	})
	return t.index
}

// Named returns the positions, among the tree's entries, of the files (and
// submodules) of that name.
func (x *Index) Named(name string) []int32 { return x.names[name] }

// WithExtension returns the positions, among the tree's entries, of the files
// (and submodules) whose name ends in ext, which begins with the name's last
// dot; "" is those without a dot.
func (x *Index) WithExtension(ext string) []int32 { return x.extensions[ext] }

// DirsBelow returns the directories below dir, which is "" or ends in a slash.
func (x *Index) DirsBelow(dir string) []string {
	lo, hi := x.dirRange(dir)
	return x.Dirs[lo:hi]
}

// dirRange returns the positions in Dirs of what lies below dir.
func (x *Index) dirRange(dir string) (lo, hi int) {
	if dir == "" {
		return 0, len(x.Dirs)
	}
	lo = sort.Search(len(x.Dirs), func(i int) bool { return x.Dirs[i] > dir })
	return lo, lo + sort.Search(len(x.Dirs)-lo, func(i int) bool { return !strings.HasPrefix(x.Dirs[lo+i], dir) })
}

// DirsNamedBelow returns the directories of that name below dir, which is "" or
// ends in a slash.
func (x *Index) DirsNamedBelow(dir, name string) []string {
	lo, hi := x.dirRange(dir)
	var out []string
	for _, i := range Within(x.dirNames[name], lo, hi) {
		out = append(out, x.Dirs[i])
	}
	return out
}

// Within returns those of sorted positions that lie in [lo, hi).
func Within(sorted []int32, lo, hi int) []int32 {
	from := sort.Search(len(sorted), func(i int) bool { return int(sorted[i]) >= lo })
	return sorted[from : from+sort.Search(len(sorted)-from, func(i int) bool { return int(sorted[from+i]) >= hi })]
}

// Memo returns the value that make gave for this key on this tree, calling it
// once: for what several rules ask of the same tree. Keys are values of
// unexported types, as with context.
func (t *Tree) Memo(key any, make func() any) any {
	once, ok := t.memo.Load(key)
	if !ok {
		once, _ = t.memo.LoadOrStore(key, sync.OnceValue(make))
	}
	return once.(func() any)()
}

// group returns the numbers below n by their keys, each group sorted. Counting
// first makes one allocation of them all.
func group(n int, key func(int) string) map[string][]int32 {
	counts := map[string]int{}
	for i := range n {
		counts[key(i)]++
	}
	all := make([]int32, n)
	groups := make(map[string][]int32, len(counts))
	for i := range n {
		k := key(i)
		g, ok := groups[k]
		if !ok {
			g, all = all[:0:counts[k]], all[counts[k]:]
		}
		groups[k] = append(g, int32(i))
	}
	return groups
}

func lastExtension(name string) string {
	if i := strings.LastIndexByte(name, '.'); i >= 0 {
		return name[i:]
	}
	return ""
}

// lastName returns the name of a directory that ends in a slash.
func lastName(dir string) string {
	dir = dir[:len(dir)-1]
	return dir[strings.LastIndexByte(dir, '/')+1:]
}
