package cache

import (
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"sync"
	"sync/atomic"
	"time"

	"github.com/gofrs/flock"
)

// Key is what a value is found by: a cryptographic hash of all that the value
// depends on.
type Key [32]byte

// Limits of the store.
const (
	// DefaultLimit bounds the file, in bytes.
	DefaultLimit = 64 << 20
	// MaxValue is the largest value that is kept, in bytes; a larger one is not.
	MaxValue = 1 << 20

	smallestLimit = 64 << 10
	largestLimit  = 1 << 30 // offsets are 32 bits wide
	lockWait      = 500 * time.Millisecond
)

// Store is an opened file of values. It is safe for concurrent use.
type Store struct {
	path  string
	limit int64

	image   image // what was read; it does not change
	mu      sync.Mutex
	pending []record      // put since, each key once
	numbers map[Key]int32 // of pending
	puts    atomic.Int32  // not 0 where something was
	used    map[int64]Key // fading records of the image that were read, by offset
	dropped map[Key]bool
	lent    map[Key][]byte // filled in, and not asked for yet
	filled  int            // how many were
	found   map[Key]bool   // nil unless tracked
	problem error          // what was wrong with the file
}

// Open reads the store at path; a file that is not there is an empty store. It
// never fails: what cannot be read or understood is an empty store as well, and
// Problem says why. A limit of 0 is DefaultLimit.
func Open(path string, limit int64) *Store {
	if limit <= 0 {
		limit = DefaultLimit
	}
	s := &Store{path: path, limit: min(max(limit, smallestLimit), largestLimit), numbers: map[Key]int32{}, used: map[int64]Key{}, dropped: map[Key]bool{}}
	var err error
	if s.image, err = openImage(path, 2*s.limit); err != nil && !missing(err) {
		s.problem = fmt.Errorf("%s: %w; it is made anew", path, err)
	}
	return s
}

var errTooLarge = errors.New("it is more than twice as large as its bound")

// Close gives back what an opened store holds; nothing is found in it then.
func (s *Store) Close() error {
	if s.image.close == nil {
		return nil
	}
	err := s.image.close()
	s.image = image{}
	return err
}

// Problem says why the file could not be used; nil where it could, or where there
// was none.
func (s *Store) Problem() error { return s.problem }

// Len returns the number of values that were there when the store was opened, and
// that were filled in.
func (s *Store) Len() int { return s.image.count() + s.filled }

// Fill lends the store values from elsewhere, before it is used: Get finds those
// that it has not itself, and Save keeps those that were found.
func (s *Store) Fill(k Key, v []byte) {
	if len(v) > MaxValue {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.lent == nil {
		s.lent = map[Key][]byte{}
	}
	s.lent[k] = v
	s.filled = len(s.lent)
}

// Track has the store remember what is found, for Touched; it comes before the
// store is used.
func (s *Store) Track() { s.found = map[Key]bool{} }

// Touched calls visit with each value that was put, or found since Track; it comes
// before Save. The values are shared: do not change them.
func (s *Store) Touched(visit func(k Key, v []byte)) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, r := range s.pending {
		visit(r.key, r.value)
	}
	for k := range s.found {
		if _, put := s.numbers[k]; put {
			continue
		}
		if v, _, ok := s.image.find(k); ok {
			visit(k, v)
		}
	}
}

// Size is the bytes of the file that was opened, and Limit its bound.
func (s *Store) Size() int64 { return s.image.size() }

// Limit is the bound of the file, in bytes.
func (s *Store) Limit() int64 { return s.limit }

// Each calls visit with each value of the file that was opened, the least recently
// written first. A value is good until the next one. It says whether the file is
// whole: what lies behind damage is not there.
func (s *Store) Each(visit func(k Key, v []byte)) (whole bool) {
	last := map[Key]int{}
	n := 0
	s.image.all(func(r record) { last[r.key], n = n, n+1 })
	n = 0
	whole = s.image.all(func(r record) {
		if last[r.key] == n {
			visit(r.key, r.value)
		}
		n++
	})
	return whole
}

// Drop takes a key out at the next Save.
func (s *Store) Drop(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.dropped[k] = true
}

// Remove deletes the store at path, and what a killed process left beside it.
func Remove(path string) error {
	if _, err := os.Lstat(filepath.Dir(path)); missing(err) {
		return nil
	}
	unlock, err := lock(path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	left, _ := filepath.Glob(path + ".tmp-*") // the pattern is good, but for a path with [ in it
	var errs []error
	for _, name := range append(left, path) {
		if err := os.Remove(name); err != nil && !missing(err) {
			errs = append(errs, err)
		}
	}
	return errors.Join(errs...)
}

// Get returns the value under a key. It is shared: do not change it.
func (s *Store) Get(k Key) ([]byte, bool) {
	v, at, ok := s.image.find(k)
	near := ok && s.fading(at)
	if !near && s.found == nil && s.filled == 0 && s.puts.Load() == 0 {
		return v, ok // the usual case takes no lock
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, put := s.numbers[k]
	switch {
	case put:
		return s.pending[n].value, true
	case ok:
		if near {
			s.used[at] = k
		}
		if s.found != nil {
			s.found[k] = true
		}
	default:
		if v, ok = s.lent[k]; ok {
			delete(s.lent, k)
			s.put(k, v)
		}
	}
	return v, ok
}

// fading says whether a record lies among the oldest of a file that nears its
// bound: the next to be left out.
func (s *Store) fading(at int64) bool {
	return s.image.size() > s.limit/2 && at < s.image.size()/2
}

// Put keeps a value under a key until Save writes it. The value belongs to the
// store from then on.
func (s *Store) Put(k Key, v []byte) {
	if len(v) > MaxValue {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(k, v)
}

func (s *Store) put(k Key, v []byte) {
	if n, put := s.numbers[k]; put {
		s.pending[n].value = v
		return
	}
	s.numbers[k] = int32(len(s.pending))
	s.pending = append(s.pending, record{k, v})
	s.puts.Store(1)
}

// Save writes what was put, and what keeps the recently used from being left
// out. What another process saved meanwhile stays. Where nothing is to be
// written nothing is touched.
func (s *Store) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	fresh := s.fresh()
	if len(fresh)+len(s.dropped) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	unlock, err := lock(s.path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	if err := s.write(fresh); err != nil {
		return err
	}
	s.pending, s.numbers, s.used, s.dropped = nil, map[Key]int32{}, map[int64]Key{}, map[Key]bool{}
	s.puts.Store(0)
	return nil
}

// lock takes the lock at path, waiting for a moment.
func lock(path string) (unlock func(), err error) {
	l := flock.New(path, flock.SetPermissions(0o644))
	for end := time.Now().Add(lockWait); ; time.Sleep(5 * time.Millisecond) {
		ok, err := l.TryLock()
		if err != nil {
			return nil, err
		}
		if ok {
			return func() { _ = l.Unlock() }, nil // the file stays: removing it would race
		}
		if time.Now().After(end) {
			return nil, fmt.Errorf("another process holds %s", path)
		}
	}
}

// fresh returns the records to append: what was put, and what was read of what
// is fading.
func (s *Store) fresh() []record {
	if len(s.used) == 0 {
		return s.pending
	}
	var out []record
	for _, k := range s.used {
		if _, put := s.numbers[k]; !put {
			v, _, _ := s.image.find(k)
			out = append(out, record{k, v})
		}
	}
	return append(out, s.pending...)
}
