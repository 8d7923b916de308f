package source

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// listPaths lists the paths that were typed: a file as it is, even an ignored
// one, and of a folder what is not ignored.
func (s *Source) listPaths(ctx context.Context) (listing, error) {
	var list listing
	var folders []string
	for _, typed := range s.opts.Paths {
		rel, info, err := s.locate(typed)
		if err != nil {
			return nil, err
		}
		if info.IsDir() && !s.isSubmodule(ctx, rel) {
			folders = append(folders, rel)
			continue
		}
		e, err := s.named(ctx, typed, rel)
		if err != nil {
			return nil, err
		}
		list = append(list, e)
	}
	for _, dir := range folders {
		below, err := s.below(ctx, dir)
		if err != nil {
			return nil, err
		}
		list = append(list, below...)
	}
	slices.SortStableFunc(list, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	return slices.CompactFunc(list, func(a, b rule.Entry) bool { return a.Path == b.Path }), nil
}

// locate turns a typed path into one relative to the root ("" is the root).
// Links on the way are resolved, the path's own is not.
func (s *Source) locate(typed string) (string, fs.FileInfo, error) {
	path := typed
	if !filepath.IsAbs(path) {
		path = filepath.Join(s.dir, path)
	}
	path = filepath.Clean(path)
	info, err := os.Lstat(path)
	if err == nil && path != filepath.Dir(path) {
		var parent string
		parent, err = filepath.EvalSymlinks(filepath.Dir(path))
		path = filepath.Join(parent, filepath.Base(path))
	}
	if errors.Is(err, fs.ErrNotExist) {
		return "", nil, &UsageError{What: fmt.Sprintf("%s: no such file or folder", typed), Err: err}
	}
	if err != nil {
		return "", nil, &UsageError{What: fmt.Sprintf("%s: %s", typed, whyNot(err)), Err: err}
	}
	rel, err := filepath.Rel(s.root, path)
	if err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return "", nil, usagef("give paths inside of it", "%s lies outside of %s", typed, s.root)
	}
	if rel == "." {
		rel = ""
	}
	rel = filepath.ToSlash(rel)
	if slices.Contains(strings.Split(rel, "/"), ".git") {
		return "", nil, usagef("give paths of the worktree", "%s lies in a git directory", typed)
	}
	return rel, info, nil
}

// named returns the entry of a file that was named by itself.
func (s *Source) named(ctx context.Context, typed, rel string) (rule.Entry, error) {
	e := rule.Entry{Path: rel, Status: rule.Unchanged, Size: -1}
	mode, size, why := s.lstat(rel)
	if why != "" {
		return e, usagef("give files and folders", "%s cannot be checked: %s", typed, why)
	}
	e.Mode, e.Size = mode, size
	if s.git == nil {
		return e, nil
	}
	x, err := s.git.index(ctx)
	if err != nil {
		return e, err
	}
	if module := x.submoduleOf(rel); module != "" && module != rel {
		return e, usagef("run sot inside of it", "%s lies in the submodule %s, which is not entered", typed, module)
	}
	switch t := x.lookup(rel); {
	case t == nil:
		e.Status = rule.Untracked
	case t.mode == rule.ModeSubmodule:
		e.Mode, e.Size = t.mode, -1
	case t.stage != 0:
		e.Status = rule.Unmerged
	default:
		set, err := s.git.settings(ctx)
		if err != nil {
			return e, err
		}
		e.Mode = set.mode(t.mode, mode)
	}
	return e, nil
}

func (s *Source) isSubmodule(ctx context.Context, rel string) bool {
	if s.git == nil {
		return false
	}
	x, err := s.git.index(ctx)
	return err == nil && x.submoduleOf(rel) != ""
}

// below lists a folder ("" is the root).
func (s *Source) below(ctx context.Context, dir string) (listing, error) {
	if s.git == nil {
		return s.walkFolder(ctx, dir)
	}
	w, err := s.scan(ctx)
	if err != nil {
		return nil, err
	}
	if dir == "" {
		return w.list, nil
	}
	return rule.NewTree(w.list).Under(dir), nil
}

// submoduleOf returns the submodule that a path is or lies in, or "".
func (x *index) submoduleOf(path string) string {
	for i := 0; i <= len(path); i++ {
		if i == len(path) || path[i] == '/' {
			if e := x.lookup(path[:i]); e != nil && e.mode == rule.ModeSubmodule {
				return path[:i]
			}
		}
	}
	return ""
}
