package engine

import (
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/filetype"
)

// tool is a program that a repository may already use.
type tool struct {
	id, bin string
	configs []string // files at the root that say that it is used; none: the language is enough
	tag     string   // a file of this type must be there
	files   string
	run     string
	says    string // the finding where the program only names files
	fix     string
	parse   string
	whole   bool // takes no file names
}

// tools are what `sot init` knows, in the order in which they are written.
var tools = []tool{
	{id: "gofmt", bin: "gofmt", tag: "go", files: "**/*.go", says: "not formatted as gofmt does it", run: "gofmt -l {files}", fix: "gofmt -w {files}", parse: `{ regex: '^(?P<file>.+\.go)$' }`},
	{id: "go-vet", bin: "go", configs: []string{"go.mod"}, tag: "go", files: "**/*.go", run: "go vet ./...", parse: `{ errorformat: "%f:%l:%c: %m" }`, whole: true},
	{id: "golangci-lint", bin: "golangci-lint", configs: []string{".golangci.yml", ".golangci.yaml", ".golangci.toml"}, tag: "go", files: "**/*.go", run: "golangci-lint run --output.sarif.path=stdout", parse: "sarif", whole: true},
	{id: "eslint", bin: "eslint", configs: []string{"eslint.config.js", "eslint.config.mjs", "eslint.config.cjs", "eslint.config.ts", ".eslintrc.json", ".eslintrc.js", ".eslintrc.cjs", ".eslintrc.yml"}, files: "**/*.{js,jsx,ts,tsx,mjs,cjs}", run: "eslint --format json {files}", fix: "eslint --fix {files}", parse: "eslint-json"},
	{id: "prettier", bin: "prettier", configs: []string{".prettierrc", ".prettierrc.json", ".prettierrc.yaml", ".prettierrc.yml", "prettier.config.js", "prettier.config.mjs"}, files: "**/*.{js,jsx,ts,tsx,css,scss,html,md,json,yaml,yml}", says: "not formatted as prettier does it", run: "prettier --list-different {files}", fix: "prettier --write {files}", parse: "{ regex: '^(?P<file>.+)$' }"},
	{id: "ruff", bin: "ruff", configs: []string{"ruff.toml", ".ruff.toml", "pyproject.toml"}, tag: "python", files: "**/*.py", run: "ruff check --output-format github {files}", fix: "ruff check --fix {files}", parse: "github"},
	{id: "black", bin: "black", configs: []string{"pyproject.toml"}, tag: "python", files: "**/*.py", says: "not formatted as black does it", run: "black --check {files}", fix: "black --quiet {files}", parse: "{ regex: '^would reformat (?P<file>.+)$' }"},
	{id: "mypy", bin: "mypy", configs: []string{"mypy.ini", ".mypy.ini"}, tag: "python", files: "**/*.py", run: "mypy --no-error-summary --show-column-numbers {files}", parse: "gcc"},
	{id: "shellcheck", bin: "shellcheck", tag: "shell", files: "**/*.sh", run: "shellcheck --format gcc {files}", parse: "gcc"},
	{id: "rustfmt", bin: "rustfmt", configs: []string{"Cargo.toml"}, tag: "rust", files: "**/*.rs", run: "rustfmt --check {files}", fix: "rustfmt {files}"},
	{id: "actionlint", bin: "actionlint", configs: []string{".github/workflows"}, files: ".github/workflows/*.{yml,yaml}", run: "actionlint -no-color {files}", parse: "gcc"},
}

// vendored are folders of other people's work that repositories keep.
var vendored = []string{"vendor", "third_party", "node_modules", "testdata/vendor"}

