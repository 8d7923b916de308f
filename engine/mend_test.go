package engine

import (
	"context"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// staged makes a repository whose files are all staged, outside of which git
// looks at nothing.
func staged(t *testing.T, files map[string]string) string {
	t.Helper()
	dir := folder(t, files)
	t.Setenv("GIT_CONFIG_GLOBAL", os.DevNull)
	t.Setenv("GIT_CONFIG_SYSTEM", os.DevNull)
	for _, args := range [][]string{{"init", "-q"}, {"add", "-A"}} {
		cmd := exec.Command("git", args...)
		cmd.Dir = dir
		if out, err := cmd.CombinedOutput(); err != nil {
			t.Skipf("git %q: %v\n%s", args, err, out)
		}
	}
	return dir
}

// mendWith runs with fixes on, and returns what was handed over.
func mendWith(t *testing.T, dir string, answer *Mended) (*report.Report, []Fix) {
	t.Helper()
	var got []Fix
	rep, err := Run(t.Context(), Options{
		Source: source.Options{Dir: dir, Mode: source.Staged}, Stage: "pre-commit", Fix: true,
		Mend: func(_ context.Context, _ *source.Source, fixes []Fix) (*Mended, error) {
			got = fixes
			return answer, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return rep, got
}

// Everything is composed in memory, by several workers at once, and handed over
// sorted; the worktree is not written.
func TestMendHandsOver(t *testing.T) {
	files := map[string]string{"sot.yaml": "version: 1\nrules:\n  - use: trailing-whitespace\n  - use: end-of-file-fixer\n"}
	for i := range 60 {
		files["f"+strconv.Itoa(i)+".txt"] = "text  \nno end"
	}
	dir := staged(t, files)
	rep, got := mendWith(t, dir, &Mended{})
	if len(got) != 60 || !slices.IsSortedFunc(got, func(a, b Fix) int { return strings.Compare(a.Path, b.Path) }) {
		t.Fatalf("got %d fixes", len(got))
	}
	for _, f := range got {
		if string(f.Old) != "text  \nno end" || string(f.New) != "text\nno end\n" || len(f.Blob) != 40 || f.Mode != 0o100644 {
			t.Errorf("got %+v", f)
		}
	}
	if _, _, _, fixed := rep.Count(); fixed != 120 || rep.Run.ExitCode != 0 {
		t.Errorf("%d fixed, exit %d", fixed, rep.Run.ExitCode)
	}
	if data, _ := os.ReadFile(filepath.Join(dir, "f1.txt")); string(data) != "text  \nno end" {
		t.Errorf("the worktree was written: %q", data)
	}
}

// The findings of a file that was refused stand, with what is staged as their
// text and the reason; those of the others are fixed.
func TestMendRefused(t *testing.T) {
	dir := staged(t, map[string]string{
		"sot.yaml": "version: 1\nrules:\n  - use: trailing-whitespace\n", "a.txt": "a  \n", "b.txt": "b  \n",
	})
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("no longer\nthe  \n"), 0o666); err != nil {
		t.Fatal(err)
	}
	rep, _ := mendWith(t, dir, &Mended{Refused: map[string]string{"a.txt": "because"}, Notes: []string{"noted"}})
	if len(rep.Findings) != 2 || rep.Run.ExitCode != report.ExitFindings {
		t.Fatalf("got %+v, exit %d", rep.Findings, rep.Run.ExitCode)
	}
	a, b := rep.Findings[0], rep.Findings[1]
	if a.Fixed || a.Line != 1 || !strings.HasSuffix(a.Message, "; not fixed: because") || !b.Fixed || b.Path != "b.txt" {
		t.Errorf("got %+v and %+v", a, b)
	}
	if !slices.Contains(rep.Notes, "noted") {
		t.Errorf("notes: %q", rep.Notes)
	}
}

// Programs fix a copy of what is staged, and judge one that has the fixes; what
// they write elsewhere in it is neither taken over nor judged.
func TestMendByCommands(t *testing.T) {
	if _, err := exec.LookPath("sh"); err != nil {
		t.Skip(err)
	}
	dir := staged(t, map[string]string{
		"sot.yaml": `version: 1
rules:
  - use: trailing-whitespace
  - id: lower
    files: "*.txt"
    command:
      run: "sh check.sh {files}"
      fix: "sh fix.sh {files}"
      parse: gcc
  - id: other
    files: "*.dat"
    command:
      run: "grep -q kept {files}"
      parse: none
`,
		"check.sh": "for f; do grep -n '[A-Z ]$' \"$f\" | sed \"s|^\\([0-9]*\\):.*|$f:\\1:1: error: upper|\"; done\n",
		"fix.sh":   "for f; do tr A-Z a-z <\"$f\" >\"$f.new\" && mv \"$f.new\" \"$f\"; done; echo lost >x.dat\n",
		"a.txt":    "UPPER  \nA\n",
		"x.dat":    "kept\n",
	})
	if err := os.WriteFile(filepath.Join(dir, "a.txt"), []byte("UNSTAGED\n"), 0o666); err != nil {
		t.Fatal(err)
	}
	rep, got := mendWith(t, dir, &Mended{})
	if len(got) != 1 || string(got[0].New) != "upper\na\n" {
		t.Errorf("got %+v", got)
	}
	if rep.Run.ExitCode != 0 || len(rep.Faults) > 0 {
		t.Errorf("exit %d: %+v %+v", rep.Run.ExitCode, rep.Findings, rep.Faults)
	}
	for name, want := range map[string]string{"a.txt": "UNSTAGED\n", "x.dat": "kept\n"} {
		if data, _ := os.ReadFile(filepath.Join(dir, name)); string(data) != want {
			t.Errorf("the worktree's %s was written: %q", name, data)
		}
	}
}
