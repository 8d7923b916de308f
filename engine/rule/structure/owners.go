package structure

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"regexp"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// The rules are those of GitHub's documentation, "About code owners": the first
// file of these is the one; the last line that matches decides; a pattern is
// gitignore's but for "!", "[a-z]" and a "\" before "#"; a line that is not valid
// is skipped, a file over 3 MB is not read at all. Where the documentation is
// silent (a "*" at the end takes no folder, a "**" may stand for nothing),
// github.com/hmarr/codeowners was compared with.
var ownerFiles = []string{".github/CODEOWNERS", "CODEOWNERS", "docs/CODEOWNERS"}

const maxOwners = 3 << 20 // bytes

// owners is a CODEOWNERS file; file is "" where there is none.
type owners struct {
	file  string
	lines []ownerLine
	large bool
	// skipped is the first line that is not valid, and why; 0 where all are.
	skipped int
	why     string
}

// ownerLine is a valid line.
type ownerLine struct {
	pattern ownerPattern
	owned   bool // it names an owner, rather than take owners away
}

func readOwners(p *rule.Pass) (*owners, error) {
	for _, file := range ownerFiles {
		data, err := p.Repo().Read(p.Context(), file)
		if errors.Is(err, fs.ErrNotExist) {
			continue
		}
		if err != nil {
			return nil, err
		}
		o := parseOwners(data)
		o.file = file
		return o, nil
	}
	return &owners{}, nil
}

func parseOwners(data []byte) *owners {
	o := &owners{}
	if o.large = len(data) > maxOwners; o.large {
		return o
	}
	n := 0
	for line := range bytes.Lines(data) {
		n++
		text := strings.TrimSpace(string(line))
		if text == "" || text[0] == '#' {
			continue
		}
		l, why := parseOwnerLine(text)
		switch {
		case why == "":
			o.lines = append(o.lines, l)
		case o.skipped == 0:
			o.skipped, o.why = n, why
		}
	}
	return o
}

// validOwner matches @user, @organisation/team and an address.
var validOwner = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(@[A-Za-z0-9_-]+(/[A-Za-z0-9_.-]+)?|[^@\s]+@[^@\s]+\.[^@\s]+)$`)
})

// parseOwnerLine returns why a line is not valid; "" where it is.
func parseOwnerLine(text string) (ownerLine, string) {
	pattern, rest := cutPattern(text)
	switch {
	case strings.HasPrefix(pattern, "!"):
		return ownerLine{}, "! does not negate here"
	case strings.HasPrefix(pattern, `\#`):
		return ownerLine{}, `a pattern cannot begin with \#`
	case strings.Contains(pattern, "***"):
		return ownerLine{}, "*** is no wildcard"
	}
	l := ownerLine{pattern: newOwnerPattern(pattern)}
	for _, owner := range strings.Fields(rest) {
		if owner[0] == '#' {
			break
		}
		if !validOwner().MatchString(owner) {
			return ownerLine{}, owner + " is no owner"
		}
		l.owned = true
	}
	return l, ""
}

// cutPattern cuts a line behind its pattern, in which a backslash takes the
// next character, a blank, as it is.
func cutPattern(text string) (pattern, rest string) {
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case ' ', '\t':
			return text[:i], text[i:]
		}
	}
	return text, ""
}

// owner says whether a file has an owner: the last line that matches decides.
func (o *owners) owner(path string) bool {
	for i := len(o.lines) - 1; i >= 0; i-- {
		if o.lines[i].pattern.match(path) {
			return o.lines[i].owned
		}
	}
	return false
}

// judge reports the files without an owner, a directory in which no file has one
// once.
func (o *owners) judge(v view) []mistake {
	switch {
	case o.file == "":
		return []mistake{{path: v.dir, message: "no file has an owner: there is no CODEOWNERS in .github/, the root or docs/, add one"}}
	case o.large:
		return []mistake{{path: v.dir, message: fmt.Sprintf("no file has an owner: %s is over 3 MB, and GitHub does not read it, shorten it", o.file)}}
	}
	paths, all := o.orphans(v)
	if all && len(paths) > 0 && v.dir != "" {
		paths = []string{v.dir}
	}
	out := make([]mistake, len(paths))
	for i, path := range paths {
		what := fmt.Sprintf("%s has no owner in %s, add one", path, o.file)
		if o.skipped > 0 {
			what += fmt.Sprintf(" (line %d there is skipped: %s)", o.skipped, o.why)
		}
		out[i] = mistake{path: path, message: what}
	}
	return out
}

