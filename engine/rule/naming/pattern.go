package naming

import (
	"regexp"
	"strconv"
	"strings"
	"sync"
)

// pattern is a regular expression in which ${0} is the name of the directory
// that the judged one lies in, ${1} of that above it, and so on.
type pattern struct {
	text  string
	fixed *regexp.Regexp // without what it stands for; the pattern where it names none
	deep  int            // how many directories it names at most; 0 is none
	made  sync.Map       // their names, joined by "/" -> *regexp.Regexp
}

// parent is ${0}; the expression "$", repeated no times, would say nothing.
var parent = sync.OnceValue(func() *regexp.Regexp { return regexp.MustCompile(`\$\{(\d{1,2})\}`) })

func newPattern(text string) (*pattern, error) {
	p := &pattern{text: text}
	for _, m := range parent().FindAllStringSubmatch(text, -1) {
		n, _ := strconv.Atoi(m[1]) // two digits
		p.deep = max(p.deep, n+1)
	}
	if p.deep == 0 {
		re, err := regexp.Compile(text)
		p.fixed = re
		return p, err
	}
	re, err := p.compile(nil)
	p.fixed = re
	return p, err
}

// nothing matches no text.
const nothing = `[^\x00-\x{10FFFF}]`

// compile makes the expression for the names of directories, from the nearest
// up; nothing is called as one that is not there.
func (p *pattern) compile(names []string) (*regexp.Regexp, error) {
	return regexp.Compile(parent().ReplaceAllStringFunc(p.text, func(s string) string {
		n, _ := strconv.Atoi(s[2 : len(s)-1])
		if n >= len(names) {
			return nothing
		}
		return regexp.QuoteMeta(names[n])
	}))
}

// at returns the expression for what lies at a path. It is made once for all
// that lie in the same directories.
func (p *pattern) at(path string) *regexp.Regexp {
	if p.deep == 0 {
		return p.fixed
	}
	var names []string
	for rest := path; len(names) < p.deep; {
		i := strings.LastIndexByte(rest, '/')
		if i < 0 {
			break
		}
		rest = rest[:i]
		names = append(names, rest[strings.LastIndexByte(rest, '/')+1:])
	}
	key := strings.Join(names, "/")
	if re, ok := p.made.Load(key); ok {
		return re.(*regexp.Regexp)
	}
	re, err := p.compile(names)
	if err != nil {
		re = p.fixed // a name that is no UTF-8 makes no expression
	}
	p.made.Store(key, re)
	return re
}
