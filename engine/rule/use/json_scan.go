package use

import (
	"bytes"
	"fmt"
	"strings"
	"unicode/utf8"
)

// maxJSONDepth is how deep objects and arrays may nest: the limit that jsontext
// has. (Python's reader stops near 1000, with a traceback.)
const maxJSONDepth = 10000

// jsonScanner reads JSON token by token as Python's json module does: RFC 8259,
// and NaN, Infinity, -Infinity and lone surrogates (as escapes or as three
// bytes) besides. It holds the grammar: a token is handed out only where it may
// stand. Memory is one byte a level of nesting.
type jsonScanner struct {
	data  []byte
	pos   int
	open  []int // offsets of the brackets that are open
	state jsonState
}

type jsonState uint8

const (
	wantValue    jsonState = iota
	wantFirst              // behind "[": a value, or "]"
	wantFirstKey           // behind "{": a key, or "}"
	wantKey
	wantNext // behind a value: "," or a closing bracket, or the end
)

// jsonToken is one token: the bytes [start, end).
type jsonToken struct {
	kind       jsonKind
	start, end int
	// escaped says that a string holds a backslash.
	escaped bool
}

// jsonKind is the kind of a token. Brackets and literals are their first byte.
type jsonKind byte

const (
	jsonEnd    jsonKind = 0 // of the document
	jsonKey    jsonKind = 'k'
	jsonString jsonKind = '"'
	jsonInt    jsonKind = 'i'
	jsonFloat  jsonKind = 'e'
	jsonNaN    jsonKind = 'N'
	jsonInf    jsonKind = 'I'
	jsonNegInf jsonKind = '-'
)

// jsonError says where a document is no JSON, why, and what to do.
type jsonError struct {
	start, end int // bytes
	what       string
}

func (s *jsonScanner) fail(start, end int, format string, args ...any) (jsonToken, *jsonError) {
	return jsonToken{}, &jsonError{start, min(end, len(s.data)), fmt.Sprintf(format, args...)}
}

// next returns the next token; the kind jsonEnd behind the last one.
func (s *jsonScanner) next() (jsonToken, *jsonError) {
	s.skipSpace()
	if s.state == wantNext {
		if len(s.open) == 0 {
			return s.end()
		}
		if s.peek() != ',' {
			return s.close()
		}
		s.pos++
		s.skipSpace()
		s.state = wantValue
		if s.data[s.open[len(s.open)-1]] == '{' {
			s.state = wantKey
		}
		if c := s.peek(); c == '}' || c == ']' {
			return s.fail(s.pos, s.pos+1, "a comma stands before %q, remove the comma", c)
		}
	}
	switch c := s.peek(); {
	case s.state == wantFirst && c == ']', s.state == wantFirstKey && c == '}':
		return s.close()
	case s.state == wantFirstKey || s.state == wantKey:
		return s.key()
	}
	return s.value()
}

// peek returns the byte at the position, 0 at the end.
func (s *jsonScanner) peek() byte {
	if s.pos < len(s.data) {
		return s.data[s.pos]
	}
	return 0
}

func (s *jsonScanner) skipSpace() {
	for s.pos < len(s.data) {
		switch s.data[s.pos] {
		case ' ', '\n', '\r', '\t':
			s.pos++
		default:
			return
		}
	}
}

func (s *jsonScanner) end() (jsonToken, *jsonError) {
	if s.pos < len(s.data) {
		return s.fail(s.pos, s.pos+1, "%s follows the document's end, remove it or join both documents in an array", s.found())
	}
	return jsonToken{kind: jsonEnd, start: s.pos, end: s.pos}, nil
}

// close reads the bracket that closes the innermost open one.
func (s *jsonScanner) close() (jsonToken, *jsonError) {
	last := len(s.open) - 1
	want := s.data[s.open[last]] + 2 // in ASCII "]" is "[" + 2, "}" is "{" + 2
	if s.peek() != want {
		if s.pos == len(s.data) {
			return s.unclosed()
		}
		return s.fail(s.pos, s.pos+1, "found %s, put a comma before it, or close with %q", s.found(), want)
	}
	s.open = s.open[:last]
	return s.take(jsonKind(want), 1), nil
}

func (s *jsonScanner) unclosed() (jsonToken, *jsonError) {
	if len(s.open) == 0 {
		return s.fail(s.pos, s.pos, "the file holds no value, write one, such as {}")
	}
	at := s.open[len(s.open)-1]
	line := 1 + bytes.Count(s.data[:at], []byte{'\n'})
	return s.fail(s.pos, s.pos, "the file ends before the %q of line %d is closed, close it with %q", s.data[at], line, s.data[at]+2)
}

// take returns the token of the next n bytes, behind which a value has ended.
func (s *jsonScanner) take(kind jsonKind, n int) jsonToken {
	t := jsonToken{kind: kind, start: s.pos, end: s.pos + n}
	s.pos += n
	s.state = wantNext
	return t
}

// key reads a key and its colon.
func (s *jsonScanner) key() (jsonToken, *jsonError) {
	switch c := s.peek(); {
	case s.pos == len(s.data):
		return s.unclosed()
	case c != '"':
		return s.fail(s.pos, s.pos+1, "found %s where a key should be, put the key in double quotes", s.found())
	}
	t, err := s.string()
	if err != nil {
		return t, err
	}
	t.kind = jsonKey
	s.skipSpace()
	if s.peek() != ':' {
		return s.fail(s.pos, s.pos+1, "found %s behind a key, put a colon there", s.found())
	}
	s.pos++
	s.state = wantValue
	return t, nil
}

