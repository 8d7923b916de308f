package tomlsyntax

import "unicode/utf8"

// oneLine takes a string in single or double quotes, and returns what it means.
func (p *parser) oneLine(quote byte) ([]byte, bool) {
	start := p.pos
	p.pos++
	var text []byte
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case c == quote:
			p.pos++
			return text, true
		case c == '\\' && quote == '"':
			var ok bool
			if text, ok = p.escape(text); !ok {
				return nil, false
			}
			continue
		case c == '\n' || c == '\r':
			p.report(start, start+1, "this quote is not closed on its line, close it, or use three of them")
			return nil, false
		case isControl(c):
			return nil, p.fail("control character U+%04X in a string, write it as an escape in double quotes", c)
		}
		text = append(text, c)
		p.pos++
	}
	p.report(start, start+1, "this quote is not closed, close it")
	return nil, false
}

// multiLine takes a string in three single or double quotes. Two more quotes in
// front of the closing three belong to the text.
func (p *parser) multiLine(quote byte) bool {
	start := p.pos
	three := string([]byte{quote, quote, quote})
	p.pos += 3
	for p.pos < len(p.data) {
		c := p.data[p.pos]
		switch {
		case p.has(three):
			p.pos += 3
			for n := 0; n < 2 && p.peek() == quote; n++ {
				p.pos++
			}
			return true
		case c == '\\' && quote == '"':
			if ended, ok := p.escapedLineEnd(); !ok {
				return false
			} else if ended {
				continue
			}
			if _, ok := p.escape(nil); !ok {
				return false
			}
			continue
		case p.newline():
			continue
		case isControl(c):
			return p.fail("control character U+%04X in a string, write it as an escape in double quotes", c)
		}
		p.pos++
	}
	p.report(start, start+3, "these quotes are not closed, close them")
	return false
}

// escapedLineEnd takes a backslash at a line's end with the white space behind
// it; found says that one stands here.
func (p *parser) escapedLineEnd() (found, ok bool) {
	start := p.pos
	p.pos++
	c := p.peek()
	if c != ' ' && c != '\t' && c != '\n' && !p.has("\r\n") {
		p.pos = start
		return false, true
	}
	p.spaces()
	if p.pos < len(p.data) && !p.newline() {
		p.report(start, start+1, "unknown escape, double the backslash, or use single quotes")
		return false, false
	}
	for p.newline() || p.peek() == ' ' || p.peek() == '\t' {
		p.spaces()
	}
	return true, true
}

// escape decodes an escape, and appends what it means.
func (p *parser) escape(text []byte) ([]byte, bool) {
	start := p.pos
	p.pos++
	c := p.peek()
	p.pos++
	switch c {
	case 'b':
		return append(text, '\b'), true
	case 't':
		return append(text, '\t'), true
	case 'n':
		return append(text, '\n'), true
	case 'f':
		return append(text, '\f'), true
	case 'r':
		return append(text, '\r'), true
	case '"', '\\':
		return append(text, c), true
	case 'u', 'U':
		digits := 4
		if c == 'U' {
			digits = 8
		}
		r, ok := p.hex(digits)
		if !ok || r >= 0xd800 && r <= 0xdfff || r > utf8.MaxRune {
			p.report(start, p.pos, "the escape is no Unicode character, write %d hexadecimal digits, double the backslash, or use single quotes", digits)
			return nil, false
		}
		return utf8.AppendRune(text, rune(r)), true
	}
	p.report(start, start+2, "unknown escape, double the backslash, or use single quotes")
	return nil, false
}

func (p *parser) hex(digits int) (r uint32, ok bool) {
	for range digits {
		c := p.peek()
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c && c <= 'f':
			c -= 'a' - 10
		case 'A' <= c && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | uint32(c)
		p.pos++
	}
	return r, true
}
