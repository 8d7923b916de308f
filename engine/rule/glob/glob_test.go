package glob_test

import (
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/rule/glob"
)

func TestMatch(t *testing.T) {
	for _, tt := range []struct {
		pattern string
		yes, no []string
	}{
		{"README.md", []string{"README.md"}, []string{"docs/README.md", "README.mdx", "readme.md"}},
		{"**/README.md", []string{"README.md", "docs/README.md", "a/b/README.md"}, []string{"xREADME.md", "docs/xREADME.md"}},
		{"**/*.go", []string{"a.go", "x/a.go", "x/.go"}, []string{"a.gox", "go"}},
		{"*.go", []string{"a.go", ".go"}, []string{"x/a.go"}},
		{"*.*", []string{"a.go", ".gitignore"}, []string{"LICENSE", "x/a.go"}},
		{"docs/**", []string{"docs/a", "docs/a/b", "docs"}, []string{"docsx/a", "x/docs/a"}},
		{"docs/", []string{"docs/a", "docs/a/b"}, []string{"docs", "x/docs/a"}},
		{"**/docs/", []string{"docs/a", "x/docs/a/b"}, []string{"docs", "x/docs"}},
		{"*/docs/", []string{"x/docs/a", "x/docs/a/b"}, []string{"docs/a", "x/y/docs/a"}},
		{"/docs/*.md", []string{"docs/a.md"}, []string{"x/docs/a.md"}},
		{"./docs/*.md", []string{"docs/a.md"}, []string{"x/docs/a.md", "docs/b/a.md"}},
		{"**/node_modules/**", []string{"node_modules/a", "x/node_modules/y/z"}, []string{"x/xnode_modules/y", "x/node_modules2/y"}},
		{"**/test_*.py", []string{"test_a.py", "x/test_.py"}, []string{"x/atest_a.py", "test_py", "test_x/a.py"}},
		{"web/**/*.{ts,tsx}", []string{"web/a.ts", "web/x/a.tsx"}, []string{"a.ts", "web.ts", "web/a.tsy"}},
		{"web/**/index.js", []string{"web/index.js", "web/a/b/index.js"}, []string{"web/xindex.js", "index.js", "webindex.js"}},
		{"{docs,src}/", []string{"docs/a", "src/b/c"}, []string{"x/docs/a"}},
		{"a{,b}", []string{"a", "ab"}, []string{"b"}},
		{"a*{,b}", []string{"a", "axb"}, []string{"b"}},
		{"[a-c]?/*.x", []string{"az/.x", "cq/y.x"}, []string{"dz/y.x", "a/y.x"}},
		{`\*.x`, []string{"*.x"}, []string{"a.x"}},
		{`{[,}],x}`, []string{",", "}", "x"}, []string{"[,"}},
		{"**", []string{"a", "a/b"}, nil},
		{"/", []string{"a", "a/b"}, nil},
		{".", []string{"a", "a/b"}, nil},
		{"*", []string{"a", ".a"}, []string{"a/b"}},
		{"**/ä*", []string{"äb", "x/ä"}, []string{"a"}},
		{"x\xff", []string{"x\xff"}, []string{"x"}},
	} {
		set, err := glob.Compile([]string{"no/such/path", tt.pattern})
		if err != nil {
			t.Fatal(err)
		}
		for _, p := range tt.yes {
			if !set.Match(p) || !glob.Match(tt.pattern, p) {
				t.Errorf("%q does not match %q", tt.pattern, p)
			}
		}
		for _, p := range tt.no {
			if set.Match(p) {
				t.Errorf("%q matches %q", tt.pattern, p)
			}
		}
	}
}

func TestValidate(t *testing.T) {
	for pattern, want := range map[string]string{
		"":                          "empty",
		"[a":                        "partner",
		"{a,b":                      "partner",
		"a}":                        "partner",
		`a\`:                        "ends it",
		"a[]":                       "partner",
		"../a":                      `never hold ".."`,
		"a/{b,..}/c":                `never hold ".."`,
		strings.Repeat("{a,b}", 11): "more than 1024",
		strings.Repeat("a", 20_000): "longer than",
	} {
		err := glob.Validate(pattern)
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), `bad glob "`) {
			t.Errorf("Validate(%.20q) = %v, want %q in it", pattern, err, want)
		}
		if glob.Match(pattern, "a") {
			t.Errorf("the bad pattern %.20q matches", pattern)
		}
	}
	for _, pattern := range []string{"a..b", "..a/*", strings.Repeat("{a,b}", 10), "[!a]", `\[a`} {
		if err := glob.Validate(pattern); err != nil {
			t.Error(err)
		}
	}
	if _, err := glob.Compile([]string{"ok", "[bad"}); err == nil || !strings.Contains(err.Error(), "[bad") {
		t.Errorf("Compile does not name the bad pattern: %v", err)
	}
}

func TestMatchDoesNotAllocate(t *testing.T) {
	set, err := glob.Compile([]string{"**/*.{ts,tsx}", "a/**/b?[x-z]/*", "docs/", "**/test_*.py", "**/x/**"})
	if err != nil {
		t.Fatal(err)
	}
	if n := testing.AllocsPerRun(100, func() { set.Match("packages/core/src/very/deep/file.go") }); n != 0 {
		t.Errorf("Match allocates %v times", n)
	}
}
