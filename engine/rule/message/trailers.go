package message

import (
	"regexp"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// trailer is "name: value", as git-interpret-trailers(1) has it.
var trailer = sync.OnceValue(func() *regexp.Regexp {
	return regexp.MustCompile(`^([A-Za-z0-9-]+)[ \t]*:[ \t]*(.*)$`)
})

func (c *check) checkTrailers(p *rule.Pass, m *rule.Message) {
	if len(c.trailers) == 0 {
		return
	}
	has, last := trailersOf(m)
	for _, want := range c.trailers {
		value, there := has[strings.ToLower(want)]
		switch {
		case !there && strings.EqualFold(want, "Signed-off-by"):
			p.Line(m.File, last, "the trailer %s is missing, `git commit --signoff` adds it", want)
		case !there:
			p.Line(m.File, last, "the trailer %s is missing, add a line \"%s: ...\" to the last paragraph", want, want)
		case value == "":
			p.Line(m.File, last, "the trailer %s has no value, write one behind the colon", want)
		}
	}
}

// trailersOf returns the values of the message's trailers by name in small
// letters, and the number of the last line. The rules are those of git
// (find_trailer_block_start in trailer.c): the last paragraph, never the first
// one, where all lines are trailers, or where git wrote one of them and at
// least a quarter are.
func trailersOf(m *rule.Message) (has map[string]string, last int) {
	type line struct {
		n    int
		text string
	}
	var lines []line // without what git drops
	for n := 1; n <= m.Lines(); n++ {
		if !m.Dropped(n) {
			lines = append(lines, line{n, lineText(m, n)})
		}
	}
	for len(lines) > 0 && lines[len(lines)-1].text == "" {
		lines = lines[:len(lines)-1]
	}
	for len(lines) > 0 && lines[0].text == "" {
		lines = lines[1:]
	}
	if len(lines) == 0 {
		return nil, 0
	}
	last = lines[len(lines)-1].n
	// Git adds a trailer before lines that it takes for comments, also where -m
	// keeps them ("#12 is fixed").
	for len(lines) > 1 && (lines[len(lines)-1].text == "" || isComment(lines[len(lines)-1].text)) {
		lines = lines[:len(lines)-1]
	}
	start := len(lines)
	for start > 0 && lines[start-1].text != "" {
		start--
	}
	if start == 0 {
		return nil, last // the title is no trailer
	}
	has = map[string]string{}
	ours, others, known, name := 0, 0, false, ""
	for _, l := range lines[start:] {
		if isComment(l.text) {
			continue
		}
		if strings.HasPrefix(l.text, " ") || strings.HasPrefix(l.text, "\t") {
			if name != "" {
				has[name] = strings.TrimSpace(has[name] + " " + strings.TrimSpace(l.text))
			}
			if name == "" {
				others++
			}
			continue
		}
		known = known || slices.ContainsFunc(gitWrites, func(s string) bool { return strings.HasPrefix(l.text, s) })
		t := trailer().FindStringSubmatch(l.text)
		if t == nil {
			name = ""
			if strings.HasPrefix(l.text, gitWrites[1]) {
				ours++
			} else {
				others++
			}
			continue
		}
		ours++
		name = strings.ToLower(t[1])
		if t[2] != "" || has[name] == "" {
			has[name] = t[2]
		}
	}
	if others > 0 && (!known || ours*3 < others) {
		return nil, last
	}
	return has, last
}

func isComment(line string) bool { return strings.HasPrefix(line, "#") }

// gitWrites are the lines that git itself puts there.
var gitWrites = []string{"Signed-off-by: ", "(cherry picked from commit "}
