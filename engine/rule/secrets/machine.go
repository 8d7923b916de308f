package secrets

import (
	"encoding/binary"
	"math"
	"regexp/syntax"
	"slices"
	"unicode"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule/regexpset"
)

// machine is what may follow the anchors of an expression, as one program for
// all of them. It is immutable.
type machine struct {
	insts  []syntax.Inst
	starts []uint32 // by anchor
	before int      // the most bytes of a match before an anchor; -1 is no bound
	bounds []rune   // where each class of runes begins, from 0 on
	ascii  [utf8.RuneSelf]uint16
}

// newMachine returns nil where an anchor's tail cannot be compiled.
func newMachine(anchors []regexpset.Anchor) *machine {
	m := &machine{bounds: []rune{0}}
	for _, a := range anchors {
		prog, err := syntax.Compile(a.After)
		if err != nil {
			return nil
		}
		offset := uint32(len(m.insts))
		for _, inst := range prog.Inst {
			inst.Out += offset
			if inst.Op == syntax.InstAlt || inst.Op == syntax.InstAltMatch {
				inst.Arg += offset
			}
			m.insts = append(m.insts, inst)
		}
		m.starts = append(m.starts, offset+uint32(prog.Start))
		if a.Before < 0 || m.before < 0 {
			m.before = -1
			continue
		}
		m.before = max(m.before, a.Before)
	}
	m.classes()
	return m
}

// classes deals the runes to classes that no instruction tells apart.
func (m *machine) classes() {
	edge := func(lo, hi rune) {
		m.bounds = append(m.bounds, lo)
		if hi < unicode.MaxRune {
			m.bounds = append(m.bounds, hi+1)
		}
	}
	for _, inst := range m.insts {
		if !consumes(inst) {
			continue
		}
		if len(inst.Rune) == 1 {
			r := inst.Rune[0]
			edge(r, r)
			for f := unicode.SimpleFold(r); f != r; f = unicode.SimpleFold(f) {
				edge(f, f)
			}
			continue
		}
		for i := 0; i+1 < len(inst.Rune); i += 2 {
			edge(inst.Rune[i], inst.Rune[i+1])
		}
	}
	slices.Sort(m.bounds)
	m.bounds = slices.Compact(m.bounds)
	for r := range m.ascii {
		m.ascii[r] = m.class(rune(r))
	}
}

func (m *machine) class(r rune) uint16 {
	i, found := slices.BinarySearch(m.bounds, r)
	if !found {
		i--
	}
	return uint16(i)
}

func consumes(inst syntax.Inst) bool {
	switch inst.Op {
	case syntax.InstRune, syntax.InstRune1, syntax.InstRuneAny, syntax.InstRuneAnyNotNL:
		return true
	}
	return false
}

// The states that every walker has.
const (
	unknown int32 = iota // not computed yet
	dead                 // nothing can match any more
)

// maxStates is how many states a walker keeps before it forgets them all.
const maxStates = 2000

// walker is a deterministic machine that is made of a machine as it is needed,
// as RE2 does (Cox, "Regular Expression Matching in the Wild", 2010). It takes
// \b, \B and the ends of lines for given, so that it may see a match too many, and
// never one too few. It is used by one goroutine at a time.
type walker struct {
	*machine
	next    []int32 // by state, then class
	joined  []int32 // by state, then anchor: the state with the anchor's start added
	sets    [][]uint32
	match   []bool // a match ends here
	atEnd   []bool // a match ends here if the text does
	ids     map[string]int32
	age     int // how often all states were forgotten
	marks   []uint32
	mark    uint32
	scratch []uint32
	key     []byte
}

func newWalker(m *machine) *walker {
	w := &walker{machine: m, marks: make([]uint32, len(m.insts))}
	w.forget()
	return w
}

func (w *walker) forget() {
	w.age++
	w.ids = map[string]int32{}
	w.next, w.joined, w.sets, w.match, w.atEnd = w.next[:0], w.joined[:0], w.sets[:0], w.match[:0], w.atEnd[:0]
	for range 2 {
		w.grow(nil, false, false)
	}
	w.ids[""] = dead
}

func (w *walker) grow(set []uint32, match, atEnd bool) {
	w.sets = append(w.sets, set)
	w.match, w.atEnd = append(w.match, match), append(w.atEnd, atEnd)
	w.next = append(w.next, make([]int32, len(w.bounds))...)
	w.joined = append(w.joined, make([]int32, len(w.starts))...)
}

// begin starts the making of a set.
func (w *walker) begin() {
	w.scratch = w.scratch[:0]
	if w.mark == math.MaxUint32 {
		clear(w.marks)
		w.mark = 0
	}
	w.mark++
}

