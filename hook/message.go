package hook

import (
	"bytes"
	"context"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/source"
)

// cleanup is what git will do to a message (git-commit(1), --cleanup).
type cleanup struct {
	comments string // what begins a comment; "" where comments stay
	scissors string // the line from which on all is dropped, with its line end; "" where none is
}

const cutLine = " ------------------------ >8 ------------------------\n"

// cleanupOf asks the configuration, the hook's environment, and the command line
// of the git that runs it. Git strips comments only of what an editor was open
// for; without one it sets GIT_EDITOR=: for the hook (run_commit_hook in commit.c).
func cleanupOf(ctx context.Context, s source.Options, raw []byte) (cleanup, error) {
	out, err := git{dir: s.Dir, env: s.Env}.run(ctx, "config", "--null", "--get-regexp", `^(commit\.cleanup|core\.comment(char|string))$`)
	if err != nil && !ended(err, 1) {
		return cleanup{}, err
	}
	mode, comment := "", "#"
	for kv := range strings.SplitSeq(out, "\x00") {
		key, value, _ := strings.Cut(kv, "\n")
		switch {
		case key == "commit.cleanup":
			mode = value
		case strings.HasPrefix(key, "core.comment") && value != "":
			comment = value
		}
	}
	if given := runningCommit().cleanup; given != "" {
		mode = given
	}
	editor := getenv(s.Env, "GIT_EDITOR") != ":"
	if strings.EqualFold(comment, "auto") {
		comment = autoComment(raw, editor)
	}
	return newCleanup(mode, comment, editor), nil
}

// newCleanup is get_cleanup_mode of git's sequencer.c. Whether --verbose was
// given, which cuts at the scissors too, cannot be known; but who has an editor
// open on a message with git's own scissors line had them put there by git.
func newCleanup(mode, comment string, editor bool) cleanup {
	scissors := comment + cutLine
	switch {
	case mode == "strip":
		if !editor {
			scissors = ""
		}
		return cleanup{comment, scissors}
	case !editor:
		return cleanup{} // white space alone, or verbatim
	case mode == "whitespace", mode == "verbatim", mode == "scissors":
		return cleanup{"", scissors}
	}
	return cleanup{comment, scissors}
}

// autoChars are the characters that git chooses from, in this order.
const autoChars = "#;@!$%^&|:"

// autoComment is the character that git chose under core.commentChar=auto: the
// first that began no line of the message before the editor
// (adjust_comment_line_char in commit.c). Where there was one, it begins the
// lines which git added below.
func autoComment(raw []byte, editor bool) string {
	if m := anyScissors().FindSubmatch(raw); m != nil && editor {
		return string(m[1])
	}
	lines := bytes.FieldsFunc(raw, func(r rune) bool { return r == '\n' || r == '\r' })
	if editor && len(lines) > 0 {
		if last := lines[len(lines)-1]; strings.IndexByte(autoChars, last[0]) >= 0 {
			return string(last[:1])
		}
	}
	if bytes.IndexByte(raw, '#') < 0 {
		return "#"
	}
	for _, c := range autoChars {
		if !slices.ContainsFunc(lines, func(l []byte) bool { return l[0] == byte(c) }) {
			return string(c)
		}
	}
	return "#"
}

var anyScissors = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`(?m)^([#;@!$%^&|:]) -{24} >8 -{24}$`)
})

// clean returns the message with the lines that git drops emptied, and which
// these are. Line ends stay, so that lines keep their numbers.
func (c cleanup) clean(raw []byte) (text []byte, drops []bool) {
	cut := false
	for line := range bytes.Lines(raw) {
		cut = cut || c.scissors != "" && string(line) == c.scissors
		drop := cut || c.comments != "" && bytes.HasPrefix(line, []byte(c.comments))
		drops = append(drops, drop)
		switch {
		case !drop:
			text = append(text, line...)
		case bytes.HasSuffix(line, []byte("\n")):
			text = append(text, '\n')
		}
	}
	return text, drops
}
