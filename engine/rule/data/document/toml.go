package document

import (
	"bytes"
	"encoding/json"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule/use/tomlsyntax"
)

// parseTOML reads a TOML text. What is wrong with it is what the check
// check-toml says; so the reader below meets nothing that is. A byte order mark is
// passed over.
func parseTOML(b *builder, data []byte) {
	skip := 0
	if bytes.HasPrefix(data, []byte("\ufeff")) {
		skip = len("\ufeff")
	}
	for _, p := range tomlsyntax.Check(data[skip:]) {
		b.report(skip+p.Start, skip+p.End, "%s", p.Message)
	}
	if len(b.problems) > 0 {
		return
	}
	r := &tomlReader{builder: b, data: data, pos: skip, root: &tomlTable{end: len(data)}}
	r.statements()
	if n := r.root.node(b); n != nil && !b.over && len(b.problems) == 0 {
		b.roots = append(b.roots, n)
	}
}

// tomlTable is a table that may still grow: headers and dotted keys add to it.
type tomlTable struct {
	start, end int
	names      []tomlName
	byName     map[string]int // positions in names
}

// tomlName is a member: a value, a table, or a list of tables.
type tomlName struct {
	key        string
	start, end int
	value      *Node
	table      *tomlTable
	list       []*tomlTable
}

func (t *tomlTable) add(n tomlName) *tomlName {
	if t.byName == nil {
		t.byName = map[string]int{}
	}
	t.byName[n.key] = len(t.names)
	t.names = append(t.names, n)
	return &t.names[len(t.names)-1]
}

// open returns the member table of a name: the last of a list, a new one where
// there is none.
func (t *tomlTable) open(k tomlKey, start, end int) *tomlTable {
	i, there := t.byName[k.name]
	if !there {
		return t.add(tomlName{key: k.name, start: k.start, end: k.end, table: &tomlTable{start: start, end: end}}).table
	}
	if n := &t.names[i]; len(n.list) > 0 {
		return n.list[len(n.list)-1]
	}
	return t.names[i].table
}

// node makes the node of a table.
func (t *tomlTable) node(b *builder) *Node {
	var kids []*Node
	for i := range t.names {
		m := &t.names[i]
		n := m.value
		switch {
		case m.table != nil:
			n = m.table.node(b)
		case m.list != nil:
			var items []*Node
			for _, x := range m.list {
				if item := x.node(b); item != nil {
					items = append(items, item)
				}
			}
			n = b.list(items, m.start, m.end)
		}
		if n == nil {
			return nil
		}
		n.Key, n.KeyStart, n.KeyEnd = m.key, m.start, m.end
		kids = append(kids, n)
	}
	return b.mapping(kids, t.start, t.end)
}

type tomlKey struct {
	name       string
	start, end int
}

// tomlReader reads a text that is TOML.
type tomlReader struct {
	*builder
	data []byte
	pos  int
	root *tomlTable
}

func (r *tomlReader) peek() byte {
	if r.pos < len(r.data) {
		return r.data[r.pos]
	}
	return 0
}

func (r *tomlReader) has(s string) bool { return bytes.HasPrefix(r.data[r.pos:], []byte(s)) }

// space passes over white space, and where lines may end, over line ends and
// comments.
func (r *tomlReader) space(lines bool) {
	for r.pos < len(r.data) {
		switch c := r.data[r.pos]; {
		case c == ' ' || c == '\t' || lines && (c == '\n' || c == '\r'):
			r.pos++
		case lines && c == '#':
			for r.pos < len(r.data) && r.data[r.pos] != '\n' {
				r.pos++
			}
		default:
			return
		}
	}
}

func (r *tomlReader) statements() {
	table := r.root
	for {
		r.space(true)
		switch {
		case r.pos == len(r.data) || r.over:
			return
		case r.peek() == '[':
			table = r.header()
		default:
			r.keyValue(table)
		}
	}
}

func (r *tomlReader) header() *tomlTable {
	start, list := r.pos, r.has("[[")
	r.pos++
	if list {
		r.pos++
	}
	key := r.key()
	r.pos++
	if list {
		r.pos++
	}
	r.take(len(key), start, r.pos)
	t := r.root
	for _, k := range key[:len(key)-1] {
		t = t.open(k, start, r.pos)
	}
	last := key[len(key)-1]
	if !list {
		t = t.open(last, start, r.pos)
		t.start, t.end = start, r.pos
		return t
	}
	item := &tomlTable{start: start, end: r.pos}
	if i, there := t.byName[last.name]; there {
		t.names[i].list = append(t.names[i].list, item)
	} else {
		t.add(tomlName{key: last.name, start: last.start, end: last.end, list: []*tomlTable{item}})
	}
	return item
}

func (r *tomlReader) key() []tomlKey {
	var parts []tomlKey
	for {
		r.space(false)
		start := r.pos
		var name string
		if c := r.peek(); c == '"' || c == '\'' {
			name = r.text()
		} else {
			for r.pos < len(r.data) && strings.IndexByte(" \t.=]", r.data[r.pos]) < 0 {
				r.pos++
			}
			name = string(r.data[start:r.pos])
		}
		parts = append(parts, tomlKey{name, start, r.pos})
		r.space(false)
		if r.peek() != '.' {
			return parts
		}
		r.pos++
	}
}

