package regexpset

import (
	"regexp/syntax"
	"slices"
	"unicode/utf8"
)

// Anchor is a word at a known place of an expression: every match that takes one
// of the expression's branches holds one of Words there, with at most Before
// bytes in front of it and a match of After behind it.
type Anchor struct {
	// Words are in lower case where Folded, for text of any case; then U+212A
	// and U+017F, which fold to k and s, are not thought of.
	Words  []string
	Folded bool
	Before int // bytes; -1 where there is no bound
	After  *syntax.Regexp
}

// Anchors returns one anchor for each branch of an expression, the longest words
// that there are; nil where a branch holds no word of two bytes, and where the
// expression does not parse.
func Anchors(expr string) []Anchor {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return nil
	}
	return branches(flatten(nil, re.Simplify()), 0, nil)
}

// flatten appends the parts of an expression that follow one another.
func flatten(parts []*syntax.Regexp, re *syntax.Regexp) []*syntax.Regexp {
	switch re.Op {
	case syntax.OpCapture:
		return flatten(parts, re.Sub[0])
	case syntax.OpConcat:
		for _, sub := range re.Sub {
			parts = flatten(parts, sub)
		}
		return parts
	case syntax.OpPlus:
		star := *re
		star.Op = syntax.OpStar
		return append(flatten(parts, re.Sub[0]), &star)
	}
	return append(parts, re)
}

// branches returns the best anchors of parts that follow one another, with so
// many bytes before them and some parts after them.
func branches(parts []*syntax.Regexp, before int, after []*syntax.Regexp) []Anchor {
	var best []Anchor
	for i := 0; i < len(parts); {
		ahead := plus(before, lengths(parts[:i]))
		run, n := words{words: []string{""}}, i
		for n < len(parts) {
			w := exactly(parts[n])
			if w.words == nil || len(w.words)*len(run.words) > maxProduct {
				break
			}
			run = product(run, w)
			n++
		}
		if run.score() > 0 {
			best = keep(best, []Anchor{{Words: run.words, Folded: run.folded, Before: ahead, After: concatenation(parts[n:], after)}})
		}
		// An alternative goes on from the words before it: A(?:KIA|SIA).
		if n < len(parts) && parts[n].Op == syntax.OpAlternate {
			best = keep(best, alternatives(parts[i:n], parts[n], ahead, slices.Concat(parts[n+1:], after)))
		}
		i = max(n, i+1)
	}
	return best
}

func alternatives(start []*syntax.Regexp, alt *syntax.Regexp, before int, after []*syntax.Regexp) []Anchor {
	var all []Anchor
	for _, sub := range alt.Sub {
		list := branches(flatten(slices.Clone(start), sub), before, after)
		if list == nil || len(all) > maxUnion {
			return nil
		}
		all = append(all, list...)
	}
	return all
}

// exactly returns the strings that a part matches, and no other; none where they
// are too many or not known.
func exactly(re *syntax.Regexp) words {
	if re.Op != syntax.OpLiteral {
		return infoOf(re).exact
	}
	w := words{words: []string{string(re.Rune)}} // however long
	if slices.Contains(re.Rune, utf8.RuneError) {
		return words{}
	}
	if re.Flags&syntax.FoldCase != 0 {
		if slices.ContainsFunc(re.Rune, func(r rune) bool { return r >= utf8.RuneSelf }) {
			return words{}
		}
		w.words, w.folded = lowered(w.words), true
	}
	return w
}

// keep returns the better of two lists of anchors. A bound on what is before a
// word is worth more than its length: without one, a match may begin anywhere.
func keep(a, b []Anchor) []Anchor {
	if worth(b) > worth(a) {
		return b
	}
	return a
}

func worth(list []Anchor) int {
	if list == nil {
		return 0
	}
	shortest, n, bounded := 8, 0, 1
	for _, a := range list {
		for _, w := range a.Words {
			shortest, n = min(shortest, len(w)), n+1
		}
		if a.Before < 0 {
			bounded = 0
		}
	}
	return 1_000_000*bounded + 10_000*shortest + 10_000 - min(n, 9_999)
}

func concatenation(a, b []*syntax.Regexp) *syntax.Regexp {
	sub := slices.Concat(a, b)
	if len(sub) == 0 {
		return &syntax.Regexp{Op: syntax.OpEmptyMatch}
	}
	return &syntax.Regexp{Op: syntax.OpConcat, Sub: sub}
}

// plus adds lengths, of which -1 is no bound.
func plus(a, b int) int {
	if a < 0 || b < 0 {
		return -1
	}
	return a + b
}

// lengths returns the most bytes that the parts match together, -1 where there
// is no bound.
func lengths(parts []*syntax.Regexp) int {
	n := 0
	for _, re := range parts {
		n = plus(n, length(re))
	}
	return n
}

func length(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpLiteral:
		if re.Flags&syntax.FoldCase != 0 {
			return len(re.Rune) * utf8.UTFMax
		}
		return len(string(re.Rune))
	case syntax.OpCharClass:
		if n := len(re.Rune); n > 0 && re.Rune[n-1] < utf8.RuneSelf {
			return 1
		}
		return utf8.UTFMax
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return utf8.UTFMax
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		return -1 // simplified expressions hold no bounded repeat
	case syntax.OpAlternate:
		most := 0
		for _, sub := range re.Sub {
			n := length(sub)
			if n < 0 {
				return -1
			}
			most = max(most, n)
		}
		return most
	}
	return lengths(re.Sub)
}
