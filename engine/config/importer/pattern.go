package importer

import (
	"errors"
	"fmt"
	"regexp/syntax"
	"strings"
)

// pyPattern is a regular expression of Python's re module in Go's syntax.
type pyPattern struct {
	text               string // without the flags in front of it
	ignoreCase, dotAll bool
	multiline          bool
	negative           []string // what ^(?!...) in front forbids
}

var (
	errLookaround    = errors.New("it looks around (a group that begins with ?=, ?!, ?<= or ?<!), which RE2 and globs cannot")
	errBackreference = errors.New("it refers back to a group, which RE2 and globs cannot")
)

// newPyPattern reads a pattern (re, section "Regular Expression Syntax"). What
// RE2 lacks, and what means something else there, is an error.
func newPyPattern(s string) (pyPattern, error) {
	var p pyPattern
	s, verbose, err := p.flags(s)
	if err != nil {
		return p, err
	}
	t := &translator{in: s, verbose: verbose}
	if err := t.leading(&p); err != nil {
		return p, err
	}
	if err := t.all(); err != nil {
		return p, err
	}
	p.text = t.out.String()
	if len(p.negative) > 0 {
		if t.split {
			return p, errLookaround // it speaks of the first alternative alone
		}
		p.text = "^" + p.text
	}
	return p, nil
}

// flags takes the flags of the whole pattern, such as (?xi), from its front.
func (p *pyPattern) flags(s string) (rest string, verbose bool, err error) {
	for {
		end := strings.IndexByte(s, ')')
		if !strings.HasPrefix(s, "(?") || end < 3 || strings.Trim(s[2:end], "aiLmsux") != "" {
			return s, verbose, nil
		}
		for _, f := range s[2:end] {
			switch f {
			case 'i':
				p.ignoreCase = true
			case 's':
				p.dotAll = true
			case 'm':
				p.multiline = true
			case 'x':
				verbose = true
			case 'L':
				return s, verbose, errors.New("its flag L depends on the machine's locale")
			}
		}
		s = s[end+1:]
	}
}

// parse returns the syntax tree, where ^ and $ stand for the ends of the text.
func (p *pyPattern) parse() (*syntax.Regexp, error) { return p.parseAs(syntax.Perl) }

func (p *pyPattern) parseAs(flags syntax.Flags) (*syntax.Regexp, error) {
	if p.ignoreCase {
		flags |= syntax.FoldCase
	}
	if p.dotAll {
		flags |= syntax.DotNL
	}
	re, err := syntax.Parse(p.text, flags)
	if err != nil {
		return nil, errors.New(strings.TrimPrefix(err.Error(), "error parsing regexp: "))
	}
	return re, nil
}

// translator writes a pattern again in Go's syntax.
type translator struct {
	in      string
	pos     int
	verbose bool
	out     strings.Builder
	depth   int
	split   bool // there is a "|" outside of all groups
}

// leading takes "^(?!...)" from the front: the only look-around that can be said
// otherwise.
func (t *translator) leading(p *pyPattern) error {
	start := t.pos
	t.space()
	if !strings.HasPrefix(t.in[t.pos:], "^") {
		t.pos = start
		return nil
	}
	t.pos++
	t.space()
	for strings.HasPrefix(t.in[t.pos:], "(?!") {
		end := groupEnd(t.in, t.pos)
		if end < 0 {
			return errors.New("a group is not closed")
		}
		inner := &translator{in: t.in[t.pos+3 : end], verbose: t.verbose}
		if err := inner.all(); err != nil {
			return err
		}
		p.negative = append(p.negative, inner.out.String())
		t.pos = end + 1
		t.space()
	}
	if len(p.negative) == 0 {
		t.pos = start
	}
	return nil
}

// groupEnd returns the offset of the ")" of the group that opens at i, or -1.
func groupEnd(s string, i int) int {
	depth := 0
	for ; i < len(s); i++ {
		switch s[i] {
		case '\\':
			i++
		case '[':
			if i = classEnd(s, i); i < 0 {
				return -1
			}
		case '(':
			depth++
		case ')':
			if depth--; depth == 0 {
				return i
			}
		}
	}
	return -1
}

// classEnd returns the offset of the "]" of the class that opens at i, or -1.
func classEnd(s string, i int) int {
	i++
	if i < len(s) && s[i] == '^' {
		i++
	}
	for first := true; i < len(s); i, first = i+1, false {
		switch {
		case s[i] == '\\':
			i++
		case s[i] == ']' && !first:
			return i
		}
	}
	return -1
}

// space passes over white space and comments of a verbose pattern.
func (t *translator) space() {
	for t.verbose && t.pos < len(t.in) {
		switch c := t.in[t.pos]; {
		case c == '#':
			n := strings.IndexByte(t.in[t.pos:], '\n')
			if n < 0 {
				n = len(t.in) - t.pos
			}
			t.pos += n
		case strings.IndexByte(" \t\n\r\f\v", c) >= 0:
			t.pos++
		default:
			return
		}
	}
}

