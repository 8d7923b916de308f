package engine

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/source"
)

// TestEditorConfigChecker holds the check editorconfig to the verdicts of
// editorconfig-checker itself, line by line: SOT_EDITORCONFIG_CHECKER is its
// program's path, SOT_EDITORCONFIG_REPOS a list of checkouts, with what
// separates a PATH.
func TestEditorConfigChecker(t *testing.T) {
	program, repos := os.Getenv("SOT_EDITORCONFIG_CHECKER"), filepath.SplitList(os.Getenv("SOT_EDITORCONFIG_REPOS"))
	if program == "" || len(repos) == 0 {
		t.Skip("SOT_EDITORCONFIG_CHECKER or SOT_EDITORCONFIG_REPOS is not set")
	}
	config := filepath.Join(t.TempDir(), "sot.yaml")
	if err := os.WriteFile(config, []byte("rules: [{ use: editorconfig }]\n"), 0o644); err != nil {
		t.Fatal(err)
	}
	for _, dir := range repos {
		t.Run(filepath.Base(dir), func(t *testing.T) {
			rep, err := Run(t.Context(), Options{Config: config, Source: source.Options{Dir: dir, Mode: source.All}, Version: "0.1.0", NoProfile: true})
			if err != nil || len(rep.Faults) > 0 {
				t.Fatal(err, rep)
			}
			got := map[string]bool{}
			for _, f := range rep.Findings {
				got[editorConfigPlace(f.Path, fmt.Sprint(f.Line), f.Message)] = true
			}
			cmd := exec.Command(program, "-f", "gcc", "-no-color")
			cmd.Dir = dir
			out, err := cmd.Output()
			if err != nil && len(out) == 0 {
				t.Fatal(err)
			}
			want := map[string]bool{}
			for _, m := range regexp.MustCompile(`(?m)^(.*?):(-?\d+):\d+: \w+: (.*)$`).FindAllStringSubmatch(string(out), -1) {
				want[editorConfigPlace(m[1], m[2], m[3])] = true
			}
			t.Logf("%d places", len(want))
			for _, only := range []struct {
				who  string
				a, b map[string]bool
			}{{"only editorconfig-checker", want, got}, {"only sot", got, want}} {
				var list []string
				for place := range only.a {
					if !only.b[place] {
						list = append(list, place)
					}
				}
				if slices.Sort(list); len(list) > 0 {
					t.Errorf("%s, %d places: %s", only.who, len(list), strings.Join(list[:min(20, len(list))], "\n"))
				}
			}
		})
	}
}

// editorConfigPlace names a place by the property that either message is about.
// What is said of a whole file has no line there.
func editorConfigPlace(path, line, message string) string {
	for _, p := range []struct{ property, theirs string }{
		{"trim_trailing_whitespace", "Trailing whitespace"}, {"indent_style", "instead of"}, {"indent_size", "left-padding"}, {"max_line_length", "too long"},
		{"insert_final_newline", "final newline"}, {"insert_final_newline", "Final newline"}, {"end_of_line", "end of line character"}, {"charset", "character encoding"},
	} {
		if !strings.Contains(message, "("+p.property+")") && !strings.Contains(message, p.theirs) {
			continue
		}
		if p.property == "indent_style" && strings.Contains(message, "encoding") || p.property == "indent_style" && strings.Contains(message, "too long") {
			continue
		}
		if slices.Contains([]string{"insert_final_newline", "end_of_line", "charset"}, p.property) {
			line = "0"
		}
		return path + ":" + line + " " + p.property
	}
	return path + ":" + line + " " + message
}
