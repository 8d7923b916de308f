package use

import (
	"slices"
	"sort"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

// entries returns files of a status, sorted.
func entries(status rule.Status, paths ...string) []rule.Entry {
	var es []rule.Entry
	for _, p := range paths {
		es = append(es, rule.Entry{Path: p, Mode: rule.ModeFile, Status: status})
	}
	sort.Slice(es, func(i, j int) bool { return es[i].Path < es[j].Path })
	return es
}

func TestCaseConflict(t *testing.T) {
	for name, c := range map[string]struct {
		tree    []string
		changed []rule.Entry
		want    []string // each name that is reported, and the other
	}{
		"none":               {[]string{"a", "b"}, entries(rule.Added, "b"), nil},
		"new file":           {[]string{"F.py", "f.py"}, entries(rule.Added, "f.py"), []string{"f.py/F.py"}},
		"untracked":          {[]string{"F.py"}, entries(rule.Untracked, "f.py"), []string{"f.py/F.py"}},
		"renamed":            {[]string{"F.py", "f.py"}, entries(rule.Renamed, "f.py"), []string{"f.py/F.py"}},
		"modified":           {[]string{"F.py", "f.py"}, entries(rule.Modified, "f.py"), nil},
		"two new":            {[]string{"F.py", "f.py"}, entries(rule.Added, "F.py", "f.py"), []string{"F.py/f.py", "f.py/F.py"}},
		"all files":          {[]string{"F.py", "f.py"}, entries(rule.Unchanged, "F.py", "f.py"), []string{"F.py/f.py", "f.py/F.py"}},
		"folders":            {[]string{"A/x", "a/y"}, entries(rule.Added, "a/y"), []string{"a//A/"}},
		"file and folder":    {[]string{"A/x", "a"}, entries(rule.Added, "a"), []string{"a/A/"}},
		"folder and file":    {[]string{"A", "a/x"}, entries(rule.Added, "a/x"), []string{"a//A"}},
		"inside one folder":  {[]string{"d/F", "d/f"}, entries(rule.Added, "d/f"), []string{"d/f/d/F"}},
		"deep":               {[]string{"a/B/c/D", "a/b/c/d"}, entries(rule.Added, "a/b/c/d"), []string{"a/b//a/B/", "a/b/c//a/B/c/", "a/b/c/d/a/B/c/D"}},
		"not ASCII":          {[]string{"É", "é"}, entries(rule.Added, "é"), []string{"é/É"}},
		"not ASCII, other":   {[]string{"É", "e"}, entries(rule.Added, "e"), nil},
		"name of bytes":      {[]string{"\xff", "\xfe"}, entries(rule.Added, "\xff"), nil},
		"other folder":       {[]string{"a/F", "b/f"}, entries(rule.Added, "b/f"), nil},
		"nothing changed":    {[]string{"F", "f"}, nil, nil},
		"deleted other case": {[]string{"f"}, entries(rule.Added, "f"), nil},
	} {
		repo := &fakeRepo{files: entries(rule.Unchanged, c.tree...)}
		p := newSubject(t, "check-case-conflict", "", "").pass(repo)
		caseConflict{}.CheckRepo(p, c.changed)
		var got []string
		for _, f := range p.Findings() {
			other, _, _ := strings.Cut(strings.TrimPrefix(f.Message, "differs only in case from "), ", ")
			got = append(got, f.Path+"/"+other)
		}
		sort.Strings(got)
		sort.Strings(c.want)
		if strings.Join(got, " ") != strings.Join(c.want, " ") {
			t.Errorf("%s: %q, want %q", name, got, c.want)
		}
	}
}

// The tree costs more than all else: it is listed only for a new name.
func TestCaseConflictListsNoTreeWithoutNewNames(t *testing.T) {
	repo := &fakeRepo{}
	caseConflict{}.CheckRepo(newSubject(t, "check-case-conflict", "", "").pass(repo), append(entries(rule.Modified, "a"), entries(rule.Typed, "b")...))
	if len(repo.asked) > 0 {
		t.Errorf("asked for %v", repo.asked)
	}
	repo.err = errRepo
	p := newSubject(t, "check-case-conflict", "", "").pass(repo)
	caseConflict{}.CheckRepo(p, entries(rule.Added, "a"))
	expect(t, "no git", said(p), "fault: cannot list the repository's files")
}

// Compared with each name against each other.
func TestCaseConflictAgainstComparingAll(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		path := rapid.Custom(func(t *rapid.T) string {
			return strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "A", "b", "é", "É"}), 1, 3).Draw(t, "path"), "/")
		})
		all := map[string]bool{}
		for _, p := range rapid.SliceOfN(path, 0, 6).Draw(t, "tree") {
			all[p] = true
		}
		var paths []string
		for p := range all {
			paths = append(paths, p)
		}
		tree := rule.NewTree(entries(rule.Unchanged, paths...))
		want := map[string]bool{}
		for a := range names(tree) {
			for b := range names(tree) {
				if a != b && strings.EqualFold(strings.TrimSuffix(a, "/"), strings.TrimSuffix(b, "/")) {
					want[a] = true
				}
			}
		}
		found := conflicts(tree, tree)
		for _, c := range found {
			if !want[c.name] {
				t.Fatalf("%q: found %q, which conflicts with nothing", paths, c.name)
			}
		}
		if len(found) != len(want) {
			t.Fatalf("%q: found %v, want %v", paths, found, want)
		}
	})
}

