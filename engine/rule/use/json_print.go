package use

import (
	"bytes"
	"cmp"
	"slices"
	"strconv"
	"sync"
	"unicode/utf8"
)

// Limits of what a jsonPrinter takes on. Python's own reader and writer stop near 1000 levels.
// The size keeps deep nesting with wide indentation from filling the memory.
const (
	maxPrintDepth  = 1000
	maxPrintFactor = 64      // bytes written a byte read
	minPrintSize   = 1 << 20 // that are always allowed
)

var printers = sync.Pool{New: func() any { return new(jsonPrinter) }}

// jsonPrinter formats a document in one pass: it writes each value as it reads
// it, and notes where each member of an object was written. At an object's end,
// the order of members that do not stand as they should is noted; all are moved at once at
// the end, so that no byte moves twice, however deep it lies. A document that is in order, as
// nearly every one is, costs no tree and no move.
type jsonPrinter struct {
	prettyJSON
	s       jsonScanner
	out     []byte
	frames  []jsonFrame
	members []jsonMember // of all open objects
	orders  []jsonOrder  // of closed objects
	moved   []byte       // what out becomes where orders is not empty
	pad     []byte       // indentation, as deep as was needed
	lone    jsonToken    // the first string that holds a lone surrogate, written as it is
}

// jsonFrame is an object or array that is open.
type jsonFrame struct {
	object  bool
	empty   bool
	start   int // of its content in out
	members int // its first member in members
	orders  int // the first order in orders of an object within it
}

// jsonOrder says how the members of an object, written to out[start:end], have
// to stand. The first of the members as written begins behind lead bytes.
type jsonOrder struct {
	start, end, lead int
	members          []jsonSpan
}

// jsonSpan is out[start:end].
type jsonSpan struct{ start, end int }

// jsonMember is a member of an object: its key's text, and where it was written.
type jsonMember struct {
	key        []byte // WTF-8
	rank       int    // see top
	start, end int    // in out
	value      jsonValue
}

// jsonValue is what deciding between values of one key takes: the kind of the
// value's token and where its text stands in out.
type jsonValue struct {
	kind       jsonKind
	start, end int
}

// print formats data into w.out, as json.dumps writes what json.loads read,
// with a line end behind it.
func (w *jsonPrinter) print(c prettyJSON, data []byte) *jsonError {
	w.prettyJSON, w.s.data = c, data
	limit := max(minPrintSize, maxPrintFactor*len(data))
	for {
		t, err := w.s.next()
		if err != nil {
			return err
		}
		if t.kind == jsonEnd {
			w.out = append(w.out, '\n')
			w.move()
			return w.writable()
		}
		if err := w.token(t); err != nil {
			return err
		}
		if len(w.out) > limit {
			return &jsonError{t.start, t.end, "its formatted text is too large, make its nesting flatter or its indentation smaller"}
		}
	}
}

// reset prepares w for the next document. A large buffer is not kept.
func (w *jsonPrinter) reset() {
	if cap(w.out)+cap(w.moved) > 4<<20 {
		*w = jsonPrinter{}
		return
	}
	clear(w.members[:cap(w.members)])
	*w = jsonPrinter{s: jsonScanner{open: w.s.open[:0]}, out: w.out[:0], frames: w.frames[:0], members: w.members[:0], moved: w.moved[:0]}
}

func (w *jsonPrinter) token(t jsonToken) *jsonError {
	switch t.kind {
	case '}', ']':
		return w.close(t)
	case jsonKey:
		w.separate()
		key := unquote(w.s.data, t)
		w.members = append(w.members, jsonMember{key: key, rank: w.top(key), start: len(w.out)})
		w.text(t, key)
		w.out = append(w.out, ": "...)
		return nil
	}
	w.begin(t)
	switch t.kind {
	case '{', '[':
		if len(w.frames) == maxPrintDepth {
			return &jsonError{t.start, t.end, "more than " + strconv.Itoa(maxPrintDepth) + " levels of nesting, make it flatter"}
		}
		w.out = append(w.out, byte(t.kind))
		w.frames = append(w.frames, jsonFrame{object: t.kind == '{', empty: true, start: len(w.out), members: len(w.members), orders: len(w.orders)})
		return nil
	case jsonString:
		w.text(t, unquote(w.s.data, t))
	default:
		w.out = appendNumber(w.out, t.kind, w.s.data[t.start:t.end])
	}
	w.finish()
	return nil
}

