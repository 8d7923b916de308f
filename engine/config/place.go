package config

import (
	"bytes"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// placeBudget bounds the search for a syntax error's place, in bytes parsed: a
// file of 20 kB is searched in full, a hostile one of 1 MiB in under a second.
const placeBudget = 4 << 20

// source is the text of one file, for places.
type source struct {
	name   string
	data   []byte
	starts []int // byte offset of each "\n"-ended line
	widths []int // characters of each line, plus one; 0 where not counted yet
	// breaks are the places where lines start as the YAML library counts them;
	// nil where it counts as we do. For it, a lone "\r", NEL, LS and PS end a
	// line too.
	breaks []rule.Pos
	// budget is how many bytes may still be parsed in search of a place.
	budget int
}

func newSource(name string, data []byte) *source {
	s := &source{name: name, data: data, starts: []int{0}, budget: placeBudget}
	odd := false
	for i, b := range data {
		switch b {
		case '\n':
			s.starts = append(s.starts, i+1)
		case '\r', 0xc2, 0xe2:
			odd = true
		}
	}
	s.widths = make([]int, len(s.starts))
	if odd {
		s.breaks = s.yamlBreaks()
	}
	return s
}

// yamlBreaks returns where lines start by YAML 1.1's rule.
func (s *source) yamlBreaks() []rule.Pos {
	line, column := 1, 1
	starts := []rule.Pos{{File: s.name, Line: 1, Column: 1}}
	for i := 0; i < len(s.data); {
		r, n := utf8.DecodeRune(s.data[i:])
		i += n
		column++
		switch r {
		case '\n':
			line, column = line+1, 1
		case '\r':
			if i < len(s.data) && s.data[i] == '\n' {
				continue
			}
		case '\u0085', '\u2028', '\u2029':
		default:
			continue
		}
		starts = append(starts, rule.Pos{File: s.name, Line: line, Column: column})
	}
	return starts
}

// pos returns the place of what the YAML library puts at a line and column,
// always inside the file. It takes constant time but for a line's first use:
// a hostile file has all its values on one.
func (s *source) pos(line, column int) rule.Pos {
	if s.breaks != nil {
		start := s.breaks[max(1, min(line, len(s.breaks)))-1]
		line, column = start.Line, start.Column+column-1
	}
	line = max(1, min(line, len(s.starts)))
	if s.widths[line-1] == 0 {
		s.widths[line-1] = 1 + utf8.RuneCount(bytes.TrimSuffix(s.data[s.starts[line-1]:s.lineEnd(line-1)], []byte{'\n'}))
	}
	return rule.Pos{File: s.name, Line: line, Column: max(1, min(column, s.widths[line-1]))}
}

// offset returns the place of a byte.
func (s *source) offset(off int) rule.Pos {
	off = max(0, min(off, len(s.data)))
	line := sort.SearchInts(s.starts, off+1)
	start := s.starts[line-1]
	return rule.Pos{File: s.name, Line: line, Column: 1 + utf8.RuneCount(s.data[start:off])}
}

func (s *source) at(off int, what, hint string) rule.Problem {
	return rule.Problem{Pos: s.offset(off), What: what, Hint: hint}
}

// syntaxProblem says where and why the file is not YAML.
//
// The library's own line is that of the construct's start, or off by one, and
// it has no column. But it reads from left to right: so the place is where the
// shortest beginning of the file ends that fails with the same words. An
// unclosed bracket or quote is thereby found at the bracket or quote itself.
func (s *source) syntaxProblem(err error) rule.Problem {
	words := errorWords(err)
	if strings.HasPrefix(words, "exceeded max depth") {
		s.budget /= 4 // deep nesting is slow to parse
	}
	line := shortest(len(s.starts)-1, func(n int) bool { return s.fails(s.lineEnd(n), words) })
	start := s.starts[line]
	ends := runeEnds(s.data[start:s.lineEnd(line)])
	off := start
	if len(ends) > 0 {
		last := shortest(len(ends)-1, func(n int) bool { return s.fails(start+ends[n], words) })
		if last > 0 {
			off += ends[last-1]
		}
	}
	off = start + s.betterColumn(words, s.data[start:s.lineEnd(line)], off-start)
	what, hint := s.explain(words, off)
	return s.at(off, what, hint)
}

// betterColumn moves the place within its line where the end of the failing
// beginning is behind what is meant: to the alias, or to the indented key.
func (s *source) betterColumn(words string, line []byte, off int) int {
	if name, ok := unknownAnchor(words); ok {
		if i := bytes.LastIndex(line[:min(off+1, len(line))], []byte("*"+name)); i >= 0 {
			return i
		}
	}
	switch words {
	case "did not find expected '-' indicator", "did not find expected key", "did not find expected <document start>":
		return len(line) - len(bytes.TrimLeft(line, " \t\ufeff"))
	}
	return off
}

// lineEnd returns the offset behind a 0-based line, its line end included.
func (s *source) lineEnd(n int) int {
	if n+1 < len(s.starts) {
		return s.starts[n+1]
	}
	return len(s.data)
}

// fails says whether the beginning of the file fails with these words; once
// the budget is spent, it says no, and the best place so far stands.
func (s *source) fails(end int, words string) bool {
	if s.budget -= end; s.budget < 0 {
		return false
	}
	_, err := parseNodes(s.data[:end])
	return err != nil && errorWords(err) == words
}

// shortest returns the start of the run of numbers up to last for which fails
// is true, last among them. It halves, then looks a little ahead: a place far
// before the error may fail with the same words when the text is cut there.
func shortest(last int, fails func(int) bool) int {
	lo, hi := -1, last // fails(hi), and not fails(lo)
	for hi-lo > 1 {
		mid := lo + (hi-lo)/2
		if !fails(mid) {
			lo = mid
			continue
		}
		if gap := firstGap(mid, hi, fails); gap > 0 {
			lo = gap
			continue
		}
		hi = mid
	}
	return hi
}

// firstGap returns a number between from and to that does not fail, or 0.
func firstGap(from, to int, fails func(int) bool) int {
	for i, step := from+1, 1; i < to; i, step = i+step, step+step/4 {
		if !fails(i) {
			return i
		}
	}
	return 0
}

// runeEnds returns the offsets behind each character of a line, without its end.
func runeEnds(line []byte) []int {
	line = bytes.TrimRight(line, "\r\n")
	ends := make([]int, 0, len(line))
	for i := 0; i < len(line); {
		_, n := utf8.DecodeRune(line[i:])
		i += n
		ends = append(ends, i)
	}
	return ends
}

// errorWords is the library's message without its place.
func errorWords(err error) string {
	words := strings.TrimPrefix(err.Error(), "yaml: ")
	if rest, ok := strings.CutPrefix(words, "line "); ok {
		if _, after, ok := strings.Cut(rest, ": "); ok {
			words = after
		}
	}
	return words
}

func unknownAnchor(words string) (string, bool) {
	rest, ok := strings.CutPrefix(words, "unknown anchor '")
	return strings.TrimSuffix(rest, "' referenced"), ok
}

// explain says in the user's terms what the library's words at a place mean.
func (s *source) explain(words string, off int) (what, hint string) {
	switch {
	case strings.Contains(words, "tab character"), off < len(s.data) && s.data[off] == '\t':
		return "a tab in the indentation", "indent with spaces"
	case words == "found character that cannot start any token" && off < len(s.data):
		return "a text cannot start with " + string(s.data[off]), "put it in quotes"
	case words == "did not find expected alphabetic or numeric character":
		return "a text cannot start with * or &", "put it in quotes"
	case words == "mapping values are not allowed in this context":
		return "a second \": \" in one line, or a key that is not indented like its neighbours", "quote the text, or fix the indentation"
	case words == "did not find expected ',' or ']'":
		return "a list that is not closed", "add ], or a comma between its items"
	case words == "did not find expected ',' or '}'":
		return "a mapping that is not closed", "add }, or a comma between its entries"
	case words == "did not find expected '-' indicator":
		return "this line is neither an item of the list above nor outside it", "indent it like its neighbours"
	case words == "did not find expected key":
		return "this line is not a key of the mapping above", "indent it like its neighbours"
	case words == "did not find expected <document start>":
		return "this line belongs to nothing above it", "indent it like its neighbours, or quote a text of several lines"
	case words == "could not find expected ':'":
		return "a key without a value", "write \"key: value\", or \"- item\" in a list"
	case words == "found unexpected end of stream":
		return "a quoted text that is not closed", "add the closing quote"
	case words == "found unknown escape character":
		return "an unknown escape in a double-quoted text", "use single quotes, or double the backslash"
	}
	if name, ok := unknownAnchor(words); ok {
		return "there is no anchor \"" + name + "\"", "write &" + name + " before the value that is meant, or quote the text"
	}
	return words, "this is not YAML"
}
