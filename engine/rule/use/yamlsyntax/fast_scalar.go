package yamlsyntax

import (
	"bytes"
	"unicode/utf8"
)

// Classes of bytes in text: those without a bit need no second look there.
const (
	inComment = 1 << iota // also in a block scalar
	inPlain
	inSingle
	inDouble
	inFlow
	startPlain // may begin a plain scalar
)

// classes tells which bytes stop a scan. Filled here, by hand, since a table
// that code fills would cost every start of the program.
var classes = [256]uint8{
	0: all, 1: all, 2: all, 3: all, 4: all, 5: all, 6: all, 7: all, 8: all,
	'\t': all &^ inComment, '\n': all, 11: all, 12: all, '\r': all, 14: all, 15: all, 16: all, 17: all, 18: all,
	19: all, 20: all, 21: all, 22: all, 23: all, 24: all, 25: all, 26: all, 27: all, 28: all, 29: all, 30: all, 31: all,
	':': inPlain | inFlow, '#': inPlain | inFlow, '\'': inSingle, '"': inDouble, '\\': inDouble | startPlain,
	',': inFlow, '[': inFlow, ']': inFlow, '{': inFlow, '}': inFlow, '?': inFlow, 0x7f: all,

	'0': startPlain, '1': startPlain, '2': startPlain, '3': startPlain, '4': startPlain,
	'5': startPlain, '6': startPlain, '7': startPlain, '8': startPlain, '9': startPlain,
	'a': startPlain, 'b': startPlain, 'c': startPlain, 'd': startPlain, 'e': startPlain, 'f': startPlain, 'g': startPlain,
	'h': startPlain, 'i': startPlain, 'j': startPlain, 'k': startPlain, 'l': startPlain, 'm': startPlain, 'n': startPlain,
	'o': startPlain, 'p': startPlain, 'q': startPlain, 'r': startPlain, 's': startPlain, 't': startPlain, 'u': startPlain,
	'v': startPlain, 'w': startPlain, 'x': startPlain, 'y': startPlain, 'z': startPlain,
	'A': startPlain, 'B': startPlain, 'C': startPlain, 'D': startPlain, 'E': startPlain, 'F': startPlain, 'G': startPlain,
	'H': startPlain, 'I': startPlain, 'J': startPlain, 'K': startPlain, 'L': startPlain, 'M': startPlain, 'N': startPlain,
	'O': startPlain, 'P': startPlain, 'Q': startPlain, 'R': startPlain, 'S': startPlain, 'T': startPlain, 'U': startPlain,
	'V': startPlain, 'W': startPlain, 'X': startPlain, 'Y': startPlain, 'Z': startPlain,
	'_': startPlain, '/': startPlain, '.': startPlain, '(': startPlain, ')': startPlain, '$': startPlain, '^': startPlain,
	'~': startPlain, ';': startPlain, '+': startPlain, '<': startPlain, '=': startPlain,
}

const all = inComment | inPlain | inSingle | inDouble | inFlow

// skip goes to the next byte of a class, over characters that YAML allows; false
// where it meets one that it does not, or that is a line break in disguise.
func (r *recogniser) skip(class uint8) bool {
	data, i := r.data, r.pos
	for i < len(data) {
		c := data[i]
		if c < utf8.RuneSelf {
			if classes[c]&class != 0 {
				break
			}
			i++
			continue
		}
		n := ordinary(data[i:])
		if n == 0 {
			return false
		}
		i += n
	}
	r.pos = i
	return true
}

// ordinary returns the length of a character beyond ASCII, 0 where it is not
// allowed, a break, or a byte order mark.
func ordinary(b []byte) int {
	c, n := utf8.DecodeRune(b)
	if c == utf8.RuneError && n == 1 || !printable(c) || c == 0x85 || c == 0x2028 || c == 0x2029 || c == 0xfeff {
		return 0
	}
	return n
}

func (r *recogniser) spaces() {
	for r.pos < len(r.data) && r.data[r.pos] == ' ' {
		r.pos++
	}
}

// atEnd says whether the line ends here.
func (r *recogniser) atEnd() bool {
	return r.pos == len(r.data) || r.data[r.pos] == '\n' ||
		r.data[r.pos] == '\r' && r.pos+1 < len(r.data) && r.data[r.pos+1] == '\n'
}

// lineEnd takes spaces, a comment and the end of the line. A comment begins
// behind a space; alone says that the line holds nothing in front of it.
func (r *recogniser) lineEnd(alone bool) bool {
	r.spaces()
	if r.pos < len(r.data) && r.data[r.pos] == '#' {
		if !alone && r.data[r.pos-1] != ' ' || !r.skip(inComment) {
			return false
		}
	}
	if !r.atEnd() {
		return false
	}
	if r.pos < len(r.data) {
		if r.data[r.pos] == '\r' {
			r.pos++
		}
		r.pos++
	}
	return true
}

// atColon says whether a ':' that ends a key stands here.
func (r *recogniser) atColon() bool {
	if r.pos >= len(r.data) || r.data[r.pos] != ':' {
		return false
	}
	if r.pos+1 == len(r.data) {
		return true
	}
	c := r.data[r.pos+1]
	return c == ' ' || c == '\n' || c == '\r'
}

