package main

import (
	"bytes"
	"encoding/json"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestImportedVerdicts runs real pre-commit and sot with what it imported over
// the same repository: each hook must be given the same files and come to the
// same verdict as its rule.
func TestImportedVerdicts(t *testing.T) {
	program, err := exec.LookPath("pre-commit")
	if err != nil {
		t.Skip("there is no pre-commit here")
	}
	root := t.TempDir()
	hooks := writeRepository(t, root)
	for _, kv := range [][2]string{{"HOME", t.TempDir()}, {"PRE_COMMIT_HOME", t.TempDir()}, {"GIT_CONFIG_GLOBAL", os.DevNull}, {"GIT_CONFIG_SYSTEM", os.DevNull}, {"SKIP", ""}, {"SOT_SKIP", ""}, {"CI", ""}, {"LOG", ""}} {
		t.Setenv(kv[0], kv[1])
	}
	t.Chdir(root)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		if out, err := exec.Command("git", args...).CombinedOutput(); err != nil {
			t.Fatalf("git %v: %v\n%s", args, err, out)
		}
	}
	logs := t.TempDir()
	t.Setenv("LOG", filepath.Join(logs, "pre-commit"))
	theirs := preCommitVerdicts(t, program, hooks)
	t.Setenv("LOG", filepath.Join(logs, "sot"))
	written := filepath.Join(logs, "sot.yaml")
	var out, errs bytes.Buffer
	if code := Main([]string{"import", "pre-commit", "--output", written}, Streams{In: strings.NewReader(""), Out: &out, Err: &errs}); code != 0 {
		t.Fatalf("import ended with %d: %s", code, &errs)
	}
	ours := sotVerdicts(t, written)
	for _, id := range hooks {
		if strings.Contains(errs.String(), "hook "+id+": not carried over") {
			t.Errorf("%s is not carried over: %s", id, &errs)
		}
	}
	if diff := cmp.Diff(theirs, ours); diff != "" {
		t.Errorf("verdicts, -pre-commit +sot:\n%s", diff)
	}
	if len(theirs) < 30 || !slices.Contains(mapValues(theirs), "passed") || !slices.Contains(mapValues(theirs), "failed") || !slices.Contains(mapValues(theirs), "no files") {
		t.Errorf("the test tries too little: %v", theirs)
	}
	if diff := cmp.Diff(given(t, filepath.Join(logs, "pre-commit")), given(t, filepath.Join(logs, "sot"))); diff != "" {
		t.Errorf("files that the hooks were given, -pre-commit +sot:\n%s", diff)
	}
}

func mapValues(m map[string]string) (out []string) {
	for _, v := range m {
		out = append(out, v)
	}
	return out
}

