package rule

import (
	"sort"
	"strings"
	"sync"
	"sync/atomic"
)

// Index finds a tree's files and directories by their last names. Hundreds of
// rules that each walk 24,000 paths cost seconds; looked up here, they cost what
// they find. For a few rules the tables would cost more than walks: each is made
// when it is asked for, and not before a few have asked.
type Index struct {
	entries []Entry

	dirs       func() []string
	submodules func() []int32
	// names and extensions are of the entries, dirNames of the directories.
	names, extensions, dirNames *table
}

// Index returns the tree's index.
func (t *Tree) Index() *Index {
	t.once.Do(func() {
		x := &Index{entries: t.entries}
		x.dirs = sync.OnceValue(func() (dirs []string) {
			for dir := range t.Dirs() {
				if dir != "" {
					dirs = append(dirs, dir+"/")
				}
			}
			return dirs
		})
		x.submodules = sync.OnceValue(func() (at []int32) {
			for i := range x.entries {
				if x.entries[i].Mode == ModeSubmodule {
					at = append(at, int32(i))
				}
			}
			return at
		})
		name := func(i int) string { return x.entries[i].Name() }
		x.names = newTable(func() int { return len(x.entries) }, name)
		x.extensions = newTable(func() int { return len(x.entries) }, func(i int) string { return lastExtension(name(i)) })
		x.dirNames = newTable(func() int { return len(x.dirs()) }, func(i int) string { return lastName(x.dirs()[i]) })
		t.index = x
	})
	return t.index
}

// Dirs are the directories that files lie in, each with a trailing slash,
// sorted bytewise; the root is not among them.
func (x *Index) Dirs() []string { return x.dirs() }

// Submodules are the positions of submodules among the tree's entries.
func (x *Index) Submodules() []int32 { return x.submodules() }

// Named returns the positions, among the tree's entries, of the files (and
// submodules) of that name.
func (x *Index) Named(name string) []int32 { return x.names.at(name) }

// WithExtension returns the positions, among the tree's entries, of the files
// (and submodules) whose name ends in ext, which begins with the name's last
// dot; "" is those without a dot.
func (x *Index) WithExtension(ext string) []int32 { return x.extensions.at(ext) }

// DirsBelow returns the directories below dir, which is "" or ends in a slash.
func (x *Index) DirsBelow(dir string) []string {
	lo, hi := x.dirRange(dir)
	return x.dirs()[lo:hi]
}

// dirRange returns the positions in Dirs of what lies below dir.
func (x *Index) dirRange(dir string) (lo, hi int) {
	dirs := x.dirs()
	if dir == "" {
		return 0, len(dirs)
	}
	lo = sort.Search(len(dirs), func(i int) bool { return dirs[i] > dir })
	return lo, lo + sort.Search(len(dirs)-lo, func(i int) bool { return !strings.HasPrefix(dirs[lo+i], dir) })
}

// DirsNamedBelow returns the directories of that name below dir, which is "" or
// ends in a slash.
func (x *Index) DirsNamedBelow(dir, name string) []string {
	lo, hi := x.dirRange(dir)
	var out []string
	for _, i := range Within(x.dirNames.at(name), lo, hi) {
		out = append(out, x.dirs()[i])
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

// table finds numbers by their keys.
type table struct {
	size   func() int
	key    func(i int) string
	asked  atomic.Int32
	groups func() map[string][]int32
}

// fewAsked is how many questions a table answers by a walk over all keys: over
// 27,000 paths that is 0.3 ms, and making the groups ten times as much.
const fewAsked = 5

func newTable(size func() int, key func(i int) string) *table {
	return &table{size: size, key: key, groups: sync.OnceValue(func() map[string][]int32 { return group(size(), key) })}
}

// at returns the numbers with a key, sorted.
func (t *table) at(key string) (found []int32) {
	if t.asked.Add(1) > fewAsked {
		return t.groups()[key]
	}
	for i := range t.size() {
		if t.key(i) == key {
			found = append(found, int32(i))
		}
	}
	return found
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
