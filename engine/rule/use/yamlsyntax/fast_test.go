package yamlsyntax

import (
	"os"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// pieces are what generated texts are put together of: indicators, indentation,
// whole lines, and characters with a meaning of their own.
var pieces = []string{
	":", " ", "\n", "- ", "#", "'", "\"", "[", "]", "{", "}", ",", "\t", "|", ">", "&a ", "*a", "!", "%", "?", ": ",
	"---\n", "...\n", "\\", "é", "  ", "<<: ", "\n\n", "=", "~", "1", "-", "a: ", "- a\n", "b", "\n  ", "\n- ", "\r\n", "\r",
	"\u2028", "\u0085", "\ufeff", "\x00", "|-\n", "0x1: ", "true", "[]", "{}", "_", "2001-01-01", " #", "''", "\\\n",
	"a: b\n", "b: c\n", "  c: d\n", "  - e\n", "- f: g\n  h: i\n", "    j\n", "k: |\n  l\n", "- >-\n   m\n", "n: [o, p]\n",
	"q: {r: s}\n", "t: \"u\"\n", "v:\n", "w: 'x' # y\n", "z: [\n  1,\n  2\n]\n", "\xff",
}

// What the fast pass accepts, the parser finds nothing in.
func TestLoadsIsSound(t *testing.T) {
	accepted, checked := 0, 0
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 0, 12).Draw(t, "text"), "")
		for _, multi := range []bool{false, true} {
			checked++
			if !Loads([]byte(text), multi) {
				continue
			}
			accepted++
			if problems := CheckFully([]byte(text), Options{Multi: multi}); len(problems) > 0 {
				t.Fatalf("%q is accepted, but: %v", text, problems)
			}
		}
	})
	if os.Getenv("SOT_LONG") == "" && accepted*50 < checked {
		t.Errorf("only %d of %d texts were accepted: the test says little", accepted, checked)
	}
}

// A real file, mutated.
func TestLoadsIsSoundNearRealFiles(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		text := sample
		for range rapid.IntRange(1, 3).Draw(t, "edits") {
			at := rapid.IntRange(0, len(text)).Draw(t, "at")
			end := min(len(text), at+rapid.SampledFrom([]int{0, 0, 1, 2, 8, 30}).Draw(t, "cut"))
			text = text[:at] + rapid.SampledFrom(pieces).Draw(t, "piece") + text[end:]
		}
		if Loads([]byte(text), false) {
			if problems := CheckFully([]byte(text), Options{}); len(problems) > 0 {
				t.Fatalf("%q is accepted, but: %v", text, problems)
			}
		}
	})
}

const sample = `---
# A playbook, a workflow and a chart in one.
- name: install
  hosts: "all"
  vars:
    port: 8080
    path: /etc/app.conf      # where it is
    ratio: 0.5
    empty:
    flags: [a, 'b', "c d", 1]
    map: {one: 1, two: {three: 3}}
  tasks:
  - name: Copy é
    copy:
      src: 'it''s.j2'
      dest: "{{ path }}"
    when: port > 80 and
      flags
  - shell: |
      set -e

        indented # no comment
      exit 0
    args:
      chdir: >-
        /tmp
- jobs:
    - - nested
      - deeper
    -
      key: value
`

func TestLoadsAcceptsRealFiles(t *testing.T) {
	for _, text := range []string{sample, strings.ReplaceAll(sample, "\n", "\r\n"), "", "# only a comment", "a: [\n  1,\n  2\n]\n", "{\"a\": [1, 2]}", "a: b\n---\nc: d\n"} {
		if !Loads([]byte(text), true) {
			t.Errorf("%q is not accepted", text)
		}
		if problems := CheckFully([]byte(text), Options{Multi: true}); len(problems) > 0 {
			t.Errorf("%q: %v", text, problems)
		}
	}
}

func TestLoadsSeesDuplicateKeys(t *testing.T) {
	for text, want := range map[string]bool{
		"a: 1\nb: 2\n":                      true,
		"a: 1\n'a': 2\n":                    false,
		"a: 1\nb:\n  a: 1\nc:\n  a: 1\n":    true,
		"- a: 1\n- a: 1\n":                  true,
		"a: 1\nb: {c: 1, c: 2}\n":           false,
		"a:\n  b: 1\nc: 1\na: 1\n":          false,
		"x: {a: 1}\ny: {a: 1}\nz: {b: 1}\n": true,
	} {
		if Loads([]byte(text), false) != want {
			t.Errorf("%q: %v", text, !want)
		}
	}
}

func TestLoadsDoesNotAllocate(t *testing.T) {
	text := []byte(sample)
	if !Loads(text, false) {
		t.Fatal("not accepted")
	}
	if n := testing.AllocsPerRun(100, func() { Loads(text, false) }); n >= 1 {
		t.Errorf("%v allocations", n)
	}
}

func FuzzLoads(f *testing.F) {
	for _, v := range verdicts(f) {
		f.Add([]byte(v.text))
	}
	f.Add([]byte(sample))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, multi := range []bool{false, true} {
			if problems := CheckFully(data, Options{Multi: multi}); len(problems) > 0 && Loads(data, multi) {
				t.Errorf("accepted, but: %v", problems)
			}
		}
	})
}

func FuzzCheck(f *testing.F) {
	for _, v := range verdicts(f) {
		f.Add([]byte(v.text))
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, o := range modes {
			for _, p := range CheckFully(data, o) {
				if p.Start < 0 || p.End < p.Start || p.End > len(data) || p.Message == "" {
					t.Errorf("bad place or message: %+v in %d bytes", p, len(data))
				}
			}
		}
		if strict := CheckFully(data, Options{}); len(strict) == 0 && len(CheckFully(data, Options{Syntax: true})) > 0 {
			t.Error("loads, but its syntax is bad")
		}
	})
}

func benchmark(b *testing.B, check func([]byte)) {
	data := []byte(strings.Repeat(strings.TrimPrefix(sample, "---\n"), 100))
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		check(data)
	}
}

func BenchmarkLoads(b *testing.B) { benchmark(b, func(data []byte) { Loads(data, false) }) }

func BenchmarkCheckFully(b *testing.B) {
	benchmark(b, func(data []byte) { CheckFully(data, Options{}) })
}
