package importer

import (
	"errors"
	"fmt"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// PreCommit returns the sot.yaml that does what a .pre-commit-config.yaml does.
// Name is the file's, for messages. The error is config.Problems where the file
// cannot be read, and *Error where the import itself is wrong.
func PreCommit(name string, data []byte, o Options) (*Result, error) {
	top, err := read(name, data)
	if err != nil {
		return nil, err
	}
	p := &precommit{importing: newImporting("pre-commit", name, o)}
	if top.Kind == rule.List { // the form of the first versions
		top = rule.Value{Pos: top.Pos, Kind: rule.Map, Fields: []rule.Field{{Key: "repos", KeyPos: top.Pos, Value: top}}}
	}
	if top.Get("repos").Kind != rule.List {
		return nil, errorAt(top, name, "give the file that pre-commit reads", "there is no list of repos")
	}
	p.globals(top)
	for _, repo := range top.Get("repos").Items {
		p.repo(repo)
	}
	p.known()
	return p.finish()
}

// precommit is the state of one import from pre-commit.
type precommit struct {
	*importing
	files         []sequence // of the key files; nil: every file
	broken        string     // why the key files cannot be carried over
	defaultStages []string
	unsure        []string // hooks that are judged by their exit code alone
	unsureLine    int
}

// globals carries over the keys of the whole file.
func (p *precommit) globals(top rule.Value) {
	if v := top.Get("exclude"); v.Str("") != "" {
		p.globalExclude(v)
	}
	if v := top.Get("files"); v.Str("") != "" {
		pattern, err := pathsOf(v.Scalar)
		if err == nil && pattern.except != nil {
			var except []string
			if except, err = globs(pattern.except); err == nil {
				p.doc.exclude = append(p.doc.exclude, except...)
			}
		}
		if err != nil {
			p.broken = fmt.Sprintf("the file's own `files` is no set of globs: %v", err)
		} else if !all(pattern.match) {
			p.narrow(v, pattern.match)
		}
	}
	p.defaultStages = scalars(top.Get("default_stages"))
	for _, f := range top.Fields {
		p.global(f)
	}
}

// globalReasons are what is said about keys that sot has no use for.
var globalReasons = sync.OnceValue(func() map[string]string {
	return map[string]string{
		"fail_fast":                  "a rule cannot stop the others by its configuration, run sot with --fail-fast",
		"ci":                         "it configures the service pre-commit.ci",
		"default_language_version":   "sot installs no languages, see that the right ones are on the PATH",
		"minimum_pre_commit_version": "it has no meaning for sot, whose key is min_version",
		"minimum_prek_version":       "it has no meaning for sot, whose key is min_version",
	}
})

func (p *precommit) global(f rule.Field) {
	line := f.KeyPos.Line
	switch f.Key {
	case "repos", "files", "exclude", "default_stages":
	case "fail_fast":
		if f.Value.Bool(false) {
			p.drop(line, f.Key, "%s", globalReasons()[f.Key])
		}
	case "default_install_hook_types":
		p.note(Differs, line, f.Key, "which hooks are installed is no part of sot.yaml, run `sot hook install` for %s", strings.Join(scalars(f.Value), ", "))
	default:
		reason := globalReasons()[f.Key]
		if reason == "" {
			reason = "pre-commit's documentation does not know this key"
		}
		p.drop(line, f.Key, "%s", reason)
	}
}

// narrow has every rule speak of these files alone.
func (p *precommit) narrow(v rule.Value, to []sequence) {
	if p.files != nil {
		var err error
		if to, err = meet(p.files, to); err != nil {
			p.broken = fmt.Sprintf("the file's own %q: %v", v.Scalar, err)
		}
	}
	if p.files = to; to == nil {
		p.files = []sequence{} // none, and not every file
	}
}

func (p *precommit) globalExclude(v rule.Value) {
	pattern, err := pathsOf(v.Scalar)
	var out []string
	if err == nil && pattern.except != nil {
		// All but some is left out: only some are looked at.
		if all(pattern.match) {
			p.narrow(v, pattern.except)
			return
		}
		err = errLookaround
	}
	if err == nil {
		out, err = globs(pattern.match)
	}
	if err != nil {
		p.drop(v.Line, "exclude", "%v, so that the rules below also speak of the files that it leaves out", err)
		return
	}
	p.doc.exclude = append(p.doc.exclude, out...)
}

// repo carries over the hooks of one repository.
func (p *precommit) repo(v rule.Value) {
	where := v.Get("repo").Str("")
	for _, h := range v.Get("hooks").Items {
		k := newHook(where, v.Get("rev").Scalar, h)
		if k.id == "" {
			p.drop(h.Line, "a hook of "+where, "it has no id")
			continue
		}
		if err := p.hook(k); err != nil {
			p.drop(k.line, k.subject(), "%v", err)
		}
	}
}

// known says what holds for several rules alike.
func (p *precommit) known() {
	if len(p.unsure) > 0 {
		p.note(Differs, p.unsureLine, "hooks "+strings.Join(p.unsure, ", "),
			"pre-commit also fails a hook that changes files; sot goes by the exit code, so give a check-only command in run, and the changing one in fix")
	}
}

// hook is one hook as the file has it.
type hook struct {
	v             rule.Value
	repo, rev     string
	line          int
	id, name      string
	entry         string
	language      string
	args          []string
	hasArgs       bool
	additional    []string
	alwaysRun     bool
	passFilenames bool
}

func newHook(repo, rev string, v rule.Value) *hook {
	h := &hook{
		v: v, repo: repo, rev: rev, line: v.Line,
		id: v.Get("id").Str(""), name: v.Get("name").Str(""), entry: v.Get("entry").Str(""), language: v.Get("language").Str(""),
		args: scalars(v.Get("args")), hasArgs: v.Get("args").Set(),
		additional: scalars(v.Get("additional_dependencies")),
		alwaysRun:  v.Get("always_run").Bool(false), passFilenames: v.Get("pass_filenames").Bool(true),
	}
	return h
}

func (h *hook) subject() string { return "hook " + h.id }

// hook carries over one hook; the error is why it cannot be.
func (p *precommit) hook(h *hook) error {
	for _, f := range h.v.Fields {
		p.hookKey(h, f)
	}
	if p.broken != "" {
		return errors.New(p.broken)
	}
	switch {
	case h.repo == "meta":
		return errors.New("it judges pre-commit's own configuration; `sot list` and `sot explain` show which files a rule takes")
	case h.repo == "local":
		return p.local(h, selection{})
	case h.entry != "": // the user's own in place of the manifest's
		t := knownTool(h)
		if t == nil {
			return errors.New("its manifest, which says what files it takes, is not known to sot: write a rule with `command: { run: ... {files} }`")
		}
		if !h.v.Get("pass_filenames").Set() {
			h.passFilenames = !t.whole
		}
		return p.local(h, t.selection())
	}
	if h.repo == "builtin" || strings.Contains(strings.ToLower(h.repo), "pre-commit/pre-commit-hooks") {
		return p.builtin(h)
	}
	if k, ok := patternHookOf(h); ok {
		if k.whole {
			h.args = append(h.args, "--multiline")
		}
		return p.grep(h, k.pattern, k.message, selection{types: []string{k.types}})
	}
	return p.tool(h)
}

// hookKey says what of a hook's keys has no counterpart.
func (p *precommit) hookKey(h *hook, f rule.Field) {
	switch f.Key {
	case "id", "name", "alias", "entry", "language", "files", "exclude", "types", "types_or", "exclude_types",
		"args", "stages", "always_run", "pass_filenames", "description", "minimum_pre_commit_version":
	case "additional_dependencies":
		if len(h.additional) > 0 && h.repo != "local" {
			p.note(Differs, f.KeyPos.Line, h.subject(), "sot installs nothing, install %s beside the tool", comment(strings.Join(h.additional, ", ")))
		}
	case "priority": // prek's order; rules wait for what they need alone
	case "require_serial": // a command without a parser is not run beside itself
	case "fail_fast":
		if f.Value.Bool(false) {
			p.drop(f.KeyPos.Line, h.subject()+", fail_fast", "%s", globalReasons()["fail_fast"])
		}
	case "language_version":
		p.drop(f.KeyPos.Line, h.subject()+", language_version", "%s", globalReasons()["default_language_version"])
	case "verbose", "log_file":
		if f.Value.Scalar != "false" {
			p.drop(f.KeyPos.Line, h.subject()+", "+f.Key, "output is the report's, see --verbose and --format")
		}
	default:
		p.drop(f.KeyPos.Line, h.subject()+", "+f.Key, "pre-commit's documentation does not know this key")
	}
}
