package engine

import (
	"bufio"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/source"
)

// JSON of 200 MB is a finding and not read; one below the limit, of more values
// than a document may have, is a finding at its place.
func TestHugeJSON(t *testing.T) {
	if os.Getenv("SOT_LONG") == "" {
		t.Skip("writes 260 MB; SOT_LONG=1 runs it")
	}
	dir := t.TempDir()
	const row = `{"name": "value of some length", "numbers": [1, 2, 3, 4, 5, 6, 7]},` + "\n"
	write := func(name string, size int) {
		f, err := os.Create(filepath.Join(dir, name))
		if err != nil {
			t.Fatal(err)
		}
		w := bufio.NewWriterSize(f, 1<<20)
		_, _ = w.WriteString("[")
		for range size / len(row) {
			_, _ = w.WriteString(row)
		}
		_, _ = w.WriteString("{}]")
		if err := w.Flush(); err != nil {
			t.Fatal(err)
		}
		if err := f.Close(); err != nil {
			t.Fatal(err)
		}
	}
	config := "version: 1\nrules:\n"
	for i := range 3 { // which share what they read
		config += fmt.Sprintf("  - { id: d%d, files: '*.json', needs: [%s], data: { assert: [{ expr: len(doc) > 1 }] } }\n", i, strings.Join([]string{"a", "b", "c"}[:i+1], ", "))
	}
	config += "  - { id: a, structure: { require: [sot.yaml] } }\n  - { id: b, structure: { require: [sot.yaml] } }\n  - { id: c, structure: { require: [sot.yaml] } }\n  - use: check-json\n"
	if err := os.WriteFile(filepath.Join(dir, "sot.yaml"), []byte(config), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct {
		name   string
		size   int
		most   uint64 // bytes that may be allocated in all
		rule   string
		number int
	}{
		{"huge.json", 200 << 20, 32 << 20, "oversized-file", 1},
		{"large.json", 60 << 20, 3 << 30, "d0 d1 d2", 3},
	} {
		write(c.name, c.size)
		var before, after runtime.MemStats
		runtime.ReadMemStats(&before)
		rep, err := Run(t.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, NoCache: true, NoProfile: true})
		if err != nil {
			t.Fatal(err)
		}
		runtime.ReadMemStats(&after)
		if len(rep.Findings) != c.number || len(rep.Faults) > 0 || !strings.Contains(c.rule, rep.Findings[0].Rule) {
			t.Errorf("%s: %v, %v", c.name, rep.Findings, rep.Faults)
		}
		if got := after.TotalAlloc - before.TotalAlloc; got > c.most {
			t.Errorf("%s: %d bytes were allocated", c.name, got)
		} else {
			t.Logf("%s: %d MiB were allocated in all", c.name, got>>20)
		}
		if err := os.Remove(filepath.Join(dir, c.name)); err != nil {
			t.Fatal(err)
		}
	}
}
