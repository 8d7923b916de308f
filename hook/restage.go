// Package hook runs sot as a git hook.
//
// # Fixes
//
// A hook judges what is staged, while the worktree may hold more: edits that are
// not staged, which nobody else has a copy of. Mend takes fixes of staged blobs
// to both. What holds at every moment, whenever the process is killed:
//
//   - a worktree file holds what it held, or that with the fix merged into it:
//     its new content is written and synced elsewhere, and the two are exchanged
//     in one step. What comes out is compared with what was merged; an edit made
//     in between is put back;
//   - git sees none of the temporary files, so that `git add -A` stages none of
//     a killed hook: they lie in the git directory, or, where that is on another
//     file system, beside the worktree file in a folder called .git, which git
//     takes for no part of the worktree;
//   - the index is the old one, or the new one, whole: git writes the new one
//     under another name, and one rename puts it in place, under git's lock, as
//     the last step. So a fix may be in the worktree alone, which the next commit
//     completes, but never in the index alone, where the worktree would undo it;
//   - what lies about is named in a journal in the git directory, and source's
//     Recover cleans it up. The lock is the new index itself, linked to the
//     lock's name: a lock that a killed hook left is known for ours, and git
//     names it in its own message.
//
// A fix is all or nothing for a file: where an unstaged edit overlaps or touches
// it, or where it is not known what git's filters would make of it, the file is
// left alone and its findings stand, with the reason.
package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/source"
)

// mendTries is how often Mend begins anew where the index is written meanwhile,
// as graphical clients and prompts do that run `git status` all the time.
const mendTries = 5

// Mend takes fixes to the index of the commit that the hook runs for, and by
// three-way merge to the worktree. It is an engine.Options.Mend. The error says
// that nothing was changed, and why.
func Mend(ctx context.Context, src *source.Source, fixes []engine.Fix) (*engine.Mended, error) {
	defer holdSignals(ctx)()
	for try := 1; ; try++ {
		out, err := mendOnce(ctx, src, fixes)
		var why *source.CannotStageError
		switch {
		case err == nil:
			return out, nil
		case !errors.As(err, &why) || !why.Again || try == mendTries:
			return refuseAll(fixes, err)
		}
	}
}

func mendOnce(ctx context.Context, src *source.Source, fixes []engine.Fix) (*engine.Mended, error) {
	stage, err := src.Stage()
	if err != nil {
		return nil, err
	}
	m := &mending{src: src, stage: stage, out: &engine.Mended{Refused: map[string]string{}}}
	err = m.mend(ctx, fixes)
	return m.out, errors.Join(err, stage.Close())
}

// refuseAll turns a commit that cannot be changed into findings that stand.
func refuseAll(fixes []engine.Fix, err error) (*engine.Mended, error) {
	var why *source.CannotStageError
	if !errors.As(err, &why) {
		return nil, err
	}
	out := &engine.Mended{Refused: map[string]string{}, Notes: []string{"nothing was fixed: " + strings.ReplaceAll(err.Error(), "\n", "; ")}}
	for _, f := range fixes {
		out.Refused[f.Path] = ""
	}
	return out, nil
}

// mending is one call of Mend.
type mending struct {
	src    *source.Source
	stage  *source.Staging
	editor *source.WorktreeEditor
	out    *engine.Mended
}

func (m *mending) refuse(path, format string, args ...any) {
	m.out.Refused[path] = fmt.Sprintf(format, args...)
}

func (m *mending) mend(ctx context.Context, fixes []engine.Fix) error {
	fixes, err := m.stillStaged(ctx, fixes)
	if err != nil || len(fixes) == 0 {
		return err
	}
	if m.editor, err = m.src.EditWorktree(); err != nil {
		return err
	}
	defer func() { _ = m.editor.Close() }() // it only holds a folder open
	blobs, edits, err := m.plan(ctx, fixes)
	if err != nil {
		return err
	}
	return m.replace(ctx, blobs, edits)
}

// stillStaged keeps the fixes of what the index still holds.
func (m *mending) stillStaged(ctx context.Context, fixes []engine.Fix) ([]engine.Fix, error) {
	entries, err := m.stage.Entries(ctx)
	if err != nil {
		return nil, err
	}
	var keep []engine.Fix
	for _, f := range fixes {
		e, ok := entries[f.Path]
		switch {
		case !ok || e.Blob != f.Blob || e.Mode != f.Mode || !f.Mode.Regular():
			m.refuse(f.Path, "what is staged was changed meanwhile")
		case e.Hidden:
			m.refuse(f.Path, "git was told not to look at its worktree file (assume-unchanged or skip-worktree)")
		default:
			keep = append(keep, f)
		}
	}
	return keep, nil
}

