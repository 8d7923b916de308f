package yamlsyntax

// maxKey is the length in characters up to which a key may be written without '?'.
const maxKey = 1024

// dropStaleKeys gives up the possible keys whose line is over.
func (s *scanner) dropStaleKeys() *Problem {
	for ; s.lowest < len(s.keys); s.lowest++ {
		k := &s.keys[s.lowest]
		if !k.possible {
			continue
		}
		if k.line == s.line && s.column()-k.col <= maxKey {
			break
		}
		if k.required {
			return s.noColon(k)
		}
		k.possible = false
	}
	return nil
}

func (s *scanner) noColon(k *simpleKey) *Problem {
	end := k.start
	for end < len(s.data) && s.data[end] != '\n' && s.data[end] != '\r' {
		end++
	}
	return s.fail(k.start, end, "no ':' behind this key, add one, or mend the indentation")
}

// saveKey remembers that the token to come may be a key.
func (s *scanner) saveKey() *Problem {
	if !s.allowed {
		return nil
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	col := s.column()
	s.keys[len(s.keys)-1] = simpleKey{
		possible: true,
		required: s.flow == 0 && s.indent == col,
		number:   s.taken + len(s.queue) - s.head,
		line:     s.line,
		col:      col,
		start:    s.pos,
	}
	s.lowest = min(s.lowest, len(s.keys)-1)
	return nil
}

// removeKey gives up the possible key of this level.
func (s *scanner) removeKey() *Problem {
	k := &s.keys[len(s.keys)-1]
	if k.possible && k.required {
		return s.noColon(k)
	}
	k.possible = false
	return nil
}

// roll opens a block collection where the column is further in than the
// current one's; number is the token to put its start before, -1 for the end.
func (s *scanner) roll(col, number int, kind tokenKind, start int) {
	if s.flow > 0 || s.indent >= col {
		return
	}
	s.indents = append(s.indents, s.indent)
	s.indent = col
	t := token{kind: kind, start: start, end: start}
	if number < 0 {
		s.push(t)
	} else {
		s.insert(number, t)
	}
}

// unroll closes the block collections that are further in than the column.
func (s *scanner) unroll(col int) {
	for s.flow == 0 && s.indent > col {
		s.push(token{kind: blockEnd, start: s.pos, end: s.pos})
		s.indent = s.indents[len(s.indents)-1]
		s.indents = s.indents[:len(s.indents)-1]
	}
}

func (s *scanner) fetchEnd() *Problem {
	if s.pos > s.lineStart {
		s.newline(0) // what could be a key of this line no longer can
	}
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed, s.ended = false, true
	s.push(token{kind: streamEnd, start: s.pos, end: s.pos})
	return nil
}

func (s *scanner) fetchDocumentMark(c byte) *Problem {
	s.unroll(-1)
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = false
	kind := documentStart
	if c == '.' {
		kind = documentEnd
	}
	s.indicator(kind, 3)
	return nil
}

func (s *scanner) fetchFlowStart(kind tokenKind) *Problem {
	if err := s.saveKey(); err != nil {
		return err
	}
	if s.flow >= MaxDepth {
		return s.here("nested too deeply to be looked into")
	}
	s.keys = append(s.keys, simpleKey{})
	s.flow++
	s.allowed = true
	s.indicator(kind, 1)
	return nil
}

func (s *scanner) fetchFlowEnd(kind tokenKind) *Problem {
	if err := s.removeKey(); err != nil {
		return err
	}
	if s.flow > 0 {
		s.flow--
		s.keys = s.keys[:len(s.keys)-1]
	}
	s.allowed = false
	s.indicator(kind, 1)
	return nil
}

func (s *scanner) fetchFlowEntry() *Problem {
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = true
	s.indicator(flowEntry, 1)
	return nil
}

func (s *scanner) fetchBlockEntry() *Problem {
	if s.flow == 0 {
		if !s.allowed {
			return s.here("a list item cannot begin here, put it on a line of its own")
		}
		s.roll(s.column(), -1, blockSequenceStart, s.pos)
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = true
	s.indicator(blockEntry, 1)
	return nil
}

func (s *scanner) fetchKey() *Problem {
	if s.flow == 0 {
		if !s.allowed {
			return s.here("a key cannot begin here, put it on a line of its own, or quote the text")
		}
		s.roll(s.column(), -1, blockMappingStart, s.pos)
	}
	if err := s.removeKey(); err != nil {
		return err
	}
	s.allowed = s.flow == 0
	s.indicator(keyToken, 1)
	return nil
}

func (s *scanner) fetchValue() *Problem {
	k := &s.keys[len(s.keys)-1]
	if k.possible {
		s.insert(k.number, token{kind: keyToken, start: k.start, end: k.start})
		s.roll(k.col, k.number, blockMappingStart, k.start)
		k.possible = false
		s.allowed = false
	} else {
		if s.flow == 0 {
			if !s.allowed {
				return s.here("a second ':' in the line, quote the text that holds it, or mend the indentation")
			}
			s.roll(s.column(), -1, blockMappingStart, s.pos)
		}
		s.allowed = s.flow == 0
	}
	s.indicator(valueToken, 1)
	return nil
}
