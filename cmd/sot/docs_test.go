package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/rule"
)

// documents are what people read: README.md and docs.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	if err != nil || len(files) < 4 {
		t.Fatal(files, err)
	}
	texts := map[string]string{}
	for _, f := range append(files, "../../README.md") {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[filepath.Base(f)] = string(b)
	}
	return texts
}

// Every YAML block in the documents is a whole sot.yaml that loads.
func TestExamplesInDocumentsLoad(t *testing.T) {
	block := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$")
	n := 0
	for name, text := range documents(t) {
		for i, m := range block.FindAllStringSubmatch(text, -1) {
			if !strings.Contains(m[1], "version:") {
				continue // a part, shown beside its whole
			}
			n++
			dir := t.TempDir()
			t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
			for file, text := range map[string]string{"policy/base.yaml": "version: 1\n", "schemas/chart.json": "{}"} {
				if err := os.MkdirAll(filepath.Join(dir, filepath.Dir(file)), 0o755); err != nil {
					t.Fatal(err)
				}
				write(t, filepath.Join(dir, file), text)
			}
			write(t, filepath.Join(dir, "sot.yaml"), m[1])
			t.Chdir(dir)
			var out, errs bytes.Buffer
			if code := Main([]string{"list"}, Streams{strings.NewReader(""), &out, &errs}); code != 0 {
				t.Errorf("%s, block %d: exit %d\n%s\n%s", name, i+1, code, errs.String(), m[1])
			}
		}
	}
	if n < 5 {
		t.Errorf("only %d examples were found", n)
	}
}

func write(t *testing.T, path, text string) {
	t.Helper()
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

// Every local link in the documents leads to a file that is there.
func TestLinksInDocumentsLead(t *testing.T) {
	link := regexp.MustCompile(`\]\(([^)#:]+)(#[^)]*)?\)`)
	for name, text := range documents(t) {
		base := "../../docs"
		if name == "README.md" {
			base = "../.."
		}
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(base, m[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
	}
}

// docs/checks.md is made from what the checks say of themselves:
// go test ./cmd/sot -run Checks -update
func TestChecksDocumentIsUpToDate(t *testing.T) {
	const file = "../../docs/checks.md"
	want := checksDocument()
	if *update {
		write(t, file, want)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the checks say of themselves (%v): go test ./cmd/sot -run Checks -update", file, err)
	}
}

// docs/packs.md is made from the packs, whose comments are the reasons:
// go test ./cmd/sot -run Packs -update
func TestPacksDocumentIsUpToDate(t *testing.T) {
	const file = "../../docs/packs.md"
	want := packsDocument(t)
	if *update {
		write(t, file, want)
	}
	got, err := os.ReadFile(file)
	if err != nil || string(got) != want {
		t.Errorf("%s is not what the packs say (%v): go test ./cmd/sot -run Packs -update", file, err)
	}
}

func packsDocument(t *testing.T) string {
	t.Helper()
	var b strings.Builder
	b.WriteString("# Packs\n\n" +
		"Rules that come with sot, by `extends: [\"sot:NAME\"]`. A rule of your own with the same id takes a pack's\n" +
		"rule's place; one with an id and no kind changes its keys, such as `severity`, `files` or `exclude`\n" +
		"([configuration.md](configuration.md#extends)). `sot explain RULE` says what a rule does. Whole rule sets to\n" +
		"begin with are in [examples](examples).\n")
	for _, name := range config.Packs() {
		text, _ := config.Pack(name)
		head, rules, _ := strings.Cut(string(text), "version: 1\n")
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", name, packComment(head))
		b.WriteString("| rule | severity | what it asks, and why |\n| --- | --- | --- |\n")
		for _, item := range strings.SplitAfter(rules, "\n\n") {
			id := regexp.MustCompile(`(?m)^  - (?:use|id): (\S+)`).FindStringSubmatch(item)
			if id == nil {
				continue
			}
			above, _, _ := strings.Cut(item, id[0])
			comment := strings.ReplaceAll(packComment(regexp.MustCompile(`(?m)^  # ---.*$`).ReplaceAllString(above, "")), "\n", " ")
			severity := "error"
			if m := regexp.MustCompile(`(?m)^    severity: (\S+)`).FindStringSubmatch(item); m != nil {
				severity = m[1]
			}
			what := regexp.MustCompile(`(?m)^    description: (.*)$`).FindStringSubmatch(item)
			if what == nil {
				t.Fatalf("%s: %s has no description", name, id[1])
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s |\n", id[1], severity, strings.TrimSpace(strings.Trim(what[1], `"`)+" "+comment))
		}
	}
	return b.String()
}

// packComment joins the comment lines of a text.
func packComment(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			out.WriteString(strings.TrimPrefix(c, " ") + "\n")
		}
	}
	return strings.TrimSpace(out.String()) + "\n"
}

// docs/sot.schema.json is where the schema's $id leads, and what editors read.
func TestSchemaDocumentIsUpToDate(t *testing.T) {
	const file = "../../docs/sot.schema.json"
	var out, errs bytes.Buffer
	if code := Main([]string{"schema"}, Streams{strings.NewReader(""), &out, &errs}); code != 0 {
		t.Fatal(code, errs.String())
	}
	if *update {
		write(t, file, out.String())
	}
	got, err := os.ReadFile(file)
	if err != nil || !bytes.Equal(got, out.Bytes()) {
		t.Errorf("%s is not what `sot schema` prints (%v): go test ./cmd/sot -run Schema -update", file, err)
	}
}

func checksDocument() string {
	var b strings.Builder
	b.WriteString("# Built-in checks\n\n" +
		"Each is used as `- use: NAME`, with its options below `with:`. Their names, options,\n" +
		"verdicts and fixes are those of pre-commit-hooks, of `editorconfig` those of editorconfig-checker; where a\n" +
		"verdict differs, the check says so.\n" +
		"`sot explain NAME` prints the same.\n")
	for _, k := range engine.Kinds() {
		for _, u := range k.Uses {
			fmt.Fprintf(&b, "\n## %s\n\n%s\n", u.ID, strings.TrimSpace(u.Doc))
			writeOptions(&b, u.With)
		}
	}
	return b.String()
}

func writeOptions(b *strings.Builder, s rule.Shape) {
	if len(s.Keys) == 0 {
		return
	}
	b.WriteString("\n| option | |\n| --- | --- |\n")
	for _, k := range s.Keys {
		fmt.Fprintf(b, "| `%s` | %s |\n", k.Name, strings.ReplaceAll(k.Shape.Doc, "|", `\|`))
	}
}
