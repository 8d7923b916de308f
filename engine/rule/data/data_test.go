package data_test

import (
	"context"
	"fmt"
	"io/fs"
	"strings"
	"sync"
	"testing"

	"gopkg.in/yaml.v3"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data"
)

// repo is a repository that holds some files.
type repo struct {
	rule.Repo
	files map[string]string
	reads *int
}

func (r repo) Read(_ context.Context, path string) ([]byte, error) {
	if r.reads != nil {
		*r.reads++
	}
	if s, ok := r.files[path]; ok {
		return []byte(s), nil
	}
	return nil, fs.ErrNotExist
}

// body returns the body of a rule, written as in sot.yaml.
func body(t testing.TB, text string) rule.Value {
	t.Helper()
	var n yaml.Node
	if err := yaml.Unmarshal([]byte(text), &n); err != nil {
		t.Fatal(err)
	}
	return value(n.Content[0])
}

func value(n *yaml.Node) rule.Value {
	v := rule.Value{Pos: rule.Pos{File: "sot.yaml", Line: n.Line, Column: n.Column}, Scalar: n.Value}
	switch n.Kind {
	case yaml.MappingNode:
		v.Kind, v.Scalar = rule.Map, ""
		for i := 0; i < len(n.Content); i += 2 {
			k := n.Content[i]
			v.Fields = append(v.Fields, rule.Field{Key: k.Value, KeyPos: rule.Pos{File: "sot.yaml", Line: k.Line, Column: k.Column}, Value: value(n.Content[i+1])})
		}
	case yaml.SequenceNode:
		v.Kind = rule.List
		for _, c := range n.Content {
			v.Items = append(v.Items, value(c))
		}
	default:
		v.Kind = map[string]rule.ValueKind{"!!str": rule.String, "!!bool": rule.Bool, "!!int": rule.Int, "!!null": rule.Null}[n.Tag]
	}
	return v
}

// make builds the check of a body.
func build(t testing.TB, text string) rule.FileCheck {
	t.Helper()
	built, problems := data.Kind().New(body(t, text))
	if len(problems) > 0 {
		t.Fatalf("%s: %v", text, problems)
	}
	return built.Check.(rule.FileCheck)
}

// run returns the findings of a check about a file as lines
// "line:column-line:column message", and the faults after them.
func run(t testing.TB, c rule.FileCheck, r repo, path, text string) string {
	t.Helper()
	p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Severity: rule.Error, Check: c}, r)
	c.CheckFile(p, rule.NewFile(rule.Entry{Path: path}, []byte(text), nil))
	var out []string
	for _, x := range p.Findings() {
		out = append(out, fmt.Sprintf("%d:%d-%d:%d %s", x.Line, x.Column, x.EndLine, x.EndColumn, x.Message))
	}
	for _, x := range p.Faults() {
		out = append(out, fmt.Sprintf("%s: %s", x.Kind, x.Message))
	}
	return strings.Join(out, "\n")
}

