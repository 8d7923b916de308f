package engine

import (
	"cmp"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/config/importer"
	"github.com/sot-validator/sot/engine/rule/filetype"
	"github.com/sot-validator/sot/engine/source"
)

// lsLint are the rules of ls-lint and what docs/rules.md says is the same here.
// Ls is the entry under `ls:`, sot the keys of one rule beside its id.
var lsLint = []struct{ ls, sot string }{
	{".ts: lowercase", `naming: { of: name, pattern: '^[^\p{Lu}\p{Lt}\p{Lo}\p{Lm}]*$' }`},
	{".ts: camelcase", `naming: { of: name, pattern: '^([\p{Ll}\p{Lo}]+\p{Lu}{0,2}|\p{Nd}+\p{Lu}?)*$' }`},
	{".ts: pascalcase", `naming: { of: name, pattern: '^(\p{Lu}|\p{Nd}+\p{Lu}?)([\p{Ll}]+\p{Lu}{0,2}|\p{Nd}+\p{Lu}?)*$' }`},
	{".ts: snakecase", `naming: { of: name, pattern: '^[\p{Ll}\p{Nd}_]*$' }`},
	{".ts: SCREAMING_SNAKE_CASE", `naming: { of: name, pattern: '^[\p{Lu}\p{Nd}_]*$' }`},
	{".ts: kebab-case", `naming: { of: name, pattern: '^[\p{Ll}\p{Nd}-]*$' }`},
	{".ts: regex:[a-z]+-${0}", `naming: { of: name, pattern: '^[a-z]+-${0}$' }`},
	{".ts: regex:${1}${0}", `naming: { of: name, pattern: '^${1}${0}$' }`},
	{".ts: regex:![a-z]+", `not: [{ naming: { of: name, pattern: '^[a-z]+$' } }]`},
	{".ts: kebab-case | SCREAMING_SNAKE_CASE | regex:[.]x", `any: [{ naming: { of: name, pattern: '^[\p{Ll}\p{Nd}-]*$' } }, { naming: { of: name, pattern: '^[\p{Lu}\p{Nd}_]*$' } }]`},
}

// lsLintNames are names without their extensions.
var lsLintNames = []string{
	"a", "A", "ab", "aB", "aBC", "aBCd", "aBCD", "Ab", "AB", "ABc", "AbC", "AbCD", "AbCDe", "a1", "1a", "1", "1A", "1AB", "a1B", "a1BC", "A1b",
	"a-b", "A-B", "a_b", "A_B", "_a", "-a", "a-", "a b", "fooBarBaz", "FooBarBaz", "HTTPServer", "SsrVFor", "ssrVFor", "FOO_1", "foo-1", "x-src", "libsrc", "src",
}

// TestLsLint holds naming to the verdicts of ls-lint itself: SOT_LS_LINT is its
// program's path.
func TestLsLint(t *testing.T) {
	program := os.Getenv("SOT_LS_LINT")
	if program == "" {
		t.Skip("SOT_LS_LINT is not set")
	}
	dir := t.TempDir()
	for _, sub := range []string{"lib/src", "src", "Web-App/some_dir"} {
		for _, name := range lsLintNames {
			for _, ext := range []string{".ts", ".d.ts", ".test.ts", ".css", ""} {
				lsLintPut(t, dir, sub+"/"+name+ext, "")
			}
		}
	}
	for _, c := range lsLint {
		files := `files: "**/*.ts", exclude: "**/*.*.ts", `
		lsLintCompare(t, program, dir, "ls:\n  "+c.ls+"\n", "  - { id: x, "+files+c.sot+" }\n")
		// The same of a longer extension, and of any first part of two.
		lsLintCompare(t, program, dir, "ls:\n  "+strings.Replace(c.ls, ".ts", ".d.ts", 1)+"\n", `  - { id: x, files: "**/*.d.ts", exclude: "**/*.*.d.ts", `+c.sot+" }\n")
		lsLintCompare(t, program, dir, "ls:\n  "+strings.Replace(c.ls, ".ts", ".*.ts", 1)+"\n", `  - { id: x, files: "**/*.*.ts", exclude: "**/*.*.*.ts", `+c.sot+" }\n")
	}
	kebab := `pattern: '^[\p{Ll}\p{Nd}-]*$'`
	for _, c := range []struct{ ls, sot string }{
		{"ls: { .dir: kebab-case }", "  - { id: x, naming: { of: directory, " + kebab + " } }\n"},
		{"ls: { 'lib/*': { .dir: 'regex:${0}x', .ts: kebab-case } }", "  - { id: x, naming: { each: 'lib/*/**', pattern: '^${0}x$' } }\n" +
			`  - { id: y, files: "lib/*/**/*.ts", exclude: "**/*.*.ts", naming: { of: name, ` + kebab + " } }\n"},
		{"ls: { .ts: kebab-case, lib: { .ts: snake_case } }\nignore: [Web-App, src/AB.ts]",
			`  - { id: x, files: "**/*.ts", exclude: ["**/*.*.ts", "lib/**", "Web-App/**", src/AB.ts], naming: { of: name, ` + kebab + " } }\n" +
				`  - { id: y, files: "lib/**/*.ts", exclude: "**/*.*.ts", naming: { of: name, pattern: '^[\p{Ll}\p{Nd}_]*$' } }` + "\n"},
		{"ls: { src: { .css: exists:5, .ts: exists:1-500, .dir: exists:1, .go: exists:0 } }",
			`  - { id: x, structure: { each: src/, count: [{ of: "[!.]*.css", min: 5, max: 5 }, { of: "*.ts", min: 1, max: 500 }, { of: "*.go", max: 0 }] } }` + "\n" +
				"  - { id: y, structure: { require: src/ } }\n"},
	} {
		lsLintCompare(t, program, dir, c.ls, c.sot)
	}
}

