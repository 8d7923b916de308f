package main

import (
	"bytes"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// block is a fenced block of a document: YAML that is a whole configuration, or
// commands with what they print.
var block = regexp.MustCompile("(?ms)^```(yaml|console)\n(.*?)^```$")

// The commands of these documents run one after the other in a repository, and print
// what the document says where it says anything: go test ./cmd/sot -run Commands -update
func TestCommandsInDocumentsRun(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip("the commands need a git repository")
	}
	here, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range []string{"engine.md", "quickstart.md"} {
		t.Run(name, func(t *testing.T) {
			path := filepath.Join(here, "../../docs", name)
			text, err := os.ReadFile(path)
			if err != nil {
				t.Fatal(err)
			}
			repository(t)
			got := block.ReplaceAllStringFunc(string(text), func(whole string) string {
				m := block.FindStringSubmatch(whole)
				if m[1] == "yaml" {
					write(t, "sot.yaml", m[2])
					return whole
				}
				return "```console\n" + runBlock(t, m[2]) + "```"
			})
			if *update {
				write(t, path, got)
			}
			if got != string(text) && !*update {
				t.Errorf("%s does not show what its commands print: go test ./cmd/sot -run Commands -update\n%s", name, got)
			}
		})
	}
}

// repository is a folder with something to find, as a user would have it.
func repository(t *testing.T) {
	t.Helper()
	t.Chdir(t.TempDir())
	for _, v := range []string{"CI", "SKIP", "SOT_SKIP", "NO_COLOR"} {
		t.Setenv(v, "")
	}
	t.Setenv("LC_ALL", "C.UTF-8")
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	if err := os.MkdirAll("src", 0o755); err != nil {
		t.Fatal(err)
	}
	write(t, "README.md", "# Demo  \n")
	write(t, filepath.Join("src", "app.py"), "print('x')\n")
	if out, err := exec.Command("git", "init", "-q").CombinedOutput(); err != nil {
		t.Fatalf("%v: %s", err, out)
	}
}

// runBlock runs the commands of a block, and returns it with what they print where
// the document shows what they print.
func runBlock(t *testing.T, text string) string {
	t.Helper()
	var b strings.Builder
	lines := strings.SplitAfter(text, "\n")
	for i, line := range lines {
		command, ok := strings.CutPrefix(line, "$ sot ")
		if !ok {
			continue
		}
		var out, errs bytes.Buffer
		if code := Main(strings.Fields(command), Streams{strings.NewReader(""), &out, &errs}); code > 1 {
			t.Errorf("%s exits with %d: %s", strings.TrimSpace(line), code, errs.String())
		}
		b.WriteString(line)
		shows := i+1 < len(lines) && lines[i+1] != "" && !strings.HasPrefix(lines[i+1], "$ ")
		if shows {
			b.WriteString(out.String())
		}
	}
	return b.String()
}
