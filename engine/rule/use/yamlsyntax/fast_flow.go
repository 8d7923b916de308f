package yamlsyntax

import "unicode/utf8"

// fastFlowDepth bounds the nesting of flow collections that is followed.
const fastFlowDepth = 16

// flow takes a flow collection; its lines are indented.
func (r *recogniser) flow(depth int) bool {
	if depth == fastFlowDepth {
		return false
	}
	closing := byte(']')
	mapping := r.data[r.pos] == '{'
	if mapping {
		closing = '}'
	}
	id := r.keys.mapping()
	r.pos++
	if !r.flowSpaces() {
		return false
	}
	if r.next() == closing {
		r.pos++
		return true
	}
	for {
		if mapping && !r.flowKey(id) || !r.flowNode(depth) || !r.flowSpaces() {
			return false
		}
		switch r.next() {
		case closing:
			r.pos++
			return true
		case ',':
			r.pos++
			if !r.flowSpaces() {
				return false
			}
		default:
			return false
		}
	}
}

// next returns the byte at pos, 0 at the end.
func (r *recogniser) next() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

// flowKey takes a key, its ':' and the space behind that.
func (r *recogniser) flowKey(id uint64) bool {
	start := r.pos
	var text []byte
	switch c := r.next(); c {
	case '\'', '"':
		if simple, ok := r.quoted(c); !ok || !simple {
			return false
		}
		text = r.data[start+1 : r.pos-1]
	default:
		end, ok := r.flowPlain()
		if !ok || !isString(r.data[start:end]) {
			return false
		}
		text = r.data[start:end]
	}
	if r.pos-start > maxFastKey || r.pos+1 >= len(r.data) || r.data[r.pos] != ':' || r.data[r.pos+1] != ' ' || !r.keys.add(id, text) {
		return false
	}
	r.pos++
	return r.flowSpaces()
}

// flowSpaces goes over spaces and line ends.
func (r *recogniser) flowSpaces() bool {
	for {
		r.spaces()
		if r.pos == len(r.data) || !r.atEnd() {
			return true
		}
		if !r.indentedLine() {
			return false
		}
	}
}

func (r *recogniser) flowNode(depth int) bool {
	switch c := r.next(); c {
	case '\'', '"':
		_, ok := r.quoted(c)
		return ok
	case '[', '{':
		return r.flow(depth + 1)
	}
	start := r.pos
	end, ok := r.flowPlain()
	return ok && harmless(r.data[start:end])
}

// flowPlain takes a plain scalar up to an indicator of the collection, or ": ".
func (r *recogniser) flowPlain() (end int, ok bool) {
	c := r.next()
	if c < utf8.RuneSelf && classes[c]&startPlain == 0 {
		return 0, false
	}
	for r.skip(inFlow) {
		switch r.next() {
		case ',', ']', '}':
			return r.trim(), true
		case ':':
			return r.trim(), r.pos+1 < len(r.data) && r.data[r.pos+1] == ' '
		case '#':
			if r.data[r.pos-1] == ' ' {
				return 0, false
			}
		default:
			// A line's end ends the scalar where an indicator follows.
			end := r.trim()
			if !r.atEnd() || !r.flowSpaces() {
				return 0, false
			}
			c := r.next()
			return end, c == ',' || c == ']' || c == '}'
		}
		r.pos++
	}
	return 0, false
}
