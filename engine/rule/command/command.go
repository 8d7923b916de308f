package command

import (
	_ "embed"
	"path"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

//go:embed command.md
var doc string

// Kind returns the kind "command".
func Kind() rule.Kind {
	return rule.Kind{Name: "command", Why: "The linters that a project has already are rules like any other: timed, scheduled, and reported in one place.", Doc: doc, Shape: shape(), New: newCheck}
}

func shape() rule.Shape {
	return rule.Object("Runs a program, and reads findings from its exit code and its output.",
		rule.Key{Name: "run", Required: true, Shape: rule.Str("The command: words, no shell, {files} where the paths go.")},
		rule.Key{Name: "fix", Shape: rule.Str("The command that mends the files in place, for --fix.")},
		rule.Key{Name: "parse", Shape: parseShape().Or("none")},
		rule.Key{Name: "files", Shape: rule.Enum("How many paths an invocation gets.", filesMany, filesEach, filesNone).Or(filesMany)},
		rule.Key{Name: "dir", Shape: rule.Fmt(rule.FormatPath, "The working directory, relative to the root; the paths are given relative to it.")},
		rule.Key{Name: "env", Shape: envShape()},
		rule.Key{Name: "cpus", Shape: cpusShape().Or("auto")},
		rule.Key{Name: "snapshot", Shape: rule.Enum("Whether it runs on a copy of what is judged.", "auto", "always", "never").Or("auto")},
		rule.Key{Name: "inputs", Shape: inputsShape()},
		rule.Key{Name: "version_command", Shape: rule.Str("A command that prints the program's version: what was found is kept for that version alone.")},
		rule.Key{Name: "on_missing", Shape: rule.Enum("What an absent program is.", "fault", "skip").Or("fault")},
		rule.Key{Name: "shell", Shape: rule.Boolean("Hand the command to sh, for pipes and variables.")},
	)
}

func envShape() rule.Shape {
	value := rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{
		rule.Str("Its value."), {Type: rule.NumberShape}, {Type: rule.BoolShape},
	}}
	return rule.Shape{Type: rule.MapShape, Doc: "Variables that are added to the environment.", Elem: &value}
}

func cpusShape() rule.Shape {
	least, most := 0.1, 1024.0
	return rule.Shape{
		Type: rule.OneOfShape, Doc: "How many processors an invocation keeps busy; auto is learned from its CPU time.",
		OneOf: []rule.Shape{rule.Enum("", "auto"), {Type: rule.NumberShape, Min: &least, Max: &most}},
	}
}

// inputsShape allows an empty list, which says that there is nothing else.
func inputsShape() rule.Shape {
	s := rule.OneOrMore(rule.Fmt(rule.FormatGlob, "A glob, relative to the root."),
		"Globs of the files that its verdict also depends on: what it found is then kept, and not asked for again; [] is none.")
	s.OneOf[1].MinItems = 0
	return s
}

func parseShape() rule.Shape {
	patterns := rule.Object("A pattern of your own.",
		rule.Key{Name: "errorformat", Shape: rule.OneOrMore(rule.Str("A pattern in Vim's errorformat."), "Vim's errorformat, tried in order on each line.")},
		rule.Key{Name: "regex", Shape: rule.Fmt(rule.FormatRegexp, "A regular expression, tried on each line, with named groups.")},
	)
	patterns.ExactlyOne = []string{"errorformat", "regex"}
	return rule.Shape{
		Type: rule.OneOfShape, Doc: "How findings are read from the output; none is the exit code alone.",
		OneOf: []rule.Shape{rule.Enum("The output's format.", parserNames[:]...), patterns},
	}
}

var parserNames = [...]string{"none", "sarif", "checkstyle", "github", "gcc", "eslint-json"}

// check is one rule's program. It is immutable.
type check struct {
	run, fix    *template // fix is nil where there is none
	parse       parser
	files       string
	dir         string // relative to the root, clean; "" is the root
	env         []string
	snapshot    string
	skipMissing bool
	cpus        float64 // 0 is auto
	grace       time.Duration
	inputs      []string  // globs; nil where the rule says nothing of them
	version     *template // nil where there is none
}

// The engine finds out by these what the check can do.
var (
	_ rule.CommandCheck = (*check)(nil)
	_ rule.Snapshotter  = (*check)(nil)
	_ rule.CPUHolder    = (*check)(nil)
	_ rule.Repeats      = (*check)(nil)
)