// text writes a string. Only an escape can bring a lone surrogate.
func (w *jsonPrinter) text(t jsonToken, s []byte) {
	w.out = quote(w.out, s, w.ascii)
	if t.escaped && !w.ascii && w.lone.end == 0 && !utf8.Valid(s) {
		w.lone = t
	}
}

// writable fails where the output is no UTF-8, for a lone surrogate. It looks at
// the end, because a key that comes again may have taken it away.
func (w *jsonPrinter) writable() *jsonError {
	if w.lone.end == 0 || utf8.Valid(w.out) {
		return nil
	}
	return &jsonError{w.lone.start, w.lone.end, "a lone surrogate is no UTF-8, remove it or drop no_ensure_ascii"}
}

// appendNumber appends a number or a literal as Python prints it.
func appendNumber(out []byte, kind jsonKind, raw []byte) []byte {
	switch {
	case kind == jsonFloat:
		f, _ := strconv.ParseFloat(string(raw), 64) // out of range is infinite, as in Python
		return appendFloat(out, f)
	case kind == jsonInt && len(raw) == 2 && raw[0] == '-' && raw[1] == '0':
		return append(out, '0')
	}
	return append(out, raw...)
}

// separate begins a new line for the next item or member of the open frame.
func (w *jsonPrinter) separate() {
	frame := &w.frames[len(w.frames)-1]
	if !frame.empty {
		w.out = append(w.out, ',')
	}
	frame.empty = false
	w.newline()
}

func (w *jsonPrinter) newline() {
	n := len(w.frames) * len(w.indent)
	for len(w.pad) < n {
		w.pad = append(w.pad, w.indent...)
	}
	w.out = append(append(w.out, '\n'), w.pad[:n]...)
}

// begin prepares for a value: an item of an array on its own line, or the
// value of the last member.
func (w *jsonPrinter) begin(t jsonToken) {
	if len(w.frames) == 0 {
		return
	}
	if !w.frames[len(w.frames)-1].object {
		w.separate()
		return
	}
	w.members[len(w.members)-1].value = jsonValue{kind: t.kind, start: len(w.out)}
}

// finish notes where the value that was just written ends.
func (w *jsonPrinter) finish() {
	if n := len(w.frames); n > 0 && w.frames[n-1].object {
		m := &w.members[len(w.members)-1]
		m.end, m.value.end = len(w.out), len(w.out)
	}
}

// close ends the open object or array.
func (w *jsonPrinter) close(t jsonToken) *jsonError {
	frame := w.frames[len(w.frames)-1]
	if frame.object {
		if !w.order(frame) {
			return &jsonError{t.start, t.end, "this object has a key several times, with values that cannot be compared, keep one of them"}
		}
		w.members = w.members[:frame.members]
	}
	w.frames = w.frames[:len(w.frames)-1]
	if !frame.empty {
		w.newline()
	}
	w.out = append(w.out, byte(t.kind))
	w.finish()
	return nil
}

