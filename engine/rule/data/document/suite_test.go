package document

import (
	"archive/tar"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
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

// suite returns the files of another's suite, by their names in it.
func suite(t *testing.T, name string) map[string][]byte {
	t.Helper()
	f, err := os.Open(filepath.Join("testdata", name+".tar.gz"))
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = f.Close() }()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	out := map[string][]byte{}
	for r := tar.NewReader(z); ; {
		h, err := r.Next()
		if errors.Is(err, io.EOF) {
			return out
		}
		if err != nil {
			t.Fatal(err)
		}
		data, err := io.ReadAll(r)
		if err != nil {
			t.Fatal(err)
		}
		out[strings.TrimPrefix(h.Name, name+"/")] = data
	}
}

// How a case may come out otherwise than its suite wants, or as it leaves open.
const (
	taken   = "taken"
	refused = "refused"
	another = "value"
)

// pin holds the cases that come out otherwise against the suite's table: "group:
// why", then "case outcome group", a line each.
func pin(t *testing.T, name string, got map[string]string) {
	t.Helper()
	data, err := os.ReadFile(filepath.Join("testdata", name+".txt"))
	if err != nil {
		t.Fatal(err)
	}
	why, used, want := map[string]string{}, map[string]bool{}, map[string]string{}
	for line := range strings.Lines(string(data)) {
		line = strings.TrimSpace(line)
		words := strings.Fields(line)
		switch group, reason, ok := strings.Cut(line, ": "); {
		case line == "" || line[0] == '#':
		case ok && !strings.Contains(group, " "):
			why[group] = reason
		case len(words) == 3:
			want[words[0]], used[words[2]] = words[1], true
			if why[words[2]] == "" {
				t.Errorf("%s: nothing says what %q is", words[0], words[2])
			}
		default:
			t.Errorf("a line that is none: %s", line)
		}
	}
	for group := range why {
		if !used[group] {
			t.Errorf("no case is of the group %q", group)
		}
	}
	for id, how := range got {
		if want[id] != how {
			t.Errorf("%s: %s, and testdata/%s.txt says %q", id, how, name, want[id])
		}
	}
	for id, how := range want {
		if got[id] == "" {
			t.Errorf("%s is as the suite wants, and testdata/%s.txt says %q: take it out there", id, name, how)
		}
	}
}

// TestJSONSuite runs JSONTestSuite: y_ files are taken, n_ files are not, and i_
// files are for each to decide.
func TestJSONSuite(t *testing.T) {
	files, n := suite(t, "json-test-suite"), 0
	got := map[string]string{}
	for path, data := range files {
		name := strings.TrimPrefix(path, "test_parsing/")
		if name == path || !strings.HasSuffix(name, ".json") {
			continue
		}
		n++
		how := refused
		if len(Parse(data, JSON).Problems) == 0 {
			how = taken
		}
		if name[0] == 'i' || (how == taken) != (name[0] == 'y') {
			got[name] = how
		}
	}
	if n != 318 {
		t.Errorf("%d files", n)
	}
	pin(t, "json-test-suite", got)
}

// TestTOMLSuite runs toml-test's files of TOML 1.0.
func TestTOMLSuite(t *testing.T) {
	files := suite(t, "toml-test")
	got, n := map[string]string{}, 0
	for _, name := range strings.Fields(string(files["tests/files-toml-1.0.0"])) {
		if !strings.HasSuffix(name, ".toml") {
			continue
		}
		n++
		out := Parse(files["tests/"+name], TOML)
		good := len(out.Problems) == 0
		if strings.HasPrefix(name, "invalid/") {
			if good {
				got[name] = taken
			}
			continue
		}
		var tagged any
		if err := json.Unmarshal(files["tests/"+strings.TrimSuffix(name, ".toml")+".json"], &tagged); err != nil {
			t.Fatal(err)
		}
		switch {
		case !good:
			got[name] = refused
		case !sameTOML(out.Roots[0].Value, untag(tagged)):
			got[name] = another
		}
	}
	if n < 500 {
		t.Errorf("only %d files", n)
	}
	pin(t, "toml-test", got)
}

// untag turns toml-test's {"type", "value"} into values.
func untag(v any) any {
	switch v := v.(type) {
	case []any:
		list := make([]any, len(v))
		for i, x := range v {
			list[i] = untag(x)
		}
		return list
	case map[string]any:
		if kind, ok := v["type"].(string); ok && len(v) == 2 {
			s, _ := v["value"].(string)
			switch kind {
			case "integer":
				n, _ := strconv.Atoi(s)
				return n
			case "float":
				f, _ := strconv.ParseFloat(s, 64)
				return f
			case "bool":
				return s == "true"
			case "string":
				return s
			}
			return dateText(s)
		}
		m := map[string]any{}
		for k, x := range v {
			m[k] = untag(x)
		}
		return m
	}
	return v
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

// TestYAMLSuite runs yaml-test-suite: the grammar is libyaml's, which is another
// than the suite's in places.
func TestYAMLSuite(t *testing.T) {
	got, total := map[string]string{}, 0
	for path, data := range suite(t, "yaml-test-suite") {
		name, ok := strings.CutPrefix(strings.TrimSuffix(path, ".yaml"), "src/")
		if !ok || name == "" {
			continue
		}
		var cases []struct {
			YAML string `yaml:"yaml"`
			JSON *string
			Fail bool
		}
		if err := yaml.Unmarshal(data, &cases); err != nil {
			t.Errorf("%s: %v", path, err)
			continue
		}
		for i, c := range cases {
			if c.YAML == "" && i > 0 {
				continue
			}
			text := strings.NewReplacer("␣", " ", "————»", "\t", "———»", "\t", "——»", "\t", "—»", "\t", "»", "\t", "↵", "", "∎\n", "", "←", "\r", "⇔", "\ufeff").Replace(c.YAML)
			out := Parse([]byte(text), YAML)
			total++
			id := fmt.Sprintf("%s/%d", name, i)
			switch good := len(out.Problems) == 0; {
			case good && c.Fail:
				got[id] = taken
			case !good && !c.Fail:
				got[id] = refused
			case good && c.JSON != nil && !sameJSON(out, *c.JSON):
				got[id] = another
			}
		}
	}
	if total != 406 {
		t.Errorf("%d cases", total)
	}
	pin(t, "yaml-test-suite", got)
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
