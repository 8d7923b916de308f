package yamlsyntax

import "fmt"

// blockSequence parses the items behind "- " at one column.
func (p *parser) blockSequence(n node) (int32, *Problem) {
	p.skip()
	return p.items(n, func(t *token) (more bool, err *Problem) {
		switch t.kind {
		case blockEntry:
			return true, nil
		case blockEnd:
			p.skip()
			return false, nil
		}
		return false, p.fail(t.start, t.end, fmt.Sprintf("found %s where the list's next '-' is expected, mend the indentation, or quote the text", t.what()))
	}, blockEntry, blockEnd)
}

// indentlessSequence parses the items of a list at the column of its key.
func (p *parser) indentlessSequence(n node) (int32, *Problem) {
	return p.items(n, func(t *token) (bool, *Problem) { return t.kind == blockEntry, nil }, blockEntry, keyToken, valueToken, blockEnd)
}

// items parses items while more says so; an item in front of one of the tokens
// in ends is empty.
func (p *parser) items(n node, more func(*token) (bool, *Problem), ends ...tokenKind) (int32, *Problem) {
	n.kind = sequenceNode
	list := p.doc.open(n)
	for {
		t, err := p.peek()
		if err != nil {
			return 0, err
		}
		if ok, err := more(t); !ok {
			return list.index, err
		}
		dash := t.end
		p.skip()
		item, err := p.nodeOrEmpty(dash, true, false, ends...)
		if err != nil {
			return 0, err
		}
		p.doc.append(&list, item)
	}
}

// nodeOrEmpty parses a node, or takes an empty one in front of certain tokens.
// An empty one stands behind the indicator that asks for it, at the byte
// behind, as in libyaml: the next token may be lines further on.
func (p *parser) nodeOrEmpty(behind int, inBlock, indentless bool, ends ...tokenKind) (int32, *Problem) {
	t, err := p.peek()
	if err != nil {
		return 0, err
	}
	for _, end := range ends {
		if t.kind == end {
			return p.empty(behind), nil
		}
	}
	return p.node(inBlock, indentless)
}

// blockMapping parses keys and values at one column.
func (p *parser) blockMapping(n node) (int32, *Problem) {
	p.skip()
	n.kind = mappingNode
	m := p.doc.open(n)
	for {
		t, err := p.peek()
		if err != nil {
			return 0, err
		}
		switch t.kind {
		case blockEnd:
			p.skip()
			return m.index, nil
		case keyToken:
		default:
			return 0, p.fail(t.start, t.end, fmt.Sprintf("found %s where the mapping's next key is expected, mend the indentation, or quote the text", t.what()))
		}
		mark := t.end
		p.skip()
		key, err := p.nodeOrEmpty(mark, true, true, keyToken, valueToken, blockEnd)
		if err != nil {
			return 0, err
		}
		p.doc.append(&m, key)
		value, err := p.value(true, keyToken, valueToken, blockEnd)
		if err != nil {
			return 0, err
		}
		p.doc.append(&m, value)
	}
}

// value parses the value behind ':', or takes an empty one where there is no
// ':' or nothing behind it.
func (p *parser) value(inBlock bool, ends ...tokenKind) (int32, *Problem) {
	t, err := p.peek()
	if err != nil {
		return 0, err
	}
	if t.kind != valueToken {
		return p.empty(t.start), nil
	}
	colon := t.end
	p.skip()
	return p.nodeOrEmpty(colon, inBlock, inBlock, ends...)
}
