package secrets

import (
	_ "embed"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
	"unicode"

	"github.com/sot-validator/sot/engine/rule/glob"
	"github.com/sot-validator/sot/engine/rule/regexpset"
)

// tableText is the rule data: see rules/README.md for its form, source and
// licence. It is read when the first rule of this kind asks for it.
//
//go:embed rules/from-gitleaks.toml.txt
var tableText string

// table is the rule data, read.
type table struct {
	allow    allowlist // for the secrets of all patterns
	patterns []*pattern
}

// pattern is one kind of secret.
type pattern struct {
	id       string
	message  string // of a custom pattern; "" is the standard one
	expr     string // "" judges the path alone
	group    int    // which group is the secret; 0 is the first that matched
	entropy  float64
	keywords []string  // in lower case; a file must hold one of them
	path     string    // an expression that the path must match; "" is every path
	files    *glob.Set // of a custom pattern, in place of path; nil is every path
	allow    []*allowlist
	words    []word // of its anchors; none: the expression runs on the whole file

	once    sync.Once
	regexp  *regexp.Regexp
	machine *machine // nil where there are no anchors
	ends    []word   // of the path's expression
	paths   *regexp.Regexp
}

// word is a word of an anchor of an expression.
type word struct {
	anchor int // its position among the anchors
	text   string
	folded bool // text is in lower case, and stands for any case
}

// allowlist says what is no secret after all.
type allowlist struct {
	all    bool   // every condition that is there must hold, not one alone
	target string // what regexes are matched against: secret, match or line
	regex  []string
	path   []string
	stop   []string // sorted words, in lower case

	once     sync.Once
	regexps  *regexp.Regexp
	paths    *regexp.Regexp
	prefixes map[uint16][2]int // where the stop words of two first bytes lie
}

// builtin is the embedded table.
var builtin = sync.OnceValue(func() *table { return parseTable(tableText) })

// parseTable reads lines of a key and a value. Those behind `rule` speak of this
// rule, those behind `allow` of this allow list. The table is ours: what is wrong
// in it is found by its test.
func parseTable(text string) *table {
	t := &table{}
	var p *pattern
	var a *allowlist
	for line := range strings.Lines(text) {
		key, value, _ := strings.Cut(strings.TrimSuffix(line, "\n"), " ")
		switch {
		case key == "rule":
			p, a = &pattern{id: value}, nil
			t.patterns = append(t.patterns, p)
		case key == "allow" && p == nil:
			a = &t.allow
		case key == "allow":
			a = &allowlist{}
			p.allow = append(p.allow, a)
		case a != nil:
			a.set(key, value)
		case p != nil:
			p.set(key, value)
		}
	}
	return t
}

func (a *allowlist) set(key, value string) {
	switch key {
	case "all":
		a.all = true
	case "target":
		a.target = value
	case "regex":
		a.regex = append(a.regex, value)
	case "path":
		a.path = append(a.path, value)
	case "stop":
		a.stop = strings.Fields(value)
	}
}

func (p *pattern) set(key, value string) {
	switch key {
	case "regex":
		p.expr = value
	case "path":
		p.path = value
	case "group":
		p.group, _ = strconv.Atoi(value)
	case "entropy":
		p.entropy, _ = strconv.ParseFloat(value, 64)
	case "keywords":
		p.keywords = strings.Split(value, "\t")
	case "anchor", "anchor-folded":
		at, text, _ := strings.Cut(value, " ")
		n, _ := strconv.Atoi(at)
		p.words = append(p.words, word{n, text, key == "anchor-folded"})
	}
}

// anchorWords returns the words of an expression's anchors.
func anchorWords(expr string) []word {
	var out []word
	for i, a := range regexpset.Anchors(expr) {
		for _, w := range a.Words {
			out = append(out, word{i, w, a.Folded})
		}
	}
	return out
}

// load makes what a pattern needs on its first hit. Most files, and most runs, hit
// few of the patterns.
func (p *pattern) load() {
	p.once.Do(func() {
		if p.expr != "" {
			p.regexp = regexp.MustCompile(p.expr)
		}
		if p.path != "" {
			p.paths, p.ends = regexp.MustCompile(p.path), anchorWords(p.path)
		}
		if len(p.words) == 0 {
			return
		}
		if anchors := regexpset.Anchors(p.expr); anchors != nil {
			p.machine = newMachine(anchors)
		}
	})
}

// speaksOf says whether the pattern is looked for in a file.
func (p *pattern) speaksOf(path string) bool {
	return (p.paths == nil || p.paths.MatchString(path)) && (p.files == nil || p.files.Match(path))
}

// ofPath says whether the path is one that the pattern speaks of, first by the words
// of its expression: it is asked of every file.
func (p *pattern) ofPath(path string) bool {
	p.load()
	lower := path
	if strings.IndexFunc(path, unicode.IsUpper) >= 0 {
		lower = strings.ToLower(path)
	}
	if p.ends != nil && !slices.ContainsFunc(p.ends, func(w word) bool { return strings.Contains(lower, strings.ToLower(w.text)) }) {
		return false
	}
	return p.paths.MatchString(path)
}

// implied says whether a file with a hit holds one of the keywords already.
func (p *pattern) implied() bool {
	return len(p.keywords) == 0 || len(p.words) > 0 && !slices.ContainsFunc(p.words, func(w word) bool {
		return !slices.ContainsFunc(p.keywords, func(k string) bool { return strings.Contains(strings.ToLower(w.text), k) })
	})
}

func (a *allowlist) load() {
	a.once.Do(func() {
		a.regexps, a.paths = either(a.regex), either(a.path)
		a.prefixes = map[uint16][2]int{}
		for i, w := range a.stop {
			k := prefix(w)
			if r, ok := a.prefixes[k]; ok {
				a.prefixes[k] = [2]int{r[0], i + 1}
				continue
			}
			a.prefixes[k] = [2]int{i, i + 1}
		}
	})
}

func prefix(s string) uint16 { return uint16(s[0])<<8 | uint16(s[1]) }

// either is the alternation of some expressions, nil of none.
func either(exprs []string) *regexp.Regexp {
	if len(exprs) == 0 {
		return nil
	}
	return regexp.MustCompile("(?:" + strings.Join(exprs, ")|(?:") + ")")
}

// allows says whether a secret, with the text that the pattern matched and the
// lines that it stands on, is none.
func (a *allowlist) allows(path, secret, match, lines string) bool {
	a.load()
	target := secret
	switch a.target {
	case "match":
		target = match
	case "line":
		target = lines
	}
	regex := a.regexps != nil && a.regexps.MatchString(target)
	if !a.all {
		return regex || a.stops(secret)
	}
	return (a.regexps == nil || regex) && (a.stop == nil || a.stops(secret)) && (a.paths == nil || a.paths.MatchString(path))
}

// allowsPath says whether nothing in a file is a secret.
func (a *allowlist) allowsPath(path string) bool {
	if a.all && (a.regex != nil || a.stop != nil) {
		return false
	}
	a.load()
	return a.paths != nil && a.paths.MatchString(path)
}

// stops says whether a secret holds a stop word.
func (a *allowlist) stops(secret string) bool {
	secret = strings.ToLower(secret)
	for i := 0; i+1 < len(secret); i++ {
		r := a.prefixes[prefix(secret[i:])]
		for _, w := range a.stop[r[0]:r[1]] {
			if strings.HasPrefix(secret[i:], w) {
				return true
			}
		}
	}
	return false
}
