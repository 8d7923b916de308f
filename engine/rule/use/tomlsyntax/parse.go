package tomlsyntax

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// Check returns what is wrong with the text, in the order of the places that it
// is noticed at; nil where it is TOML.
func Check(data []byte) []Problem {
	p := parser{data: data}
	p.root.declared = true
	if at, ok := invalidUTF8(data); ok {
		p.report(at, at+1, "not UTF-8, save the file in that encoding")
		return p.problems
	}
	p.document()
	return p.problems
}

func invalidUTF8(data []byte) (at int, found bool) {
	if utf8.Valid(data) {
		return 0, false
	}
	for i := 0; ; {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n <= 1 {
			return i, true
		}
		i += n
	}
}

// parser reads a text from front to back. Its methods return false at an error
// of syntax, which they have reported.
type parser struct {
	data     []byte
	pos      int
	depth    int
	problems []Problem

	root entry
	// pending are the tables that dotted keys opened since the last header:
	// declared once the next header is met.
	pending []*entry
	line    int // see lineOf
	lineAt  int
}

func (p *parser) report(start, end int, format string, args ...any) {
	if len(p.problems) == MaxProblems {
		return
	}
	p.problems = append(p.problems, Problem{start, max(start, min(end, len(p.data))), fmt.Sprintf(format, args...)})
}

// fail reports an error of syntax at the character at pos.
func (p *parser) fail(format string, args ...any) bool {
	_, n := utf8.DecodeRune(p.data[min(p.pos, len(p.data)):])
	p.report(p.pos, p.pos+n, format, args...)
	return false
}

// lineOf returns the line of an offset, for a message.
func (p *parser) lineOf(at int) int {
	if len(p.problems) == MaxProblems {
		return 0 // for a problem that is not named
	}
	if at < p.lineAt {
		p.line, p.lineAt = 0, 0
	}
	p.line += bytes.Count(p.data[p.lineAt:at], []byte{'\n'})
	p.lineAt = at
	return p.line + 1
}

