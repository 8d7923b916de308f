package yamlsyntax

import "sync"

// Loads says that the text can be loaded: that CheckFully finds nothing. Where
// it says no, it does not know.
//
// It is a single pass over the bytes that knows block and flow collections,
// scalars and comments: what nearly every file is made of. Whatever is rare, or
// has a corner that it could get wrong (anchors, tags, keys that are no strings
// or are not on one line), makes it give up. It runs at ten times the speed of
// the parser, and accepts 97 files of 100.
func Loads(data []byte, multi bool) bool {
	r := recognisers.Get().(*recogniser)
	defer recognisers.Put(r)
	r.data, r.pos, r.multi, r.marks = data, 0, multi, 0
	r.keys.reset()
	r.document()
	ok := r.lines()
	r.data = nil
	return ok
}

var recognisers = sync.Pool{New: func() any { return &recogniser{keys: newKeySet()} }}

// recogniser is the state between two lines. Its invariant is what libyaml's
// scanner would hold there: levels are the open block collections, each further
// in than the one below, but for a sequence at the column of its key.
type recogniser struct {
	data   []byte
	pos    int
	multi  bool
	marks  int // "---" so far
	levels [fastDepth]level
	depth  int
	// pending says that the last key, or "-", has no value yet, so that the
	// next line may begin one further in.
	pending bool
	// goesOn says that the last line ended in a plain scalar, which a line
	// further in goes on with.
	goesOn  bool
	started bool // the document has content
	keys    keySet
}

// fastDepth bounds the nesting that is followed.
const fastDepth = 64

type levelKind uint8

const (
	mapLevel levelKind = iota
	seqLevel
	looseLevel // a sequence at the column of its key
)

type level struct {
	indent int
	kind   levelKind
	id     uint64 // of a mapping, for its keys
}

func (r *recogniser) document() {
	r.depth, r.pending, r.goesOn, r.started = 0, true, false, false
}

// lines takes the text line by line; block scalars take several.
func (r *recogniser) lines() bool {
	for r.pos < len(r.data) {
		start := r.pos
		r.spaces()
		if r.pos == len(r.data) {
			break
		}
		indent := r.pos - start
		switch c := r.data[r.pos]; {
		case c == '\n' || c == '\r' || c == '#':
			r.goesOn = r.goesOn && c != '#'
			if !r.lineEnd(true) {
				return false
			}
			continue
		case indent == 0 && (c == '-' || c == '.' || c == '%'):
			if mark, ok := r.mark(c); !ok {
				return false
			} else if mark {
				continue
			}
		}
		if !r.line(indent) {
			return false
		}
	}
	return true
}

// mark takes a "---" that stands for itself.
func (r *recogniser) mark(c byte) (mark, ok bool) {
	rest := r.data[r.pos:]
	if c != '-' {
		return false, c == '.' && !(len(rest) >= 3 && string(rest[:3]) == "...")
	}
	if len(rest) < 3 || string(rest[:3]) != "---" || len(rest) > 3 && rest[3] > ' ' {
		return false, true
	}
	r.pos += 3
	r.marks++
	if (r.started || r.marks > 1) && !r.multi {
		return true, false
	}
	r.document()
	return true, r.lineEnd(false)
}

// line takes a line of content that begins at a column.
func (r *recogniser) line(indent int) bool {
	item, goesOn := r.atItem(), r.goesOn
	r.goesOn = false
	for r.depth > 0 {
		top := &r.levels[r.depth-1]
		if top.indent < indent || top.indent == indent && (top.kind != looseLevel || item) {
			break
		}
		r.depth--
		r.pending, goesOn = false, false // it was the closed level's
	}
	if r.depth == 0 && r.started {
		return false // content behind the root
	}
	r.started = true
	if r.depth == 0 || r.levels[r.depth-1].indent < indent {
		if !r.pending {
			return goesOn && r.depth > 0 && r.moreText()
		}
		if item {
			return r.push(indent, seqLevel) && r.items(indent)
		}
		return r.node(indent, true)
	}
	kind := r.levels[r.depth-1].kind
	switch {
	case !item:
		return kind == mapLevel && r.node(indent, false)
	case kind != mapLevel:
		return r.items(indent)
	}
	return r.pending && r.push(indent, looseLevel) && r.items(indent)
}

func (r *recogniser) push(indent int, kind levelKind) bool {
	if r.depth == fastDepth {
		return false
	}
	r.levels[r.depth] = level{indent, kind, r.keys.mapping()}
	r.depth++
	r.pending = false
	return true
}

// atItem says whether "- " stands here.
func (r *recogniser) atItem() bool {
	if r.data[r.pos] != '-' {
		return false
	}
	return r.pos+1 == len(r.data) || r.data[r.pos+1] == ' ' || r.data[r.pos+1] == '\n' || r.data[r.pos+1] == '\r'
}

// items takes "- ", and whatever follows on the line.
func (r *recogniser) items(column int) bool {
	for {
		start := r.pos
		r.pos++
		r.spaces()
		if r.atEnd() || r.data[r.pos] == '#' {
			r.pending = true
			return r.lineEnd(false)
		}
		column += r.pos - start
		if !r.atItem() {
			return r.node(column, true)
		}
		if !r.push(column, seqLevel) {
			return false
		}
	}
}

// node takes a key with its value, or, where a fresh node may begin, a scalar or
// a flow collection. A key where a fresh node may begin opens a mapping.
func (r *recogniser) node(column int, fresh bool) bool {
	start := r.pos
	var text []byte
	plainText, isKey := false, false
	switch c := r.data[r.pos]; c {
	case '\'', '"':
		simple, ok := r.quoted(c)
		if !ok {
			return false
		}
		text, isKey = r.data[start+1:r.pos-1], r.atColon()
		if isKey && !simple {
			return false
		}
	case '[', '{', '|', '>':
		return fresh && r.value()
	default:
		end, ok := r.plain()
		if !ok {
			return false
		}
		text, plainText, isKey = r.data[start:end], true, r.atColon()
	}
	if !isKey {
		r.pending = false
		if plainText {
			return fresh && harmless(text) && r.textEnd()
		}
		return fresh && r.lineEnd(false)
	}
	if plainText && !isString(text) || r.pos-start > maxFastKey || fresh && !r.push(column, mapLevel) {
		return false
	}
	if !r.keys.add(r.levels[r.depth-1].id, text) {
		return false
	}
	r.pos++ // the ':'
	r.spaces()
	if r.atEnd() || r.data[r.pos] == '#' {
		r.pending = true
		return r.lineEnd(false)
	}
	return r.value()
}

// maxFastKey is how long a key may be, in bytes, for certain within the limit of
// 1024 characters.
const maxFastKey = 1000

// value takes a value that begins behind a key, or a fresh node that is no key.
func (r *recogniser) value() bool {
	r.pending = false
	switch c := r.data[r.pos]; c {
	case '\'', '"':
		_, ok := r.quoted(c)
		return ok && r.lineEnd(false)
	case '[', '{':
		return r.flow(0) && r.lineEnd(false)
	case '|', '>':
		return r.blockScalar()
	}
	start := r.pos
	end, ok := r.plain()
	return ok && !r.atColon() && harmless(r.data[start:end]) && r.textEnd()
}

// moreText takes a further line of a plain scalar.
func (r *recogniser) moreText() bool {
	_, ok := r.plainText()
	return ok && !r.atColon() && r.textEnd()
}

// textEnd takes the end of a line that ends in a plain scalar.
func (r *recogniser) textEnd() bool {
	r.spaces()
	r.goesOn = r.atEnd() // a comment ends the scalar
	return r.lineEnd(false)
}
