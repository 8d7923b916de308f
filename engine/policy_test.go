package engine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/source"
)

// A schema is read from the commit that says how files are judged, also by a rule
// that judges the whole tree: a change cannot bring its own.
func TestSchemaOfAnotherCommit(t *testing.T) {
	if _, err := exec.LookPath("git"); err != nil {
		t.Skip(err)
	}
	dir := t.TempDir()
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-C", dir, "-c", "user.name=a", "-c", "user.email=a@example.org"}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %v: %v: %s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	put := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	put("sot.yaml", `version: 1
rules:
  - {id: each, files: a.yaml, data: {schema: s.json}}
  - {id: tree, files: a.yaml, holds: {min: 1}, data: {schema: s.json}}
`)
	put("s.json", `{"required": ["owner"]}`)
	put("a.yaml", "owner: me\n")
	git("init", "-q")
	git("add", "-A")
	git("commit", "-q", "-m", "base")
	base := git("rev-parse", "HEAD")
	put("s.json", `{}`)
	put("a.yaml", "name: x\n")
	for policy, want := range map[string]int{"": 0, base: 2} {
		rep, err := Run(context.Background(), Options{
			Source: source.Options{Dir: dir, Mode: source.All, Policy: policy}, Stage: "ci", NoProfile: true, NoCache: true,
		})
		if err != nil {
			t.Fatal(err)
		}
		if len(rep.Findings) != want || len(rep.Faults) > 0 {
			t.Errorf("policy %q: %v %v, want %d findings", policy, rep.Findings, rep.Faults, want)
		}
	}
}
