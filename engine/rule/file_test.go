package rule

import (
	"strings"
	"testing"
	"unicode/utf8"

	"pgregory.net/rapid"
)

// Position remembers where it was last; whatever is asked in what order, it
// counts as from the line's start.
func TestPositionInAnyOrder(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "\n", "\r\n", "é", "日", "\xff", "\xe6\x97", "\x00"}), 0, 30).Draw(t, "text"), "")
		f := NewFile(Entry{Path: "f"}, []byte(text), nil)
		for range 20 {
			at := rapid.IntRange(0, len(text)).Draw(t, "offset")
			start := strings.LastIndexByte(text[:at], '\n') + 1
			line, column := strings.Count(text[:at], "\n")+1, utf8.RuneCountInString(text[start:at])+1
			if l, c := f.Position(at); l != line || c != column {
				t.Fatalf("offset %d of %q is %d:%d, want %d:%d", at, text, l, c, line, column)
			}
		}
	})
}
