package data

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/expression"
	"github.com/sot-validator/sot/engine/rule/data/jsonpath"
)

const doc = `What YAML, JSON and TOML files hold, by a JSON Schema and by expressions.

    - id: charts
      files: "**/chart.yaml"
      data:
        schema: schemas/chart.json
        assert:
          - { expr: 'doc.version matches "^[0-9]+[.][0-9]+[.][0-9]+$"', message: version must be semver, at: /version }
    - id: pinned
      files: ".github/workflows/*.yml"
      data:
        for_each: $.jobs.*.steps[?@.uses]
        assert:
          - { expr: 'value.uses matches "@[0-9a-f]{40}$"', message: pin the action by its SHA, at: /uses }

A file that cannot be parsed, a key that is there twice, an alias that expands
without end, a number that JSON does not have: each is a finding at its place.
The format is told by the extension (.yaml, .yml, .json, .jsonc, .toml) or by
` + "`format`" + `; ` + "`comments`" + ` allows comments and trailing commas in JSON. Values are those of
YAML 1.2; dates are their text, keys are strings, and a tag of an application's
own (!Ref) is passed over. A document has at most a million values, 500 deep.

` + "`schema`" + ` is a JSON Schema of the drafts 4, 6, 7, 2019-09 or 2020-12, in JSON or
YAML: a file of the repository, or ` + "`builtin:NAME`" + `. It may refer to itself and to
other files of the repository, never to the network or elsewhere. Patterns are
RE2; a schema's "format" is judged where the draft says so (4, 6, 7).

` + "`assert`" + ` are expressions that must be true, in the language of expr-lang. ` + "`doc`" + ` is
the document, ` + "`docs`" + ` all of a YAML stream (the assertion is made for each), ` + "`path`" + `
the file's path; ` + "`with: { other: path }`" + ` adds another file's document, where ` + "`{dir}`" + `
in the path is the folder of the file. ` + "`at`" + `, a JSON Pointer, says where the finding
stands; where there is no such value, it stands on the nearest. An expression
that has no answer (a string compared with a number) is a finding, too.

` + "`for_each`" + ` is a JSONPath (RFC 9535) or a list of them: schema and assert are then made
for each value that one selects, which is called ` + "`value`" + `, and ` + "`at`" + ` starts from it.`

