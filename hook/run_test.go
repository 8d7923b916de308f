package hook

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine"
)

// With fix: true, what is staged is mended by the hook pre-commit, and nothing
// by another hook or under a framework.
func TestOnlyPreCommitMends(t *testing.T) {
	dir := newTestRepo(t)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("sot.yaml", "version: 1\nhook: {fix: true}\nrules:\n  - use: trailing-whitespace\n    stages: [pre-commit, commit-msg]\n")
	write("a.txt", "bad  \n")
	testGit(t, dir, nil, "add", ".")
	write("message", "bad  \n")
	o := Options{Stage: "pre-commit", Framework: true, Engine: engine.Options{Version: "0.1.0"}}
	o.Engine.Source.Dir = dir
	r, err := Run(t.Context(), o)
	if err != nil || len(r.Findings) != 1 || r.Findings[0].Fixed || r.Run.ExitCode != 1 {
		t.Errorf("under a framework: %+v, %v", r, err)
	}
	o.Framework = false
	if r, err = Run(t.Context(), o); err != nil || len(r.Findings) != 1 || !r.Findings[0].Fixed || r.Run.ExitCode != 0 {
		t.Errorf("pre-commit: %+v, %v", r, err)
	}
	if data, err := os.ReadFile(filepath.Join(dir, "a.txt")); err != nil || string(data) != "bad\n" {
		t.Errorf("the worktree holds %q, %v", data, err)
	}
	o.Stage, o.Args = "commit-msg", []string{"message"}
	if r, err = Run(t.Context(), o); err != nil || len(r.Findings) != 1 || r.Findings[0].Path != "message" || r.Findings[0].Fixed || r.Run.Source != "message" {
		t.Errorf("commit-msg: %+v, %v", r, err)
	}
	o.Stage, o.Args = "pre-commit", nil
	o.Engine.Source.Env = append(os.Environ(), "SOT_SKIP=1")
	if r, err = Run(t.Context(), o); err != nil || len(r.Rules) != 0 || strings.Join(r.Notes, "") != "skipped by SOT_SKIP=1" {
		t.Errorf("skipped: %+v, %v", r, err)
	}
}
