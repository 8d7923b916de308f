package actionsexpr

import (
	"slices"
	"strings"
)

// maxDepth is how deep an expression may nest, as on GitHub.
const maxDepth = 50

// Flows returns the names of the untrusted values that become part of what an
// expression gives, sorted. Roots are the contexts by their names in lower case.
// Ok is false where the text is no expression: GitHub then refuses the workflow.
func Flows(text string, roots map[string]*Context) (names []string, ok bool) {
	p := &parser{rest: text, roots: roots}
	p.next()
	v := p.or()
	if p.failed || p.token != "" {
		return nil, false
	}
	names = v.names()
	slices.Sort(names)
	return slices.Compact(names), true
}

// value is what may come out of a part of an expression.
type value struct {
	at []*Context // it is one of these
	// in are the names of what is somewhere in it.
	in []string
}

// names are the untrusted texts that the value, as a text, holds. What is an
// object is "Object" as a text.
func (v value) names() []string {
	out := slices.Clone(v.in)
	for _, c := range v.at {
		if c.leaf {
			out = append(out, c.Name)
		}
	}
	return out
}

// member is the value of v.name, or of v[0] and v.* where the name is "*".
func (v value) member(name string) value {
	out := value{in: v.in}
	for _, c := range v.at {
		if k := c.kids[strings.ToLower(name)]; k != nil {
			out.at = append(out.at, k)
		}
	}
	return out
}

// any is the value of v.* and of v[x], where x is not known.
func (v value) any() value {
	out := value{in: v.in}
	for _, c := range v.at {
		if c.leaf { // v.*.body[0]: an item of what the filter gave
			out.at = append(out.at, c)
		}
		for _, k := range c.kids {
			out.at = append(out.at, k)
		}
	}
	return out
}

// parser reads an expression by recursive descent; a value is all that it makes.
type parser struct {
	rest   string
	token  string // the one at hand; "" is the end. A string begins with a quote
	roots  map[string]*Context
	depth  int
	failed bool
}

// or is A || B: it gives either.
func (p *parser) or() value {
	if p.depth++; p.depth > maxDepth {
		p.failed = true
		return value{}
	}
	defer func() { p.depth-- }()
	v := p.and()
	for p.accept("||") {
		w := p.and()
		v.at, v.in = append(slices.Clip(v.at), w.at...), append(slices.Clip(v.in), w.in...)
	}
	return v
}

// and is A && B: it gives A only where that is empty, 0, false or null, and else B.
func (p *parser) and() value {
	v := p.compare()
	for p.accept("&&") {
		v = p.compare()
	}
	return v
}

// compare is A == B and its like: it gives true or false.
func (p *parser) compare() value {
	v := p.unary()
	for slices.Contains([]string{"==", "!=", "<", "<=", ">", ">="}, p.token) {
		p.next()
		p.unary()
		v = value{}
	}
	return v
}

func (p *parser) unary() value {
	if not := p.token == "!"; !not {
		return p.postfix()
	}
	for p.accept("!") {
	}
	p.postfix()
	return value{}
}

// postfix is a primary with what is taken out of it.
func (p *parser) postfix() value {
	v := p.primary()
	for !p.failed {
		switch {
		case p.accept("."):
			name := p.token
			p.next()
			switch {
			case name == "*":
				v = v.any()
			case isName(name):
				v = v.member(name)
			default:
				p.failed = true
			}
		case p.accept("["):
			v = p.index(v)
		default:
			return v
		}
	}
	return value{}
}

func (p *parser) index(v value) value {
	text, rest := p.token, p.rest
	if text == "*" {
		p.next()
		p.expect("]")
		return v.any()
	}
	p.or()
	literal := len(text) > 1 && text[0] == '\'' && p.token == "]" && strings.HasPrefix(strings.TrimLeft(rest, " \t\r\n"), "]")
	p.expect("]")
	if literal {
		return v.member(strings.ReplaceAll(text[1:len(text)-1], "''", "'"))
	}
	return v.any()
}

func (p *parser) primary() value {
	t := p.token
	switch {
	case p.accept("("):
		v := p.or()
		p.expect(")")
		return v
	case t == "":
		p.failed = true
	case isName(t):
		p.next()
		if p.accept("(") {
			return p.call(strings.ToLower(t))
		}
		if c := p.roots[strings.ToLower(t)]; c != nil {
			return value{at: []*Context{c}}
		}
	case t[0] == '\'' || isNumber(t):
		p.next()
	default:
		p.failed = true
	}
	return value{}
}

// call is a function's value, its name and bracket behind: all that its
// arguments hold, but where it is only true or false, or a hash.
func (p *parser) call(name string) value {
	var out value
	for !p.failed && p.token != ")" {
		v := p.or()
		switch name {
		case "contains", "startswith", "endswith", "hashfiles":
		case "tojson":
			for _, c := range v.at {
				if c.leaf || len(c.kids) > 0 {
					out.in = append(out.in, c.Name)
				}
			}
			out.in = append(out.in, v.in...)
		default:
			out.in = append(out.in, v.names()...)
		}
		if !p.accept(",") {
			break
		}
	}
	p.expect(")")
	return out
}

func (p *parser) accept(token string) bool {
	if p.token != token || p.failed {
		return false
	}
	p.next()
	return true
}

func (p *parser) expect(token string) {
	if !p.accept(token) {
		p.failed = true
	}
}

// next reads a token.
func (p *parser) next() {
	s := strings.TrimLeft(p.rest, " \t\r\n")
	n := length(s)
	if n < 0 {
		p.failed, n = true, len(s)
	}
	p.token, p.rest = s[:n], s[n:]
}

// length is that of the token that a text begins with; -1 where there is none.
func length(s string) int {
	switch {
	case s == "":
		return 0
	case s[0] == '\'':
		for i := 1; i < len(s); i++ {
			if s[i] != '\'' {
				continue
			}
			if i+1 == len(s) || s[i+1] != '\'' {
				return i + 1
			}
			i++
		}
		return -1
	case isWord(s[0]) && s[0] != '-' || (s[0] == '-' || s[0] == '+') && len(s) > 1 && isWord(s[1]):
		digit := !isName(s[:1])
		i := 1
		for i < len(s) && (isWord(s[i]) || digit && (s[i] == '.' || s[i] == '+')) {
			i++
		}
		return i
	}
	for _, op := range []string{"==", "!=", "<=", ">=", "&&", "||"} {
		if strings.HasPrefix(s, op) {
			return len(op)
		}
	}
	if strings.IndexByte("()[].,!<>*", s[0]) >= 0 {
		return 1
	}
	return -1
}

func isWord(c byte) bool {
	return c == '_' || c == '-' || '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
}

func isName(t string) bool {
	return t != "" && isWord(t[0]) && t[0] != '-' && (t[0] < '0' || t[0] > '9')
}

func isNumber(t string) bool {
	return '0' <= t[0] && t[0] <= '9' || (t[0] == '-' || t[0] == '+') && len(t) > 1 && isWord(t[1])
}
