package data

import (
	"bytes"
	"context"
	"fmt"
	"math/rand/v2"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
)

// manifests returns n YAML files such as a cluster's, of some 60 lines each.
func manifests(n int) [][]byte {
	r := rand.New(rand.NewPCG(1, 2))
	out := make([][]byte, n)
	for i := range out {
		var b strings.Builder
		fmt.Fprintf(&b, "# service %d\napiVersion: apps/v1\nkind: Deployment\nmetadata:\n  name: svc-%d\n  labels: {app: svc-%d, tier: \"%d\"}\nspec:\n  replicas: %d\n  template:\n    spec:\n      containers:\n", i, i, i, r.IntN(4), 1+r.IntN(9))
		for c := range 1 + r.IntN(3) {
			fmt.Fprintf(&b, "        - name: c%d\n          image: registry.example.com/team/svc:%d.%d.%d\n          args: [--port, \"%d\", --verbose]\n          resources:\n            limits: {cpu: 500m, memory: %dMi}\n          env:\n", c, r.IntN(9), r.IntN(20), r.IntN(50), 8000+r.IntN(999), 64<<r.IntN(5))
			for e := range 5 + r.IntN(6) {
				fmt.Fprintf(&b, "            - name: VARIABLE_%d\n              value: 'value %d'\n", e, r.IntN(1000))
			}
			b.WriteString("          command:\n            - sh\n            - -c\n            - |\n              set -e\n              exec /bin/service\n")
		}
		out[i] = []byte(b.String())
	}
	return out
}

const manifestSchema = `{"$schema": "http://json-schema.org/draft-07/schema#", "type": "object", "required": ["apiVersion", "kind", "metadata", "spec"], "additionalProperties": false,
 "properties": {"apiVersion": {"type": "string"}, "kind": {"enum": ["Deployment", "Service"]},
  "metadata": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string", "pattern": "^[a-z0-9-]+$"}, "labels": {"type": "object", "additionalProperties": {"type": "string"}}}},
  "spec": {"type": "object", "properties": {"replicas": {"type": "integer", "minimum": 1}, "template": {"type": "object", "properties": {"spec": {"type": "object", "properties": {
   "containers": {"type": "array", "minItems": 1, "items": {"$ref": "#/definitions/container"}}}}}}}}},
 "definitions": {"container": {"type": "object", "required": ["name", "image"], "additionalProperties": false, "properties": {
   "name": {"type": "string"}, "image": {"type": "string", "pattern": "^[a-z0-9./-]+:[0-9.]+$"}, "args": {"type": "array", "items": {"type": "string"}}, "command": {"type": "array", "items": {"type": "string"}},
   "env": {"type": "array", "items": {"type": "object", "required": ["name"], "properties": {"name": {"type": "string"}, "value": {"type": "string"}}, "additionalProperties": false}},
   "resources": {"type": "object", "additionalProperties": {"type": "object", "additionalProperties": {"type": "string"}}}}}}}`

type oneFile struct{ rule.Repo }

func (oneFile) Read(context.Context, string) ([]byte, error) { return []byte(manifestSchema), nil }

func str(s string) rule.Value { return rule.Value{Kind: rule.String, Scalar: s} }

func schemaCheck(t testing.TB) rule.FileCheck {
	built, problems := Kind().New(rule.Value{Kind: rule.Map, Fields: []rule.Field{{Key: "schema", Value: str("s.json")}}})
	if problems != nil {
		t.Fatal(problems)
	}
	return built.Check.(rule.FileCheck)
}

// judgeAll judges files, 64 in a pass as the engine does, and returns the findings.
func judgeAll(check rule.FileCheck, files [][]byte) (found []rule.Finding) {
	r := &rule.Rule{ID: "r", Severity: rule.Error, Check: check}
	var p *rule.Pass
	for i, data := range files {
		if i%64 == 0 {
			p = rule.NewPass(context.Background(), r, oneFile{})
		}
		check.CheckFile(p, rule.NewFile(rule.Entry{Path: "f.yaml"}, data, nil))
		if i%64 == 63 || i == len(files)-1 {
			found = append(found, p.Findings()...)
		}
	}
	return found
}

// BenchmarkSchema judges 5,000 YAML files by a JSON Schema; "times-parsing" is how
// often their parsing alone would have fitted into it, measured in turns.
func BenchmarkSchema(b *testing.B) {
	files := manifests(5000)
	check := schemaCheck(b)
	size := 0
	for _, f := range files {
		size += len(f)
	}
	var parsing, judging time.Duration
	b.SetBytes(int64(size))
	for b.Loop() {
		start := time.Now()
		for _, f := range files {
			if d := document.Parse(f, document.YAML); len(d.Problems) > 0 {
				b.Fatal(d.Problems)
			}
		}
		parsing += time.Since(start)
		start = time.Now()
		if found := judgeAll(check, files); len(found) > 0 {
			b.Fatal(found[0])
		}
		judging += time.Since(start)
	}
	b.ReportMetric(float64(judging)/float64(parsing), "times-parsing")
}

// BenchmarkAssert judges 5,000 YAML files by three expressions.
func BenchmarkAssert(b *testing.B) {
	files := manifests(5000)
	assert := func(expr string) rule.Value {
		return rule.Value{Kind: rule.Map, Fields: []rule.Field{{Key: "expr", Value: str(expr)}}}
	}
	built, problems := Kind().New(rule.Value{Kind: rule.Map, Fields: []rule.Field{{Key: "assert", Value: rule.Value{Kind: rule.List, Items: []rule.Value{
		assert(`doc.spec.replicas < 10`), assert(`doc.metadata.name matches "^svc-[0-9]+$"`), assert(`all(doc.spec.template.spec.containers, .image contains ":")`)}}}}})
	if problems != nil {
		b.Fatal(problems)
	}
	for b.Loop() {
		if found := judgeAll(built.Check.(rule.FileCheck), files); len(found) > 0 {
			b.Fatal(found[0])
		}
	}
}

// A hundred rules on one file parse it once.
func TestOneParse(t *testing.T) {
	good := manifests(1)[0]
	data := append([]byte("kind: x\n"), bytes.Repeat([]byte("#"), len(good)-8)...)
	f := rule.NewFile(rule.Entry{Path: "f.yaml"}, data, nil)
	// What is remembered is another document, which the schema does not fit: a
	// rule that parses for itself finds nothing.
	document.Of(f, document.YAML)
	copy(data, good)
	r := &rule.Rule{ID: "r", Severity: rule.Error}
	for range 100 {
		p := rule.NewPass(context.Background(), r, oneFile{})
		schemaCheck(t).CheckFile(p, f)
		if len(p.Findings()) == 0 {
			t.Fatal("a rule parsed the file again")
		}
	}
}
