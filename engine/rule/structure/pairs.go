package structure

import (
	"fmt"
	"regexp"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// pair asks for a partner of each of some files: the first `*` of has stands for
// what the first `*` of `of` matched, the second for the second, and likewise
// `**` for `**`.
type pair struct {
	of, has pattern
	both    bool
	ignore  ignore
}

// pattern is a glob whose wildcards are told apart.
type pattern struct {
	target
	forms []form // one an alternative
}

// form is one alternative of a pattern.
type form struct {
	expr  *regexp.Regexp // with a group for each wildcard
	parts []string       // literal text, "*", or "**/" for any number of directories
}

// The wildcards, as parts spell them.
const (
	star = "*"
	deep = "**/"
)

func pairShape(one rule.Shape) rule.Shape {
	return rule.Object("Files that must have a partner.",
		rule.Key{Name: "of", Required: true, Shape: one},
		rule.Key{Name: "has", Required: true, Shape: rule.Fmt(rule.FormatGlob,
			"The partner's path; its wildcards stand for what those of `of` matched.")},
		rule.Key{Name: "both", Shape: rule.Boolean("A file that `has` matches needs its partner as well.")},
		rule.Key{Name: "ignore", Shape: ignoreShape()},
	)
}

func (b *builder) pairs(v rule.Value) []pair {
	var out []pair
	for _, it := range items(v) {
		p := pair{both: it.Get("both").Bool(false), ignore: b.ignore(it.Get("ignore"))}
		var of, has bool
		p.of, of = b.pattern(it.Get("of"))
		p.has, has = b.pattern(it.Get("has"))
		if of && has && b.fit(it, p) {
			out = append(out, p)
		}
	}
	return out
}

// pattern compiles a glob of a pair.
func (b *builder) pattern(v rule.Value) (pattern, bool) {
	t, ok := b.glob(v, false)
	if !ok {
		return pattern{}, false
	}
	p := pattern{target: t}
	alts, _ := glob.Braces(v.Scalar) // b.glob has checked it
	for _, a := range alts {
		f, ok := newForm(a)
		if !ok {
			b.bad(v, "write it with *, **/ and {a,b}, and with a name at its end", "a pair cannot take %q apart", v.Scalar)
			return p, false
		}
		p.forms = append(p.forms, f)
	}
	return p, true
}

func newForm(pattern string) (form, bool) {
	if strings.ContainsAny(pattern, `?[\`) || pattern == "**" || strings.HasSuffix(pattern, "/**") {
		return form{}, false
	}
	f := form{}
	var expr strings.Builder
	for rest := pattern; rest != ""; {
		atStart := len(f.parts) == 0 || strings.HasSuffix(f.parts[len(f.parts)-1], "/")
		switch i := strings.IndexByte(rest, '*'); {
		case i != 0:
			if i < 0 {
				i = len(rest)
			}
			f.parts = append(f.parts, rest[:i])
			expr.WriteString(regexp.QuoteMeta(rest[:i]))
			rest = rest[i:]
		case atStart && strings.HasPrefix(rest, deep):
			f.parts = append(f.parts, deep)
			expr.WriteString("((?:[^/]+/)*)")
			rest = rest[len(deep):]
		case strings.HasPrefix(rest, "**"):
			return form{}, false
		default:
			f.parts = append(f.parts, star)
			expr.WriteString("([^/]*)")
			rest = rest[1:]
		}
	}
	var err error
	f.expr, err = regexp.Compile(`(?s)\A` + expr.String() + `\z`)
	return f, err == nil
}

// fit says whether each wildcard of a partner is told by the other side.
func (b *builder) fit(v rule.Value, p pair) bool {
	for _, of := range p.of.forms {
		for _, has := range p.has.forms {
			for _, w := range []string{star, deep} {
				switch from, to := of.wildcards(w), has.wildcards(w); {
				case to > from:
					b.bad(v.Get("has"), "give both the same wildcards", "%q has more %s than %q, so nothing says what it stands for",
						p.has.text, strings.TrimSuffix(w, "/"), p.of.text)
					return false
				case p.both && to < from:
					b.bad(v.Get("both"), "give both the same wildcards, or leave `both` out",
						"%q has fewer %s than %q, so the way back is not known", p.has.text, strings.TrimSuffix(w, "/"), p.of.text)
					return false
				}
			}
		}
	}
	return true
}

func (f form) wildcards(w string) (n int) {
	for _, p := range f.parts {
		if p == w {
			n++
		}
	}
	return n
}

// judge reports each file without its partner.
func (p pair) judge(v view) []mistake {
	out := p.of.alone(v, p.has, p.ignore)
	if p.both {
		out = append(out, p.has.alone(v, p.of, p.ignore)...)
	}
	return out
}

// alone returns what the pattern matches that has no partner. Of what both
// match, that is a partner itself whose wildcards stand for less as one: `*.go`
// matches x_test.go as well, but `*_test.go` says more of it.
func (p pattern) alone(v view, partner pattern, ignored ignore) []mistake {
	var out []mistake
	for _, path := range p.find(v) {
		rel := path[len(v.dir):]
		if ignored.match(rel) {
			continue
		}
		if loose := partner.looseness(rel); loose >= 0 && loose < p.looseness(rel) {
			continue
		}
		if wanted := p.partners(rel, partner); !anyOf(wanted, v.has) {
			out = append(out, mistake{path: path, message: fmt.Sprintf("%s has no %s, add it", rel, strings.Join(wanted, " and no "))})
		}
	}
	return out
}

func anyOf(names []string, is func(string) bool) bool {
	for _, n := range names {
		if is(n) {
			return true
		}
	}
	return false
}

// looseness is how many bytes the wildcards stand for in a path; -1 where the
// pattern does not match it.
func (p pattern) looseness(rel string) int {
	least := -1
	for _, f := range p.forms {
		m := f.expr.FindStringSubmatch(rel)
		if m == nil {
			continue
		}
		n := 0
		for _, text := range m[1:] {
			n += len(text)
		}
		if least < 0 || n < least {
			least = n
		}
	}
	return least
}

// partners returns the paths of which one must be there.
func (p pattern) partners(rel string, partner pattern) []string {
	var out []string
	for _, f := range p.forms {
		m := f.expr.FindStringSubmatch(rel)
		if m == nil {
			continue
		}
		stood := map[string][]string{}
		group := 1
		for _, part := range f.parts {
			if part == star || part == deep {
				stood[part] = append(stood[part], m[group])
				group++
			}
		}
		for _, to := range partner.forms {
			out = append(out, to.fill(stood))
		}
	}
	return out
}

// fill returns the path that the form makes of what the wildcards stood for.
func (f form) fill(stood map[string][]string) string {
	var b strings.Builder
	at := map[string]int{}
	for _, part := range f.parts {
		if part == star || part == deep {
			part, at[part] = stood[part][at[part]], at[part]+1
		}
		b.WriteString(part)
	}
	return b.String()
}
