package jsonschema

import (
	"bytes"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// drafts are the folders of the official suite.
var drafts = map[string]*Draft{"draft4": Draft4, "draft6": Draft6, "draft7": Draft7, "draft2019-09": Draft2019, "draft2020-12": Draft2020}

// suiteLoader serves the suite's remote schemas.
type suiteLoader string

func (l suiteLoader) Load(url string) (any, error) {
	name, ok := strings.CutPrefix(url, "http://localhost:1234/")
	if !ok {
		return nil, errors.New("not of the suite: " + url)
	}
	return readJSON(filepath.Join(string(l), "remotes", filepath.FromSlash(name)))
}

func readJSON(file string) (any, error) {
	b, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	return UnmarshalJSON(bytes.NewReader(b))
}

// skipped are the suite's optional tests that the library does not pass: how
// strictly formats are judged, patterns that RE2 does not have, references from a
// draft to another, and that 1.0 is no integer in draft 4.
func skipped(file string) bool {
	for _, part := range []string{"/optional/format/", "/optional/ecmascript-regex.json", "/optional/cross-draft.json", "/optional/zeroTerminatedFloats.json"} {
		if strings.Contains(file, part) {
			return true
		}
	}
	return false
}

// TestOfficialSuite runs the JSON-Schema-Test-Suite in the folder that
// SOT_SCHEMA_SUITE names.
func TestOfficialSuite(t *testing.T) {
	root := os.Getenv("SOT_SCHEMA_SUITE")
	if root == "" {
		t.Skip("SOT_SCHEMA_SUITE names no checkout of JSON-Schema-Test-Suite")
	}
	total := 0
	for name, draft := range drafts {
		err := filepath.WalkDir(filepath.Join(root, "tests", name), func(file string, d os.DirEntry, err error) error {
			if err != nil || d.IsDir() || filepath.Ext(file) != ".json" {
				return err
			}
			groups, err := readJSON(file)
			if err != nil {
				return err
			}
			for _, g := range groups.([]any) {
				g := g.(map[string]any)
				if skipped(filepath.ToSlash(file)) {
					continue
				}
				c := NewCompiler()
				c.DefaultDraft(draft)
				c.UseLoader(suiteLoader(root))
				if strings.Contains(filepath.ToSlash(file), "/optional/") {
					c.AssertFormat()
					c.AssertContent()
				}
				if err := c.AddResource("http://suite/schema.json", g["schema"]); err != nil {
					return err
				}
				sch, err := c.Compile("http://suite/schema.json")
				for _, x := range g["tests"].([]any) {
					x := x.(map[string]any)
					total++
					if err == nil {
						verr := sch.ValidateWithin(x["data"], 1_000_000)
						if (verr == nil) == x["valid"].(bool) {
							continue
						}
					}
					t.Errorf("%s: %s: %s (%v)", strings.TrimPrefix(file, root), g["description"], x["description"], err)
				}
			}
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if total < 5000 {
		t.Errorf("only %d tests", total)
	}
	t.Logf("%d tests", total)
}
