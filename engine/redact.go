package engine

import (
	"cmp"
	"maps"
	"slices"
	"strings"
	"sync"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// redactions are the lines on which secrets stand, and what may be shown of each,
// and the secrets themselves. Other rules find things on such lines too, and a
// report shows a finding's line; and a program or a schema may say in its message
// what it has found. A secret that an ignore comment or the baseline accepts stays
// one.
type redactions struct {
	mu     sync.Mutex
	lines  map[redacted]string
	values map[string]bool
}

// minHidden is the length in bytes from which on a secret, or a line of it, is
// taken out of texts: what is shorter stands in them by chance.
const minHidden = 6

type redacted struct {
	path string
	line int
}

// note keeps the lines of the secrets among some findings. Of those behind a
// secret's first line nothing may be shown.
func (r *redactions) note(fs []rule.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range fs {
		f := &fs[i]
		if !f.Secret || f.Line == 0 {
			continue
		}
		r.keep(f.Hidden)
		f.Hidden = ""
		if r.lines == nil {
			r.lines = map[redacted]string{}
		}
		r.lines[redacted{f.Path, f.Line}] = f.Text
		for line := f.Line + 1; line <= f.EndLine; line++ {
			if _, ok := r.lines[redacted{f.Path, line}]; !ok {
				r.lines[redacted{f.Path, line}] = ""
			}
		}
	}
}

// keep remembers a secret, line by line, as a message may hold a part. A key's
// first and last line are known to all.
func (r *redactions) keep(secret string) {
	for line := range strings.Lines(secret) {
		if line = strings.TrimSpace(line); len(line) < minHidden || strings.HasPrefix(line, "-----") {
			continue
		}
		if r.values == nil {
			r.values = map[string]bool{}
		}
		r.values[line] = true
	}
}

// hide puts what may be shown in the place of the findings' lines. Fingerprints
// stay: they are made before, so that they do not depend on which rules ran.
// Of messages, and of lines of files in which nothing looks for secrets, it takes
// the secrets that were found anywhere.
func (r *redactions) hide(fs []rule.Finding, faults []rule.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines) == 0 {
		return
	}
	messages, lines := r.replacers()
	for i := range fs {
		f := &fs[i]
		if text, ok := r.lines[redacted{f.Path, f.Line}]; ok {
			f.Text = text
		} else {
			f.Text = lines.Replace(f.Text)
		}
		f.Message = messages.Replace(f.Message)
	}
	for i := range faults {
		faults[i].Message = messages.Replace(faults[i].Message)
	}
}

// replacers mask the secrets in a message and in a line, whose columns stay what
// they are. The longest secret comes first: another one may begin like it.
func (r *redactions) replacers() (messages, lines *strings.Replacer) {
	values := slices.SortedFunc(maps.Keys(r.values), func(a, b string) int {
		return cmp.Or(cmp.Compare(len(b), len(a)), strings.Compare(a, b))
	})
	var short, long []string
	for _, v := range values {
		short = append(short, v, "***")
		long = append(long, v, strings.Repeat("*", utf8.RuneCountInString(v)))
	}
	return strings.NewReplacer(short...), strings.NewReplacer(long...)
}
