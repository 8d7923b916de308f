package jsonpath

import (
	"encoding/json"
	"os"
	"reflect"
	"testing"

	"github.com/sot-validator/sot/engine/rule/data/document"
)

// TestComplianceSuite runs the cts.json of jsonpath-compliance-test-suite that
// SOT_JSONPATH_SUITE names.
func TestComplianceSuite(t *testing.T) {
	file := os.Getenv("SOT_JSONPATH_SUITE")
	if file == "" {
		t.Skip("SOT_JSONPATH_SUITE names no cts.json")
	}
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	var suite struct {
		Tests []struct {
			Name, Selector string
			Document       json.RawMessage
			Result         json.RawMessage
			Results        []json.RawMessage
			Invalid        bool `json:"invalid_selector"`
		}
	}
	if err := json.Unmarshal(text, &suite); err != nil || len(suite.Tests) < 500 {
		t.Fatal(len(suite.Tests), err)
	}
	for _, x := range suite.Tests {
		p, err := Parse(x.Selector)
		if (err != nil) != x.Invalid {
			t.Errorf("%s: %s: %v", x.Name, x.Selector, err)
		}
		if x.Invalid || err != nil {
			continue
		}
		docs := document.Parse(x.Document, document.JSON)
		if len(docs.Problems) > 0 {
			t.Errorf("%s: %v", x.Name, docs.Problems)
			continue
		}
		got, err := p.Select(docs.Roots[0])
		if err != nil {
			t.Errorf("%s: %v", x.Name, err)
			continue
		}
		values := []any{}
		for _, m := range got {
			values = append(values, m.Node.Value)
		}
		if x.Result != nil {
			x.Results = []json.RawMessage{x.Result}
		}
		ok := false
		for _, want := range x.Results {
			w := document.Parse(want, document.JSON)
			ok = ok || reflect.DeepEqual(w.Roots[0].Value, values)
		}
		if !ok {
			t.Errorf("%s: %s: got %v, want %s", x.Name, x.Selector, values, x.Results)
		}
	}
	t.Logf("%d tests", len(suite.Tests))
}