// Names are looked for in three ways, by how many are new: each on its own, by
// hashes of those that are new, or by hashes that come twice.
func TestCaseConflictOfFewAndMany(t *testing.T) {
	name := rapid.SampledFrom([]string{"a", "A", "b", "é", "É", "\xff", "K", "\u212a", "a.b"})
	path := rapid.Map(rapid.SliceOfN(name, 1, 4), func(names []string) string { return strings.Join(names, "/") })
	rapid.Check(t, func(t *rapid.T) {
		all := rapid.SliceOfNDistinct(path, 1, 40, rapid.ID[string]).Draw(t, "paths")
		fresh := rule.NewTree(entries(rule.Added, all[:rapid.IntRange(1, len(all)).Draw(t, "new")]...))
		from := rapid.IntRange(0, len(all)-1).Draw(t, "listed from") // of untracked folders some are in no tree
		tree := rule.NewTree(entries(rule.Unchanged, all[from:]...))
		var want []conflict
		for name := range names(fresh) {
			others := slices.Concat(slices.Collect(names(tree)), slices.Collect(names(fresh)))
			if i := slices.IndexFunc(others, func(other string) bool { return other != name && fold(other) == fold(name) }); i >= 0 {
				want = append(want, conflict{name, others[i]})
			}
		}
		if got := conflicts(fresh, tree); !slices.Equal(got, want) {
			t.Fatalf("%v in %v: %q, want %q", slices.Collect(names(fresh)), slices.Collect(names(tree)), got, want)
		}
	})
}

func BenchmarkCaseConflictOfOne(b *testing.B) {
	var paths []string
	for i := range 27_000 {
		paths = append(paths, "packages/some-package-"+string(rune('a'+i%26))+"/test/fixtures/"+strings.Repeat("x", i/1000)+"/"+strings.Repeat("y", i%1000/26)+"/input.js")
	}
	tree, fresh := rule.NewTree(entries(rule.Unchanged, paths...)), rule.NewTree(entries(rule.Added, paths[0]))
	for b.Loop() {
		conflicts(fresh, tree)
	}
}

func BenchmarkCaseConflict(b *testing.B) {
	var paths []string
	for i := range 27_000 {
		paths = append(paths, "packages/some-package-"+string(rune('a'+i%26))+"/test/fixtures/"+strings.Repeat("x", i/1000)+"/"+strings.Repeat("y", i%1000/26)+"/input.js")
	}
	tree := rule.NewTree(entries(rule.Unchanged, paths...))
	for b.Loop() {
		conflicts(tree, tree)
	}
}
