package engine

import (
	"context"
	"slices"
	"strings"
	"sync"
	"sync/atomic"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// shelf is the source as the rules of a round see it: a file that is wanted by
// sweeps at several times, or by other rules beside them, is read once, and what
// was made of it (a parsed document) stays until the last has had it.
//
// It is bounded. When it is full, what comes is not kept: sweeps go over the files
// in the same order again and again, where dropping the oldest would drop each
// file just before it is wanted.
type shelf struct {
	*source.Source
	run    *run
	limit  int64
	groups []wanters // of the sweeps, in the plan's order
	asked  readers
	used   atomic.Int64 // bytes of memory, about
	pinned atomic.Int64 // of these, of what stays to the end

	mu   sync.Mutex
	kept map[string]*kept

	made atomic.Int64 // of what was made of files
}

// shelfLimit is how much is kept, in bytes of memory: about half of what a run
// over 30,000 files takes beside it.
const shelfLimit = 40 << 20

// shelfRoom is another where a test wants one.
var shelfRoom = int64(shelfLimit)

const (
	// pinnedShare is the share of what is kept until the round ends, because
	// nobody knows who asks last.
	pinnedShare = 4
	// largestShare is the share that one file's content may have: one of 60 MB is
	// read again rather than held twice.
	largestShare = 8
	entryCost    = 200 // of a file beside its content
)

// wanters are the matchers of the rules that look into files in one sweep.
type wanters []*plan.Matcher

// readers are rules that read files beside those that they judge.
type readers struct {
	paths, names map[string]bool
	whole        wanters // those that judge the tree and read what they match
}

// mostGroups is how many groups of sweeps are told apart; those beyond it read
// their files as if they were alone, but for what is there.
const mostGroups = 63

// pin stands for whoever asks by path, at any time.
const pin = uint64(1) << mostGroups

// kept is a file on the shelf.
type kept struct {
	sync.Mutex
	file *rule.Kept // nil before it is read, and where it is not to be kept
	want uint64     // groups that have yet to come
	cost int64
	gone bool // it is no longer on the shelf
}

// newShelf prepares the sharing of a plan's files. A plan of one sweep whose rules
// read nothing beside it shares nothing, and costs nothing.
func (r *run) newShelf(p *plan.Plan) *shelf {
	s := &shelf{Source: r.src, run: r, limit: shelfRoom, kept: map[string]*kept{}}
	seen := map[int]bool{}
	for i := range p.Tasks {
		t := &p.Tasks[i]
		switch t.Kind {
		case plan.Sweep:
			if seen[t.Group] {
				continue
			}
			seen[t.Group] = true
			for len(s.groups) <= t.Group {
				s.groups = append(s.groups, nil)
			}
			for _, x := range t.Rules {
				s.asked.add(r.rules[x].Check)
				if _, blind := r.rules[x].Check.(rule.Blind); !blind {
					s.groups[t.Group] = append(s.groups[t.Group], r.matchers[x])
				}
			}
		case plan.Tree:
			if _, reads := r.rules[t.Rules[0]].Check.(rule.Reader); reads {
				s.asked.whole = append(s.asked.whole, r.matchers[t.Rules[0]])
			}
		}
	}
	return s
}

func (a *readers) add(check rule.Check) {
	r, ok := check.(rule.Reader)
	if !ok {
		return
	}
	paths, names := r.Reads()
	if a.paths == nil && len(paths)+len(names) > 0 {
		a.paths, a.names = map[string]bool{}, map[string]bool{}
	}
	for _, p := range paths {
		a.paths[p] = true
	}
	for _, n := range names {
		a.names[n] = true
	}
}

func (ws wanters) want(path string) bool {
	return slices.ContainsFunc(ws, func(m *plan.Matcher) bool { return m.Path(path) })
}

func (a *readers) want(path string) bool {
	return a.paths[path] || a.names[path[strings.LastIndexByte(path, '/')+1:]] || a.whole.want(path)
}

// idle says whether nothing is shared in this round.
func (s *shelf) idle() bool {
	return len(s.groups) <= 1 && s.asked.paths == nil && s.asked.whole == nil
}

// wanted returns who looks into a file beside a group.
func (s *shelf) wanted(path string, group int) (want uint64) {
	for g, ws := range s.groups {
		if g != group && g < mostGroups && ws.want(path) {
			want |= 1 << g
		}
	}
	if s.asked.want(path) {
		want |= pin
	}
	return want
}

// open returns a file for a group of sweeps: what is kept of it, or what read
// gives, which is then kept for others that want it. It is nil where nobody else
// does, or where read gives none, and the file has to be read by whoever asks.
func (s *shelf) open(path string, group int, read func() ([]byte, bool)) *rule.Kept {
	k := s.find(path)
	if k == nil {
		want := s.wanted(path, group)
		if want == 0 || s.full(want) {
			return nil
		}
		k = s.add(path, want)
	}
	return s.take(path, k, bit(group), read)
}

func bit(group int) uint64 {
	if group >= mostGroups {
		return 0
	}
	return 1 << group
}

// take returns the file, reading it where it is the first to ask, and drops it
// where it is the last.
func (s *shelf) take(path string, k *kept, by uint64, read func() ([]byte, bool)) *rule.Kept {
	k.Lock()
	defer k.Unlock()
	if k.file == nil {
		data, ok := read()
		if !ok || k.gone || int64(len(data)) > s.limit/largestShare {
			s.drop(path, k)
			return nil
		}
		k.file = rule.NewKept(slices.Clone(data), func(n int) { s.grow(path, k, int64(n)) })
		s.account(k, entryCost+int64(len(data)))
	}
	file := k.file
	if k.want &^= by; k.want == 0 {
		s.drop(path, k)
	}
	return file
}

// Keep returns a file for a rule that asks for it by its path.
func (s *shelf) Keep(ctx context.Context, path string) (*rule.Kept, error) {
	k := s.find(path)
	if k == nil && !s.full(pin) {
		k = s.add(path, s.wanted(path, -1)|pin)
	}
	var data []byte
	var err error
	asked := false
	read := func() ([]byte, bool) {
		data, err = s.run.content(ctx, path)
		asked = true
		return data, err == nil
	}
	if k != nil {
		if file := s.take(path, k, 0, read); file != nil {
			return file, nil
		}
	}
	if !asked {
		read()
	}
	if err != nil {
		return nil, err
	}
	return rule.NewKept(data, nil), nil
}

// apart says whether what says how files are judged comes from another commit.
func (s *shelf) apart() bool { return s.run.o.Source.Policy != "" }

// ReadPolicy is the source's, from the shelf where those are the same files.
func (s *shelf) ReadPolicy(ctx context.Context, path string) ([]byte, error) {
	if s.apart() {
		return s.Source.ReadPolicy(ctx, path)
	}
	k, err := s.Keep(ctx, path)
	if err != nil {
		return nil, err
	}
	return k.Bytes(), nil
}

func (s *shelf) find(path string) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.kept[path]
}

