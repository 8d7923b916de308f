package content

import (
	"regexp"
	"regexp/syntax"
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/regexpset"
)

const doc = `Text that must not, or must, stand in a file.

    - id: no-print
      files: "**/*.go"
      content:
        forbid:
          - { pattern: 'fmt\.Print', message: use the logger, replace: 'log.Print' }
        require:
          - { pattern: 'Copyright', lines: "1-5" }

Patterns are RE2: linear in the length of the text, whatever it holds. They are
matched against the whole text; ^ and $ match at the ends of lines, and . matches
anything but a line end. Of a CRLF, the CR is part of the line: write \r?$ where
a file may have them.

Every match of a forbidden pattern is a finding at its place (over 1000 in a file, the
rest is one), and ^$ finds empty lines. A required pattern that is nowhere is one finding
about the file; ` + "`at_least`" + ` says how many of the required ones are enough. With
` + "`together`" + ` they are looked for in all the rule's files taken together, whatever changed,
and what stands in none is one finding.

` + "`replace`" + ` makes a forbidden pattern mendable: the match is replaced, with $1,
${1} or ${name} standing for what a group matched, and $$ for a dollar sign.`

// Kind returns the kind content.
func Kind() rule.Kind {
	return rule.Kind{Name: "content", Why: "What a review has to say twice, a pattern can say from then on.", Doc: doc, Shape: shape(), New: build}
}

func shape() rule.Shape {
	common := []rule.Key{
		{Name: "pattern", Required: true, Shape: rule.Fmt(rule.FormatRegexp, "The RE2 expression")},
		{Name: "message", Shape: rule.Str("What to do about it")},
		{Name: "lines", Shape: rule.Fmt(rule.FormatLines, "The lines that are looked at, such as 1-5, 3 or 10-")},
		{Name: "ignore_case", Shape: rule.Boolean("Upper and lower case are the same")},
	}
	replace := rule.Key{Name: "replace", Shape: rule.Str("What --fix writes in its place; $1 is what the first group matched")}
	forbidden := rule.Object("A pattern that must not match", append(common[:len(common):len(common)], replace)...)
	required := rule.Object("A pattern that must match", common...)
	plain := rule.Fmt(rule.FormatRegexp, "An RE2 expression")
	list := func(item rule.Shape, doc string) rule.Shape {
		return rule.ListOf(rule.Shape{Type: rule.OneOfShape, OneOf: []rule.Shape{plain, item}}, doc)
	}
	s := rule.Object("Text that must not, or must, be there",
		rule.Key{Name: "forbid", Shape: list(forbidden, "Patterns that must not match")},
		rule.Key{Name: "require", Shape: list(required, "Patterns that must match")},
		rule.Key{Name: "at_least", Shape: rule.Integer("How many of the required patterns must match (default all)", 1)},
		rule.Key{Name: "together", Shape: rule.Boolean("The required patterns are looked for in all files together")})
	s.AtLeastOne = []string{"forbid", "require"}
	return s
}

// term is one pattern of a rule.
type term struct {
	expr    *regexp.Regexp
	text    string // as declared
	message string
	replace string
	mends   bool
	empty   bool // it may match an empty line, and no other place between characters
	// nullable says that it can match a place between characters.
	nullable bool
	first    int // lines, 1-based; 0, 0 is all
	last     int // -1 is the last line
}

func build(body rule.Value) (rule.Built, []rule.Problem) {
	var problems []rule.Problem
	terms := func(list rule.Value) []term {
		var out []term
		for _, v := range list.Items {
			t, problem := newTerm(v)
			if problem != nil {
				problems = append(problems, *problem)
				continue
			}
			out = append(out, t)
		}
		return out
	}
	c := &check{forbid: terms(body.Get("forbid"))}
	c.require = terms(body.Get("require"))
	c.atLeast = body.Get("at_least").Int(len(c.require))
	if n := body.Get("at_least"); n.Set() && len(problems) == 0 && c.atLeast > len(c.require) {
		problems = append(problems, n.Problemf("write a smaller number, or more patterns",
			"at_least is %d, and there are %d required patterns", c.atLeast, len(c.require)))
	}
	together := body.Get("together").Bool(false)
	if forbid := body.Get("forbid"); together && forbid.Set() {
		problems = append(problems, forbid.Problemf("put it in a rule of its own", "what is forbidden is judged file by file, not together"))
	}
	if len(problems) > 0 {
		return rule.Built{}, problems
	}
	var exprs []*regexp.Regexp
	mends := false
	for _, t := range c.forbid {
		exprs, mends = append(exprs, t.expr), mends || t.mends
	}
	for _, t := range c.require {
		exprs = append(exprs, t.expr)
	}
	c.set = regexpset.New(exprs)
	built := rule.Built{Check: c, Defaults: rule.Selector{Types: []string{"text"}}}
	switch {
	case together:
		built.Check = collected{c}
	case mends:
		built.Check = &fixer{c}
	}
	return built, nil
}

