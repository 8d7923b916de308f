package source

import (
	"os"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/internal/cputime"
)

// indexBytes returns real indexes to start fuzzing from.
func indexBytes(f *testing.F) [][]byte {
	var seeds [][]byte
	for _, args := range [][]string{{"--index-version", "2"}, {"--index-version", "4"}, {"--split-index"}} {
		r := newRepo(f)
		r.base()
		r.write("intent", "x")
		r.git("add", "-N", "intent")
		r.git(append([]string{"update-index"}, args...)...)
		data, err := os.ReadFile(r.path(".git/index"))
		r.must(err)
		seeds = append(seeds, data)
	}
	return seeds
}

func FuzzParseIndex(f *testing.F) {
	for _, seed := range indexBytes(f) {
		f.Add(seed)
		f.Add(seed[:len(seed)/2])
	}
	f.Add([]byte("DIRC\x00\x00\x00\x02\xff\xff\xff\xff" + strings.Repeat("\x00", 100)))
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, size := range []int{20, 32} {
			x, err := parseIndex(string(data), size)
			if err != nil {
				continue
			}
			for i := range x.len() {
				e := x.entry(i)
				if len(e.id()) != 2*size || e.path == "" || i > 0 && x.path(i-1) > e.path {
					t.Fatalf("entry %d: %q %q", i, e.path, e.id())
				}
			}
			x.tree()
			x.lookup("a")
			x.submoduleOf("a/b/c")
		}
	})
}

func FuzzParseGitOutput(f *testing.F) {
	f.Add([]byte(":100644 100644 " + strings.Repeat("a", 40) + " " + strings.Repeat("0", 40) + " M\x00path\x00"))
	f.Add([]byte(":100644 100644 a b R100\x00old\x00new\x00"))
	f.Add([]byte("100644 blob " + strings.Repeat("a", 40) + "\tpath\x00"))
	f.Add([]byte("H 100644 " + strings.Repeat("a", 40) + " 0\tpath\x00"))
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := parseRaw(data); err == nil {
			tidy(list)
		}
		_, _ = parseLsTree(data)
		_, _ = parseLsFiles(data)
		parseSettings(data)
		parseCommit(string(data))
		faultsOf(string(data))
	})
}

func FuzzPatterns(f *testing.F) {
	for _, p := range []string{"*.log", "a/**/b", "**/x", "[a-z]*[!x]", "\\#x ", "!keep", "[[:alpha:]]?", "[", "[]x]", "a\\", "*a*a*a*a*a*a*a*b"} {
		f.Add(p+"\n", "a/b/x.log")
	}
	f.Add("[attr]a b c=d -e !f\n\"q\\101\\n\" a\n*.c a\n", "dir/x.c")
	f.Fuzz(func(t *testing.T, text, path string) {
		start := cputime.Used()
		set := parseIgnore([]byte(text), "")
		set.decide(path, false)
		set.decide(path, true)
		a := newAttributer(func(string) []byte { return []byte(text) })
		if path != "" {
			a.value(path, "a")
		}
		conversionIn([]byte(text))
		wildmatch(text, path)
		if took := cputime.Used() - start; took > 5*time.Second && len(text) < 1000 {
			t.Errorf("took %v", took)
		}
	})
}

func TestWildmatch(t *testing.T) {
	for _, c := range []struct {
		pattern, text string
		want          bool
	}{
		{"a", "a", true}, {"a", "b", false}, {"", "", true}, {"*", "a/b", false}, {"*", "", true}, {"a*c", "abbc", true},
		{"**", "a/b", true}, {"**/a", "a", true}, {"**/a", "x/y/a", true}, {"**/a", "xa", false}, {"a/**", "a/b/c", true}, {"a/**", "a", false},
		{"a/**/b", "a/b", true}, {"a/**/b", "a/x/y/b", true}, {"a**b", "a/b", false}, {"a**b", "axxb", true}, {"x**/b", "x/y/b", false},
		{"?", "/", false}, {"[a-c]", "b", true}, {"[!a-c]", "b", false}, {"[^a]", "/", false}, {"[]]", "]", true}, {"[]-a]", "^", true},
		{"[a", "a", false}, {"[\\]]", "]", true}, {"\\*", "*", true}, {"\\*", "a", false}, {"a\\", "a", false},
		{"[[:digit:]x]", "7", true}, {"[[:digit:]x]", "x", true}, {"[[:upper:]]", "a", false}, {"[a-]", "-", true}, {"[--0]", ".", true},
		{"*.o", "dir/a.o", false}, {"foo/*", "foo/a", true}, {"foo/*", "foo/a/b", false}, {"**/**/x", "x", true}, {"\xff*", "\xffa", true},
	} {
		if got := wildmatch(c.pattern, c.text); got != c.want {
			t.Errorf("%q against %q: got %v", c.pattern, c.text, got)
		}
	}
}

// Many stars cannot be made to take for ever.
func TestWildmatchIsBounded(t *testing.T) {
	start := cputime.Used()
	wildmatch(strings.Repeat("*a", 500)+"b", strings.Repeat("a", 10000))
	wildmatch(strings.Repeat("**/", 500)+"b", strings.Repeat("a/", 5000))
	if took := cputime.Used() - start; took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}

func TestQuoteC(t *testing.T) {
	for _, path := range []string{"plain", "sp ace", "new\nline", `qu"ote`, `back\slash`, "\xff", `"first`} {
		text := quoteC(path)
		if text[0] != '"' {
			if text != path || strings.Contains(path, "\n") {
				t.Errorf("%q became %q", path, text)
			}
			continue
		}
		if got, rest, ok := unquoteC(text); !ok || got != path || rest != "" {
			t.Errorf("%q became %q, which is %q", path, text, got)
		}
	}
}
