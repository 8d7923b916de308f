package hook

import (
	"context"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
)

// Mend is called where something staged can be mended, and nowhere else.
func TestMendIsCalled(t *testing.T) {
	dir := newTestRepo(t)
	write := func(name, text string) {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o666); err != nil {
			t.Fatal(err)
		}
	}
	write("sot.yaml", "version: 1\nrules:\n  - use: trailing-whitespace\n    stages: [pre-commit, commit-msg]\n")
	write("a.txt", "bad  \n")
	testGit(t, dir, nil, "add", ".")
	write("message", "bad  \n")
	calls := 0
	o := Options{Stage: "pre-commit", Engine: engine.Options{Version: "0.1.0"}}
	o.Engine.Source.Dir = dir
	o.Mend = func(_ context.Context, job engine.Options, r *report.Report) (*report.Report, error) {
		calls++
		if !job.Source.Commit || job.Stage != "pre-commit" || len(r.Findings) != 1 {
			t.Errorf("Mend was given %+v, %+v", job, r.Findings)
		}
		r.Findings[0].Fixed = true
		return r, nil
	}
	r, err := Run(t.Context(), o)
	if err != nil || calls != 1 || !r.Findings[0].Fixed {
		t.Errorf("%d calls, %+v, %v", calls, r, err)
	}
	o.Stage, o.Args = "commit-msg", []string{"message"}
	if r, err = Run(t.Context(), o); err != nil || calls != 1 || len(r.Findings) != 1 || r.Findings[0].Path != "message" || r.Run.Source != "message" {
		t.Errorf("%d calls, %+v, %v", calls, r, err)
	}
	write("a.txt", "good\n")
	testGit(t, dir, nil, "add", "a.txt")
	o.Stage, o.Args = "pre-commit", nil
	if r, err = Run(t.Context(), o); err != nil || calls != 1 || len(r.Findings) != 0 {
		t.Errorf("%d calls, %+v, %v", calls, r, err)
	}
	o.Engine.Source.Env = append(os.Environ(), "SOT_SKIP=1")
	if r, err = Run(t.Context(), o); err != nil || len(r.Rules) != 0 || strings.Join(r.Notes, "") != "skipped by SOT_SKIP=1" {
		t.Errorf("skipped: %+v, %v", r, err)
	}
}