func (s *shelf) add(path string, want uint64) *kept {
	s.mu.Lock()
	defer s.mu.Unlock()
	if k := s.kept[path]; k != nil {
		return k
	}
	k := &kept{want: want}
	s.kept[path] = k
	return k
}

func (s *shelf) full(want uint64) bool {
	return s.used.Load() >= s.limit || want&pin != 0 && s.pinned.Load() >= s.limit/pinnedShare
}

// account adds to what a file costs; it is locked.
func (s *shelf) account(k *kept, n int64) {
	k.cost += n
	s.used.Add(n)
	if k.want&pin != 0 {
		s.pinned.Add(n)
	}
}

// grow counts what was made of a file. What has no room is dropped once those
// who have it let go of it.
func (s *shelf) grow(path string, k *kept, n int64) {
	s.made.Add(1)
	k.Lock()
	defer k.Unlock()
	if k.gone {
		return
	}
	if s.account(k, n); s.used.Load() > s.limit {
		s.drop(path, k)
	}
}

// drop takes a file from the shelf; it is locked.
func (s *shelf) drop(path string, k *kept) {
	if k.gone {
		return
	}
	k.gone, k.file = true, nil
	s.account(k, -k.cost)
	s.mu.Lock()
	defer s.mu.Unlock()
	delete(s.kept, path)
}
