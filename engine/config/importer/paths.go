package importer

import (
	"fmt"
	"regexp/syntax"
	"slices"
	"unicode"
)

// sequences returns what a tree stands for, as sequences that are looked for
// anywhere in a path.
func sequences(re *syntax.Regexp) ([]sequence, error) {
	switch re.Op {
	case syntax.OpNoMatch:
		return nil, nil
	case syntax.OpEmptyMatch:
		return []sequence{{}}, nil
	case syntax.OpLiteral:
		var s sequence
		for _, r := range re.Rune {
			s = append(s, token{set: folded(r, re.Flags&syntax.FoldCase != 0)})
		}
		return []sequence{s}, nil
	case syntax.OpCharClass:
		return []sequence{{{set: slices.Clone(re.Rune)}}}, nil
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return []sequence{{{set: anyRune}}}, nil
	case syntax.OpBeginLine, syntax.OpBeginText:
		return []sequence{{{kind: atStart}}}, nil
	case syntax.OpEndLine, syntax.OpEndText:
		return []sequence{{{kind: atEnd}}}, nil
	case syntax.OpCapture:
		return sequences(re.Sub[0])
	case syntax.OpStar:
		return repeated(re.Sub[0], 0, -1)
	case syntax.OpPlus:
		return repeated(re.Sub[0], 1, -1)
	case syntax.OpQuest:
		return repeated(re.Sub[0], 0, 1)
	case syntax.OpRepeat:
		return repeated(re.Sub[0], re.Min, re.Max)
	case syntax.OpConcat:
		out := []sequence{{}}
		for _, sub := range re.Sub {
			next, err := sequences(sub)
			if err == nil {
				out, err = join(out, next)
			}
			if err != nil {
				return nil, err
			}
		}
		return out, nil
	case syntax.OpAlternate:
		var out []sequence
		for _, sub := range re.Sub {
			next, err := sequences(sub)
			if err != nil {
				return nil, err
			}
			if out = append(out, next...); len(out) > maxSequences {
				return nil, errTooMany
			}
		}
		return out, nil
	}
	return nil, fmt.Errorf("no glob says %s", re)
}

// folded returns a character, with its other case where case does not count.
func folded(r rune, fold bool) runes {
	out := runes{r, r}
	for f := unicode.SimpleFold(r); fold && f != r; f = unicode.SimpleFold(f) {
		out = append(out, f, f)
	}
	slices.Sort(out)
	return out
}

// repeated returns what repeats from lo to hi times; hi -1 is without end.
func repeated(re *syntax.Regexp, lo, hi int) ([]sequence, error) {
	one, err := sequences(re)
	if err != nil {
		return nil, err
	}
	out := []sequence{{}}
	for range lo {
		if out, err = join(out, one); err != nil {
			return nil, err
		}
	}
	if hi < 0 {
		star, ok := starOf(one)
		if !ok {
			return nil, fmt.Errorf("no glob says %s any number of times", re)
		}
		return join(out, []sequence{{star}})
	}
	all := slices.Clone(out)
	for range hi - lo {
		if out, err = join(out, one); err != nil {
			return nil, err
		}
		if all = append(all, out...); len(all) > maxSequences {
			return nil, errTooMany
		}
	}
	return all, nil
}

// starOf returns the token for any number of characters of a set: only two such
// sets are there in globs.
func starOf(one []sequence) (token, bool) {
	if len(one) == 1 && len(one[0]) == 0 {
		return token{}, false
	}
	if len(one) != 1 || len(one[0]) != 1 {
		return token{}, false
	}
	if one[0][0].kind != oneOf {
		return one[0][0], one[0][0].kind == inName || one[0][0].kind == inPath
	}
	no := one[0][0].set.complement()
	no = no.meet(runes{0, '\n' - 1, '\n' + 1, unicode.MaxRune})
	switch {
	case len(no) == 0:
		return pathToken, true
	case slices.Equal(no, runes{'/', '/'}):
		return nameToken, true
	}
	return token{}, false
}

// pathPattern is what a pattern over paths says: the paths it matches, but for
// those that it forbids by ^(?!...) in front. Except is nil where it forbids none.
type pathPattern struct{ match, except []sequence }

// pathsOf reads a Python pattern that is looked for in paths, as pre-commit's
// files and exclude are.
func pathsOf(s string) (pathPattern, error) {
	p, err := newPyPattern(s)
	if err != nil {
		return pathPattern{}, err
	}
	out := pathPattern{}
	if out.match, err = p.paths(); err != nil {
		return out, err
	}
	for _, n := range p.negative {
		inner := pyPattern{text: "^(?:" + n + ")", ignoreCase: p.ignoreCase, dotAll: p.dotAll}
		seqs, err := inner.paths()
		if err != nil {
			return out, err
		}
		out.except = append(out.except, seqs...)
	}
	return out, nil
}

func (p *pyPattern) paths() ([]sequence, error) {
	re, err := p.parse()
	if err != nil {
		return nil, err
	}
	seqs, err := sequences(re)
	if err != nil {
		return nil, err
	}
	return searched(seqs)
}

// all says whether a pattern matches every path.
func all(seqs []sequence) bool {
	return slices.ContainsFunc(seqs, func(s sequence) bool { return len(s) == 1 && s[0].kind == inPath })
}
