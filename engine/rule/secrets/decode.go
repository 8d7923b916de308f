package secrets

import (
	"bytes"
	"encoding/base64"
	"encoding/hex"
	"sort"
	"sync"
	"unicode/utf16"
)

// decoded is text in which what looked encoded is replaced by what it says: base64,
// hex, %XX and \uXXXX. It holds the lines around such places alone, so that a file
// with one of them is not judged twice.
type decoded struct {
	text   []byte
	pieces []piece
}

// piece is a part of the decoded text, up to the next piece, and where it comes
// from: the bytes [from, to) of the encoded one.
type piece struct {
	at, from, to int
	plain        bool // as it was, byte for byte
}

// maxDecodes is how often text that was decoded is decoded again.
const maxDecodes = 5

// The least lengths of what is taken for encoded, in characters.
const (
	minBase64 = 16
	minHex    = 32
)

// gap stands between lines that did not follow one another. No expression for
// secrets that is worth its name goes over it.
const gap = "\n\x00\n"

// span is encoded text and what it says.
type span struct {
	start, end int
	text       []byte
}

// decode returns nil where nothing is encoded.
func decode(data []byte) *decoded {
	var d *decoded
	charOf := charTable()
	at := 0 // what lies before is written, or left out
	for i := 0; i < len(data); {
		c := charOf[data[i]]
		if c == 0 {
			i++
			continue
		}
		s := spanAt(data, i, c)
		if s.text == nil {
			i = max(s.end, i+1)
			continue
		}
		if d == nil {
			d = &decoded{}
		}
		d.lead(data, at, s.start)
		d.pieces = append(d.pieces, piece{len(d.text), s.start, s.end, false})
		d.text = append(d.text, s.text...)
		at, i = s.end, s.end
	}
	if d != nil {
		d.plain(data, at, lineEnd(data, at))
	}
	return d
}

// lead writes what is between the last span and the next one: all of it where they
// are on one line or on lines that follow, else the rest of the one's line and the
// start of the other's.
func (d *decoded) lead(data []byte, at, next int) {
	least := max(at, next-maxLine) // a file of one line must not be read for each span
	start := least + bytes.LastIndexByte(data[least:next], '\n') + 1
	if start > least { // the line before may hold the name
		start = least + bytes.LastIndexByte(data[least:start-1], '\n') + 1
	}
	switch {
	case len(d.pieces) == 0:
		d.plain(data, start, next)
	case start <= at:
		d.plain(data, at, next)
	default:
		end := lineEnd(data, at)
		d.plain(data, at, end)
		d.pieces = append(d.pieces, piece{len(d.text), end, start, false})
		d.text = append(d.text, gap...)
		d.plain(data, start, next)
	}
}

func lineEnd(data []byte, at int) int {
	end := min(len(data), at+maxLine)
	if n := bytes.IndexByte(data[at:end], '\n'); n >= 0 {
		return at + n
	}
	return end
}

func (d *decoded) plain(data []byte, from, to int) {
	if from < to {
		d.pieces = append(d.pieces, piece{len(d.text), from, to, true})
		d.text = append(d.text, data[from:to]...)
	}
}

// The characters with which encoded text begins.
const (
	charWord    = 1 + iota // of base64 and hex
	charPercent            // %
	charEscape             // \
)

var charTable = sync.OnceValue(func() *[256]uint8 {
	t := &[256]uint8{}
	for _, c := range "0123456789abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ+/-_" {
		t[c] = charWord
	}
	t['%'], t['\\'] = charPercent, charEscape
	return t
})

// spanAt decodes what begins at the byte i. Without text, nothing is encoded up to
// the span's end.
func spanAt(data []byte, i int, c uint8) span {
	switch c {
	case charPercent:
		return percents(data, i)
	case charEscape:
		return escapes(data, i)
	}
	end, charOf := i+1, charTable()
	for end < len(data) && charOf[data[end]] == charWord {
		end++
	}
	if end-i < minBase64 {
		return span{i, end, nil}
	}
	word := data[i:end]
	if len(word) >= minHex && len(word)%2 == 0 {
		out := make([]byte, len(word)/2)
		if n, err := hex.Decode(out, word); err == nil && printable(out[:n]) {
			return span{i, end, out[:n]}
		}
	}
	for n := 0; n < 2 && end < len(data) && data[end] == '='; n++ {
		end++
	}
	return span{i, end, unbase64(data[i:end])}
}

// unbase64 returns nil where the word is not base64 of printable text. The first
// three bytes are looked at alone: most long words of source code end there.
func unbase64(word []byte) []byte {
	bare := bytes.TrimRight(word, "=")
	var head [3]byte
	for _, e := range []*base64.Encoding{base64.RawStdEncoding, base64.RawURLEncoding} {
		if _, err := e.Decode(head[:], bare[:4]); err != nil || !printable(head[:]) {
			continue
		}
		if e == base64.RawStdEncoding && len(word)%4 != 0 {
			continue // it is padded, or no base64 of this kind
		}
		out := make([]byte, e.DecodedLen(len(bare)))
		if n, err := e.Decode(out, bare); err == nil && printable(out[:n]) && bytes.ContainsAny(word, "0123456789+/-_") {
			return out[:n]
		}
	}
	return nil
}

func printable(b []byte) bool {
	for _, c := range b {
		if c < '\t' || c > '~' {
			return false
		}
	}
	return true
}

// percents decodes %41%42 and so on.
func percents(data []byte, i int) span {
	s := span{start: i, end: i}
	for s.end+3 <= len(data) && data[s.end] == '%' {
		n, ok := hexadecimal(data[s.end+1 : s.end+3])
		if !ok || n < '\t' || n > '~' {
			break
		}
		s.text = append(s.text, byte(n))
		s.end += 3
	}
	return s
}

// escapes decodes \u0041\u0042 and so on, also with two backslashes each.
func escapes(data []byte, i int) span {
	s := span{start: i, end: i}
	var units []uint16
	for {
		at := s.end
		for n := 0; n < 2 && at < len(data) && data[at] == '\\'; n++ {
			at++
		}
		if at == s.end || at+5 > len(data) || data[at]|0x20 != 'u' {
			break
		}
		n, ok := hexadecimal(data[at+1 : at+5])
		if !ok {
			break
		}
		units = append(units, n)
		s.end = at + 5
	}
	if units != nil {
		s.text = []byte(string(utf16.Decode(units)))
	}
	return s
}

// origin returns where the bytes [start, end) come from, and whether some of them
// were decoded.
func (d *decoded) origin(start, end int) (from, to int, was bool) {
	first := sort.Search(len(d.pieces), func(i int) bool { return d.pieces[i].at > start }) - 1
	last := sort.Search(len(d.pieces), func(i int) bool { return d.pieces[i].at >= end }) - 1
	last = max(first, last)
	a, b := d.pieces[first], d.pieces[last]
	if from = a.from; a.plain {
		from += start - a.at
	}
	if to = b.to; b.plain {
		to = b.from + end - b.at
	}
	for _, p := range d.pieces[first : last+1] {
		was = was || !p.plain
	}
	return from, to, was
}

// hexadecimal reads up to four digits.
func hexadecimal(digits []byte) (n uint16, ok bool) {
	for _, c := range digits {
		switch {
		case '0' <= c && c <= '9':
			c -= '0'
		case 'a' <= c|0x20 && c|0x20 <= 'f':
			c = c | 0x20 - 'a' + 10
		default:
			return 0, false
		}
		n = n<<4 | uint16(c)
	}
	return n, true
}
