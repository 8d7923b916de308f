package glob

import (
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"pgregory.net/rapid"
)

// piece draws what patterns are made of. The alphabet is tiny, so that random
// paths match often.
func piece() *rapid.Generator[string] {
	return rapid.SampledFrom([]string{
		"a", "b", "ab", ".a", "/", "/", "*", "**", "**/", "/**", "/**/", "?", "[ab]", "[^a]", "[a-b.]", `\*`, `\a`, "ä", "\uFFFD",
	})
}

func path() *rapid.Generator[string] {
	return rapid.Custom(func(t *rapid.T) string {
		p := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", ".a", "/", "/", "*", "ä", "\xff"}), 1, 8).Draw(t, "path"), "")
		return p + "a"[:trailing(p)]
	})
}

// trailing is 1 where the path ends in a slash, which no path does.
func trailing(p string) int {
	if strings.HasSuffix(p, "/") {
		return 1
	}
	return 0
}

// branch is a pattern with braces and, drawn along with it, the patterns that
// it stands for.
type branch struct {
	pattern string
	stands  []string
}

func (b branch) then(c branch) branch {
	out := branch{pattern: b.pattern + c.pattern}
	for _, x := range b.stands {
		for _, y := range c.stands {
			out.stands = append(out.stands, x+y)
		}
	}
	return out
}

func drawBranch(t *rapid.T, depth int) branch {
	out := branch{"", []string{""}}
	for range rapid.IntRange(1, 3).Draw(t, "pieces") {
		if depth == 0 || rapid.IntRange(0, 3).Draw(t, "brace") > 0 {
			p := piece().Draw(t, "piece")
			out = out.then(branch{p, []string{p}})
			continue
		}
		alt := branch{pattern: "{"}
		for i := range rapid.IntRange(1, 3).Draw(t, "alternatives") {
			if i > 0 {
				alt.pattern += ","
			}
			b := drawBranch(t, depth-1)
			alt.pattern += b.pattern
			alt.stands = append(alt.stands, b.stands...)
		}
		alt.pattern += "}"
		out = out.then(alt)
	}
	return out
}

func TestSameAsDoublestar(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		b := drawBranch(t, 2)
		set, err := Compile([]string{b.pattern})
		if err != nil {
			t.Skip(err)
		}
		for range 20 {
			name := path().Draw(t, "name")
			want := false
			for _, p := range b.stands {
				want = want || doublestar.MatchUnvalidated(below(fromRoot(p)), name)
			}
			if got := set.Match(name); got != want {
				t.Fatalf("%q on %q: %v, doublestar says %v", b.pattern, name, got, want)
			}
			if raw, _ := doublestar.Match(b.pattern, name); raw && !want && !rooted(b) {
				t.Fatalf("%q on %q: only doublestar's own braces match", b.pattern, name)
			}
		}
	})
}

// rooted says whether the pattern has parts that mean more here than in
// doublestar.
func rooted(b branch) bool {
	for _, p := range b.stands {
		if below(fromRoot(p)) != p {
			return true
		}
	}
	return false
}

// TestCommonShapes holds the fast paths to doublestar on what people write.
func TestCommonShapes(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "a.b", ".a", "aa", "ab", "x.a"})
	rapid.Check(t, func(t *rapid.T) {
		lit := func() string { return names.Draw(t, "literal") }
		pattern := rapid.SampledFrom([]string{
			"**/*" + lit(), "**/" + lit(), lit() + "/**", "*", "**", lit(), "*" + lit(), lit() + "*", "**/" + lit() + "*" + lit(),
			lit() + "/**/*" + lit(), lit() + "/**/" + lit(), lit() + "/*" + lit(), "**/" + lit() + "/**", lit() + "/" + lit() + "/**",
			"**/" + lit() + "/" + lit(), "**/" + lit() + "/*", "**/*", lit() + "/*/" + lit(), "**/" + lit() + "/" + lit() + "/**",
		}).Draw(t, "pattern")
		shape := classify(pattern)
		for range 20 {
			name := strings.Join(rapid.SliceOfN(names, 1, 4).Draw(t, "name"), "/")
			if got, want := shape.match(name), doublestar.MatchUnvalidated(pattern, name); got != want {
				t.Fatalf("%q on %q: %v as shape %d, doublestar says %v", pattern, name, got, shape.op, want)
			}
		}
	})
}

func TestCommonShapesAreClassified(t *testing.T) {
	for pattern, want := range map[string]op{
		"**": opAll, "a/b.c": opExact, "a/b/**": opBelow, "**/a": opName, "a/**/b/c": opName, "**/*.x": opDeepEnds,
		"a/**/p*s": opDeepEnds, "*": opFlatEnds, "a/*.x": opFlatEnds, "**/a/**": opAnyDir, "a?": opOther, "*/a": opOther, "a**/b": opOther,
	} {
		if got := classify(pattern).op; got != want {
			t.Errorf("%q is shape %d, want %d", pattern, got, want)
		}
	}
}

func FuzzMatch(f *testing.F) {
	for _, p := range []string{"**/*.{a,b}", "a/**", "[a-b]/?", `{a\,b,[,]}`, "**/a/**", "*{*,x}/b", "a*{,b}", "\xff*"} {
		f.Add(p, "a/b.a")
	}
	f.Fuzz(func(t *testing.T, pattern, name string) {
		alts, err := Expand(pattern)
		if err != nil || name == "" || strings.HasSuffix(name, "/") {
			return
		}
		want := false
		for _, p := range alts {
			if !doublestar.ValidatePattern(p) {
				t.Fatalf("%q expands to the bad pattern %q", pattern, p)
			}
			want = want || doublestar.MatchUnvalidated(p, name)
		}
		if got := Match(pattern, name); got != want {
			t.Fatalf("%q on %q: %v, doublestar says %v", pattern, name, got, want)
		}
	})
}

var benchPatterns = []string{"**/*.go", "**/*.{ts,tsx}", "**/README.md", "docs/**", "**/node_modules/**", "*", "packages/**/test/*.js", "**/test_*.py"}

var benchNames = []string{
	"README.md", "packages/babel-core/src/config/files/configuration.ts", "packages/babel-parser/test/fixtures/es2015/arrow-functions/options.json",
	"docs/a/b.md", "lib/ansible/modules/test_apt.py", "web/node_modules/x/index.js", "engine/rule/glob/glob.go",
}

func BenchmarkMatch(b *testing.B) {
	for _, pattern := range benchPatterns {
		set, err := Compile([]string{pattern})
		if err != nil {
			b.Fatal(err)
		}
		b.Run("sot/"+pattern, func(b *testing.B) {
			for b.Loop() {
				for _, n := range benchNames {
					set.Match(n)
				}
			}
		})
		b.Run("doublestar/"+pattern, func(b *testing.B) {
			for b.Loop() {
				for _, n := range benchNames {
					doublestar.MatchUnvalidated(pattern, n)
				}
			}
		})
	}
}