func (r *tomlReader) keyValue(t *tomlTable) {
	start := r.pos
	key := r.key()
	r.pos++ // the =
	r.space(false)
	r.take(len(key), start, r.pos)
	for _, k := range key[:len(key)-1] {
		t = t.open(k, k.start, k.end)
	}
	last := key[len(key)-1]
	t.add(tomlName{key: last.name, start: last.start, end: last.end, value: r.value()})
}

// value reads a value; nil where JSON has none such.
func (r *tomlReader) value() *Node {
	start := r.pos
	switch c := r.peek(); c {
	case '"', '\'':
		s := r.text()
		return r.scalar(s, start, r.pos)
	case '[':
		return r.array(start)
	case '{':
		return r.inline(start)
	}
	for r.pos < len(r.data) && strings.IndexByte(",]}#\r\n\t ", r.data[r.pos]) < 0 {
		r.pos++
	}
	// A date and a time may have a space between them.
	if r.pos-start == len("2006-01-02") && r.data[start+4] == '-' && r.peek() == ' ' && r.pos+3 < len(r.data) && r.data[r.pos+3] == ':' {
		for r.pos++; r.pos < len(r.data) && strings.IndexByte(",]}#\r\n\t ", r.data[r.pos]) < 0; r.pos++ {
		}
	}
	return r.scalar(tomlScalar(string(r.data[start:r.pos])), start, r.pos)
}

// tomlScalar returns what a word means; dates and times are their text.
func tomlScalar(word string) any {
	switch word {
	case "true":
		return true
	case "false":
		return false
	}
	digits := strings.ReplaceAll(word, "_", "")
	if len(word) > 1 && word[0] == '0' && strings.IndexByte("xob", word[1]) >= 0 {
		if n, err := strconv.ParseInt(digits, 0, 64); err == nil {
			return int(n)
		}
		return word
	}
	if n, err := strconv.Atoi(digits); err == nil {
		return n
	}
	whole := strings.Trim(digits, "+-")
	if strings.Trim(whole, "0123456789") == "" {
		return json.Number(strings.TrimPrefix(digits, "+"))
	}
	if len(whole) > 4 && (whole[2] == ':' || whole[4] == '-') {
		return word
	}
	f, _ := strconv.ParseFloat(digits, 64) // out of range is infinite
	return f
}

func (r *tomlReader) array(start int) *Node {
	var kids []*Node
	whole := true
	for r.pos++; ; {
		r.space(true)
		switch {
		case r.peek() == ',':
			r.pos++
		case r.peek() == ']' || r.pos >= len(r.data):
			r.pos++
			if !whole {
				return nil
			}
			return r.list(kids, start, r.pos)
		default:
			r.take(1, r.pos, r.pos+1)
			n := r.value()
			kids, whole = append(kids, n), whole && n != nil
		}
	}
}

func (r *tomlReader) inline(start int) *Node {
	t := &tomlTable{start: start}
	for r.pos++; ; {
		r.space(false)
		switch {
		case r.peek() == ',':
			r.pos++
		case r.peek() == '}' || r.pos >= len(r.data):
			r.pos++
			t.end = r.pos
			return t.node(r.builder)
		default:
			r.keyValue(t)
		}
	}
}

// text reads a string of one of the four kinds.
func (r *tomlReader) text() string {
	quote := r.data[r.pos : r.pos+1]
	if long := bytes.Repeat(quote, 3); r.has(string(long)) {
		quote = long
		r.pos += 3
		if r.has("\r\n") {
			r.pos++
		}
		if r.has("\n") {
			r.pos++
		}
	} else {
		r.pos++
	}
	start := r.pos
	for r.pos < len(r.data) && !r.has(string(quote)) {
		if quote[0] == '"' && r.data[r.pos] == '\\' {
			r.pos++
		}
		r.pos++
	}
	if len(quote) == 3 { // up to two quotes may stand in front of the closing ones
		for r.pos+3 < len(r.data) && r.data[r.pos+3] == quote[0] {
			r.pos++
		}
	}
	s := r.data[start:min(r.pos, len(r.data))]
	r.pos += len(quote)
	if quote[0] == '\'' || bytes.IndexByte(s, '\\') < 0 {
		return string(s)
	}
	return unescape(s)
}

func unescape(s []byte) string {
	var out strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '\\' || i+1 == len(s) {
			out.WriteByte(s[i])
			continue
		}
		i++
		switch c := s[i]; c {
		case 'b', 't', 'n', 'f', 'r':
			out.WriteByte("\b\t\n\f\r"[strings.IndexByte("btnfr", c)])
		case 'u', 'U':
			n := 4
			if c == 'U' {
				n = 8
			}
			r, _ := strconv.ParseUint(string(s[i+1:min(i+1+n, len(s))]), 16, 32)
			out.WriteRune(rune(r))
			i += n
		case ' ', '\t', '\r', '\n':
			for i+1 < len(s) && strings.IndexByte(" \t\r\n", s[i+1]) >= 0 {
				i++
			}
		default:
			out.WriteByte(c)
		}
	}
	return out.String()
}
