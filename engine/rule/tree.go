package rule

import (
	"iter"
	"sort"
	"strings"
	"sync"
)

// Tree is every file that the source holds, whatever changed: what structure
// rules judge. Directories exist through files only. It is immutable, and safe
// for concurrent use: one is shared by all rules of a run.
type Tree struct {
	entries []Entry
	once    sync.Once
	index   *Index
	memo    sync.Map
}

// NewTree returns the tree of the entries, which it keeps. They are sorted by
// path, bytewise, each path once; deleted ones must not be among them.
func NewTree(sorted []Entry) *Tree { return &Tree{entries: sorted} }

// Entries returns all files, sorted by path. Do not change them.
func (t *Tree) Entries() []Entry { return t.entries }

// Lookup returns the file at a path, or nil.
func (t *Tree) Lookup(path string) *Entry {
	i := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].Path >= path })
	if i < len(t.entries) && t.entries[i].Path == path {
		return &t.entries[i]
	}
	return nil
}

// HasDir says whether any file lies below dir ("a/b", without a trailing slash;
// "" is the root).
func (t *Tree) HasDir(dir string) bool { return len(t.Under(dir)) > 0 }

// Under returns the files below dir ("a/b"; "" is the root), at any depth.
func (t *Tree) Under(dir string) []Entry {
	if dir == "" {
		return t.entries
	}
	prefix := dir + "/"
	lo := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].Path >= prefix })
	hi := sort.Search(len(t.entries), func(i int) bool { return t.entries[i].Path >= dir+"0" }) // '0' is '/' + 1
	return t.entries[lo:hi]
}

// Children yields the names directly in dir, sorted, directories with a
// trailing slash.
func (t *Tree) Children(dir string) iter.Seq[string] {
	skip := 0
	if dir != "" {
		skip = len(dir) + 1
	}
	return func(yield func(string) bool) {
		last := ""
		for _, e := range t.Under(dir) {
			name := e.Path[skip:]
			if i := strings.IndexByte(name, '/'); i >= 0 {
				name = name[:i+1]
			}
			if name == last {
				continue
			}
			last = name
			if !yield(name) {
				return
			}
		}
	}
}

// Dirs yields every directory, without trailing slash, the root ("") first, a
// parent before its children.
func (t *Tree) Dirs() iter.Seq[string] {
	return func(yield func(string) bool) {
		if !yield("") {
			return
		}
		last := ""
		for _, e := range t.entries {
			common := commonDirs(last, e.Path)
			for i := common; ; {
				n := strings.IndexByte(e.Path[i:], '/')
				if n < 0 {
					break
				}
				if !yield(e.Path[:i+n]) {
					return
				}
				i += n + 1
			}
			last = e.Path
		}
	}
}

// commonDirs returns the length of the directories that both paths share,
// with the slash.
func commonDirs(a, b string) int {
	n := 0
	for i := 0; i < len(a) && i < len(b) && a[i] == b[i]; i++ {
		if a[i] == '/' {
			n = i + 1
		}
	}
	return n
}
