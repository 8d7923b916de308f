package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"maps"
	"slices"
	"strings"
	"sync"

	"github.com/aymanbagabas/go-udiff"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/sched"
)

// MaxRounds bounds how often fixes are applied one after another, to one file
// and to the whole run.
const MaxRounds = 10

// fix mends what can be mended: the fixes of built-in rules are composed in
// memory, file by file, and written once; then the fix commands of rules that
// found something run; then everything is checked again, until nothing changes.
func (r *run) fix(ctx context.Context) error {
	changed := map[string]bool{}
	before := map[string][]byte{}
	var last []string // what the last round changed
	var rounds [][]rule.Finding
	for n := 0; ctx.Err() == nil; n++ {
		now := r.last.findings()
		rounds = append(rounds, now)
		if n == MaxRounds {
			r.faults = append(r.faults, rule.Fault{Kind: rule.FaultFix, Message: fmt.Sprintf(
				"fixes were still changing files after %d rounds: %s; they undo each other's work, so that these files are left as they were", MaxRounds, strings.Join(fixers(now), ", "))})
			if err := r.takeBack(ctx, last, changed, before); err != nil {
				return err
			}
			break
		}
		wrote := r.fixFiles(ctx, now, before)
		if !r.o.Diff {
			wrote = append(wrote, r.fixByCommands(ctx, now, before)...)
		}
		if err := r.snapshot.write(r.overlay); err != nil {
			return err
		}
		if len(wrote) == 0 {
			break
		}
		last = wrote
		for _, path := range wrote {
			changed[path] = true
		}
		for i := range r.files {
			if changed[r.files[i].Path] {
				r.files[i].Blob, r.files[i].Near, r.files[i].Size = "", false, -1
			}
		}
		r.verdicts.rekey(ctx, r)
		if err := r.check(ctx, r.files); err != nil {
			return err
		}
	}
	if r.mends() && ctx.Err() != nil {
		clear(changed) // stopped: nothing is written
	} else if r.mends() {
		if err := r.mendStaged(ctx, changed, before); err != nil {
			return err
		}
	}
	r.mended = r.settleMended(rounds, changed)
	if r.o.Diff {
		r.diff = r.unified(before)
	}
	return nil
}

// takeBack gives files that fixes do not stop changing their content from before.
func (r *run) takeBack(ctx context.Context, paths []string, changed map[string]bool, before map[string][]byte) error {
	for _, path := range paths {
		delete(changed, path)
		if r.inMemory() {
			r.overlay[path] = before[path]
		} else if err := r.src.WriteFile(path, before[path]); err != nil {
			return err
		}
	}
	if err := r.snapshot.write(r.overlay); err != nil {
		return err
	}
	r.verdicts.rekey(ctx, r)
	return r.check(ctx, r.files)
}

// fixers names the rules with findings that could be mended.
func fixers(fs []rule.Finding) []string {
	var ids []string
	for _, f := range fs {
		if f.Fixable && !slices.Contains(ids, f.Rule) {
			ids = append(ids, f.Rule)
		}
	}
	slices.Sort(ids)
	return ids
}

// fixFiles mends the files that built-in rules can mend, several at once, and
// returns the paths that it changed. Before keeps what they held.
func (r *run) fixFiles(ctx context.Context, found []rule.Finding, before map[string][]byte) []string {
	var paths []string
	for _, f := range found {
		if f.Fixable && !slices.Contains(paths[max(0, len(paths)-1):], f.Path) {
			paths = append(paths, f.Path)
		}
	}
	slices.Sort(paths)
	paths = slices.Compact(paths)
	tasks := make([]sched.Task[struct{}], len(paths))
	for i, p := range paths {
		tasks[i].ID = p
	}
	var mu sync.Mutex
	var wrote []string
	made := map[string][]byte{} // the tasks read the overlay
	// The tasks wait for none, so that there is no error to return.
	_, _ = sched.Run(ctx, tasks, sched.Options{Workers: r.workers}, func(ctx context.Context, _, i int) error {
		old, mended, fault := r.fixFile(ctx, paths[i])
		mu.Lock()
		defer mu.Unlock()
		if fault != nil {
			r.faults = append(r.faults, *fault)
		}
		if mended == nil {
			return nil
		}
		if _, ok := before[paths[i]]; !ok {
			before[paths[i]] = old
		}
		made[paths[i]] = mended
		wrote = append(wrote, paths[i])
		return nil
	})
	if r.inMemory() {
		maps.Copy(r.overlay, made)
	}
	return wrote
}

