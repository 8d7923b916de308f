package importer

import (
	"errors"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// job carries over one job; the error is why it cannot be.
func (l *lefthook) job(j job, inherited *context) error {
	c := *inherited
	c.exclude, c.glob, c.env = slices.Clone(c.exclude), slices.Clone(c.glob), slices.Clone(c.env)
	if err := l.inherit(j, &c); err != nil {
		return err
	}
	l.line = j.line
	e := entry{line: j.line, id: j.name, stages: lefthookStages()[c.hook]}
	stage, err := l.jobKeys(j, &e, c.exceptTags)
	if err != nil {
		return err
	}
	if err := regular(e); err != nil {
		return err
	}
	if err := l.paths(&e, &c); err != nil {
		return err
	}
	if c.hook == "commit-msg" {
		if stage = false; c.root != "" || slices.Concat(e.files, e.exclude, e.types, e.exceptTypes) != nil {
			return errors.New("whether it runs is asked of the staged files, and a rule of the stage commit-msg has the message alone: leave its glob, exclude, root and file_types away")
		}
	}
	if e.body, err = l.body(j, &c, stage); err != nil {
		return err
	}
	e.needs = c.last
	l.add(e, c.hook+"-"+j.name)
	if c.piped {
		inherited.last = []string{l.doc.rules[len(l.doc.rules)-1].id}
	}
	return nil
}

// jobKeys carries over a job's plain keys, and says whether what it changes is
// staged.
func (l *lefthook) jobKeys(j job, e *entry, exceptTags []string) (stage bool, err error) {
	subject := j.name
	for _, f := range j.v.Fields {
		switch f.Key {
		case "run", "script", "runner", "name", "glob", "exclude", "root", "files", "env", "skip", "only", "priority", "group", "args":
			if f.Key == "args" && f.Value.Set() {
				return false, errors.New("args are the hook's own arguments, which rules do not get")
			}
		case "fail_text":
			e.description = comment(f.Value.Scalar)
		case "tags":
			for _, t := range scalars(f.Value) {
				for _, t := range strings.Fields(t) {
					if slices.Contains(exceptTags, t) {
						return false, fmt.Errorf("the hook leaves its tag %s out", comment(t))
					}
					e.tags = append(e.tags, identifier(t))
				}
			}
		case "file_types":
			if err := l.fileTypes(e, scalars(f.Value)); err != nil {
				return false, err
			}
		case "stage_fixed":
			stage = f.Value.Bool(false)
		case "interactive", "use_stdin", "follow":
			if f.Value.Bool(false) && f.Key != "follow" {
				return false, fmt.Errorf("%s: a rule's command has no terminal and an empty standard input", f.Key)
			}
		default:
			l.drop(f.KeyPos.Line, subject+", "+f.Key, "lefthook's documentation does not know this key")
		}
	}
	return stage, nil
}

func (l *lefthook) fileTypes(e *entry, types []string) error {
	for _, t := range types {
		switch t {
		case "text", "binary", "executable", "symlink":
			e.types = append(e.types, t)
		case "not executable":
			e.exceptTypes = append(e.exceptTypes, "executable")
		case "not symlink":
			e.exceptTypes = append(e.exceptTypes, "symlink")
		default:
			return fmt.Errorf("the file type %q is found by a database of contents that sot does not have: write a type such as python", t)
		}
	}
	return nil
}

// marks are lefthook's placeholders of files.
var marks = []string{"{staged_files}", "{push_files}", "{files}", "{all_files}"}

// body returns the kind command.
func (l *lefthook) body(j job, c *context, stage bool) (fields, error) {
	line, err := l.commandText(j, c)
	if err != nil {
		return nil, err
	}
	if rest, ok := withoutGitAdd(line); ok {
		line, stage = rest, true
	}
	line, takes, err := placed(line, c)
	if err != nil {
		return nil, err
	}
	var exports string
	var env fields
	for _, f := range c.env {
		v, _ := text(f.Value)
		if !variableName().MatchString(f.Key) {
			return nil, fmt.Errorf("%q is no variable's name", f.Key)
		}
		if strings.Contains(v, "$") { // lefthook expands it
			exports += "export " + f.Key + `="` + strings.NewReplacer(`\`, `\\`, `"`, `\"`, "`", "\\`").Replace(v) + "\"\n"
			continue
		}
		env.set(f.Key, v)
	}
	prelude := exports + c.prelude
	body, err := l.shaped(line, prelude, takes, stage)
	if err != nil {
		return nil, err
	}
	if c.hook == "commit-msg" && !takes { // it finds the message in the git directory, and a copy has none
		body.add("snapshot", "never")
	}
	body.add("dir", c.root)
	body.add("env", env)
	return fields{{"command", body}}, nil
}

// shaped returns run and fix.
func (l *lefthook) shaped(text, prelude string, takes, stage bool) (fields, error) {
	words, err := shellWords(text)
	if err == nil && prelude == "" && plainWords(text) {
		return l.words(words, takes, stage)
	}
	if takes && !unquotedFiles(text) {
		return nil, errors.New(`its placeholder of files stands inside quotes or a word, which sot.yaml does not allow: write "$@"`)
	}
	return l.script(prelude+text, takes, stage)
}

// script returns run and fix of a shell's text. What it changes and stages is
// not known: so it is judged, on a copy, by whether it changes anything.
func (l *lefthook) script(text string, takes, stage bool) (fields, error) {
	var body fields
	switch {
	case !takes:
		body = fields{{"run", text}, {"files", "none"}}
		if stage {
			l.unstaged(text)
		}
	case stage:
		body = fields{
			{"run", "before=$(cksum -- \"$@\")\n" + text + "\ncode=$?\ntest \"$before\" = \"$(cksum -- \"$@\")\" || exit 1\nexit \"$code\""},
			{"fix", text}, {"snapshot", "always"},
		}
		l.doc.fix = true
	default:
		body = fields{{"run", text}}
	}
	body.add("shell", true)
	return body, nil
}

func (l *lefthook) unstaged(text string) {
	l.note(Differs, l.line, "stage_fixed", "what `%s` changes is not staged, since it names no files: give a check in run and the change in fix", comment(head(text, 60)))
}

// words returns run and fix of a command without a shell.
func (l *lefthook) words(words []string, takes, stage bool) (fields, error) {
	var rest []string
	for _, w := range words {
		if w != "{files}" {
			rest = append(rest, w)
		}
	}
	if err := runnable(rest); err != nil {
		return nil, err
	}
	t, prefix, args := toolOf(rest)
	atEnd := takes && words[len(words)-1] == "{files}"
	if t != nil && stage && (atEnd || !takes) && t.changes(args) {
		own := t.called(prefix, selection{})
		own.whole = !takes
		l.doc.fix = true
		return own.body(args)
	}
	line := lineOf(words)
	if !stage {
		body := fields{{"run", line}}
		if !takes {
			body.add("files", "none")
		}
		return body, nil
	}
	if !takes {
		l.unstaged(line)
		return fields{{"run", line}, {"files", "none"}}, nil
	}
	return l.script(line, takes, stage)
}

// lineOf quotes words, and leaves the files as they are.
func lineOf(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; w != "{files}" {
			out[i] = quoted([]string{w})
		}
	}
	return strings.Join(out, " ")
}

// plainWords says whether a shell would do nothing with the text but split it.
func plainWords(s string) bool {
	words, err := shellWords(s)
	if err != nil || len(words) == 0 {
		return false
	}
	if name, _, ok := strings.Cut(words[0], "="); ok && !strings.Contains(name, "/") {
		return false
	}
	bare := strings.ReplaceAll(s, "{files}", "")
	if strings.ContainsAny(bare, "|&;<>()$`\\*?[]{}~!#\n\r") {
		return false
	}
	return !slices.Contains(shellBuiltins, words[0])
}

// shellBuiltins have no program that does the same.
var shellBuiltins = []string{".", ":", "cd", "export", "set", "source", "unset", "exit", "eval", "exec", "if", "for", "while", "case", "ulimit", "umask", "trap", "command"}

// commandText returns what is run, templates replaced.
func (l *lefthook) commandText(j job, c *context) (string, error) {
	text := strings.TrimSpace(j.run)
	if j.script != "" {
		if !local(j.script) {
			return "", fmt.Errorf("its script %q is not below %s", j.script, l.sourceDir)
		}
		file := path.Join(l.sourceDir, c.hook, j.script)
		if c.root != "" {
			return "", errors.New("scripts run at the root, and it has another")
		}
		if text = quoted([]string{"./" + file}); j.runner != "" {
			text = j.runner + " " + quoted([]string{file})
		}
		if c.files, c.glob = (rule.Value{}), nil; c.hook == "commit-msg" {
			text += " {1}" // lefthook hands scripts the hook's arguments
		}
	}
	if text == "" {
		return "", errors.New("it has nothing to run")
	}
	for _, t := range l.templates {
		text = strings.ReplaceAll(text, "{"+t.Key+"}", t.Value.Scalar)
	}
	text = strings.ReplaceAll(text, "{lefthook_job_name}", quoted([]string{j.name}))
	if strings.Contains(text, "{cmd}") {
		return "", errors.New("{cmd} stands for a command of another file")
	}
	if m := hookArgument().FindString(text); m != "" && (c.hook != "commit-msg" || m != "{0}" && m != "{1}") {
		return "", fmt.Errorf("%s is an argument of the hook, which rules do not get", m)
	}
	return text, nil
}

// gitAdd is what people write to stage what a command has changed.
var gitAdd = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`\s*(&&|;)\s*git add (-u|-A|--update|--all|\.|["']?\{(staged_files|files)\}["']?)\s*$`)
})