// order notes how the members of an object that was just written have to
// stand, without those whose key comes again. It fails where two values of a key
// cannot be compared.
func (w *jsonPrinter) order(frame jsonFrame) bool {
	members := w.members[frame.members:]
	if w.inOrder(members) {
		return true
	}
	lead := members[0].start - frame.start
	if w.sort {
		slices.SortStableFunc(members, func(a, b jsonMember) int {
			return cmp.Or(cmp.Compare(a.rank, b.rank), bytes.Compare(a.key, b.key))
		})
	} else {
		slices.SortStableFunc(members, func(a, b jsonMember) int { return cmp.Compare(a.rank, b.rank) })
	}
	members, ok := w.unique(members, frame.orders)
	spans := make([]jsonSpan, len(members))
	for i, m := range members {
		spans[i] = jsonSpan{m.start, m.end}
	}
	w.orders = append(w.orders, jsonOrder{frame.start, len(w.out), lead, spans})
	return ok
}

// move carries the orders out.
func (w *jsonPrinter) move() {
	if len(w.orders) == 0 {
		return
	}
	sortOrders(w.orders)
	w.moved = w.appendMoved(w.moved[:0], jsonSpan{0, len(w.out)}, w.orders)
	w.out, w.moved = w.moved, w.out
}

func sortOrders(orders []jsonOrder) {
	slices.SortFunc(orders, func(a, b jsonOrder) int { return cmp.Compare(a.start, b.start) })
}

// appendMoved appends a span of w.out with the orders within it carried out.
// Orders are sorted by their start.
func (w *jsonPrinter) appendMoved(to []byte, s jsonSpan, orders []jsonOrder) []byte {
	for {
		i, _ := slices.BinarySearchFunc(orders, s.start, func(o jsonOrder, start int) int { return cmp.Compare(o.start, start) })
		orders = orders[i:]
		if len(orders) == 0 || orders[0].start >= s.end {
			return append(to, w.out[s.start:s.end]...)
		}
		o := orders[0]
		to = append(to, w.out[s.start:o.start]...)
		for i, m := range o.members {
			if i > 0 {
				to = append(to, ',')
			}
			to = append(to, w.out[o.start:o.start+o.lead]...)
			to = w.appendMoved(to, m, orders[1:])
		}
		s.start = o.end
	}
}

// inOrder says whether the members stand as they should, each key once.
func (w *jsonPrinter) inOrder(members []jsonMember) bool {
	if !w.sort {
		seen := make(map[string]bool, len(members))
		for i, m := range members {
			if seen[string(m.key)] || i > 0 && members[i-1].rank > m.rank {
				return false
			}
			seen[string(m.key)] = true
		}
		return true
	}
	for i := 1; i < len(members); i++ {
		a, b := &members[i-1], &members[i]
		if a.rank > b.rank || a.rank == b.rank && bytes.Compare(a.key, b.key) >= 0 {
			return false
		}
	}
	return true
}

// unique keeps one member of each key, at the place of the first: the last, and
// where sorting compares the values too, the greatest. Orders from the given one
// on are those of objects within the members.
func (w *jsonPrinter) unique(members []jsonMember, orders int) ([]jsonMember, bool) {
	sortOrders(w.orders[orders:])
	place := make(map[string]int, len(members))
	kept := members[:0]
	for _, m := range members {
		i, again := place[string(m.key)]
		if !again {
			place[string(m.key)] = len(kept)
			kept = append(kept, m)
			continue
		}
		if w.sort && m.rank == len(w.topKeys) {
			order, ok := w.compare(kept[i].value, m.value, w.orders[orders:])
			if !ok {
				return nil, false
			}
			if order > 0 {
				continue
			}
		}
		kept[i] = m
	}
	return kept, true
}

// compare orders two values that were written, with the orders within them.
func (w *jsonPrinter) compare(a, b jsonValue, orders []jsonOrder) (order int, ok bool) {
	if a.kind != '{' && a.kind != '[' || a.kind != b.kind {
		return compareJSON(a.kind, b.kind, w.out[a.start:a.end], w.out[b.start:b.end])
	}
	x := w.appendMoved(nil, jsonSpan{a.start, a.end}, orders)
	y := w.appendMoved(nil, jsonSpan{b.start, b.end}, orders)
	return compareJSON(a.kind, b.kind, x, y)
}
