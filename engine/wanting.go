package engine

import (
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/filetype"
)

// wanting tells which of a sweep's live rules want a file. What follows from the
// last part of a path and from the mode alone is found out once: a repository has
// far fewer names than files.
type wanting struct {
	of    *round
	rules []int // numbers of the live rules
	list  []wanter
	names map[string]*named // of files that are not executable
	fits  map[*string][]bool
}

// wanter is what a sweep asks of a rule again and again.
type wanter struct {
	m     *plan.Matcher
	sized rule.Sized
	size  bool // it may ask for any file's size
	blind bool // it does not look into files
	typed bool
}

// named is what follows from a name.
type named struct {
	tags     []string
	complete bool
	fits     []bool // whether each live rule takes files with these tags; nil where they are not complete
}

// mostNames bounds the names that are remembered.
const mostNames = 4096

// wantingOf returns what the worker knows of a round's rules.
func (w *worker) wantingOf(p *round, t *plan.Task, live []int) *wanting {
	if v := w.wanting; v != nil && v.of == p && slices.EqualFunc(v.rules, live, func(rule, x int) bool { return rule == t.Rules[x] }) {
		return v
	}
	v := &wanting{of: p, names: map[string]*named{}, fits: map[*string][]bool{}}
	for _, x := range live {
		r, m := p.rules[t.Rules[x]], p.matchers[t.Rules[x]]
		sized, _ := r.Check.(rule.Sized)
		_, blind := r.Check.(rule.Blind)
		v.rules = append(v.rules, t.Rules[x])
		// A composed check does not tell what is in it: bodies under all, any or not.
		v.list = append(v.list, wanter{m: m, sized: sized, size: sized == nil && r.Kind != "use" && r.Kind != "naming", blind: blind, typed: m.Typed()})
	}
	w.wanting = v
	return v
}

// named returns what follows from a file's name.
func (v *wanting) named(e *rule.Entry) *named {
	if e.Mode != rule.ModeFile {
		return v.find(e)
	}
	name := e.Path[strings.LastIndexByte(e.Path, '/')+1:]
	n, ok := v.names[name]
	if !ok {
		n = v.find(e)
		if len(v.names) < mostNames {
			v.names[name] = n
		}
	}
	return n
}

func (v *wanting) find(e *rule.Entry) *named {
	tags, complete := filetype.Static(e.Path, e.Mode)
	n := &named{tags: tags, complete: complete}
	switch {
	case !complete:
	case len(tags) == 0:
		n.fits = v.fitting(tags)
	default: // a file type's tags are always the same slice
		if n.fits = v.fits[&tags[0]]; n.fits == nil {
			n.fits = v.fitting(tags)
			v.fits[&tags[0]] = n.fits
		}
	}
	return n
}

// fitting says which rules take files with some tags.
func (v *wanting) fitting(tags []string) []bool {
	fits := make([]bool, len(v.list))
	for k := range v.list {
		fits[k] = v.list[k].m.Tags(hasTag(tags))
	}
	return fits
}

// asksSize says whether a rule asks for an entry's size.
func (x *wanter) asksSize(e *rule.Entry) bool {
	if x.sized != nil {
		return x.sized.Sized(e)
	}
	return x.size
}
