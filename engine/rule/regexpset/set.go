package regexpset

import (
	"bytes"
	"fmt"
	"regexp"
	"regexp/syntax"
	"sort"
	"strings"
)

// Set is some regular expressions. It is immutable.
type Set struct {
	patterns []pattern
	auto     *automaton // nil where no pattern has a literal
	// needles are the few literals of a set so small that looking for one after
	// the other is faster than the automaton; their owners stand in owners.
	needles [][]byte
	owners  []int32
}

// pattern is what is known of one expression.
type pattern struct {
	literals []string // every match holds one of these; nil: none is known
	folded   bool     // the literals are in lower case, and match any
	special  bool     // the literals hold a k or s that may also be U+212A or U+017F
	reach    int      // how many lines a match may go on over, those of white space not counted; everywhere is no bound
	crowded  bool     // the other patterns' literals left no room for its own
}

// everywhere is the reach of a pattern whose matches may hold any number of lines.
const everywhere = -1

// few is the most literals that are looked for one after the other: bytes.Index
// reads about 8 times as fast as the automaton.
const few = 3

// most is the greatest number of bytes of literals in an automaton: its table
// takes up to 1 KiB a byte. Patterns beyond it are run on every text.
const most = 8 << 10

// New returns the set of the expressions, which are used by their positions.
func New(exprs []*regexp.Regexp) *Set {
	s := &Set{}
	var b builder
	total, size, exact := 0, 0, true
	for i, re := range exprs {
		p := analyze(re.String())
		n := 0
		for _, l := range p.literals {
			n += len(l)
		}
		if size+n > most {
			p = pattern{reach: p.reach, crowded: true}
		} else {
			size += n
		}
		s.patterns = append(s.patterns, p)
		for _, l := range p.literals {
			b.add(l, int32(i))
			s.needles = append(s.needles, []byte(l))
			s.owners = append(s.owners, int32(i))
		}
		total += len(p.literals)
		exact = exact && !p.folded
		if p.special {
			b.add("\u212a", special)
			b.add("\u017f", special)
		}
	}
	if total > few || !exact {
		s.needles, s.owners = nil, nil
	}
	if total > 0 && s.needles == nil {
		s.auto = b.build()
	}
	return s
}

func analyze(expr string) pattern {
	re, err := syntax.Parse(expr, syntax.Perl)
	if err != nil {
		return pattern{reach: everywhere} // cannot be: it was compiled
	}
	re = re.Simplify()
	in := infoOf(re)
	p := pattern{reach: reachOf(re)}
	if best := in.best(); best.score() > 0 {
		p.literals, p.folded, p.special = best.words, best.folded, best.special
	}
	return p
}

// Span is the bytes [Start, End) of a text.
type Span struct{ Start, End int }

// Hits are the places of one text where the expressions may match.
type Hits struct {
	set   *Set
	size  int
	spans [][]Span // per pattern, sorted, apart; nil until one has a literal hit
	// special says that the text holds U+212A or U+017F.
	special bool
}

// Scan reads the text once.
func (s *Set) Scan(data []byte) Hits {
	h := Hits{set: s, size: len(data)}
	sc := scanner{Hits: &h, data: data}
	switch {
	case s.needles != nil:
		sc.needles()
	case s.auto != nil:
		sc.automaton(s.auto)
	}
	for i := range h.spans {
		if reach := s.patterns[i].reach; reach > 0 {
			h.spans[i] = widen(data, h.spans[i], reach)
		}
	}
	return h
}

// Spans returns where in [lo, hi) the expression at position i must be run:
// sorted, none touching another. Where the bounds are not the text's, they are
// to be a line's start and a line's end.
func (h *Hits) Spans(i, lo, hi int) []Span {
	p := &h.set.patterns[i]
	switch {
	case p.literals == nil, p.special && h.special:
		return []Span{{lo, hi}}
	case h.spans == nil || len(h.spans[i]) == 0:
		return nil
	case p.reach == everywhere:
		return []Span{{lo, hi}}
	case lo == 0 && hi == h.size:
		return h.spans[i]
	}
	return within(h.spans[i], lo, hi)
}

