package source

import (
	"context"
	"io"

	"github.com/sot-validator/sot/engine/rule"
)

// backend answers from a git repository. There are two: gitBackend asks git's
// binary (but for the shortcuts of quickStaged), pureBackend reads the files of
// the repository itself. Lists come in any order unless said otherwise. Methods
// are safe for concurrent use.
type backend interface {
	// resolve returns the commit ids that refs name, "" for one that names none.
	resolve(ctx context.Context, refs ...string) ([]string, error)
	// mergeBase returns the best common ancestor of two commits, "" if there is none.
	mergeBase(ctx context.Context, a, b string) (string, error)
	// parents returns the parents of a commit, none of a root's, and none where a
	// shallow clone was cut off.
	parents(ctx context.Context, commit string) ([]string, error)
	// diffStaged compares a commit or the empty tree with the index; "" is HEAD,
	// or nothing before the first commit.
	diffStaged(ctx context.Context, with string) ([]rule.Entry, error)
	// diffWorktree compares a commit ("" is the empty tree) with the tracked
	// files of the worktree.
	diffWorktree(ctx context.Context, commit string) ([]rule.Entry, error)
	// diffTrees compares two commits; the first may be the empty tree.
	diffTrees(ctx context.Context, from, to string) ([]rule.Entry, error)
	// commitTree lists a commit's files, sorted by path.
	commitTree(ctx context.Context, commit string) ([]rule.Entry, error)
	// index reads the index.
	index(ctx context.Context) (*index, error)
	// untracked returns those candidates, and the files below those that are
	// folders, that are not ignored; without candidates (nil) all that are
	// neither tracked nor ignored. What could not be read is a fault.
	untracked(ctx context.Context, c *candidates) ([]string, []rule.Fault, error)
	// settings returns what of the configuration changes how the worktree is seen.
	settings(ctx context.Context) (settings, error)
	// blobs opens a reader of objects, for one goroutine.
	blobs() blobReader
	// attribute returns the values of a git attribute, as rule.Repo has it, seen
	// from the worktree, the index (from ":") or a commit.
	attribute(ctx context.Context, from, name string, paths []string) (map[string]string, error)
	// branch returns the current branch, "" where the head is detached.
	branch(ctx context.Context) (string, error)
}

// blobReader reads objects. It is used by one goroutine at a time.
type blobReader interface {
	io.Closer
	// read appends a blob to buf[:0]; see Reader.Read for the limit.
	// A missing object is an error that does not say fs.ErrNotExist: the file
	// is there, and the repository is damaged or a partial clone.
	read(id string, buf []byte, limit int64) ([]byte, error)
}

// place is where a repository is: absolute paths, links resolved.
type place struct {
	root      string // the worktree's top
	gitDir    string // this worktree's git directory
	commonDir string // the git directory that all worktrees share
	indexFile string
	format    string // sha1 or sha256: the hash of the object ids
}

// idSize is the bytes of an object id.
func (p place) idSize() int {
	if p.format == "sha256" {
		return 32
	}
	return 20
}
