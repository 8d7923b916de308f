package actionsexpr

import "strings"

// Span is one expression of a text: the bytes [Start, End), its ${{ and }}
// among them.
type Span struct {
	Start, End int
	Text       string // what stands between
}

// Embedded returns the expressions of a text. A }} within a string of an
// expression does not end it; one that does not end is left out.
func Embedded(text string) []Span {
	var out []Span
	for at := 0; ; {
		n := strings.Index(text[at:], "${{")
		if n < 0 {
			return out
		}
		start := at + n
		end := closing(text, start+3)
		if end < 0 {
			return out
		}
		out = append(out, Span{start, end + 2, text[start+3 : end]})
		at = end + 2
	}
}

// closing returns where the }} of an expression stands; -1 where there is none.
func closing(text string, at int) int {
	quoted := false
	for ; at < len(text); at++ {
		switch {
		case text[at] == '\'':
			quoted = !quoted // '' is a quote within a string: closed and opened again
		case !quoted && strings.HasPrefix(text[at:], "}}"):
			return at
		}
	}
	return -1
}
