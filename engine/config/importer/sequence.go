package importer

import (
	"errors"
	"fmt"
	"slices"
	"unicode"
)

// A sequence is a pattern over whole paths: tokens, one after the other. A
// pattern is any of some sequences.
type sequence []token

type tokenKind uint8

const (
	oneOf   tokenKind = iota // one character of a set
	inName                   // any number of characters but "/"
	inPath                   // any number of characters
	atStart                  // nothing, at the beginning of the path
	atEnd                    // nothing, at its end
)

type token struct {
	kind tokenKind
	set  runes
}

// runes is a set of characters: pairs of first and last, sorted, apart.
type runes []rune

// maxSequences bounds what a pattern may stand for: beyond it a list of globs is
// nothing that a person can read.
const maxSequences = 256

var errTooMany = fmt.Errorf("it stands for more than %d globs", maxSequences)

func literal(r rune) token { return token{set: runes{r, r}} }

var (
	slash     = literal('/')
	anyRune   = runes{0, unicode.MaxRune}
	notSlash  = runes{0, '/' - 1, '/' + 1, unicode.MaxRune}
	nameToken = token{kind: inName}
	pathToken = token{kind: inPath}
)

func (t token) isSlash() bool { return t.kind == oneOf && slices.Equal(t.set, slash.set) }

func (s runes) has(r rune) bool {
	for i := 0; i < len(s); i += 2 {
		if s[i] <= r && r <= s[i+1] {
			return true
		}
	}
	return false
}

func (s runes) meet(t runes) runes {
	var out runes
	for i, j := 0, 0; i < len(s) && j < len(t); {
		if lo, hi := max(s[i], t[j]), min(s[i+1], t[j+1]); lo <= hi {
			out = append(out, lo, hi)
		}
		if s[i+1] < t[j+1] {
			i += 2
		} else {
			j += 2
		}
	}
	return out
}

func (s runes) complement() runes {
	var out runes
	next := rune(0)
	for i := 0; i < len(s); i += 2 {
		if next < s[i] {
			out = append(out, next, s[i]-1)
		}
		next = s[i+1] + 1
	}
	if next <= unicode.MaxRune {
		out = append(out, next, unicode.MaxRune)
	}
	return out
}

// join returns every sequence of a followed by every one of b.
func join(a, b []sequence) ([]sequence, error) {
	if len(a)*len(b) > maxSequences {
		return nil, errTooMany
	}
	var out []sequence
	for _, x := range a {
		for _, y := range b {
			out = append(out, slices.Concat(x, y))
		}
	}
	return out, nil
}

// searched makes of sequences that are looked for anywhere in a path sequences
// over whole paths, tidied.
func searched(in []sequence) ([]sequence, error) {
	var out []sequence
	for _, s := range in {
		if s, ok := anchored(s); ok {
			out = append(out, s)
		}
	}
	return tidied(out)
}

// anchored replaces the anchors of a sequence; false where it can match nothing.
func anchored(s sequence) (sequence, bool) {
	s, begun, ok := anchor(s, atStart)
	if !ok {
		return nil, false
	}
	slices.Reverse(s)
	s, ended, ok := anchor(s, atEnd)
	slices.Reverse(s)
	if !begun {
		s = slices.Insert(s, 0, pathToken)
	}
	if !ended {
		s = append(s, pathToken)
	}
	return s, ok
}

// anchor drops the anchors of a kind and what stands in front of them, which can
// only be nothing; false where something must stand there.
func anchor(s sequence, kind tokenKind) (out sequence, found, ok bool) {
	for _, t := range s {
		if t.kind != kind {
			out = append(out, t)
			continue
		}
		if slices.ContainsFunc(out, func(t token) bool { return t.kind == oneOf }) {
			return nil, false, false
		}
		found = true
		out = slices.DeleteFunc(out, func(t token) bool { return t.kind == inName || t.kind == inPath })
	}
	return out, found, true
}

