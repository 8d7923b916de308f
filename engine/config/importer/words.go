package importer

import (
	"errors"
	"fmt"
	"regexp"
	"strings"
	"sync"
)

// shellWords splits a line as Python's shlex.split does: the words of a POSIX
// shell, where nothing is special but quotes, backslashes and white space.
func shellWords(s string) ([]string, error) {
	var words []string
	var w strings.Builder
	open, quote := false, byte(0)
	for i := 0; i < len(s); i++ {
		c := s[i]
		switch {
		case quote == '\'' && c != '\'' || quote == '"' && c != '"' && c != '\\':
			w.WriteByte(c)
		case quote != 0 && c == quote:
			quote = 0
		case c == '\\':
			if i++; i >= len(s) {
				return nil, errors.New("a backslash stands at its end")
			}
			if quote == '"' && s[i] != '"' && s[i] != '\\' {
				w.WriteByte('\\')
			}
			w.WriteByte(s[i])
			open = true
		case c == '\'' || c == '"':
			quote, open = c, true
		case c == ' ' || c == '\t' || c == '\n' || c == '\r':
			if open {
				words = append(words, w.String())
			}
			w.Reset()
			open = false
		default:
			w.WriteByte(c)
			open = true
		}
	}
	if quote != 0 {
		return nil, errors.New("a quote is not closed")
	}
	if open {
		words = append(words, w.String())
	}
	return words, nil
}

var safeWord = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`^[A-Za-z0-9_@%+=:,./^-]+$`) })

// quoted writes words so that a shell, and `run` of a command, read the same words.
func quoted(words []string) string {
	out := make([]string, len(words))
	for i, w := range words {
		if out[i] = w; !safeWord().MatchString(w) {
			out[i] = "'" + strings.ReplaceAll(w, "'", `'\''`) + "'"
		}
	}
	return strings.Join(out, " ")
}

// placeholders mean something in `run`, or are refused there.
var placeholders = []string{"{files}", "{file}", "{staged_files}", "{push_files}", "{all_files}", "{filenames}"}

// runnable says why words cannot be the command of a rule.
func runnable(words []string) error {
	if len(words) == 0 || words[0] == "" {
		return errors.New("its command is empty")
	}
	if name, _, ok := strings.Cut(words[0], "="); ok && !strings.Contains(name, "/") {
		return fmt.Errorf("%q is no program", words[0])
	}
	for _, w := range words {
		for _, p := range placeholders {
			if strings.Contains(w, p) {
				return fmt.Errorf("%s in a command means something else in sot.yaml", p)
			}
		}
	}
	return nil
}
