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
		"verdicts and fixes are those of pre-commit-hooks; where a verdict differs, the check says so.\n" +
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
