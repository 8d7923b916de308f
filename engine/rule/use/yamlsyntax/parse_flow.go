package yamlsyntax

import "fmt"

// flowSequence parses "[a, b, c: d]".
func (p *parser) flowSequence(n node) (int32, *Problem) {
	open := p.open(&n, sequenceNode)
	for first := true; ; first = false {
		t, done, err := p.nextEntry(&open, first, flowSequenceEnd, "',' or ']'")
		if done || err != nil {
			return open.index, err
		}
		var item int32
		if t.kind == keyToken {
			item, err = p.flowPair()
		} else {
			item, err = p.node(false, false)
		}
		if err != nil {
			return 0, err
		}
		p.doc.append(&open, item)
	}
}

// flowPair parses the mapping of one key that may stand in a flow sequence.
func (p *parser) flowPair() (int32, *Problem) {
	t, err := p.peek()
	if err != nil {
		return 0, err
	}
	m := p.doc.open(node{kind: mappingNode, start: int32(t.start), end: int32(t.end), anchor: -1})
	p.skip()
	if t, err = p.peek(); err != nil {
		return 0, err
	}
	var key int32
	switch t.kind {
	case valueToken, flowEntry, flowSequenceEnd:
		key = p.empty(t.start)
		p.skip() // libyaml loses this token: "[? : a]" is an error there
	default:
		if key, err = p.node(false, false); err != nil {
			return 0, err
		}
	}
	p.doc.append(&m, key)
	value, err := p.value(false, flowEntry, flowSequenceEnd)
	if err != nil {
		return 0, err
	}
	p.doc.append(&m, value)
	return m.index, nil
}

// flowMapping parses "{a: b, c}".
func (p *parser) flowMapping(n node) (int32, *Problem) {
	open := p.open(&n, mappingNode)
	for first := true; ; first = false {
		t, done, err := p.nextEntry(&open, first, flowMappingEnd, "',' or '}'")
		if done || err != nil {
			return open.index, err
		}
		var key, value int32
		if t.kind == keyToken {
			mark := t.end
			p.skip()
			if key, err = p.nodeOrEmpty(mark, false, false, valueToken, flowEntry, flowMappingEnd); err != nil {
				return 0, err
			}
			p.doc.append(&open, key)
			value, err = p.value(false, flowEntry, flowMappingEnd)
		} else {
			if key, err = p.node(false, false); err != nil {
				return 0, err
			}
			p.doc.append(&open, key)
			value = p.empty(int(p.doc.nodes[key].end))
		}
		if err != nil {
			return 0, err
		}
		p.doc.append(&open, value)
	}
}

// open takes the opening bracket.
func (p *parser) open(n *node, kind nodeKind) collection {
	t := p.queue[p.head]
	if n.anchor < 0 && n.tag == 0 {
		n.start = int32(t.start)
	}
	n.kind = kind
	c := p.doc.open(*n)
	c.start, c.line = t.start, p.line
	p.skip()
	return c
}

// nextEntry takes the ',' in front of an entry that is not the first, and the
// closing bracket, which ends the collection.
func (p *parser) nextEntry(open *collection, first bool, end tokenKind, want string) (t *token, done bool, err *Problem) {
	if t, err = p.peek(); err != nil {
		return nil, false, err
	}
	if t.kind != end && !first {
		if t.kind != flowEntry {
			return nil, false, p.notClosed(open, t, want)
		}
		p.skip()
		if t, err = p.peek(); err != nil {
			return nil, false, err
		}
	}
	if t.kind == end {
		p.skip()
		return t, true, nil
	}
	if first && t.kind == streamEnd {
		return nil, false, p.notClosed(open, t, want)
	}
	return t, false, nil
}

// notClosed places the missing ',' or bracket: at what stands in its place where
// that is on the bracket's line; at the bracket where the text went on, since
// what stands lines below is only where the parser noticed.
func (p *parser) notClosed(open *collection, t *token, want string) *Problem {
	line := 1
	newline := false
	for i, c := range p.data[:min(t.start, len(p.data))] {
		if c == '\n' {
			line++
			newline = newline || i >= open.start
		}
	}
	if newline || t.kind == streamEnd {
		return p.fail(open.start, open.start+1, fmt.Sprintf("this bracket is not closed, %s was expected at line %d, add it there or further up", want, line))
	}
	return p.fail(t.start, t.end, fmt.Sprintf("found %s where %s is expected, add it, or quote the text", t.what(), want))
}
