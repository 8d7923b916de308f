package command

import (
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// filesMark stands where the paths go.
const filesMark = "{files}"

// What `files` can be.
const (
	filesMany = "many" // as many paths an invocation as fit
	filesEach = "each" // one path an invocation
	filesNone = "none" // the program finds its files itself
)

// template is a command line that waits for its paths.
type template struct {
	words []string // of the program alone; nil with a shell
	// script is what sh runs, with the paths as "$@"; "" without a shell.
	script string
	// label names the command in messages.
	label string
}

// newTemplate reads `run` or `fix`.
func newTemplate(v rule.Value, files string, shell bool) (*template, []rule.Problem) {
	if strings.IndexByte(v.Scalar, 0) >= 0 {
		return nil, []rule.Problem{v.Problemf("remove it", "the command holds a NUL byte")}
	}
	if hint := foreignMark(v.Scalar); hint != "" {
		return nil, []rule.Problem{v.Problemf("write {files}", "%s means nothing here", hint)}
	}
	if shell {
		return newScript(v, files)
	}
	return newWords(v, files)
}

// foreignMark finds the placeholders that other tools have.
func foreignMark(s string) string {
	for _, m := range []string{"{file}", "{staged_files}", "{push_files}", "{all_files}", "{filenames}"} {
		if strings.Contains(s, m) {
			return m
		}
	}
	return ""
}

func newWords(v rule.Value, files string) (*template, []rule.Problem) {
	words, err := splitWords(v.Scalar)
	if err != nil {
		return nil, []rule.Problem{v.Problemf("quote it, or set shell: true", "%s", err)}
	}
	if len(words) == 0 || words[0] == "" {
		return nil, []rule.Problem{v.Problemf("name a program", "the command is empty")}
	}
	if name, _, ok := strings.Cut(words[0], "="); ok && validName(name) {
		return nil, []rule.Problem{v.Problemf("set it under env:", "%q is no program", words[0])}
	}
	if strings.Contains(words[0], filesMark) {
		return nil, []rule.Problem{v.Problemf("name a program first", "%s cannot be the program", filesMark)}
	}
	if p, bad := placed(v, words, files); bad {
		return nil, []rule.Problem{p}
	}
	return &template{words: words, label: words[0]}, nil
}

// placed checks where {files} stands.
func placed(v rule.Value, words []string, files string) (rule.Problem, bool) {
	own, inside := 0, 0
	for _, w := range words {
		switch {
		case w == filesMark:
			own++
		case strings.Contains(w, filesMark):
			inside++
		}
	}
	switch {
	case files == filesNone && own+inside > 0:
		return v.Problemf("drop it, or set files: many", "files: none gives no paths for %s", filesMark), true
	case files != filesNone && own+inside == 0:
		return v.Problemf("put {files} where the paths go, or set files: none", "the command has no %s", filesMark), true
	case files == filesMany && inside > 0:
		return v.Problemf("make it a word of its own, or set files: each", "%s stands inside a word", filesMark), true
	case files == filesMany && own > 1:
		return v.Problemf("keep one", "%s stands there %d times", filesMark, own), true
	}
	return rule.Problem{}, false
}

// argv returns the command line over the arguments that stand for the paths.
func (t *template) argv(args []string) []string {
	if t.words == nil {
		return append([]string{"sh", "-c", t.script, "sh"}, args...)
	}
	out := make([]string, 0, len(t.words)+len(args))
	for _, w := range t.words {
		switch {
		case w == filesMark:
			out = append(out, args...)
		case len(args) == 1 && strings.Contains(w, filesMark):
			out = append(out, strings.ReplaceAll(w, filesMark, args[0]))
		default:
			out = append(out, w)
		}
	}
	return out
}

// fixed returns the cost of the command line without any path.
func (t *template) fixed(l limit) int {
	n := 0
	for _, a := range t.argv(nil) {
		n += l.cost(a)
	}
	return n
}

// validName says whether s can be the name of a variable.
func validName(s string) bool {
	return s != "" && !isDigit(s[0]) && !slices.ContainsFunc([]byte(s), func(c byte) bool {
		return c != '_' && !isLetter(c) && !isDigit(c)
	})
}
