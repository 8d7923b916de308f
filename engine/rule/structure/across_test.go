package structure

import (
	"context"
	"io/fs"
	"regexp"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/sot-validator/sot/engine/rule"
)

func yes() rule.Value { return rule.Value{Kind: rule.Bool, Scalar: "true"} }

func TestAcross(t *testing.T) {
	files := entries("a.go", "a_test.go", "b.go", "doc.go", "old_test.go", "x/c.go", "x/c_test.go", "x/y/d.go",
		"web/Button.tsx", "web/Button.test.ts", "web/Card.tsx", "docs/web.md", "docs/Web.txt", "a/b/c/d/deep.md", "a/b/c/d/e/f.md", "m/n/o/sub@",
		"bin/tool", "bin/.hidden", "bin/a.tar.gz", "bin/x.exe")
	for _, tt := range []struct {
		name string
		body rule.Value
		want []string
	}{
		{"pairs", body("pairs", body("of", str("**/*.go"), "has", str("**/*_test.go"), "ignore", str("doc.go"))), []string{
			"b.go: b.go has no b_test.go, add it",
			"x/y/d.go: x/y/d.go has no x/y/d_test.go, add it",
		}},
		{"pairs, both ways", body("pairs", body("of", str("*.go"), "has", str("*_test.go"), "both", yes(), "ignore", texts("doc.go", "b.go"))), []string{
			"old_test.go: old_test.go has no old.go, add it",
		}},
		{"pairs, the other way", body("pairs", body("of", str("**/*_test.go"), "has", str("**/*.go"))), []string{
			"old_test.go: old_test.go has no old.go, add it",
		}},
		{"pairs, both other ways", body("each", str("x/"), "pairs", body("of", str("**/*_test.go"), "has", str("**/*.go"), "both", yes())), []string{
			"x/y/d.go: y/d.go has no y/d_test.go, add it",
		}},
		{"pairs with alternatives", body("pairs", body("of", str("web/*.{tsx,jsx}"), "has", str("web/*.test.{ts,tsx}"))), []string{
			"web/Card.tsx: web/Card.tsx has no web/Card.test.ts and no web/Card.test.tsx, add it",
		}},
		{"pairs of directories and files elsewhere", body("pairs", body("of", str("{web,x}/"), "has", str("docs/{web,x}.md"))), nil},
		{"pairs, a directory for each", body("pairs", body("of", str("**/*.go"), "has", str("*/"), "ignore", texts("[b-z]*.go", "?_*.go"))), nil},
		{"pairs drop directories", body("pairs", body("of", str("**/c.go"), "has", str("y.go"))), []string{"x/c.go: x/c.go has no y.go, add it"}},
		{"pairs within each", body("each", str("x/"), "pairs", body("of", str("**/*.go"), "has", str("**/*_test.go"))), []string{
			"x/y/d.go: y/d.go has no y/d_test.go, add it",
		}},
		{"unique", body("unique", str("docs/*")), nil},
		{"unique by stem", body("unique", body("of", str("**/*.*"), "by", str("stem"), "ignore_case", yes(), "ignore", texts("web/*", "bin/*"))), []string{
			"docs/web.md: docs/web.md has the same name as docs/Web.txt, rename one",
		}},
		{"unique directories", body("unique", str("**/")), nil},
		{"unique names", body("each", str("a/"), "unique", str("**/*.md")), nil},
		{"depth", body("max_depth", num(2)), []string{
			"a/b/c/: a/b/c/ lies 3 directories deep, at most 2 are allowed, move it up",
			"m/n/o/: m/n/o/ lies 3 directories deep, at most 2 are allowed, move it up",
		}},
		{"depth below", body("each", str("a/b/"), "max_depth", num(2)), []string{"a/b/c/d/e/: c/d/e/ lies 3 directories deep, at most 2 are allowed, move it up"}},
		{"a submodule lies deep", body("each", str("m/n/"), "max_depth", num(1)), []string{"m/n/o/sub/: o/sub/ lies 2 directories deep, at most 1 are allowed, move it up"}},
		{"extensions", body("each", str("bin/"), "extensions", texts("tar.gz", ".md")), []string{
			"bin/.hidden: .hidden has a name without an extension, which is not allowed here, move or rename it, or add it to extensions (.tar.gz, .md)",
			"bin/tool: tool has a name without an extension, which is not allowed here, move or rename it, or add it to extensions (.tar.gz, .md)",
			"bin/x.exe: x.exe has the extension .exe, which is not allowed here, move or rename it, or add it to extensions (.tar.gz, .md)",
		}},
		{"extensions of hidden files", body("each", str("bin/"), "extensions", texts("tar.gz", "hidden", "exe", "")), nil},
		{"a hidden file has no extension", body("each", str("bin/"), "extensions", texts("gz", "hidden", "exe")), []string{
			"bin/.hidden: .hidden has a name without an extension, which is not allowed here, move or rename it, or add it to extensions (.gz, .hidden, .exe)",
			"bin/tool: tool has a name without an extension, which is not allowed here, move or rename it, or add it to extensions (.gz, .hidden, .exe)",
		}},
		{"extensions, and none", body("each", str("bin/"), "extensions", texts("", "gz", "exe")), nil},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := run(t, rule.Rule{}, tt.body, files); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

func TestAcrossProblems(t *testing.T) {
	for _, tt := range []struct {
		body rule.Value
		want string
	}{
		{body("pairs", body("of", str("*.go"), "has", str("**/*_test.go"))), "has more ** than"},
		{body("pairs", body("of", str("a.go"), "has", str("*_test.go"))), "has more * than"},
		{body("pairs", body("of", str("**/*.go"), "has", str("*_test.go"), "both", yes())), "has fewer ** than"},
		{body("pairs", body("of", str("x?.go"), "has", str("a"))), "a pair cannot take"},
		{body("pairs", body("of", str("a/**"), "has", str("a"))), "a pair cannot take"},
		{body("pairs", body("of", str("a**.go"), "has", str("a"))), "a pair cannot take"},
		{body("pairs", body("of", str("*.go"), "has", str("["))), "bad glob"},
		{body("pairs", body("of", str("*.go"), "has", str("x"), "ignore", str("["))), "bad glob"},
		{body("unique", str("{")), "bad glob"},
		{body("extensions", str("*.md")), "is no extension"},
	} {
		_, problems := Kind().New(tt.body)
		if len(problems) == 0 || !strings.Contains(problems[0].What, tt.want) {
			t.Errorf("%v, want %q", problems, tt.want)
		}
	}
}

// files is a repository of which only Read is asked.
type files struct {
	rule.Repo
	texts map[string]string
}

func (f files) Read(_ context.Context, path string) ([]byte, error) {
	if text, ok := f.texts[path]; ok {
		return []byte(text), nil
	}
	return nil, fs.ErrNotExist
}

func ownerFindings(t *testing.T, b rule.Value, texts map[string]string, es []rule.Entry) []string {
	t.Helper()
	built, problems := Kind().New(b)
	if len(problems) > 0 {
		t.Fatal(problems)
	}
	r := rule.Rule{Check: built.Check}
	p := rule.NewPass(context.Background(), &r, files{texts: texts})
	built.Check.(rule.TreeCheck).CheckTree(p, rule.NewTree(es), es, nil)
	var out []string
	for _, f := range p.Findings() {
		out = append(out, f.Path+": "+f.Message)
	}
	return out
}

func TestOwned(t *testing.T) {
	es := entries("README.md", "apps/a/x.go", "apps/github/y.go", "apps/github/z/w.go", "docs/a.md", "docs/b/c.md", "sub@")
	owned := body("owned", str("codeowners"))
	for _, tt := range []struct {
		name  string
		body  rule.Value
		texts map[string]string
		want  []string
	}{
		{"everything", owned, map[string]string{"CODEOWNERS": "* @a\n"}, nil},
		{"no file", owned, nil, []string{": no file has an owner: there is no CODEOWNERS in .github/, the root or docs/, add one"}},
		{"the first place", owned, map[string]string{".github/CODEOWNERS": "* @a", "CODEOWNERS": "/x @a", "docs/CODEOWNERS": ""}, nil},
		{"the last line that matches", owned, map[string]string{"docs/CODEOWNERS": "* @a\n/apps/ @org/team # all\n/apps/github\n"}, []string{
			"apps/github/: apps/github/ has no owner in docs/CODEOWNERS, add one",
		}},
		{"a folder in part", owned, map[string]string{"CODEOWNERS": "# x\ndocs/* a@example.org\n*.go @a\nsub @a\n"}, []string{
			"README.md: README.md has no owner in CODEOWNERS, add one",
			"docs/b/: docs/b/ has no owner in CODEOWNERS, add one",
		}},
		{"lines that are not valid", owned, map[string]string{"CODEOWNERS": "* @a\n!README.md\n\\#x @a\nREADME.md @a b\ndocs/\nsub @a,@b\n"}, []string{
			"docs/: docs/ has no owner in CODEOWNERS, add one (line 2 there is skipped: ! does not negate here)",
		}},
		{"of each", body("owned", str("codeowners"), "each", str("*/")), map[string]string{"CODEOWNERS": "docs @a\nsub @a\nx.go @a"}, []string{
			"apps/github/: apps/github/ has no owner in CODEOWNERS, add one",
		}},
		{"too large", owned, map[string]string{"CODEOWNERS": "* @a\n" + strings.Repeat("#", maxOwners)}, []string{
			": no file has an owner: CODEOWNERS is over 3 MB, and GitHub does not read it, shorten it",
		}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if got := ownerFindings(t, tt.body, tt.texts, es); !slices.Equal(got, tt.want) {
				t.Errorf("got\n%s\nwant\n%s", strings.Join(got, "\n"), strings.Join(tt.want, "\n"))
			}
		})
	}
}

// The examples of GitHub's documentation, "Example of a CODEOWNERS file".
func TestOwnersOfGitHubsExamples(t *testing.T) {
	for _, tt := range []struct{ pattern, yes, no string }{
		{"*", "a b/c", ""},
		{"*.js", "a.js b/c.js", "a.go js"},
		{"/build/logs/", "build/logs/a build/logs/b/c", "build/logs x/build/logs/a build/a"},
		{"docs/*", "docs/getting-started.md", "docs/build-app/troubleshooting.md x/docs/a"},
		{"apps/", "apps/a x/apps/b/c", "apps x/apps"},
		{"/docs/", "docs/a docs/b/c", "x/docs/a"},
		{"/scripts/", "scripts/a", "scripts"},
		{"**/logs", "build/logs/a scripts/logs/b deeply/nested/logs/c logs", "log"},
		{"/apps/github", "apps/github/a apps/github", "apps/a x/apps/github"},
		{"/src/*.txt", "src/a.txt", "src/b/a.txt"},
		{"a/**/b", "a/b a/x/b a/x/y/b/c", "a/xb b"},
		{"a/**", "a/b a/b/c", "a"},
		{`a\ b`, "", "a b"},
		{`f\*o`, "f*o", "foo"},
		{"/[x]/y", "[x]/y", "x/y"},
	} {
		p := newOwnerPattern(tt.pattern)
		for _, path := range strings.Fields(tt.yes) {
			if !p.match(path) {
				t.Errorf("%s does not match %s", tt.pattern, path)
			}
		}
		for _, path := range strings.Fields(tt.no) {
			if p.match(path) {
				t.Errorf("%s matches %s", tt.pattern, path)
			}
		}
	}
	if pattern, rest := cutPattern(`docs/a\ b @x`); pattern != `docs/a\ b` || rest != " @x" || !newOwnerPattern(pattern).match("docs/a b") {
		t.Errorf("%q %q", pattern, rest)
	}
}

// ownerRegexp is the pattern as github.com/hmarr/codeowners translates it.
func ownerRegexp(text string) *regexp.Regexp {
	names := strings.Split(text, "/")
	if names[0] == "" {
		names = names[1:]
	} else if len(names) == 1 || len(names) == 2 && names[1] == "" {
		if names[0] != "**" {
			names = append([]string{"**"}, names...)
		}
	}
	last := len(names) - 1
	if last > 0 && names[last] == "" {
		names[last] = "**"
	}
	expr, slash := `\A`, false
	for i, name := range names {
		switch {
		case name == "**" && i == 0 && i == last:
			expr += ".+"
		case name == "**" && i == 0:
			expr += "(?:.+/)?"
		case name == "**" && i == last:
			expr += "/.*"
		case name == "**":
			expr, slash = expr+"(?:/.+)?", true
		default:
			if slash {
				expr += "/"
			}
			slash = true
			if name == "*" {
				expr += "[^/]+"
				continue
			}
			expr += strings.NewReplacer(`\*`, "[^/]*", `\?`, "[^/]").Replace(regexp.QuoteMeta(name))
			if i == last {
				expr += "(?:/.*)?"
			}
		}
	}
	return regexp.MustCompile(expr + `\z`)
}

func TestOwnersMatchAsTheOracle(t *testing.T) {
	names := rapid.SampledFrom([]string{"a", "b", "ab", "**", "*", "a*", "*b", "a?", "*a*b"})
	rapid.Check(t, func(t *rapid.T) {
		text := strings.Join(rapid.SliceOfN(names, 1, 4).Draw(t, "pattern"), "/")
		text = rapid.SampledFrom([]string{"", "/"}).Draw(t, "before") + text + rapid.SampledFrom([]string{"", "/"}).Draw(t, "after")
		// "**" beside "**", or beside a slash at an end: the translation doubles slashes.
		if strings.Contains(text, "**/**") || strings.HasPrefix(text, "**/") && strings.Count(text, "/") == 1 && strings.HasSuffix(text, "/") || strings.HasSuffix(text, "**/") {
			t.Skip()
		}
		path := strings.Join(rapid.SliceOfN(rapid.SampledFrom([]string{"a", "b", "ab", "xab", "axb"}), 1, 5).Draw(t, "path"), "/")
		if got, want := newOwnerPattern(text).match(path), ownerRegexp(text).MatchString(path); got != want {
			t.Fatalf("%q matches %q: %v, want %v", text, path, got, want)
		}
	})
}

func FuzzOwners(f *testing.F) {
	f.Add([]byte("* @a\n/a/**/b/ @c/d # x\n\\ x\n**/\n"), "a/b/c")
	f.Fuzz(func(t *testing.T, data []byte, path string) {
		o := parseOwners(data)
		if o.owner(path) && !slices.ContainsFunc(o.lines, func(l ownerLine) bool { return l.owned }) {
			t.Error("owned, and no line names an owner")
		}
	})
}