func (s *jsonScanner) value() (jsonToken, *jsonError) {
	switch c := s.peek(); c {
	case '"':
		return s.string()
	case '{', '[':
		if len(s.open) == maxJSONDepth {
			return s.fail(s.pos, s.pos+1, "more than %d levels of nesting, split the document", maxJSONDepth)
		}
		s.open = append(s.open, s.pos)
		t := s.take(jsonKind(c), 1)
		s.state = wantFirst
		if c == '{' {
			s.state = wantFirstKey
		}
		return t, nil
	case 'n', 't', 'f', 'N', 'I':
		return s.literal()
	}
	if c := s.peek(); c == '-' || isDigit(c) {
		return s.number()
	}
	return s.noValue()
}

// noValue explains why no value begins here.
func (s *jsonScanner) noValue() (jsonToken, *jsonError) {
	switch c := s.peek(); {
	case s.pos == len(s.data):
		return s.unclosed()
	case c == '\'':
		return s.fail(s.pos, s.pos+1, "a string in single quotes, use double quotes")
	case c == '/':
		return s.fail(s.pos, s.pos+1, "JSON has no comments, remove it")
	case bytes.HasPrefix(s.data[s.pos:], utf8BOM):
		return s.fail(s.pos, s.pos+3, "a byte order mark within the document, remove it")
	}
	return s.fail(s.pos, s.pos+1, "found %s where a value should be, write a value", s.found())
}

// found names what stands at the position, for a message.
func (s *jsonScanner) found() string {
	if s.pos == len(s.data) {
		return "the end of the file"
	}
	r, _ := utf8.DecodeRune(s.data[s.pos:])
	return fmt.Sprintf("%q", r)
}

var jsonLiterals = [...]struct {
	text string
	kind jsonKind
}{{"null", 'n'}, {"true", 't'}, {"false", 'f'}, {"NaN", jsonNaN}, {"Infinity", jsonInf}, {"-Infinity", jsonNegInf}}

func (s *jsonScanner) literal() (jsonToken, *jsonError) {
	for _, l := range jsonLiterals {
		if rest := s.data[s.pos:]; len(rest) >= len(l.text) && string(rest[:len(l.text)]) == l.text {
			return s.take(l.kind, len(l.text)), nil
		}
	}
	return s.fail(s.pos, s.pos+1, "an unknown word, write true, false or null, or put it in double quotes")
}

// number reads -?(0|[1-9][0-9]*)([.][0-9]+)?([eE][-+]?[0-9]+)?
func (s *jsonScanner) number() (jsonToken, *jsonError) {
	i, kind := s.pos, jsonInt
	if s.data[i] == '-' {
		i++
		if i < len(s.data) && s.data[i] == 'I' {
			return s.literal()
		}
	}
	first := i
	i = s.digits(i)
	switch {
	case i == first:
		return s.fail(s.pos, i+1, "a minus without a number, write the number")
	case s.data[first] == '0' && i > first+1:
		return s.fail(s.pos, i, "a number begins with 0, remove the 0 or put the number in double quotes")
	}
	if i < len(s.data) && s.data[i] == '.' {
		end := s.digits(i + 1)
		if end == i+1 {
			return s.fail(s.pos, end, "a number ends in a point, write a digit behind it")
		}
		i, kind = end, jsonFloat
	}
	if i < len(s.data) && (s.data[i] == 'e' || s.data[i] == 'E') {
		j := i + 1
		if j < len(s.data) && (s.data[j] == '+' || s.data[j] == '-') {
			j++
		}
		end := s.digits(j)
		if end == j {
			return s.fail(s.pos, end, "a number has an empty exponent, write its digits")
		}
		i, kind = end, jsonFloat
	}
	return s.take(kind, i-s.pos), nil
}

// digits returns the offset behind the digits that begin at i.
func (s *jsonScanner) digits(i int) int {
	for i < len(s.data) && isDigit(s.data[i]) {
		i++
	}
	return i
}

func isDigit(c byte) bool { return '0' <= c && c <= '9' }

// string reads a string, its quotes included, and checks its escapes.
func (s *jsonScanner) string() (jsonToken, *jsonError) {
	escaped := false
	for i := s.pos + 1; i < len(s.data); i++ {
		switch c := s.data[i]; {
		case c == '"':
			t := s.take(jsonString, i+1-s.pos)
			t.escaped = escaped
			return t, nil
		case c == '\\':
			escaped = true
			n := escapeLen(s.data[i:])
			if n == 0 {
				return s.fail(i, i+2, "an escape that JSON does not have, write the backslash as \\\\")
			}
			i += n - 1
		case c == '\n' || c == '\r':
			return s.fail(s.pos, i, "the string is not closed on its line, close it with \", or write the line break as \\n")
		case c < 0x20:
			return s.fail(i, i+1, "a control character in a string, write it as \\u%04x", c)
		}
	}
	return s.fail(s.pos, len(s.data), "the string is not closed, close it with \"")
}

// escapeLen returns the length of the escape that b begins with; 0 where it is none.
func escapeLen(b []byte) int {
	switch {
	case len(b) < 2:
		return 0
	case strings.IndexByte(`"\/bfnrt`, b[1]) >= 0:
		return 2
	case b[1] != 'u' || len(b) < 6:
		return 0
	}
	for _, c := range b[2:6] {
		if hexValue(c) < 0 {
			return 0
		}
	}
	return 6
}

// hexValue returns the value of a hexadecimal digit, -1 where it is none.
func hexValue(c byte) rune {
	switch {
	case isDigit(c):
		return rune(c - '0')
	case 'a' <= c && c <= 'f':
		return rune(c-'a') + 10
	case 'A' <= c && c <= 'F':
		return rune(c-'A') + 10
	}
	return -1
}