// orphans returns the files without an owner, and whether that is each of them;
// a directory whose files are all without stands for them.
func (o *owners) orphans(v view) (paths []string, all bool) {
	all = true
	v.children(func(c child) bool {
		var below []string
		var without bool
		switch {
		case !c.isDir():
			if without = !o.owner(c.path); without {
				below = []string{c.path}
			}
		case c.lo == c.hi: // a submodule, which is one entry for git
			if without = !o.owner(strings.TrimSuffix(c.path, "/")); without {
				below = []string{c.path}
			}
		default:
			if below, without = o.orphans(c.view); without {
				below = []string{c.path}
			}
		}
		paths, all = append(paths, below...), all && without
		return true
	})
	return paths, all
}

// ownerPattern is a pattern of CODEOWNERS, name by name. A name of "**" is any
// number of names.
type ownerPattern struct {
	names []string
	// below says that what lies below a match matches too; a "*" at the end takes
	// files alone.
	below bool
	// inside says that only what lies below a match does: the pattern ends in "/".
	inside bool
}

func newOwnerPattern(text string) ownerPattern {
	p := ownerPattern{}
	names := strings.Split(text, "/")
	switch {
	case text == "/":
		return ownerPattern{names: []string{""}} // nothing has an empty name
	case names[0] == "":
		names = names[1:]
	case (len(names) == 1 || len(names) == 2 && names[1] == "") && names[0] != "**":
		names = append([]string{"**"}, names...)
	}
	last := len(names) - 1
	if last > 0 && (names[last] == "" || names[last] == "**") {
		p.inside, names, last = true, names[:last], last-1
	}
	p.names = names
	p.below = !p.inside && names[last] != "*"
	return p
}

// match says whether the pattern takes the file at a path. It keeps the place of
// the last "**" alone, to which it goes back: a name behind a later one needs
// nothing of an earlier one.
func (p ownerPattern) match(path string) bool {
	at, n := 0, 0
	back, backN := -1, -1
	for {
		if n == len(p.names) {
			switch rest := at <= len(path); {
			case !rest && !p.inside, rest && (p.below || p.inside):
				return true
			}
		} else if p.names[n] == "**" {
			n++
			back, backN = at, n
			if n == len(p.names) {
				return !p.inside || at <= len(path)
			}
			continue
		} else if at <= len(path) {
			end := len(path)
			if i := strings.IndexByte(path[at:], '/'); i >= 0 {
				end = at + i
			}
			if matchName(p.names[n], path[at:end]) {
				at, n = end+1, n+1
				continue
			}
		}
		if back < 0 || back > len(path) {
			return false
		}
		i := strings.IndexByte(path[back:], '/')
		if i < 0 {
			return false
		}
		back += i + 1
		at, n = back, backN
	}
}

// matchName matches one name: "*" is any characters, "?" is one, and "\" takes
// the next as it is.
func matchName(pattern, name string) bool {
	if !strings.ContainsAny(pattern, `*?\`) {
		return pattern == name
	}
	if pattern == "*" {
		return name != ""
	}
	p, n := []rune(pattern), []rune(name)
	i, k, star, mark := 0, 0, -1, 0
	for k < len(n) {
		switch {
		case i < len(p) && p[i] == '*':
			star, mark = i, k
			i++
			continue
		case i < len(p) && p[i] == '?':
			i, k = i+1, k+1
			continue
		case i < len(p) && p[i] == '\\' && i+1 < len(p) && p[i+1] == n[k]:
			i, k = i+2, k+1
			continue
		case i < len(p) && p[i] != '\\' && p[i] == n[k]:
			i, k = i+1, k+1
			continue
		case star < 0:
			return false
		}
		mark++
		i, k = star+1, mark
	}
	for i < len(p) && p[i] == '*' {
		i++
	}
	return i == len(p)
}