// within returns the parts of sorted spans that lie in [lo, hi).
func within(spans []Span, lo, hi int) []Span {
	spans = spans[sort.Search(len(spans), func(i int) bool { return spans[i].End >= lo }):]
	var out []Span
	for _, s := range spans {
		if s.Start > hi {
			break
		}
		out = append(out, Span{max(s.Start, lo), min(s.End, hi)})
	}
	return out
}

// special is the owner of the two letters that ASCII letters fold to.
const special = -1

// scanner collects the hits of one text.
type scanner struct {
	*Hits
	data []byte
	line Span // the line of the last hit, without its line end
}

// hit notes that a literal of a pattern ends at the byte at.
func (s *scanner) hit(owner int32, at int) {
	if owner == special {
		s.special = true
		return
	}
	if s.spans == nil {
		s.spans = make([][]Span, len(s.set.patterns))
	}
	list := s.spans[owner]
	if n := len(list); n > 0 && (s.set.patterns[owner].reach == everywhere || at < list[n-1].End) {
		return
	}
	s.find(at)
	// Lines that follow one another are one span: a match does not go over
	// their border, and fewer calls of the expression are faster.
	if n := len(list); n > 0 && list[n-1].End+1 == s.line.Start {
		list[n-1].End = s.line.End
		return
	}
	s.spans[owner] = append(list, s.line)
}

// find sets line to the one that holds the byte at.
func (s *scanner) find(at int) {
	if at >= s.line.Start && at < s.line.End {
		return
	}
	s.line.Start = bytes.LastIndexByte(s.data[:at], '\n') + 1
	s.line.End = len(s.data)
	if n := bytes.IndexByte(s.data[at:], '\n'); n >= 0 {
		s.line.End = at + n
	}
}

// needles looks for each literal in turn. A pattern's spans must come in order,
// so those of a pattern with several literals are put in order at the end.
func (s *scanner) needles() {
	for i, needle := range s.set.needles {
		owner := s.set.owners[i]
		if i > 0 && s.set.owners[i-1] == owner && s.spans != nil && len(s.spans[owner]) > 0 {
			s.again(owner, needle)
			continue
		}
		s.all(owner, needle)
	}
}

// all notes every line that holds the needle.
func (s *scanner) all(owner int32, needle []byte) {
	for at := 0; ; {
		n := bytes.Index(s.data[at:], needle)
		if n < 0 {
			return
		}
		s.hit(owner, at+n+len(needle)-1)
		if s.set.patterns[owner].reach == everywhere {
			return
		}
		at = min(s.line.End+1, len(s.data)) // one hit a line is enough
	}
}

// again adds a further literal's lines to those of the pattern.
func (s *scanner) again(owner int32, needle []byte) {
	if s.set.patterns[owner].reach == everywhere {
		return
	}
	first := s.spans[owner]
	s.spans[owner], s.line = nil, Span{}
	s.all(owner, needle)
	s.spans[owner] = merge(append(first, s.spans[owner]...))
}

// merge sorts spans of whole lines and joins those that overlap or follow one
// another.
func merge(spans []Span) []Span {
	sort.Slice(spans, func(i, j int) bool { return spans[i].Start < spans[j].Start })
	out := spans[:1]
	for _, s := range spans[1:] {
		if last := &out[len(out)-1]; s.Start <= last.End+1 {
			last.End = max(last.End, s.End)
			continue
		}
		out = append(out, s)
	}
	return out
}

// Explain says how the expression at position i is looked for.
func (s *Set) Explain(i int) string {
	p := s.patterns[i]
	if p.crowded {
		return "is one of too many patterns to look for its text first, so it runs over every file: give it a rule of its own"
	}
	if p.literals == nil {
		return "holds no text that every match must hold, so it runs over every file: slow where files are large"
	}
	words := make([]string, 0, len(p.literals))
	for _, l := range p.literals {
		words = append(words, fmt.Sprintf("%q", l))
	}
	what := strings.Join(words[:min(4, len(words))], ", ")
	if len(words) > 4 {
		what += fmt.Sprintf(" or %d more", len(words)-4)
	}
	if p.folded {
		what += " in any case"
	}
	switch {
	case p.reach == everywhere:
		return "may match over several lines, so it runs over each file that holds " + what
	case p.reach > 0:
		return "runs on the lines that hold " + what + " and those around them"
	}
	return "runs on the lines that hold " + what
}