// plain takes a plain scalar of one line up to the ':' of a key, a comment or
// the line's end; end is where its text ends.
func (r *recogniser) plain() (end int, ok bool) {
	c := r.data[r.pos]
	switch {
	case c == '-':
		if r.atItem() || r.pos+1 < len(r.data) && r.data[r.pos+1] <= ' ' {
			return 0, false
		}
	case c < utf8.RuneSelf && classes[c]&startPlain == 0:
		return 0, false
	}
	return r.plainText()
}

// plainText is plain from any character on: a scalar's further lines may begin
// with those that a first may not.
func (r *recogniser) plainText() (end int, ok bool) {
	for r.skip(inPlain) {
		if r.pos == len(r.data) {
			return r.trim(), true
		}
		switch r.data[r.pos] {
		case ':':
			if r.atColon() {
				return r.trim(), true
			}
		case '#':
			if r.data[r.pos-1] == ' ' {
				return r.trim(), true
			}
		case '\n', '\r':
			return r.trim(), r.atEnd()
		default:
			return 0, false
		}
		r.pos++
	}
	return 0, false
}

// trim returns the end of the text in front of pos.
func (r *recogniser) trim() int {
	end := r.pos
	for end > 0 && r.data[end-1] == ' ' {
		end--
	}
	return end
}

// quoted takes a quoted scalar; simple says that its text stands there as it is
// meant, on one line. A line at the margin could be the end of the document.
func (r *recogniser) quoted(quote byte) (simple, ok bool) {
	class := uint8(inSingle)
	if quote == '"' {
		class = inDouble
	}
	simple = true
	r.pos++
	for r.skip(class) && r.pos < len(r.data) {
		switch {
		case r.data[r.pos] == '\\' && quote == '"':
			if r.pos+1 == len(r.data) || !bytes.ContainsRune([]byte(`0abtnvfre "/\N_LP`), rune(r.data[r.pos+1])) {
				return false, false
			}
			simple = false
			r.pos += 2
		case r.atEnd():
			simple = false
			if !r.indentedLine() {
				return false, false
			}
		case r.data[r.pos] != quote:
			return false, false
		case quote == '\'' && r.pos+1 < len(r.data) && r.data[r.pos+1] == '\'':
			simple = false
			r.pos += 2
		default:
			r.pos++
			return simple, true
		}
	}
	return false, false
}

// indentedLine takes the line's end where the next line is empty, indented, or
// begins with a closing bracket.
func (r *recogniser) indentedLine() bool {
	if !r.lineEnd(true) || r.pos == len(r.data) {
		return false
	}
	c := r.data[r.pos]
	return c == ' ' || c == '\n' || c == ']' || c == '}'
}

// isString says that a plain scalar is certainly a string: it begins as no
// number does, and is no word of YAML's.
func isString(text []byte) bool {
	switch c := text[0]; {
	case 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z':
		return len(text) > 5 || resolve(text) == strTag
	case c == '_' || c == '/' || c == '$' || c == '(' || c >= utf8.RuneSelf:
		return true
	}
	return false
}

// harmless says that a plain scalar is certainly a value that loads: that it is
// no merge key, and no number or date with a chance to be none.
func harmless(text []byte) bool {
	switch c := text[0]; {
	case c == '<' || c == '=':
		return len(text) > 2
	case c == '-' || c == '+' || c == '.':
		if len(text) > 1 && classes[text[1]]&startPlain != 0 && (text[1] < '0' || text[1] > '9') && text[1] != '.' && text[1] != '_' {
			return true // no number goes on so
		}
		fallthrough
	case c >= '0' && c <= '9':
		return len(text) < 1000 && bytes.IndexByte(text, '_') < 0 && !(len(text) > 4 && text[4] == '-')
	}
	return true
}

// blockScalar takes a block scalar whose indentation its first line gives.
func (r *recogniser) blockScalar() bool {
	least := 1
	if r.depth > 0 {
		least = r.levels[r.depth-1].indent + 1
	}
	r.pos++
	if r.pos < len(r.data) && (r.data[r.pos] == '-' || r.data[r.pos] == '+') {
		r.pos++
	}
	if !r.lineEnd(false) {
		return false
	}
	indent, blank := 0, 0 // blank is the longest of the empty lines in front
	for r.pos < len(r.data) {
		start := r.pos
		r.spaces()
		column := r.pos - start
		switch {
		case r.atEnd():
			if indent == 0 {
				blank = max(blank, column)
			}
		case column < max(indent, least):
			if r.data[r.pos] == '\t' {
				return false // in place of indentation
			}
			r.pos = start
			return true
		case indent == 0 && r.data[r.pos] == '\t':
			return false
		case indent == 0:
			if indent = column; blank > indent {
				return false // the empty lines would give the indentation
			}
		}
		if !r.skip(inComment) || !r.atEnd() {
			return false
		}
		if !r.lineEnd(true) {
			return false
		}
	}
	return true
}
