package yamlsyntax

import "bytes"

// fetchBlockScalar scans a literal ('|') or folded ('>') scalar. Its text is
// kept as it stands, without folding: it is only ever compared with another
// key's, and no such key was seen outside tests.
func (s *scanner) fetchBlockScalar() *Problem {
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = true
	t := token{kind: scalarToken, style: block, start: s.pos}
	s.pos++
	step, err := s.blockHeader()
	if err != nil {
		return err
	}
	indent := 0
	if step > 0 {
		indent = max(s.indent, 0) + step
	}
	t.end = s.pos
	if indent, err = s.blockBreaks(indent); err != nil {
		return err
	}
	for !s.end() && s.column() == indent {
		from := s.pos
		s.restOfLine()
		t.owned = append(append(t.owned, s.data[from:s.pos]...), '\n')
		t.end = s.pos
		if n := s.breakAt(0); n > 0 {
			s.newline(n)
		}
		if indent, err = s.blockBreaks(indent); err != nil {
			return err
		}
	}
	if t.owned = bytes.TrimRight(t.owned, "\n"); t.owned == nil {
		t.owned = []byte{}
	}
	s.push(t)
	return nil
}

// blockHeader scans the chomping and indentation indicators and the rest of the
// line; step is 0 where the indentation is to be found out.
func (s *scanner) blockHeader() (step int, err *Problem) {
	chomped := false
	for {
		switch c := s.at(0); {
		case (c == '+' || c == '-') && !chomped:
			chomped = true
		case c == '0' && step == 0:
			return 0, s.here("an indentation of 0 is none, write 1 to 9")
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
				return 0, s.here("the text of a block scalar begins on the next line, move it there, or quote it")
			}
			return step, nil
		}
		s.pos++
	}
}

// blockBreaks goes over the indentation and the empty lines in front of a line
// of text, and finds the indentation out where it is 0.
func (s *scanner) blockBreaks(indent int) (int, *Problem) {
	deepest := 0
	for {
		for (indent == 0 || s.column() < indent) && s.at(0) == ' ' {
			s.pos++
		}
		deepest = max(deepest, s.column())
		if (indent == 0 || s.column() < indent) && s.at(0) == '\t' {
			return 0, s.here("tab where indentation is expected, use spaces")
		}
		n := s.breakAt(0)
		if n == 0 {
			break
		}
		s.newline(n)
	}
	if indent == 0 {
		indent = max(deepest, s.indent+1, 1)
	}
	return indent, nil
}
