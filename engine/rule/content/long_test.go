package content_test

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule"
)

// A pattern that matches everywhere gives so many findings, and the last says
// that there are more.
func TestManyMatchesAreBounded(t *testing.T) {
	got, _ := run(t, object("forbid", list(str("a"))), strings.Repeat("a b ", 5000))
	lines := strings.Split(got, "\n")
	if len(lines) != 1001 || lines[999] != "1:3997-1:3998 must not match a: remove it" ||
		lines[1000] != "1:4001-1:4002 must not match a: remove it (here and further on: more are not listed)" {
		t.Errorf("%d findings, the last: %q", len(lines), lines[len(lines)-2:])
	}
}

// A fix mends all of them, and gives up where it would not end.
func TestFixOfManyMatches(t *testing.T) {
	text := strings.Repeat("a b ", 5000)
	if _, mended := run(t, object("forbid", list(object("pattern", str("a"), "replace", str("c")))), text); mended != strings.Repeat("c b ", 5000) {
		t.Error("not all are mended")
	}
	big := object("pattern", str("(a)"), "replace", str("${1}"+strings.Repeat("y", 4<<20)))
	if _, mended := run(t, object("forbid", list(big)), text); mended != "" {
		t.Errorf("a fix wrote %d bytes", len(mended))
	}
}

// BenchmarkLongLine is a line of 10 MB with a million matches.
func BenchmarkLongLine(b *testing.B) {
	text := strings.Repeat("a b ", 2_500_000)
	for _, body := range []rule.Value{object("forbid", list(str("a"))), object("forbid", list(str(`b\b`)))} {
		b.Run(body.Fields[0].Value.Items[0].Scalar, func(b *testing.B) {
			b.SetBytes(int64(len(text)))
			for b.Loop() {
				run(b, body, text)
			}
		})
	}
}
