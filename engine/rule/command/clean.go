package command

import (
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"
)

// clean makes a program's text fit to be shown: without terminal escapes
// (ECMA-48), control characters and bidirectional controls, in valid UTF-8,
// with "\n" as its line end. Tabs stay.
func clean(s string) string {
	var b strings.Builder
	b.Grow(len(s))
	for i := 0; i < len(s); {
		r, n := utf8.DecodeRuneInString(s[i:])
		switch {
		case r == '\x1b':
			i += escape(s[i:])
			continue
		case r == '\u009b':
			i += n + sequence(s[i+n:])
			continue
		case r == '\r':
			if !strings.HasPrefix(s[i+1:], "\n") {
				b.WriteByte('\n')
			}
		case r == '\n' || r == '\t':
			b.WriteRune(r)
		case unicode.IsControl(r) || unicode.Is(unicode.Bidi_Control, r):
		default:
			b.WriteRune(r) // U+FFFD for a byte that is not UTF-8
		}
		i += n
	}
	return b.String()
}

// escape returns the length of the escape sequence at the start of s.
func escape(s string) int {
	if len(s) < 2 {
		return 1
	}
	switch s[1] {
	case '[':
		return 2 + sequence(s[2:])
	case ']', 'P', 'X', '^', '_': // strings, up to BEL or ST
		return 2 + controlString(s[2:])
	}
	n := 1
	for n < len(s) && 0x20 <= s[n] && s[n] <= 0x2f {
		n++
	}
	if n < len(s) && 0x30 <= s[n] && s[n] <= 0x7e {
		n++
	}
	return n
}

// sequence returns the length of a control sequence's parameters and final byte.
func sequence(s string) int {
	n := 0
	for n < len(s) && 0x20 <= s[n] && s[n] <= 0x3f {
		n++
	}
	if n < len(s) && 0x40 <= s[n] && s[n] <= 0x7e {
		n++
	}
	return n
}

// controlString returns the length of a string up to its terminator. One that
// is not closed ends with its line, so that it cannot hide the rest.
func controlString(s string) int {
	for i := 0; i < len(s); i++ {
		switch {
		case s[i] == '\n':
			return i
		case s[i] == '\a':
			return i + 1
		case s[i] == '\x1b' && strings.HasPrefix(s[i+1:], `\`):
			return i + 2
		}
	}
	return len(s)
}

// What is shown of a program's output.
const (
	maxMessage  = 4 << 10  // bytes of one finding's message
	maxOutput   = 16 << 10 // bytes of a whole output that is a message
	outputLines = 60       // and its lines
	faultLines  = 12       // the last lines that a fault shows
	faultBytes  = 2 << 10
)

// cut shortens s to at most n bytes, at a character, with "..." for the rest.
func cut(s string, n int) string {
	if len(s) <= n {
		return s
	}
	n = max(0, n-3)
	for n > 0 && !utf8.RuneStart(s[n]) {
		n--
	}
	return s[:n] + "..."
}

// excerpt returns an output as a message: the first two thirds of its lines
// that fit, and the last third.
func excerpt(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(cut(l, maxMessage), unicode.IsSpace)
	}
	if n := len(lines) - outputLines; n > 0 {
		lines = slices.Concat(lines[:outputLines*2/3], []string{"[" + plural(n, "line") + " left out]"}, lines[len(lines)-outputLines/3:])
	}
	return cut(strings.Join(lines, "\n"), maxOutput)
}

// lastLines returns the end of an output, for a fault.
func lastLines(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	lines = lines[max(0, len(lines)-faultLines):]
	for i, l := range lines {
		lines[i] = strings.TrimRightFunc(cut(l, faultBytes/4), unicode.IsSpace)
	}
	s = strings.Join(lines, "\n")
	for len(s) > faultBytes {
		_, rest, ok := strings.Cut(s, "\n")
		if !ok {
			return cut(s, faultBytes)
		}
		s = rest
	}
	return s
}
