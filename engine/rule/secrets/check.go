package secrets

import (
	"bytes"
	"fmt"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// check judges a file.
type check struct {
	allow         *glob.Set
	allowPatterns []*regexp.Regexp
	paths         []*pattern // that judge the path alone
	patterns      []*pattern
	finder        func() *finder
}

func newCheck(allow *glob.Set, allowPatterns []*regexp.Regexp, patterns []*pattern) *check {
	c := &check{allow: allow, allowPatterns: allowPatterns}
	for _, p := range patterns {
		if p.expr == "" {
			c.paths = append(c.paths, p)
			continue
		}
		c.patterns = append(c.patterns, p)
	}
	c.finder = sync.OnceValue(func() *finder { return newFinder(&builtin().allow, c.patterns) })
	return c
}

// CheckFile reports each secret in a file.
func (c *check) CheckFile(p *rule.Pass, f *rule.File) {
	if c.allow.Match(f.Path) {
		return
	}
	for _, pattern := range c.paths {
		if pattern.ofPath(f.Path) && !builtin().allow.allowsPath(f.Path) {
			p.Add(rule.Finding{Path: f.Path, Message: fmt.Sprintf(
				"is a file of secrets (%s): take it out of the repository and its history, and replace the keys in it", pattern.id)})
		}
	}
	if f.HasTag("binary") {
		return
	}
	found := c.finder().find(p.Context(), f.Path, f.Bytes())
	if fault := rule.RunContext(p.Context()); fault != nil {
		p.Fail(fault.Kind, "%s", fault.Message)
		return
	}
	found = slices.DeleteFunc(found, func(x secret) bool { return c.allowed(f.Bytes(), x) })
	for _, x := range found {
		p.Add(finding(f, x, found))
	}
}

// Explain says how much is looked for, and which patterns slow the rule down.
func (c *check) Explain() string {
	out := fmt.Sprintf("looks for %d kinds of secrets", len(c.patterns)+len(c.paths))
	for _, p := range c.patterns {
		if len(p.words)+len(p.keywords) == 0 {
			out += fmt.Sprintf("; %s holds no text that every match must hold, and has no keywords, so it runs over every file", p.id)
		}
	}
	return out
}

// allowed says whether a pattern of the rule matches the secret, or the text in
// which it was found.
func (c *check) allowed(data []byte, x secret) bool {
	return slices.ContainsFunc(c.allowPatterns, func(re *regexp.Regexp) bool {
		return re.Match(data[x.start:x.end]) || re.Match(data[x.from:x.to])
	})
}

// finding places one of the secrets of a file.
func finding(f *rule.File, x secret, all []secret) rule.Finding {
	line, column := f.Position(x.start)
	endLine, endColumn := f.Position(x.end)
	message := x.pattern.message
	if message == "" {
		message = "revoke it where it was issued, take it out of this file, and out of the history if it was committed"
	}
	what := "a secret"
	if x.encoded {
		what = "an encoded secret"
	}
	return rule.Finding{
		Path: f.Path, Line: line, Column: column, EndLine: endLine, EndColumn: endColumn,
		Secret: true, Hidden: string(f.Bytes()[x.start:x.end]),
		Message: fmt.Sprintf("holds %s (%s): %s", what, shown(x.pattern.id, f.Bytes()[x.start:x.end]), message),
		Text:    masked(f, line, all),
	}
}

// kept is how many of a secret's first characters may be shown: a sixth, and four
// at most.
func kept(secret []byte) int { return min(4, len(secret)/6) }

// shown names a secret in a message: its pattern, and how it begins where that
// says anything.
func shown(id string, secret []byte) string {
	head := string(secret[:kept(secret)])
	strange := func(r rune) bool { return r <= ' ' || r >= 0x7f }
	if strings.ContainsFunc(head, strange) || strings.Trim(head, "-") == "" {
		return id
	}
	return fmt.Sprintf("%s, %q", id, head+"…")
}

// masked is a line with an asterisk in the place of each further character of the
// secrets in it, so that columns stay what they are. A secret that stands there
// again is masked there too, whether or not a pattern sees it.
func masked(f *rule.File, line int, secrets []secret) string {
	text, at := f.Line(line)
	text = text[:min(len(text), rule.MaxLineText)]
	var hidden [rule.MaxLineText]bool
	hide := func(start, end int) {
		for i := max(0, start+kept(f.Bytes()[at+start:at+end])); i < min(end, len(text)); i++ {
			hidden[i] = true
		}
	}
	first, _ := slices.BinarySearchFunc(secrets, at+1, func(x secret, at int) int { return x.end - at })
	for _, x := range secrets[first:] {
		if x.start >= at+len(text) {
			break
		}
		hide(x.start-at, x.end-at)
		value := f.Bytes()[x.start:x.end]
		for i := max(0, x.end-at); ; {
			n := bytes.Index(text[min(i, len(text)):], value)
			if n < 0 {
				break
			}
			hide(i+n, i+n+len(value))
			i += n + len(value)
		}
	}
	var b strings.Builder
	for i, r := range string(text) {
		if hidden[i] {
			r = '*'
		}
		b.WriteRune(r)
	}
	return b.String()
}
