package importer

import (
	"os/exec"
	"regexp"
	"strings"
	"testing"

	"github.com/bmatcuk/doublestar/v4"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule/glob"
)

// globsOf returns the globs of a Python pattern, without ^(?!...) in front.
func globsOf(t *testing.T, pattern string) []string {
	t.Helper()
	p, err := pathsOf(pattern)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	out, err := globs(p.match)
	if err != nil {
		t.Fatalf("%s: %v", pattern, err)
	}
	return out
}

func TestGlobsOfPatterns(t *testing.T) {
	for pattern, want := range map[string][]string{
		``:                                     {"**"},
		`.*`:                                   {"**"},
		`\.py$`:                                {"**/*.py"},
		`\.(py|pyi)$`:                          {"**/*.{py,pyi}"},
		`^docs/`:                               {"docs/"},
		`^docs/.*`:                             {"docs/"},
		`^docs/.*\.md$`:                        {"docs/**/*.md"},
		`^docs/[^/]+\.md$`:                     {"docs/?*.md"},
		`(^|/)setup\.cfg$`:                     {"**/setup.cfg"},
		`(^|/)uv\.lock$`:                       {"**/uv.lock"},
		`^(a|b)/.*\.go$`:                       {"[ab]/**/*.go"},
		`/_testing/`:                           {"**/*/_testing/"},
		`^go\.mod$|^go\.sum$`:                  {"go.mod", "go.sum"},
		"(?x)^(\n  docs/| # one\n  x\\.md$\n)": {"docs/", "x.md"},
		`^changelog/v[0-9]{2}\.md$`:            {"changelog/v[0-9][0-9].md"},
		`^a.b$`:                                {"a{?,/}b"},
		`^$`:                                   nil,
		`^package\.json$|^src/.*[^/]$`:         {"package.json", "src/**/*?"},
		`node_modules`:                         {"**/*node_modules*", "**/*node_modules*/"},
	} {
		if got := globsOf(t, pattern); !cmp.Equal(got, want) {
			t.Errorf("%q: %q, want %q", pattern, got, want)
		}
	}
}

func TestPatternsThatNoGlobSays(t *testing.T) {
	for pattern, want := range map[string]string{
		`^v\d+/`:               "any number of times",
		`(?<!x)\.py$`:          "looks around",
		`foo(?!bar)`:           "looks around",
		`^(?!a/)b|c`:           "looks around",
		`(a)\1`:                "refers back",
		`(?P<x>a)(?P=x)`:       "refers back",
		`\bfoo\b`:              "no glob says",
		`(a/)*b`:               "any number of times",
		`(`:                    "missing",
		`a*+`:                  "possessively",
		`[a-z]{9}[^x/]{0,300}`: "globs",
		`[`:                    "not closed",
		`\Q.\E`:                "RE2",
	} {
		p, err := pathsOf(pattern)
		if err == nil {
			_, err = globs(p.match)
		}
		if err == nil || !strings.Contains(err.Error(), want) {
			t.Errorf("%q: error %v, want %q in it", pattern, err, want)
		}
	}
}

func TestNegativeLookahead(t *testing.T) {
	p, err := pathsOf(`^(?!docs/|x\.md$)(?!vendor/).+\.md$`)
	if err != nil {
		t.Fatal(err)
	}
	match, _ := globs(p.match)
	except, _ := globs(p.except)
	if want := []string{"?*.md", "?*/**/*.md"}; !cmp.Equal(match, want) {
		t.Errorf("matches %q, want %q", match, want)
	}
	if want := []string{"docs/", "x.md", "vendor/"}; !cmp.Equal(except, want) {
		t.Errorf("except %q, want %q", except, want)
	}
}

// drawPattern draws patterns of which each can be said by globs.
func drawPattern(t *rapid.T, depth int) string {
	atoms := []string{"a", "b", "ab", `\.`, "/", "/", ".", ".*", ".+", "[^/]*", "[^/]+", "[^/]", "[ab]", "[^a]", "a?", "b{1,2}", "^", "$", "(^|/)", "($|/)", "é"}
	var b strings.Builder
	for range rapid.IntRange(0, 4).Draw(t, "atoms") {
		if depth > 0 && rapid.IntRange(0, 4).Draw(t, "group") == 0 {
			b.WriteString("(" + drawPattern(t, depth-1) + "|" + drawPattern(t, depth-1) + ")" + rapid.SampledFrom([]string{"", "", "?"}).Draw(t, "times"))
			continue
		}
		b.WriteString(rapid.SampledFrom(atoms).Draw(t, "atom"))
	}
	return b.String()
}

func drawPath(t *rapid.T) string {
	name := rapid.StringMatching(`[ab.é]{0,3}[ab]`)
	return strings.Join(rapid.SliceOfN(name, 1, 4).Draw(t, "path"), "/")
}

