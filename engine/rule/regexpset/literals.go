package regexpset

import (
	"regexp/syntax"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// The idea is that of RE2's prefilter and of Russ Cox, "Regular Expression
// Matching with a Trigram Index" (2012): from the leaves up, each part of the
// expression is known to match exactly some strings, or its matches are known to
// hold one of some strings, or nothing is known.

// The limits of what is kept of a part.
const (
	maxProduct = 24  // words of a concatenation
	maxUnion   = 256 // words of an alternation
	maxClass   = 8   // code points of a class
	maxWord    = 16  // bytes; what is longer is cut, and more is not known
	minWord    = 2   // bytes; a single byte is on too many lines to be worth it
)

// words are some strings, any of them.
type words struct {
	words   []string // nil: nothing is known
	folded  bool     // in lower case, for text of any case
	special bool     // among the folded letters is a k or an s
}

// info is what is known of a part.
type info struct {
	exact words // the part matches these strings and no other
	holds words // every match of the part holds one of these
}

func empty() info { return info{exact: words{words: []string{""}}} }

// best is the better of what is known.
func (in info) best() words { return better(in.exact, in.holds) }

func better(a, b words) words {
	if b.score() > a.score() {
		return b
	}
	return a
}

// score is higher where fewer lines are expected to hold a word; 0 is useless.
func (w words) score() int {
	shortest := maxWord
	for _, s := range w.words {
		shortest = min(shortest, len(s))
	}
	if len(w.words) == 0 || shortest < minWord {
		return 0
	}
	return 1 + 1000*min(shortest, 8) - len(w.words)
}

func infoOf(re *syntax.Regexp) info {
	switch re.Op {
	case syntax.OpEmptyMatch, syntax.OpBeginLine, syntax.OpEndLine, syntax.OpBeginText, syntax.OpEndText,
		syntax.OpWordBoundary, syntax.OpNoWordBoundary:
		return empty()
	case syntax.OpLiteral:
		return ofLiteral(re)
	case syntax.OpCharClass:
		return ofClass(re.Rune)
	case syntax.OpCapture:
		return infoOf(re.Sub[0])
	case syntax.OpPlus:
		return info{holds: infoOf(re.Sub[0]).best()}
	case syntax.OpQuest:
		sub := infoOf(re.Sub[0])
		if sub.exact.words == nil {
			return info{}
		}
		return info{exact: union(sub.exact, empty().exact)}
	case syntax.OpConcat:
		return ofConcat(re.Sub)
	case syntax.OpAlternate:
		return ofAlternate(re.Sub)
	}
	return info{} // OpStar, OpAnyChar, OpAnyCharNotNL; OpNoMatch never matches
}

// ofLiteral is the concatenation of the runes, each with its cases where the
// literal is folded.
func ofLiteral(re *syntax.Regexp) info {
	var c concat
	c.exact = empty().exact
	for _, r := range re.Rune {
		switch {
		case r == utf8.RuneError: // matches any byte that is not UTF-8
			c.add(info{})
		case re.Flags&syntax.FoldCase == 0:
			c.add(info{exact: words{words: []string{string(r)}}})
		default:
			c.add(info{exact: folds(r)})
		}
	}
	return c.info()
}

// folds are the strings that a rune matches without regard to case.
func folds(r rune) words {
	var w words
	for f := unicode.SimpleFold(r); ; f = unicode.SimpleFold(f) {
		switch {
		case f == '\u212a' || f == '\u017f': // KELVIN SIGN is a k, LONG S an s
			w.special = true
		case f < utf8.RuneSelf:
			w.words = append(w.words, string(rune(lower(byte(f)))))
			w.folded = w.folded || unicode.IsLetter(f)
		default:
			w.words = append(w.words, string(f))
		}
		if f == r {
			break
		}
	}
	slices.Sort(w.words)
	w.words = slices.Compact(w.words)
	return w
}

// ofClass knows a small class by its members. A class that holds an ASCII letter
// in both cases is one word, in lower case.
func ofClass(ranges []rune) info {
	var w words
	for i := 0; i < len(ranges); i += 2 {
		if ranges[i+1]-ranges[i] >= maxClass || len(w.words) > maxClass {
			return info{}
		}
		for r := ranges[i]; r <= ranges[i+1]; r++ {
			if r == utf8.RuneError {
				return info{}
			}
			w.words = append(w.words, string(r))
		}
	}
	if len(w.words) == 0 || len(w.words) > maxClass {
		return info{}
	}
	if both := dedupe(lowered(w.words)); len(both) < len(w.words) {
		w = words{words: both, folded: true}
	}
	return info{exact: w}
}

func lowered(in []string) []string {
	out := make([]string, len(in))
	for i, s := range in {
		out[i] = strings.Map(func(r rune) rune {
			if r < utf8.RuneSelf {
				return rune(lower(byte(r)))
			}
			return r
		}, s)
	}
	return out
}

func dedupe(in []string) []string {
	slices.Sort(in)
	return slices.Compact(in)
}

func union(a, b words) words {
	out := words{folded: a.folded || b.folded, special: a.special || b.special}
	out.words = dedupe(slices.Concat(a.words, b.words))
	if out.folded {
		out.words = dedupe(lowered(out.words))
	}
	return out
}

// product is each word of a followed by each of b.
func product(a, b words) words {
	out := words{folded: a.folded || b.folded, special: a.special || b.special}
	for _, x := range a.words {
		for _, y := range b.words {
			out.words = append(out.words, x+y)
		}
	}
	if out.folded {
		out.words = lowered(out.words)
	}
	out.words = dedupe(out.words)
	return out
}

// concat puts parts one after the other.
type concat struct {
	exact words // of the parts since the last that was not known exactly
	holds words // the best of the rest
	cut   bool  // exact does not begin at the first part
}

func (c *concat) add(in info) {
	if in.exact.words == nil {
		c.holds = better(better(c.holds, c.exact), in.holds)
		c.exact, c.cut = empty().exact, true
		return
	}
	if len(c.exact.words)*len(in.exact.words) <= maxProduct && longest(c.exact)+longest(in.exact) <= maxWord {
		c.exact = product(c.exact, in.exact)
		return
	}
	c.holds = better(c.holds, c.exact)
	c.exact, c.cut = in.exact, true
}

func longest(w words) int {
	n := 0
	for _, s := range w.words {
		n = max(n, len(s))
	}
	return n
}

func (c *concat) info() info {
	if !c.cut {
		return info{exact: c.exact}
	}
	return info{holds: better(c.holds, c.exact)}
}

func ofConcat(subs []*syntax.Regexp) info {
	c := concat{exact: empty().exact}
	for _, sub := range subs {
		c.add(infoOf(sub))
	}
	return c.info()
}

func ofAlternate(subs []*syntax.Regexp) info {
	var exact, holds words
	allExact, allHold := true, true
	for _, sub := range subs {
		in := infoOf(sub)
		best := in.best()
		allExact = allExact && in.exact.words != nil && len(exact.words) <= maxUnion
		allHold = allHold && best.score() > 0 && len(holds.words) <= maxUnion
		if allExact {
			exact = union(exact, in.exact)
		}
		if allHold {
			holds = union(holds, best)
		}
	}
	var out info
	if allExact && len(exact.words) <= maxUnion {
		out.exact = exact
	}
	if allHold && len(holds.words) <= maxUnion {
		out.holds = holds
	}
	return out
}
