package secrets

import (
	"math/rand/v2"
	"regexp/syntax"
	"strings"
	"sync"
)

// sample draws a text that an expression matches. Repeats without a bound are drawn
// a few times more than they must be, and where a character may be any, it is one
// that means nothing.
func sample(r *rand.Rand, expr string) string {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		panic(err)
	}
	var b strings.Builder
	draw(r, &b, re)
	return b.String()
}

func draw(r *rand.Rand, b *strings.Builder, re *syntax.Regexp) {
	repeat := func(lo, hi int) {
		if hi < 0 {
			hi = lo + 8
		}
		for range lo + r.IntN(min(hi-lo, 8)+1) {
			draw(r, b, re.Sub[0])
		}
	}
	switch re.Op {
	case syntax.OpLiteral:
		for _, c := range re.Rune {
			if re.Flags&syntax.FoldCase != 0 && r.IntN(4) == 0 {
				b.WriteString(strings.ToUpper(string(c)))
				continue
			}
			b.WriteRune(c)
		}
	case syntax.OpCharClass:
		b.WriteRune(inClass(r, re.Rune))
	case syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		b.WriteByte("qwertz9137"[r.IntN(10)])
	case syntax.OpAlternate:
		draw(r, b, re.Sub[r.IntN(len(re.Sub))])
	case syntax.OpConcat, syntax.OpCapture:
		for _, sub := range re.Sub {
			draw(r, b, sub)
		}
	case syntax.OpStar:
		repeat(0, -1)
	case syntax.OpPlus:
		repeat(1, -1)
	case syntax.OpQuest:
		repeat(0, 1)
	case syntax.OpRepeat:
		repeat(re.Min, re.Max)
	}
}

// inClass draws a character of a class, of ASCII where the class holds some.
func inClass(r *rand.Rand, ranges []rune) rune {
	var chars []rune
	for i := 0; i < len(ranges); i += 2 {
		for c := ranges[i]; c <= ranges[i+1] && c < 0x7f; c++ {
			if c >= ' ' || c == '\n' || c == '\t' {
				chars = append(chars, c)
			}
		}
	}
	if len(chars) == 0 {
		return ranges[0]
	}
	return chars[r.IntN(len(chars))]
}

// pattern returns a pattern of the table.
func patternOf(id string) *pattern {
	for _, p := range builtin().patterns {
		if p.id == id {
			return p
		}
	}
	panic("no pattern " + id)
}

// single finds the secrets of one pattern.
var single sync.Map

// secretOf draws a secret that a pattern finds where it stands in a line of its own.
func secretOf(r *rand.Rand, id string) string {
	p := patternOf(id)
	f, _ := single.LoadOrStore(id, newFinder(&builtin().allow, []*pattern{p}))
	for range 1000 {
		if text := sample(r, p.expr); len(f.(*finder).find(bg, "a.txt", []byte(text))) == 1 {
			return text
		}
	}
	panic("no sample of " + id)
}