func (t *translator) all() error {
	for {
		t.space()
		if t.pos >= len(t.in) {
			return nil
		}
		if err := t.next(); err != nil {
			return err
		}
	}
}

// next writes one element.
func (t *translator) next() error {
	c := t.in[t.pos]
	t.split = t.split || c == '|' && t.depth == 0
	switch c {
	case '\\':
		return t.escape()
	case '[':
		return t.class()
	case '(':
		t.depth++
		return t.group()
	case ')':
		t.depth--
	case '{':
		if strings.HasPrefix(t.in[t.pos:], "{,") { // RE2 takes it literally
			t.out.WriteString("{0")
			t.pos++
			return nil
		}
	case '*', '+', '?', '}':
		if n := t.pos + 1; n < len(t.in) && t.in[n] == '+' && c != '}' {
			return errors.New("it repeats possessively, which RE2 cannot")
		}
	}
	t.out.WriteByte(c)
	t.pos++
	return nil
}

func (t *translator) group() error {
	rest := t.in[t.pos:]
	switch {
	case strings.HasPrefix(rest, "(?=") || strings.HasPrefix(rest, "(?!") || strings.HasPrefix(rest, "(?<=") || strings.HasPrefix(rest, "(?<!"):
		return errLookaround
	case strings.HasPrefix(rest, "(?P=") || strings.HasPrefix(rest, "(?("):
		return errBackreference
	case strings.HasPrefix(rest, "(?#"):
		n := strings.IndexByte(rest, ')')
		if n < 0 {
			return errors.New("a comment is not closed")
		}
		t.depth--
		t.pos += n + 1
		return nil
	case strings.HasPrefix(rest, "(?:") || strings.HasPrefix(rest, "(?P<"):
		n := 2 + strings.IndexAny(rest[2:], ":>")
		t.out.WriteString(rest[:n+1])
		t.pos += n + 1
		return nil
	case strings.HasPrefix(rest, "(?"):
		n := strings.IndexAny(rest, ":)")
		if n > 2 && rest[n] == ':' && strings.Trim(rest[2:n], "ims-") == "" {
			t.out.WriteString(rest[:n+1])
			t.pos += n + 1
			return nil
		}
		return errors.New("it has a group that RE2 does not know (" + head(rest, 4) + ")")
	}
	t.out.WriteByte('(')
	t.pos++
	return nil
}

func head(s string, n int) string { return s[:min(n, len(s))] }

// escape writes a backslash and what follows it.
func (t *translator) escape() error {
	if t.pos+1 >= len(t.in) {
		return errors.New("a backslash stands at its end")
	}
	c := t.in[t.pos+1]
	t.pos += 2
	switch {
	case c == 'Z':
		t.out.WriteString(`\z`)
	case '1' <= c && c <= '9':
		return errBackreference
	case c == 'u' && t.pos+4 <= len(t.in):
		t.out.WriteString(`\x{` + t.in[t.pos:t.pos+4] + "}")
		t.pos += 4
	case c == '\n' || c >= 0x80:
		if c == '\n' {
			t.out.WriteString(`\n`)
		} else {
			t.out.WriteByte(c)
		}
	case c == 'Q' || c == 'E' || c == 'p' || c == 'P' || c == 'C' || c == 'z' || c == 'N' || c == 'U':
		return fmt.Errorf(`\%c means nothing, or something else, in RE2`, c)
	default:
		t.out.WriteByte('\\')
		t.out.WriteByte(c)
	}
	return nil
}

// class copies a set of characters, which are the same in both but for what
// begins another set.
func (t *translator) class() error {
	end := classEnd(t.in, t.pos)
	if end < 0 {
		return errors.New("a set of characters is not closed")
	}
	inner := t.in[t.pos+1 : end]
	t.out.WriteByte('[')
	for i := 0; i < len(inner); i++ {
		switch {
		case inner[i] == '[':
			t.out.WriteString(`\[`) // "[:" would begin a class of POSIX
		case inner[i] == '\\' && i+1 < len(inner):
			if c := inner[i+1]; c == 'b' {
				t.out.WriteString(`\x08`)
			} else if c >= 0x80 {
				t.out.WriteByte(c)
			} else if '1' <= c && c <= '9' || strings.IndexByte("pPQEuUN", c) >= 0 {
				return fmt.Errorf(`\%c in a set of characters is not carried over`, c)
			} else {
				t.out.WriteString(inner[i : i+2])
			}
			i++
		default:
			t.out.WriteByte(inner[i])
		}
	}
	t.out.WriteByte(']')
	t.pos = end + 1
	return nil
}
