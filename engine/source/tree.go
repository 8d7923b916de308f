package source

import (
	"context"

	"github.com/sot-validator/sot/engine/rule"
)

// Tree returns everything that the source holds: the index under Staged, the
// head's tree under Range with a Head, else the worktree's files. It is listed
// at the first call.
func (s *Source) Tree(ctx context.Context) (*rule.Tree, error) {
	return s.tree.get(ctx, s.listTree)
}

func (s *Source) listTree(ctx context.Context) (*rule.Tree, error) {
	switch {
	case s.opts.Mode == Staged:
		x, err := s.git.index(ctx)
		if err != nil {
			return nil, err
		}
		return rule.NewTree(x.tree()), nil
	case !s.Worktree():
		ends, err := s.rangeEnds(ctx)
		if err != nil {
			return nil, err
		}
		list, err := s.git.commitTree(ctx, ends[1])
		return rule.NewTree(list), err
	}
	w, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	return rule.NewTree(w.everything()), nil
}

// EachPath yields the paths and modes of what Tree returns, in its order, where
// they are at hand for less than making the tree takes; ok says so.
func (s *Source) EachPath(ctx context.Context, yield func(path string, mode rule.Mode)) (ok bool, err error) {
	if s.opts.Mode != Staged {
		return false, nil
	}
	x, err := s.git.index(ctx)
	if err != nil {
		return false, err
	}
	x.eachPath(yield)
	return true, nil
}
