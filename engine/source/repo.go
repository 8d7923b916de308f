package source

import (
	"context"
	"os"
	"path"
	"path/filepath"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// maxLinks is how many links are followed in a row, as Linux does.
const maxLinks = 40

// Branch returns the current branch without "refs/heads/"; "" where the head is
// detached or there is no repository.
func (s *Source) Branch(ctx context.Context) (string, error) {
	if s.git == nil {
		return "", nil
	}
	return s.branch.get(ctx, s.git.branch)
}

// Merging says whether a merge, or a rebase that stopped with a message to
// commit, is under way: the test of pre-commit's check-merge-conflict.
func (s *Source) Merging(ctx context.Context) (bool, error) {
	return s.merging.get(ctx, func(context.Context) (bool, error) {
		if s.git == nil || !s.hasState("MERGE_MSG") {
			return false, nil
		}
		return s.hasState("MERGE_HEAD") || s.hasState("rebase-apply") || s.hasState("rebase-merge"), nil
	})
}

func (s *Source) hasState(name string) bool {
	_, err := os.Lstat(filepath.Join(s.gitDir, name))
	return err == nil
}

// Attribute returns the value of a git attribute ("set", "unset" or a text) for
// the paths that have it specified, seen from the source's side.
func (s *Source) Attribute(ctx context.Context, name string, paths []string) (map[string]string, error) {
	if s.git == nil || len(paths) == 0 {
		return nil, nil
	}
	from := ""
	switch {
	case s.opts.Mode == Staged:
		from = ":"
	case !s.Worktree():
		ends, err := s.rangeEnds(ctx)
		if err != nil {
			return nil, err
		}
		from = ends[1]
	}
	return s.git.attribute(ctx, from, name, paths)
}

// Exists says whether what a link at path with this target points at exists. In
// the worktree that is for the system to say, wherever it points; elsewhere the
// tree is asked for what lies inside.
func (s *Source) Exists(ctx context.Context, link, target string) (bool, error) {
	if s.Worktree() {
		_, err := os.Stat(s.pointed(link, target))
		return err == nil, nil
	}
	if path.IsAbs(target) {
		_, err := os.Stat(target)
		return err == nil, nil
	}
	t, err := s.Tree(ctx)
	if err != nil {
		return false, err
	}
	to, inside, err := s.resolve(t, link, target)
	if err != nil {
		return false, err
	}
	if !inside {
		_, err := os.Stat(s.pointed(link, target))
		return err == nil, nil
	}
	return to != "", nil
}

// pointed is the path that the system follows a link to. It is not cleaned:
// "d/nope/../t" exists only where d/nope does, and "t/" only where t is a folder.
func (s *Source) pointed(link, target string) string {
	at := filepath.FromSlash(target)
	if filepath.IsAbs(at) {
		return at
	}
	return filepath.Dir(s.abs(link)) + string(filepath.Separator) + at
}

// resolve follows a link through the tree, name by name as the system does. To
// is the file or folder that it ends at ("." is the root), "" where there is
// none; inside is false where it leaves the tree on the way.
func (s *Source) resolve(t *rule.Tree, link, target string) (to string, inside bool, err error) {
	if path.IsAbs(target) {
		return "", false, nil
	}
	at, rest, links := path.Dir(link), strings.Split(target, "/"), 1
	for len(rest) > 0 {
		name := rest[0]
		rest = rest[1:]
		switch {
		case name == "" || name == ".":
			continue
		case name == ".." && at == ".":
			return "", false, nil
		case name == "..":
			at = path.Dir(at)
			continue
		}
		next := path.Join(at, name)
		e := t.Lookup(next)
		switch {
		case e == nil && t.HasDir(next), e != nil && e.Mode == rule.ModeSubmodule:
			at = next
		case e == nil, e.Mode != rule.ModeSymlink && len(rest) > 0:
			return "", true, nil
		case e.Mode != rule.ModeSymlink:
			at = next
		default:
			if links++; links > maxLinks {
				return "", true, nil
			}
			entry := *e
			data, err := s.sharedRead(&entry)
			if err != nil {
				return "", true, err
			}
			if path.IsAbs(string(data)) {
				return "", false, nil
			}
			rest = append(strings.Split(string(data), "/"), rest...)
		}
	}
	return at, true, nil
}
