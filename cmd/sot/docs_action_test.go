package main

import (
	"fmt"
	"os"
	"regexp"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// docs/github-action.md shows the inputs and outputs that action.yml declares:
// go test ./cmd/sot -run ActionDocument -update
func TestActionDocumentIsUpToDate(t *testing.T) {
	const file = "../../docs/github-action.md"
	b, err := os.ReadFile("../../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct{ Inputs, Outputs yaml.Node }
	if err := yaml.Unmarshal(b, &declared); err != nil {
		t.Fatal(err)
	}
	got, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	want := between(t, string(got), "inputs", "| input | default | what it does |\n| --- | --- | --- |\n"+rows(t, &declared.Inputs, true))
	want = between(t, want, "outputs", "| output | what it is |\n| --- | --- |\n"+rows(t, &declared.Outputs, false))
	if *update {
		write(t, file, want)
	} else if string(got) != want {
		t.Errorf("%s is not what action.yml says: go test ./cmd/sot -run ActionDocument -update", file)
	}
}

// rows are the lines of a table, in the order of action.yml.
func rows(t *testing.T, of *yaml.Node, defaults bool) string {
	t.Helper()
	var b strings.Builder
	for i := 0; i < len(of.Content); i += 2 {
		var one struct{ Description, Default string }
		if err := of.Content[i+1].Decode(&one); err != nil {
			t.Fatal(err)
		}
		fmt.Fprintf(&b, "| `%s` |", of.Content[i].Value)
		if defaults && one.Default == "" {
			b.WriteString(" |")
		} else if defaults {
			fmt.Fprintf(&b, " `%s` |", one.Default)
		}
		fmt.Fprintf(&b, " %s |\n", one.Description)
	}
	return b.String()
}

// between replaces what stands between a section's two marks.
func between(t *testing.T, text, name, table string) string {
	t.Helper()
	marks := regexp.MustCompile(`(?s)(<!-- ` + name + ` -->\n).*(<!-- ` + name + ` end -->\n)`)
	if !marks.MatchString(text) {
		t.Fatalf("there are no marks of the %s", name)
	}
	return marks.ReplaceAllString(text, "${1}"+strings.ReplaceAll(table, "$", "$$")+"${2}")
}
