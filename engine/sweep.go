package engine

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"slices"
	"sync/atomic"
	"time"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/source"
)

// Limits of what is read, in bytes.
const (
	// MaxFile is the largest text file that is read. A larger one is a finding
	// of the rule OversizedFile, once, whatever the number of rules.
	MaxFile = 64 << 20
	// window is how much of a chunk a worker holds at once; a larger file is
	// held alone.
	window      = 1 << 20
	windowFiles = 64
)

// worker is what one worker owns: nobody else touches it during a round.
type worker struct {
	run    *run
	reader *source.Reader
	arena  []byte
	files  []loaded
	wants  []bool // of the file at hand, beside the live rules
	// wanting is of the rules that the worker swept with last.
	wanting *wanting
	cleans  map[setKey]*cleanSet // that files were found to have
}

// loaded is a file of the window and the rules that want it.
type loaded struct {
	*rule.File
	wants []bool // beside the live rules
	head  bool   // too large: the bytes are its head alone
	read  bool   // the bytes are there
	marks bool   // it may have ignore comments
	found bool   // a rule found something in it
	typed bool   // its tags follow from path and mode
	fresh []fresh
}

// sweep judges a chunk of files by the live rules of a task. Windows of files
// are read, and each rule goes over a window at once, so that a rule is timed
// once a window.
func (w *worker) sweep(ctx context.Context, p *round, t *plan.Task, live []int, s *slot) {
	for files := t.Files; len(files) > 0 && ctx.Err() == nil; {
		n := w.loadTimed(ctx, p, t, live, files, s)
		files = files[n:]
		for k, x := range live {
			if s.work[x].judged = true; w.wanted(k) {
				s.clocks += 2
				w.judge(ctx, p, t.Rules[x], k, &s.work[x])
			}
		}
		for i := range w.files {
			// Whether a comment silences what was found is asked when the rule
			// ends; the file is not read again for it.
			f := &w.files[i]
			if f.found && f.read {
				p.open.note(f.Path, f.Bytes())
			}
			w.remember(ctx, p, f)
		}
	}
}

// remember keeps what was found in a file for the next run. A file with ignore
// comments is read every time: what they silence depends on all rules.
func (w *worker) remember(ctx context.Context, p *round, f *loaded) {
	if p.verdicts == nil || !f.read || f.head || len(f.fresh) == 0 || f.marks {
		return
	}
	if p.checking != nil {
		p.checking.file(ctx, p, f)
		return
	}
	tags := f.Tags()
	if f.typed {
		tags = nil
	}
	p.verdicts.keep(ctx, &f.Entry, f.Bytes(), tags, f.fresh)
}

// recall takes what is known of a file from the cache, and leaves in wants the
// rules that have yet to judge it. It returns the tags where the cache has them,
// and whether all rules that look into the file are answered.
func (w *worker) recall(ctx context.Context, p *round, t *plan.Task, live []int, e *rule.Entry, wants []bool, complete bool, s *slot) (tags []string, all, ok bool) {
	rec, ok := p.verdicts.lookup(e)
	if !ok {
		return nil, false, false
	}
	clean := w.cleans[rec.clean]
	if clean == nil {
		if clean = p.verdicts.cleanOf(rec.clean); w.cleans == nil {
			w.cleans = map[setKey]*cleanSet{}
		}
		w.cleans[rec.clean] = clean
	}
	all = true
	for k, x := range live {
		if !wants[k] {
			continue
		}
		if !complete && !p.matchers[t.Rules[x]].Tags(hasTag(rec.tags)) {
			wants[k] = false
			continue
		}
		found, known := p.verdicts.of(ctx, &rec, clean, t.Rules[x], e)
		if !known {
			all = all && w.wanting.list[k].blind
			continue
		}
		wants[k] = false
		work := &s.work[x]
		work.files++
		work.cached++
		work.cachedBytes += rec.size
		r := p.rules[t.Rules[x]]
		for _, f := range found {
			f.Rule = r.ID
			work.findings = append(work.findings, f)
		}
	}
	if len(rec.found) > 0 {
		p.open.note(e.Path, nil) // it has no ignore comments, or it would not be here
	}
	if all {
		p.bytes.Add(rec.size)
	}
	return rec.tags, all, true
}

// loadTimed is load, with what it read and how long that took.
func (w *worker) loadTimed(ctx context.Context, p *round, t *plan.Task, live []int, files []rule.Entry, s *slot) int {
	start := time.Now()
	n := w.load(ctx, p, t, live, files, s)
	for i := range w.files {
		if w.files[i].read {
			s.read.bytes += int64(len(w.files[i].Bytes()))
		}
	}
	s.read.files += len(w.files)
	s.read.seconds += time.Since(start).Seconds()
	s.clocks += 2
	return n
}

