package source

import (
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// settings are what of git's configuration changes how the worktree is seen
// (git-config(1), section core).
type settings struct {
	ignoreCase     bool
	fileMode       bool   // the executable bit of the worktree counts
	symlinks       bool   // links are links; else plain files that hold the target
	sparse         bool   // core.sparseCheckout
	precompose     bool   // the file system may spell names in another normal form
	autoCRLF       bool   // core.autocrlf is true or input
	attributesFile string // "" is the default
	excludesFile   string // "" is the default
}

// plainSettings are the defaults, and those of a folder outside of git.
var plainSettings = settings{fileMode: true, symlinks: true}

// settingsPattern matches the keys that set understands.
const settingsPattern = `^core\.(ignorecase|filemode|symlinks|sparsecheckout|precomposeunicode|autocrlf|attributesfile|excludesfile)$`

// set takes one key of the configuration, in small letters; later ones win.
// Bare says that the key stands without a value, which means true.
func (s *settings) set(key, value string, bare bool) {
	on := bare || gitBool(value)
	switch key {
	case "core.ignorecase":
		s.ignoreCase = on
	case "core.filemode":
		s.fileMode = on
	case "core.symlinks":
		s.symlinks = on
	case "core.sparsecheckout":
		s.sparse = on
	case "core.precomposeunicode":
		s.precompose = on
	case "core.autocrlf":
		s.autoCRLF = on || strings.EqualFold(value, "input")
	case "core.attributesfile":
		s.attributesFile = value
	case "core.excludesfile":
		s.excludesFile = value
	}
}

// gitBool reads a boolean as git does: true, yes, on, or a number but 0.
func gitBool(v string) bool {
	switch strings.ToLower(v) {
	case "", "false", "no", "off", "0":
		return false
	}
	return true
}

// mode is the mode of a worktree file of which the tracked mode (0 if none) and
// what the system shows are known.
func (s settings) mode(tracked, shown rule.Mode) rule.Mode {
	switch {
	case !s.symlinks && tracked == rule.ModeSymlink && shown.Regular():
		return tracked
	case !s.fileMode && tracked.Regular() && shown.Regular():
		return tracked
	case !s.fileMode && shown == rule.ModeExecutable:
		return rule.ModeFile
	}
	return shown
}

// parseSettings reads `git config -z --get-regexp`: key, line feed, value, NUL.
func parseSettings(out []byte) settings {
	s := plainSettings
	for item := range strings.SplitSeq(string(out), "\x00") {
		key, value, ok := strings.Cut(item, "\n")
		s.set(key, value, !ok)
	}
	return s
}
