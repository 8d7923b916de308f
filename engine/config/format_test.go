package config

import (
	"regexp"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

// beyondPattern are the problems that a format has and its pattern cannot say.
var beyondPattern = []string{"is malformed", "ends before it starts"}

// TestFormatsAgree: what a format's function takes, its pattern takes, so that
// the JSON Schema and the loader have one verdict.
func TestFormatsAgree(t *testing.T) {
	formats := []rule.Format{
		rule.FormatGlob, rule.FormatDuration, rule.FormatPercent, rule.FormatLines, rule.FormatSize,
		rule.FormatID, rule.FormatURL, rule.FormatVersion, rule.FormatPath,
	}
	examples := []string{
		"", "0", "00", "0s", "1h2m", "1.5h", ".5s", "5.s", "1", "-1s", "+1s", "1µs", "1μs", "0.s", "..s", "1s ", "9999999999999h",
		"80%", "100%", "100.0%", "100.1%", "00%", "099%", "9.%", ".5%", "101%", "%", "1e1%", "3", "1-5", "10-", "0-1", "-5", "5-1", "01",
		"64MiB", "1 MB", "4096", "1k", "kB", "1234567890123456", "a", "-a", "a/b.c_d-e", "é", "a b", ".a", strings.Repeat("a", 100), strings.Repeat("a", 101),
		"http://x", "https://", "https:///x", "https://x y", "ftp://x", "http://x\n", "1.2.3", "1.2", "v1.2.3", "1.2.3-rc.1+b", "1.2.3-", "1.2.3+", "1.2.3-é",
		"/a", "./a", "../a", "a/../b", "a/..", "..", "...", "a..b", "C:x", "C", "a\\b", "!a", "a/[b", "\n", "a\n", "x\n../y",
	}
	for _, name := range formats {
		f := formatOf(name)
		agree := func(s string) bool {
			what, _ := f.check(s)
			for _, beyond := range beyondPattern {
				if strings.Contains(what, beyond) {
					return true
				}
			}
			if name == rule.FormatDuration && strings.HasPrefix(s, "999") {
				return true // overflows
			}
			ok := regexp.MustCompile(f.pattern).MatchString(s)
			if f.not != "" {
				ok = ok && !regexp.MustCompile(f.not).MatchString(s)
			}
			return (what == "") == ok
		}
		for _, s := range examples {
			if !agree(s) {
				what, _ := f.check(s)
				t.Errorf("%s: %q: the loader says %q, the pattern disagrees", name, s, what)
			}
		}
		t.Run(string(name), func(t *testing.T) {
			rapid.Check(t, func(t *rapid.T) {
				s := rapid.StringMatching(`[0-9a-zA-ZµkMiB.%:/!+_ \\-]{0,8}`).Draw(t, "s")
				if !agree(s) {
					t.Fatalf("%q: loader and pattern disagree", s)
				}
			})
		})
	}
}

func TestParseSize(t *testing.T) {
	for s, want := range map[string]int64{
		"0": 0, "4096": 4096, "1B": 1, "500kB": 500_000, "64MiB": 64 << 20, "2GB": 2e9, "1TiB": 1 << 40,
		"999999999999999TB": 1<<63 - 1,
	} {
		if got, ok := ParseSize(s); !ok || got != want {
			t.Errorf("ParseSize(%q) = %d, %v, want %d", s, got, ok, want)
		}
	}
}
