package action

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/sethvargo/go-githubactions"
	"github.com/sot-validator/sot/engine/config"
)

// inputs are what the step's `with:` says. action.yml declares the same names,
// with the same defaults.
type inputs struct {
	config, base   string
	all            bool // files: all
	failOn         string
	workers        int
	rules, skip    []string
	suggest        bool // fix: suggest
	annotations    string
	summary        bool
	comment        string
	sarif          string
	cache          string
	cacheKeySuffix string
	matrix         string
	cacheSecret    string
	token          string
	timeout        time.Duration
	args           []string
	allowUntrusted bool
}

// inputNames are all inputs, in the order of the documentation.
var inputNames = [...]string{
	"config", "base", "files", "fail-on", "workers", "rules", "skip", "fix", "annotations", "summary", "comment",
	"sarif", "cache", "cache-key-suffix", "cache-secret", "matrix", "github-token", "timeout", "args", "allow-untrusted",
}

// UsageError are the mistakes in how the step was set up, all of them: exit code 2.
type UsageError struct{ Mistakes []string }

// Error returns one line a mistake.
func (e *UsageError) Error() string { return strings.Join(e.Mistakes, "\n") }

func usagef(format string, args ...any) *UsageError {
	return &UsageError{[]string{fmt.Sprintf(format, args...)}}
}

// inputReader reads inputs, and collects the mistakes.
type inputReader struct {
	act      *githubactions.Action
	mistakes []string
}

func (r *inputReader) mistake(name, format string, args ...any) {
	r.mistakes = append(r.mistakes, "input "+name+": "+fmt.Sprintf(format, args...))
}

// text returns an input; "" is the same as not given. A shell cannot set a name
// with a hyphen, so that outside of GitHub one with _ does as well.
func (r *inputReader) text(name string) string {
	v := r.act.GetInput(name)
	if v == "" && strings.Contains(name, "-") {
		v = r.act.GetInput(strings.ReplaceAll(name, "-", "_"))
	}
	return v
}

// choice returns an input that takes one of some words, the first of which is the
// default.
func (r *inputReader) choice(name string, words ...string) string {
	v := r.text(name)
	switch {
	case v == "":
		return words[0]
	case slices.Contains(words, v):
		return v
	}
	near := ""
	if n := config.Nearest(v, words); n != "" {
		near = fmt.Sprintf(" (did you mean %q?)", n)
	}
	r.mistake(name, "%q%s is none of %s", cut(v), near, strings.TrimPrefix(strings.Join(words, ", "), ", "))
	return words[0]
}

func (r *inputReader) truth(name string, without bool) bool {
	words := []string{"true", "false"}
	if !without {
		words = []string{"false", "true"}
	}
	return r.choice(name, words...) == "true"
}

// list returns an input that holds items by comma or newline.
func (r *inputReader) list(name string) (items []string) {
	for item := range strings.FieldsFuncSeq(r.text(name), func(c rune) bool { return c == ',' || c == '\n' }) {
		if item = strings.TrimSpace(item); item != "" {
			items = append(items, item)
		}
	}
	return items
}

// count returns an input that is a whole number from 1, or auto (0).
func (r *inputReader) count(name string) int {
	v := r.text(name)
	if v == "" || v == "auto" {
		return 0
	}
	n, err := strconv.Atoi(v)
	if err != nil || n < 1 || n > math.MaxInt32 {
		r.mistake(name, "%q is neither auto nor a whole number from 1", cut(v))
		return 0
	}
	return n
}

// duration returns an input that is a time above zero; 0 where it is not given.
func (r *inputReader) duration(name string) time.Duration {
	v := r.text(name)
	if v == "" {
		return 0
	}
	d, err := time.ParseDuration(v)
	if err != nil || d <= 0 {
		r.mistake(name, "%q is no duration above zero, such as 90s, 5m or 1h30m", cut(v))
		return 0
	}
	return d
}

// ref returns an input that names a commit, in a way that git takes for nothing
// else.
func (r *inputReader) ref(name string) string {
	v := r.text(name)
	if strings.HasPrefix(v, "-") || strings.ContainsFunc(v, func(c rune) bool { return c <= ' ' || c == 0x7f || strings.ContainsRune(":+?*[\\^~", c) }) {
		r.mistake(name, "%q is no branch, tag or commit, such as main or v1.2.0", cut(v))
		return ""
	}
	return v
}

