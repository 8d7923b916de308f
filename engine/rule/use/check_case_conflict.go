package use

import (
	"hash/maphash"
	"iter"
	"math/bits"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

func checkCaseConflict() rule.Use {
	return rule.Use{
		ID:  "check-case-conflict",
		Why: "At a checkout on Windows or macOS, one of the two files overwrites the other.",
		Doc: `Finds names that differ only in case.

Of README.md and Readme.md, a file system that ignores case (Windows, macOS) can hold one
alone. Files and folders are compared with each other, over the whole repository.

Judged are the names that are new: added, untracked or renamed files and their folders; in
a run over all files, or over given paths, all of those. Differs from pre-commit-hooks in
three things: there, a conflict that the repository already has is reported again when
either file is edited; names that are not ASCII are compared as git quotes them, so that
their case is never seen; and both names of a pair are printed, where here a finding stands
on the new name and says the other.
`,
		With: noOptions(),
		New:  func(rule.Value) (rule.Check, []rule.Problem) { return caseConflict{}, nil },
	}
}

// caseConflict is the check check-case-conflict.
type caseConflict struct{}

// ByNames says that the verdict may be kept under the names.
func (caseConflict) ByNames() {}

// CheckRepo reports each new name that another name equals but for case. The
// tree is asked for only where there is a new name: listing it costs more than
// the rest of a run over one file.
func (caseConflict) CheckRepo(p *rule.Pass, changed []rule.Entry) {
	fresh := newEntries(changed)
	if len(fresh) == 0 {
		return
	}
	tree, err := p.Repo().Tree(p.Context())
	if err != nil {
		cannot(p, "list the repository's files", err)
		return
	}
	for _, pair := range conflicts(rule.NewTree(fresh), tree) {
		p.Path(pair.name, "differs only in case from %s, and some file systems hold only one of them, rename one", pair.other)
	}
}

// newEntries returns the entries whose names the run brings in; in a run that
// compares nothing, that is each, and then the list is not copied.
func newEntries(changed []rule.Entry) []rule.Entry {
	old := func(e rule.Entry) bool {
		return !e.New() && e.Status != rule.Renamed && e.Status != rule.Unchanged
	}
	if !slices.ContainsFunc(changed, old) {
		return changed
	}
	return slices.DeleteFunc(slices.Clone(changed), old)
}

// conflict is a name with another that equals it but for case; a folder's name
// ends in "/".
type conflict struct{ name, other string }

// fewNames is up to how many new files each is looked for on its own. Each costs
// the folders on its way; hashing all names costs about as much as 200 of them.
const fewNames = 16

// conflicts returns the names of fresh that conflict with one of fresh or tree,
// in the order of fresh, each with the first other name.
func conflicts(fresh, tree *rule.Tree) []conflict {
	trees := []*rule.Tree{tree, fresh}
	if slices.EqualFunc(tree.Entries(), fresh.Entries(), func(a, b rule.Entry) bool { return a.Path == b.Path }) {
		trees = trees[:1]
	}
	others := func(name string) []string { return lookFor(name, trees) }
	if len(trees) == 1 || len(fresh.Entries()) > fewNames {
		groups := groupSuspects(trees, suspects(trees))
		others = func(name string) []string { return groups[fold(name)] }
	}
	var found []conflict
	for name := range names(fresh) {
		for _, other := range others(name) {
			if other != name {
				found = append(found, conflict{name, other})
				break
			}
		}
	}
	return found
}

// groupSuspects returns those names of the trees whose hashes are suspects, by
// what they are in lower case. Names are hashed, and looked at again only where
// a hash is one of interest.
func groupSuspects(trees []*rule.Tree, suspects map[uint64]bool) map[string][]string {
	groups := map[string][]string{}
	if len(suspects) == 0 {
		return groups
	}
	for _, t := range trees {
		for name := range names(t) {
			if suspects[foldHash(name)] {
				groups[fold(name)] = append(groups[fold(name)], name)
			}
		}
	}
	return groups
}

// suspects returns the hashes that a conflict of a fresh name must have: where
// everything is fresh, and so there is one tree, those that come twice.
func suspects(trees []*rule.Tree) map[uint64]bool {
	if len(trees) == 1 {
		return hashedTwice(trees[0])
	}
	hashes := map[uint64]bool{}
	for name := range names(trees[1]) {
		hashes[foldHash(name)] = true
	}
	return hashes
}

// hashedTwice returns the hashes that more than one name has, in an
// open-addressed table of hashes, whose length is a power of two: 27,000 files
// cost a few milliseconds and one table.
func hashedTwice(t *rule.Tree) map[uint64]bool {
	table := make([]uint64, 1<<bits.Len(uint(2*len(t.Entries())))) // as many folders as files, at first
	suspects := map[uint64]bool{}
	used := 0
	for name := range names(t) {
		h := foldHash(name)
		if used++; 2*used > len(table) {
			table = rehash(table)
		}
		if !insert(table, h) {
			suspects[h] = true
		}
	}
	return suspects
}

// insert puts a hash, which is not 0, into the table; false where it is there.
func insert(table []uint64, h uint64) bool {
	mask := uint64(len(table) - 1)
	for i := h & mask; ; i = (i + 1) & mask {
		switch table[i] {
		case 0:
			table[i] = h
			return true
		case h:
			return false
		}
	}
}

func rehash(old []uint64) []uint64 {
	table := make([]uint64, 2*len(old))
	for _, h := range old {
		if h != 0 {
			insert(table, h)
		}
	}
	return table
}

// names yields the folders of a tree, each with its slash, then its files.
func names(t *rule.Tree) iter.Seq[string] {
	return func(yield func(string) bool) {
		for dir := range t.Dirs() {
			if dir != "" && !yield(dir+"/") {
				return
			}
		}
		for i := range t.Entries() {
			if !yield(t.Entries()[i].Path) {
				return
			}
		}
	}
}

// fold returns the name in lower case without a folder's slash: a file and a
// folder of one name conflict too.
func fold(name string) string {
	name = strings.TrimSuffix(name, "/")
	if !utf8.ValidString(name) {
		return name // ToLower would make one name of all bytes that are not UTF-8
	}
	return strings.ToLower(name)
}

// foldSeed makes hashes differ from process to process, so that no repository
// can be made of names whose hashes collide.
var foldSeed = sync.OnceValue(maphash.MakeSeed)

// foldHash returns a hash of fold(name), never 0.
func foldHash(name string) uint64 {
	name = strings.TrimSuffix(name, "/")
	var buffer [256]byte
	lower := buffer[:0]
	if len(name) > len(buffer) {
		lower = make([]byte, 0, len(name))
	}
	for i := range len(name) {
		c := name[i]
		if c >= utf8.RuneSelf {
			return maphash.String(foldSeed(), fold(name)) | 1
		}
		if 'A' <= c && c <= 'Z' {
			c += 'a' - 'A'
		}
		lower = append(lower, c)
	}
	return maphash.Bytes(foldSeed(), lower) | 1
}
