package source

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// walker goes through the folders of the worktree that hold tracked files, in
// parallel: each tracked file is looked at once, and what is not tracked is
// collected. It asks no ignore rules: in a clean clone there is nothing to ask
// about, which makes it several times faster than `git ls-files -o`. Folders
// without tracked files are not entered.
type walker struct {
	root   *beneath
	index  *index
	seen   []seen // of each entry of the index
	others bool   // collect what is not tracked
	before *knownFolders

	waiting atomic.Int32 // workers that have nothing to do

	mu     sync.Mutex
	wake   sync.Cond
	todo   []span
	busy   int
	found  candidates
	faults []rule.Fault
	known  []folderKey // folders that hold nothing but tracked files
	again  int         // of these, those that were known before
}

// span is a folder ("" is the root) with the range of its entries in the index.
type span struct {
	dir    string
	lo, hi int
	rest   bool // of the range, only small folders, which the folder's visit left to others
}

// A folder with at most smallSpan files in and below it is not opened: its files
// are looked at from the folder above, by longer names. A visit does so for at
// most fullVisit files, and leaves the rest for others to take.
const (
	smallSpan = 48
	fullVisit = 256
)

func (s *span) small() bool { return s.hi-s.lo <= smallSpan }

// prefix is the length of what comes before a name in the folder.
func (s *span) prefix() int {
	if s.dir == "" {
		return 0
	}
	return len(s.dir) + 1
}

// seen is what the worktree shows of a tracked file.
type seen struct {
	mode  rule.Mode // 0: it is not there
	clean bool      // its status is the one that the index remembers
	size  int64
}

// candidates are paths that are not tracked, and may be ignored.
type candidates struct{ files, dirs []string }

// walk goes through the worktree.
func walk(ctx context.Context, root string, x *index, others bool, before *knownFolders) (*walker, error) {
	b, err := openBeneath(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.close() }()
	before.dev, before.told = b.toldByTimes()
	w := &walker{root: b, index: x, seen: make([]seen, x.len()), others: others, before: before}
	w.wake.L = &w.mu
	w.todo = append(w.todo, span{hi: x.len()})
	stop := context.AfterFunc(ctx, func() { w.wake.Broadcast() })
	defer stop()
	var group sync.WaitGroup
	for range min(runtime.GOMAXPROCS(0), 8) {
		group.Go(func() { w.work(ctx) })
	}
	group.Wait()
	return w, ctx.Err()
}

// work visits folders until none is left and nobody can find another.
func (w *walker) work(ctx context.Context) {
	v := &visitor{walker: w}
	w.mu.Lock()
	for {
		for len(w.todo) == 0 && w.busy > 0 && ctx.Err() == nil {
			w.waiting.Add(1)
			w.wake.Wait()
			w.waiting.Add(-1)
		}
		n := len(w.todo)
		if n == 0 || ctx.Err() != nil {
			break
		}
		next := w.todo[n-1]
		w.todo = w.todo[:n-1]
		w.busy++
		w.mu.Unlock()
		v.below, v.looked = v.below[:0], 0
		v.visit(next)
		w.mu.Lock()
		w.busy--
		w.todo = append(w.todo, v.below...)
		w.wake.Broadcast()
	}
	w.found.files = append(w.found.files, v.found.files...)
	w.found.dirs = append(w.found.dirs, v.found.dirs...)
	w.faults = append(w.faults, v.faults...)
	w.known, w.again = append(w.known, v.known...), w.again+v.again
	v.found, v.faults, v.known = candidates{}, nil, nil
	w.mu.Unlock()
}

// visitor is one goroutine's part of a walk.
type visitor struct {
	*walker
	below  []span
	looked int // files of small folders, in this visit
	found  candidates
	faults []rule.Fault
	known  []folderKey
	again  int
	buf    []byte
	text   []byte // that keys of folders are made of: a part for each folder on the way
}

