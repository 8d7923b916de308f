package source

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/sot-validator/sot/engine/rule"
)

// pureBackend reads a repository without git's binary: objects, index,
// refs, trees, configuration, ignore rules and attributes by code of this
// package. Of go-git it has the types and the hashing of objects: go-git's
// answers differ from git's (it knows no GIT_INDEX_FILE, takes HEAD for the index
// under `git commit -a`, and passes over core.excludesFile, info/exclude and
// filters), and its storage links packages that the program has no use for.
//
// Everything that it cannot read is an *UnsupportedError.
type pureBackend struct {
	place
	env      []string
	partial  bool // a partial clone: objects may be missing by design
	settled  settings
	indexed  memo[*index]
	scanIt   func(context.Context) (*walker, error)
	convert  func(*walker, settings, []string) conversion
	shallows map[string]bool // commits whose parents were cut off

	mu      sync.Mutex // guards what follows
	objects *objects
}

// connectPure opens the repository without git's binary, or leaves the backend
// nil where there is none.
func (s *Source) connectPure() error {
	p, found, err := pureDiscover(s.dir, s.opts.Env)
	if err != nil || !found {
		return err
	}
	b := &pureBackend{place: p, env: s.opts.Env}
	if err := b.configure(); err != nil {
		return err
	}
	s.place, s.git = b.place, b
	b.scanIt, b.convert = s.walked, s.converts
	return nil
}

func (b *pureBackend) index(ctx context.Context) (*index, error) {
	return b.indexed.get(ctx, func(context.Context) (*index, error) {
		x, err := readIndexFile(b.indexFile, b.idSize())
		if errors.Is(err, errIndexShape) {
			return nil, unsupported("%s has a shape of its own (%s)", b.indexFile, strings.TrimPrefix(err.Error(), b.indexFile+": "))
		}
		return x, err
	})
}

func (b *pureBackend) settings(context.Context) (settings, error) { return b.settled, nil }

func (b *pureBackend) blobs() blobReader { return newObjects(b) }

// store returns the shared object store; the caller holds b.mu.
func (b *pureBackend) store() *objects {
	if b.objects == nil {
		b.objects = newObjects(b)
	}
	return b.objects
}

func (b *pureBackend) branch(context.Context) (string, error) {
	target, _, err := b.place.readRef("HEAD")
	return strings.TrimPrefix(target, "refs/heads/"), err
}

func (b *pureBackend) diffStaged(ctx context.Context, with string) ([]rule.Entry, error) {
	x, err := b.index(ctx)
	if err != nil {
		return nil, err
	}
	var list []rule.Entry
	if with == "" {
		list, err = b.compareStaged(ctx, x)
	} else {
		var old []rule.Entry
		old, err = b.treeOf(ctx, with)
		list = compare(old, x.tree())
	}
	if err != nil {
		return nil, err
	}
	return b.renames(list, nil)
}

// compareStaged compares HEAD with the index: by the index's cache tree, and
// where it has none, or none of use, file by file.
func (b *pureBackend) compareStaged(ctx context.Context, x *index) ([]rule.Entry, error) {
	ids, err := b.resolve(ctx, "HEAD")
	if err != nil {
		return nil, err
	}
	if ids[0] == "" { // before the first commit
		return compare(nil, x.tree()), nil
	}
	list, err := b.compareFolders(ids[0], x)
	if !errors.Is(err, errCacheTree) {
		return list, err
	}
	old, err := b.commitTree(ctx, ids[0])
	return compare(old, x.tree()), err
}

func (b *pureBackend) compareFolders(commit string, x *index) ([]rule.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, err := b.commit(commit)
	if err != nil {
		return nil, err
	}
	return diffStagedTree(x, c.tree, func(id string) ([]byte, error) { return b.store().whole(plumbing.TreeObject, id) })
}

func (b *pureBackend) diffTrees(ctx context.Context, from, to string) ([]rule.Entry, error) {
	old, err := b.treeOf(ctx, from)
	if err != nil {
		return nil, err
	}
	now, err := b.commitTree(ctx, to)
	if err != nil {
		return nil, err
	}
	return b.renames(compare(old, now), nil)
}

// treeOf lists the files of a commit, or none of the empty tree.
func (b *pureBackend) treeOf(ctx context.Context, id string) ([]rule.Entry, error) {
	if id == b.emptyTree() {
		return nil, nil
	}
	return b.commitTree(ctx, id)
}

func (b *pureBackend) parents(_ context.Context, commit string) ([]string, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, err := b.commit(commit)
	return c.parents, err
}