// load fills the window from the front of files, and returns how many it took.
func (w *worker) load(ctx context.Context, p *round, t *plan.Task, live []int, files []rule.Entry, s *slot) int {
	if w.arena == nil {
		w.arena = make([]byte, window)
	}
	w.files = w.files[:0]
	used := 0
	for i := range files {
		if i > 0 && (i >= windowFiles || used > window*3/4) {
			return i
		}
		if n, ok := w.open(ctx, p, t, live, &files[i], w.arena[used:used:window], s); ok {
			used += min(n, window-used)
		}
	}
	return len(files)
}

// open reads one file into buf where a rule wants its bytes, and adds it to the
// window. It returns how much of buf is taken. The listing is shared by all
// workers, and stays as it is.
func (w *worker) open(ctx context.Context, p *round, t *plan.Task, live []int, listed *rule.Entry, buf []byte, s *slot) (int, bool) {
	e := listed
	wants := w.wants[:0]
	v := w.wantingOf(p, t, live)
	var name *named
	any, read, sized := false, false, false
	for k := range v.list {
		x := &v.list[k]
		wants = append(wants, false)
		if !x.m.Path(e.Path) {
			continue
		}
		if name == nil { // most files of a whole tree never come here
			name = v.named(e)
		}
		if name.complete && !name.fits[k] {
			continue
		}
		wants[k], any = true, true
		read = read || !x.blind || !name.complete && x.typed
		sized = sized || x.asksSize(e)
	}
	w.wants = wants
	if !any {
		return 0, false
	}
	tags, complete := name.tags, name.complete
	static := complete
	if read && p.verdicts != nil && p.checking == nil {
		known, all, ok := w.recall(ctx, p, t, live, e, wants, complete, s)
		if ok && !complete {
			tags, complete = known, true
		}
		if read = !all; all {
			p.unread.Add(1)
			if !slices.Contains(wants, true) {
				return 0, false
			}
		}
	}
	own := *listed // reading finds out its size
	e = &own
	wants = slices.Clone(wants)
	l := loaded{wants: wants, read: read, typed: static}
	var data []byte
	var kept *rule.Kept
	var err error
	switch {
	case read:
		data, kept, l.head, l.marks, err = w.content(p, t.Group, e, buf)
	case sized && e.Size < 0:
		_, _, err = w.readSome(e, nil, 1)
	}
	if err != nil {
		p.unreadable(e.Path, err)
		return 0, false
	}
	if !complete {
		tags = filetype.Tags(e.Path, e.Mode, data[:min(len(data), 1024)])
		for k, x := range live {
			wants[k] = wants[k] && p.matchers[t.Rules[x]].Tags(hasTag(tags))
		}
	}
	if read && isPointer(data) {
		tags = filetype.Tags("pointer.txt", e.Mode, data)
		for k, x := range live {
			wants[k] = wants[k] && p.matchers[t.Rules[x]].Tags(hasTag(tags))
		}
	}
	if kept != nil {
		l.File = rule.Keeping(own, kept, tags)
	} else {
		l.File = rule.NewFile(own, data, tags)
	}
	w.files = append(w.files, l)
	if kept != nil || cap(data) > cap(buf) || len(data) == 0 {
		return 0, true // it has memory of its own
	}
	return len(data), true
}

// pointerStart is how the text begins that git has in place of a file kept by LFS.
// https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
var pointerStart = []byte("version https://git-lfs.github.com/spec/v1\n")

// isPointer says whether the content is an LFS pointer: text, whatever its name
// says, so that no parser trips over it.
func isPointer(data []byte) bool { return len(data) < 1024 && bytes.HasPrefix(data, pointerStart) }

// readSome reads at most limit bytes of a file, and its size.
func (w *worker) readSome(e *rule.Entry, buf []byte, limit int64) (data []byte, head bool, err error) {
	data, err = w.reader.Read(e, buf, limit)
	var large *source.TooLargeError
	if errors.As(err, &large) {
		return large.Head, true, nil
	}
	return data, false, err
}

