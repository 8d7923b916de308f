package config

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/santhosh-tekuri/jsonschema/v6"
	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/rule"
)

var update = flag.Bool("update", false, "write the expected problems anew")

// TestCorpus holds the loader and the JSON Schema to the same verdict: over
// good files, which both take, and bad ones, which both refuse. Files in
// beyond are those whose mistake no schema can say: there, only the loader
// refuses. Problems are compared with the .golden file beside each.
func TestCorpus(t *testing.T) {
	schema := compile(t, fakeKinds())
	total := 0
	for _, c := range []struct {
		dir               string
		loads, fitsSchema bool
	}{{"good", true, true}, {"bad", false, false}, {"beyond", false, true}} {
		files, err := filepath.Glob(filepath.Join("testdata", c.dir, "*.yaml"))
		if err != nil || len(files) == 0 {
			t.Fatalf("no files in testdata/%s: %v", c.dir, err)
		}
		total += len(files)
		for _, file := range files {
			t.Run(c.dir+"/"+filepath.Base(file), func(t *testing.T) {
				text, err := os.ReadFile(file)
				if err != nil {
					t.Fatal(err)
				}
				_, err = Load(fakeOptions(string(text)))
				if (err == nil) != c.loads {
					t.Errorf("loads: %v, want %v; problems:\n%v", err == nil, c.loads, err)
				}
				if !c.loads && err != nil {
					golden(t, strings.TrimSuffix(file, ".yaml")+".golden", err.Error()+"\n")
				}
				if err := validate(schema, text); (err == nil) != c.fitsSchema {
					t.Errorf("fits the schema: %v, want %v: %v", err == nil, c.fitsSchema, err)
				}
			})
		}
	}
	if total < 60 {
		t.Errorf("the corpus has %d files, want at least 60", total)
	}
}

func golden(t *testing.T, file, got string) {
	t.Helper()
	if *update {
		if err := os.WriteFile(file, []byte(got), 0o644); err != nil {
			t.Fatal(err)
		}
		return
	}
	want, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	if got != strings.ReplaceAll(string(want), "\r\n", "\n") {
		t.Errorf("problems:\n%swant:\n%s", got, want)
	}
}

// compile compiles the schema of some kinds, and so holds it to the metaschema.
func compile(t testing.TB, kinds []rule.Kind) *jsonschema.Schema {
	t.Helper()
	text, err := Schema(kinds)
	if err != nil {
		t.Fatal(err)
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(text))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource(schemaID, doc); err != nil {
		t.Fatal(err)
	}
	schema, err := c.Compile(schemaID)
	if err != nil {
		t.Fatal(err)
	}
	return schema
}

// validate parses as an editor would, by the YAML library alone, so that the
// loader's own conversion is not what the schema is asked about.
func validate(schema *jsonschema.Schema, text []byte) error {
	var v any
	if err := yaml.Unmarshal(text, &v); err != nil {
		return err
	}
	b, err := json.Marshal(v)
	if err != nil {
		return err
	}
	doc, err := jsonschema.UnmarshalJSON(bytes.NewReader(b))
	if err != nil {
		return err
	}
	return schema.Validate(doc)
}