// tidied drops what no path can match, merges neighbours that are one, and parts
// sets that hold "/" beside others.
func tidied(in []sequence) ([]sequence, error) {
	var out []sequence
	for len(in) > 0 {
		s := merged(in[0])
		in = in[1:]
		if i := slices.IndexFunc(s, mixed); i >= 0 {
			a, b := slices.Clone(s), slices.Clone(s)
			a[i], b[i].set = slash, s[i].set.meet(notSlash)
			if in = append(in, a, b); len(in)+len(out) > maxSequences {
				return nil, errTooMany
			}
			continue
		}
		if possible(s) && !slices.ContainsFunc(out, func(x sequence) bool { return same(x, s) }) {
			out = append(out, s)
		}
	}
	return out, nil
}

// mixed says whether a token is a set of "/" and others.
func mixed(t token) bool {
	return t.kind == oneOf && t.set.has('/') && !t.isSlash()
}

func same(a, b sequence) bool {
	return slices.EqualFunc(a, b, func(x, y token) bool { return x.kind == y.kind && slices.Equal(x.set, y.set) })
}

// merged returns the sequence with runs of repetitions as one.
func merged(s sequence) sequence {
	var out sequence
	for _, t := range s {
		if n := len(out); t.kind != oneOf && n > 0 && out[n-1].kind != oneOf {
			if t.kind == inPath {
				out[n-1] = t
			}
			continue
		}
		out = append(out, t)
	}
	return out
}

// possible says whether a path may match: none begins or ends with "/" or has
// an element that is empty, "." or "..".
func possible(s sequence) bool {
	start := 0
	for i := 0; i <= len(s); i++ {
		if i < len(s) && !s[i].isSlash() {
			if s[i].kind == oneOf && len(s[i].set) == 0 {
				return false
			}
			continue
		}
		dots := 0
		for _, t := range s[start:i] {
			if t.kind == oneOf && slices.Equal(t.set, runes{'.', '.'}) {
				dots++
			}
		}
		if n := i - start; n == 0 || n == dots && n <= 2 {
			return false
		}
		start = i + 1
	}
	return true
}

// meet returns the sequences of the paths that both patterns match.
func meet(a, b []sequence) ([]sequence, error) {
	m := meeter{}
	for _, x := range a {
		for _, y := range b {
			if err := m.meet(x, y, nil); err != nil {
				return nil, err
			}
		}
	}
	return tidied(m.out)
}

type meeter struct {
	out   []sequence
	steps int
}

var errNoMeet = errors.New("files that two patterns both match cannot be written as few globs")

// meet walks two tidied sequences side by side. Where a path begins with a
// repetition in both, one of the two ends first: what it has taken, the other
// has taken too, and may go on taking.
func (m *meeter) meet(a, b, done sequence) error {
	if m.steps++; m.steps > 64*maxSequences || len(m.out) > 4*maxSequences {
		return errNoMeet
	}
	switch {
	case len(a) == 0 && len(b) == 0:
		m.out = append(m.out, slices.Clone(done))
		return nil
	case len(a) > 0 && a[0].kind != oneOf && len(b) > 0 && b[0].kind != oneOf:
		both := pathToken
		if a[0].kind == inName || b[0].kind == inName {
			both = nameToken
		}
		done = append(slices.Clip(done), both)
		if err := m.meet(a[1:], b, done); err != nil {
			return err
		}
		return m.meet(a, b[1:], done)
	case len(a) > 0 && a[0].kind != oneOf:
		return m.repeat(a, b, done)
	case len(b) > 0 && b[0].kind != oneOf:
		return m.repeat(b, a, done)
	case len(a) == 0 || len(b) == 0:
		return nil
	}
	set := a[0].set.meet(b[0].set)
	if len(set) == 0 {
		return nil
	}
	return m.meet(a[1:], b[1:], append(slices.Clip(done), token{set: set}))
}

// repeat is meet where only a begins with a repetition: it ends, or it takes
// the character that b begins with.
func (m *meeter) repeat(a, b, done sequence) error {
	if err := m.meet(a[1:], b, done); err != nil || len(b) == 0 {
		return err
	}
	set := b[0].set
	if a[0].kind == inName {
		set = set.meet(notSlash)
	}
	if len(set) == 0 {
		return nil
	}
	return m.meet(a, b[1:], append(slices.Clip(done), token{set: set}))
}