// TestGlobsMatchAsThePattern: for any pattern that is carried over, the globs
// match the paths that it is found in, and no others.
func TestGlobsMatchAsThePattern(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		pattern := drawPattern(t, 2)
		p, err := pathsOf(pattern)
		if err != nil {
			t.Skip(err)
		}
		patterns, err := globs(p.match)
		if err != nil {
			t.Skip(err)
		}
		set, err := glob.Compile(patterns)
		if err != nil {
			t.Fatal(err)
		}
		re := regexp.MustCompile(pattern)
		for range 30 {
			path := drawPath(t)
			if got, want := set.Match(path), re.MatchString(path); got != want {
				t.Fatalf("%q is found in %q: %v, the globs %q say %v", pattern, path, want, patterns, got)
			}
		}
	})
}

// TestMeet: what two patterns both match is what their meeting matches.
func TestMeet(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		a, b := drawPattern(t, 1), drawPattern(t, 1)
		pa, errA := pathsOf(a)
		pb, errB := pathsOf(b)
		if errA != nil || errB != nil {
			t.Skip()
		}
		both, err := meet(pa.match, pb.match)
		if err != nil {
			t.Skip(err)
		}
		patterns, err := globs(both)
		if err != nil {
			t.Skip(err)
		}
		set, err := glob.Compile(patterns)
		if err != nil {
			t.Fatal(err)
		}
		ra, rb := regexp.MustCompile(a), regexp.MustCompile(b)
		for range 30 {
			path := drawPath(t)
			if got, want := set.Match(path), ra.MatchString(path) && rb.MatchString(path); got != want {
				t.Fatalf("%q and %q on %q: %v, the globs %q say %v", a, b, path, want, patterns, got)
			}
		}
	})
}

// TestTranslationAgreesWithPython asks Python itself, where it is there.
func TestTranslationAgreesWithPython(t *testing.T) {
	python, err := exec.LookPath("python3")
	if err != nil {
		t.Skip("there is no python3 here")
	}
	patterns := []string{
		`(?x) a \  b # c`, `(?x)[ ]a`, `a{,2}b`, `[[]a`, `[]a]`, `[^]a]b`, `\Aab`, `ab\Z`, `(?P<n>a)b`, `a(?#no)b`, `(?i)AB`, `(?i:A)b`,
		`\d\s\w`, `\-\.`, `a{}`, `a{b`, `[a\]b]`, `[\b]`, `(?s)a.b`, `\é`, `[\w-]a`, "a\\\nb", `(?xi) A # (`,
	}
	texts := []string{"ab", "a b", "aab", "b", "[a", "]a", "cb", "cab", "AB", "1 x", "-.", "a{}", "a{b", "a]b", "\b", "a\nb", "é", "-a", " a", ""}
	script := "import re,sys\nfor l in sys.stdin.read().split('\\0')[:-1]:\n p,t=l.split('\\1')\n print(int(bool(re.search(p,t))))\n"
	var in strings.Builder
	for _, p := range patterns {
		for _, x := range texts {
			in.WriteString(p + "\x01" + x + "\x00")
		}
	}
	cmd := exec.Command(python, "-W", "ignore", "-c", script)
	cmd.Stdin = strings.NewReader(in.String())
	out, err := cmd.Output()
	if err != nil {
		t.Fatal(err)
	}
	answers := strings.Fields(string(out))
	for i, p := range patterns {
		py, err := newPyPattern(p)
		if err != nil {
			t.Errorf("%q: %v", p, err)
			continue
		}
		tree, err := py.parse()
		if err != nil {
			t.Errorf("%q became %q: %v", p, py.text, err)
			continue
		}
		re := regexp.MustCompile(tree.String())
		for j, x := range texts {
			if got := re.MatchString(x); got != (answers[i*len(texts)+j] == "1") {
				t.Errorf("%q became %q, which says %v of %q", p, tree, got, x)
			}
		}
	}
}

// TestGlobsOfDoublestar holds lefthook's globs under glob_matcher: doublestar to
// that library.
func TestGlobsOfDoublestar(t *testing.T) {
	pieces := []string{"a", "b", ".", "/", "/", "*", "?", "[ab]", "[!a]", "{a,b}", "{a*,/b}", "**/", "/**", "é", `\*`}
	l := &lefthook{doublestar: true}
	rapid.Check(t, func(t *rapid.T) {
		g := strings.Join(rapid.SliceOfN(rapid.SampledFrom(pieces), 1, 6).Draw(t, "glob"), "")
		if !doublestar.ValidatePattern(g) {
			t.Skip("not a glob")
		}
		seqs, err := l.globSequences(g)
		if err != nil {
			t.Skip(err)
		}
		patterns, err := globs(seqs)
		if err != nil {
			t.Skip(err)
		}
		set, err := glob.Compile(patterns)
		if err != nil {
			t.Fatal(err)
		}
		for range 30 {
			path := drawPath(t)
			if got, want := set.Match(path), doublestar.MatchUnvalidated(g, path); got != want {
				t.Fatalf("%q on %q: %v, the globs %q say %v", g, path, want, patterns, got)
			}
		}
	})
}
