package engine

import (
	"bytes"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// ignore is one ignore comment.
type ignore struct {
	line   int // where it stands, 1-based
	column int // in code points, 1-based
	first  int // the lines that it speaks of: first and last; 0, 0 is the whole file
	last   int
	rules  []string
	reason bool
	text   string          // its source line
	used   map[string]bool // by rule
	lead   lead            // what stands in front
	tail   tail            // what stands behind the rules
	near   *nearMiss       // it only looks like one, and names no rules; else nil
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

// parseIgnores returns the comments of a file, in order, and what looks like one
// and is none. Anything else that reads the mark is prose.
func parseIgnores(data []byte) []*ignore {
	var out []*ignore
	at := position{line: 1}
	for _, m := range marks(data, maxIgnores) {
		at.to(data, m.at)
		before := data[max(at.start, m.at-rule.MaxLineText):m.at]
		behind := data[m.at:min(at.end, m.at+rule.MaxLineText)]
		var g *ignore
		if m.exact {
			g = parseIgnore(behind, at.line)
		}
		if g == nil {
			if near := parseNearMiss(behind, m.end-m.at); near != nil {
				g = &ignore{line: at.line, first: -1, last: -1, near: near, tail: near.tail}
			}
		}
		if g != nil {
			g.lead, g.column, g.text = leadOf(before), at.column, at.text
			out = append(out, g)
		}
	}
	return out
}

// position goes along a file from mark to mark.
type position struct {
	line       int // 1-based
	column     int // in code points, 1-based
	start, end int // of the line, in bytes
	text       string
	at         int
}

func (p *position) to(data []byte, at int) {
	if p.end == 0 || at > p.end {
		p.line += bytes.Count(data[p.at:at], []byte{'\n'})
		p.start, p.end = bytes.LastIndexByte(data[:at], '\n')+1, len(data)
		if n := bytes.IndexByte(data[at:], '\n'); n >= 0 {
			p.end = at + n
		}
		p.text = string([]rune(string(data[p.start:min(p.end, p.start+rule.MaxLineText)])))
		p.at, p.column = p.start, 1
	}
	p.column += utf8.RuneCount(data[p.at:at])
	p.at = at
}

func parseIgnore(text []byte, line int) *ignore {
	m := ignorePattern().FindSubmatch(text)
	if m == nil || !bytes.HasPrefix(text, m[0]) {
		return nil
	}
	g := &ignore{line: line, first: line, last: line, used: map[string]bool{}, tail: tailOf(m[3])}
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
			if len(exempt[0])+len(exempt[g.line]) > 0 {
				continue
			}
			if why := g.amiss(path, known); why != "" {
				out = append(out, g.finding(path, why))
			}
			for _, id := range g.rules {
				if id == UnusedIgnore {
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
		if g.prose(path, id, known) {
			return ""
		}
		if meansAll(id) {
			return namesAll(id)
		}
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
