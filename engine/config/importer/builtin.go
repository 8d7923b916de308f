package importer

import (
	"errors"
	"fmt"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// option is a command line option of one of pre-commit-hooks' checks.
type option struct {
	flag string
	key  string // of `with`
	kind optionKind
}

type optionKind uint8

const (
	isSet   optionKind = iota // the option alone
	isText                    // the last one counts
	isCount                   // a number
	isList                    // all count
	isRegex                   // Python patterns that become RE2
	isMaybe                   // a number or text
)

// check is a built-in check, as pre-commit-hooks has it.
type check struct {
	use     string // "": the id
	options []option
	files   string   // the manifest's pattern, where the check has one
	stages  []string // the manifest's
}

// onFiles are the stages of those checks that name any.
var onFiles = []string{"pre-commit", "pre-push", "manual"}

// checks are the checks that sot has natively, by their ids in pre-commit-hooks.
var checks = sync.OnceValue(func() map[string]check {
	return map[string]check{
		"check-added-large-files": {stages: onFiles, options: []option{
			{"--maxkb", "maxkb", isCount}, {"--enforce-all", "enforce_all", isSet}}},
		"check-byte-order-marker":              {use: "fix-byte-order-marker"},
		"check-case-conflict":                  {},
		"check-executables-have-shebangs":      {stages: onFiles},
		"check-illegal-windows-names":          {},
		"check-json":                           {},
		"check-merge-conflict":                 {options: []option{{"--assume-in-merge", "assume_in_merge", isSet}}},
		"check-shebang-scripts-are-executable": {stages: onFiles},
		"check-symlinks":                       {},
		"check-toml":                           {},
		"check-vcs-permalinks":                 {options: []option{{"--additional-github-domain", "additional_github_domain", isList}}},
		"check-xml":                            {},
		"check-yaml": {options: []option{
			{"-m", "allow_multiple_documents", isSet}, {"--multi", "allow_multiple_documents", isSet},
			{"--allow-multiple-documents", "allow_multiple_documents", isSet}, {"--unsafe", "unsafe", isSet}}},
		"destroyed-symlinks": {stages: onFiles},
		"detect-aws-credentials": {options: []option{
			{"--credentials-file", "credentials_file", isList}, {"--allow-missing-credentials", "allow_missing_credentials", isSet}}},
		"detect-private-key":    {},
		"end-of-file-fixer":     {stages: onFiles},
		"file-contents-sorter":  {files: "^$", options: []option{{"--ignore-case", "ignore_case", isSet}, {"--unique", "unique", isSet}}},
		"fix-byte-order-marker": {},
		"forbid-new-submodules": {},
		"forbid-submodules":     {},
		"mixed-line-ending":     {options: []option{{"-f", "fix", isText}, {"--fix", "fix", isText}}},
		"no-commit-to-branch": {options: []option{
			{"-b", "branch", isList}, {"--branch", "branch", isList}, {"-p", "pattern", isRegex}, {"--pattern", "pattern", isRegex}}},
		"pretty-format-json": {options: []option{
			{"--autofix", "autofix", isSet}, {"--indent", "indent", isMaybe}, {"--no-ensure-ascii", "no_ensure_ascii", isSet},
			{"--no-sort-keys", "no_sort_keys", isSet}, {"--top-keys", "top_keys", isText}}},
		"requirements-txt-fixer": {files: `(requirements|constraints).*\.txt$`},
		"sort-simple-yaml":       {files: "^$"},
		"trailing-whitespace": {stages: onFiles, options: []option{
			{"--markdown-linebreak-ext", "markdown_linebreak_ext", isList}, {"--chars", "chars", isText}}},
	}
})

// scripts are the hooks of pre-commit-hooks that need Python's own parser: the
// programs that the Python package installs.
var scripts = sync.OnceValue(func() map[string]tool {
	return map[string]tool{
		"check-ast":                 {program: "check-ast", types: []string{"python"}},
		"check-builtin-literals":    {program: "check-builtin-literals", types: []string{"python"}},
		"check-docstring-first":     {program: "check-docstring-first", types: []string{"python"}},
		"debug-statements":          {program: "debug-statement-hook", types: []string{"python"}},
		"double-quote-string-fixer": {program: "double-quote-string-fixer", types: []string{"python"}, rewrites: true},
		"fix-encoding-pragma":       {program: "fix-encoding-pragma", types: []string{"python"}, rewrites: true},
	}
})

// builtin carries over a hook of pre-commit-hooks, or of prek's own ones.
func (p *precommit) builtin(h *hook) error {
	if h.id == "name-tests-test" {
		return p.testNames(h)
	}
	if t, ok := scripts()[h.id]; ok {
		p.note(Differs, h.line, h.subject(), "it needs Python's parser, so it is a command: install it with `pip install pre-commit-hooks`")
		return p.command(h, &t)
	}
	c, ok := checks()[h.id]
	if !ok {
		return errors.New("sot has no such check, `sot explain use` lists those that it has")
	}
	with, err := c.with(h.args)
	if err != nil {
		return err
	}
	def := selection{files: c.files, stages: c.stages, always: h.id == "no-commit-to-branch"}
	if c.files != "" && p.files == nil && !h.v.Get("files").Set() {
		if def.files = ""; c.files == "^$" {
			return errors.New("it matches no file until its files are set")
		}
	}
	e, err := p.entryOf(h, def)
	if err == nil {
		err = p.ofFiles(h, &e)
	}
	if err != nil {
		return err
	}
	use := c.use
	if use == "" {
		use = h.id
	}
	e.body = fields{{"use", use}}
	e.body.add("with", with)
	if identifier(e.id) == use && !p.ids[use] && e.id == use {
		p.ids[use] = true
		e.id = "" // which is the check's name
		p.doc.rules = append(p.doc.rules, e)
		return nil
	}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

// with returns the options of the check.
func (c check) with(args []string) (fields, error) {
	var out fields
	lists := map[string][]string{}
	for i := 0; i < len(args); i++ {
		name, value, inline := strings.Cut(args[i], "=")
		if !strings.HasPrefix(name, "-") {
			return nil, fmt.Errorf("its argument %q is no option", args[i])
		}
		k := slices.IndexFunc(c.options, func(o option) bool { return o.flag == name })
		if k < 0 {
			return nil, fmt.Errorf("sot's check has no option for %s", name)
		}
		o := c.options[k]
		if o.kind == isSet {
			out.set(o.key, true)
			continue
		}
		if !inline {
			if i++; i >= len(args) {
				return nil, fmt.Errorf("%s has no value", name)
			}
			value = args[i]
		}
		v, err := o.value(value, lists)
		if err != nil {
			return nil, err
		}
		out.set(o.key, v)
	}
	return out, nil
}

// set gives a key its last value.
func (f *fields) set(key string, value any) {
	for i := range *f {
		if (*f)[i].key == key {
			(*f)[i].value = value
			return
		}
	}
	*f = append(*f, field{key, value})
}

func (o option) value(s string, lists map[string][]string) (any, error) {
	switch o.kind {
	case isCount:
		n, err := strconv.Atoi(s)
		if err != nil || n < 0 {
			return nil, fmt.Errorf("%s %q is no number", o.flag, s)
		}
		return n, nil
	case isMaybe:
		if n, err := strconv.Atoi(s); err == nil {
			return n, nil
		}
	case isRegex:
		pattern, err := newPyPattern(s)
		if err == nil && len(pattern.negative) > 0 {
			err = errLookaround
		}
		if err == nil {
			_, err = pattern.parse()
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", o.flag, err)
		}
		if s = pattern.text; pattern.ignoreCase {
			s = "(?i)" + s
		}
	}
	if o.kind == isList || o.kind == isRegex {
		lists[o.key] = append(lists[o.key], s)
		return slices.Clone(lists[o.key]), nil
	}
	return s, nil
}

// testNames carries over name-tests-test, whose pattern must match the beginning
// of a file's name.
func (p *precommit) testNames(h *hook) error {
	pattern := `.*_test\.py`
	for _, a := range h.args {
		switch a {
		case "--pytest":
			pattern = `.*_test\.py`
		case "--pytest-test-first":
			pattern = `test_.*\.py`
		case "--django", "--unittest":
			pattern = `test.*\.py`
		default:
			return fmt.Errorf("sot has no option for %s", a)
		}
	}
	e, err := p.entryOf(h, selection{files: `(^|/)tests/.+\.py$`, types: []string{"file"}})
	if err == nil {
		err = p.ofFiles(h, &e)
	}
	if err != nil {
		return err
	}
	e.body = fields{{"naming", fields{{"pattern", "^(" + pattern + `|__init__\.py$|conftest\.py$)`}, {"of", "basename"}}}}
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}

// A patternHook is a hook that looks for a pattern.
type patternHook struct {
	repo, id, pattern, message string
	types                      string
	whole                      bool // over line ends
}

// patternHooks are known hooks that look for a pattern. Those that look around
// are written here without, which says the same.
var patternHooks = []patternHook{
	{"pre-commit/pygrep-hooks", "python-check-blanket-noqa", `(?i)# noqa($|[^:\n]|:$|:[^ \n])`, "say which codes noqa is for", "python", false},
	{"pre-commit/pygrep-hooks", "python-check-blanket-type-ignore", `# type:? *ignore($|[^\[\w\n])`, "say which codes type: ignore is for", "python", false},
	{"pre-commit/pygrep-hooks", "python-no-eval", `\beval\(`, "do without eval()", "python", false},
	{"pre-commit/pygrep-hooks", "rst-directive-colons", `^[ \t\r\f\v]*\.\. [a-z]+:$`, "a directive ends in two colons", "rst", false},
	{"pre-commit/pygrep-hooks", "rst-inline-touching-normal", "\\w``\\w", "part inline code from the text", "rst", false},
	{"pre-commit/pygrep-hooks", "text-unicode-replacement-char", "\uFFFD", "remove the replacement character", "text", false},
	{"pre-commit/pygrep-hooks", "ts-no-debugger", `\bdebugger\b`, "remove debugger", "ts", false},
	{"pre-commit/pygrep-hooks", "ts-no-focus-ignore", `\b(?:fit|xit|fdescribe|xdescribe)[ \t\r\f\v]*\(`, "run all tests", "ts", false},
	{"lucas-c/pre-commit-hooks", "forbid-tabs", `\t`, "indent with blanks", "text", false},
	{"lucas-c/pre-commit-hooks", "forbid-crlf", `\r\n`, "end lines with LF", "text", true},
}

// patternHookOf finds the known hook that a hook is.
func patternHookOf(h *hook) (patternHook, bool) {
	i := slices.IndexFunc(patternHooks, func(k patternHook) bool {
		return k.id == h.id && strings.Contains(strings.ToLower(h.repo), k.repo)
	})
	if i < 0 {
		return patternHook{}, false
	}
	return patternHooks[i], true
}

// grep carries over a hook of the language pygrep.
func (p *precommit) grep(h *hook, pattern, message string, def selection) error {
	g, err := newGrep(pattern, h.args)
	if err != nil {
		return fmt.Errorf("its pattern: %w", err)
	}
	e, err := p.entryOf(h, def)
	ofMessage := false
	if err == nil {
		ofMessage, err = p.ofFilesOrMessage(h, &e)
	}
	if err != nil {
		return err
	}
	if e.types == nil && !ofMessage {
		e.types = []string{"file"} // of itself, the kind content takes text alone
	}
	if g.remark != "" {
		p.note(Differs, h.line, h.subject(), "%s", g.remark)
	}
	e.body = g.body(message)
	p.add(e, h.v.Get("alias").Scalar)
	return nil
}
