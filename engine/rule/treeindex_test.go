package rule

import (
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"

	"pgregory.net/rapid"
)

func TestIndexFindsWhatAWalkFinds(t *testing.T) {
	name := rapid.SampledFrom([]string{"a", "b", "a.b", "c.x", ".x", "d.x.y", "x"})
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOfN(rapid.Map(rapid.SliceOfN(name, 1, 4), func(names []string) string { return strings.Join(names, "/") }), 0, 20).Draw(t, "paths")
		slices.Sort(paths)
		paths = slices.Compact(paths)
		var es []Entry
		for i, p := range paths {
			e := Entry{Path: p, Mode: ModeFile}
			if i%5 == 4 {
				e.Mode = ModeSubmodule
			}
			es = append(es, e)
		}
		tree := NewTree(es)
		x := tree.Index()
		for range fewAsked * rapid.IntRange(0, 1).Draw(t, "asked before") {
			x.Named("")
			x.WithExtension(".z")
			x.DirsNamedBelow("", "z")
		}
		wanted := rapid.SampledFrom([]string{"a", "c.x", "x", "none"}).Draw(t, "name")
		ext := rapid.SampledFrom([]string{".x", ".y", "", ".b"}).Draw(t, "extension")
		var named, extended, modules []int32
		for i := range es {
			n := es[i].Name()
			if n == wanted {
				named = append(named, int32(i))
			}
			if dot := strings.LastIndexByte(n, '.'); dot >= 0 && n[dot:] == ext || dot < 0 && ext == "" {
				extended = append(extended, int32(i))
			}
			if es[i].Mode == ModeSubmodule {
				modules = append(modules, int32(i))
			}
		}
		if !slices.Equal(x.Named(wanted), named) || !slices.Equal(x.WithExtension(ext), extended) || !slices.Equal(x.Submodules(), modules) {
			t.Fatalf("%v: %v %v %v, want %v %v %v", paths, x.Named(wanted), x.WithExtension(ext), x.Submodules(), named, extended, modules)
		}
		if !slices.IsSorted(x.Dirs()) {
			t.Fatalf("%v are not sorted", x.Dirs())
		}
		dir := rapid.SampledFrom([]string{"", "a/", "a/b/", "a.b/", "none/"}).Draw(t, "dir")
		var below, dirsNamed []string
		for d := range tree.Dirs() {
			if d += "/"; d != "/" && d != dir && strings.HasPrefix(d, dir) {
				below = append(below, d)
				if strings.HasSuffix("/"+d, "/"+wanted+"/") {
					dirsNamed = append(dirsNamed, d)
				}
			}
		}
		if !slices.Equal(x.DirsBelow(dir), below) || !slices.Equal(x.DirsNamedBelow(dir, wanted), dirsNamed) {
			t.Fatalf("below %q: %v %v, want %v %v", dir, x.DirsBelow(dir), x.DirsNamedBelow(dir, wanted), below, dirsNamed)
		}
	})
}

// Many rules ask the same tree at once; each thing is made once.
func TestTreeMemoIsMadeOnce(t *testing.T) {
	type key int
	tree := NewTree([]Entry{{Path: "a/b"}})
	var made atomic.Int32
	var wg sync.WaitGroup
	for range 16 {
		wg.Go(func() {
			if got := tree.Memo(key(1), func() any { return made.Add(1) }); got != int32(1) {
				t.Errorf("got %v", got)
			}
			if n := len(tree.Index().Dirs()); n != 1 {
				t.Errorf("%d directories", n)
			}
		})
	}
	wg.Wait()
	if got := tree.Memo(key(2), func() any { return "other" }); got != "other" {
		t.Errorf("another key gives %v", got)
	}
}
