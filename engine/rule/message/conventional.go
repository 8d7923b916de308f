package message

import (
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// usualTypes are those of the Angular convention, which Conventional Commits
// 1.0.0 recommends and most tools take for granted.
var usualTypes = []string{"build", "chore", "ci", "docs", "feat", "fix", "perf", "refactor", "revert", "style", "test"}

// conventional is the form type(scope)!: description.
type conventional struct {
	types, scopes []string // scopes nil: any
	requireScope  bool
}

// newConventional reads `conventional: true` or a mapping; nil where it is off.
func newConventional(v rule.Value) *conventional {
	if v.Kind != rule.Map {
		if !v.Bool(false) {
			return nil
		}
		return &conventional{types: usualTypes}
	}
	c := &conventional{types: v.Get("types").Strings(), scopes: v.Get("scopes").Strings(), requireScope: v.Get("require_scope").Bool(false)}
	if c.types == nil {
		c.types = usualTypes
	}
	return c
}

// header splits a subject: type, scope with its parentheses, "!", ":", space,
// description. It is looser than the form, so that what is wrong can be named.
var header = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([\pL\pN_-]+)\s*(\([^()]*\))?(!?)(:)(\s*)(.*)$`)
})

func (c *conventional) check(p *rule.Pass, m *rule.Message, line int, text string) {
	_, start := m.Line(line)
	c.checkHeader(text, func(from, to int, format string, args ...any) {
		p.Range(m.File, start+from, start+to, format, args...)
	})
	if next := line + 1; next <= m.Lines() && lineText(m, next) != "" {
		p.Line(m.File, next, "the subject and the body must be apart, leave this line empty")
	}
}

// checkHeader reports at byte offsets of the subject.
func (c *conventional) checkHeader(text string, bad func(from, to int, format string, args ...any)) {
	h := header().FindStringSubmatchIndex(text)
	if h == nil {
		bad(0, len(text), "the subject is not conventional, write it as type(scope): description, such as %q", c.example())
		return
	}
	part := func(i int) string {
		if h[2*i] < 0 {
			return ""
		}
		return text[h[2*i]:h[2*i+1]]
	}
	if name := part(1); !containsFold(c.types, name) {
		bad(h[2], h[3], "%q is no type, %s", name, instead(name, c.types))
	}
	switch scope := strings.Trim(part(2), "()"); {
	case part(2) == "" && c.requireScope:
		bad(h[2], h[3], "there is no scope, put one in parentheses behind the type")
	case part(2) != "" && strings.TrimSpace(scope) == "":
		bad(h[4], h[5], "the scope is empty, name one or remove the parentheses")
	case part(2) != "" && c.scopes != nil && !containsFold(c.scopes, scope):
		bad(h[4]+1, h[5]-1, "%q is no scope, %s", scope, instead(scope, c.scopes))
	}
	after := h[4]
	if after < 0 {
		after = h[6]
	}
	if h[3] < after {
		bad(h[3], after, "there is space behind the type, remove it")
	}
	switch {
	case part(6) == "":
		bad(0, len(text), "the description is missing, write it behind the colon")
	case part(5) == "":
		_, size := utf8.DecodeRuneInString(part(6))
		bad(h[12], h[12]+size, "a space is missing behind the colon, add it")
	}
}

func (c *conventional) example() string {
	kind := c.types[0]
	if slices.Contains(c.types, "fix") {
		kind = "fix"
	}
	switch {
	case c.scopes != nil:
		return kind + "(" + c.scopes[0] + "): accept tabs"
	case c.requireScope:
		return kind + "(parser): accept tabs"
	}
	return kind + ": accept tabs"
}

// containsFold compares in whatever case, as Conventional Commits demands.
func containsFold(list []string, s string) bool {
	return slices.ContainsFunc(list, func(x string) bool { return strings.EqualFold(x, s) })
}

// instead names the one word that shares its start with what was written
// ("feature" and feat), or all.
func instead(word string, known []string) string {
	word = strings.ToLower(word)
	for _, k := range known {
		low := strings.ToLower(k)
		if strings.HasPrefix(word, low) || strings.HasPrefix(low, word) || strings.HasSuffix(word, low) {
			return "did you mean \"" + k + "\"?"
		}
	}
	return "write one of " + strings.Join(known, ", ")
}
