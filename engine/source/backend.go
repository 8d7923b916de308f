package source

import (
	"context"
	"io"

	"github.com/sot-validator/sot/engine/rule"
)

// backend answers from a git repository. There are two: gitBackend asks git's
// binary, pureBackend reads the files of the repository itself. Lists come in
// any order unless said otherwise. Methods are safe for concurrent use.
type backend interface {
	// resolve returns the commit ids that refs name, "" for one that names none.
	resolve(ctx context.Context, refs ...string) ([]string, error)
	// mergeBase returns the best common ancestor of two commits, "" if there is none.
	mergeBase(ctx context.Context, a, b string) (string, error)
	// diffStaged compares HEAD (or nothing, before the first commit) with the index.
	diffStaged(ctx context.Context) ([]rule.Entry, error)
	// diffWorktree compares a commit ("" is the empty tree) with the tracked
	// files of the worktree.
	diffWorktree(ctx context.Context, commit string) ([]rule.Entry, error)
	// diffTrees compares two commits.
	diffTrees(ctx context.Context, from, to string) ([]rule.Entry, error)
	// commitTree lists a commit's files, sorted by path.
	commitTree(ctx context.Context, commit string) ([]rule.Entry, error)
	// index reads the index.
	index(ctx context.Context) (*index, error)
	// untracked lists files that are neither tracked nor ignored. Under says
	// where: folders relative to the root that hold nothing tracked, or nil for
	// everywhere. Folders that could not be read are faults.
	untracked(ctx context.Context, under []string) ([]string, []rule.Fault, error)
	// ignored returns those of the paths that are ignored. None is tracked.
	ignored(ctx context.Context, paths []string) (map[string]bool, error)
	// blobs opens a reader of objects, for one goroutine.
	blobs() blobReader
	// attribute returns the values of a git attribute, as rule.Repo has it, seen
	// from the worktree, the index (from ":") or a commit.
	attribute(ctx context.Context, from, name string, paths []string) (map[string]string, error)
	// branch returns the current branch, "" where the head is detached.
	branch(ctx context.Context) (string, error)
	// converts says whether the bytes of some worktree file may differ from its
	// blob's though git calls it unchanged: line ends, filters, encodings.
	converts(ctx context.Context) bool
}

// blobReader reads objects. It is used by one goroutine at a time.
type blobReader interface {
	io.Closer
	// read appends a blob to buf[:0]; see Reader.Read for the limit.
	// fs.ErrNotExist where there is no such object.
	read(id string, buf []byte, limit int64) ([]byte, error)
}

// place is where a repository is: absolute paths, links resolved.
type place struct {
	root      string // the worktree's top
	gitDir    string // this worktree's git directory
	commonDir string // the git directory that all worktrees share
	indexFile string
}