// content is read for a group of sweeps, which share what they read. Where others
// want the file too, it is kept, and not in buf. Head says that it is too large,
// and marks that it may have ignore comments.
func (w *worker) content(p *round, group int, e *rule.Entry, buf []byte) (data []byte, kept *rule.Kept, head, marks bool, err error) {
	if p.shelf.idle() || !e.Mode.Regular() || e.Status == rule.Unmerged {
		data, head, marks, err = w.read(p, e, buf)
		return data, nil, head, marks, err
	}
	asked := false
	read := func() ([]byte, bool) {
		data, head, marks, err = w.read(p, e, buf)
		asked = true
		return data, !head && err == nil
	}
	switch kept = p.shelf.open(e.Path, group, read); {
	case kept == nil && !asked:
		read()
	case kept != nil:
		data = kept.Bytes()
		e.Size = int64(len(data))
		_, changed := p.overlay[e.Path]
		if changed {
			e.Blob, e.Near = "", false
		}
		if !asked {
			marks = p.took(e.Path, data) || changed
		}
	}
	return data, kept, head, marks, err
}

// took notes a file that is judged, and says whether it may have ignore comments.
func (p *round) took(path string, data []byte) bool {
	p.bytes.Add(int64(len(data)))
	marks := hasMarks(data)
	if marks {
		p.open.note(path, data)
	}
	return marks
}

// read returns a file's content, or its head where it is too large, and whether
// it may have ignore comments.
func (w *worker) read(p *round, e *rule.Entry, buf []byte) (data []byte, head, marks bool, err error) {
	if b, ok := p.overlay[e.Path]; ok {
		e.Size, e.Blob, e.Near = int64(len(b)), "", false
		return b, false, true, nil
	}
	data, head, err = w.readSome(e, buf, MaxFile)
	if head || err != nil {
		return data, head, true, err
	}
	return data, false, p.took(e.Path, data), nil
}

// unreadable notes a file that could not be read, once for all rules. One that
// is gone by now is no fault: it was deleted.
func (p *round) unreadable(path string, err error) {
	if errors.Is(err, fs.ErrNotExist) {
		return
	}
	p.lost.Store(path, rule.Fault{Kind: rule.FaultUnreadable, Message: err.Error()})
}

// wanted says whether the k-th live rule wants a file of the window.
func (w *worker) wanted(k int) bool {
	for i := range w.files {
		if w.files[i].wants[k] {
			return true
		}
	}
	return false
}

// judge runs rule number x, the k-th live one, over the window.
func (w *worker) judge(ctx context.Context, p *round, x, k int, out *ruleWork) {
	start := time.Now()
	r := p.rules[x]
	check := r.Check.(rule.FileCheck)
	_, blind := check.(rule.Blind)
	kept := p.verdicts != nil && !blind
	pass := rule.NewPass(ctx, r, p.shelf)
	at := ""
	defer func() {
		if v := recover(); v != nil {
			out.faults = append(out.faults, panicFault(r.ID, at, v))
		}
		out.findings = append(out.findings, pass.Findings()...)
		out.faults = append(out.faults, pass.Faults()...)
		d := time.Since(start)
		out.seconds += d.Seconds()
		p.overtime(x, d, out)
	}()
	for i := range w.files {
		f := &w.files[i]
		if !f.wants[k] {
			continue
		}
		out.files++
		out.bytes += max(0, f.Size)
		if f.head && !blind {
			p.large.Store(f.Path, f.Size)
			continue
		}
		at = f.Path
		before, faults := len(pass.Findings()), len(pass.Faults())
		check.CheckFile(pass, f.File)
		found := pass.Findings()[before:]
		f.found = f.found || len(found) > 0
		if kept && !pass.Asked() && len(pass.Faults()) == faults {
			if f.fresh == nil {
				f.fresh = make([]fresh, 0, len(f.wants))
			}
			f.fresh = append(f.fresh, fresh{x, found})
		}
	}
}

// overtime turns a rule that used up its own timeout over all its files into a
// fault. An in-process rule is not interrupted within a window.
func (p *round) overtime(x int, d time.Duration, out *ruleWork) {
	limit := p.rules[x].Timeout
	if limit <= 0 {
		return
	}
	spent := &p.states[x].spent
	if before := time.Duration(atomic.AddInt64(spent, int64(d))) - d; before <= limit && before+d > limit {
		out.faults = append(out.faults, rule.Fault{Rule: p.rules[x].ID, Kind: rule.FaultTimeout,
			Message: "took longer than its timeout of " + limit.String() + " over all its files; raise `timeout:` or narrow `files:`"})
	}
}

func hasTag(tags []string) func(string) bool {
	return func(tag string) bool {
		for _, t := range tags {
			if t == tag {
				return true
			}
		}
		return false
	}
}