// peek returns the byte at pos, 0 at the end. (A NUL is an error wherever it is.)
func (p *parser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

func (p *parser) has(s string) bool { return bytes.HasPrefix(p.data[p.pos:], []byte(s)) }

func (p *parser) spaces() {
	for p.peek() == ' ' || p.peek() == '\t' {
		p.pos++
	}
}

// newline takes a line end.
func (p *parser) newline() bool {
	switch {
	case p.peek() == '\n':
		p.pos++
	case p.has("\r\n"):
		p.pos += 2
	default:
		return false
	}
	return true
}

// comment takes a comment up to the line's end.
func (p *parser) comment() bool {
	if p.peek() != '#' {
		return true
	}
	for p.pos < len(p.data) && p.data[p.pos] != '\n' && !p.has("\r\n") {
		if isControl(p.data[p.pos]) {
			return p.fail("control character U+%04X in a comment, remove it", p.data[p.pos])
		}
		p.pos++
	}
	return true
}

func isControl(c byte) bool { return c < ' ' && c != '\t' || c == 0x7f }

func isBare(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-' || c == '_'
}

// document takes statements, one a line.
func (p *parser) document() {
	table := &p.root
	for {
		p.spaces()
		if p.pos == len(p.data) {
			return
		}
		if p.newline() {
			continue
		}
		ok := true
		switch c := p.peek(); {
		case c == '#':
		case c == '[':
			table, ok = p.header()
		case isBare(c) || c == '"' || c == '\'':
			ok = p.keyValue(table, true)
		case p.has("\ufeff") && p.pos == 0:
			ok = p.fail("byte order mark, remove it")
		default:
			ok = p.fail("found %q where a key or a table must begin, remove it, or quote the key", p.char())
		}
		if !ok {
			return
		}
		p.spaces()
		if !p.comment() {
			return
		}
		if p.pos < len(p.data) && !p.newline() {
			p.fail("found %q where the line must end, put it on a line of its own, or quote the text", p.char())
			return
		}
	}
}

// char returns the character at pos, for a message.
func (p *parser) char() string {
	if p.pos >= len(p.data) {
		return "end of file"
	}
	r, _ := utf8.DecodeRune(p.data[p.pos:])
	return string(r)
}

// part is one name of a dotted key.
type part struct {
	name       string
	start, end int
}

// key takes a dotted key.
func (p *parser) key() ([]part, bool) {
	var parts []part
	for {
		start := p.pos
		var name []byte
		ok := true
		switch c := p.peek(); {
		case isBare(c):
			for isBare(p.peek()) {
				p.pos++
			}
			name = p.data[start:p.pos]
		case c == '\'' || c == '"':
			name, ok = p.oneLine(c)
		default:
			ok = p.fail("found %q where a key is expected, quote the key where it holds more than letters, digits, '-' and '_'", p.char())
		}
		if !ok {
			return nil, false
		}
		parts = append(parts, part{string(name), start, p.pos})
		p.spaces()
		if p.peek() != '.' {
			return parts, true
		}
		p.pos++
		p.spaces()
	}
}

// header takes "[a.b]" or "[[a.b]]", and returns the table that it opens.
func (p *parser) header() (*entry, bool) {
	for _, e := range p.pending {
		e.declared = true
	}
	p.pending = p.pending[:0]
	start := p.pos
	closing := "]"
	if p.pos++; p.peek() == '[' {
		closing = "]]"
		p.pos++
	}
	p.spaces()
	key, ok := p.key()
	if !ok {
		return nil, false
	}
	if !p.has(closing) {
		return nil, p.fail("found %q where the table's %q is expected, add it", p.char(), closing)
	}
	p.pos += len(closing)
	return p.open(key, closing == "]]", start), true
}

// open finds the table of a header, makes it where it is new, and reports where
// it may not be opened.
func (p *parser) open(key []part, list bool, start int) *entry {
	e := &p.root
	for i, k := range key {
		parent := e
		known := parent.names[k.name] != nil
		e = parent.child(k.name, k.start)
		last := i == len(key)-1
		switch {
		case e.frozen || e.value:
			p.report(start, p.pos, "%q has a value at line %d and is no table, rename one", k.name, p.lineOf(e.first))
			return &entry{declared: true}
		case !last:
		case list && known && !e.list:
			p.report(start, p.pos, "%q is a table at line %d and no list of tables, rename one", k.name, p.lineOf(e.first))
			return &entry{declared: true}
		case list:
			e.list, e.names = true, nil
			e.declared = true
		case e.declared:
			p.report(start, p.pos, "table %q is there twice, first at line %d, merge them or rename one", k.name, p.lineOf(e.first))
		default:
			e.declared = true
		}
	}
	return e
}

// keyValue takes "a.b = value" into a table. In the document, the tables that a
// dotted key opens are closed by the next header; in an inline table, there is none.
func (p *parser) keyValue(table *entry, document bool) bool {
	start := p.pos
	key, ok := p.key()
	if !ok {
		return false
	}
	keyEnd := key[len(key)-1].end
	if p.peek() != '=' {
		return p.fail("found %q where '=' is expected behind the key, add it", p.char())
	}
	p.pos++
	p.spaces()
	collection := p.peek() == '[' || p.peek() == '{'
	if !p.value() {
		return false
	}
	e := table
	for i, k := range key {
		_, known := e.names[k.name]
		e = e.child(k.name, k.start)
		switch {
		case i == len(key)-1 && known:
			p.report(start, keyEnd, "key %q is there twice, first at line %d, remove or rename one", k.name, p.lineOf(e.first))
			return true
		case i == len(key)-1:
			e.value, e.frozen = true, collection
		case e.value || e.frozen:
			p.report(start, keyEnd, "%q has a value at line %d and takes no further keys, rename one", k.name, p.lineOf(e.first))
			return true
		case document && e.declared:
			p.report(start, keyEnd, "table %q was closed before, at line %d, add the key there", k.name, p.lineOf(e.first))
			return true
		case document:
			p.pending = append(p.pending, e)
		}
	}
	return true
}
