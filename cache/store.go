package cache

import (
	"encoding/binary"
	"errors"
	"fmt"
	"sync"
	"sync/atomic"
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
)

// Store is an opened file of values. It is safe for concurrent use.
type Store struct {
	path  string
	limit int64

	image   image // what was read; it does not change
	used    marks // sealed records that were read; nil where none is to be left out soon
	likely  filter
	mu      sync.Mutex
	pending []record      // put since
	saved   int           // how many of these are in the file
	numbers map[Key]int32 // of the last of a key in pending
	dropped map[Key]bool
	lent    map[Key][]byte // filled in, and not asked for yet
	filled  int            // how many were
	found   map[Key]bool   // nil unless tracked
	problem error          // what was wrong with the file
}

// filter says of most keys that were not put that they were not, without a lock.
type filter [1024]atomic.Uint64

func (f *filter) add(k *Key) { f[word16(k)%1024].Or(1 << (word16(k) / 1024)) }

func (f *filter) has(k *Key) bool {
	return f[word16(k)%1024].Load()>>(word16(k)/1024)&1 != 0
}

func word16(k *Key) uint16 { return binary.LittleEndian.Uint16(k[2:]) }

// Open reads the store at path; a file that is not there is an empty store. It
// never fails: what cannot be read or understood is an empty store as well, and
// Problem says why. A limit of 0 is DefaultLimit.
func Open(path string, limit int64) *Store {
	if limit <= 0 {
		limit = DefaultLimit
	}
	s := &Store{path: path, limit: min(max(limit, smallestLimit), largestLimit)}
	var err error
	switch s.image, err = openImage(path, 2*s.limit); {
	case err == nil || missing(err):
	case errors.Is(err, errNotRegular):
		s.problem = fmt.Errorf("%s: %w", path, err)
	default:
		s.problem = fmt.Errorf("%s: %w; it is made anew", path, err)
	}
	if s.image.end > s.limit/2 {
		s.used = newMarks(s.image.slots)
	}
	return s
}

// Close gives back what an opened store holds; nothing is found in it then.
func (s *Store) Close() error {
	if s.image.close == nil {
		return nil
	}
	err := s.image.close()
	s.image, s.used = image{}, nil
	return err
}

// Problem says why the file could not be used; nil where it could, or where there
// was none.
func (s *Store) Problem() error { return s.problem }

// Len returns the number of values that were there when the store was opened, and
// that were filled in. One that was written again since the file was sealed counts
// twice.
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
	for n, r := range s.pending {
		if int(s.numbers[r.key]) == n {
			visit(r.key, r.value)
		}
	}
	for k := range s.found {
		if _, put := s.numbers[k]; put {
			continue
		}
		if v, _, ok := s.image.find(&k); ok {
			visit(k, v)
		}
	}
}

// Size is the bytes of the file that was opened, and Limit its bound.
func (s *Store) Size() int64 { return s.image.end }

// Limit is the bound of the file, in bytes.
func (s *Store) Limit() int64 { return s.limit }

// Each calls visit with each value of the file that was opened, the least recently
// used first. A value is good until the next one. It says whether the file is
// whole: what lies behind damage is not there.
func (s *Store) Each(visit func(k Key, v []byte)) (whole bool) {
	last := map[Key]int{}
	n := 0
	s.image.all(func(r record, _ int64) { last[r.key], n = n, n+1 })
	n = 0
	whole = s.image.all(func(r record, _ int64) {
		if last[r.key] == n {
			visit(r.key, r.value)
		}
		n++
	})
	return whole
}

// Drop takes a key out at the next Save, whatever is put under it before.
func (s *Store) Drop(k Key) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.dropped == nil {
		s.dropped = map[Key]bool{}
	}
	s.dropped[k] = true
}

// Get returns the value under a key. It is shared: do not change it.
func (s *Store) Get(k Key) ([]byte, bool) {
	v, slot, ok := s.image.find(&k)
	if slot >= 0 && s.used != nil {
		s.used.mark(slot)
	}
	if s.found == nil && s.filled == 0 && !s.likely.has(&k) {
		return v, ok // the usual case takes no lock
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	n, put := s.numbers[k]
	switch {
	case put:
		return s.pending[n].value, true
	case ok:
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

// Put keeps a value under a key, and Save writes it. The value belongs to the store
// from then on.
func (s *Store) Put(k Key, v []byte) {
	if len(v) > MaxValue {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.put(k, v)
}

func (s *Store) put(k Key, v []byte) {
	if n, put := s.numbers[k]; put && int(n) >= s.saved {
		s.pending[n].value = v
		return
	}
	if s.numbers == nil {
		s.numbers = map[Key]int32{}
	}
	s.numbers[k] = int32(len(s.pending))
	s.pending = append(s.pending, record{k, v})
	s.likely.add(&k)
}