// add puts an instruction, and what it leads to without a rune, into the set that
// is being made. At the end of the text, assertions of it hold; elsewhere they are
// kept in the set. It says whether a match ends here.
func (w *walker) add(pc uint32, end bool) bool {
	if w.marks[pc] == w.mark {
		return false
	}
	w.marks[pc] = w.mark
	inst := &w.insts[pc]
	switch inst.Op {
	case syntax.InstMatch:
		w.scratch = append(w.scratch, pc)
		return true
	case syntax.InstAlt, syntax.InstAltMatch:
		a, b := w.add(inst.Out, end), w.add(inst.Arg, end)
		return a || b
	case syntax.InstCapture, syntax.InstNop:
		return w.add(inst.Out, end)
	case syntax.InstEmptyWidth:
		if syntax.EmptyOp(inst.Arg)&syntax.EmptyEndText != 0 && !end {
			w.scratch = append(w.scratch, pc)
			return false
		}
		return w.add(inst.Out, end)
	case syntax.InstFail:
		return false
	}
	w.scratch = append(w.scratch, pc)
	return false
}

// state returns the state of the set that was made.
func (w *walker) state(match bool) int32 {
	slices.Sort(w.scratch)
	w.key = w.key[:0]
	for _, pc := range w.scratch {
		w.key = binary.LittleEndian.AppendUint32(w.key, pc)
	}
	if id, ok := w.ids[string(w.key)]; ok {
		return id
	}
	set := slices.Clone(w.scratch)
	atEnd := match
	w.begin()
	for _, pc := range set {
		atEnd = w.add(pc, true) || atEnd
	}
	if len(w.sets) >= maxStates {
		w.forget()
	}
	id := int32(len(w.sets))
	w.ids[string(w.key)] = id
	w.grow(set, match, atEnd)
	return id
}

// step returns the state behind a rune of a class.
func (w *walker) step(from int32, class uint16) int32 {
	at := int(from)*len(w.bounds) + int(class)
	if to := w.next[at]; to != unknown {
		return to
	}
	age, match := w.age, false
	w.begin()
	for _, pc := range w.sets[from] {
		if inst := &w.insts[pc]; consumes(*inst) && inst.MatchRune(w.bounds[class]) {
			match = w.add(inst.Out, false) || match
		}
	}
	to := w.state(match)
	if age == w.age {
		w.next[at] = to
	}
	return to
}

// join returns the state with the start of an anchor added.
func (w *walker) join(from int32, anchor int) int32 {
	at := int(from)*len(w.starts) + anchor
	if to := w.joined[at]; to != unknown {
		return to
	}
	age, match := w.age, false
	w.begin()
	for _, pc := range w.sets[from] {
		match = w.add(pc, false) || match
	}
	match = w.add(w.starts[anchor], false) || match
	to := w.state(match)
	if age == w.age {
		w.joined[at] = to
	}
	return to
}

// hit is an anchor's word in a text.
type hit struct {
	start, end int32
	anchor     int32
}

// window is the bytes [start, end) of a text.
type window struct{ start, end int }

// windows appends where a match may lie, one behind the other and apart. The
// expression finds in them what it finds in the whole text: every match holds a
// hit, begins at most before bytes ahead of it, and ends before the walk dies;
// and each window has one more rune at either side, for \b and against ^ and $.
// Hits come in the order of their ends. The time is linear in the text, however
// many hits there are.
func (w *walker) windows(out []window, data []byte, hits []hit) []window {
	for i := 0; i < len(hits); {
		first := i
		state, pos, seen := dead, int(hits[i].end), false
		for {
			for i < len(hits) && int(hits[i].end) <= pos {
				state = w.join(state, int(hits[i].anchor))
				i++
			}
			limit := len(data)
			if i < len(hits) {
				limit = int(hits[i].end)
			}
			state, pos, seen = w.walk(data, state, pos, limit, seen)
			if state == dead || pos == len(data) {
				break
			}
		}
		if seen || state != dead && w.atEnd[state] {
			out = w.widen(out, data, hits[first:i], pos)
		}
	}
	return out
}

// walk steps until the state is dead or the limit is reached.
func (w *walker) walk(data []byte, state int32, pos, limit int, seen bool) (int32, int, bool) {
	classes := len(w.bounds)
	for {
		seen = seen || w.match[state]
		if state == dead || pos >= limit {
			return state, pos, seen
		}
		class, size := uint16(0), 1
		if c := data[pos]; c < utf8.RuneSelf {
			class = w.ascii[c]
		} else {
			var r rune
			r, size = utf8.DecodeRune(data[pos:])
			class = w.class(r)
		}
		to := w.next[int(state)*classes+int(class)]
		if to == unknown {
			to = w.step(state, class)
		}
		state, pos = to, pos+size
	}
}

// widen appends the window of some hits that ends at end, and joins it to those
// that it touches. A hit that lies in it and is not among them has no match behind
// it, wherever the text begins.
func (w *walker) widen(out []window, data []byte, hits []hit, end int) []window {
	x := window{end, end}
	for _, h := range hits { // a longer word may begin earlier
		x.start = min(x.start, w.behind(data, h))
	}
	for len(out) > 0 && x.start <= out[len(out)-1].end {
		x.start = min(x.start, out[len(out)-1].start)
		out = out[:len(out)-1]
	}
	return append(out, x)
}

// behind is one rune before where a match with the hit may begin.
func (w *walker) behind(data []byte, h hit) int {
	at := int(h.start) - w.before
	if w.before < 0 || at <= 0 {
		return 0
	}
	for n := 0; n < utf8.UTFMax && at > 0 && !utf8.RuneStart(data[at]); n++ {
		at--
	}
	_, size := utf8.DecodeLastRune(data[:at])
	return at - size
}
