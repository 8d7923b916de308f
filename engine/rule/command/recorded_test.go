package command

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sot-validator/sot/engine/rule"
)

var update = flag.Bool("update", false, "write testdata/output/*.want")

// recorded is what real programs printed, and how it is to be read. The
// programs: shellcheck 0.9.0, gcc 12.2, go vet 1.26, flake8 5.0, yamllint 1.29,
// cppcheck 2.10, ESLint 9.39 with @microsoft/eslint-formatter-sarif 3.1,
// staticcheck 2026.2; folders were renamed, and staticcheck's list of rules cut.
func recorded() []struct {
	file string
	root string
	pick func() (parser, []rule.Problem)
} {
	named := func(name string) func() (parser, []rule.Problem) {
		return func() (parser, []rule.Problem) { return newParser(value(name)) }
	}
	pattern := func(key string, v any) func() (parser, []rule.Problem) {
		return func() (parser, []rule.Problem) { return newParser(object(key, v)) }
	}
	return []struct {
		file string
		root string
		pick func() (parser, []rule.Problem)
	}{
		{"shellcheck-gcc", "/repo", named("gcc")},
		{"gcc", "/repo", named("gcc")},
		{"govet", "/repo", named("gcc")},
		{"flake8", "/repo", named("gcc")},
		{"cppcheck", "/repo", named("gcc")},
		{"yamllint-parsable", "/repo", named("gcc")},
		{"yamllint-github", "/repo", named("github")},
		{"shellcheck-checkstyle", "/repo", named("checkstyle")},
		{"eslint-json", "/repo", named("eslint-json")},
		{"eslint-sarif", "/pröj x", named("sarif")},
		{"staticcheck-sarif", "/repo", named("sarif")},
		{"eslint-stylish", "/repo", pattern("errorformat",
			[]string{`%-P%f`, `%\s%#%l:%c%\s%#%trror  %m`, `%\s%#%l:%c%\s%#%tarning  %m`, `%-Q`, `%-G%.%#`})},
		{"flake8-regex", "/repo", pattern("regex", `^(?P<file>[^:]+):(?P<line>\d+):(?P<column>\d+): (?P<code>[A-Z]\d+) (?P<message>.*)$`)},
	}
}

func TestRecordedOutput(t *testing.T) {
	for _, r := range recorded() {
		t.Run(r.file, func(t *testing.T) {
			p, problems := r.pick()
			if problems != nil {
				t.Fatal(problems)
			}
			out, err := os.ReadFile(filepath.Join("testdata/output", strings.TrimSuffix(r.file, "-regex")+".txt"))
			if err != nil {
				t.Fatal(err)
			}
			c := &check{files: filesMany, parse: p, run: &template{label: "tool"}}
			pass := rule.NewPass(t.Context(), &rule.Rule{ID: "r", Severity: rule.Error, Check: c}, nil)
			v := &invocation{check: c, pass: pass, template: c.run, mapper: newMapper(r.root, "", nil, c.files)}
			v.where.Line = func(path string, line int) string {
				if path == "web/app.js" && line == 2 || strings.HasPrefix(path, "web/a#b") && line == 2 {
					return `let s = "😀😀"; let b = undefinedName;`
				}
				return ""
			}
			v.judge(outcome{stdout: out, code: 1})
			golden(t, filepath.Join("testdata/output", r.file+".want"), show(pass)+"\n")
		})
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if d := cmp.Diff(string(want), got); d != "" {
		t.Error(d)
	}
}
