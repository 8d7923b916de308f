package engine

import (
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// redactions are the lines on which secrets stand, and what may be shown of each.
// Other rules find things on such lines too, and a report shows a finding's line.
// A secret that an ignore comment or the baseline accepts stays one.
type redactions struct {
	mu    sync.Mutex
	lines map[redacted]string
}

type redacted struct {
	path string
	line int
}

// note keeps the lines of the secrets among some findings. Of those behind a
// secret's first line nothing may be shown.
func (r *redactions) note(fs []rule.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for _, f := range fs {
		if !f.Secret || f.Line == 0 {
			continue
		}
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

// hide puts what may be shown in the place of the findings' lines. Fingerprints
// stay: they are made before, so that they do not depend on which rules ran.
func (r *redactions) hide(fs []rule.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range fs {
		if text, ok := r.lines[redacted{fs[i].Path, fs[i].Line}]; ok {
			fs[i].Text = text
		}
	}
}
