package source

import (
	"context"
	"errors"
	"io/fs"
	"runtime"
	"strings"
	"sync"
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

	mu     sync.Mutex
	wake   sync.Cond
	todo   []span
	busy   int
	found  candidates
	faults []rule.Fault
}

// span is a folder ("" is the root) with the range of its entries in the index.
type span struct {
	dir    string
	lo, hi int
}

// seen is what the worktree shows of a tracked file.
type seen struct {
	mode  rule.Mode // 0: it is not there
	clean bool      // its status is the one that the index remembers
	size  int64
}

// candidates are paths that are not tracked, and may be ignored.
type candidates struct{ files, dirs []string }

// walk goes through the worktree below the folder under ("" is all of it).
func walk(ctx context.Context, root string, x *index, under string, others bool) (*walker, error) {
	b, err := openBeneath(root)
	if err != nil {
		return nil, err
	}
	defer func() { _ = b.close() }()
	w := &walker{root: b, index: x, seen: make([]seen, x.len()), others: others}
	w.wake.L = &w.mu
	first := span{dir: under, hi: x.len()}
	if under != "" {
		first.lo, first.hi = x.search(under+"/"), x.search(under+"0") // '0' is '/' + 1
	}
	w.todo = append(w.todo, first)
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
			w.wake.Wait()
		}
		n := len(w.todo)
		if n == 0 || ctx.Err() != nil {
			break
		}
		next := w.todo[n-1]
		w.todo = w.todo[:n-1]
		w.busy++
		w.mu.Unlock()
		v.below = v.below[:0]
		v.visit(next)
		w.mu.Lock()
		w.busy--
		w.todo = append(w.todo, v.below...)
		w.wake.Broadcast()
	}
	w.found.files = append(w.found.files, v.found.files...)
	w.found.dirs = append(w.found.dirs, v.found.dirs...)
	w.faults = append(w.faults, v.faults...)
	v.found, v.faults = candidates{}, nil
	w.mu.Unlock()
}

// visitor is one goroutine's part of a walk.
type visitor struct {
	*walker
	below  []span
	found  candidates
	faults []rule.Fault
	buf    []byte
}

// visit looks at one folder.
func (v *visitor) visit(s span) {
	d, err := v.root.folder(s.dir)
	if err != nil {
		if !errors.Is(err, fs.ErrNotExist) && !errors.Is(err, errChanged) {
			v.blocked(s, err)
		}
		return // gone, or a file or link is in its place: all below it is deleted
	}
	defer d.close()
	prefix := 0
	if s.dir != "" {
		prefix = len(s.dir) + 1
	}
	v.tracked(d, s, prefix)
	if !v.others {
		return
	}
	err = d.names(&v.buf, func(name string, kind fs.FileMode) { v.name(d, s, prefix, name, kind) })
	if err != nil {
		v.faults = append(v.faults, unreadable(s.dir+"/", whyNot(err)))
	}
}

// blocked says that a folder cannot be entered. Its files are there, for all
// that is known, so that no rule takes them for deleted.
func (v *visitor) blocked(s span, err error) {
	v.faults = append(v.faults, unreadable(s.dir+"/", whyNot(err)))
	for i := s.lo; i < s.hi; i++ {
		v.seen[i] = seen{mode: v.index.entry(i).mode, size: -1}
	}
}

// tracked looks at the tracked files of a folder, and notes its folders.
func (v *visitor) tracked(d *folder, s span, prefix int) {
	x := v.index
	for i := s.lo; i < s.hi; {
		e := x.entry(i)
		name := e.path[prefix:]
		if n := strings.IndexByte(name, '/'); n >= 0 {
			end := v.end(i, s.hi, prefix+n)
			v.below = append(v.below, span{e.path[:prefix+n], i, end})
			i = end
			continue
		}
		var why string
		if v.seen[i], why = d.look(name, &e, x.modified); why != "" {
			v.faults = append(v.faults, unreadable(e.path, why))
		}
		i++
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
