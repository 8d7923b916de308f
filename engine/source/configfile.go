package source

import (
	"errors"
	"fmt"
	"strings"
)

// configItem is one variable of a configuration file.
type configItem struct {
	section string // in small letters; with a subsection "section.Sub", whose letters stay
	key     string // in small letters
	value   string
	bare    bool // the key stands alone, which means true
}

// parseConfig reads git's configuration syntax (git-config(1), "Syntax") and
// lists the variables in their order.
func parseConfig(data string) ([]configItem, error) {
	if strings.ContainsRune(data, 0) {
		return nil, errors.New("it holds a NUL")
	}
	p := &configParser{text: strings.TrimPrefix(data, "\ufeff")}
	for !p.done() {
		switch c := p.next(); {
		case configSpace(c):
		case c == '#' || c == ';':
			p.comment()
		case c == '[':
			if !p.header() {
				return nil, p.fault("the name of a section")
			}
		case !isAlpha(c) || p.section == "":
			return nil, p.fault("a variable")
		default:
			if !p.variable(c) {
				return nil, p.fault("the value of a variable")
			}
		}
	}
	return p.items, nil
}

type configParser struct {
	text    string
	at      int
	section string
	items   []configItem
}

func (p *configParser) fault(what string) error {
	read := p.text[:min(p.at, len(p.text))]
	return fmt.Errorf("line %d: %s", 1+strings.Count(strings.TrimSuffix(read, "\n"), "\n"), what)
}

func (p *configParser) done() bool { return p.at >= len(p.text) }

// next returns the next byte: a line feed for CR LF, and at the end of the file.
func (p *configParser) next() byte {
	if strings.HasPrefix(p.text[min(p.at, len(p.text)):], "\r\n") {
		p.at++
	}
	p.at++
	if p.at > len(p.text) {
		return '\n'
	}
	return p.text[p.at-1]
}

func (p *configParser) comment() {
	for p.next() != '\n' {
	}
}

// header reads [section], [section.sub] or [section "sub"], behind the bracket.
func (p *configParser) header() bool {
	var name strings.Builder
	for {
		switch c := p.next(); {
		case p.at > len(p.text):
			return false
		case c == ']':
			p.section = name.String()
			return p.section != ""
		case configSpace(c):
			return p.subsection(c, &name)
		case !configKeyByte(c) && c != '.':
			return false
		default:
			name.WriteByte(lower(c))
		}
	}
}

// subsection reads a quoted name and the bracket behind it; c is the space before.
func (p *configParser) subsection(c byte, name *strings.Builder) bool {
	for configSpace(c) {
		if c == '\n' {
			return false
		}
		c = p.next()
	}
	if c != '"' {
		return false
	}
	name.WriteByte('.')
	for c = p.next(); c != '"'; c = p.next() {
		if c == '\\' {
			c = p.next()
		}
		if c == '\n' {
			return false
		}
		name.WriteByte(c)
	}
	p.section = name.String()
	return p.next() == ']'
}

// variable reads a variable, of whose name the first letter was read.
func (p *configParser) variable(c byte) bool {
	var key strings.Builder
	for ; configKeyByte(c); c = p.next() {
		key.WriteByte(lower(c))
	}
	for c == ' ' || c == '\t' {
		c = p.next()
	}
	item := configItem{section: p.section, key: key.String(), bare: c == '\n'}
	ok := item.bare
	if c == '=' {
		item.value, ok = p.value()
	}
	p.items = append(p.items, item)
	return ok
}

// value reads up to the end of the line, or of the last that continues it.
// Spaces around it do not count unless they are quoted.
func (p *configParser) value() (string, bool) {
	var b strings.Builder
	quoted, kept := false, 0 // kept is how much of b is more than spaces
	for {
		c := p.next()
		switch {
		case c == '\n':
			return b.String()[:kept], !quoted
		case configSpace(c) && !quoted:
			if b.Len() > 0 {
				b.WriteByte(c)
			}
			continue
		case (c == '#' || c == ';') && !quoted:
			p.comment()
			return b.String()[:kept], true
		case c == '"':
			quoted = !quoted
		case c == '\\':
			c = p.next()
			i := strings.IndexByte("\ntbn\\\"", c)
			if i < 0 {
				return "", false
			}
			if i > 0 { // but a continued line, which adds nothing
				b.WriteByte("\n\t\b\n\\\""[i])
			}
		default:
			b.WriteByte(c)
		}
		kept = b.Len()
	}
}

func configSpace(c byte) bool { return c == ' ' || c == '\t' || c == '\n' || c == '\r' }

func configKeyByte(c byte) bool { return isAlpha(c) || '0' <= c && c <= '9' || c == '-' }

func isAlpha(c byte) bool { return 'a' <= lower(c) && lower(c) <= 'z' }

// lower is for ASCII, as git's names are.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		c += 'a' - 'A'
	}
	return c
}
