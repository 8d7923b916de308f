package editorconfig

import (
	"regexp"
	"strconv"
	"strings"
)

// pattern is a section's glob.
type pattern struct {
	all bool // "*": every file
	// suffix is how every match ends: it tells most paths apart.
	suffix string
	expr   *regexp.Regexp
	ranges [][2]int // of the expression's groups: the numbers that each may be
}

// compile returns nil where the glob cannot be one. A glob without a slash
// speaks of names at any depth, any other of paths from the file's directory.
func compile(text string) *pattern {
	if text == "*" || text == "**" {
		return &pattern{all: true}
	}
	switch {
	case strings.HasPrefix(text, "/"):
		text = text[1:]
	case !strings.Contains(text, "/"):
		text = "**/" + text
	}
	t := translator{text: text, depth: balanced(text)}
	t.run()
	expr, err := regexp.Compile(`(?s)\A` + t.out.String() + `\z`)
	if err != nil {
		return nil
	}
	p := &pattern{expr: expr, ranges: t.ranges}
	if i := strings.LastIndexAny(text, `*?[]{}\`); i+1 < len(text) {
		// The slash behind a "**" need not be there.
		p.suffix = strings.TrimPrefix(text[i+1:], "/")
	}
	return p
}

func (p *pattern) match(path string) bool {
	if p.all {
		return true
	}
	if !strings.HasSuffix(path, p.suffix) {
		return false
	}
	if len(p.ranges) == 0 {
		return p.expr.MatchString(path)
	}
	m := p.expr.FindStringSubmatch(path)
	for i, r := range p.ranges {
		if m == nil {
			return false
		}
		text := m[i+1]
		if text == "" {
			continue // of an alternative that was not taken
		}
		n, err := strconv.Atoi(text)
		if err != nil || n < r[0] || n > r[1] || strconv.Itoa(n) != text {
			return false
		}
	}
	return m != nil
}

// translator writes a glob as a regular expression.
type translator struct {
	text   string
	at     int
	out    strings.Builder
	ranges [][2]int
	open   int  // braces
	depth  bool // braces are balanced: they are alternatives; else literal
}

// balanced says whether each brace that no backslash precedes has its partner.
func balanced(text string) bool {
	open := 0
	for i := 0; i < len(text); i++ {
		switch text[i] {
		case '\\':
			i++
		case '{':
			open++
		case '}':
			if open--; open < 0 {
				return false
			}
		}
	}
	return open == 0
}

func (t *translator) run() {
	for t.at < len(t.text) {
		c := t.text[t.at]
		rest := t.text[t.at:]
		switch {
		case c == '\\' && len(rest) > 1:
			t.literal(rest[1:2], 2)
		case strings.HasPrefix(rest, "/**/"):
			t.write("/(?:.*/)?", 4)
		case t.at == 0 && strings.HasPrefix(rest, "**/"):
			t.write("(?:.*/)?", 3)
		case strings.HasPrefix(rest, "**"):
			t.write(".*", 2)
		case c == '*':
			t.write("[^/]*", 1)
		case c == '?':
			t.write("[^/]", 1)
		case c == '[':
			t.class(rest)
		case c == '{' && t.depth:
			t.brace(rest)
		case c == '}' && t.open > 0:
			t.open--
			t.write(")", 1)
		case c == ',' && t.open > 0:
			t.write("|", 1)
		default:
			n := 1
			for n < len(rest) && rest[n] >= 0x80 { // the rest of a character
				n++
			}
			t.literal(rest[:n], n)
		}
	}
}

func (t *translator) write(s string, taken int) {
	t.out.WriteString(s)
	t.at += taken
}

func (t *translator) literal(s string, taken int) { t.write(regexp.QuoteMeta(s), taken) }

// class translates [abc], [a-z] and [!abc]; one that holds a slash, or has no
// end, is text.
func (t *translator) class(rest string) {
	end := 1
	for end < len(rest) && (rest[end] != ']' || end == 1 || rest[end-1] == '\\') {
		end++
	}
	if end >= len(rest) || strings.Contains(rest[:end], "/") {
		t.literal("[", 1)
		return
	}
	inner := rest[1:end]
	out := "["
	if inner[0] == '!' || inner[0] == '^' {
		if inner = inner[1:]; inner == "" {
			t.literal(rest[:end+1], end+1)
			return
		}
		out = "[^/"
	}
	t.write(out+strings.NewReplacer(`[`, `\[`, `^`, `\^`, `&&`, `&\&`).Replace(inner)+"]", end+1)
}

// brace translates {a,b}, {1..9}, and {a}, which is text.
func (t *translator) brace(rest string) {
	end, commas, nested := 1, 0, 0
	for ; end < len(rest); end++ {
		switch rest[end] {
		case '\\':
			end++
			continue
		case '{':
			nested++
		case ',':
			if nested == 0 {
				commas++
			}
		case '}':
			nested--
		}
		if nested < 0 {
			break
		}
	}
	if commas > 0 {
		t.open++
		t.write("(?:", 1)
		return
	}
	inner := rest[1:min(end, len(rest))]
	from, to, ok := strings.Cut(inner, "..")
	lo, err1 := strconv.Atoi(from)
	hi, err2 := strconv.Atoi(to)
	if ok && err1 == nil && err2 == nil {
		t.ranges = append(t.ranges, [2]int{min(lo, hi), max(lo, hi)})
		t.write(`([+-]?\d+)`, len(inner)+2)
		return
	}
	// Text, with what is in it.
	sub := translator{text: inner, depth: t.depth}
	sub.run()
	t.ranges = append(t.ranges, sub.ranges...)
	t.write(`\{`+sub.out.String()+`\}`, len(inner)+2)
}