// visit opens a folder, and looks at all that it can be seen from there.
func (v *visitor) visit(s span) {
	d, ok := v.open(s)
	if !ok {
		return
	}
	defer d.close()
	if s.rest {
		v.rest(d, s)
		return
	}
	st, sure := d.status("")
	v.inside(d, s, len(s.dir), st, sure)
}

// open opens a folder. It is not ok where none is there, or it cannot be entered.
func (v *visitor) open(s span) (d *folder, ok bool) {
	d, err := v.root.folder(s.dir)
	switch {
	case err == nil:
		return d, true
	case !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errChanged):
		v.blocked(s, err)
	}
	return nil, false // gone, or a file or link is in its place: all below it is deleted
}

// inside looks at a folder's tracked files and folders, and for what else is in
// it. It stands in d, which is the folder itself or one above it; at is the
// length of d's own path. The folder's status is sure where its times can be
// trusted.
func (v *visitor) inside(d *folder, s span, at int, st folderStat, sure bool) {
	begin := len(v.text)
	v.text = st.appendTo(v.text, s.dir)
	x, prefix := v.index, s.prefix()
	for i := s.lo; i < s.hi; {
		path := x.path(i)
		if n := strings.IndexByte(path[prefix:], '/'); n >= 0 {
			c := span{dir: path[:prefix+n], lo: i, hi: v.end(i, s.hi, prefix+n)}
			v.text = append(append(v.text, path[prefix:prefix+n+1]...), 0)
			v.enter(d, s.dir, c, at)
			i = c.hi
			continue
		}
		v.text = append(append(v.text, path[prefix:]...), 0)
		e := x.entry(i)
		var why string
		if v.seen[i], why = d.look(from(path, at), &e, x.modified); why != "" {
			v.faults = append(v.faults, unreadable(path, why))
		}
		i++
	}
	if v.others {
		key := keyOfFolder(v.text[begin:])
		switch {
		case sure && v.before.has(&st, key):
			v.again++
			v.known = append(v.known, key)
		case v.strangers(d, s, at) && sure && v.before.lasting(&st):
			v.known = append(v.known, key)
		}
	}
	v.text = v.text[:begin]
}

// from returns a path as seen from a folder whose path has the length at.
func from(path string, at int) string {
	if at > 0 {
		at++
	}
	if at > len(path) {
		return ""
	}
	return path[at:]
}

// enter looks into a folder below one where it is small enough, and keeps it for
// a visit of its own where it is not. Whoever exchanges a folder for a link
// between its status and its files' shows us the status of other files: never
// their content, for what is read is opened beneath the root.
func (v *visitor) enter(d *folder, parent string, c span, at int) {
	if !c.small() {
		v.below = append(v.below, c)
		v.share()
		return
	}
	if v.looked >= fullVisit {
		v.leave(parent, c)
		return
	}
	st, ok := d.status(from(c.dir, at))
	if !ok {
		v.below = append(v.below, c) // opening it says what is the matter
		return
	}
	v.looked += c.hi - c.lo
	v.inside(d, c, at, st, true)
}

// share gives away what the visit has found to do, where somebody waits for it.
func (v *visitor) share() {
	if v.waiting.Load() == 0 {
		return
	}
	v.mu.Lock()
	v.todo = append(v.todo, v.below...)
	v.wake.Broadcast()
	v.mu.Unlock()
	v.below = v.below[:0]
}

// leave keeps a small folder for another visit, with those before it, back to the
// last large one.
func (v *visitor) leave(parent string, c span) {
	if n := len(v.below); n > 0 {
		last := &v.below[n-1]
		if last.rest && last.dir == parent && c.hi-last.lo <= fullVisit {
			last.hi = c.hi
			return
		}
		v.share()
	}
	v.below = append(v.below, span{dir: parent, lo: c.lo, hi: c.hi, rest: true})
}