// fixFile mends one file in memory and writes it. It returns nil where there is
// nothing to mend.
func (r *run) fixFile(ctx context.Context, path string) (old, mended []byte, fault *rule.Fault) {
	fail := func(err error) *rule.Fault {
		return &rule.Fault{Kind: rule.FaultFix, Message: fmt.Sprintf("%s was not fixed: %v", path, err)}
	}
	k, ok := slices.BinarySearchFunc(r.files, path, func(e rule.Entry, path string) int { return strings.Compare(e.Path, path) })
	if !ok || !r.files[k].Mode.Regular() {
		return nil, nil, nil
	}
	old, err := r.content(ctx, path)
	if err != nil {
		return nil, nil, fail(err)
	}
	file := rule.NewFile(r.files[k], old, r.tags(r.files[k]))
	mended, cycle := r.compose(file)
	if cycle != nil {
		return nil, nil, fail(fmt.Errorf("the fixes of %s undo each other; change or narrow one of them", strings.Join(cycle, " and ")))
	}
	if mended == nil {
		return nil, nil, nil
	}
	if !r.inMemory() {
		if err := r.src.WriteFile(path, mended); err != nil {
			return nil, nil, fail(err)
		}
	}
	return old, mended, nil
}

// compose applies the fixes of all rules that speak of a file, again and again,
// until none changes anything. It returns nil where nothing changed, and the
// rules that keep undoing each other where there is no end.
func (r *run) compose(f *rule.File) (mended []byte, cycle []string) {
	seen := map[[32]byte]bool{sha256.Sum256(f.Bytes()): true}
	start := f
	for range MaxRounds {
		var ids []string
		for i, x := range r.rules {
			out, ok := r.applyFix(i, f)
			if !ok {
				continue
			}
			f = f.With(out)
			ids = append(ids, x.ID)
		}
		if ids == nil {
			if bytes.Equal(f.Bytes(), start.Bytes()) {
				return nil, nil
			}
			return f.Bytes(), nil
		}
		if sum := sha256.Sum256(f.Bytes()); seen[sum] || len(f.Bytes()) > MaxFile {
			return nil, ids
		} else {
			seen[sum] = true
		}
		cycle = ids
	}
	return nil, cycle
}

// applyFix applies one rule's fix, leaving lines that an ignore comment
// speaks of as they are.
func (r *run) applyFix(i int, f *rule.File) (out []byte, ok bool) {
	x := r.rules[i]
	fixer, can := x.Check.(rule.Fixer)
	st := &r.last.states[i]
	if !can || !x.Holds.All() || st.result.Status == report.Skipped || st.result.Status == report.Faulted ||
		!r.matchers[i].Path(f.Path) || !r.matchers[i].Tags(hasTag(f.Tags())) {
		return nil, false
	}
	defer func() {
		if v := recover(); v != nil {
			// The check panics on the same content, and is reported there.
			out, ok = nil, false
		}
	}()
	out, ok = fixer.Fix(f)
	if ok && st.silenced[f.Path] {
		out, ok = restoreIgnored(f, out, x.ID)
	}
	return out, ok && !bytes.Equal(out, f.Bytes())
}

// restoreIgnored puts back the lines that comments silence the rule on. Where
// the fix moved lines, nothing tells which they are, and the file is left alone.
func restoreIgnored(f *rule.File, mended []byte, id string) ([]byte, bool) {
	old := bytes.SplitAfter(f.Bytes(), []byte{'\n'})
	lines := bytes.SplitAfter(mended, []byte{'\n'})
	if len(old) != len(lines) {
		return nil, false
	}
	for _, g := range parseIgnores(f.Bytes()) {
		if !slices.Contains(g.rules, id) {
			continue
		}
		if g.first == 0 {
			return nil, false
		}
		for n := g.first; n <= min(g.last, len(lines)); n++ {
			lines[n-1] = old[n-1]
		}
	}
	return bytes.Join(lines, nil), true
}

// unified returns what the fixes would change as one unified diff.
func (r *run) unified(before map[string][]byte) []byte {
	var paths []string
	for p := range before {
		paths = append(paths, p)
	}
	slices.Sort(paths)
	var b strings.Builder
	for _, p := range paths {
		b.WriteString(udiff.Unified(quoteName("a/"+p), quoteName("b/"+p), string(before[p]), string(r.overlay[p])))
	}
	return []byte(b.String())
}

// quoteName writes a path as git does in the head of a diff: in quotes, with
// escapes, where it holds what a line cannot.
func quoteName(path string) string {
	if report.Printable(path) == path && !strings.ContainsAny(path, `"\\`) {
		return path
	}
	var b strings.Builder
	b.WriteByte('"')
	for i := range len(path) {
		switch c := path[i]; {
		case c == '"' || c == '\\':
			b.WriteByte('\\')
			b.WriteByte(c)
		case c < 0x20 || c >= 0x7f:
			fmt.Fprintf(&b, "\\%03o", c)
		default:
			b.WriteByte(c)
		}
	}
	b.WriteByte('"')
	return b.String()
}

// markFixed gives a rule whose findings were all mended its status.
func (r *run) markFixed(rep *report.Report) {
	for i := range rep.Rules {
		x := &rep.Rules[i]
		if x.Status == report.Passed && slices.ContainsFunc(r.mended, func(f rule.Finding) bool { return f.Rule == x.ID }) {
			x.Status, x.Reason = report.Fixed, ""
		}
	}
}
