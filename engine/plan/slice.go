package plan

import (
	"fmt"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// MostShards is how many shards a run can have: GitHub Actions starts at most 256
// jobs of a matrix.
const MostShards = 256

// Share is what a slice has of a rule.
type Share int8

// The shares.
const (
	Nothing Share = iota // another shard does it
	Some                 // its files are dealt out: those of this slice
	All                  // it is one piece, and here
	Again                // it runs whole, for the rules here that need it; another shard reports it
)

// Slice is the part of a run that one shard does: of each item of the layout a
// range of the line of hashes. The slices of a run cover every item's line, and no
// two of them a point of it, so that each rule judges each file in exactly one
// shard, also where a shard sees files that the plan did not.
// Nil is the whole run.
type Slice struct {
	Index, Of int    // 1-based
	Digest    string // of the partition, in hex: the same in all slices of it

	layout *layout
	ranges []between // beside the layout's items
	again  []bool    // beside the rules: it runs here for others alone
}

// between is a half-open range of the line of hashes.
type between struct{ from, to uint64 }

const lineEnd = 1 << 32

func (b between) empty() bool       { return b.from >= b.to }
func (b between) has(h uint64) bool { return b.from <= h && h < b.to }

// newSlice works out which rules run again.
func newSlice(l *layout, index, of int, digest string, ranges []between) *Slice {
	s := &Slice{Index: index, Of: of, Digest: digest, layout: l, ranges: ranges, again: make([]bool, len(l.rules))}
	for k, r := range ranges {
		if r.empty() {
			continue
		}
		for _, n := range l.needs[k] {
			s.again[n] = ranges[l.item[n]].empty()
		}
	}
	return s
}

// String names the slice: "2/4".
func (s *Slice) String() string { return fmt.Sprintf("%d/%d", s.Index, s.Of) }

// Share returns what the slice has of rule number i. A skipped rule is in every
// slice: each says why it did not run.
func (s *Slice) Share(i int) Share {
	if s == nil {
		return All
	}
	switch k := s.layout.item[i]; {
	case k < 0:
		return All
	case s.again[i]:
		return Again
	case s.ranges[k].empty():
		return Nothing
	case s.layout.items[k].split:
		return Some
	}
	return All
}

// Reports says whether it is this slice that reports what rule number i says of a
// path; i -1 is what no rule says.
func (s *Slice) Reports(i int, path string) bool {
	if s == nil {
		return true
	}
	k := 0
	if i >= 0 {
		k = s.layout.item[i]
	}
	switch {
	case k < 0:
		return true
	case s.layout.items[k].split:
		return s.ranges[k].has(point(path))
	}
	return !s.ranges[k].empty()
}

// Files returns those of some files that rule number i judges here; i -1 are those
// that belong to the slice.
func (s *Slice) Files(i int, files []rule.Entry) []rule.Entry {
	if s == nil || i >= 0 && s.Share(i) != Some {
		return files
	}
	k := 0
	if i >= 0 {
		k = s.layout.item[i]
	}
	if s.ranges[k] == (between{0, lineEnd}) {
		return files
	}
	return slices.DeleteFunc(slices.Clone(files), func(e rule.Entry) bool { return !s.ranges[k].has(point(e.Path)) })
}

// same names the rules that are offered the same files.
func (s *Slice) same(i int) int {
	if s == nil || s.Share(i) != Some {
		return -1
	}
	return s.layout.item[i]
}
