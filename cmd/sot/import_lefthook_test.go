package main

import (
	"bytes"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestImportedLefthookFiles runs real lefthook and sot with what it imported over
// the same repository: each command must be given the same files.
func TestImportedLefthookFiles(t *testing.T) {
	program, err := exec.LookPath("lefthook")
	if err != nil {
		t.Skip("there is no lefthook here")
	}
	root, logs := t.TempDir(), t.TempDir()
	writeRepository(t, root)
	if err := os.Remove(filepath.Join(root, "link.md")); err != nil { // which only lefthook hands over
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("pre-commit:\n  commands:\n")
	add := func(id, rest string) {
		fmt.Fprintf(&b, "    %s: {run: 'sh log.sh %s {staged_files}'%s}\n", id, id, rest)
	}
	add("all", "")
	for i, g := range []string{"*.md", "**/*.md", "docs/*", "docs/**", "docs/**/*.md", "*.{md,js}", "src/*/*.py", "?.md", "[a-s]*.cfg", "**/deep/*", "web/*.min.*", "*/*"} {
		add(fmt.Sprintf("glob-%d", i), ", glob: '"+g+"'")
	}
	add("list", ", glob: ['*.py', '*.js']")
	add("exclude", ", exclude: ['src/*', '*.md', '**/x/**']")
	add("types", ", file_types: [text, executable]")
	add("not-executable", ", file_types: [not executable]")
	add("shell", ", env: {A: '$HOME'}, glob: 'web/*'")
	fmt.Fprintf(&b, "    root: {run: 'sh ../log.sh root {staged_files}', root: docs/, glob: '*.md'}\n")
	write(t, filepath.Join(root, "lefthook.yml"), b.String())
	for _, kv := range [][2]string{{"HOME", t.TempDir()}, {"GIT_CONFIG_GLOBAL", os.DevNull}, {"GIT_CONFIG_SYSTEM", os.DevNull}, {"CI", ""}, {"SKIP", ""}, {"SOT_SKIP", ""}} {
		t.Setenv(kv[0], kv[1])
	}
	t.Chdir(root)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	t.Setenv("LOG", filepath.Join(logs, "lefthook"))
	out, _ := exec.Command(program, "run", "pre-commit", "--all-files", "--force").CombinedOutput() // it fails where a file is bad
	if _, err := os.Stat(filepath.Join(logs, "lefthook")); err != nil {
		t.Fatalf("lefthook ran nothing:\n%s", out)
	}
	written := filepath.Join(logs, "sot.yaml")
	var stdout, errs bytes.Buffer
	if code := Main([]string{"import", "lefthook", "--output", written}, Streams{In: strings.NewReader(""), Out: &stdout, Err: &errs}); code != 0 {
		t.Fatalf("import ended with %d: %s", code, &errs)
	}
	if strings.Contains(errs.String(), "not carried over") {
		t.Errorf("not all is carried over:\n%s", &errs)
	}
	t.Setenv("LOG", filepath.Join(logs, "sot"))
	sotVerdicts(t, written)
	if diff := cmp.Diff(given(t, filepath.Join(logs, "lefthook")), given(t, filepath.Join(logs, "sot"))); diff != "" {
		t.Errorf("files that the commands were given, -lefthook +sot:\n%s", diff)
	}
}