// rest looks into the small folders of a part of a folder.
func (v *visitor) rest(d *folder, s span) {
	prefix := s.prefix()
	for i := s.lo; i < s.hi; {
		path := v.index.path(i)
		n := strings.IndexByte(path[prefix:], '/')
		if n < 0 {
			i++
			continue
		}
		c := span{dir: path[:prefix+n], lo: i, hi: v.end(i, s.hi, prefix+n)}
		v.enter(d, s.dir, c, len(s.dir))
		i = c.hi
	}
}

// strangers reads the names of a folder, and keeps those that are not tracked.
// None says that there are none, for sure.
func (v *visitor) strangers(d *folder, s span, at int) (none bool) {
	if at != len(s.dir) {
		own, ok := v.open(s)
		if !ok {
			return false
		}
		defer own.close()
		d = own
	}
	files, dirs := len(v.found.files), len(v.found.dirs)
	err := d.names(&v.buf, func(name string, kind fs.FileMode) { v.name(d, s, s.prefix(), name, kind) })
	if err != nil {
		v.faults = append(v.faults, unreadable(s.dir+"/", whyNot(err)))
		return false
	}
	return files == len(v.found.files) && dirs == len(v.found.dirs)
}

// blocked says that a folder cannot be entered. Its files are there, for all
// that is known, so that no rule takes them for deleted.
func (v *visitor) blocked(s span, err error) {
	v.faults = append(v.faults, unreadable(s.dir+"/", whyNot(err)))
	for i := s.lo; i < s.hi; i++ {
		v.seen[i] = seen{mode: v.index.entry(i).mode, size: -1}
	}
}

// end returns where the entries end whose path begins as entry i's up to its
// slash at position n: by doubling steps, since folders are mostly small.
func (v *visitor) end(i, hi, n int) int {
	x, dir := v.index, v.index.path(i)[:n+1]
	step := 1
	for i+step < hi && strings.HasPrefix(x.path(i+step), dir) {
		i, step = i+step, step*2
	}
	hi = min(hi, i+step)
	for i+1 < hi {
		if mid := (i + hi) / 2; strings.HasPrefix(x.path(mid), dir) {
			i = mid
		} else {
			hi = mid
		}
	}
	return i + 1
}

// name looks up a name of a folder, and keeps it where it is not tracked.
func (v *visitor) name(d *folder, s span, prefix int, name string, kind fs.FileMode) {
	if name == ".git" {
		return
	}
	if kind == kindUnknown {
		kind = d.kind(name)
	}
	isDir := kind.IsDir()
	if i := v.child(s, prefix, name, isDir); i >= 0 && (!isDir || len(v.index.path(i)) > prefix+len(name) || v.index.entry(i).mode == rule.ModeSubmodule) {
		return
	}
	path := s.dir + "/" + name
	if s.dir == "" {
		path = name
	}
	switch {
	case isDir:
		v.found.dirs = append(v.found.dirs, path)
	case kind.IsRegular(), kind == symlinkType:
		v.found.files = append(v.found.files, path)
	}
}

// child returns the position of a name in a folder, or for a folder of the first
// entry below it, or -1.
func (v *visitor) child(s span, prefix int, name string, isDir bool) int {
	x := v.index
	lo, hi := s.lo, s.hi
	for lo < hi {
		if mid := (lo + hi) / 2; x.path(mid)[prefix:] < name {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < s.hi && x.path(lo)[prefix:] == name {
		return lo
	}
	if !isDir {
		return -1
	}
	// "name/" may stand behind "name-x" and "name.x".
	below := name + "/"
	for hi = s.hi; lo < hi; {
		if mid := (lo + hi) / 2; x.path(mid)[prefix:] < below {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if lo < s.hi && strings.HasPrefix(x.path(lo)[prefix:], below) {
		return lo
	}
	return -1
}

// racy says whether an entry may have been changed after the index was written
// without its time showing it ("racy git" in git's technical documentation).
func (st *fileStat) racy(modified time.Time) bool {
	sec, nsec := modified.Unix(), modified.Nanosecond()
	if int64(st.mtime) != sec {
		return int64(st.mtime) > sec
	}
	return st.mtimeNsec == 0 || int(st.mtimeNsec) >= nsec
}
