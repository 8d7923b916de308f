package importer

import (
	"errors"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"
)

// tool is a program whose hooks are well known. A hook runs
//
//	program base args files
//
// and a rule's run and fix are
//
//	program base check print args files
//	program base write args files
//
// both without those arguments that write. Check makes a program judge that
// writes otherwise, print makes it print what parse reads, write makes it mend.
type tool struct {
	ids     []string // the ids of its hooks
	repos   []string // what the repository's address holds; nil: any
	rev     string   // what the revision begins with
	program string   // one or several words
	base    string   // further words of the manifest's entry
	check   string
	print   string
	write   string
	parse   string // a parser of the kind command, or "regex:" and a pattern
	// args are the manifest's, which a hook's own replace.
	args string
	// writers are arguments that make it write; formatter says that it writes
	// without any.
	writers   []string
	formatter bool
	// printers are arguments, with their values, that would make it print what
	// parse does not read: "--format 1" takes one more word.
	printers []string
	// rewrites is a program that has no way to judge alone, and whose exit code
	// says that it wrote: run is the same, on a copy.
	rewrites bool
	// script is run in place of all this by a shell, "$@" being the files; ARGS
	// stands for the arguments.
	script      string
	each        bool // one file an invocation
	whole       bool // it finds its files by itself
	never       bool // it needs the repository: never on a copy
	files       string
	exclude     string
	types       []string
	typesOr     []string
	exceptTypes []string
	stages      []string
	// reason is why it cannot be carried over.
	reason string
	// note is what is worth knowing of the rule.
	note string

	prefix []string // what runs the program, such as npx
}

// tool carries over a hook of a known tool.
func (p *precommit) tool(h *hook) error {
	if slices.Contains(conventionalHooks, h.id) {
		return p.conventional(h)
	}
	if done, err := p.native(h); done {
		return err
	}
	if t := knownTool(h); t != nil {
		if t.reason != "" {
			return errors.New(t.reason)
		}
		if t.note != "" {
			p.note(Differs, h.line, h.subject(), "%s", t.note)
		}
		return p.command(h, t)
	}
	if strings.Contains(h.repo, "pre-commit/pygrep-hooks") {
		return fmt.Errorf("its pattern: %w", errLookaround)
	}
	where := h.repo
	if where == "" {
		where = "a repository without an address"
	}
	return fmt.Errorf("sot does not know this hook of %s; install its tool, and write a rule with `command: { run: ... {files} }`", comment(where))
}

// knownTool finds the row of a hook; nil where there is none.
func knownTool(h *hook) *tool {
	for i := range tools {
		if t := &tools[i]; slices.Contains(t.ids, h.id) && t.from(h.repo) && strings.HasPrefix(h.rev, t.rev) {
			return t
		}
	}
	return nil
}

// selection is the manifest's.
func (t *tool) selection() selection {
	return selection{files: t.files, exclude: t.exclude, types: t.types, typesOr: t.typesOr, exceptTypes: t.exceptTypes, stages: t.stages}
}

func (t *tool) from(repo string) bool {
	repo = strings.ToLower(repo)
	return t.repos == nil || slices.ContainsFunc(t.repos, func(r string) bool { return strings.Contains(repo, r) })
}

