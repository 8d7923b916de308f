package yamlsyntax

import (
	"bytes"
	"unicode/utf8"
)

// scanner turns the text into tokens. The method is libyaml's, because its
// verdict on every odd case is what is wanted: a token that may turn out to be
// a key ("simple key") is remembered, and when its ':' is met, the KEY token,
// and the start of a mapping where one starts, are put in front of it.
//
// Columns are 0-based and count code points, as indentation does.
type scanner struct {
	data      []byte
	pos       int
	line      int
	lineStart int
	// col is the column of the byte at colPos, which lies on the current line;
	// it saves counting a long line from its start again and again.
	col, colPos int
	ascii       bool

	queue []token // scanned, not yet taken; queue[head:] are left
	head  int
	taken int // tokens taken so far

	indent  int
	indents []int
	flow    int         // depth of flow collections
	keys    []simpleKey // one a flow level, and the block level's
	// lowest is the first of keys that may be possible. Keys start one behind
	// the other, so the lowest goes stale first, and is the first to be taken:
	// no question needs a look at each level.
	lowest int
	// allowed says that a key may start here: at a line's start, after an
	// indicator, and in front of most things in flow collections.
	allowed bool
	ended   bool
	// urls says that in flow collections, too, a ':' is part of a plain scalar
	// where no blank follows, as libyaml has had it since 0.2: [http://host].
	urls bool
}

// simpleKey is a token that becomes a key if a ':' follows it on its line
// within 1024 characters.
type simpleKey struct {
	possible bool
	required bool // nothing else can stand at this column
	number   int  // of its token, counted from the start of the text
	line     int
	col      int
	start    int
}

// bom is the byte order mark: the text may begin with one, which takes no room,
// and each line with another, which takes a column.
var bom = []byte("\ufeff")

func newScanner(data []byte) scanner {
	ascii := true
	for _, c := range data {
		if c >= utf8.RuneSelf {
			ascii = false
			break
		}
	}
	s := scanner{data: data, ascii: ascii, indent: -1, keys: make([]simpleKey, 1, 8), allowed: true}
	if bytes.HasPrefix(data, bom) {
		s.pos, s.lineStart, s.colPos = len(bom), len(bom), len(bom)
	}
	return s
}

// at returns the byte n places on, 0 behind the end: no text holds a NUL here.
func (s *scanner) at(n int) byte {
	if s.pos+n < len(s.data) {
		return s.data[s.pos+n]
	}
	return 0
}

// breakAt returns the length in bytes of the line break at n places on, 0
// where there is none. CRLF is one break; NEL, LS and PS are breaks too.
func (s *scanner) breakAt(n int) int {
	i := s.pos + n
	if i >= len(s.data) {
		return 0
	}
	switch c := s.data[i]; {
	case c == '\n':
		return 1
	case c > '\r' && c < 0x80:
		return 0
	case c == '\r':
		if i+1 < len(s.data) && s.data[i+1] == '\n' {
			return 2
		}
		return 1
	case c == 0xc2 && s.data[i+1] == 0x85:
		return 2
	case c == 0xe2 && s.data[i+1] == 0x80 && (s.data[i+2] == 0xa8 || s.data[i+2] == 0xa9):
		return 3
	}
	return 0
}

func (s *scanner) blankAt(n int) bool { c := s.at(n); return c == ' ' || c == '\t' }

// blankzAt says whether a blank, a break or the end of the text is n places on.
func (s *scanner) blankzAt(n int) bool {
	return s.pos+n >= len(s.data) || s.blankAt(n) || s.breakAt(n) > 0
}

func (s *scanner) end() bool { return s.pos >= len(s.data) }

// column returns the column of pos.
func (s *scanner) column() int {
	if s.ascii {
		return s.pos - s.lineStart
	}
	if s.pos > s.colPos {
		s.col += utf8.RuneCount(s.data[s.colPos:s.pos])
		s.colPos = s.pos
	}
	return s.col
}

// newline goes over a break of n bytes.
func (s *scanner) newline(n int) {
	s.pos += n
	s.line++
	s.lineStart, s.col, s.colPos = s.pos, 0, s.pos
}

// restOfLine goes to the next break or the end.
func (s *scanner) restOfLine() {
	for !s.end() && s.breakAt(0) == 0 {
		s.pos++
	}
}

func (s *scanner) fail(start, end int, message string) *Problem {
	return &Problem{start, max(start, min(end, len(s.data))), message}
}

