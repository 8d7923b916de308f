package source

import (
	"context"

	"github.com/sot-validator/sot/engine/rule"
)

// worktree lists every file there, tracked or not, but for ignored ones; in the
// list are also tracked files that are gone, with the status Deleted. Outside of
// git it is every file below the root.
func (s *Source) worktree(ctx context.Context) (listing, error) {
	return s.all.get(ctx, func(ctx context.Context) (listing, error) {
		if s.git == nil {
			return s.walkFolder(ctx, "")
		}
		x, err := s.git.index(ctx)
		if err != nil {
			return nil, err
		}
		paths, err := s.untracked(ctx, nil)
		if err != nil {
			return nil, err
		}
		list := make(listing, 0, len(x.entries)+len(paths))
		for i := range x.entries {
			if e := &x.entries[i]; i == 0 || x.entries[i-1].path != e.path {
				r := rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unchanged, Size: -1}
				if e.stage != 0 {
					r.Status = rule.Unmerged
				}
				list = append(list, r)
			}
		}
		for _, path := range paths {
			list = append(list, rule.Entry{Path: path, Status: rule.Untracked, Size: -1})
		}
		return s.look(tidy(list)), nil
	})
}
