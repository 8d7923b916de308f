package use

import (
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

func checkIllegalWindowsNames() rule.Use {
	return rule.Use{
		ID:  "check-illegal-windows-names",
		Why: "A checkout on Windows stops at the first name that cannot be.",
		Doc: `Finds names that Windows cannot have.

A path is illegal where

- an element is a device's name, with or without an extension, in any case: CON, PRN, AUX,
  NUL, COM0 to COM9, LPT0 to LPT9 (superscript digits too);
- it holds one of ` + "`< > : \" \\ | ? *`" + ` or a control character;
- its last element, or a folder that is not at the root, ends in a dot or in white space.

Differs from pre-commit-hooks, where a rule with ` + "`files`" + ` of its own rejects each of those
files, whatever its name: here ` + "`files`" + ` only says which names to judge.
`,
		With: noOptions(),
		New:  func(rule.Value) (rule.Check, []rule.Problem) { return windowsNames{}, nil },
	}
}

// windowsNames is the check check-illegal-windows-names.
type windowsNames struct{}

// Blind says that the path is enough.
func (windowsNames) Blind() {}

// CheckFile reports the first thing that is wrong with the path.
func (windowsNames) CheckFile(p *rule.Pass, f *rule.File) {
	if why := illegalOnWindows(f.Path); why != "" {
		p.Path(f.Path, "%s, which Windows does not allow, rename it", why)
	}
}

// illegalOnWindows says what Windows cannot have in a path, "" where nothing.
func illegalOnWindows(path string) string {
	for i := range len(path) {
		if c := path[i]; c < 0x20 {
			return "the name holds a control character"
		} else if strings.IndexByte(`<>:"\|?*`, c) >= 0 {
			return "the name holds " + string(rune(c))
		}
	}
	first := true
	for rest := path; ; first = false {
		name, tail, more := strings.Cut(rest, "/")
		if isDevice(name) {
			return "the name " + name + " is a device's"
		}
		// The original's pattern asks for a slash in front of a folder; a
		// folder at the root therefore passes there, and does so here.
		if (!first || !more) && endsInDotOrSpace(name) {
			return "the name ends in a dot or in white space"
		}
		if !more {
			return ""
		}
		rest = tail
	}
}

// isDevice says whether a path's element is a device's name, before its first dot.
func isDevice(name string) bool {
	stem, _, _ := strings.Cut(name, ".")
	if len(stem) < 3 || len(stem) > 3+utf8.UTFMax {
		return false
	}
	for _, device := range [...]string{"CON", "PRN", "AUX", "NUL"} {
		if strings.EqualFold(stem, device) {
			return true
		}
	}
	if !strings.EqualFold(stem[:3], "COM") && !strings.EqualFold(stem[:3], "LPT") {
		return false
	}
	r, n := utf8.DecodeRuneInString(stem[3:])
	return n > 0 && n == len(stem)-3 && (unicode.IsDigit(r) || r == '¹' || r == '²' || r == '³')
}

func endsInDotOrSpace(name string) bool {
	r, _ := utf8.DecodeLastRuneInString(name)
	return r == '.' || unicode.IsSpace(r)
}