// writeRepository fills a folder with files of many kinds, and with hooks over
// them, whose ids it returns.
func writeRepository(t *testing.T, root string) (hooks []string) {
	t.Helper()
	for name, text := range map[string]string{
		"README.md": "# x\n", "docs/a.md": "bad\n", "docs/deep/b.md": "good\n", "docs": "", "src/a.py": "print(1)\nfoo bar\n", "src/b.pyi": "x = 1\n",
		"src/sub/test_a.py": "# noqa\n", "src/sub/with blank.py": "x\ty\n", "setup.cfg": "[a]\n", "a/setup.cfg": "[a]\n", "xsetup.cfg": "[a]\n",
		"web/app.js": "foo\nbar\n", "web/app.min.js": "x\n", "web/ä.ts": "é\n", "vendor/x/y.go": "package y\n", "Makefile": "all:\n\tx\n",
		"run.sh": "#!/bin/sh\nexit 0\n", "bin/tool": "#!/usr/bin/env python3\nx = 1\n", "data.bin": "\x00\x01bad\n", "crlf.txt": "a\r\nb \r\n", "empty": "",
		"changelog/1.bugfix.rst": "x\n", "changelog/README.rst": "x\n", "changelog/oops.txt": "x\n", "no-end.txt": "foo", "v2/x.yaml": "a: 1\n", "v2x": "bad\n",
		"log.sh": "#!/bin/sh\nid=$1; shift\nfor f; do echo \"$id ${f#./}\" >> \"$LOG\"; done\nfor f; do if grep -q bad \"$f\"; then echo \"$f is bad\"; code=1; fi; done\nexit ${code:-0}\n",
	} {
		if name == "docs" {
			continue
		}
		path := filepath.Join(root, filepath.FromSlash(name))
		mode := os.FileMode(0o644)
		if strings.HasPrefix(text, "#!") {
			mode = 0o755
		}
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(text), mode); err != nil {
			t.Fatal(err)
		}
	}
	if err := os.Symlink("README.md", filepath.Join(root, "link.md")); err != nil {
		t.Fatal(err)
	}
	var b strings.Builder
	b.WriteString("exclude: ^vendor/\nrepos:\n- repo: local\n  hooks:\n")
	add := func(id, rest string) {
		hooks = append(hooks, id)
		b.WriteString("  - {id: " + id + ", name: " + id + ", " + rest + "}\n")
	}
	logged := func(id, rest string) { add(id, "language: script, entry: log.sh "+id+rest) }
	logged("all", "")
	logged("by-ext", `, files: '\.(md|js)$'`)
	logged("in-docs", `, files: ^docs/`)
	logged("name", `, files: '(^|/)setup\.cfg$'`)
	logged("substring", `, files: app`)
	logged("not-docs", `, files: '^(?!docs/|src/sub/).+\.(md|py)$'`)
	logged("verbose", `, files: "(?x)^(\n src/ | # one\n web/.*\\.ts$\n)"`)
	logged("dot", `, files: 'v2.'`)
	logged("not-excluded", `, exclude: '^src/|\.(sh|cfg)$|(^|/)README'`)
	logged("only", `, exclude: '^(?!web/)'`)
	logged("ignore-case", `, files: '(?i)readme'`)
	logged("python", `, types: [python]`)
	logged("executables", `, types: [text, executable]`)
	logged("either", `, types_or: [python, shell]`)
	logged("no-yaml", `, exclude_types: [yaml, python]`)
	add("links", `language: fail, entry: no links, types: [symlink]`)
	logged("nothing", `, files: '\.rs$'`)
	logged("args", `, args: ["a b", "it's"], files: ^empty$`)
	add("system", `language: system, entry: "sh log.sh system", files: ^docs/deep`)
	add("quoted", `language: system, entry: "sh -c 'test $# -gt 2' --", files: ^changelog`)
	add("none", `language: system, entry: "test -e README.md", pass_filenames: false`)
	add("none-fails", `language: system, entry: "test -e missing", pass_filenames: false`)
	add("none-no-file", `language: system, entry: "test -e missing", pass_filenames: false, files: '\.rs$'`)
	add("always", `language: system, entry: "test -e missing", pass_filenames: false, always_run: true, files: '\.rs$'`)
	add("push-only", `language: system, entry: "false", stages: [push]`)
	add("commit", `language: system, entry: "sh log.sh commit", stages: [commit], files: '\.ts$'`)
	add("grep", `language: pygrep, entry: 'foo', types: [python]`)
	add("grep-none", `language: pygrep, entry: 'nowhere'`)
	add("grep-lines", `language: pygrep, entry: 'foo\s+bar', files: ^web/`)
	add("grep-multi", `language: pygrep, entry: 'foo\s+bar', files: ^web/, args: [--multiline]`)
	add("grep-blank", `language: pygrep, entry: '[ \t]+$', files: crlf`)
	add("grep-end", `language: pygrep, entry: 'foo\s', files: no-end`)
	add("grep-case", `language: pygrep, entry: 'FOO', args: [-i], files: '\.py$'`)
	add("grep-negate", `language: pygrep, entry: 'x', args: [--negate], types: [python]`)
	add("grep-negate-ok", `language: pygrep, entry: '.', args: [--negate], files: ^src/a`)
	add("grep-binary", `language: pygrep, entry: 'bad', files: bin$`)
	add("grep-verbose", `language: pygrep, entry: "(?x)\n foo # one\n |print\\(", files: '\.py$'`)
	add("fail", `language: fail, entry: name them well, files: ^changelog/, exclude: '^changelog/([0-9]\.(bugfix|feature)\.rst|README\.rst)$'`)
	add("fail-none", `language: fail, entry: no rejects, files: '\.rej$'`)
	if err := os.WriteFile(filepath.Join(root, ".pre-commit-config.yaml"), []byte(b.String()), 0o644); err != nil {
		t.Fatal(err)
	}
	return hooks
}

var verdictLine = regexp.MustCompile(`(?m)^([a-z-]+)\.*(\(no files to check\))?\.*(Passed|Failed|Skipped)$`)

// preCommitVerdicts runs every hook over every file.
func preCommitVerdicts(t *testing.T, program string, hooks []string) map[string]string {
	t.Helper()
	out, _ := exec.Command(program, "run", "--all-files", "--color=never").CombinedOutput() // it fails, as hooks do
	verdicts := map[string]string{}
	for _, m := range verdictLine.FindAllStringSubmatch(string(out), -1) {
		verdicts[m[1]] = strings.ToLower(m[3])
		if m[2] != "" {
			verdicts[m[1]] = "no files"
		}
	}
	if len(verdicts) < len(hooks)-1 { // push-only is not at this stage
		t.Fatalf("%d verdicts of %d hooks:\n%s", len(verdicts), len(hooks), out)
	}
	return verdicts
}

func sotVerdicts(t *testing.T, file string) map[string]string {
	t.Helper()
	var out, errs bytes.Buffer
	Main([]string{"run", "--all", "--config", file, "--format", "json"}, Streams{In: strings.NewReader(""), Out: &out, Err: &errs})
	var rep struct {
		Rules  []struct{ ID, Status, Reason string }
		Faults []struct{ Rule, Message string }
	}
	if err := json.Unmarshal(out.Bytes(), &rep); err != nil {
		t.Fatalf("%v\n%s%s", err, &out, &errs)
	}
	if len(rep.Faults) > 0 {
		t.Errorf("faults: %+v", rep.Faults)
	}
	verdicts := map[string]string{}
	for _, r := range rep.Rules {
		verdicts[r.ID] = r.Status
		if r.Reason == "no files matched" {
			verdicts[r.ID] = "no files"
		}
	}
	return verdicts
}

// given returns the lines that the hooks logged: their ids and files.
func given(t *testing.T, log string) []string {
	t.Helper()
	data, err := os.ReadFile(log)
	if err != nil {
		t.Fatal(err)
	}
	lines := strings.Split(strings.TrimSpace(string(data)), "\n")
	slices.Sort(lines)
	if len(lines) < 50 {
		t.Errorf("only %d files were given", len(lines))
	}
	return lines
}
