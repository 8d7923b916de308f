package source

import (
	"context"
	"errors"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// pureBackend reads a repository without git's binary: objects through go-git's
// object store; index, refs, trees, ignore rules and attributes by code of this
// package, because go-git's answers differ from git's there (it knows no
// GIT_INDEX_FILE, takes HEAD for the index under `git commit -a`, and passes
// over core.excludesFile, info/exclude and filters).
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

	mu      sync.Mutex // guards what follows: go-git's store is for one goroutine
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
	var old []rule.Entry
	if with == "" {
		old, err = b.headTree(ctx)
	} else {
		old, err = b.treeOf(ctx, with)
	}
	if err != nil {
		return nil, err
	}
	return b.renames(compare(old, x.tree()), nil)
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

// headTree lists HEAD's files; none before the first commit.
func (b *pureBackend) headTree(ctx context.Context) ([]rule.Entry, error) {
	ids, err := b.resolve(ctx, "HEAD")
	if err != nil || ids[0] == "" {
		return nil, err
	}
	return b.commitTree(ctx, ids[0])
}