// Starter returns a first sot.yaml for a repository: the recommended pack, what
// is better left out, and the tools that the repository uses. A tool that is not
// on this machine, as found tells, is written as a comment.
func Starter(t *rule.Tree, found func(bin string) bool) string {
	var b strings.Builder
	b.WriteString(`# What this repository asks of its files. ` + "`sot run`" + ` checks what changed,
# ` + "`sot run --all`" + ` everything, ` + "`sot fix`" + ` mends what can be mended.
version: 1

# Trailing space, line ends, broken YAML and JSON, merge conflicts, private keys
# and the like: ` + "`sot list`" + ` shows the rules, ` + "`sot explain RULE`" + ` what one does.
extends: ["sot:recommended"]
`)
	writeExclude(&b, t)
	b.WriteString("\n# error (the default), warning or info: what makes a run exit 1.\n# fail_on: error\n")
	active, passive := chooseTools(t, found)
	if len(active) > 0 {
		b.WriteString("\nrules:\n")
		for _, x := range active {
			writeTool(&b, x, "")
		}
	}
	if len(passive) > 0 {
		b.WriteString("\n# Tools that this repository seems to use, and that are not on this machine.\n# Install one, and take the # away")
		if len(active) == 0 {
			b.WriteString(" from it and from `rules:`.\n# rules:\n")
		} else {
			b.WriteString(".\n")
		}
		for _, x := range passive {
			writeTool(&b, x, "# ")
		}
	}
	b.WriteString(`
# More that a rule can say (the kinds are ` + kindNames() + `):
#   - id: no-print
#     files: "src/**/*.py"
#     content: { forbid: [{ pattern: '\bprint\(', message: use the logger }] }
#   - id: has-readme
#     structure: { require: [README.md] }
`)
	return b.String()
}

func kindNames() string {
	var names []string
	for _, k := range Kinds() {
		names = append(names, k.Name)
	}
	return strings.Join(names, ", ")
}

func writeExclude(b *strings.Builder, t *rule.Tree) {
	var globs []string
	for _, dir := range vendored {
		if t.HasDir(dir) {
			globs = append(globs, dir+"/**")
		}
	}
	for _, ext := range []string{".min.js", ".min.css", ".snap", ".pb.go"} {
		if slices.ContainsFunc(t.Entries(), func(e rule.Entry) bool { return strings.HasSuffix(e.Path, ext) }) {
			globs = append(globs, "**/*"+ext)
		}
	}
	if len(globs) == 0 {
		b.WriteString("\n# Files that no rule looks at.\n# exclude: [\"vendor/**\", \"**/*.min.js\"]\n")
		return
	}
	b.WriteString("\n# Files that no rule looks at: other people's, or generated.\nexclude:\n")
	for _, g := range globs {
		fmt.Fprintf(b, "  - %q\n", g)
	}
}

// chooseTools returns the tools that the repository uses, those on this machine
// apart from the others.
func chooseTools(t *rule.Tree, found func(bin string) bool) (active, passive []tool) {
	tags := map[string]bool{}
	for _, e := range t.Entries() {
		names, _ := filetype.Static(e.Path, e.Mode)
		for _, n := range names {
			tags[n] = true
		}
	}
	for _, x := range tools {
		configured := len(x.configs) == 0
		for _, c := range x.configs {
			configured = configured || t.Lookup(c) != nil || t.HasDir(c)
		}
		switch {
		case !configured, x.tag != "" && !tags[x.tag]:
		case found(x.bin):
			active = append(active, x)
		default:
			passive = append(passive, x)
		}
	}
	return active, passive
}

func writeTool(b *strings.Builder, x tool, prefix string) {
	line := func(format string, args ...any) { fmt.Fprintf(b, prefix+format+"\n", args...) }
	line("  - id: %s", x.id)
	if x.says != "" {
		line("    description: %s", x.says)
	}
	line("    files: %q", x.files)
	line("    command:")
	line("      run: %s", yamlString(x.run))
	if x.fix != "" {
		line("      fix: %s", yamlString(x.fix))
	}
	if x.parse != "" {
		line("      parse: %s", x.parse)
	}
	if x.whole {
		line("      files: none")
	}
}

// yamlString quotes what a plain scalar cannot hold.
func yamlString(s string) string {
	if strings.ContainsAny(s, `{}'":#`) {
		return "'" + strings.ReplaceAll(s, "'", "''") + "'"
	}
	return s
}
