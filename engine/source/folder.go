package source

import (
	"context"
	"io/fs"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// walkFolder lists every file and link below a folder outside of git ("" is the
// root), sorted. Git directories of repositories within are left out.
func (s *Source) walkFolder(ctx context.Context, dir string) (listing, error) {
	var list listing
	root := s.abs(dir)
	err := filepath.WalkDir(root, func(path string, d fs.DirEntry, err error) error {
		if ctx.Err() != nil {
			return ctx.Err()
		}
		rel, relErr := filepath.Rel(s.root, path)
		if relErr != nil {
			return relErr
		}
		rel = filepath.ToSlash(rel)
		if err != nil {
			s.addFaults([]rule.Fault{unreadable(rel, whyNot(err))})
			return nil
		}
		if d.Name() == ".git" && path != root {
			if d.IsDir() {
				return fs.SkipDir
			}
			return nil
		}
		if d.Type().IsRegular() || d.Type() == symlinkType {
			mode, size, _ := s.lstat(rel)
			list = append(list, rule.Entry{Path: rel, Mode: mode, Status: rule.Unchanged, Size: size})
		}
		return nil
	})
	slices.SortFunc(list, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	return list, err
}
