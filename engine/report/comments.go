package report

import (
	"cmp"
	"encoding/base64"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// UnusedIgnore is the rule of ignore comments that silence nothing. Whether one
// does is known where all shards' findings are.
const UnusedIgnore = "unused-ignore"

// Comment is an ignore comment that a shard came across.
type Comment struct {
	Path         string
	Line, Column int
	Fates        []Fate // beside the rules that it names
	// Fingerprints are those that findings about comments with this text in this
	// file have, in order; "" is one that the baseline accepts.
	Fingerprints []string
}

// Fate is what is to be said of a comment for one rule.
type Fate struct {
	Rule    string // that it names
	Message string // what is wrong with it; "" is nothing
	Settled bool   // this shard knows: it is the one that judges the file by the rule
	Idle    bool   // Message stands only where the rule ended well in all shards
}

// comments makes the findings about ignore comments. Every shard that came across
// a file has the same comments of it.
func (m *merger) comments() {
	type place struct {
		path         string
		line, column int
	}
	at := map[place]*Comment{}
	var order []*Comment
	for _, p := range m.parts {
		for _, c := range p.Run.Run.Shard.Comments {
			k := place{c.Path, c.Line, c.Column}
			old := at[k]
			if old == nil {
				c.Fates = slices.Clone(c.Fates)
				at[k] = &c
				order = append(order, &c)
				continue
			}
			for i := range min(len(old.Fates), len(c.Fates)) {
				if f := c.Fates[i]; f.Settled || !old.Fates[i].Settled && old.Fates[i].Message == "" {
					old.Fates[i] = f
				}
			}
		}
	}
	ended := map[string]bool{}
	for _, x := range m.out.Rules {
		ended[x.ID] = x.Status == Passed || x.Status == Failed
	}
	type found struct {
		rule.Finding
		of *Comment
	}
	var all []found
	for _, c := range order {
		for _, f := range c.Fates {
			if f.Message == "" || f.Idle && !ended[f.Rule] {
				continue
			}
			all = append(all, found{rule.Finding{Rule: UnusedIgnore, Severity: rule.Warning, Path: c.Path, Line: c.Line, Column: c.Column, Message: f.Message}, c})
		}
	}
	slices.SortFunc(all, func(a, b found) int { return rule.Compare(a.Finding, b.Finding) })
	ordinal := map[string]int{} // by the first fingerprint of a text, and path
	for _, f := range all {
		if len(f.of.Fingerprints) == 0 {
			continue
		}
		group := f.of.Path + "\x00" + strings.Join(f.of.Fingerprints, " ")
		n := ordinal[group]
		ordinal[group]++
		if f.Fingerprint = f.of.Fingerprints[min(n, len(f.of.Fingerprints)-1)]; f.Fingerprint != "" {
			m.out.Findings = append(m.out.Findings, f.Finding)
		}
	}
}

// failing says whether a finding makes the run exit 1.
func (m *merger) failing() bool {
	failOn, ok := rule.ParseSeverity(m.shard(0).FailOn)
	return ok && slices.ContainsFunc(m.out.Findings, func(f rule.Finding) bool { return !f.Fixed && f.Severity >= failOn })
}

type (
	jsonComment struct {
		Path         string     `json:"path"`
		PathBase64   string     `json:"path_base64,omitempty"`
		Line         int        `json:"line"`
		Column       int        `json:"column"`
		Rules        []jsonFate `json:"rules"`
		Fingerprints []string   `json:"fingerprints"`
	}
	jsonFate struct {
		Rule    string `json:"rule"`
		Message string `json:"message,omitempty"`
		Settled bool   `json:"settled,omitempty"`
		Idle    bool   `json:"idle,omitempty"`
	}
)

func commentsJSON(cs []Comment) (out []jsonComment) {
	for _, c := range cs {
		j := jsonComment{Path: valid(c.Path), Line: c.Line, Column: c.Column, Fingerprints: c.Fingerprints}
		if !utf8.ValidString(c.Path) {
			j.PathBase64 = base64.StdEncoding.EncodeToString([]byte(c.Path))
		}
		for _, f := range c.Fates {
			j.Rules = append(j.Rules, jsonFate(f))
		}
		out = append(out, j)
	}
	return out
}

func readComments(js []jsonComment) (out []Comment) {
	for _, j := range js {
		c := Comment{Path: j.Path, Line: j.Line, Column: j.Column, Fingerprints: j.Fingerprints}
		if path, err := base64.StdEncoding.DecodeString(cmp.Or(j.PathBase64, "-")); err == nil {
			c.Path = string(path)
		}
		for _, f := range j.Rules {
			c.Fates = append(c.Fates, Fate(f))
		}
		out = append(out, c)
	}
	return out
}
