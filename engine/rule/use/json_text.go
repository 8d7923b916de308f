package use

import (
	"bytes"
	"encoding/binary"
	"math"
	"slices"
	"strconv"
	"unicode/utf16"
	"unicode/utf8"
)

// This file turns JSON's scalars into text and back as Python does. Its strings
// may hold lone surrogates, so that text is WTF-8 here: UTF-8 where a lone
// surrogate stands as the three bytes that it would have. Its byte order is the
// order of code points, which Python sorts by.

// unquote returns the text of a string token: the token's own bytes where there
// is no escape.
func unquote(data []byte, t jsonToken) []byte {
	raw := data[t.start+1 : t.end-1]
	if !t.escaped {
		return raw
	}
	out := make([]byte, 0, len(raw))
	for len(raw) > 0 {
		n := bytes.IndexByte(raw, '\\')
		if n < 0 {
			return append(out, raw...)
		}
		out, raw = append(out, raw[:n]...), raw[n:]
		if raw[1] != 'u' {
			out, raw = append(out, unescape(raw[1])), raw[2:]
			continue
		}
		r := hex4(raw)
		raw = raw[6:]
		if bytes.HasPrefix(raw, []byte(`\u`)) {
			if pair := utf16.DecodeRune(r, hex4(raw)); pair != utf8.RuneError {
				r, raw = pair, raw[6:]
			}
		}
		out = appendWTF8(out, r)
	}
	return out
}

// hex4 returns the code unit of an escape such as \u00e9.
func hex4(escape []byte) (r rune) {
	for _, c := range escape[2:6] {
		r = r<<4 | hexValue(c)
	}
	return r
}

// unescape returns what a letter behind a backslash means.
func unescape(c byte) byte {
	switch c {
	case 'b':
		return '\b'
	case 'f':
		return '\f'
	case 'n':
		return '\n'
	case 'r':
		return '\r'
	case 't':
		return '\t'
	}
	return c
}

// appendWTF8 appends a code point, a surrogate among them.
func appendWTF8(out []byte, r rune) []byte {
	if utf16.IsSurrogate(r) {
		return append(out, 0xe0|byte(r>>12), 0x80|byte(r>>6)&0xbf, 0x80|byte(r)&0xbf)
	}
	return utf8.AppendRune(out, r)
}

// decodeWTF8 returns the first code point, as utf8.DecodeRune does, surrogates
// among them.
func decodeWTF8(b []byte) (r rune, size int) {
	if len(b) >= 3 && b[0] == 0xed && b[1]&0xe0 == 0xa0 && b[2]&0xc0 == 0x80 {
		return 0xd000 | rune(b[1]&0x3f)<<6 | rune(b[2]&0x3f), 3
	}
	return utf8.DecodeRune(b)
}

// invalidWTF8 returns the offset of the first byte that is not WTF-8, -1 where
// all is.
func invalidWTF8(b []byte) int {
	if utf8.Valid(b) {
		return -1
	}
	for i := 0; i < len(b); {
		r, n := decodeWTF8(b[i:])
		if r == utf8.RuneError && n == 1 {
			return i
		}
		i += n
	}
	return -1
}

// quote appends a text as a JSON string, in ASCII or with other characters as
// they are.
func quote(out, text []byte, ascii bool) []byte {
	out = append(out, '"')
	for len(text) > 0 {
		n := 0
		for n < len(text) && isPlain(text[n]) {
			n++
		}
		out, text = append(out, text[:n]...), text[n:]
		if len(text) == 0 {
			break
		}
		r, size := decodeWTF8(text)
		switch {
		case r < 0x20 || r == '"' || r == '\\':
			out = appendEscape(out, byte(r))
		case ascii:
			out = appendUnits(out, r)
		default:
			out = append(out, text[:size]...)
		}
		text = text[size:]
	}
	return append(out, '"')
}

func isPlain(c byte) bool { return 0x20 <= c && c <= 0x7e && c != '"' && c != '\\' }

// appendEscape appends the short escape of a character, where JSON has one.
func appendEscape(out []byte, c byte) []byte {
	switch c {
	case '"', '\\':
		return append(out, '\\', c)
	case '\b':
		return append(out, `\b`...)
	case '\f':
		return append(out, `\f`...)
	case '\n':
		return append(out, `\n`...)
	case '\r':
		return append(out, `\r`...)
	case '\t':
		return append(out, `\t`...)
	}
	return appendUnits(out, rune(c))
}

