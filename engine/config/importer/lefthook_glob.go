package importer

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// paths carries over glob, exclude and root.
func (l *lefthook) paths(e *entry, c *context) error {
	match := []sequence{{pathToken}}
	for _, v := range c.glob {
		var some []sequence
		for _, g := range scalars(v) {
			if g == "" {
				continue
			}
			seqs, err := l.globSequences(g)
			if err != nil {
				return fmt.Errorf("its glob %q: %w", g, err)
			}
			some = append(some, seqs...)
			l.caseNote(v, g)
		}
		if some == nil {
			continue
		}
		var err error
		if match, err = meet(match, some); err != nil {
			return err
		}
	}
	if c.root != "" {
		var below sequence
		for _, r := range c.root + "/" {
			below = append(below, literal(r))
		}
		var err error
		if match, err = meet(match, []sequence{append(below, pathToken)}); err != nil {
			return err
		}
	}
	var except []sequence
	for _, v := range c.exclude {
		seqs, err := l.excluded(v)
		if err != nil {
			return fmt.Errorf("its exclude: %w", err)
		}
		except = append(except, seqs...)
	}
	return write(pathPattern{match: match}, pathPattern{match: except}, e)
}

// caseNote says once that case counts here.
func (l *lefthook) caseNote(v rule.Value, g string) {
	if l.ignored || strings.ToLower(g) == strings.ToUpper(g) {
		return
	}
	l.ignored = true
	l.note(Differs, v.Line, "glob", "lefthook takes capital and small letters as the same in glob; here they differ, so write [aA] where you need both")
}

// excluded reads exclude: globs, or one regular expression in lefthook 1.
func (l *lefthook) excluded(v rule.Value) ([]sequence, error) {
	if v.Kind == rule.List || l.major >= "2" {
		var out []sequence
		for _, g := range scalars(v) {
			seqs, err := l.globSequences(g)
			if err != nil {
				return nil, err
			}
			out = append(out, seqs...)
		}
		return out, nil
	}
	p, err := pathsOf(v.Scalar)
	if l.major == "1" {
		if err == nil && p.except != nil {
			err = errLookaround
		}
		return p.match, err
	}
	asGlob, errGlob := l.globSequences(v.Scalar)
	if err != nil || errGlob != nil || !slices.EqualFunc(p.match, asGlob, same) {
		return nil, errors.New("lefthook 1 reads it as a regular expression, and lefthook 2 as a glob: make it a list of globs, or set min_version")
	}
	return asGlob, nil
}

// globSequences reads a glob of lefthook's: in its usual language (gobwas, without
// separators) `*`, `**` and `?` cross slashes; with glob_matcher: doublestar they
// do not.
func (l *lefthook) globSequences(g string) ([]sequence, error) {
	p := &globParser{in: g, stars: l.doublestar}
	if p.stars && strings.HasSuffix(g, "/") {
		return nil, errors.New("it ends in a slash, as no file does")
	}
	seqs, err := p.alternatives(false)
	if err != nil {
		return nil, err
	}
	return tidied(seqs)
}

type globParser struct {
	in    string
	pos   int
	stars bool // doublestar's language
	depth int
}

// alternatives reads up to the end, or to the "}" that closes them.
func (p *globParser) alternatives(inBraces bool) ([]sequence, error) {
	const deepest = 20
	if p.depth++; p.depth > deepest {
		return nil, errors.New("its braces are nested too deep")
	}
	defer func() { p.depth-- }()
	var all []sequence
	current := []sequence{{}}
	for p.pos < len(p.in) {
		c := p.in[p.pos]
		if inBraces && (c == ',' || c == '}') {
			p.pos++
			all = append(all, current...)
			current = []sequence{{}}
			if c == '}' {
				return all, nil
			}
			continue
		}
		next, err := p.next(c)
		if err == nil {
			current, err = join(current, next)
		}
		if err != nil {
			return nil, err
		}
	}
	if inBraces {
		return nil, errors.New("a brace is not closed")
	}
	return current, nil
}

func (p *globParser) next(c byte) ([]sequence, error) {
	p.pos++
	one := func(t token) ([]sequence, error) { return []sequence{{t}}, nil }
	switch c {
	case '*':
		return p.star()
	case '?':
		if p.stars {
			return one(token{set: notSlash})
		}
		return one(token{set: anyRune})
	case '{':
		return p.alternatives(true)
	case '[':
		return p.class()
	case '/':
		if p.stars && p.in[p.pos:] == "**" { // the folder itself as well
			if p.pos > 1 && strings.IndexByte("*?]}", p.in[p.pos-2]) >= 0 {
				return nil, errors.New("doublestar is not of one mind about `/**` behind a wildcard: write `/**/*`")
			}
			p.pos = len(p.in)
			return []sequence{{}, {slash, pathToken}}, nil
		}
		return one(slash)
	case '\\':
		if p.pos >= len(p.in) {
			return nil, errors.New("a backslash stands at its end")
		}
	default:
		p.pos--
	}
	r, n := utf8.DecodeRuneInString(p.in[p.pos:])
	p.pos += n
	return one(literal(r))
}

// star reads `*` and `**`.
func (p *globParser) star() ([]sequence, error) {
	start := p.pos - 1
	for p.pos < len(p.in) && p.in[p.pos] == '*' {
		p.pos++
	}
	if !p.stars {
		return []sequence{{pathToken}}, nil
	}
	begins := start == 0 || p.in[start-1] == '/'
	ends := p.pos == len(p.in)
	switch {
	case p.pos-start == 1:
		return []sequence{{nameToken}}, nil
	case p.pos-start > 2 || !begins || !ends && p.in[p.pos] != '/':
		return nil, errors.New("its `**` is not alone between slashes")
	case ends:
		return []sequence{{pathToken}}, nil
	}
	p.pos++ // the slash: zero or more folders
	return []sequence{{}, {pathToken, slash}}, nil
}

// class reads "[a-z]" and "[!a-z]".
func (p *globParser) class() ([]sequence, error) {
	end := strings.IndexByte(p.in[p.pos:], ']')
	if end <= 0 {
		return nil, errors.New("a set is not closed")
	}
	inner := p.in[p.pos : p.pos+end]
	p.pos += end + 1
	not := inner[0] == '!' || inner[0] == '^' && p.stars
	if not {
		inner = inner[1:]
	}
	if strings.ContainsAny(inner, `\[`) || inner == "" {
		return nil, errors.New("its set is too odd")
	}
	var set runes
	rs := []rune(inner)
	for i := 0; i < len(rs); i++ {
		lo, hi := rs[i], rs[i]
		if i+2 < len(rs) && rs[i+1] == '-' {
			hi = rs[i+2]
			i += 2
		}
		if lo > hi {
			return nil, errors.New("a range of its set is empty")
		}
		set = set.union(runes{lo, hi})
	}
	if not && p.stars {
		return nil, errors.New("doublestar is not of one mind about slashes and [!...]: name the characters")
	}
	if not {
		set = set.complement() // "/" among them
	}
	return []sequence{{{set: set}}}, nil
}

func (s runes) union(t runes) runes {
	return s.complement().meet(t.complement()).complement()
}
