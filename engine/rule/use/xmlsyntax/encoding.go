package xmlsyntax

import (
	"bytes"
	"encoding/binary"
	"strings"
	"unicode/utf16"
	"unicode/utf8"
)

// Check returns what is wrong with the text, nil where it is well-formed.
func Check(data []byte) *Problem {
	text, origin := decodeUTF16(data)
	p := newParser(text)
	p.wide = origin != nil
	problem := p.document()
	if problem != nil && origin != nil {
		problem.Start, problem.End = origin(problem.Start), origin(problem.End)
	} else if problem != nil && p.latin1 {
		problem.Start, problem.End = latin1Origin(p.data, problem.Start), latin1Origin(p.data, problem.End)
	}
	return problem
}

// decodeUTF16 returns UTF-16 text as UTF-8, and a function from its offsets to
// those of data; other text as it is, and nil. UTF-16 shows in a byte order
// mark, or in its first character being '<'.
func decodeUTF16(data []byte) (text []byte, origin func(int) int) {
	var order binary.ByteOrder
	skip := 0
	switch {
	case bytes.HasPrefix(data, []byte{0xff, 0xfe}):
		order, skip = binary.LittleEndian, 2
	case bytes.HasPrefix(data, []byte{0xfe, 0xff}):
		order, skip = binary.BigEndian, 2
	case bytes.HasPrefix(data, []byte{'<', 0}):
		order = binary.LittleEndian
	case bytes.HasPrefix(data, []byte{0, '<'}):
		order = binary.BigEndian
	default:
		return data, nil
	}
	units := make([]uint16, (len(data)-skip)/2)
	for i := range units {
		units[i] = order.Uint16(data[skip+2*i:])
	}
	// A lone surrogate is not allowed, nor is what stands for it here.
	for _, r := range utf16.Decode(units) {
		if r == utf8.RuneError {
			r = 0xffff
		}
		text = utf8.AppendRune(text, r)
	}
	return text, func(offset int) int {
		at := skip
		for _, r := range string(text[:min(offset, len(text))]) {
			at += 2 * utf16.RuneLen(r)
		}
		return min(at, len(data))
	}
}

// decodeLatin1 returns text in an encoding of one byte a character as UTF-8:
// which character a byte beyond ASCII is does not matter to the verdict.
func decodeLatin1(data []byte) []byte {
	out := make([]byte, 0, len(data)+len(data)/8)
	for _, c := range data {
		out = utf8.AppendRune(out, rune(c))
	}
	return out
}

func latin1Origin(text []byte, offset int) int { return utf8.RuneCount(text[:min(offset, len(text))]) }

// setEncoding obeys the declared encoding; the rest of the text is in it.
func (p *parser) setEncoding(name string) bool {
	lower := strings.ToLower(strings.ReplaceAll(name, "_", "-"))
	switch lower {
	case "utf-16", "utf-16le", "utf-16be":
		return p.wide
	case "utf-8", "us-ascii", "ascii":
		if p.wide {
			return false
		}
		if lower != "utf-8" {
			return !hasHigh(p.data)
		}
		return true
	}
	if p.wide {
		return true
	}
	if !oneByte(lower) {
		return false
	}
	p.data, p.latin1 = decodeLatin1(p.data), true // the declaration is ASCII: pos stays
	return true
}

// oneByte says whether an encoding, in lower case with '-', has one byte a
// character, the lower half of them ASCII.
func oneByte(encoding string) bool {
	for _, family := range [...]string{"iso-8859-", "iso8859-", "windows-125", "koi8-", "latin", "mac", "tis-620"} {
		if strings.HasPrefix(encoding, family) {
			return true
		}
	}
	for _, prefix := range [...]string{"cp", "ibm"} {
		if page, ok := strings.CutPrefix(encoding, prefix); ok {
			switch page {
			case "437", "775", "819", "850", "852", "855", "857", "858", "860", "861", "862", "863", "864", "865", "866", "869",
				"1125", "1250", "1251", "1252", "1253", "1254", "1255", "1256", "1257", "1258":
				return true
			}
		}
	}
	return false
}

func hasHigh(data []byte) bool {
	for _, c := range data {
		if c >= utf8.RuneSelf {
			return true
		}
	}
	return false
}
