package regexpset

import (
	"bytes"
	"regexp/syntax"
	"slices"
)

// maxReach is the greatest reach that is worth the looking for lines.
const maxReach = 6

// reachOf returns how many times a match may go on over a line end, and over the
// lines of white space behind it: `x\s*=\s*y` twice. It is everywhere where a
// match may hold other text with line ends, or depends on the text's ends rather
// than a line's.
func reachOf(re *syntax.Regexp) int {
	switch re.Op {
	case syntax.OpAnyChar, syntax.OpBeginText, syntax.OpEndText:
		return everywhere
	case syntax.OpLiteral:
		return bounded(count(re.Rune, '\n'))
	case syntax.OpCharClass:
		return ofSpace(re.Rune)
	case syntax.OpStar, syntax.OpPlus, syntax.OpRepeat:
		sub := re.Sub[0]
		n := reachOf(sub)
		if n == 0 || sub.Op == syntax.OpCharClass || sub.Op == syntax.OpLiteral && len(sub.Rune) == 1 {
			return n // however often: it is all white space
		}
		return everywhere
	}
	sum := 0
	for _, sub := range re.Sub {
		n := reachOf(sub)
		if n == everywhere {
			return everywhere
		}
		sum += n
	}
	return bounded(sum)
}

func bounded(n int) int {
	if n > maxReach {
		return everywhere
	}
	return n
}

func count(runes []rune, r rune) (n int) {
	for _, x := range runes {
		if x == r {
			n++
		}
	}
	return n
}

// ofSpace is the reach of a class: 1 where it holds a line end and only white
// space beside it.
func ofSpace(ranges []rune) int {
	ends, other := false, false
	for i := 0; i < len(ranges); i += 2 {
		lo, hi := ranges[i], ranges[i+1]
		ends = ends || lo <= '\n' && '\n' <= hi
		other = other || !(lo >= '\t' && hi <= '\r' || lo == ' ' && hi == ' ')
	}
	switch {
	case !ends:
		return 0
	case other:
		return everywhere
	}
	return 1
}

// widen makes of lines with a literal what a match around it can hold: so many
// lines before them and behind them, lines of white space not counted. The spans
// stay sorted and apart.
func widen(data []byte, spans []Span, reach int) []Span {
	var out []Span
	for _, s := range spans {
		for range reach {
			s.Start, s.End = before(data, s.Start), after(data, s.End)
		}
		if n := len(out); n > 0 && s.Start <= out[n-1].End+1 {
			out[n-1].End = max(out[n-1].End, s.End)
			continue
		}
		out = append(out, s)
	}
	return slices.Clip(out)
}

// after returns the end of the first line behind a line's end that holds more
// than white space, or the text's end.
func after(data []byte, end int) int {
	for end < len(data) {
		start := end + 1
		end = len(data)
		if n := bytes.IndexByte(data[start:], '\n'); n >= 0 {
			end = start + n
		}
		if !blank(data[start:end]) {
			break
		}
	}
	return end
}

// before returns the start of the last line in front of a line's start that holds
// more than white space, or 0.
func before(data []byte, start int) int {
	for start > 0 {
		end := start - 1
		start = bytes.LastIndexByte(data[:end], '\n') + 1
		if !blank(data[start:end]) {
			break
		}
	}
	return start
}

func blank(line []byte) bool {
	for _, c := range line {
		if c != ' ' && (c < '\t' || c > '\r') {
			return false
		}
	}
	return true
}
