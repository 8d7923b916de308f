package xmlsyntax

import (
	"bytes"
	"unicode/utf8"
)

// parser reads a text from front to back: the document, or the replacement text
// of an entity. Its methods return false at the first error, which they set.
type parser struct {
	data    []byte
	pos     int
	wide    bool // was UTF-16
	latin1  bool // was one byte a character
	problem *Problem
	dtd     *dtd

	open     []name // elements
	expanded int    // bytes that entities in the text expand to
}

// name is where a name stands in the text.
type name struct{ start, end int }

func newParser(data []byte) *parser { return &parser{data: data, dtd: &dtd{}} }

func (p *parser) report(start, end int, message string) bool {
	if p.problem == nil {
		p.problem = &Problem{start, max(start, min(end, len(p.data))), message}
	}
	return false
}

// fail reports an error at the character at pos.
func (p *parser) fail(message string) bool {
	_, n := utf8.DecodeRune(p.data[min(p.pos, len(p.data)):])
	return p.report(p.pos, p.pos+n, message)
}

func (p *parser) peek() byte {
	if p.pos < len(p.data) {
		return p.data[p.pos]
	}
	return 0
}

func (p *parser) end() bool { return p.pos >= len(p.data) }

func (p *parser) has(s string) bool { return bytes.HasPrefix(p.data[p.pos:], []byte(s)) }

// take goes over s where it stands here.
func (p *parser) take(s string) bool {
	if !p.has(s) {
		return false
	}
	p.pos += len(s)
	return true
}

func isSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

// spaces goes over white space and says whether there was any.
func (p *parser) spaces() bool {
	start := p.pos
	for !p.end() && isSpace(p.data[p.pos]) {
		p.pos++
	}
	return p.pos > start
}

// needSpaces takes white space that must be there.
func (p *parser) needSpaces() bool {
	return p.spaces() || p.fail("white space is missing, add a space")
}

// char goes over one character that XML allows.
func (p *parser) char() bool {
	c := p.data[p.pos]
	if c < utf8.RuneSelf {
		if c < ' ' && !isSpace(c) {
			return p.fail("control character, which XML cannot hold, remove it")
		}
		p.pos++
		return true
	}
	r, n := utf8.DecodeRune(p.data[p.pos:])
	if r == utf8.RuneError && n == 1 {
		return p.fail("not in the file's encoding, save it as UTF-8, or declare the encoding")
	}
	if r == 0xfffe || r == 0xffff {
		return p.fail("a character that XML cannot hold, remove it")
	}
	p.pos += n
	return true
}

// until goes behind the next end, over allowed characters; start is reported
// where there is none.
func (p *parser) until(end string, start int, what string) bool {
	for !p.end() {
		if p.take(end) {
			return true
		}
		if !p.char() {
			return false
		}
	}
	return p.report(start, start+1, what+" is not closed, close it with "+end)
}

// name takes a name.
func (p *parser) name(what string) (name, bool) {
	start := p.pos
	for !p.end() {
		r, n := rune(p.data[p.pos]), 1
		if r >= utf8.RuneSelf {
			r, n = utf8.DecodeRune(p.data[p.pos:])
		}
		if !isNameChar(r) || p.pos == start && !isNameStart(r) {
			break
		}
		p.pos += n
	}
	if p.pos == start {
		return name{}, p.fail(what + " is expected here")
	}
	return name{start, p.pos}, true
}

func (p *parser) text(n name) string { return string(p.data[n.start:n.end]) }

// isNameStart and isNameChar are the classes of XML 1.0, fifth edition, section
// 2.3, below U+10000, and without the byte order mark.
func isNameStart(r rune) bool {
	switch {
	case 'a' <= r && r <= 'z', 'A' <= r && r <= 'Z', r == '_', r == ':':
		return true
	case r < 0xc0:
		return false
	}
	return r != 0xd7 && r != 0xf7 && r <= 0x2ff || 0x370 <= r && r <= 0x1fff && r != 0x37e ||
		r == 0x200c || r == 0x200d || 0x2070 <= r && r <= 0x218f || 0x2c00 <= r && r <= 0x2fef ||
		0x3001 <= r && r <= 0xd7ff || 0xf900 <= r && r <= 0xfdcf || 0xfdf0 <= r && r <= 0xfffc && r != 0xfeff
}

func isNameChar(r rune) bool {
	return isNameStart(r) || '0' <= r && r <= '9' || r == '-' || r == '.' || r == 0xb7 ||
		0x300 <= r && r <= 0x36f || r == 0x203f || r == 0x2040
}
