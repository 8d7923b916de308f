package main

import (
	"bytes"
	"fmt"
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/config"
)

// documents are what people read, README.md and docs, by their paths.
func documents(t *testing.T) map[string]string {
	t.Helper()
	files, err := filepath.Glob("../../docs/*.md")
	pages, err2 := filepath.Glob("../../docs/rules/*.md")
	if err != nil || err2 != nil || len(files) < 4 || len(pages) < 30 {
		t.Fatal(files, err, pages, err2)
	}
	texts := map[string]string{}
	for _, f := range slices.Concat(files, pages, []string{"../../README.md"}) {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		texts[strings.TrimPrefix(filepath.ToSlash(f), "../../")] = string(b)
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
		base := filepath.Join("../..", filepath.Dir(name))
		for _, m := range link.FindAllStringSubmatch(text, -1) {
			if _, err := os.Stat(filepath.Join(base, m[1])); err != nil {
				t.Errorf("%s links to %s: %v", name, m[1], err)
			}
		}
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
		about, rules := config.PackRules(name)
		fmt.Fprintf(&b, "\n## %s\n\n%s\n", name, about)
		b.WriteString("| rule | severity | what it asks, and why |\n| --- | --- | --- |\n")
		for _, r := range rules {
			if r.What == "" || r.Why == "" {
				t.Errorf("%s: %s has no description, or no comment that says why", name, r.ID)
			}
			fmt.Fprintf(&b, "| `%s` | %s | %s %s |\n", r.ID, r.Severity, r.What, r.Why)
		}
	}
	return b.String()
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
