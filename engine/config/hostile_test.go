package config

import (
	"fmt"
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// TestHostileTime: whatever fills a file, loading it takes a time that grows
// with its size and not with the square. The bound is generous: a quadratic
// step takes minutes here.
func TestHostileTime(t *testing.T) {
	n := 32 << 10
	if os.Getenv("SOT_LONG") == "1" {
		n = maxBytes - 100
	}
	fill := func(s string) string { return strings.Repeat(s, n/len(s)) }
	count := func(format string) string {
		var b strings.Builder
		for i := 0; b.Len() < n; i++ {
			fmt.Fprintf(&b, format, i)
		}
		return b.String()
	}
	for name, text := range map[string]string{
		"aliases":      "- &a b\n" + fill("- *a\n"),
		"anchors":      count("- &a%d b\n"),
		"block scalar": "a: |\n" + fill(" x\n"),
		"carriage":     fill("\r"),
		"comments":     fill("- #\n"),
		"directives":   fill("%TAG ! x\n"),
		"flow":         fill("["),
		"flow maps":    fill("{a: "),
		"late error":   fill("a: b\n") + "x: y: z\n",
		"one line":     "[" + fill("a,") + "]",
		"question":     fill("? "),
		"quote":        "a: \"" + fill("x\n"),
		"separators":   "a: \"" + fill("\u2028x") + "\"",
		"steps":        stairs(n),
		"same keys":    fill("a: 1\n"),
		"simple keys":  "{" + fill("a b c: d, "),
		"unknown keys": count("key%d: 1\n"),
		"cycles":       "rules:\n" + count("- {id: r%[1]d, use: check-json, needs: [r0, r1, r2, r3, r4, r5, r6, r7, r8, r9]}\n"),
		"ring":         "rules:\n- {id: r, use: check-json, needs: [r0]}\n" + count("- {id: r%[1]d, use: check-json, needs: [r, r0, zz%[1]d]}\n"),
		"needs":        "rules:\n" + count("- {id: rule%[1]d, use: check-json, needs: [ruel%[1]d, rlue%[1]d, x%[1]d]}\n"),
		"types":        "rules:\n" + count("- {id: rule%[1]d, use: check-json, types: [pytohn%[1]d, x%[1]d]}\n"),
		"overrides":    "rules:\n" + count("- {id: rule%d}\n"),
	} {
		t.Run(name, func(t *testing.T) {
			start := cputime.Used()
			_, err := Load(fakeOptions(text))
			if d := cputime.Used() - start; d > 20*time.Second {
				t.Errorf("took %v", d)
			}
			if err != nil && len(err.Error()) > 1<<20 {
				t.Errorf("%d bytes of problems", len(err.Error()))
			}
		})
	}
}

// stairs is n bytes of ever deeper indentation.
func stairs(n int) string {
	var b strings.Builder
	for i := 0; b.Len() < n; i++ {
		b.WriteString(strings.Repeat(" ", i) + "a:\n")
	}
	return b.String()
}
