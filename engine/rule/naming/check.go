package naming

import (
	"fmt"
	pathpkg "path"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// naming is what a rule asks of names.
type naming struct {
	of       string
	styles   []style // any of them; nil: no case is asked for
	pattern  *pattern
	each     *glob.Set // the directories that are judged; nil: each
	numbered bool      // the pattern's first group is a number of lo to hi
	lo, hi   int       // hi -1 is no bound

	ignoreNames, ignorePaths *glob.Set
}

// files judges the name of each file.
type files struct{ naming }

// Blind says that no content is needed.
func (files) Blind() {}

// CheckFile reports a file whose name is wrong.
func (c files) CheckFile(p *rule.Pass, f *rule.File) {
	base := f.Name()
	stem, ext := splitExt(base)
	judged := stem
	switch c.of {
	case "name":
		judged, ext = splitName(base)
	case "basename":
		judged = base
	case "path":
		judged = f.Path
	}
	if c.ignoreNames.Match(base) || c.ignoreNames.Match(judged) || c.ignorePaths.Match(f.Path) {
		return
	}
	var what string
	switch c.of {
	case "stem", "name":
		what = c.judgeStem(judged, ext)
	case "basename":
		what = c.judgeBase(base)
	case "path":
		for _, name := range strings.Split(f.Path, "/") {
			if what = c.judgeBase(name); what != "" {
				break
			}
		}
	}
	if what == "" {
		what = c.judgePattern(judged, f.Path)
	}
	if what != "" {
		p.File(f, "%s", what)
	}
}

// splitExt splits a name at its last dot; a dot in front hides a file and starts
// no extension.
func splitExt(base string) (stem, ext string) {
	if i := strings.LastIndexByte(base, '.'); i > 0 {
		return base[:i], base[i:]
	}
	return base, ""
}

// splitName splits a name at its first dot, but for one that hides a file.
func splitName(base string) (name, rest string) {
	if i := strings.IndexByte(base[min(1, len(base)):], '.'); i >= 0 {
		return base[:i+1], base[i+1:]
	}
	return base, ""
}

// judgeBase judges the case of a name with its extension, part by part.
func (n *naming) judgeBase(base string) string {
	stem, ext := splitExt(base)
	hidden, stem := splitHidden(stem)
	return n.judgeCase(name{hidden, strings.Split(stem, "."), ext, true})
}

// judgeStem judges the case of a name without its extension, as one word.
func (n *naming) judgeStem(stem, ext string) string {
	hidden, stem := splitHidden(stem)
	return n.judgeCase(name{hidden, []string{stem}, ext, false})
}

func splitHidden(stem string) (dot, rest string) {
	if strings.HasPrefix(stem, ".") {
		return ".", stem[1:]
	}
	return "", stem
}

// name is a name whose case is judged.
type name struct {
	hidden string   // "." or ""
	parts  []string // each must be in the case
	ext    string   // with its dot
	extToo bool     // the extension's letters are judged where a style is loose
}

func (n name) String() string { return n.hidden + strings.Join(n.parts, ".") + n.ext }

// judgeCase says what is wrong with the case, and what to do; "" where nothing is.
func (n *naming) judgeCase(is name) string {
	if len(n.styles) == 0 {
		return ""
	}
	var names, better []string
	for _, s := range n.styles {
		if s.holds(is) {
			return ""
		}
		names = append(names, s.name)
		if to := s.rename(is); to != "" {
			better = append(better, to)
		}
	}
	what := fmt.Sprintf("%q is not %s", is.String(), strings.Join(names, " or "))
	if len(better) == 0 {
		return what + ", rename it"
	}
	return what + ", rename to " + strings.Join(better, " or ")
}

func (s style) holds(n name) bool {
	for _, p := range n.parts {
		if !s.is(p) {
			return false
		}
	}
	return !s.loose || !n.extToo || s.is(n.ext)
}

// rename returns a name that holds; "" where none can be made.
func (s style) rename(n name) string {
	to := name{hidden: n.hidden, ext: n.ext}
	for _, p := range n.parts {
		p = s.convert(p)
		if p == "" {
			return ""
		}
		to.parts = append(to.parts, p)
	}
	if s.loose && n.extToo {
		to.ext = s.convert(n.ext)
	}
	return to.String()
}

// judgePattern says what is wrong with the judged name of what lies at a path,
// and what to do.
func (n *naming) judgePattern(judged, path string) string {
	if n.pattern == nil {
		return ""
	}
	re := n.pattern.at(path)
	m := re.FindStringSubmatch(judged)
	if m == nil {
		shown := re.String()
		if strings.Contains(shown, nothing) {
			shown = n.pattern.text
		}
		if base := pathpkg.Base(path); (n.of == "stem" || n.of == "name") && strings.Contains(shown, `\.`) && re.MatchString(base) {
			return fmt.Sprintf("%q does not match %s, and %q would: write of: basename", judged, shown, base)
		}
		return fmt.Sprintf("%q does not match %s, rename it", judged, shown)
	}
	if !n.numbered {
		return ""
	}
	num, err := strconv.Atoi(m[1])
	if err != nil || num < n.lo || (n.hi >= 0 && num > n.hi) {
		return fmt.Sprintf("the number %q of %q is not %s, renumber it", m[1], judged, n.bounds())
	}
	return ""
}
