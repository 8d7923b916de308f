package data

import (
	"cmp"
	"context"
	"errors"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/expression"
)

// maxFindings is how many findings of a rule in one file are listed.
const maxFindings = 100

// CheckFile judges each document of a file.
func (c *check) CheckFile(p *rule.Pass, f *rule.File) {
	format, ok := c.formatOf(f)
	if !ok {
		p.File(f, "neither extension nor name tells the format, name one in the rule's data: { format: ... }, or narrow its files")
		return
	}
	docs := document.Of(f, format)
	if len(docs.Problems) > 0 {
		for _, x := range docs.Problems {
			p.Range(f, x.Start, x.End, "%s", x.Message)
		}
		return
	}
	j := &judge{check: c, pass: p, file: f, docs: docs}
	j.run()
	j.report()
}

// Explain says what the rule holds files to.
func (c *check) Explain() string {
	var out []string
	if s, ok := c.schema.(*fileSchema); ok {
		out = append(out, "by the schema "+s.path)
	} else if c.schema != nil {
		out = append(out, "by an embedded schema")
	}
	switch n := len(c.asserts); n {
	case 0:
	case 1:
		out = append(out, "by an expression")
	default:
		out = append(out, "by "+strconv.Itoa(n)+" expressions")
	}
	what := "each document is judged "
	if c.forEach != nil {
		what = "each value that for_each selects is judged "
	}
	return what + strings.Join(out, " and ")
}

// formatOf returns how a file is written.
func (c *check) formatOf(f *rule.File) (document.Format, bool) {
	format := c.format
	if format == "" {
		var ok bool
		if format, ok = byName(f.Path); !ok {
			for _, known := range []document.Format{document.YAML, document.JSON, document.TOML} {
				if f.HasTag(string(known)) {
					format = known
				}
			}
		}
	}
	if format == document.JSON && c.comments {
		format = document.JSONC
	}
	return format, format != ""
}

// byName returns the format that a path's extension tells.
func byName(name string) (document.Format, bool) {
	switch strings.ToLower(path.Ext(name)) {
	case ".yaml", ".yml":
		return document.YAML, true
	case ".json":
		return document.JSON, true
	case ".jsonc":
		return document.JSONC, true
	case ".toml":
		return document.TOML, true
	}
	return "", false
}

// judge is one file's judgement by one rule.
type judge struct {
	*check
	pass  *rule.Pass
	file  *rule.File
	docs  *document.Documents
	found []found
	// machine evaluates expressions; nil until the first.
	machine *expression.Machine
	env     expression.Env
}

// found is a finding at bytes of the file.
type found struct {
	start, end int
	message    string
}

func (j *judge) run() {
	sch, ok := j.compiled()
	if !ok || !j.variables() {
		return
	}
	for _, root := range j.docs.Roots {
		targets, ok := j.targets(root)
		if !ok {
			return
		}
		for _, t := range targets {
			if sch != nil {
				j.validate(sch, t)
			}
			if !j.evaluate(root, t) {
				return
			}
		}
	}
}

// targets are the values of a document that are judged.
func (j *judge) targets(root *document.Node) ([]target, bool) {
	if j.forEach == nil {
		return []target{{node: root}}, true
	}
	var out []target
	seen := map[*document.Node]bool{}
	for _, path := range j.forEach {
		matches, err := path.Select(root)
		if err != nil {
			j.add(root, "for_each: "+err.Error()+", write one that looks at less")
			return nil, false
		}
		for _, m := range matches {
			if len(j.forEach) > 1 && seen[m.Node] {
				continue
			}
			seen[m.Node] = true
			out = append(out, target{m.Node, m.Tokens()})
		}
	}
	return out, true
}

// target is a value that is judged, and its place in the document.
type target struct {
	node *document.Node
	at   []string
}

// add reports at a node: on a scalar, on the key of a collection, on the start
// of what has none.
func (j *judge) add(n *document.Node, message string) {
	start, end := n.Start, n.End
	if len(n.Kids) > 0 {
		end = start + 1
		if n.KeyEnd > n.KeyStart {
			start, end = n.KeyStart, n.KeyEnd
		}
	}
	j.found = append(j.found, found{start, end, message})
}

// report hands over what was found, in order: a schema's errors come in any.
func (j *judge) report() {
	slices.SortFunc(j.found, func(a, b found) int {
		return cmp.Or(cmp.Compare(a.start, b.start), cmp.Compare(a.end, b.end), strings.Compare(a.message, b.message))
	})
	found := slices.Compact(j.found)
	for i, x := range found {
		if i == maxFindings-1 && len(found) > maxFindings {
			x.message += " (here and further on: " + strconv.Itoa(len(found)-maxFindings) + " more are not listed)"
		}
		if i == maxFindings {
			return
		}
		j.pass.Range(j.file, x.start, x.end, "%s", x.message)
	}
}

// variables prepares what expressions speak of; false where another file is not
// there or cannot be read, which is reported.
func (j *judge) variables() bool {
	if len(j.asserts) == 0 {
		return true
	}
	docs := make([]any, len(j.docs.Roots))
	for i, root := range j.docs.Roots {
		docs[i] = root.Value
	}
	j.machine = expression.NewMachine(expression.NewBudget(j.pass.Context()))
	j.env = expression.Env{"docs": docs, "path": j.file.Path}
	for _, o := range j.with {
		v, why := readOther(j.pass, o.beside(j.file.Path))
		if why != "" {
			j.found = append(j.found, found{0, 0, why + ", which the rule calls " + o.name})
			return false
		}
		j.env[o.name] = v
	}
	return true
}

// evaluate makes the assertions about a value; false ends the file.
func (j *judge) evaluate(root *document.Node, t target) bool {
	for i := range j.asserts {
		x := &j.asserts[i]
		j.env["doc"] = root.Value
		if j.forEach != nil {
			j.env["value"] = t.node.Value
		}
		ok, err := j.machine.Eval(x.program, j.env)
		if ok && err == nil {
			continue
		}
		message := x.message
		if err != nil {
			if j.over(err, t.node) {
				return false
			}
			message += " (the expression has no answer: " + err.Error() + ")"
		}
		n, _ := t.node.Nearest(x.at)
		j.add(n, message)
	}
	return true
}

// over reports an error that ends the judgement of the file.
func (j *judge) over(err error, n *document.Node) bool {
	switch {
	case errors.Is(err, expression.ErrTime):
		j.pass.Fail(rule.FaultTimeout, "%s: %v, write one that looks at less", j.file.Path, err)
	case errors.Is(err, context.Canceled) || errors.Is(err, context.DeadlineExceeded):
		if f := rule.RunContext(j.pass.Context()); f != nil {
			j.pass.Fail(f.Kind, "%s", f.Message)
		}
	case errors.Is(err, expression.ErrSteps) || errors.Is(err, expression.ErrMemory):
		j.add(n, err.Error()+" on this file, write one that looks at less")
	default:
		return false
	}
	return true
}
