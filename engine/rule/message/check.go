package message

import (
	"fmt"
	"regexp"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// check judges a message. It is immutable.
type check struct {
	conventional *conventional  // nil: not asked for
	pattern      *regexp.Regexp // nil: none
	text         string         // the pattern, as declared
	whole        bool           // the pattern is looked for in the whole message
	max          int            // code points of the subject; 0: any
	trailers     []string
	forbid       []forbidden
	generated    bool
}

type forbidden struct {
	expr *regexp.Regexp
	text string // as declared
	hint string
}

var _ rule.MessageCheck = (*check)(nil)

// CheckMessage reports what is wrong with a message. An empty one is git's to
// refuse.
func (c *check) CheckMessage(p *rule.Pass, m *rule.Message) {
	subject := firstLine(m)
	if subject == 0 {
		return
	}
	text := lineText(m, subject)
	if c.generated || !generated().MatchString(text) {
		c.checkSubject(p, m, subject, text)
		if c.pattern != nil && c.whole && !c.pattern.Match(m.Bytes()) {
			p.Line(m.File, subject, "the message must match %s, and does not", rule.Shown(c.text))
		}
		c.checkTrailers(p, m)
	}
	for _, x := range c.forbid {
		for _, at := range x.expr.FindAllIndex(m.Bytes(), -1) {
			if at[0] < at[1] {
				p.Range(m.File, at[0], at[1], "%s", x.what())
			}
		}
	}
}

func (x forbidden) what() string {
	if x.hint != "" {
		return x.hint
	}
	return fmt.Sprintf("%q is forbidden in commit messages, remove it", x.text)
}

// generated are the subjects that git and the forges write.
var generated = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^(Merge (branch|branches|remote-tracking branch|remote-tracking branches|tag|tags|commit|commits|pull request) |Revert "|Reapply "|fixup! |squash! |amend! )`)
})

func (c *check) checkSubject(p *rule.Pass, m *rule.Message, line int, text string) {
	if c.conventional != nil {
		c.conventional.check(p, m, line, text)
	}
	if c.pattern != nil && !c.whole && !c.pattern.MatchString(text) {
		p.Line(m.File, line, "the subject must match %s, and does not", rule.Shown(c.text))
	}
	if n := utf8.RuneCountInString(text); c.max > 0 && n > c.max {
		_, start := m.Line(line)
		p.Range(m.File, start+offset(text, c.max), start+len(text), "the subject has %d characters, %d are allowed, say it shorter or move it to the body", n, c.max)
	}
}

// offset returns where the code point n, from 0, starts. A byte that is no
// UTF-8 counts as one.
func offset(text string, n int) int {
	for i := range text {
		if n == 0 {
			return i
		}
		n--
	}
	return len(text)
}

// firstLine returns the number of the first line that is not empty, 0 where there is none.
func firstLine(m *rule.Message) int {
	for n := 1; n <= m.Lines(); n++ {
		if lineText(m, n) != "" {
			return n
		}
	}
	return 0
}

// lineText returns a line without the space at its end, which git removes.
func lineText(m *rule.Message, n int) string {
	text, _ := m.Line(n)
	return strings.TrimRight(string(text), " \t\r\v\f")
}