// appendUnits appends a character as one or two UTF-16 escapes.
func appendUnits(out []byte, r rune) []byte {
	if r > 0xffff {
		high, low := utf16.EncodeRune(r)
		return appendUnits(appendUnits(out, high), low)
	}
	const hex = "0123456789abcdef"
	return append(out, '\\', 'u', hex[r>>12], hex[r>>8&15], hex[r>>4&15], hex[r&15])
}

// appendFloat appends a float as Python's repr: the shortest digits that read
// back as the same number, with an exponent below 1e-4 and from 1e16 on.
func appendFloat(out []byte, f float64) []byte {
	switch {
	case math.IsNaN(f):
		return append(out, "NaN"...)
	case math.IsInf(f, 1):
		return append(out, "Infinity"...)
	case math.IsInf(f, -1):
		return append(out, "-Infinity"...)
	}
	if a := math.Abs(f); a != 0 && (a < 1e-4 || a >= 1e16) {
		return strconv.AppendFloat(out, f, 'e', -1, 64)
	}
	start := len(out)
	out = strconv.AppendFloat(out, f, 'f', -1, 64)
	if bytes.IndexByte(out[start:], '.') < 0 {
		out = append(out, ".0"...)
	}
	return out
}

// decodeJSON returns a document's bytes as WTF-8, by the byte order mark or the
// place of its NUL bytes (RFC 4627, section 3), as Python's json.loads does for
// bytes; skip is how long a mark was cut. Wide says that it was UTF-16 or
// UTF-32; it fails where that is broken.
func decodeJSON(b []byte) (text []byte, skip int, wide, ok bool) {
	switch {
	case bytes.HasPrefix(b, []byte("\x00\x00\xfe\xff")):
		return decodeUTF32(b[4:], binary.BigEndian)
	case bytes.HasPrefix(b, []byte("\xff\xfe\x00\x00")):
		return decodeUTF32(b[4:], binary.LittleEndian)
	case bytes.HasPrefix(b, []byte("\xfe\xff")):
		return decodeUTF16(b[2:], binary.BigEndian)
	case bytes.HasPrefix(b, []byte("\xff\xfe")):
		return decodeUTF16(b[2:], binary.LittleEndian)
	case bytes.HasPrefix(b, utf8BOM):
		return b[3:], 3, false, true
	case len(b) >= 4 && b[0] == 0 && b[1] == 0:
		return decodeUTF32(b, binary.BigEndian)
	case len(b) >= 4 && b[1] == 0 && b[2] == 0 && b[3] == 0:
		return decodeUTF32(b, binary.LittleEndian)
	case (len(b) >= 4 || len(b) == 2) && b[0] == 0:
		return decodeUTF16(b, binary.BigEndian)
	case (len(b) >= 4 || len(b) == 2) && b[1] == 0:
		return decodeUTF16(b, binary.LittleEndian)
	}
	return b, 0, false, true
}

func decodeUTF16(b []byte, order binary.ByteOrder) ([]byte, int, bool, bool) {
	if len(b)%2 != 0 {
		return nil, 0, true, false
	}
	out := make([]byte, 0, len(b))
	for ; len(b) > 0; b = b[2:] {
		r := rune(order.Uint16(b))
		if utf16.IsSurrogate(r) && len(b) >= 4 {
			if pair := utf16.DecodeRune(r, rune(order.Uint16(b[2:]))); pair != utf8.RuneError {
				r, b = pair, b[2:]
			}
		}
		out = appendWTF8(out, r)
	}
	return slices.Clip(out), 0, true, true
}

func decodeUTF32(b []byte, order binary.ByteOrder) ([]byte, int, bool, bool) {
	if len(b)%4 != 0 {
		return nil, 0, true, false
	}
	out := make([]byte, 0, len(b)/2)
	for ; len(b) > 0; b = b[4:] {
		r := order.Uint32(b)
		if r > utf8.MaxRune {
			return nil, 0, true, false
		}
		out = appendWTF8(out, rune(r))
	}
	return out, 0, true, true
}
