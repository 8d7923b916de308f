package engine

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// ignoreMark is what an ignore comment holds, whatever the language.
var ignoreMark = []byte("sot:ignore")

// ignore is one ignore comment.
type ignore struct {
	line   int // where it stands, 1-based
	column int // in code points, 1-based
	first  int // the lines that it speaks of: first and last; 0, 0 is the whole file
	last   int
	rules  []string
	reason bool
	text   string          // its source line
	meant  string          // what the mark should be, where there is none such
	used   map[string]bool // by rule
}

// ignores are the comments of the files that were looked at. A file is parsed
// once.
type ignores struct {
	mu    sync.Mutex
	files map[string][]*ignore
	read  func(path string) ([]byte, error)
	// without is a file whose text is no place for comments: a commit message.
	without string
}

// note keeps the comments of a file whose content is at hand.
func (g *ignores) note(path string, data []byte) {
	g.mu.Lock()
	defer g.mu.Unlock()
	g.put(path, data)
}

func (g *ignores) put(path string, data []byte) []*ignore {
	if g.files == nil {
		g.files = map[string][]*ignore{}
	}
	list, ok := g.files[path]
	if !ok {
		if path == g.without {
			data = nil
		}
		list = parseIgnores(data)
		g.files[path] = list
	}
	return list
}

// of returns the comments of a file, reading it where no sweep has. The lock is
// held by the caller.
func (g *ignores) of(path string) []*ignore {
	if list, ok := g.files[path]; ok {
		return list
	}
	data, err := g.read(path)
	if err != nil || len(data) > MaxFile {
		data = nil // what cannot be read silences nothing
	}
	return g.put(path, data)
}

var ignorePattern = sync.OnceValue(func() *regexp.Regexp {
	const id = `[A-Za-z0-9_](?:[A-Za-z0-9_./-]*[A-Za-z0-9_])?`
	return regexp.MustCompile(`sot:ignore(-next-line|-file)?[ \t]+((?:` + id + `)(?:[ \t]*,[ \t]*(?:` + id + `))*)(.*)`)
})

const commentStart = `(?:#|//|/\*|<!--|--|;|%)[ \t]*`

// bare is an ignore comment that names no rule, with the comment's start in
// front of it: without that, and with other words behind, it is prose about the
// mark.
var bare = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(commentStart + `sot:ignore(?:-next-line|-file)?[ \t]*(?:[:=(\[*].*|--.*|#}.*|%>.*)?\r?$`)
})

// slip is the beginning of a comment with a mark that there is not.
var slip = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(commentStart + `sot:ignore-([A-Za-z_-]+)(?:[ \t]|\r?$)`)
})

// parseIgnores returns the comments of a file, in order. Anything that does not
// read the mark and a rule id is prose, but for a comment that is nothing else.
func parseIgnores(data []byte) []*ignore {
	var out []*ignore
	line, at := 1, 0
	for {
		n := bytes.Index(data[at:], ignoreMark)
		if n < 0 {
			return out
		}
		line += bytes.Count(data[at:at+n], []byte{'\n'})
		at += n
		start := bytes.LastIndexByte(data[:at], '\n') + 1
		end := len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			end = at + n
		}
		g := parseIgnore(data[at:min(end, at+rule.MaxLineText)], line)
		if g == nil {
			g = parseIdle(data[max(start, at-rule.MaxLineText):at], data[at:min(end, at+rule.MaxLineText)], line)
		}
		if g != nil {
			g.column = len([]rune(string(data[start:at]))) + 1
			g.text = string([]rune(string(data[start:min(end, start+rule.MaxLineText)])))
			out = append(out, g)
		}
		at = min(at+len(ignoreMark), len(data))
	}
}

func parseIgnore(text []byte, line int) *ignore {
	m := ignorePattern().FindSubmatch(text)
	if m == nil || !bytes.HasPrefix(text, m[0]) {
		return nil
	}
	g := &ignore{line: line, first: line, last: line, used: map[string]bool{}}
	switch string(m[1]) {
	case "-next-line":
		g.first, g.last = line+1, line+1
	case "-file":
		g.first, g.last = 0, 0
	}
	for id := range strings.SplitSeq(string(m[2]), ",") {
		g.rules = append(g.rules, strings.TrimSpace(id))
	}
	reason, found := strings.CutPrefix(strings.TrimSpace(string(m[3])), "--")
	for _, end := range []string{">", "*/", "#}", "%>"} { // "-->" has lost its dashes
		reason = strings.TrimSuffix(strings.TrimSpace(reason), end)
	}
	g.reason = found && strings.Trim(reason, " -") != ""
	return g
}

// parseIdle returns a comment that is meant to silence something, and does not:
// it names no rule, or its mark is misspelt. Front is what the line holds before
// the mark.
func parseIdle(front, text []byte, line int) *ignore {
	g := &ignore{line: line, first: -1, last: -1}
	whole := slices.Concat(front, text)
	if bare().Match(whole) {
		return g
	}
	m := slip().FindSubmatchIndex(whole)
	if m == nil || m[2] != len(front)+len(ignoreMark)+1 {
		return nil
	}
	switch config.Nearest(string(whole[m[2]:m[3]]), []string{"next-line", "next", "file", "all", "line"}) {
	case "next-line", "next":
		g.meant = "sot:ignore-next-line"
	case "file", "all":
		g.meant = "sot:ignore-file"
	case "line":
		g.meant = "sot:ignore"
	default:
		return nil
	}
	return g
}

