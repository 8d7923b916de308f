package action

import (
	"os"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/engine/report"
	"gopkg.in/yaml.v3"
)

// action.yml declares the inputs that are read and the outputs that are set, and its
// defaults are those that hold where nothing is said, as for the image.
func TestDeclaredInputs(t *testing.T) {
	b, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct {
		Inputs map[string]struct{ Default string }
	}
	if err := yaml.Unmarshal(b, &declared); err != nil {
		t.Fatal(err)
	}
	said := environ{}
	for name, in := range declared.Inputs {
		if !slices.Contains(inputNames[:], name) {
			t.Errorf("action.yml declares %s, which is not read", name)
		}
		if !strings.Contains(in.Default, "${{") { // an expression, which GitHub fills in
			said["INPUT_"+strings.ToUpper(name)] = in.Default
		}
	}
	for _, name := range inputNames {
		if _, ok := declared.Inputs[name]; !ok {
			t.Errorf("action.yml does not declare %s, which is read", name)
		}
	}
	silent, err := readInputs(actionOf(nil))
	if err != nil {
		t.Fatal(err)
	}
	got, err := readInputs(actionOf(said))
	if diff := cmp.Diff(silent, got, compareInputs); err != nil || diff != "" {
		t.Errorf("the defaults of action.yml are not those without it (%v):\n%s", err, diff)
	}
}

// And the outputs.
func TestDeclaredOutputs(t *testing.T) {
	b, err := os.ReadFile("../action.yml")
	if err != nil {
		t.Fatal(err)
	}
	var declared struct{ Outputs map[string]any }
	if err := yaml.Unmarshal(b, &declared); err != nil {
		t.Fatal(err)
	}
	file := filepath.Join(t.TempDir(), "output")
	if err := os.WriteFile(file, nil, 0o600); err != nil {
		t.Fatal(err)
	}
	e := environ{"GITHUB_OUTPUT": file}
	s := &step{Options: Options{Getenv: e.get}, act: actionOf(e)}
	s.outputs(&outcome{report: &report.Report{}}, "")
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	set := map[string]bool{}
	for _, m := range regexp.MustCompile(`(?m)^([a-z]+)<<`).FindAllStringSubmatch(string(text), -1) {
		set[m[1]] = true
		if _, ok := declared.Outputs[m[1]]; !ok {
			t.Errorf("action.yml does not declare %s, which is set", m[1])
		}
	}
	if len(set) != len(declared.Outputs) {
		t.Errorf("action.yml declares %v, and %v are set", declared.Outputs, set)
	}
}
