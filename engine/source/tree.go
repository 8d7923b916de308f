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
