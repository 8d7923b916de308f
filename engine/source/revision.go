package source

import (
	"context"
	"os"
	"path/filepath"
)

// headID returns the commit of HEAD, "" before the first commit.
func (s *Source) headID(ctx context.Context) (string, error) {
	return s.head.get(ctx, func(ctx context.Context) (string, error) {
		ids, err := s.git.resolve(ctx, "HEAD")
		if err != nil {
			return "", err
		}
		return ids[0], nil
	})
}

// rangeEnds returns the commits that Range compares: the merge base, and the
// head, which is "" where the worktree is meant.
func (s *Source) rangeEnds(ctx context.Context) ([2]string, error) {
	return s.ends.get(ctx, func(ctx context.Context) (ends [2]string, err error) {
		head := s.opts.Head
		if head == "" {
			head = "HEAD"
		}
		if s.opts.Against != nil {
			return s.headAlone(ctx, head)
		}
		ids, err := s.git.resolve(ctx, s.opts.Base, head)
		if err != nil {
			return ends, err
		}
		for i, ref := range []string{s.opts.Base, head} {
			if ids[i] == "" {
				return ends, s.noCommit(ref)
			}
		}
		base, err := s.git.mergeBase(ctx, ids[0], ids[1])
		if err != nil {
			return ends, err
		}
		if base == "" {
			return ends, s.noMergeBase(s.opts.Base, head)
		}
		ends[0], ends[1] = base, ids[1]
		if s.opts.Head == "" {
			ends[1] = ""
		}
		return ends, nil
	})
}

// headAlone returns the ends of a range that has no base: see Options.Against.
func (s *Source) headAlone(ctx context.Context, head string) (ends [2]string, err error) {
	ids, err := s.git.resolve(ctx, head)
	if err == nil && ids[0] == "" {
		err = s.noCommit(head)
	}
	if err == nil && s.opts.Head != "" {
		ends[1] = ids[0]
	}
	return ends, err
}

func (s *Source) noCommit(ref string) error {
	hint := "see `git branch -a` and `git tag` for what there is"
	if s.shallow() {
		hint = "the clone is shallow: `git fetch --depth=1 origin REF` brings one commit, `git fetch --unshallow` all"
	}
	return usagef(hint, "%q names no commit of this repository", ref)
}

func (s *Source) noMergeBase(base, head string) error {
	if s.shallow() {
		return usagef("fetch more history: `git fetch --deepen=100`, or `fetch-depth: 0` in a checkout action",
			"%s and %s have no common ancestor in this shallow clone", base, head)
	}
	return usagef("compare branches of one history", "%s and %s have no common ancestor", base, head)
}

func (s *Source) shallow() bool {
	info, err := os.Stat(filepath.Join(s.commonDir, "shallow"))
	return err == nil && info.Size() > 0
}

// Commit returns the id of the commit that is judged, or that the worktree or the
// index started from; "" outside of git and before the first commit.
func (s *Source) Commit(ctx context.Context) (string, error) {
	if s.git == nil {
		return "", nil
	}
	if s.opts.Mode == Range {
		ends, err := s.rangeEnds(ctx)
		if err != nil || ends[1] != "" {
			return ends[1], err
		}
	}
	return s.headID(ctx)
}
