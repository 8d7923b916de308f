package engine

import (
	"context"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// redactions are the lines on which secrets stand, and what may be shown of each.
// Other rules find things on such lines too, and a report shows a finding's line.
// A secret that an ignore comment or the baseline accepts stays one.
type redactions struct {
	mu    sync.Mutex
	lines map[redacted]string
	files map[string]bool // of which nothing may be shown
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

// hideFile keeps all lines of a file from being shown.
func (r *redactions) hideFile(path string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if r.files == nil {
		r.files = map[string]bool{}
	}
	r.files[path] = true
}

// hide puts what may be shown in the place of the findings' lines. Fingerprints
// stay: they are made before, so that they do not depend on which rules ran.
func (r *redactions) hide(fs []rule.Finding) {
	r.mu.Lock()
	defer r.mu.Unlock()
	for i := range fs {
		if text, ok := r.lines[redacted{fs[i].Path, fs[i].Line}]; ok {
			fs[i].Text = text
		} else if r.files[fs[i].Path] {
			fs[i].Text = ""
		}
	}
}

// secretsElsewhere notes the secrets of files that another shard searches for them,
// where findings here show lines of such files. That shard reports them.
func (r *run) secretsElsewhere(ctx context.Context, fs []rule.Finding) {
	if r.slice == nil {
		return
	}
	shown := map[string]bool{}
	for _, f := range fs {
		if f.Text != "" {
			shown[f.Path] = true
		}
	}
	var files []rule.Entry
	for i := range r.files {
		if shown[r.files[i].Path] {
			files = append(files, r.files[i])
		}
	}
	for i, x := range r.rules {
		check, ok := x.Check.(rule.FileCheck)
		if !ok || x.Kind != "secrets" || r.skip[x.ID] != "" {
			continue
		}
		for _, e := range r.match(i, files) {
			if !r.slice.Reports(i, e.Path) {
				r.searchOnly(ctx, x, check, e)
			}
		}
	}
}

// searchOnly notes the secrets of a file. Where that cannot be done, nothing of the
// file is shown.
func (r *run) searchOnly(ctx context.Context, x *rule.Rule, check rule.FileCheck, e rule.Entry) {
	pass := rule.NewPass(ctx, x, r.src)
	done := false
	defer func() {
		if v := recover(); v != nil || !done {
			r.secrets.hideFile(e.Path)
		}
	}()
	data, err := r.content(ctx, e.Path)
	if err != nil {
		return
	}
	check.CheckFile(pass, rule.NewFile(e, data, r.tags(e)))
	r.secrets.note(pass.Findings())
	done = true
}