// file returns an input that names a file to write: absolute, or inside the
// workspace.
func (r *inputReader) file(name string) string {
	v := r.text(name)
	if v != "" && !filepath.IsAbs(v) && (!filepath.IsLocal(filepath.FromSlash(v)) || filepath.Clean(v) == ".") {
		r.mistake(name, "%q leads out of the workspace; give a file in it, or an absolute path", cut(v))
		return ""
	}
	return v
}

// suffix returns an input that becomes part of a cache key.
func (r *inputReader) suffix(name string) string {
	v := r.text(name)
	if len(v) > 100 || strings.ContainsFunc(v, func(c rune) bool {
		return (c < 'a' || c > 'z') && (c < 'A' || c > 'Z') && (c < '0' || c > '9') && !strings.ContainsRune("._+@-", c)
	}) {
		r.mistake(name, "%q may hold letters, digits and any of . _ + @ -, at most 100 of them", cut(v))
		return ""
	}
	return v
}

// cut shortens what a message shows of a value.
func cut(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

// readInputs reads the inputs. The error is a *UsageError of all mistakes; the
// inputs are as good as they can be beside it.
func readInputs(act *githubactions.Action) (inputs, error) {
	r := &inputReader{act: act}
	in := inputs{
		config: r.text("config"), base: r.ref("base"),
		all:     r.choice("files", "changed", "all") == "all",
		failOn:  r.choice("fail-on", "", "error", "warning", "info", "never"),
		workers: r.count("workers"),
		rules:   r.list("rules"), skip: r.list("skip"),
		suggest:     r.choice("fix", "off", "suggest") == "suggest",
		annotations: r.choice("annotations", "auto", "checks", "commands", "off"),
		summary:     r.truth("summary", true),
		comment:     r.choice("comment", "off", "sticky"),
		sarif:       r.file("sarif"),
		cache:       r.choice("cache", "on", "read", "off"), cacheKeySuffix: r.suffix("cache-key-suffix"),
		matrix:      legOf(r.text("matrix")),
		cacheSecret: r.text("cache-secret"), token: r.text("github-token"),
		timeout:        r.duration("timeout"),
		allowUntrusted: r.truth("allow-untrusted", false),
	}
	var err error
	if in.args, err = words(r.text("args")); err != nil {
		r.mistake("args", "%v", err)
	}
	if in.all && in.base != "" {
		r.mistake("base", "it says what changed files are compared with, and files: all checks every file: use one of them")
	}
	if r.mistakes != nil {
		return in, &UsageError{r.mistakes}
	}
	return in, nil
}

// words splits a command line as a POSIX shell does, without anything that a
// shell does beyond: quotes group, a backslash takes the next character as it is.
func words(s string) (out []string, err error) {
	var word strings.Builder
	in, quote := false, rune(0)
	runes := []rune(s)
	for i := 0; i < len(runes); i++ {
		c := runes[i]
		switch {
		case quote == 0 && (c == ' ' || c == '\t' || c == '\n' || c == '\r'):
			if in {
				out = append(out, word.String())
				word.Reset()
			}
			in = false
			continue
		case quote == 0 && (c == '\'' || c == '"'):
			quote = c
		case c == quote:
			quote = 0
		case c == '\\' && quote != '\'' && runtime.GOOS != "windows":
			if i++; i == len(runes) {
				return nil, errors.New("a backslash at the end takes nothing; remove it")
			}
			word.WriteRune(runes[i])
		default:
			word.WriteRune(c)
		}
		in = true
	}
	if quote != 0 {
		return nil, fmt.Errorf("the quote %c is not closed", quote)
	}
	if in {
		out = append(out, word.String())
	}
	return out, nil
}

// strangers returns a note about the variables that look like a misspelt input.
// Others are no business of ours: a workflow may set what it likes, and GitHub
// itself warns of inputs that action.yml does not declare.
func strangers(environ []string) (notes []string) {
	known := inputNames[:]
	for _, kv := range environ {
		name, _, _ := strings.Cut(kv, "=")
		name, ours := strings.CutPrefix(name, "INPUT_")
		name = strings.ReplaceAll(strings.ToLower(name), "_", "-")
		if !ours || slices.Contains(known, name) {
			continue
		}
		if near := config.Nearest(name, known); near != "" {
			notes = append(notes, fmt.Sprintf("there is no input %q (did you mean %s?)", cut(name), near))
		}
	}
	slices.Sort(notes)
	return notes
}
