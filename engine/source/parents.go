package source

import (
	"context"
	"errors"
	"io/fs"
	"path/filepath"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// emptyTree is the id of the tree without files, which every git knows.
func (p place) emptyTree() string {
	if p.format == "sha256" {
		return "6ef19b41225c5369f1c104d45d8d85efa9b057b53b14b4b9b939dd74decc5321"
	}
	return "4b825dc642cb6eb9a060e54bf8d69288fbee4904"
}

// against returns what the index or the head is compared with instead of HEAD or
// a merge base: ids of commits, or of the empty tree; nil where there is nothing
// of the kind. Of several, a file is listed where it differs from all.
func (s *Source) against(ctx context.Context) ([]string, error) {
	return s.compared.get(ctx, func(ctx context.Context) ([]string, error) {
		switch {
		case s.opts.Against != nil:
			return s.againstNamed(ctx)
		case s.opts.Mode != Staged || !s.opts.Commit:
			return nil, nil
		case s.opts.Amend:
			return s.amended(ctx)
		}
		return s.merged(ctx)
	})
}

// againstNamed resolves Options.Against.
func (s *Source) againstNamed(ctx context.Context) ([]string, error) {
	refs := s.opts.Against
	ids, err := s.git.resolve(ctx, refs...)
	if err != nil {
		return nil, err
	}
	for i, ref := range refs {
		switch {
		case ref == "":
			ids[i] = s.emptyTree()
		case ids[i] == "":
			return nil, s.noCommit(ref)
		}
	}
	return ids, nil
}

// amended returns the parents of HEAD, which become those of the commit that
// takes its place.
func (s *Source) amended(ctx context.Context) ([]string, error) {
	head, err := s.headID(ctx)
	if err != nil || head == "" {
		return nil, err
	}
	ids, err := s.git.parents(ctx, head)
	if err != nil || len(ids) > 0 {
		return ids, err
	}
	if s.shallow() {
		return nil, nil // the parents may be there and were not fetched: HEAD will do
	}
	return []string{s.emptyTree()}, nil
}

// merged returns the parents that a merge under way will have, HEAD first.
func (s *Source) merged(ctx context.Context) ([]string, error) {
	data, err := readSmall(filepath.Join(s.gitDir, "MERGE_HEAD"))
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	head, err := s.headID(ctx)
	if err != nil || head == "" {
		return nil, err
	}
	return append([]string{head}, strings.Fields(string(data))...), nil
}

// fromAll lists what differs from all of some commits. Diff compares with one.
func fromAll(ctx context.Context, commits []string, diff func(ctx context.Context, commit string) ([]rule.Entry, error)) (listing, error) {
	var out listing
	for i, c := range commits {
		list, err := diff(ctx, c)
		if err != nil {
			return nil, err
		}
		if i == 0 {
			out = tidy(list)
		} else {
			out = inBoth(out, tidy(list))
		}
	}
	return out, nil
}

// inBoth returns the entries of the paths that both sorted lists have: those of
// a, or of b where only that one knows another side, so that no file is taken
// for new that one of the parents has.
func inBoth(a, b listing) listing {
	var out listing
	for len(a) > 0 && len(b) > 0 {
		switch {
		case a[0].Path < b[0].Path:
			a = a[1:]
		case b[0].Path < a[0].Path:
			b = b[1:]
		default:
			e := a[0]
			if e.New() && !b[0].New() {
				e = b[0]
			}
			out = append(out, e)
			a, b = a[1:], b[1:]
		}
	}
	return out
}
