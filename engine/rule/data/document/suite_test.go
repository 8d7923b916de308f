package document

import (
	"encoding/json"
	"math"
	"os"
	"path/filepath"
	"reflect"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// suite returns the folder that an environment variable names.
func suite(t *testing.T, variable string) string {
	t.Helper()
	root := os.Getenv(variable)
	if root == "" {
		t.Skip(variable + " names no checkout")
	}
	return root
}

// TestJSONSuite runs JSONTestSuite: y_ files are taken, n_ files are not.
func TestJSONSuite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suite(t, "SOT_JSON_SUITE"), "test_parsing", "*.json"))
	if err != nil || len(files) < 300 {
		t.Fatal(len(files), err)
	}
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		got := Parse(data, JSON)
		name := filepath.Base(f)
		// A file has keys of one name to be taken: here that is a finding.
		twice := strings.HasPrefix(name, "y_object_duplicated_key")
		switch taken := len(got.Problems) == 0; {
		case name[0] == 'y' && taken == twice, name[0] == 'n' && taken:
			t.Errorf("%s: %v", name, got.Problems)
		case name[0] == 'i':
			t.Logf("%s: taken %v", name, taken)
		}
	}
}

// TestTOMLSuite runs toml-test's files of TOML 1.0.
func TestTOMLSuite(t *testing.T) {
	root := filepath.Join(suite(t, "SOT_TOML_SUITE"), "tests")
	list, err := os.ReadFile(filepath.Join(root, "files-toml-1.0.0"))
	if err != nil {
		t.Fatal(err)
	}
	n := 0
	for _, name := range strings.Fields(string(list)) {
		if !strings.HasSuffix(name, ".toml") {
			continue
		}
		n++
		data, err := os.ReadFile(filepath.Join(root, name))
		if err != nil {
			t.Fatal(err)
		}
		got := Parse(data, TOML)
		if strings.HasPrefix(name, "invalid/") {
			if len(got.Problems) == 0 {
				t.Errorf("%s is taken", name)
			}
			continue
		}
		text, err := os.ReadFile(filepath.Join(root, strings.TrimSuffix(name, ".toml")+".json"))
		if err != nil {
			t.Fatal(err)
		}
		var tagged any
		if err := json.Unmarshal(text, &tagged); err != nil {
			t.Fatal(err)
		}
		want, finite := untag(tagged)
		if len(got.Problems) > 0 {
			if finite {
				t.Errorf("%s: %v", name, got.Problems)
			}
			continue
		}
		if !sameTOML(got.Roots[0].Value, want) {
			t.Errorf("%s: got %v, want %v", name, got.Roots[0].Value, want)
		}
	}
	if n < 500 {
		t.Errorf("only %d files", n)
	}
}

// untag turns toml-test's {"type", "value"} into values.
func untag(v any) (out any, finite bool) {
	finite = true
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			var ok bool
			list[i], ok = untag(x)
			finite = finite && ok
		}
		return list, finite
	case map[string]any:
		if kind, ok := v["type"].(string); ok && len(v) == 2 {
			s, _ := v["value"].(string)
			switch kind {
			case "integer":
				n, _ := strconv.Atoi(s)
				return n, true
			case "float":
				f, err := strconv.ParseFloat(s, 64)
				return f, err == nil && !math.IsInf(f, 0) && !math.IsNaN(f)
			case "bool":
				return s == "true", true
			case "string":
				return s, true
			}
			return dateText(s), true
		}
		m := map[string]any{}
		for k, x := range v {
			var ok bool
			m[k], ok = untag(x)
			finite = finite && ok
		}
		return m, finite
	}
	return v, true
}

type dateText string

var zeros = regexp.MustCompile(`(\.[0-9]*?)0+([^0-9]|$)`)

// sameTOML compares, dates without the zeros at the end of a fraction and without
// what stands between date and time: here they stay as they are written.
func sameTOML(got, want any) bool {
	switch want := want.(type) {
	case dateText:
		s, ok := got.(string)
		norm := func(s string) string {
			s = zeros.ReplaceAllString(strings.ToUpper(s), "$1$2")
			return strings.NewReplacer("T", " ", "Z", "").Replace(s)
		}
		return ok && norm(s) == norm(string(want))
	case []any:
		g, ok := got.([]any)
		return ok && slices.EqualFunc(g, want, sameTOML)
	case map[string]any:
		g, ok := got.(map[string]any)
		if !ok || len(g) != len(want) {
			return false
		}
		for k, w := range want {
			if x, there := g[k]; !there || !sameTOML(x, w) {
				return false
			}
		}
		return true
	}
	return reflect.DeepEqual(got, want)
}

// TestYAMLSuite runs yaml-test-suite, and says where the verdict or the value is
// another: the grammar is libyaml's, which is another than the suite's in places.
func TestYAMLSuite(t *testing.T) {
	files, err := filepath.Glob(filepath.Join(suite(t, "SOT_YAML_SUITE"), "src", "*.yaml"))
	if err != nil || len(files) < 300 {
		t.Fatal(len(files), err)
	}
	same, total := 0, 0
	for _, f := range files {
		data, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		var cases []struct {
			Name string
			YAML string `yaml:"yaml"`
			JSON *string
			Fail bool
		}
		if err := yaml.Unmarshal(data, &cases); err != nil {
			t.Logf("%s: %v", filepath.Base(f), err)
			continue
		}
		for i, c := range cases {
			if c.YAML == "" && i > 0 {
				continue
			}
			text := strings.NewReplacer("␣", " ", "————»", "\t", "———»", "\t", "——»", "\t", "—»", "\t", "»", "\t", "↵", "", "∎\n", "", "←", "\r", "⇔", "\ufeff").Replace(c.YAML)
			got := Parse([]byte(text), YAML)
			total++
			taken := len(got.Problems) == 0
			switch {
			case taken == c.Fail:
				t.Logf("%s/%d %s: taken %v: %v", filepath.Base(f), i, c.Name, taken, got.Problems)
			case taken && c.JSON != nil && !sameJSON(got, *c.JSON):
				t.Logf("%s/%d %s: another value: %v, want %s", filepath.Base(f), i, c.Name, got.Roots[0].Value, *c.JSON)
			default:
				same++
			}
		}
	}
	t.Logf("%d of %d the same", same, total)
	if same*100 < total*75 {
		t.Errorf("only %d of %d are the same", same, total)
	}
}

func sameJSON(got *Documents, text string) bool {
	dec := json.NewDecoder(strings.NewReader(text))
	for _, root := range got.Roots {
		var v any
		if dec.Decode(&v) != nil {
			return root.Value == nil
		}
		b, err := json.Marshal(root.Value)
		var back any
		if err != nil || json.Unmarshal(b, &back) != nil || !reflect.DeepEqual(back, v) {
			return false
		}
	}
	return true
}