func lsLintPut(t *testing.T, dir, name, text string) {
	t.Helper()
	file := filepath.Join(dir, filepath.FromSlash(name))
	if err := cmp.Or(os.MkdirAll(filepath.Dir(file), 0o755), os.WriteFile(file, []byte(text), 0o644)); err != nil {
		t.Fatal(err)
	}
}

var lsLintLine = regexp.MustCompile(`(?m)^(?:\S+ \S+ )?(.+?) failed for`)

// lsLintCompare holds both our rules and those that an import makes of theirs to
// the verdict of ls-lint.
func lsLintCompare(t *testing.T, program, dir, theirs, ours string) {
	t.Helper()
	res, err := importer.LsLint("ls.yml", []byte(theirs), importer.Options{Kinds: Kinds(), KnownType: filetype.Known, Types: filetype.All, Version: "0.1.0"})
	if err != nil || len(res.Notes) > 0 {
		t.Fatalf("%s: %v %v", theirs, err, res)
	}
	lsLintVerdict(t, program, dir, theirs, "version: 1\nrules:\n"+ours)
	lsLintVerdict(t, program, dir, theirs, string(res.Text))
}

func lsLintVerdict(t *testing.T, program, dir, theirs, ours string) {
	t.Helper()
	config := filepath.Join(t.TempDir(), "ls.yml")
	if err := os.WriteFile(config, []byte(theirs), 0o644); err != nil {
		t.Fatal(err)
	}
	out, err := exec.Command(program, "--workdir", dir, "--config", config).CombinedOutput()
	if err != nil && len(lsLintLine.FindAll(out, -1)) == 0 {
		t.Fatalf("%s: %v\n%s", theirs, err, out)
	}
	var want []string
	for _, m := range lsLintLine.FindAllStringSubmatch(string(out), -1) {
		want = append(want, m[1])
	}
	mine := filepath.Join(t.TempDir(), "sot.yaml")
	if err := os.WriteFile(mine, []byte(ours), 0o644); err != nil {
		t.Fatal(err)
	}
	rep, err := Run(t.Context(), Options{Config: mine, Source: source.Options{Dir: dir, Mode: source.All}, Version: "0.1.0"})
	if err != nil {
		t.Fatalf("%s: %v", ours, err)
	}
	var got []string
	for _, f := range rep.Findings {
		got = append(got, strings.TrimSuffix(f.Path, "/"))
	}
	for _, list := range []*[]string{&got, &want} {
		slices.Sort(*list)
		*list = slices.Compact(*list)
	}
	if !slices.Equal(got, want) {
		only := func(a, b []string) string {
			return fmt.Sprint(slices.DeleteFunc(slices.Clone(a), func(s string) bool { return slices.Contains(b, s) }))
		}
		t.Errorf("%s\n%s: %d and %d\nonly ls-lint %.600s\nonly sot %.600s", theirs, ours, len(want), len(got), only(want, got), only(got, want))
	}
}