func newTerm(v rule.Value) (term, *rule.Problem) {
	pattern := v
	if v.Kind == rule.Map {
		pattern = v.Get("pattern")
	}
	t := term{text: pattern.Scalar, message: v.Get("message").Str(""), replace: v.Get("replace").Str(""), mends: v.Get("replace").Set()}
	flags := "(?m)"
	if v.Get("ignore_case").Bool(false) {
		flags = "(?mi)"
	}
	_, err := regexp.Compile(t.text) // without the flags: the message shows what was written
	if err == nil {
		t.expr, err = regexp.Compile(flags + t.text)
	}
	if err != nil {
		p := pattern.Problemf("correct it; the syntax is RE2's", "the regular expression does not parse: %s",
			strings.TrimPrefix(err.Error(), "error parsing regexp: "))
		return t, &p
	}
	t.nullable = matchesNothing(t.expr) || t.expr.MatchString("")
	t.empty = matchesNothing(t.expr) || beginsLine(t.expr)
	if t.mends && matchesItself(t.expr, t.replace) {
		p := v.Get("replace").Problemf("write one that does not, or leave replace out",
			"the pattern matches its own replacement, so that a fix would never mend it")
		return t, &p
	}
	if name := unknownGroup(t.expr, t.replace); name != "" {
		p := v.Get("replace").Problemf("write ${1} where letters follow the number, $$ for a dollar sign, or name a group (?P<name>...)",
			"the pattern has no group %.40q", name)
		return t, &p
	}
	if lines := v.Get("lines"); lines.Set() {
		ok := false
		if t.first, t.last, ok = parseLines(lines.Scalar); !ok {
			p := lines.Problemf("write it as 1-5, 3 or 10-", "%q is no range of lines", lines.Scalar)
			return t, &p
		}
	}
	return t, nil
}

var reference = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$(?:\$|\{(\w+)\}|(\w+))`) })

// unknownGroup returns the first group that a replacement names and the
// expression does not have, "" where each is there. Expand would write nothing
// in its place: `$1_x` is the group "1_x".
func unknownGroup(re *regexp.Regexp, replace string) string {
	for _, m := range reference().FindAllStringSubmatch(replace, -1) {
		name := m[1] + m[2]
		if name == "" || slices.Contains(re.SubexpNames(), name) {
			continue
		}
		if n, err := strconv.Atoi(name); err != nil || n > re.NumSubexp() {
			return name
		}
	}
	return ""
}

// matchesItself says whether a fix leaves, or makes, what the expression
// forbids. A replacement that names groups is not known before it is made.
func matchesItself(re *regexp.Regexp, replace string) bool {
	if strings.Contains(replace, "$") {
		return false
	}
	return slices.ContainsFunc(re.FindAllStringIndex(replace, -1), func(m []int) bool { return m[0] < m[1] })
}

// matchesNothing says whether no match of the expression holds a character.
func matchesNothing(re *regexp.Regexp) bool {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	return err == nil && widthless(parsed)
}

// beginsLine says whether every match begins at the start of a line, so that one
// of nothing on an empty line is that line: `^\s*$` finds it, `x*` is everywhere.
func beginsLine(re *regexp.Regexp) bool {
	parsed, err := syntax.Parse(re.String(), syntax.Perl)
	return err == nil && anchored(parsed)
}

func anchored(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpBeginLine, syntax.OpBeginText:
		return true
	case syntax.OpCapture, syntax.OpConcat, syntax.OpPlus:
		return anchored(re.Sub[0])
	case syntax.OpAlternate:
		return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !anchored(sub) })
	}
	return false
}

func widthless(re *syntax.Regexp) bool {
	switch re.Op {
	case syntax.OpLiteral, syntax.OpCharClass, syntax.OpAnyChar, syntax.OpAnyCharNotNL:
		return false
	}
	return !slices.ContainsFunc(re.Sub, func(sub *syntax.Regexp) bool { return !widthless(sub) })
}

// parseLines reads "1-5", "3" or "10-".
func parseLines(s string) (first, last int, ok bool) {
	from, to, ranged := strings.Cut(s, "-")
	first, err := strconv.Atoi(strings.TrimSpace(from))
	if err != nil || first < 1 {
		return 0, 0, false
	}
	if !ranged {
		return first, first, true
	}
	if strings.TrimSpace(to) == "" {
		return first, -1, true
	}
	last, err = strconv.Atoi(strings.TrimSpace(to))
	return first, last, err == nil && last >= first
}
