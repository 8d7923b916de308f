package hook

import (
	"bytes"
	"slices"

	"github.com/aymanbagabas/go-udiff/lcs"
)

// span is a range of lines, 1-based, both ends included.
type span struct{ first, last int }

// hunk replaces base lines [start, end) by others.
type hunk struct {
	start, end int
	lines      []string
}

func (h hunk) equal(o hunk) bool {
	return h.start == o.start && h.end == o.end && slices.Equal(h.lines, o.lines)
}

// merge makes theirs' changes of base in ours as well. A change that both have
// made is made once. Where changes overlap, or touch with no unchanged line
// between them, nothing is merged: the lines of ours that are in the way come
// back instead. Lines end with a line feed, and the last one may lack it, so that
// carriage returns and a missing last line feed are content like any other.
//
// `git merge-file` is the oracle of its tests. It is not used itself: it takes
// 6 ms and three files a call.
func merge(base, ours, theirs []byte) (merged []byte, clash []span) {
	if bytes.Equal(base, ours) {
		return theirs, nil
	}
	b := splitLines(base)
	mine, fixes := hunksOf(b, splitLines(ours)), hunksOf(b, splitLines(theirs))
	all := mine
	moved := 0 // lines of ours minus lines of base, before the hunk
	k := 0
	for _, f := range fixes {
		for k < len(mine) && mine[k].end < f.start {
			moved += len(mine[k].lines) - (mine[k].end - mine[k].start)
			k++
		}
		if k < len(mine) && mine[k].equal(f) {
			continue
		}
		clear, shift := true, moved
		for _, m := range mine[k:] {
			if m.start > f.end {
				break
			}
			clear = false
			clash = append(clash, span{m.start + shift + 1, m.start + shift + max(1, len(m.lines))})
			shift += len(m.lines) - (m.end - m.start)
		}
		if clear {
			all = append(all[:len(all):len(all)], f)
		}
	}
	if clash != nil {
		return nil, slices.Compact(clash)
	}
	slices.SortFunc(all, func(x, y hunk) int { return x.start - y.start })
	return apply(b, all), nil
}

func apply(base []string, hunks []hunk) []byte {
	var out bytes.Buffer
	at := 0
	write := func(lines []string) {
		for _, l := range lines {
			out.WriteString(l)
		}
	}
	for _, h := range hunks {
		write(base[at:h.start])
		write(h.lines)
		at = h.end
	}
	write(base[at:])
	return out.Bytes()
}

func splitLines(data []byte) []string {
	var lines []string
	for line := range bytes.Lines(data) {
		lines = append(lines, string(line))
	}
	return lines
}

// hunksOf returns how to make b of a, in order, each two with an unchanged line
// between them.
func hunksOf(a, b []string) []hunk {
	var list []hunk
	differ(a, b, 0, func(start, end int, lines []string) {
		if n := len(list); n > 0 && list[n-1].end == start {
			list[n-1].end = end
			list[n-1].lines = slices.Concat(list[n-1].lines, lines)
			return
		}
		list = append(list, hunk{start, end, lines})
	})
	return list
}

// differ splits at lines that are unique on both sides (patience diff, Bram
// Cohen), because the library's search gives up after some hundred differences
// and then returns one large one; what lies between is left to the library.
func differ(a, b []string, at int, emit func(start, end int, lines []string)) {
	for len(a) > 0 && len(b) > 0 && a[0] == b[0] {
		a, b, at = a[1:], b[1:], at+1
	}
	for len(a) > 0 && len(b) > 0 && a[len(a)-1] == b[len(b)-1] {
		a, b = a[:len(a)-1], b[:len(b)-1]
	}
	if len(a) == 0 || len(b) == 0 {
		if len(a)+len(b) > 0 {
			emit(at, at+len(a), b)
		}
		return
	}
	anchors := uniqueCommon(a, b)
	if anchors == nil {
		for _, d := range lcs.DiffLines(a, b) {
			emit(at+d.Start, at+d.End, b[d.ReplStart:d.ReplEnd])
		}
		return
	}
	x, y := 0, 0
	for _, p := range append(anchors, [2]int{len(a), len(b)}) {
		differ(a[x:p[0]], b[y:p[1]], at+x, emit)
		x, y = p[0]+1, p[1]+1
	}
}

// uniqueCommon returns the longest increasing run of pairs of equal lines that
// occur once in a and once in b.
func uniqueCommon(a, b []string) [][2]int {
	type place struct{ na, nb, a, b int }
	seen := make(map[string]*place, len(a))
	for i, l := range a {
		p := seen[l]
		if p == nil {
			p = &place{}
			seen[l] = p
		}
		p.na, p.a = p.na+1, i
	}
	for i, l := range b {
		if p := seen[l]; p != nil {
			p.nb, p.b = p.nb+1, i
		}
	}
	var pairs [][2]int // by a
	for i, l := range a {
		if p := seen[l]; p.na == 1 && p.nb == 1 {
			pairs = append(pairs, [2]int{i, p.b})
		}
	}
	return longestIncreasing(pairs)
}

// longestIncreasing returns a longest subsequence that increases in the second
// number, by patience sorting.
func longestIncreasing(pairs [][2]int) [][2]int {
	if len(pairs) == 0 {
		return nil
	}
	tops := []int{}
	before := make([]int, len(pairs))
	for i, p := range pairs {
		pile, _ := slices.BinarySearchFunc(tops, p[1], func(top, want int) int { return pairs[top][1] - want })
		before[i] = -1
		if pile > 0 {
			before[i] = tops[pile-1]
		}
		if pile == len(tops) {
			tops = append(tops, i)
		} else {
			tops[pile] = i
		}
	}
	out := make([][2]int, len(tops))
	for i, k := tops[len(tops)-1], len(tops)-1; k >= 0; k-- {
		out[k] = pairs[i]
		i = before[i]
	}
	return out
}