// Kind returns the kind data.
func Kind() rule.Kind {
	return rule.Kind{Name: "data", Why: "What a text pattern says of YAML breaks at the first flow mapping, quote or comment.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	text := func(doc string) rule.Shape { return rule.Shape{Type: rule.StringShape, MinItems: 1, Doc: doc} }
	file := rule.Fmt(rule.FormatPath, "A file's path; {dir} is the folder of the file that is judged")
	assert := rule.Object("An expression that must be true",
		rule.Key{Name: "expr", Required: true, Shape: text("The expression, over doc, docs, path, value and the names of with")},
		rule.Key{Name: "message", Shape: text("What to do where it is false")},
		rule.Key{Name: "at", Shape: rule.Str("The JSON Pointer of the value that the finding stands on")})
	s := rule.Object("What a document holds",
		rule.Key{Name: "schema", Shape: text("A JSON Schema: a file of the repository, or builtin:" + strings.Join(Builtins(), ", builtin:"))},
		rule.Key{Name: "assert", Shape: rule.ListOf(assert, "Expressions that must be true")},
		rule.Key{Name: "for_each", Shape: rule.OneOrMore(text("A JSONPath"), "A JSONPath, or several: what they select is judged, in the place of the document")},
		rule.Key{Name: "format", Shape: rule.Enum("How the files are written (default: by their extension)", "yaml", "json", "toml")},
		rule.Key{Name: "comments", Shape: rule.Boolean("JSON may have comments and trailing commas")},
		rule.Key{Name: "with", Shape: rule.Shape{Type: rule.MapShape, Elem: &file, MinItems: 1, Doc: "Other files that expressions speak of, by name"}})
	s.AtLeastOne = []string{"schema", "assert"}
	return s
}

// check judges files.
type check struct {
	format   document.Format // "" is by the extension
	comments bool
	schema   schema // nil for none
	asserts  []assertion
	forEach  []*jsonpath.Path // nil for the document itself
	with     []other
}

// assertion is one expression.
type assertion struct {
	program *expression.Program
	message string
	at      []string // tokens
}

// other is another file that expressions speak of.
type other struct{ name, path string }

func build(body rule.Value) (rule.Built, []rule.Problem) {
	b := &builder{check: &check{comments: body.Get("comments").Bool(false), format: document.Format(body.Get("format").Str(""))}}
	b.files(body.Get("with"))
	b.forEach(body.Get("for_each"))
	for _, v := range body.Get("assert").Items {
		b.assert(v)
	}
	if v := body.Get("schema"); v.Set() {
		b.check.schema = b.schema(v)
	}
	if v := body.Get("comments"); v.Set() && b.check.format != "" && b.check.format != document.JSON {
		b.problem(v.Problemf("remove it", "comments are a matter of JSON, and the format is %s", b.check.format))
	}
	if len(b.problems) > 0 {
		return rule.Built{}, b.problems
	}
	return rule.Built{Check: b.check, Defaults: rule.Selector{Files: []string{"**/*.{yaml,yml,json,jsonc,toml}"}}}, nil
}

type builder struct {
	check    *check
	names    []string // of variables, beside path
	problems []rule.Problem
}

func (b *builder) problem(p rule.Problem) { b.problems = append(b.problems, p) }

var identifier = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

func (b *builder) forEach(v rule.Value) {
	if !v.Set() {
		return
	}
	b.names = append(b.names, "value")
	paths := v.Items
	if v.Kind != rule.List {
		paths = []rule.Value{v}
	}
	for _, text := range paths {
		p, err := jsonpath.Parse(text.Scalar)
		if err != nil {
			b.problem(text.Problemf("write one as RFC 9535 has it, such as $.jobs.*.steps[*]", "the JSONPath is wrong: %v", err))
		}
		b.check.forEach = append(b.check.forEach, p)
	}
}

// dirMark stands in a path of `with` for the folder of the file that is judged.
const dirMark = "{dir}"

func (b *builder) files(with rule.Value) {
	b.names = []string{"doc", "docs"}
	for _, f := range with.Fields {
		taken := slices.Contains([]string{"doc", "docs", "path", "value", "let", "in", "not", "and", "or", "nil", "true", "false", "if", "else"}, f.Key)
		if taken || !identifier().MatchString(f.Key) {
			b.problem(rule.Problem{Pos: f.KeyPos, What: "an expression cannot call a file " + quote(f.Key),
				Hint: "choose a name of letters, digits and _ that is not taken, as doc, docs, path and value are"})
			continue
		}
		if rest := strings.Replace(f.Value.Scalar, dirMark+"/", "", 1); strings.ContainsAny(rest, "{}") {
			b.problem(f.Value.Problemf("write {dir}/NAME, or a path from the root", "%s may begin with {dir}/, and has no other braces", quote(f.Value.Scalar)))
		}
		b.names = append(b.names, f.Key)
		b.check.with = append(b.check.with, other{f.Key, f.Value.Scalar})
	}
}

func (b *builder) assert(v rule.Value) {
	x := assertion{message: v.Get("message").Str("")}
	at := v.Get("at")
	var ok bool
	if x.at, ok = document.Tokens(at.Str("")); !ok {
		b.problem(at.Problemf("write one as RFC 6901 has it, such as /metadata/name", "%s is no JSON Pointer", quote(at.Scalar)))
	}
	text := v.Get("expr")
	program, err := expression.Compile(text.Scalar, b.names)
	if err != nil {
		b.problem(mistake(text, err))
		return
	}
	x.program = program
	if x.message == "" {
		x.message = "must be true, and is not: " + strings.Join(strings.Fields(text.Scalar), " ")
	}
	b.check.asserts = append(b.check.asserts, x)
}

// mistake shows an expression with a caret below what is wrong.
func mistake(v rule.Value, err error) rule.Problem {
	p := v.Problemf("", "the expression is wrong: %v", err)
	m, ok := err.(*expression.Mistake)
	if !ok || m.Line == 0 {
		p.Hint = "see the language of expr-lang, and `sot explain data` for the variables"
		return p
	}
	const before, most = 100, 200
	line := []rune(strings.Split(v.Scalar, "\n")[m.Line-1])
	from := min(max(0, m.Column-before), len(line))
	p.Text, p.Caret = string(line[from:min(len(line), from+most)]), m.Column-from
	return p
}
