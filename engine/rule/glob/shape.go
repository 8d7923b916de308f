package glob

import (
	"strings"
	"unicode/utf8"

	"github.com/bmatcuk/doublestar/v4"
)

// op is what a shape compares.
type op int8

const (
	opOther    op = iota // doublestar must decide; prefix and suffix are literal ends
	opAll                // **
	opExact              // a/b.c
	opBelow              // a/b/**: the path is a/b, or lies below it
	opName               // a/**/b.c, **/b.c: below head, the last names are suffix
	opDeepEnds           // a/**/p*s, **/*.s, **/p*s: below head, the last name has both ends
	opFlatEnds           // a/p*s, *.s, *: directly in head, the name has both ends
	opAnyDir             // **/d/**: some directory of the path, or the path's end, is d
)

// shape is one pattern without braces.
type shape struct {
	op             op
	pattern        string
	head           string // "" or ends in "/"
	prefix, suffix string // of what follows head
}

const meta = `*?[\{}`

// classify finds the pattern's shape. A pattern that holds U+FFFD or invalid
// UTF-8 stays with doublestar, which decodes both sides to code points: there,
// any bad byte equals any other.
func classify(p string) shape {
	s := shape{pattern: p}
	switch {
	case strings.ContainsRune(p, utf8.RuneError) || !utf8.ValidString(p):
	case p == "**":
		s.op = opAll
	case !strings.ContainsAny(p, meta):
		s.op = opExact
	case strings.HasPrefix(p, "**/") && strings.HasSuffix(p, "/**") && literal(inner(p)):
		s.op, s.suffix = opAnyDir, inner(p)
	case strings.HasSuffix(p, "/**") && literal(p[:len(p)-3]):
		s.op, s.head = opBelow, p[:len(p)-3]
	default:
		s.classifyTail()
		if s.op == opOther {
			s.literalEnds()
		}
	}
	return s
}

// literalEnds finds what every match begins and ends with. The slash beside a
// `**` is not part of it: `a/**` matches `a`, and so does `**/**/a`.
func (s *shape) literalEnds() {
	s.prefix = strings.TrimSuffix(s.pattern[:strings.IndexAny(s.pattern, meta)], "/")
	s.suffix = strings.TrimPrefix(s.pattern[strings.LastIndexAny(s.pattern, meta+"]")+1:], "/")
}

// classifyTail finds the shapes of a literal directory, perhaps `**/`, and one
// name.
func (s *shape) classifyTail() {
	head, tail, deep := strings.Cut(s.pattern, "**/")
	if !deep {
		i := strings.LastIndexByte(s.pattern, '/') + 1
		head, tail = s.pattern[:i], s.pattern[i:]
	}
	if strings.ContainsAny(head, meta) || (deep && head != "" && !strings.HasSuffix(head, "/")) {
		return
	}
	prefix, suffix, star := strings.Cut(tail, "*")
	switch {
	case strings.ContainsAny(prefix+suffix, meta):
	case star && !strings.Contains(tail, "/"):
		s.op, s.head, s.prefix, s.suffix = opFlatEnds, head, prefix, suffix
		if deep {
			s.op = opDeepEnds
		}
	case !star && deep && literal(tail):
		s.op, s.head, s.suffix = opName, head, tail
	}
}

// inner returns what stands between `**/` and `/**`.
func inner(p string) string { return p[min(3, len(p)):max(3, len(p)-3)] }

func literal(p string) bool { return p != "" && !strings.ContainsAny(p, meta) }

func (s *shape) match(path string) bool {
	switch s.op {
	case opAll:
		return true
	case opExact:
		return path == s.pattern
	case opBelow:
		return strings.HasPrefix(path, s.head) && (len(path) == len(s.head) || path[len(s.head)] == '/')
	case opAnyDir:
		return hasDir(path, s.suffix)
	case opOther:
		return strings.HasPrefix(path, s.prefix) && strings.HasSuffix(path, s.suffix) &&
			doublestar.MatchUnvalidated(s.pattern, path)
	}
	// The suffix first: it is what tells most paths apart.
	if !strings.HasSuffix(path, s.suffix) || !strings.HasPrefix(path, s.head) {
		return false
	}
	rest := path[len(s.head):]
	if len(rest) < len(s.suffix) {
		return false
	}
	switch s.op {
	case opName:
		return len(rest) == len(s.suffix) || rest[len(rest)-len(s.suffix)-1] == '/'
	case opDeepEnds:
		if s.prefix == "" {
			return true
		}
		rest = rest[strings.LastIndexByte(rest, '/')+1:]
		return len(rest) >= len(s.prefix)+len(s.suffix) && strings.HasPrefix(rest, s.prefix)
	default: // opFlatEnds
		return len(rest) >= len(s.prefix)+len(s.suffix) && strings.HasPrefix(rest, s.prefix) &&
			strings.IndexByte(rest, '/') < 0
	}
}

// hasDir says whether dir stands in path between slashes or the path's ends.
func hasDir(path, dir string) bool {
	for i := 0; ; {
		n := strings.Index(path[i:], dir)
		if n < 0 {
			return false
		}
		start, end := i+n, i+n+len(dir)
		if (start == 0 || path[start-1] == '/') && (end == len(path) || path[end] == '/') {
			return true
		}
		i = start + 1
	}
}