// newCheck reads a body that fits the shape.
func newCheck(body rule.Value) (rule.Built, []rule.Problem) {
	c := &check{
		files:       body.Get("files").Str(filesMany),
		snapshot:    body.Get("snapshot").Str("auto"),
		skipMissing: body.Get("on_missing").Str("fault") == "skip",
		cpus:        body.Get("cpus").Float(0),
		grace:       grace,
	}
	var problems []rule.Problem
	add := func(ps []rule.Problem) { problems = append(problems, ps...) }
	shell := body.Get("shell").Bool(false)
	var ps []rule.Problem
	c.run, ps = newTemplate(body.Get("run"), c.files, shell)
	add(ps)
	if v := body.Get("fix"); v.Set() {
		c.fix, ps = newTemplate(v, c.files, shell)
		add(ps)
	}
	add(c.keep(body, shell))
	c.parse, ps = newParser(body.Get("parse"))
	add(ps)
	c.env, ps = newEnv(body.Get("env"))
	add(ps)
	c.dir, ps = newDir(body.Get("dir"))
	add(ps)
	add(c.outside(body.Get("run"), c.run))
	add(c.outside(body.Get("fix"), c.fix))
	add(c.outside(body.Get("version_command"), c.version))
	if problems != nil {
		return rule.Built{}, problems
	}
	// As pre-commit has it: a link is not followed, a submodule is not entered.
	return rule.Built{Check: c, Defaults: rule.Selector{Types: []string{"file"}}}, nil
}

// newParser reads `parse`.
func newParser(v rule.Value) (parser, []rule.Problem) {
	var p parser
	var err error
	switch name := v.Str("none"); {
	case v.Get("errorformat").Set():
		v = v.Get("errorformat")
		p = parser{name: "errorformat", streams: true}
		p.parse, err = newErrorformat(v.Strings())
	case v.Get("regex").Set():
		v = v.Get("regex")
		p = parser{name: "regex", streams: true}
		p.parse, err = newRegex(v.Str(""))
	default:
		p = namedParser(name)
	}
	if err != nil {
		return p, []rule.Problem{v.Problemf("", "bad %s: %s", p.name, err)}
	}
	return p, nil
}

func namedParser(name string) parser {
	switch name {
	case "sarif":
		return parser{name: name, parse: parseSARIF}
	case "checkstyle":
		return parser{name: name, parse: parseCheckstyle}
	case "eslint-json":
		return parser{name: name, parse: parseESLint}
	case "gcc":
		return parser{name: name, streams: true, parse: parseGCC}
	case "github":
		return parser{name: name, streams: true, parse: parseGitHub}
	}
	return parser{name: "none"}
}

// newEnv reads `env` as NAME=value, in the order of the file.
func newEnv(v rule.Value) (env []string, problems []rule.Problem) {
	for _, f := range v.Fields {
		if f.Key == "" || strings.ContainsAny(f.Key, "=\x00") {
			problems = append(problems, rule.Problem{Pos: f.KeyPos, What: "not a variable's name", Hint: "use letters, digits and _"})
			continue
		}
		if strings.IndexByte(f.Value.Scalar, 0) >= 0 {
			problems = append(problems, f.Value.Problemf("remove it", "the value holds a NUL byte"))
			continue
		}
		env = append(env, f.Key+"="+f.Value.Scalar)
	}
	return env, problems
}

// newDir reads `dir`.
func newDir(v rule.Value) (string, []rule.Problem) {
	dir := path.Clean(v.Str("."))
	switch {
	case dir == ".":
		return "", nil
	case dir == ".." || strings.HasPrefix(dir, "../") || path.IsAbs(dir) || strings.IndexByte(dir, 0) >= 0:
		return "", []rule.Problem{v.Problemf("give a folder inside it, relative to its root", "%q is not inside the repository", v.Scalar)}
	}
	return dir, nil
}

// outside refuses a program whose relative path leads out of the repository.
func (c *check) outside(v rule.Value, t *template) []rule.Problem {
	if t == nil || t.words == nil || !strings.Contains(t.words[0], "/") || path.IsAbs(t.words[0]) {
		return nil
	}
	if p := path.Join(c.dir, t.words[0]); p != ".." && !strings.HasPrefix(p, "../") {
		return nil
	}
	return []rule.Problem{v.Problemf("keep it in the repository, or give an absolute path",
		"the program %q is not inside the repository", t.words[0])}
}

// Fixes says whether there is a mending program.
func (c *check) Fixes() bool { return c.fix != nil }

// Snapshot says on what the program wants to run.
func (c *check) Snapshot() string { return c.snapshot }

// CPUs says how many processors an invocation keeps busy; 0 is to be learned.
func (c *check) CPUs() float64 { return c.cpus }