// plan writes the blobs, which nothing refers to yet, and merges.
func (m *mending) plan(ctx context.Context, fixes []engine.Fix) ([]source.StagedBlob, []source.FileEdit, error) {
	contents := make([][]byte, len(fixes))
	for i, f := range fixes {
		contents[i] = f.New
	}
	ids, err := m.stage.WriteBlobs(ctx, contents)
	if err != nil {
		return nil, nil, err
	}
	pairs := make([]source.BlobPair, len(fixes))
	for i, f := range fixes {
		pairs[i] = source.BlobPair{Path: f.Path, OldID: f.Blob, NewID: ids[i], Old: f.Old, New: f.New}
	}
	as, err := m.stage.CheckOut(ctx, pairs)
	if err != nil {
		return nil, nil, err
	}
	var blobs []source.StagedBlob
	var edits []source.FileEdit
	for i, f := range fixes {
		edit, why := m.planFile(f.Path, as[i])
		if why != "" {
			m.refuse(f.Path, "%s", why)
			continue
		}
		blobs = append(blobs, source.StagedBlob{Path: f.Path, Mode: f.Mode, Blob: ids[i]})
		if edit != nil {
			edits = append(edits, *edit)
		}
	}
	return blobs, edits, nil
}

// planFile merges one file. There is no edit where the worktree has no file, or
// has the fix already.
func (m *mending) planFile(path string, as source.CheckedOut) (edit *source.FileEdit, why string) {
	if as.Why != "" {
		return nil, as.Why
	}
	ours, err := m.editor.Read(path)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, "" // deleted, and not staged so: that stays as it is
	}
	if err != nil {
		return nil, err.Error()
	}
	merged, clash := merge(as.Old, ours, as.New)
	if clash != nil {
		return nil, "unstaged edits are in the way, at " + lines(clash) + " of the worktree file"
	}
	if bytes.Equal(merged, ours) {
		return nil, ""
	}
	return &source.FileEdit{Path: path, Old: ours, New: merged}, ""
}

// lines names lines: "line 3", "lines 3-5, 9".
func lines(spans []span) string {
	var parts []string
	one := len(spans) == 1 && spans[0].first == spans[0].last
	const most = 5
	for i, s := range spans {
		switch {
		case i == most:
			parts = append(parts, "...")
		case i > most:
		case s.first == s.last:
			parts = append(parts, fmt.Sprint(s.first))
		default:
			parts = append(parts, fmt.Sprintf("%d-%d", s.first, s.last))
		}
	}
	if one {
		return "line " + parts[0]
	}
	return "lines " + strings.Join(parts, ", ")
}

// replace puts the worktree files and then the index in place.
func (m *mending) replace(ctx context.Context, blobs []source.StagedBlob, edits []source.FileEdit) (err error) {
	defer func() {
		for i := range edits {
			err = errors.Join(err, m.editor.Clear(&edits[i]))
		}
	}()
	blobs, err = m.prepare(blobs, edits)
	if err != nil || len(blobs) == 0 {
		return err
	}
	if err := m.stage.Set(ctx, blobs); err != nil {
		return err
	}
	if err := m.stage.Lock(ctx); err != nil {
		return err
	}
	err = m.swap(edits)
	if err == nil {
		err = m.stage.Commit()
	}
	if err != nil {
		for i := range edits {
			err = errors.Join(err, m.editor.Back(&edits[i]))
		}
	}
	return err
}

// prepare lays the new contents ready for the worktree files. Where that cannot be
// done (its folder may not be written, its owner cannot be kept) the file is refused.
func (m *mending) prepare(blobs []source.StagedBlob, edits []source.FileEdit) ([]source.StagedBlob, error) {
	if err := m.stage.Announce(edits); err != nil {
		return nil, err
	}
	for i := range edits {
		e := &edits[i]
		if err := m.editor.Prepare(e); err != nil {
			m.refuse(e.Path, "its worktree file cannot be written: %v", err)
			blobs = slices.DeleteFunc(blobs, func(b source.StagedBlob) bool { return b.Path == e.Path })
		}
	}
	return blobs, nil
}

func (m *mending) swap(edits []source.FileEdit) error {
	if err := m.stage.Swapping(); err != nil {
		return err
	}
	for i := range edits {
		if _, refused := m.out.Refused[edits[i].Path]; refused {
			continue
		}
		if err := m.editor.Swap(&edits[i]); err != nil {
			return err
		}
	}
	return nil
}
