package hook

import (
	"path"
	"strings"
	"sync"
)

// commitArgs is what a `git commit` was asked that a hook must know and git does
// not tell it.
type commitArgs struct {
	amend   bool
	empty   bool   // --allow-empty
	cleanup string // the mode of --cleanup; "" where it was not given
}

// runningCommit reads the command line of the `git commit` that runs this hook,
// which is an ancestor of this process, where the system tells.
var runningCommit = sync.OnceValue(func() commitArgs {
	for args := range ancestors() {
		if c, ok := parseCommit(args); ok {
			return c
		}
	}
	return commitArgs{}
})

// mostAncestors is how far up is looked: shim, chained hooks, a framework.
const mostAncestors = 8

// valued are the options of git commit that take the next word.
var valued = map[string]bool{
	"-m": true, "--message": true, "-F": true, "--file": true, "-C": true, "--reuse-message": true, "-c": true, "--reedit-message": true,
	"-t": true, "--template": true, "--author": true, "--date": true, "--fixup": true, "--squash": true, "--trailer": true,
	"--pathspec-from-file": true, "--cleanup": true,
}

// parseCommit reads a command line; ok says that it is a git commit's.
func parseCommit(args []string) (c commitArgs, ok bool) {
	if len(args) == 0 {
		return c, false
	}
	name := strings.TrimSuffix(path.Base(strings.ReplaceAll(args[0], `\`, "/")), ".exe")
	if name == "git-commit" {
		return parseOptions(args[1:]), true
	}
	if name != "git" {
		return c, false
	}
	for i := 1; i < len(args); i++ {
		switch a := args[i]; {
		case a == "commit":
			return parseOptions(args[i+1:]), true
		case a == "-C" || a == "-c" || a == "--git-dir" || a == "--work-tree" || a == "--namespace" || a == "--exec-path" || a == "--config-env":
			i++
		case !strings.HasPrefix(a, "-"):
			return c, false // another command
		}
	}
	return c, false
}

// parseOptions reads what stands behind "commit". Git takes a long option's
// start for the whole, where it is the start of no other.
func parseOptions(args []string) (c commitArgs) {
	for i := 0; i < len(args); i++ {
		a := args[i]
		name, value, joined := strings.Cut(a, "=")
		switch {
		case a == "--":
			return c
		case shortens(a, "--amend", "--am"):
			c.amend = true
		case a == "--allow-empty":
			c.empty = true
		case a == "--no-amend":
			c.amend = false
		case shortens(name, "--cleanup", "--cl") && joined:
			c.cleanup = value
		case shortens(name, "--cleanup", "--cl") && i+1 < len(args):
			i++
			c.cleanup = args[i]
		case valued[a], len(a) > 2 && a[0] == '-' && a[1] != '-' && strings.ContainsRune("mFCct", rune(a[len(a)-1])) && isFlags(a[1:len(a)-1]):
			i++ // "-am" takes the next word as well
		}
	}
	return c
}

// shortens says whether a word is a long option or a start of it, at least the
// one that is the start of no other.
func shortens(word, option, least string) bool {
	return strings.HasPrefix(word, least) && strings.HasPrefix(option, word)
}

// isFlags says whether these are short options without a value.
func isFlags(s string) bool { return strings.Trim(s, "aeinopqsvz") == "" }