func TestAssertions(t *testing.T) {
	files := repo{files: map[string]string{
		"versions.yaml":     "app: 2\n",
		"charts/a/own.json": `{"name": "a"}`,
		"two.yaml":          "a: 1\n---\nb: 2\n",
		"broken.json":       "{\n  ]",
	}}
	for name, c := range map[string]struct{ body, path, text, want string }{
		"holds": {`assert: [{expr: 'doc.a == 1'}]`, "f.yaml", "a: 1", ""},
		"at a value": {`assert: [{expr: 'doc.a.b == 1', message: set b to 1, at: /a/b}]`, "f.yaml", "# c\na:\n  é: x\n  b: 22\n",
			"4:6-4:8 set b to 1"},
		"at what is not there": {`assert: [{expr: 'doc.a.b == 1', at: /a/b}]`, "f.yaml", "a:\n  c: 22\n",
			"1:1-1:2 must be true, and is not: doc.a.b == 1"},
		"at a value that is not written": {`assert: [{expr: 'doc.a != nil', message: m, at: /a}]`, "f.yaml", "z: 1\na:\n# c\n\nb: 2\n", "2:1-2:2 m"},
		"at an empty item":               {`assert: [{expr: 'doc[0] != nil', message: m, at: /0}]`, "f.yaml", "-\n\n- 2\n", "1:2-1:2 m"},
		"at JSON's null":                 {`assert: [{expr: 'doc.a != nil', message: m, at: /a}]`, "f.json", `{"a": null}`, "1:7-1:11 m"},
		"at in JSON":                     {`assert: [{expr: 'doc.a[1] == 1', message: m, at: /a/1}]`, "f.json", "{\n \"a\": [0, \"x\"]}", "2:11-2:14 m"},
		"at in TOML":                     {`assert: [{expr: 'doc.a.b == 1', message: m, at: /a/b}]`, "f.toml", "x = 1\n[a]\nb = 2 # c", "3:5-3:6 m"},
		"no answer":                      {`assert: [{expr: 'doc.a > 1', message: m, at: /a}]`, "f.yaml", "a: x", "1:4-1:5 m (the expression has no answer: invalid operation: string > int)"},
		"each document of a stream":      {`assert: [{expr: 'doc.a == 1', message: m, at: /a}]`, "f.yaml", "a: 1\n---\na: 2\n---\n---\na: 3\n...\n", "3:4-3:5 m\n6:4-6:5 m"},
		"documents among themselves":     {`assert: [{expr: 'all(docs, .kind == docs[0].kind)', message: m}]`, "f.yaml", "kind: a\n---\nkind: b\n", "1:1-1:2 m\n3:1-3:2 m"},
		"an empty file":                  {`assert: [{expr: 'doc.a == 1', message: m}]`, "f.yaml", "# nothing\n", "1:1-1:1 m (the expression has no answer: cannot fetch a from null)"},
		"path":                           {`assert: [{expr: 'path startsWith "charts/"', message: m}]`, "f.yaml", "a: 1", "1:1-1:2 m"},
		"another file":                   {`{with: {versions: versions.yaml}, assert: [{expr: 'doc.app == versions.app', message: m, at: /app}]}`, "f.yaml", "app: 1", "1:6-1:7 m"},
		"another file of the folder":     {`{with: {own: "{dir}/own.json"}, assert: [{expr: 'doc.name == own.name', message: m, at: /name}]}`, "charts/a/chart.yaml", "name: b", "1:7-1:8 m"},
		"another file is not there":      {`{with: {own: "{dir}/own.json"}, assert: [{expr: 'doc.name == own.name'}]}`, "charts/b/chart.yaml", "name: b", `1:1-1:1 there is no file "charts/b/own.json", which the rule calls own`},
		"another file is a stream":       {`{with: {x: two.yaml}, assert: [{expr: 'x.a == 1'}]}`, "f.yaml", "a: 1", `1:1-1:1 "two.yaml" holds 2 documents, and not one, which the rule calls x`},
		"another file is broken":         {`{with: {x: broken.json}, assert: [{expr: 'x.a == 1'}]}`, "f.yaml", "a: 1", `1:1-1:1 "broken.json" cannot be parsed, at 2:3: invalid character ']' at start of value, this is not JSON, which the rule calls x`},
		"for each": {`{for_each: '$.steps[?@.uses]', assert: [{expr: 'value.uses matches "@[0-9a-f]{7}$"', message: pin, at: /uses}]}`, "f.yml",
			"steps:\n- uses: a@1234567\n- run: x\n- uses: b@v1\n", "4:9-4:13 pin"},
		"for each, and the document": {`{for_each: '$.a[*]', assert: [{expr: 'value < doc.max', message: m}]}`, "f.yml", "max: 3\na: [1, 5, 2, 7]\n", "2:8-2:9 m\n2:14-2:15 m"},
		"for each in order":          {`{for_each: '$..x', assert: [{expr: 'false', message: m}]}`, "f.json", `{"b": {"x": 1}, "a": {"x": [1]}, "x": 2}`, "1:13-1:14 m\n1:23-1:26 m\n1:39-1:40 m"},
		"an alias":                   {`assert: [{expr: 'doc.b.c == 1', message: m, at: /b/c}]`, "f.yaml", "a: &x {c: 2}\nb: *x\n", "1:11-1:12 m"},
		"a merge":                    {`assert: [{expr: 'doc.b.c == 2 and doc.b.d == 3', message: m, at: /b/d}]`, "f.yaml", "a: &x {c: 1, d: 3}\nb:\n  <<: *x\n  c: 2\n", ""},
		"comments":                   {`{comments: true, assert: [{expr: 'doc.a == [1]'}]}`, "f.json", "{ // c\n \"a\": [1, /* , */], }", ""},
		"comments are an option":     {`assert: [{expr: 'true'}]`, "f.json", "{ // c\n}", "1:3-1:4 invalid character '/' at start of value, this is not JSON"},
		"no comments in a string":    {`{format: json, comments: true, assert: [{expr: 'doc.a == "//,]"', message: m}]}`, "f", `{"a": "//,]"}`, ""},
		"format":                     {`{format: toml, assert: [{expr: 'doc.a == 1'}]}`, "Pipfile", "a = 1", ""},
		"no format":                  {`assert: [{expr: 'doc.a == 1'}]`, "Pipfile", "a = 1", "0:0-0:0 neither extension nor name tells the format, name one in the rule's data: { format: ... }, or narrow its files"},
		"too many steps":             {`assert: [{expr: 'all(doc, {all(doc, {all(doc, {true})})})'}]`, "f.json", "[" + strings.Repeat("1,", 200) + "1]", "1:1-1:2 the expression takes more than 500000 steps on this file, write one that looks at less"},
	} {
		if got := run(t, build(t, c.body), files, c.path, c.text); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

func TestSchemas(t *testing.T) {
	files := repo{files: map[string]string{
		"s/chart.json": `{"type": "object", "required": ["name", "version"], "properties": {"name": {}, "version": {"$ref": "defs.yaml#/$defs/semver"}, "port": {"type": "integer"}},
			"additionalProperties": false}`,
		"s/defs.yaml": "$defs:\n  semver: {type: string, pattern: '^[0-9]+[.][0-9]+$'}\n",
		"draft4.json": `{"$schema": "http://json-schema.org/draft-04/schema#", "properties": {"n": {"minimum": 1, "exclusiveMinimum": true, "format": "ipv4"}}}`,
		"any.json":    `{"properties": {"x": {"anyOf": [{"type": "string"}, {"type": "object", "required": ["a"], "properties": {"a": {"type": "integer"}}}, {"type": "null"}]}}}`,
		"one.json":    `{"oneOf": [{"required": ["a"]}, {"required": ["b"]}]}`,
		"loop.json":   `{"$ref": "#/$defs/a", "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}}}`,
		"tree.json":   `{"type": "object", "properties": {"kids": {"type": "array", "items": {"$ref": "#"}}, "n": {"type": "integer"}}}`,
		"bomb.json": `{"$defs": {"a0": {"type": "string"}` + func() (s string) {
			for i := 1; i < 40; i++ {
				s += fmt.Sprintf(`, "a%d": {"anyOf": [{"$ref": "#/$defs/a%d"}, {"$ref": "#/$defs/a%d"}]}`, i, i-1, i-1)
			}
			return s
		}() + `}, "$ref": "#/$defs/a39"}`,
	}}
	for name, c := range map[string]struct{ body, path, text, want string }{
		"fits":         {`schema: s/chart.json`, "f.yaml", "name: x\nversion: '1.2'\n", ""},
		"three errors": {`schema: ./s/chart.json`, "f.yaml", "version: one\nport: '80'\nextra: 1\n", "1:1-1:2 lacks \"name\"\n" + "1:10-1:13 /version: 'one' does not match pattern '^[0-9]+[.][0-9]+$'\n2:7-2:11 /port: is a string, and must be a whole number\n3:1-3:6 /extra: not a known key here, remove it, or correct its name"},
		"draft 4":      {`schema: draft4.json`, "f.toml", "n = 1\n", "1:5-1:6 /n: exclusiveMinimum: got 1, want 1"},
		"alternatives": {`schema: any.json`, "f.yaml", "x: {a: s}\n", "1:8-1:9 /x/a: is a string, and must be a whole number"},
		"no alternative": {`schema: any.json`, "f.yaml", "x: 1\n",
			"1:4-1:5 /x: fits no alternative of anyOf: is a number, and must be a string; or is a number, and must be a mapping; or is a number, and must be null"},
		"several":            {`schema: one.json`, "f.yaml", "{a: 1, b: 1}", "1:1-1:2 fits several alternatives of oneOf, numbers 1 and 2, and must fit one"},
		"for each":           {`{for_each: '$.charts[*]', schema: s/chart.json}`, "f.yaml", "charts:\n- {name: a, version: '1.0'}\n- {name: b}\n", `3:3-3:4 /charts/1: lacks "version"`},
		"refers to itself":   {`schema: tree.json`, "f.yaml", "kids:\n- kids:\n  - n: x\n", "3:8-3:9 /kids/0/kids/0/n: is a string, and must be a whole number"},
		"without an end":     {`schema: loop.json`, "f.yaml", "a: 1", "1:1-1:2 the schema refers to itself without an end"},
		"exponential":        {`schema: bomb.json`, "f.yaml", "a: 1", "1:1-1:2 the schema takes too many steps on this value, write one that refers to itself less often"},
		"a schema goes away": {`schema: none.json`, "f.yaml", "a: 1", `unreadable: the schema cannot be used: there is no schema "none.json"`},
	} {
		if got := run(t, build(t, c.body), files, c.path, c.text); got != c.want {
			t.Errorf("%s: got\n%s\nwant\n%s", name, got, c.want)
		}
	}
}

// A schema's mistakes are told with the configuration, where they stand.
func TestBadSchemas(t *testing.T) {
	files := repo{files: map[string]string{
		"type.json":     "{\n  \"properties\": {\n    \"a\": {\"type\": \"strin\"}\n  }\n}",
		"pattern.json":  "{\"pattern\":\n  \"(?!a)b\"}",
		"syntax.json":   "{\n  \"a\": 1,\n}",
		"twice.json":    "{\"type\": \"string\",\n \"type\": \"string\"}",
		"http.json":     `{"$ref": "https://example.com/x.json"}`,
		"passwd.json":   `{"$ref": "../../../etc/passwd"}`,
		"file.json":     `{"$ref": "file:///etc/passwd"}`,
		"id.json":       `{"$id": "https://example.com/a.json", "$ref": "b.json"}`,
		"meta.json":     `{"$schema": "https://example.com/meta"}`,
		"pointer.json":  `{"$ref": "#/$defs/none"}`,
		"anchor.json":   `{"$ref": "#none"}`,
		"missing.json":  `{"$ref": "none.json"}`,
		"list.json":     `[]`,
		"good.yaml":     "type: object\n",
		"a space.json":  `{"$ref": "a%20space.json#/$defs/x", "$defs": {"x": {"type": 1}}}`,
		"utf16.json":    "\xff\xfe{\x00}\x00",
		"constant.json": `true`,
	}}
	for path, want := range map[string]string{
		"type.json":     "type.json:3:19: not a JSON Schema: ",
		"pattern.json":  "pattern.json:2:3: not a JSON Schema: the pattern \"(?!a)b\" does not parse: ",
		"syntax.json":   "syntax.json:2:9: ",
		"twice.json":    "twice.json:2:2: duplicate key \"type\"",
		"http.json":     "sot.yaml:1:9: the schema refers to \"https://example.com/x.json\", and sot never goes to the network, put that schema",
		"passwd.json":   "sot.yaml:1:9: the schema refers to \"/etc/passwd\", which is not inside of the repository",
		"file.json":     "sot.yaml:1:9: the schema refers to \"/etc/passwd\", which is not inside of the repository",
		"id.json":       "sot.yaml:1:9: the schema refers to \"https://example.com/b.json\", and sot never",
		"meta.json":     "sot.yaml:1:9: the schema refers to \"https://example.com/meta\", and sot never",
		"pointer.json":  "sot.yaml:1:9: the schema refers to pointer.json#/$defs/none, and there is nothing",
		"anchor.json":   "sot.yaml:1:9: the schema anchor.json refers to the anchor anchor.json#none, and there is none",
		"missing.json":  "sot.yaml:1:9: there is no schema \"none.json\"",
		"none.json":     "sot.yaml:1:9: there is no schema \"none.json\"",
		"list.json":     "list.json:1:1: not a JSON Schema: ",
		"good.yaml":     "",
		"a space.json":  "a space.json:1:61: not a JSON Schema: ",
		"utf16.json":    "utf16.json:1:1: the file is UTF-16",
		"constant.json": "",
	} {
		c := build(t, "schema: '"+path+"'")
		var got string
		for _, p := range c.(rule.Verifier).Verify(func(path string) ([]byte, error) { return files.Read(context.Background(), path) }) {
			got += p.Error() + "\n"
		}
		if !strings.HasPrefix(got, want) || (got == "") != (want == "") {
			t.Errorf("%s: got %q, want %q", path, got, want)
		}
	}
}

func TestBadBodies(t *testing.T) {
	for text, want := range map[string]string{
		`assert: [{expr: 'doc.x =='}]`:                                    "sot.yaml:1:17: the expression is wrong: unexpected token EOF, \ndoc.x ==\n       ^",
		`assert: [{expr: 'dok.x == 1'}]`:                                  "sot.yaml:1:17: the expression is wrong: unknown name dok, \ndok.x == 1\n^",
		`assert: [{expr: 'value == 1'}]`:                                  "sot.yaml:1:17: the expression is wrong: unknown name value, \nvalue == 1\n^",
		`assert: [{expr: "1 > 0", at: version}]`:                          `sot.yaml:1:30: "version" is no JSON Pointer, write one as RFC 6901 has it, such as /metadata/name`,
		`{for_each: 'steps', assert: [{expr: "1 > 0"}]}`:                  "sot.yaml:1:12: the JSONPath is wrong: ",
		`{for_each: '$[?@..a..b]', assert: [{expr: "1 > 0"}]}`:            "sot.yaml:1:12: the JSONPath is wrong: a filter may look at all descendants once",
		`schema: builtin:github`:                                          `sot.yaml:1:9: there is no embedded schema "github", the names are github-action, `,
		`schema: https://example.com/s.json`:                              "sot.yaml:1:9: sot never goes to the network",
		`schema: ../s.json`:                                               `sot.yaml:1:9: "../s.json" is not inside of the repository`,
		`schema: /etc/passwd`:                                             `sot.yaml:1:9: "/etc/passwd" is not inside of the repository`,
		`{with: {doc: a.yaml}, assert: [{expr: "1 > 0"}]}`:                `sot.yaml:1:9: an expression cannot call a file "doc"`,
		`{with: {a-b: a.yaml}, assert: [{expr: "1 > 0"}]}`:                `sot.yaml:1:9: an expression cannot call a file "a-b"`,
		`{with: {a: "x/{name}.yaml"}, assert: [{expr: "1 > 0"}]}`:         `sot.yaml:1:12: "x/{name}.yaml" may begin with {dir}/, and has no other braces`,
		`{format: toml, comments: true, schema: builtin:github-workflow}`: "sot.yaml:1:26: comments are a matter of JSON, and the format is toml",
	} {
		_, problems := data.Kind().New(body(t, text))
		if len(problems) == 1 && problems[0].Text != "" {
			problems[0].Hint += "\n" + problems[0].Text + "\n" + strings.Repeat(" ", problems[0].Caret) + "^"
		}
		if len(problems) != 1 || !strings.HasPrefix(problems[0].Error(), want) {
			t.Errorf("%s: got %v, want %q", text, problems, want)
		}
	}
}

// A schema that changed is compiled anew, one that did not is not: also where it
// is made of several files, and workers ask at once.
func TestSchemaChanges(t *testing.T) {
	c := build(t, "schema: s.json")
	files := map[string]string{"s.json": `{"$ref": "t.json"}`, "t.json": `{"type": "string"}`}
	if got := run(t, c, repo{files: files}, "f.yaml", "a: 1"); got != "1:1-1:2 is a mapping, and must be a string" {
		t.Error(got)
	}
	files = map[string]string{"s.json": files["s.json"], "t.json": `{"required": ["b"]}`}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() {
			for range 20 {
				if got := run(t, c, repo{files: files}, "f.yaml", "a: 1"); got != `1:1-1:2 lacks "b"` {
					t.Error(got)
				}
			}
		})
	}
	wg.Wait()
}

