package use

import (
	"bytes"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

// fixers are the checks that mend all that they find, with the bytes that
// matter to each.
var fixers = []struct {
	id, path string
	options  []string
	alphabet []string
	// rounds is how many fixes it takes at most until nothing changes.
	rounds int
}{
	{"trailing-whitespace", "f.md", []string{"", `{"markdown_linebreak_ext": "md"}`, `{"markdown_linebreak_ext": "*"}`},
		[]string{" ", "  ", "\t", "\r", "\n", "\r\n", "\f", "\v", "a", "\xff", "\u00a0", "\ufeff"}, 1},
	// One fix may bring a CR before the LF, or leave blanks alone on a Markdown line.
	{"trailing-whitespace", "f.md", []string{`{"chars": "x"}`, `{"chars": "x ", "markdown_linebreak_ext": "md"}`},
		[]string{" ", "x", "\r", "\n", "a"}, 20},
	{"end-of-file-fixer", "f", []string{""}, []string{"\n", "\r", "\r\n", "a", " ", "\x00"}, 1},
	{"mixed-line-ending", "f", []string{"", `{"fix": "lf"}`, `{"fix": "crlf"}`, `{"fix": "cr"}`}, []string{"\n", "\r", "\r\n", "a", "\f", "\x85"}, 1},
	{"fix-byte-order-marker", "f", []string{""}, []string{"\xef\xbb\xbf", "\xef", "\xbb", "a"}, 20},
	{"check-byte-order-marker", "f", []string{""}, []string{"\xef\xbb\xbf", "\xef", "\xbb", "a"}, 20},
	{"file-contents-sorter", "f", []string{"", `{"ignore_case": true}`, `{"unique": true}`}, []string{"\n", "\r\n", "\r", "a", "B", "b", " ", "\xff"}, 1},
}

// A check finds something exactly where its fix changes something, and nothing
// after fixing.
func TestFixers(t *testing.T) {
	for _, c := range fixers {
		for _, options := range c.options {
			s := newSubject(t, c.id, c.path, options)
			t.Run(c.id+options, rapid.MakeCheck(func(t *rapid.T) {
				data := []byte(strings.Join(rapid.SliceOfN(rapid.SampledFrom(c.alphabet), 0, 20).Draw(t, "data"), ""))
				for range c.rounds {
					fixed, changed := s.fix(data)
					if changed == bytes.Equal(fixed, data) {
						t.Fatalf("%q to %q: changed is %v", data, fixed, changed)
					}
					if found := s.findings(data); (len(found) > 0) != changed {
						t.Fatalf("%q: changed is %v, found %s", data, changed, places(found))
					}
					data = fixed
				}
				if found := s.findings(data); len(found) > 0 {
					t.Fatalf("%q after fixing: %s", data, places(found))
				}
				if again, changed := s.fix(data); changed {
					t.Fatalf("%q after fixing becomes %q", data, again)
				}
			}))
		}
	}
}

// Clean files cost no allocation. (check-json's decoder comes from a pool, from
// which the race detector takes things at random.)
func TestCleanFilesDoNotAllocate(t *testing.T) {
	text := []byte(strings.Repeat("some text, and a little more\n", 100))
	for id, data := range map[string][]byte{
		"trailing-whitespace":   text,
		"end-of-file-fixer":     text,
		"mixed-line-ending":     text,
		"fix-byte-order-marker": text,
		"file-contents-sorter":  text,
		"check-json":            []byte(`{"a": [1, 2, {"b": "c"}], "d": null}`),
	} {
		s := newSubject(t, id, "dir/file.txt", "")
		f := s.file(data)
		check := s.check.(rule.FileCheck)
		if n := testing.AllocsPerRun(100, func() { check.CheckFile(nil, f) }); n >= 1 && (id != "check-json" || n > 3) {
			t.Errorf("%s: %v allocations", id, n)
		}
	}
}

func benchmarkClean(b *testing.B, id, path string, data []byte) {
	s := newSubject(b, id, path, "")
	f := s.file(data)
	check := s.check.(rule.FileCheck)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		check.CheckFile(nil, f)
	}
}

// cleanText is 1 MB of lines as long as source code has them (34 bytes on average).
var cleanText = bytes.Repeat([]byte("package use\n\nimport \"bytes\"\n\n// A line of some length, as comments have.\n\tif end > start && t.trims(data[end-1]) {\n\t\treturn nil, false\n\t}\n"), 7000)

func BenchmarkTrailingWhitespace(b *testing.B) {
	benchmarkClean(b, "trailing-whitespace", "a.go", cleanText)
}

func BenchmarkEndOfFile(b *testing.B) { benchmarkClean(b, "end-of-file-fixer", "a.go", cleanText) }

func BenchmarkMixedLineEnding(b *testing.B) {
	benchmarkClean(b, "mixed-line-ending", "a.go", cleanText)
}

func BenchmarkMixedLineEndingCRLF(b *testing.B) {
	benchmarkClean(b, "mixed-line-ending", "a.go", bytes.ReplaceAll(cleanText, []byte("\n"), []byte("\r\n")))
}

func BenchmarkFileContentsSorter(b *testing.B) {
	benchmarkClean(b, "file-contents-sorter", "a", bytes.Repeat([]byte("a line of a list\n"), 60000))
}

// cleanJSON is a formatted document of about 1 MB.
var cleanJSON = []byte("[\n" + strings.Repeat("  {\n    \"a\": 1.5,\n    \"name\": \"some text in a string\",\n    \"tags\": [\n      \"x\",\n      true\n    ]\n  },\n", 10000) + "  null\n]\n")

func BenchmarkCheckJSON(b *testing.B) { benchmarkClean(b, "check-json", "a.json", cleanJSON) }

func BenchmarkPrettyFormatJSON(b *testing.B) {
	benchmarkClean(b, "pretty-format-json", "a.json", cleanJSON)
}
