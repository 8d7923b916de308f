package engine

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// Fix is what all rules together made of one staged file.
type Fix struct {
	Path     string
	Mode     rule.Mode
	Blob     string // the id of what is staged, in hex
	Old, New []byte // what is staged, and what is to be
}

// Mended says what became of fixes.
type Mended struct {
	// Refused are the paths that were left as they are, each with the reason,
	// which is shown with its findings; "" where a note says it.
	Refused map[string]string
	Notes   []string // for people, shown with the report
}

// Mender takes fixes of staged files to where they belong, sorted by path, and
// all of one file or nothing of it. An error says that nothing was done.
type Mender func(ctx context.Context, src *source.Source, fixes []Fix) (*Mended, error)

// mends says whether fixes are composed in memory and handed to Options.Mend.
func (r *run) mends() bool { return r.o.Fix && !r.o.Diff && !r.src.Worktree() }

// inMemory says whether fixes are kept in memory rather than written.
func (r *run) inMemory() bool { return r.o.Diff || r.mends() }

// mendStaged hands the composed fixes over. Files that were refused are checked
// again as they are.
func (r *run) mendStaged(ctx context.Context, changed map[string]bool, before map[string][]byte) error {
	staged, err := r.src.Files(ctx)
	if err != nil {
		return err
	}
	var fixes []Fix
	for _, e := range staged {
		if old, ok := before[e.Path]; ok && string(old) != string(r.overlay[e.Path]) {
			fixes = append(fixes, Fix{Path: e.Path, Mode: e.Mode, Blob: e.Blob.String(), Old: old, New: r.overlay[e.Path]})
		}
	}
	if len(fixes) == 0 {
		return nil
	}
	out, err := r.o.Mend(ctx, r.src, fixes)
	if err != nil {
		r.faults = append(r.faults, rule.Fault{Kind: rule.FaultFix, Message: fmt.Sprintf("nothing that is staged was fixed: %v", err)})
		out = &Mended{Refused: map[string]string{}}
		for _, f := range fixes {
			out.Refused[f.Path] = ""
		}
	}
	r.notes = append(r.notes, out.Notes...)
	if len(out.Refused) == 0 {
		return nil
	}
	for i := range r.files {
		if _, refused := out.Refused[r.files[i].Path]; !refused {
			continue
		}
		k, _ := slices.BinarySearchFunc(staged, r.files[i].Path, func(e rule.Entry, path string) int { return strings.Compare(e.Path, path) })
		r.files[i] = staged[k]
	}
	return r.refuse(ctx, out.Refused, changed, before)
}

// refuse takes fixes back, and lets the findings stand with the reason.
func (r *run) refuse(ctx context.Context, refused map[string]string, changed map[string]bool, before map[string][]byte) error {
	back := map[string][]byte{}
	for path := range refused {
		delete(r.overlay, path)
		delete(changed, path)
		back[path] = before[path]
	}
	if err := r.snapshot.write(back); err != nil {
		return err
	}
	if err := r.check(ctx, r.files); err != nil {
		return err
	}
	for i := range r.last.states {
		found := r.last.states[i].findings
		for k := range found {
			why, no := refused[found[k].Path]
			if no && found[k].Fixable && why != "" {
				found[k].Message += "; not fixed: " + why
			}
			found[k].Fixable = found[k].Fixable && !no
		}
	}
	return nil
}
