package config

import (
	"regexp"
	"strings"
	"sync"
)

// PackRule is what a pack says of one of its rules.
type PackRule struct {
	ID       string
	Severity string
	What     string // its description
	Why      string // the comment above it
	Text     string // as it is written
}

// packLines find a rule's parts in a pack's text, in which each rule is a
// paragraph: a test holds them to what the loader reads.
var packLines = sync.OnceValue(func() map[string]*regexp.Regexp {
	return map[string]*regexp.Regexp{
		"id":          regexp.MustCompile(`(?m)^  - (?:use|id): (\S+)`),
		"severity":    regexp.MustCompile(`(?m)^    severity: (\S+)`),
		"description": regexp.MustCompile(`(?m)^    description: (.*)$`),
		"heading":     regexp.MustCompile(`(?m)^  # ---.*$`),
	}
})

// PackRules returns what a pack says of itself, and the rules that it declares
// in whole: those that it only changes are left out.
func PackRules(name string) (about string, rules []PackRule) {
	text, _ := Pack(name)
	head, body, _ := strings.Cut(string(text), "version: 1\n")
	lines := packLines()
	for _, item := range strings.SplitAfter(body, "\n\n") {
		id := lines["id"].FindStringSubmatchIndex(item)
		if id == nil {
			continue
		}
		r := PackRule{ID: item[id[2]:id[3]], Severity: "error", Text: strings.TrimRight(item[id[0]:], "\n") + "\n"}
		r.Why = strings.ReplaceAll(strings.TrimSpace(packComment(lines["heading"].ReplaceAllString(item[:id[0]], ""))), "\n", " ")
		if m := lines["severity"].FindStringSubmatch(item); m != nil {
			r.Severity = m[1]
		}
		if m := lines["description"].FindStringSubmatch(item); m != nil {
			r.What = strings.Trim(m[1], `"`)
		}
		rules = append(rules, r)
	}
	return packComment(head), rules
}

// packComment joins the comment lines of a text.
func packComment(text string) string {
	var out strings.Builder
	for line := range strings.Lines(text) {
		if c, ok := strings.CutPrefix(strings.TrimSpace(line), "#"); ok {
			out.WriteString(strings.TrimPrefix(c, " ") + "\n")
		}
	}
	return strings.TrimSpace(out.String()) + "\n"
}