func withoutGitAdd(text string) (string, bool) {
	rest := gitAdd().ReplaceAllString(text, "")
	return rest, rest != text
}

var hookArgument = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\{[0-9]+\}`) })

var variableName = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`) })

// placed puts {files} in the place of lefthook's placeholders, and says whether
// there was one.
func placed(text string, c *context) (string, bool, error) {
	takes := false
	for _, m := range marks {
		if !strings.Contains(text, m) {
			continue
		}
		switch {
		case m == "{all_files}":
			return "", false, errors.New("a rule is given the files that are judged, and not all of them: drop {all_files} for a command that finds its files itself")
		case m == "{push_files}" && c.hook != "pre-push", m == "{staged_files}" && c.hook != "pre-commit":
			return "", false, fmt.Errorf("%s at %s are not the files that are judged there", m, c.hook)
		case m == "{files}" && !changedFiles(c.files.Str(""), c.hook):
			return "", false, fmt.Errorf("its files come from the command %q, and a rule is given those that are judged", head(c.files.Str(""), 60))
		}
		takes = true
		for _, q := range []string{`"`, `'`, ""} {
			text = strings.ReplaceAll(text, q+m+q, "\x00")
		}
	}
	if !takes && c.files.Str("") != "" && !changedFiles(c.files.Scalar, c.hook) {
		return "", false, fmt.Errorf("whether it runs is asked of the command %q", head(c.files.Scalar, 60))
	}
	if c.hook == "commit-msg" { // whose one argument is the message's file; {0} are all of them
		for _, m := range []string{`"{1}"`, `'{1}'`, "{1}", `"{0}"`, `'{0}'`, "{0}"} {
			takes = takes || strings.Contains(text, m)
			text = strings.ReplaceAll(text, m, "\x00")
		}
	}
	for _, p := range placeholders {
		if strings.Contains(text, p) {
			return "", false, fmt.Errorf("%s means something else in sot.yaml", p)
		}
	}
	return strings.ReplaceAll(text, "\x00", "{files}"), takes, nil
}

// changedFiles says whether a command lists the files that a hook judges anyway.
func changedFiles(command, hook string) bool {
	words := strings.Fields(command)
	if len(words) < 3 || words[0] != "git" || words[1] != "diff" {
		return false
	}
	staged := false
	for _, w := range words[2:] {
		switch {
		case w == "--cached" || w == "--staged":
			staged = true
		case w == "HEAD" && hook == "pre-push", w == "@{push}" && hook == "pre-push":
			staged = true
		case w == "--name-only" || strings.HasPrefix(w, "--diff-filter=") && !strings.Contains(w, "D"):
		default:
			return false
		}
	}
	return staged
}

// unquotedFiles says whether every {files} of a script is a word of its own.
func unquotedFiles(s string) bool {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case strings.HasPrefix(s[i:], "{files}"):
			before, after := i == 0 || strings.IndexByte(" \t\n;|&()<>", s[i-1]) >= 0, i+7 == len(s) || strings.IndexByte(" \t\n;|&()<>", s[i+7]) >= 0
			if quote != 0 || !before || !after {
				return false
			}
		case c == '\\' && quote != '\'':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		}
	}
	return true
}
