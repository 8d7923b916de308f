package source

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// errAskGit says that a question is left to git.
var errAskGit = errors.New("git must be asked")

// quickStaged compares HEAD with the index without starting git, which takes as
// long again as everything else of a run over one staged file. It answers in
// repositories of the plainest shape alone (see plainPlace), and leaves to git
// by an error whatever it is not sure of: renames, replaced objects, objects
// that are not here, an index without cache tree.
func (g *gitBackend) quickStaged(x *index) ([]rule.Entry, error) {
	if !g.readsObjects() || x.modified.IsZero() {
		return nil, errAskGit // as well where git had to read the index
	}
	_, head, err := g.readRef("HEAD")
	if err != nil || head == "" {
		return nil, errAskGit
	}
	objects := g.objectFiles()
	defer objects.close()
	want := func(kind string) func(id string) ([]byte, error) {
		return func(id string) ([]byte, error) {
			is, data, err := objects.read(id)
			if err == nil && is != kind {
				err = errAskGit
			}
			return data, err
		}
	}
	data, err := want("commit")(head)
	if err != nil {
		return nil, err
	}
	list, err := diffStagedTree(x, parseCommit(string(data)).tree, want("tree"))
	if err != nil || mayHaveRenames(list) {
		return nil, errors.Join(errAskGit, err)
	}
	return list, nil
}

// readsObjects says whether objects may be read without git.
func (g *gitBackend) readsObjects() bool {
	g.once.Do(func() { g.reads = g.plain && !g.replaces() })
	return g.reads
}

// replaces says whether objects may stand in for others (git-replace(1)).
func (g *gitBackend) replaces() bool {
	if names, err := os.ReadDir(filepath.Join(g.commonDir, "refs", "replace")); err == nil && len(names) > 0 {
		return true
	}
	packed, err := readSmall(filepath.Join(g.commonDir, "packed-refs"))
	if err != nil {
		return !os.IsNotExist(err)
	}
	return bytes.Contains(packed, []byte(" refs/replace/"))
}

// mayHaveRenames says whether a diff lost a file and has another one new.
func mayHaveRenames(list []rule.Entry) bool {
	added, deleted := false, false
	for _, e := range list {
		added = added || e.Status == rule.Added
		deleted = deleted || e.Status == rule.Deleted
	}
	return added && deleted
}

// plainObjects says whether git looks for objects in the repository itself.
func plainObjects(env []string) bool {
	return !slices.ContainsFunc(unreadVars, func(name string) bool { return getenv(env, name) != "" })
}
