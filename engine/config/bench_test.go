package config

import (
	"fmt"
	"strings"
	"testing"
)

// BenchmarkLoad loads a file of 50 rules that also extends the default pack:
// the whole of what a run spends on its configuration. The budget is 3 ms.
func BenchmarkLoad(b *testing.B) {
	var text strings.Builder
	text.WriteString("version: 1\nextends: [\"sot:recommended\"]\nrules:\n")
	for i := range 50 {
		fmt.Fprintf(&text, `
  - id: rule-%d
    description: The files of part %d are named as they should be.
    severity: warning
    files: ["part%d/**/*.go", "more/**"]
    exclude: "**/*_test.go"
    naming: { case: snake_case, of: stem }
`, i, i, i)
	}
	o := realOptions(text.String())
	b.ReportAllocs()
	for b.Loop() {
		if _, err := Load(o); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkSchema(b *testing.B) {
	kinds := realOptions("").Kinds
	for b.Loop() {
		if _, err := Schema(kinds); err != nil {
			b.Fatal(err)
		}
	}
}