// command carries over a hook of a tool as a rule of the kind command.
func (p *precommit) command(h *hook, t *tool) error {
	def := t.selection()
	if v := h.v.Get("pass_filenames"); v.Set() && !v.Bool(true) {
		own := *t
		own.whole = true
		t = &own
	}
	def.always = h.alwaysRun && t.whole
	e, err := p.entryOf(h, def)
	if err == nil {
		err = p.ofFiles(h, &e)
	}
	if err != nil {
		return err
	}
	if err := regular(e); err != nil {
		return err
	}
	args := strings.Fields(t.args)
	if h.hasArgs || len(h.args) > 0 {
		args = h.args
	}
	body, err := t.body(args)
	if err != nil {
		return err
	}
	e.body = fields{{"command", body}}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

// body returns the command's keys for some arguments.
func (t *tool) body(args []string) (fields, error) {
	if err := runnable(append([]string{"x"}, args...)); err != nil {
		return nil, err
	}
	var body fields
	if t.script != "" {
		rest, _ := t.plain(args)
		more := quoted(rest)
		if more != "" {
			more += " "
		}
		body.add("run", strings.ReplaceAll(t.script, "ARGS ", more))
		body.add("fix", strings.ReplaceAll(t.write, "ARGS ", more))
		body.add("shell", true)
		return body, nil
	}
	words := slices.Concat(t.prefix, strings.Fields(t.program), strings.Fields(t.base))
	rest, writes := t.plain(args)
	if t.only(args) {
		return fields{{"run", t.line(words, args)}, {"fix", t.line(words, args)}, {"snapshot", "always"}}, nil
	}
	body.add("run", t.line(words, slices.Concat(strings.Fields(t.check), strings.Fields(t.print), rest)))
	switch {
	case t.rewrites:
		body.add("fix", t.line(words, rest))
	case t.formatter || writes:
		body.add("fix", t.line(words, slices.Concat(strings.Fields(t.write), rest)))
	}
	if pattern, ok := strings.CutPrefix(t.parse, "regex:"); ok {
		body.add("parse", fields{{"regex", pattern}})
	} else {
		body.add("parse", t.parse)
	}
	switch {
	case t.whole:
		body.add("files", "none")
	case t.each:
		body.add("files", "each")
	}
	switch {
	case t.rewrites:
		body.add("snapshot", "always")
	case t.never:
		body.add("snapshot", "never")
	}
	return body, nil
}

// line writes a command line with its files.
func (t *tool) line(words, args []string) string {
	s := quoted(slices.Concat(words, args))
	if !t.whole {
		s += " {files}"
	}
	return s
}

// plain returns the arguments without those that write or print, and whether
// there was one that writes.
func (t *tool) plain(args []string) (rest []string, writes bool) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		if slices.Contains(t.writers, a) {
			writes = true
			continue
		}
		skip := false
		for _, p := range t.printers {
			flag, value, _ := strings.Cut(p, " ")
			if a == flag {
				skip = true
				i += len(value) // "1" is one word more
			}
			skip = skip || strings.HasPrefix(flag, "--") && strings.HasPrefix(a, flag+"=")
		}
		if !skip {
			rest = append(rest, a)
		}
	}
	return rest, writes
}

// only says whether the arguments ask a linter for fixes and nothing else: then
// it is run as it stands, on a copy.
func (t *tool) only(args []string) bool {
	return slices.Contains(args, "--fix-only")
}

// called returns the tool as a command line of the user's own calls it: its exit
// code decides, since what stands in front of it may print as well.
func (t *tool) called(prefix []string, def selection) *tool {
	return &tool{files: def.files, exclude: def.exclude, types: def.types, typesOr: def.typesOr, exceptTypes: def.exceptTypes, stages: def.stages,
		program: t.program, check: t.check, write: t.write, writers: t.writers, formatter: t.formatter,
		rewrites: t.rewrites, script: t.script, prefix: prefix}
}

// changes says whether the tool, called like this, changes files.
func (t *tool) changes(args []string) bool {
	_, writes := t.plain(args)
	return writes || (t.formatter && t.write == "" || t.rewrites) && !slices.ContainsFunc(args, judges)
}

// judges says whether an argument makes a formatter judge alone.
func judges(a string) bool {
	return slices.Contains([]string{"--check", "--check-only", "--diff", "-d", "-l", "--list-different", "--dry-run", "-n", "-check", "-c"}, a)
}

