package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
)

// runCommand runs one invocation of a command.
func (p *round) runCommand(ctx context.Context, t *plan.Task, out *ruleWork) {
	r := p.rules[t.Rules[0]]
	if r.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, r.Timeout)
		defer cancel()
	}
	start := time.Now()
	pass := rule.NewPass(ctx, r, p.src)
	defer func() {
		if v := recover(); v != nil {
			out.faults = append(out.faults, panicFault(r.ID, "", v))
		}
		out.findings, out.skipped = pass.Findings(), pass.Skipped()
		out.faults = append(out.faults, pass.Faults()...)
		out.files = len(t.Paths)
		out.seconds = time.Since(start).Seconds()
	}()
	check := r.Check.(rule.CommandCheck)
	root, err := p.where(ctx, check, t.Paths)
	if err != nil {
		pass.Fail(rule.FaultUnreadable, "no copy of what is judged could be made to run the command on: %v", err)
		return
	}
	check.Run(pass, rule.Place{Root: root, Env: cleanEnv(), Line: p.lineOf(ctx)}, t.Paths)
}

// where returns the folder that a command runs in: the worktree where it holds
// what is judged, else a snapshot.
func (p *round) where(ctx context.Context, c rule.CommandCheck, paths []string) (string, error) {
	want := "auto"
	if s, ok := c.(rule.Snapshotter); ok {
		want = s.Snapshot()
	}
	switch {
	case want == "never", want == "auto" && p.src.Worktree():
		return p.src.Root(), nil
	case want == "auto":
		if len(paths) == 0 { // it takes no files, so it may look at any
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
		if len(differ) == 0 && !p.overlaid(paths) {
			return p.src.Root(), nil
		}
	}
	return p.snapshot.make(ctx, p.run)
}

// overlaid says whether fixes in memory change one of the paths: then the
// worktree is not what is judged.
func (r *run) overlaid(paths []string) bool {
	return len(r.overlay) > 0 && slices.ContainsFunc(paths, func(path string) bool {
		_, ok := r.overlay[path]
		return ok
	})
}

// snapshot is a copy of what is judged in a temporary folder, made at most once
// a run.
type snapshot struct {
	once sync.Once
	dir  string
	err  error
	// noted says that one was made, this or one before it.
	noted bool
}

func (s *snapshot) make(ctx context.Context, r *run) (string, error) {
	s.once.Do(func() {
		if s.dir, s.err = os.MkdirTemp("", "sot-snapshot-"); s.err != nil {
			return
		}
		if s.dir, s.err = filepath.EvalSymlinks(s.dir); s.err != nil {
			return
		}
		if s.err = r.src.Snapshot(ctx, s.dir); s.err == nil {
			s.err = s.write(r.overlay)
		}
		s.noted = true
	})
	return s.dir, s.err
}

func (s *snapshot) remove() {
	if s.dir != "" {
		_ = os.RemoveAll(s.dir) // a leftover in the temporary folder harms nobody
	}
}

// lineOf returns a function that gives a file's line for a finding's caret. It
// keeps the last file, because findings come file by file.
func (p *round) lineOf(ctx context.Context) func(path string, line int) string {
	var file *rule.File
	return func(path string, line int) string {
		if file == nil || file.Path != path {
			data, err := p.content(ctx, path)
			if err != nil || len(data) > MaxFile {
				data = nil
			}
			file = rule.NewFile(rule.Entry{Path: path}, data, nil)
		}
		return file.Text(line)
	}
}

// snapshotNote says in the report that commands ran on a copy.
func (r *run) snapshotNote() {
	if r.snapshot.noted && r.snapshot.err == nil {
		r.notes = append(r.notes, fmt.Sprintf("commands ran on a copy of what is judged (%s): the worktree holds something else", r.src.Name()))
	}
}