// silence takes away the findings that a comment speaks of.
func (p *round) silence(i int) {
	st := &p.states[i]
	if len(st.findings) == 0 {
		return
	}
	p.open.mu.Lock()
	defer p.open.mu.Unlock()
	at, about := "", map[int][]*ignore(nil) // the comments about this rule in the file at hand, by line
	st.findings = slices.DeleteFunc(st.findings, func(f rule.Finding) bool {
		if f.Path == "" || strings.HasSuffix(f.Path, "/") {
			return false
		}
		if f.Path != at {
			at, about = f.Path, byLine(p.open.of(f.Path), f.Rule)
		}
		hit := len(about[0]) > 0
		for _, g := range about[0] {
			g.used[f.Rule] = true
		}
		if f.Line > 0 && len(about) > 0 {
			for _, g := range on(about, f.Line, max(f.Line, f.EndLine)) {
				g.used[f.Rule] = true
				hit = true
			}
		}
		if hit {
			if st.silenced == nil {
				st.silenced = map[string]bool{}
			}
			st.silenced[f.Path] = true
		}
		return hit
	})
}

// byLine are the comments about a rule by the line that they speak of, 0 for the
// whole file.
func byLine(list []*ignore, id string) map[int][]*ignore {
	var out map[int][]*ignore
	for _, g := range list {
		if slices.Contains(g.rules, id) {
			if out == nil {
				out = map[int][]*ignore{}
			}
			out[g.first] = append(out[g.first], g)
		}
	}
	return out
}

// on are the comments that speak of a line from first to last.
func on(about map[int][]*ignore, first, last int) (out []*ignore) {
	if last-first < len(about) {
		for line := first; line <= last; line++ {
			out = append(out, about[line]...)
		}
		return out
	}
	for line, list := range about {
		if line >= first && line <= last {
			out = append(out, list...)
		}
	}
	return out
}

// unusedIgnores are the comments that silence nothing, name no rule, or give no
// reason. A comment for a rule that did not run on its file is left alone.
func (p *round) unusedIgnores() []rule.Finding {
	var out []rule.Finding
	known := p.known()
	for path, list := range p.open.files {
		exempt := byLine(list, UnusedIgnore)
		fully := map[string]bool{}
		for _, g := range list {
			if len(g.rules) == 0 && len(exempt[0])+len(exempt[g.line]) == 0 {
				out = append(out, g.finding(path, g.idleWhy()))
			}
			for _, id := range g.rules {
				if id == UnusedIgnore || len(exempt[0])+len(exempt[g.line]) > 0 {
					continue
				}
				if why := p.idle(path, g, id, known, fully); why != "" {
					out = append(out, g.finding(path, why))
				}
			}
		}
	}
	return out
}

// idleWhy says why a comment without rules silences nothing.
func (g *ignore) idleWhy() string {
	if g.meant != "" {
		return fmt.Sprintf("silences nothing, because there is no such mark: did you mean %s?", g.meant)
	}
	return "names no rule, so it silences nothing: write its id behind the mark, and -- why"
}

func (g *ignore) finding(path, message string) rule.Finding {
	return rule.Finding{Rule: UnusedIgnore, Severity: rule.Warning, Path: path,
		Line: g.line, Column: g.column, Message: message, Text: g.text}
}

// known are the ids of all rules of the configuration, with their positions among
// the rules of the run; -1 is not among them.
func (p *round) known() map[string]int {
	out := map[string]int{}
	for _, r := range p.cfg.Rules {
		out[r.ID] = -1
	}
	for i, r := range p.rules {
		out[r.ID] = i
	}
	return out
}

// idle says what is wrong with a comment for one rule; "" where nothing is.
// Fully remembers whether a rule judged the file to the end.
func (p *round) idle(path string, g *ignore, id string, known map[string]int, fully map[string]bool) string {
	if g.used[id] {
		if !g.reason {
			return fmt.Sprintf("gives no reason: write `-- why` behind %s", id)
		}
		return ""
	}
	i, ok := known[id]
	if !ok {
		return fmt.Sprintf("there is no rule %q%s: correct the name or delete the comment", id, didYouMean(id, slices.Sorted(maps.Keys(known))))
	}
	if _, asked := fully[id]; !asked {
		fully[id] = i >= 0 && p.ranFully(i, path)
	}
	if fully[id] {
		return silencesNothing(id)
	}
	return ""
}

func silencesNothing(id string) string {
	return fmt.Sprintf("silences nothing: %s finds nothing here, so delete the comment", id)
}

// ranFully says whether a rule judged a file to the end.
func (p *round) ranFully(i int, path string) bool {
	switch p.states[i].result.Status {
	case report.Passed, report.Failed:
	default:
		return false
	}
	return p.speaksOf(i, path)
}

// speaksOf says whether a file is among those that the rule judges.
func (p *round) speaksOf(i int, path string) bool {
	r := p.rules[i]
	list := p.files
	if r.WholeTree() && p.tree != nil {
		list = p.tree
	}
	k, ok := slices.BinarySearchFunc(list, path, func(e rule.Entry, path string) int { return strings.Compare(e.Path, path) })
	if !ok || !p.matchers[i].Path(path) {
		return false
	}
	return !p.matchers[i].Typed() || p.matchers[i].Tags(hasTag(p.tags(list[k])))
}
