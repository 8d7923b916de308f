package yamlsyntax

import (
	"bytes"
	"unicode/utf8"
)

// folded collects the text of a scalar over several lines, where a single break
// between lines is a space and further ones are breaks.
type folded struct {
	out    []byte
	breaks int // since the last text
}

func (f *folded) join(blanks []byte) {
	switch {
	case f.breaks == 1:
		f.out = append(f.out, ' ')
	case f.breaks > 1:
		f.out = append(f.out, bytes.Repeat([]byte{'\n'}, f.breaks-1)...)
	default:
		f.out = append(f.out, blanks...)
	}
	f.breaks = 0
}

// fetchPlain scans a scalar without quotes.
func (s *scanner) fetchPlain() *Problem {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowed = false
	t := token{kind: scalarToken, style: plain, start: s.pos, from: s.pos, to: s.pos}
	var f folded
	multi, leading := false, false
	indent := s.indent + 1
	gap := s.pos // where the blanks in front of the next word began
	for {
		if s.pos == s.lineStart && s.atDocumentMark() || s.at(0) == '#' {
			break
		}
		word := s.pos
		if err := s.plainWord(); err != nil {
			return err
		}
		if s.pos > word {
			if f.breaks > 0 && !multi {
				multi = true
				f.out = append(f.out, s.data[t.from:t.to]...)
			}
			if multi {
				f.join(s.data[gap:word])
				f.out = append(f.out, s.data[word:s.pos]...)
			}
			t.to, leading = s.pos, false
		}
		if s.end() || !s.blankAt(0) && s.breakAt(0) == 0 {
			break
		}
		gap = s.pos
		for !s.end() {
			if n := s.breakAt(0); n > 0 {
				s.newline(n)
				leading = true
				f.breaks++
			} else if c := s.at(0); c == ' ' || c == '\t' {
				if c == '\t' && leading && s.column() < indent {
					return s.here("tab where indentation is expected, use spaces")
				}
				s.pos++
			} else {
				break
			}
		}
		if s.flow == 0 && s.column() < indent {
			break
		}
	}
	t.end = t.to
	if multi {
		t.owned = f.out
	}
	s.push(t)
	if leading {
		s.allowed = true
	}
	return nil
}

// plainWord goes to the end of a plain scalar's word: a blank, a break, or an
// indicator that ends the scalar.
func (s *scanner) plainWord() *Problem {
	for !s.end() {
		switch c := s.data[s.pos]; c {
		case ':':
			if s.blankzAt(1) {
				return nil
			}
			if s.flow > 0 && s.urls {
				switch s.at(1) {
				case ',', '[', ']', '{', '}':
					return nil
				}
			} else if s.flow > 0 {
				return s.here("no space behind ':', add one, or quote the text")
			}
		case ' ', '\t', '\n', '\r':
			return nil
		case '?':
			if s.flow > 0 && !s.urls {
				return nil
			}
		case ',', '[', ']', '{', '}':
			if s.flow > 0 {
				return nil
			}
		case 0xc2, 0xe2:
			if s.breakAt(0) > 0 {
				return nil
			}
		}
		s.pos++
	}
	return nil
}

// fetchQuoted scans a scalar in single or double quotes.
func (s *scanner) fetchQuoted(quote byte) *Problem {
	if err := s.saveKey(); err != nil {
		return err
	}
	s.allowed = false
	t := token{kind: scalarToken, style: quoted, start: s.pos, from: s.pos + 1}
	s.pos++
	var f folded
	own := false // the text is not what stands in the file
	takeOver := func(end int) {
		if !own {
			own = true
			f.out = append(f.out, s.data[t.from:end]...)
		}
	}
	for {
		if s.pos == s.lineStart && s.atDocumentMark() {
			return s.fail(t.start, t.start+1, "this quote is not closed before the document ends, close it")
		}
		if s.end() {
			return s.fail(t.start, t.start+1, "this quote is not closed, close it")
		}
		escapedBreak := false
		for !s.blankzAt(0) {
			c := s.data[s.pos]
			if c == quote && quote == '\'' && s.at(1) == '\'' {
				takeOver(s.pos)
				f.out = append(f.out, '\'')
				s.pos += 2
			} else if c == quote {
				break
			} else if c == '\\' && quote == '"' {
				takeOver(s.pos)
				if n := s.breakAt(1); n > 0 {
					s.pos++
					s.newline(n)
					escapedBreak = true
					break
				}
				var err *Problem
				if f.out, err = s.escape(f.out); err != nil {
					return err
				}
			} else {
				if own {
					f.out = append(f.out, c)
				}
				s.pos++
			}
		}
		if s.at(0) == quote {
			break
		}
		gap, leading := s.pos, escapedBreak
		f.breaks = 0
		for !s.end() {
			if n := s.breakAt(0); n > 0 {
				takeOver(gap) // blanks in front of a break are no text
				s.newline(n)
				leading = true
				f.breaks++
			} else if s.blankAt(0) {
				s.pos++
			} else {
				break
			}
		}
		if own {
			switch {
			case !leading:
				f.out = append(f.out, s.data[gap:s.pos]...)
			case escapedBreak:
				f.out = append(f.out, bytes.Repeat([]byte{'\n'}, f.breaks)...)
			default:
				f.join(nil)
			}
		}
	}
	t.to = s.pos
	s.pos++
	t.end = s.pos
	if own {
		t.owned = f.out
		if t.owned == nil {
			t.owned = []byte{}
		}
	}
	s.push(t)
	return nil
}

// escape decodes the escape at pos in double quotes and appends what it means.
func (s *scanner) escape(out []byte) ([]byte, *Problem) {
	digits := 0
	switch s.at(1) {
	case '0':
		out = append(out, 0)
	case 'a':
		out = append(out, '\a')
	case 'b':
		out = append(out, '\b')
	case 't', '\t':
		out = append(out, '\t')
	case 'n':
		out = append(out, '\n')
	case 'v':
		out = append(out, '\v')
	case 'f':
		out = append(out, '\f')
	case 'r':
		out = append(out, '\r')
	case 'e':
		out = append(out, 0x1b)
	case ' ', '"', '/', '\\':
		out = append(out, s.at(1))
	case 'N':
		out = append(out, "\u0085"...)
	case '_':
		out = append(out, "\u00a0"...)
	case 'L':
		out = append(out, "\u2028"...)
	case 'P':
		out = append(out, "\u2029"...)
	case 'x':
		digits = 2
	case 'u':
		digits = 4
	case 'U':
		digits = 8
	default:
		return nil, s.fail(s.pos, s.pos+2, "unknown escape, double the backslash, or use single quotes")
	}
	if digits > 0 {
		v, ok := hexValue(s.data[s.pos+2:], digits)
		switch {
		case !ok:
			return nil, s.fail(s.pos, s.pos+2, "too few hexadecimal digits in the escape, double the backslash, or use single quotes")
		case 0xd800 <= v && v <= 0xdfff || v > utf8.MaxRune:
			return nil, s.fail(s.pos, s.pos+2+digits, "the escape is no Unicode character")
		}
		out = utf8.AppendRune(out, rune(v))
	}
	s.pos += 2 + digits
	return out, nil
}