// runners start other programs: with how many words, and whether options of
// their own may follow.
var runners = [][]string{
	{"npx"}, {"bunx"}, {"pnpx"}, {"yarn"}, {"yarn", "run"}, {"pnpm"}, {"pnpm", "exec"}, {"npm", "exec"}, {"bun", "run"},
	{"uv", "run"}, {"uvx"}, {"poetry", "run"}, {"pipenv", "run"}, {"pdm", "run"}, {"rye", "run"}, {"hatch", "run"}, {"pixi", "run"},
	{"bundle", "exec"}, {"python", "-m"}, {"python3", "-m"},
}

// toolOf finds the known tool that a command line runs: what stands in front of
// it, and its arguments. Nil where it is none.
func toolOf(words []string) (t *tool, prefix, args []string) {
	n := 0
	for _, r := range runners {
		if len(r) > n && len(words) > len(r) && slices.Equal(words[:len(r)], r) {
			n = len(r)
		}
	}
	for i := range tools {
		program := strings.Fields(tools[i].program)
		if len(program) == 0 || len(words) < n+len(program) || tools[i].reason != "" || tools[i].script != "" && n > 0 {
			continue
		}
		name := words[n][strings.LastIndexByte(words[n], '/')+1:]
		if name != program[0] || !slices.Equal(words[n+1:n+len(program)], program[1:]) {
			continue
		}
		own := tools[i]
		switch {
		case words[n] == program[0]:
		case own.script != "" || !safeWord().MatchString(words[n]):
			continue
		default:
			own.program = strings.Join(append([]string{words[n]}, program[1:]...), " ")
		}
		return &own, words[:n], words[n+len(program):]
	}
	return nil, nil, nil
}

// conventionalHooks judge the commit's message by conventionalcommits.org.
var conventionalHooks = []string{"conventional-pre-commit", "conventional-precommit-linter", "commitizen"}

func (p *precommit) conventional(h *hook) error {
	if !p.has("message") {
		return errors.New("this sot has no rules about the commit's message")
	}
	form, err := conventionalForm(h)
	if err != nil {
		return err
	}
	if h.id != "conventional-pre-commit" {
		p.note(Differs, h.line, h.subject(), "the settings that its tool reads for itself are not known to sot")
	}
	e := entry{line: h.line, id: h.id, stages: []string{"commit-msg"}, body: fields{{"message", fields{{"conventional", form}}}}}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

var typeName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_-]*$`) })

// conventionalForm reads the arguments of conventional-pre-commit, whose types
// stand in place of those in general use: `[--strict] [--force-scope]
// [--scopes a,b] [types...]`.
func conventionalForm(h *hook) (any, error) {
	var form fields
	var types, scopes []string
	required := false
	for i := 0; i < len(h.args); i++ {
		a, value, joined := strings.Cut(h.args[i], "=")
		switch {
		case slices.Contains([]string{"--strict", "--verbose", "--no-color"}, h.args[i]):
		case h.id != "conventional-pre-commit":
			return nil, fmt.Errorf("conventional takes no %q: write a pattern with the kind message", h.args[i])
		case h.args[i] == "--force-scope":
			required = true
		case a == "--scopes":
			if !joined && i+1 < len(h.args) {
				i++
				value = h.args[i]
			}
			scopes = strings.FieldsFunc(value, func(r rune) bool { return r == ',' || r == ' ' })
		case typeName().MatchString(h.args[i]):
			types = append(types, h.args[i])
		default:
			return nil, fmt.Errorf("conventional takes no %q: write a pattern with the kind message", h.args[i])
		}
	}
	for _, s := range scopes {
		if !typeName().MatchString(s) {
			return nil, fmt.Errorf("%q is no scope that conventional takes: write a pattern with the kind message", s)
		}
	}
	if types != nil && !slices.Contains(types, "feat") && !slices.Contains(types, "fix") {
		types = append([]string{"feat", "fix"}, types...) // as the hook does
	}
	form.add("types", types)
	form.add("scopes", scopes)
	form.add("require_scope", required)
	if form == nil {
		return true, nil
	}
	return form, nil
}
