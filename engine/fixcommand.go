package engine

import (
	"bytes"
	"cmp"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"slices"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
)

// fixByCommands runs the fix commands of the rules that found something, one
// after another, because they write to the same files. It returns the paths
// that they changed. Where fixes are kept in memory, they run on a snapshot, and
// what they made of the files is read back from it.
func (r *run) fixByCommands(ctx context.Context, found []rule.Finding, before map[string][]byte) []string {
	var wrote []string
	for i, x := range r.rules {
		cmd, ok := x.Check.(rule.CommandCheck)
		if !ok || !cmd.Fixes() || r.o.Refuse != "" || !slices.ContainsFunc(found, func(f rule.Finding) bool { return f.Rule == x.ID && f.Fixable }) {
			continue
		}
		taken, err := r.matching(i, r.files)
		if err != nil {
			continue // the check has said so
		}
		wrote = append(wrote, r.fixByCommand(ctx, x, cmd, plan.Paths(taken), before)...)
	}
	if r.inMemory() {
		// A command may have written to other files of the snapshot, which is not
		// what is judged any more.
		r.snapshot.renew()
	}
	return wrote
}

func (r *run) fixByCommand(ctx context.Context, x *rule.Rule, cmd rule.CommandCheck, paths []string, before map[string][]byte) (wrote []string) {
	held := map[string][]byte{}
	for _, path := range paths {
		if data, err := r.content(ctx, path); err == nil {
			held[path] = data
		}
	}
	root, after := r.src.Root(), func(path string) ([]byte, error) { return r.content(ctx, path) }
	if r.inMemory() {
		var err error
		if root, err = r.snapshot.make(ctx, r); err == nil {
			err = r.snapshot.write(r.overlay) // it may be older than the last fixes
		}
		if err != nil {
			r.faults = append(r.faults, rule.Fault{Rule: x.ID, Kind: rule.FaultFix, Message: fmt.Sprintf(
				"no copy of what is staged could be made to run its fix on: %v", err)})
			return nil
		}
		after = r.snapshot.read
	}
	complaint := ""
	for _, part := range cmd.Split(paths, 1) {
		complaint = cmp.Or(r.fixBy(ctx, x, cmd, root, part), complaint)
	}
	defer func() {
		switch {
		case len(wrote) > 0:
			r.mendedBy[x.ID] = true
		case complaint != "":
			r.notes = append(r.notes, fmt.Sprintf("the fix of %s changed nothing: %s", x.ID, complaint))
		}
	}()
	for _, path := range paths {
		data, err := after(path)
		if old, ok := held[path]; !ok || err != nil || bytes.Equal(data, old) {
			continue
		}
		if _, ok := before[path]; !ok {
			before[path] = held[path]
		}
		if r.inMemory() {
			r.overlay[path] = data
		}
		wrote = append(wrote, path)
	}
	return wrote
}

// fixBy runs a fix command once, and returns what a program that failed said.
func (r *run) fixBy(ctx context.Context, x *rule.Rule, cmd rule.CommandCheck, root string, paths []string) (complaint string) {
	if x.Timeout > 0 {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, x.Timeout)
		defer cancel()
	}
	pass := rule.NewPass(ctx, x, r.src)
	cmd.Fix(pass, rule.Place{Root: root, Env: r.commandEnv(), Line: r.last.lineOf(ctx)}, paths)
	r.faults = append(r.faults, pass.Faults()...)
	return pass.Complaint()
}

// read returns a regular file's content, which a command may have replaced by
// whatever it likes.
func (s *snapshot) read(path string) ([]byte, error) {
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = root.Close() }()
	name := filepath.FromSlash(path)
	info, err := root.Lstat(name)
	switch {
	case err != nil:
		return nil, err
	case !info.Mode().IsRegular():
		return nil, fmt.Errorf("%s is no file any more", path)
	case info.Size() > MaxFile:
		return nil, fmt.Errorf("%s is larger than %d MiB", path, MaxFile>>20)
	}
	return root.ReadFile(name)
}

// write gives files of the snapshot, where there is one, other contents.
func (s *snapshot) write(contents map[string][]byte) error {
	if s.dir == "" || s.err != nil {
		return nil
	}
	root, err := os.OpenRoot(s.dir)
	if err != nil {
		return err
	}
	defer func() { _ = root.Close() }()
	for path, data := range contents {
		if err := replaceIn(root, filepath.FromSlash(path), data); err != nil {
			return err
		}
	}
	return nil
}

// replaceIn makes a new file in the place of another, which may share its bytes
// with a third.
func replaceIn(root *os.Root, name string, data []byte) error {
	info, err := root.Lstat(name)
	if err != nil {
		return err
	}
	if err := root.Remove(name); err != nil {
		return err
	}
	return root.WriteFile(name, data, info.Mode().Perm())
}