// In one pass, a schema and another file are read once, whatever the files.
func TestReadsOnce(t *testing.T) {
	reads := 0
	r := repo{files: map[string]string{"s.json": "{}", "o.yaml": "a: 1"}, reads: &reads}
	c := build(t, `{schema: s.json, with: {o: o.yaml}, assert: [{expr: 'doc.a == o.a'}]}`)
	p := rule.NewPass(context.Background(), &rule.Rule{ID: "r", Severity: rule.Error}, r)
	for range 50 {
		c.CheckFile(p, rule.NewFile(rule.Entry{Path: "f.yaml"}, []byte("a: 1"), nil))
	}
	if reads != 2 || len(p.Findings())+len(p.Faults()) > 0 {
		t.Errorf("%d reads, %v, %v", reads, p.Findings(), p.Faults())
	}
}

// Of very many errors the first hundred are listed, the same in each run.
func TestManyErrors(t *testing.T) {
	var doc strings.Builder
	for i := range 5000 {
		fmt.Fprintf(&doc, "k%d: {v: x, w: y}\n", i)
	}
	files := repo{files: map[string]string{"s.json": `{"additionalProperties": {"properties": {"v": {"type": "integer"}}, "additionalProperties": {"type": "null"}}}`}}
	first := run(t, build(t, "schema: s.json"), files, "f.yaml", doc.String())
	if n := strings.Count(first, "\n") + 1; n != 100 || !strings.Contains(first, "more are not listed)") {
		t.Errorf("%d findings", n)
	}
	for range 3 {
		if again := run(t, build(t, "schema: s.json"), files, "f.yaml", doc.String()); again != first {
			t.Fatal("another run finds others")
		}
	}
}
