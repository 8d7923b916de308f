package yamlsyntax

import (
	"cmp"
	"fmt"
	"slices"
	"unicode/utf8"
)

// badChar returns the place of the first character that YAML does not allow,
// its length in bytes, and why; "" where there is none.
func badChar(data []byte) (at, n int, why string) {
	for i := 0; i < len(data); {
		c := data[i]
		if c < utf8.RuneSelf {
			if c < ' ' && c != '\n' && c != '\t' && c != '\r' || c == 0x7f {
				return i, 1, fmt.Sprintf("control character U+%04X, remove it or write it as an escape in double quotes", c)
			}
			i++
			continue
		}
		r, n := utf8.DecodeRune(data[i:])
		switch {
		case r == utf8.RuneError && n == 1:
			return i, 1, "not UTF-8, save the file in that encoding"
		case !printable(r):
			return i, n, fmt.Sprintf("character U+%04X is not allowed, remove it or write it as an escape in double quotes", r)
		}
		i += n
	}
	return 0, 0, ""
}

// printable is c-printable of YAML 1.1, section 5.1, beyond ASCII.
func printable(r rune) bool {
	return r == 0x85 || 0xa0 <= r && r <= 0xd7ff || 0xe000 <= r && r <= 0xfffd || 0x10000 <= r && r <= utf8.MaxRune
}

func sortProblems(ps []Problem) {
	slices.SortStableFunc(ps, func(a, b Problem) int { return cmp.Compare(a.Start, b.Start) })
}
