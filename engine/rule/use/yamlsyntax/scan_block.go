package yamlsyntax

import "bytes"

// fetchBlockScalar scans a literal ('|') or folded ('>') scalar, as libyaml's
// yaml_parser_scan_block_scalar does.
func (s *scanner) fetchBlockScalar() *Problem {
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = true
	t := token{kind: scalarToken, style: block, start: s.pos, owned: []byte{}}
	fold := s.data[s.pos] == '>'
	s.pos++
	step, chomp, err := s.blockHeader()
	if err != nil {
		return err
	}
	indent, breaks := 0, 0
	if step > 0 {
		indent = max(s.indent, 0) + step
	}
	t.end = s.pos
	if indent, breaks, err = s.blockBreaks(indent); err != nil {
		return err
	}
	ended, blank := false, false // the line before: whether a break ends it, and a blank begins it
	for !s.end() && s.column() == indent {
		switch {
		case !ended:
		case !fold || blank || s.blankAt(0):
			t.owned = append(t.owned, '\n')
		case breaks == 0:
			t.owned = append(t.owned, ' ')
		}
		t.owned = append(t.owned, bytes.Repeat([]byte{'\n'}, breaks)...)
		blank = s.blankAt(0)
		from := s.pos
		s.restOfLine()
		t.owned = append(t.owned, s.data[from:s.pos]...)
		t.end = s.pos
		n := s.breakAt(0)
		if ended = n > 0; ended {
			s.newline(n)
		}
		if indent, breaks, err = s.blockBreaks(indent); err != nil {
			return err
		}
	}
	if ended && chomp != '-' {
		t.owned = append(t.owned, '\n')
	}
	if chomp == '+' {
		t.owned = append(t.owned, bytes.Repeat([]byte{'\n'}, breaks)...)
	}
	s.push(t)
	return nil
}

// blockHeader scans the chomping and indentation indicators and the rest of the
// line; step is 0 where the indentation is to be found out, and chomp what becomes
// of the breaks at the end: '-' drops them, '+' keeps them, 0 keeps one.
func (s *scanner) blockHeader() (step int, chomp byte, err *Problem) {
	for {
		switch c := s.at(0); {
		case (c == '+' || c == '-') && chomp == 0:
			chomp = c
		case c == '0' && step == 0:
			return 0, 0, s.here("an indentation of 0 is none, write 1 to 9")
		case '1' <= c && c <= '9' && step == 0:
			step = int(c - '0')
		default:
			s.skipBlanks()
			if s.at(0) == '#' {
				s.restOfLine()
			}
			if n := s.breakAt(0); n > 0 {
				s.newline(n)
			} else if !s.end() {
				return 0, 0, s.here("the text of a block scalar begins on the next line, move it there, or quote it")
			}
			return step, chomp, nil
		}
		s.pos++
	}
}

// blockBreaks goes over the indentation and the empty lines in front of a line
// of text, counts these, and finds the indentation out where it is 0.
func (s *scanner) blockBreaks(indent int) (found, breaks int, err *Problem) {
	deepest := 0
	for {
		for (indent == 0 || s.column() < indent) && s.at(0) == ' ' {
			s.pos++
		}
		deepest = max(deepest, s.column())
		if (indent == 0 || s.column() < indent) && s.at(0) == '\t' {
			return 0, 0, s.here("tab where indentation is expected, use spaces")
		}
		n := s.breakAt(0)
		if n == 0 {
			break
		}
		s.newline(n)
		breaks++
	}
	if indent == 0 {
		indent = max(deepest, s.indent+1, 1)
	}
	return indent, breaks, nil
}
