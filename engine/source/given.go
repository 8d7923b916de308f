package source

import (
	"context"
	"io/fs"
	"path"
	"path/filepath"

	"github.com/sot-validator/sot/engine/rule"
)

// listGiven lists Options.Changes as the worktree has them. One that is not there
// is deleted, whatever was said of it.
func (s *Source) listGiven(ctx context.Context) (listing, error) {
	x, err := s.git.index(ctx)
	if err != nil {
		return nil, err
	}
	var list listing
	for _, c := range s.opts.Changes {
		if !fs.ValidPath(c.Path) || c.Path == "." {
			return nil, usagef("compare with a commit that is here", "%q is no path of a repository", c.Path)
		}
		e := rule.Entry{Path: c.Path, Status: c.Status, Size: -1}
		if c.OldPath != "" {
			e.Old = &rule.Side{Path: c.OldPath}
		}
		if t := x.lookup(c.Path); t != nil {
			e.Mode = t.mode
		}
		if e.Old == nil && !e.New() {
			e.Old = &rule.Side{Path: c.Path}
		}
		list = append(list, e)
	}
	return s.look(ctx, tidy(list))
}

// ReadPolicy returns the content of a file that says how others are judged (the
// configuration, a schema): as Read, or from Options.Policy where that is set.
func (s *Source) ReadPolicy(ctx context.Context, name string) ([]byte, error) {
	if s.opts.Policy == "" {
		return s.Read(ctx, name)
	}
	t, err := s.policyTree(ctx)
	if err != nil {
		return nil, err
	}
	name = path.Clean(filepath.ToSlash(name))
	for range maxLinks {
		e := t.Lookup(name)
		if e == nil || e.Mode == rule.ModeSubmodule {
			return nil, notThere(name)
		}
		data, err := s.readBlob(e.Blob)
		if err != nil || e.Mode != rule.ModeSymlink {
			return data, err
		}
		name = path.Join(path.Dir(name), string(data))
	}
	return nil, notThere(name)
}

// PolicyTree is the tree that ReadPolicy reads from.
func (s *Source) PolicyTree(ctx context.Context) (*rule.Tree, error) {
	if s.opts.Policy == "" {
		return s.Tree(ctx)
	}
	return s.policyTree(ctx)
}

func (s *Source) policyTree(ctx context.Context) (*rule.Tree, error) {
	return s.policy.get(ctx, func(ctx context.Context) (*rule.Tree, error) {
		if s.git == nil {
			return nil, usagef("check the repository out with git", "%s lies in no git repository, so nothing of commit %s can be read", s.dir, s.opts.Policy)
		}
		ids, err := s.git.resolve(ctx, s.opts.Policy)
		if err == nil && ids[0] == "" {
			err = s.noCommit(s.opts.Policy)
		}
		if err != nil {
			return nil, err
		}
		list, err := s.git.commitTree(ctx, ids[0])
		return rule.NewTree(list), err
	})
}
