package source

import (
	"context"
	"path/filepath"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// Files returns what is to be checked, sorted bytewise by path, each path once;
// deleted files are among them with the status Deleted and no mode. Do not
// change it. A mistake of the user (an unknown ref, a path that is not there) is
// a *UsageError.
func (s *Source) Files(ctx context.Context) ([]rule.Entry, error) {
	list, err := s.files.get(ctx, s.list)
	return list, err
}

// Changed returns Files, once they were listed without an error.
func (s *Source) Changed() []rule.Entry {
	list, _ := s.Files(context.Background())
	return list
}

func (s *Source) list(ctx context.Context) (listing, error) {
	switch s.opts.Mode {
	case Staged:
		return s.listStaged(ctx)
	case Range:
		return s.listRange(ctx)
	case All:
		w, err := s.scan(ctx)
		if err != nil {
			return nil, err
		}
		return w.list, nil
	case Paths:
		return s.listPaths(ctx)
	}
	head, err := s.headID(ctx)
	if err != nil {
		return nil, err
	}
	return s.listChanged(ctx, head)
}

// listChanged compares a commit with the worktree.
func (s *Source) listChanged(ctx context.Context, commit string) (listing, error) {
	type found struct {
		paths    []string
		unmerged listing
		err      error
	}
	others := make(chan found, 1)
	go func() {
		var f found
		if w, err := s.walked(ctx); err == nil {
			f.unmerged = w.index.unmerged()
		}
		w, err := s.scan(ctx)
		if f.err = err; err == nil {
			f.paths = w.untracked
		}
		others <- f
	}()
	list, err := s.git.diffWorktree(ctx, commit)
	extra := <-others
	if err == nil {
		err = extra.err
	}
	if err != nil {
		return nil, err
	}
	list = append(list, extra.unmerged...)
	for _, path := range extra.paths {
		list = append(list, rule.Entry{Path: path, Status: rule.Untracked, Size: -1})
	}
	return s.look(ctx, tidy(list))
}

func (s *Source) listStaged(ctx context.Context) (listing, error) {
	commits, err := s.against(ctx)
	if err != nil {
		return nil, err
	}
	var list listing
	if len(commits) > 0 {
		list, err = fromAll(ctx, commits, s.git.diffStaged)
	} else {
		list, err = s.git.diffStaged(ctx, "")
		list = tidy(list)
	}
	if err == nil && s.opts.Commit {
		err = resolved(list)
	}
	return list, err
}

// resolved refuses a conflict: nothing of it can be committed, and only the
// worktree has its content.
func resolved(list listing) error {
	for _, e := range list {
		if e.Status == rule.Unmerged {
			return usagef("resolve it and `git add` it", "%s is in conflict, so that nothing can be committed", e.Path)
		}
	}
	return nil
}

func (s *Source) listRange(ctx context.Context) (listing, error) {
	if s.opts.Changes != nil {
		return s.listGiven(ctx)
	}
	ends, err := s.rangeEnds(ctx)
	if err != nil {
		return nil, err
	}
	commits, err := s.against(ctx)
	if err != nil {
		return nil, err
	}
	diff := func(ctx context.Context, commit string) ([]rule.Entry, error) {
		switch {
		case ends[1] != "":
			list, err := s.git.diffTrees(ctx, commit, ends[1])
			return tidy(list), err
		case s.opts.Tracked:
			return s.listCommitted(ctx, commit)
		}
		return s.listChanged(ctx, commit)
	}
	if len(commits) > 0 {
		return fromAll(ctx, commits, diff)
	}
	return diff(ctx, ends[0])
}

// listCommitted lists what differs between a commit and HEAD, as the worktree has it.
func (s *Source) listCommitted(ctx context.Context, commit string) (listing, error) {
	head, err := s.headID(ctx)
	if err != nil {
		return nil, err
	}
	list, err := s.git.diffTrees(ctx, commit, head)
	if err != nil {
		return nil, err
	}
	return s.look(ctx, tidy(list))
}

// tidy sorts a diff by path and leaves one entry a path: of a conflict's two
// lines the one that says so; of a file removed from the index but still there
// the untracked one, which then knows its other side.
func tidy(list []rule.Entry) listing {
	slices.SortStableFunc(list, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	out := list[:0]
	for _, e := range list {
		if e.Status == rule.Deleted {
			e.Mode, e.Blob = 0, ""
		}
		if n := len(out); n > 0 && out[n-1].Path == e.Path {
			out[n-1] = one(out[n-1], e)
			continue
		}
		out = append(out, e)
	}
	return out
}

// one merges two entries of one path.
func one(a, b rule.Entry) rule.Entry {
	if b.Status == rule.Unmerged || b.Status == rule.Untracked {
		a, b = b, a
	}
	if a.Old == nil {
		a.Old = b.Old
	}
	return a
}

// look fills in what the worktree says of listed files: their mode and size. A
// file that is gone by now, or that turned into something that is no file, is
// deleted.
func (s *Source) look(ctx context.Context, list listing) (listing, error) {
	set, err := s.settings(ctx)
	if err != nil {
		return nil, err
	}
	g, err := newGlance(s.root)
	if err != nil {
		return nil, err
	}
	defer g.close()
	for i := range list {
		e := &list[i]
		if e.Status == rule.Deleted || e.Mode == rule.ModeSubmodule {
			continue
		}
		e.Blob, e.Near = "", false // what git calls unchanged may still be converted: see scan
		now, why := g.look(e.Path, e.Mode)
		if why != "" {
			s.addFaults([]rule.Fault{unreadable(e.Path, why)})
		}
		if now.mode == 0 {
			e.Status, e.Mode, e.Size = rule.Deleted, 0, -1
			continue
		}
		e.Mode, e.Size = set.mode(e.Mode, now.mode), now.size
	}
	return list, nil
}

// settings are the repository's, or those of a plain folder.
func (s *Source) settings(ctx context.Context) (settings, error) {
	if s.git == nil {
		return plainSettings, nil
	}
	return s.git.settings(ctx)
}

// lstat returns a worktree path's mode and size, 0 where there is no file, link
// or folder; why says what else is in its place.
func (s *Source) lstat(path string) (mode rule.Mode, size int64, why string) {
	info, err := lstatBeneath(s.root, path)
	switch {
	case err != nil:
		return 0, -1, whyNot(err)
	case info.Mode().IsRegular() && info.Mode()&0o100 != 0:
		return rule.ModeExecutable, info.Size(), ""
	case info.Mode().IsRegular():
		return rule.ModeFile, info.Size(), ""
	case info.Mode().Type() == symlinkType:
		return rule.ModeSymlink, info.Size(), ""
	case info.IsDir():
		return 0, -1, ""
	}
	return 0, -1, "it is no file but a " + typeName(info.Mode())
}

func (s *Source) abs(path string) string { return filepath.Join(s.root, filepath.FromSlash(path)) }
