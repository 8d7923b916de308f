package engine

import (
	"context"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// where returns the folder that a command runs in: the worktree where it holds
// what is judged, else a snapshot. A command that takes no files may look at
// any, so that all tracked ones count.
func (p *round) where(ctx context.Context, x *rule.Rule, paths []string) (string, error) {
	want := "auto"
	if s, ok := x.Check.(rule.Snapshotter); ok {
		want = s.Snapshot()
	}
	if p.src.Worktree() && want != "always" || p.o.Message != nil { // the message lies in no copy
		return p.src.Root(), nil
	}
	if want == "always" {
		p.snapshot.note(x.ID, "snapshot: always", nil)
		return p.snapshot.make(ctx, p.run)
	}
	if len(paths) == 0 {
		t, err := p.src.Tree(ctx)
		if err != nil {
			return "", err
		}
		for _, e := range t.Entries() {
			paths = append(paths, e.Path)
		}
	}
	differ, err := p.src.SameAsWorktree(ctx, paths)
	if err != nil {
		return "", err
	}
	fixed := p.overlaid(paths, differ)
	if len(differ)+len(fixed) == 0 {
		return p.src.Root(), nil
	}
	if len(differ) == 0 && want != "never" {
		return p.snapshot.make(ctx, p.run) // for fixes that are not written yet: no news to anybody
	}
	if want == "never" {
		p.snapshot.note(x.ID, "snapshot: never", differ)
		return p.src.Root(), nil
	}
	p.snapshot.note(x.ID, "", differ)
	return p.snapshot.make(ctx, p.run)
}

// overlaid returns those of the paths that fixes in memory changed, and that are
// not known to differ: the worktree is not what is judged.
func (r *run) overlaid(paths, known []string) (differ []string) {
	if len(r.overlay) == 0 {
		return nil
	}
	for _, path := range paths {
		if _, ok := r.overlay[path]; ok && !slices.Contains(known, path) {
			differ = append(differ, path)
		}
	}
	return differ
}

// snapshot is a copy of what is judged in a temporary folder, made at most once
// a run.
type snapshot struct {
	once    sync.Once
	scratch *source.Scratch
	dir     string // in scratch
	err     error
	broken  []string // tool folders that could not be linked in, and why

	mu    sync.Mutex
	users map[string]*snapshotUser // by rule
}

// snapshotUser is why a rule's command ran on a copy, or in a worktree that
// holds something else.
type snapshotUser struct {
	asked  string          // what the rule says: "snapshot: always"; "" is auto
	differ map[string]bool // paths
}

func (s *snapshot) note(id, asked string, differ []string) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.users == nil {
		s.users = map[string]*snapshotUser{}
	}
	if s.users[id] == nil {
		s.users[id] = &snapshotUser{asked: asked, differ: map[string]bool{}}
	}
	for _, p := range differ {
		s.users[id].differ[p] = true
	}
}

func (s *snapshot) make(ctx context.Context, r *run) (string, error) {
	s.once.Do(func() {
		if s.scratch, s.err = source.NewScratch("sot-snapshot-"); s.err != nil {
			return
		}
		s.dir = s.scratch.Dir
		if s.err = r.src.Snapshot(ctx, s.dir); s.err != nil {
			return
		}
		if s.err = s.write(r.overlay); s.err != nil {
			return
		}
		var t *rule.Tree
		if t, s.err = r.src.Tree(ctx); s.err == nil {
			s.broken = linkToolFolders(t, r.src.Root(), s.dir)
		}
	})
	return s.dir, s.err
}

func (s *snapshot) remove() {
	if s.scratch != nil {
		_ = s.scratch.Remove() // a leftover in the temporary folder harms nobody
	}
}

// renew removes the copy, so that the next command that wants one gets a fresh
// one. What is to be said of the run stays.
func (s *snapshot) renew() {
	s.remove()
	s.once, s.scratch, s.dir, s.err = sync.Once{}, nil, "", nil
}

// toolFolders are what package managers put beside their manifests, mostly
// ignored by git: what tools need to run, and nothing that is judged.
var toolFolders = []string{
	"node_modules", ".pnp.cjs", ".pnp.loader.mjs", ".yarn", "bower_components",
	".venv", "venv", "vendor", ".bundle", ".gradle", ".dart_tool", "Pods",
}

// manifests are the files beside which tool folders are looked for, and the root.
var manifests = []string{
	"package.json", "pyproject.toml", "setup.py", "setup.cfg", "requirements.txt", "Pipfile", "composer.json",
	"Gemfile", "go.mod", "build.gradle", "build.gradle.kts", "pubspec.yaml", "Podfile",
}

// linkToolFolders links what the worktree at from holds of toolFolders, and
// the tree does not, into the copy at to. It returns those that it could not.
func linkToolFolders(t *rule.Tree, from, to string) (broken []string) {
	dirs := []string{"."}
	for _, e := range t.Entries() {
		if slices.Contains(manifests, path.Base(e.Path)) {
			dirs = append(dirs, path.Dir(e.Path))
		}
	}
	slices.Sort(dirs)
	for _, dir := range slices.Compact(dirs) {
		for _, name := range toolFolders {
			p := path.Join(dir, name)
			if t.Lookup(p) != nil || t.HasDir(p) {
				continue
			}
			target := filepath.Join(from, filepath.FromSlash(p))
			if _, err := os.Stat(target); err != nil {
				continue
			}
			if err := os.Symlink(target, filepath.Join(to, filepath.FromSlash(p))); err != nil {
				broken = append(broken, fmt.Sprintf("%s could not be linked into the copy that commands ran on: %v", p, err))
			}
		}
	}
	return broken
}

// snapshotNotes say in the report which commands ran on a copy and why, and
// which ran in a worktree that holds something else.
func (r *run) snapshotNotes() {
	s := &r.snapshot
	s.mu.Lock()
	defer s.mu.Unlock()
	var ids, copied, inPlace []string
	for id := range s.users {
		ids = append(ids, id)
	}
	slices.Sort(ids)
	for _, id := range ids {
		u := s.users[id]
		var why []string
		if u.asked != "" {
			why = append(why, u.asked)
		}
		if len(u.differ) > 0 {
			why = append(why, differing(u.differ))
		}
		text := fmt.Sprintf("%s (%s)", id, strings.Join(why, "; "))
		if u.asked == "snapshot: never" {
			inPlace = append(inPlace, text)
		} else {
			copied = append(copied, text)
		}
	}
	if len(copied) > 0 && s.err == nil {
		r.notes = append(r.notes, fmt.Sprintf("commands ran on a copy of what is judged (%s): %s", r.src.Name(), strings.Join(copied, ", ")))
	}
	if len(inPlace) > 0 {
		r.notes = append(r.notes, fmt.Sprintf("commands ran in the worktree, which is not what is judged (%s): %s", r.src.Name(), strings.Join(inPlace, ", ")))
	}
	r.notes = append(r.notes, s.broken...)
}

// differing names the first of the paths that differ, and counts the others.
func differing(paths map[string]bool) string {
	first := ""
	for p := range paths {
		if first == "" || p < first {
			first = p
		}
	}
	if n := len(paths) - 1; n > 0 {
		return fmt.Sprintf("%s and %s differ in the worktree", first, report.Plural(n, "other file", "other files"))
	}
	return first + " differs in the worktree"
}
