package command

import (
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// newScript reads a command for a shell. The paths are never part of the text
// that the shell parses: {files} becomes "$@", and they are handed over as
// arguments, so that no name can be read as a command.
func newScript(v rule.Value, files string) (*template, []rule.Problem) {
	text := v.Scalar
	if strings.TrimSpace(text) == "" {
		return nil, []rule.Problem{v.Problemf("name a program", "the command is empty")}
	}
	marked := strings.Contains(text, filesMark)
	switch {
	case files == filesNone && marked:
		return nil, []rule.Problem{v.Problemf("drop it, or set files: many", "files: none gives no paths for %s", filesMark)}
	case files != filesNone && !marked && !usesArguments(text):
		return nil, []rule.Problem{v.Problemf("put {files} where the paths go, or set files: none", "the command has no %s", filesMark)}
	}
	for i := 0; ; i += len(filesMark) {
		n := strings.Index(text[i:], filesMark)
		if n < 0 {
			break
		}
		i += n
		if quoted(text[:i]) {
			return nil, []rule.Problem{v.Problemf(`take it out of the quotes, or write "$@"`, "%s stands in quotes", filesMark)}
		}
		if files == filesMany && !apart(text, i, i+len(filesMark)) {
			return nil, []rule.Problem{v.Problemf("make it a word of its own, or set files: each", "%s stands inside a word", filesMark)}
		}
	}
	label, _, _ := strings.Cut(strings.TrimSpace(text), "\n")
	return &template{script: strings.ReplaceAll(text, filesMark, `"$@"`), label: cut(label, 60)}, nil
}

// usesArguments says whether a script takes its arguments itself.
func usesArguments(s string) bool {
	return strings.Contains(s, "$@") || strings.Contains(s, "$*") || strings.Contains(s, "$1") || strings.Contains(s, "${1")
}

// quoted says whether the text ends inside quotes. It knows quotes and
// backslashes, not here-documents: for those there is "$@".
func quoted(s string) bool {
	quote := byte(0)
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '\\' && quote != '\'':
			i++
		case quote != 0 && c == quote:
			quote = 0
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		}
	}
	return quote != 0
}

// apart says whether text[from:to] is a word of its own.
func apart(text string, from, to int) bool {
	const breaks = " \t\r\n;|&()<>"
	return (from == 0 || strings.IndexByte(breaks, text[from-1]) >= 0) &&
		(to == len(text) || strings.IndexByte(breaks, text[to]) >= 0)
}
