package importer

import (
	"errors"
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// Lefthook returns the sot.yaml that does what a lefthook.yml does. Open reads
// the files that it extends, by their paths relative to the root. The errors are
// those of PreCommit.
func Lefthook(name string, data []byte, open func(path string) ([]byte, error), o Options) (*Result, error) {
	top, err := read(name, data)
	if err != nil {
		return nil, err
	}
	if top.Kind != rule.Map {
		return nil, errorAt(top, name, "give the file that lefthook reads", "there are no hooks")
	}
	l := &lefthook{importing: newImporting("lefthook", name, o), open: open, sourceDir: ".lefthook", seen: map[string]bool{}}
	l.file(top, 0)
	return l.finish()
}

// lefthook is the state of one import from lefthook.
type lefthook struct {
	*importing
	open       func(path string) ([]byte, error)
	sourceDir  string
	doublestar bool
	major      string // of min_version: "1", "2", or "" where it is not known
	templates  []rule.Field
	seen       map[string]bool // hook and name of the jobs that are taken
	ignored    bool            // it was said that globs ignore case
	line       int             // of the job that is carried over
}

// lefthookStages are the hooks that rules can run in. What lefthook runs before
// a commit runs in a plain `sot run` and in CI as well.
var lefthookStages = sync.OnceValue(func() map[string][]string {
	return map[string][]string{
		"pre-commit": {"pre-commit", "ci", "manual"},
		"pre-push":   {"pre-push"},
		"commit-msg": {"commit-msg"},
	}
})

// settings are lefthook's own, which say nothing about what is checked.
var settings = []string{"assert_lefthook_installed", "colors", "no_tty", "output", "skip_output", "min_version", "source_dir",
	"source_dir_local", "skip_lfs", "lefthook", "no_auto_install", "install_non_git_hooks", "glob_matcher", "templates", "extends", "$schema"}

// file carries over one file. Depth counts the files that extend it.
func (l *lefthook) file(top rule.Value, depth int) {
	if v := top.Get("source_dir"); v.Str("") != "" {
		l.sourceDir = path.Clean(v.Scalar)
	}
	if v := top.Get("min_version"); v.Set() && l.major == "" {
		l.major, _, _ = strings.Cut(v.Scalar, ".")
	}
	l.doublestar = l.doublestar || top.Get("glob_matcher").Str("") == "doublestar"
	l.templates = append(l.templates, top.Get("templates").Fields...)
	for _, f := range top.Fields {
		switch {
		case slices.Contains(settings, f.Key) || strings.HasPrefix(f.Key, "x-") || strings.HasPrefix(f.Key, "."):
		case f.Key == "remotes" || f.Key == "remote":
			l.drop(f.KeyPos.Line, f.Key, "sot fetches nothing, bring the rules into the repository and name their file in extends")
		case f.Key == "rc":
			l.drop(f.KeyPos.Line, f.Key, "commands have the environment that sot has, set what they need under env")
		case f.Value.Kind != rule.Map:
			l.drop(f.KeyPos.Line, f.Key, "lefthook's documentation does not know this key")
		default:
			l.hook(f, depth)
		}
	}
	for _, e := range scalars(top.Get("extends")) {
		l.extend(top.Get("extends"), e, depth)
	}
}

// extend carries over a file that is extended.
func (l *lefthook) extend(at rule.Value, name string, depth int) {
	subject := "extends " + name
	const deepest = 5
	switch {
	case depth >= deepest:
		l.drop(at.Line, subject, "files extend each other more than %d deep", deepest)
		return
	case strings.ContainsAny(name, "*?[$~") || path.IsAbs(name) || !local(name) || strings.Contains(name, "://"):
		l.drop(at.Line, subject, "only files inside the repository are read, one by one")
		return
	}
	data, err := l.open(path.Clean(name))
	var v rule.Value
	if err == nil {
		v, err = read(name, data)
	}
	if err != nil {
		l.drop(at.Line, subject, "%v", err)
		return
	}
	outer := l.within
	l.within = path.Clean(name)
	l.file(v, depth+1)
	l.within = outer
}

// local says whether a clean path stays inside the repository.
func local(name string) bool {
	name = path.Clean(strings.ReplaceAll(name, `\`, "/"))
	return name != ".." && !strings.HasPrefix(name, "../") && !path.IsAbs(name) && !strings.Contains(name, ":")
}

// hook carries over the jobs of one hook.
func (l *lefthook) hook(f rule.Field, depth int) {
	v := f.Value
	if lefthookStages()[f.Key] == nil {
		l.drop(f.KeyPos.Line, f.Key, "there are no rules at this hook")
		return
	}
	c := context{hook: f.Key, depth: depth, piped: v.Get("piped").Bool(false), exceptTags: scalars(v.Get("exclude_tags"))}
	if err := l.conditions(v, f.Key, &c); err != nil {
		l.drop(f.KeyPos.Line, f.Key, "%v", err)
		return
	}
	for _, k := range v.Fields {
		switch k.Key {
		case "commands", "scripts", "jobs", "piped", "skip", "only", "exclude_tags", "parallel", "follow", "setup":
			if k.Key == "setup" {
				l.drop(k.KeyPos.Line, f.Key+", setup", "nothing runs before the rules")
			}
		case "files":
			c.files = k.Value
		case "exclude":
			c.exclude = append(c.exclude, k.Value)
		case "fail_on_changes", "fail_on_changes_diff":
			l.drop(k.KeyPos.Line, f.Key+", "+k.Key, "a rule's run judges and does not change files")
		default:
			l.drop(k.KeyPos.Line, f.Key+", "+k.Key, "lefthook's documentation does not know this key")
		}
	}
	l.jobs(v, &c)
}

// context is what jobs inherit.
type context struct {
	hook       string
	depth      int
	piped      bool
	exceptTags []string
	files      rule.Value
	glob       []rule.Value
	exclude    []rule.Value
	root       string
	env        []rule.Field
	prelude    string   // the conditions, as lines of a shell
	last       []string // the rules before, where they are piped
}

// job is one command, script or job.
type job struct {
	v    rule.Value
	line int
	name string
	run  string
	// script is a file below source_dir, and runner what runs it.
	script, runner string
}

// jobs carries over the commands, scripts and jobs of a hook or a group.
func (l *lefthook) jobs(v rule.Value, c *context) {
	var all []job
	for _, f := range ordered(v.Get("commands").Fields) {
		all = append(all, job{v: f.Value, line: f.KeyPos.Line, name: f.Key, run: f.Value.Get("run").Str("")})
	}
	for _, f := range ordered(v.Get("scripts").Fields) {
		all = append(all, job{v: f.Value, line: f.KeyPos.Line, name: f.Key, script: f.Key, runner: f.Value.Get("runner").Str("")})
	}
	for i, j := range v.Get("jobs").Items {
		name := j.Get("name").Str("")
		if name == "" {
			name = nameOf(j, i)
		}
		all = append(all, job{v: j, line: j.Line, name: name, run: j.Get("run").Str(""), script: j.Get("script").Str(""), runner: j.Get("runner").Str("")})
	}
	for _, j := range all {
		if j.v.Get("group").Kind == rule.Map {
			l.group(j, c)
			continue
		}
		key := c.hook + "\x00" + j.name
		if c.depth > 0 && l.seen[key] {
			l.drop(j.line, c.hook+", "+j.name, "the extending file has it too, and only that one is carried over")
			continue
		}
		l.seen[key] = true
		if err := l.job(j, c); err != nil {
			l.drop(j.line, c.hook+", "+j.name, "%v", err)
		}
	}
}

// nameOf makes a name for a job without one: its program.
func nameOf(j rule.Value, i int) string {
	words := strings.Fields(j.Get("run").Str(j.Get("script").Str("")))
	if len(words) == 0 {
		return "job-" + strconv.Itoa(i+1)
	}
	return strings.Join(words[:min(2, len(words))], "-")
}

// ordered returns commands in lefthook's order: by priority, then by the number
// that a name begins with, then by name.
func ordered(in []rule.Field) []rule.Field {
	out := slices.Clone(in)
	key := func(f rule.Field) (int, int) {
		priority := f.Value.Get("priority").Int(0)
		if priority == 0 {
			priority = 1 << 30
		}
		digits := len(f.Key) - len(strings.TrimLeft(f.Key, "0123456789"))
		n, err := strconv.Atoi(f.Key[:digits])
		if err != nil {
			n = 1 << 30
		}
		return priority, n
	}
	slices.SortStableFunc(out, func(a, b rule.Field) int {
		p, n := key(a)
		q, m := key(b)
		switch {
		case p != q:
			return p - q
		case n != m:
			return n - m
		}
		return strings.Compare(a.Key, b.Key)
	})
	return out
}

// group carries over the jobs of a group, which inherit its glob, exclude, root
// and env.
func (l *lefthook) group(j job, c *context) {
	inner := *c
	inner.exclude, inner.glob, inner.env = slices.Clone(c.exclude), slices.Clone(c.glob), slices.Clone(c.env)
	g := j.v.Get("group")
	inner.piped = g.Get("piped").Bool(false)
	before := len(l.doc.rules)
	if err := l.inherit(j, &inner); err != nil {
		l.drop(j.line, c.hook+", "+j.name, "%v", err)
		return
	}
	l.jobs(g, &inner)
	if added := l.doc.rules[before:]; c.piped && len(added) > 0 {
		c.last = nil
		for _, e := range added { // what comes next waits for all of the group
			c.last = append(c.last, e.id)
		}
	}
}

// inherit adds a job's own conditions to those that it inherits.
func (l *lefthook) inherit(j job, c *context) error {
	if v := j.v.Get("glob"); v.Set() {
		c.glob = append(c.glob, v)
	}
	if v := j.v.Get("exclude"); v.Set() {
		c.exclude = append(c.exclude, v)
	}
	if v := j.v.Get("root"); v.Str("") != "" {
		if c.root = strings.TrimSuffix(path.Clean(v.Scalar), "/"); c.root == "." {
			c.root = ""
		}
		if !local(v.Scalar) {
			return fmt.Errorf("its root %q is not inside the repository", v.Scalar)
		}
	}
	if v := j.v.Get("files"); v.Set() {
		c.files = v
	}
	c.env = append(c.env, j.v.Get("env").Fields...)
	return l.conditions(j.v, j.name, c)
}

var errNever = errors.New("it is always skipped")

// conditions carries over skip and only. What a shell can ask becomes a line in
// front of the command.
func (l *lefthook) conditions(v rule.Value, subject string, c *context) error {
	skip := v.Get("skip")
	if skip.Bool(false) {
		return errNever
	}
	for _, s := range items(skip) {
		switch run := s.Get("run").Str(""); {
		case s.Kind == rule.Bool:
		case run != "":
			c.prelude += "if " + run + "; then exit 0; fi\n"
		default:
			l.drop(s.Line, subject+", skip", "rules run whatever state git is in, also %s", condition(s))
		}
	}
	only := v.Get("only")
	if only.Kind == rule.Bool && !only.Bool(true) {
		return errNever
	}
	var asked []string
	for _, o := range items(only) {
		switch run := o.Get("run").Str(""); {
		case o.Kind == rule.Bool:
		case run != "":
			asked = append(asked, run)
		default:
			return fmt.Errorf("it runs only %s, and rules do not ask for the state of git", condition(o))
		}
	}
	if len(asked) > 0 {
		c.prelude += "if ! { " + strings.Join(asked, "; } && ! { ") + "; }; then exit 0; fi\n"
	}
	return nil
}

func condition(v rule.Value) string {
	if ref := v.Get("ref").Str(""); ref != "" {
		return "on the branch " + comment(ref)
	}
	return "in a " + comment(v.Str("state that is not known"))
}

// items returns a list's values, or the one value.
func items(v rule.Value) []rule.Value {
	switch v.Kind {
	case rule.List:
		return v.Items
	case rule.Absent, rule.Null:
		return nil
	}
	return []rule.Value{v}
}
