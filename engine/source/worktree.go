package source

import (
	"context"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// scan is what the worktree holds.
type scan struct {
	// list is every file, tracked or not, but for ignored ones; among them
	// tracked files that are gone, with the status Deleted.
	list listing
	// absent are the tracked files that a sparse checkout left out.
	absent    listing
	untracked []string
}

// scan goes through the worktree, once.
func (s *Source) scan(ctx context.Context) (*scan, error) {
	return s.scanned.get(ctx, func(ctx context.Context) (*scan, error) {
		if s.git == nil {
			list, err := s.walkFolder(ctx, "")
			return &scan{list: list}, err
		}
		return s.scanRepository(ctx)
	})
}

func (s *Source) scanRepository(ctx context.Context) (*scan, error) {
	w, err := s.walked(ctx)
	if err != nil {
		return nil, err
	}
	set, err := s.git.settings(ctx)
	if err != nil {
		return nil, err
	}
	if s.opts.Tracked {
		return s.merge(ctx, w, set, nil)
	}
	found := &w.found
	if _, isGit := s.git.(*gitBackend); !w.others || isGit && w.hiddenIgnores() {
		found = nil
	}
	paths, faults, err := s.git.untracked(ctx, found)
	if err != nil {
		return nil, err
	}
	s.addFaults(faults)
	return s.merge(ctx, w, set, paths)
}

// walked goes through the folders with tracked files, once.
func (s *Source) walked(ctx context.Context) (*walker, error) {
	return s.walk.get(ctx, func(ctx context.Context) (*walker, error) {
		type answer struct {
			settings settings
			err      error
		}
		asked := make(chan answer, 1)
		go func() {
			set, err := s.git.settings(ctx)
			asked <- answer{set, err}
		}()
		x, err := s.git.index(ctx)
		set := <-asked
		if err == nil {
			err = set.err
		}
		if err != nil {
			return nil, err
		}
		// Where names may be spelled in several ways, only git knows which are tracked.
		_, isGit := s.git.(*gitBackend)
		others := !isGit || !set.settings.ignoreCase && !set.settings.precompose
		var kept []byte
		if s.opts.Folders && others {
			kept, _ = readSmall(s.foldersFile()) // none: the folders are read
		}
		w, err := walk(ctx, s.root, x, others, readKnown(kept))
		if err == nil {
			s.addFaults(w.faults)
		}
		return w, err
	})
}

// foldersFile is where the folders are kept that hold nothing but tracked files.
// It is this worktree's own.
func (s *Source) foldersFile() string { return filepath.Join(s.gitDir, "sot", "folders") }

// Folders returns a file of the git directory and what to write to it, so that
// the next source with Options.Folders need not read the names in folders where
// nothing came or went. There is no data where nothing is to be written.
func (s *Source) Folders() (file string, data []byte) {
	if s.git == nil {
		return "", nil
	}
	w, ok := s.walk.peek()
	if !ok || !w.others || !s.opts.Folders {
		return s.foldersFile(), nil
	}
	return s.foldersFile(), w.before.write(w.known, w.again)
}

// hiddenIgnores says whether a sparse checkout left out a .gitignore: git then
// reads it from the index, and must be asked about everything.
func (w *walker) hiddenIgnores() bool {
	for i := range w.seen {
		if w.seen[i].mode == 0 && strings.HasSuffix(w.index.path(i), ".gitignore") && w.index.entry(i).skip {
			return true
		}
	}
	return false
}

// merge makes the lists of a scan of what was seen and what is not tracked.
func (s *Source) merge(ctx context.Context, w *walker, set settings, paths []string) (*scan, error) {
	slices.Sort(paths)
	others := make(listing, len(paths))
	for i, path := range paths {
		others[i] = rule.Entry{Path: path, Status: rule.Untracked, Size: -1}
	}
	others, err := s.look(ctx, others)
	if err != nil {
		return nil, err
	}
	others = slices.DeleteFunc(others, func(e rule.Entry) bool { return e.Status == rule.Deleted })
	converts := s.converts(w, set, paths)
	list := make(listing, len(w.seen), len(w.seen)+len(others))
	prefault(list)
	w.entries(list, set, converts)
	out := &scan{untracked: paths, list: list[:0]}
	for i := range list {
		if w.index.again(i) {
			continue
		}
		if list[i].Status == rule.Deleted {
			if e := w.index.entry(i); e.skip {
				out.absent = append(out.absent, rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unchanged, Blob: rule.ID(e.raw), Size: -1})
				continue
			}
		}
		if len(out.list) < i {
			list[len(out.list)] = list[i]
		}
		out.list = list[:len(out.list)+1]
	}
	out.list = mergeListings(out.list, others)
	return out, nil
}

// entries fills the list with the tracked files as the worktree has them, in
// parallel: of tens of thousands this takes as long as the rest of a listing.
func (w *walker) entries(list listing, set settings, converts conversion) {
	const part = 4096
	var group sync.WaitGroup
	for lo := 0; lo < len(list); lo += part {
		hi := min(lo+part, len(list))
		group.Go(func() {
			for i := lo; i < hi; i++ {
				e := w.index.entry(i)
				list[i] = tracked(&e, &w.seen[i], set, converts)
			}
		})
	}
	group.Wait()
}

// mergeListings puts b's entries among a's, which has room for them.
func mergeListings(a, b listing) listing {
	i, j, at := len(a), len(b), len(a)+len(b)
	a = a[:at]
	for j > 0 {
		at--
		if i > 0 && a[i-1].Path > b[j-1].Path {
			i--
			a[at] = a[i]
			continue
		}
		j--
		a[at] = b[j]
	}
	return a
}

// tracked returns the entry of a tracked file as the worktree has it. The
// index's blob is its content's where its status is the remembered one and
// nothing converts content on its way into git.
func tracked(e *indexEntry, now *seen, set settings, converts conversion) rule.Entry {
	r := rule.Entry{Path: e.path, Mode: set.mode(e.mode, now.mode), Status: rule.Unchanged, Size: now.size}
	switch {
	case now.mode == 0:
		r.Status, r.Mode, r.Size = rule.Deleted, 0, -1
	case e.stage != 0:
		r.Status = rule.Unmerged
	case e.mode == rule.ModeSubmodule, now.clean && converts == asIs:
		r.Blob = rule.ID(e.raw)
	case now.clean && converts == lineEnds:
		r.Blob, r.Near = rule.ID(e.raw), true
	}
	return r
}

// everything lists the tree of a worktree source: all files that are there, and
// those that are only left out by a sparse checkout.
func (sc *scan) everything() []rule.Entry {
	deleted := func(e rule.Entry) bool { return e.Status == rule.Deleted }
	if len(sc.absent) == 0 && !slices.ContainsFunc(sc.list, deleted) {
		return sc.list // it may be long: no copy
	}
	there := make([]rule.Entry, 0, len(sc.list)+len(sc.absent))
	for _, e := range sc.list {
		if !deleted(e) {
			there = append(there, e)
		}
	}
	there = append(there, sc.absent...)
	slices.SortFunc(there, func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) })
	return there
}