// here is a problem with the character at pos.
func (s *scanner) here(message string) *Problem {
	_, n := utf8.DecodeRune(s.data[min(s.pos, len(s.data)):])
	return s.fail(s.pos, s.pos+n, message)
}

func (s *scanner) push(t token) {
	s.queue = append(s.queue, t)
}

// indicator adds a token of n bytes at pos.
func (s *scanner) indicator(kind tokenKind, n int) {
	s.push(token{kind: kind, start: s.pos, end: s.pos + n})
	s.pos += n
}

// insert puts a token in front of the one with a number.
func (s *scanner) insert(number int, t token) {
	i := s.head + number - s.taken
	s.queue = append(s.queue, token{})
	copy(s.queue[i+1:], s.queue[i:])
	s.queue[i] = t
}

// peek returns the next token, which stays.
func (s *scanner) peek() (*token, *Problem) {
	for {
		more := s.head == len(s.queue)
		if !more {
			if err := s.dropStaleKeys(); err != nil {
				return nil, err
			}
			// What a possible key is, is not settled before its line is over.
			more = s.lowest < len(s.keys) && s.keys[s.lowest].number == s.taken
		}
		if !more {
			return &s.queue[s.head], nil
		}
		if s.ended {
			return &token{kind: streamEnd, start: len(s.data), end: len(s.data)}, nil
		}
		if err := s.fetch(); err != nil {
			return nil, err
		}
	}
}

// skip takes the token that peek returned.
func (s *scanner) skip() {
	if s.head == len(s.queue) {
		return // the end of the text, which may be taken again
	}
	s.head++
	s.taken++
	switch {
	case s.head == len(s.queue):
		s.queue, s.head = s.queue[:0], 0
	case s.head >= 64:
		s.queue, s.head = s.queue[:copy(s.queue, s.queue[s.head:])], 0
	}
}

// fetch scans at least one token.
func (s *scanner) fetch() *Problem {
	s.toNextToken()
	if err := s.dropStaleKeys(); err != nil {
		return err
	}
	col := s.column()
	s.unroll(col)
	if s.end() {
		return s.fetchEnd()
	}
	c := s.data[s.pos]
	if col == 0 && c == '%' {
		return s.fetchDirective()
	}
	if col == 0 && s.atDocumentMark() {
		return s.fetchDocumentMark(c)
	}
	switch c {
	case '[':
		return s.fetchFlowStart(flowSequenceStart)
	case '{':
		return s.fetchFlowStart(flowMappingStart)
	case ']':
		return s.fetchFlowEnd(flowSequenceEnd)
	case '}':
		return s.fetchFlowEnd(flowMappingEnd)
	case ',':
		return s.fetchFlowEntry()
	case '*', '&':
		return s.fetchAnchor(c)
	case '!':
		return s.fetchTag()
	case '\'', '"':
		return s.fetchQuoted(c)
	case '-':
		if s.blankzAt(1) {
			return s.fetchBlockEntry()
		}
	case '?':
		if s.flow > 0 || s.blankzAt(1) {
			return s.fetchKey()
		}
	case ':':
		if s.flow > 0 || s.blankzAt(1) {
			return s.fetchValue()
		}
	case '|', '>':
		if s.flow == 0 {
			return s.fetchBlockScalar()
		}
		return s.here("a block scalar cannot stand inside brackets, quote the text")
	case '%', '@', '`':
		return s.here("a plain scalar cannot begin with '" + string(rune(c)) + "', quote it")
	case '\t':
		return s.here("tab where indentation is expected, use spaces")
	}
	return s.fetchPlain()
}

// toNextToken goes over blanks, comments and breaks.
func (s *scanner) toNextToken() {
	for {
		if s.pos == s.lineStart && bytes.HasPrefix(s.data[s.pos:], bom) {
			s.pos += len(bom)
		}
		for s.pos < len(s.data) && (s.data[s.pos] == ' ' || s.data[s.pos] == '\t' && (s.flow > 0 || !s.allowed)) {
			s.pos++
		}
		if s.at(0) == '#' {
			s.restOfLine()
		}
		n := s.breakAt(0)
		if n == 0 {
			return
		}
		s.newline(n)
		if s.flow == 0 {
			s.allowed = true
		}
	}
}

// atDocumentMark says whether "---" or "..." stands here for itself.
func (s *scanner) atDocumentMark() bool {
	c := s.at(0)
	return (c == '-' || c == '.') && s.at(1) == c && s.at(2) == c && s.blankzAt(3)
}
