package engine

import (
	"cmp"
	"context"
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
	files  map[string]bool // of which nothing may be shown
	values map[string]bool // the secrets, and the lines of long ones
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
// Of messages, and of lines of files in which nothing looks for secrets, it takes
// the secrets that were found anywhere.
func (r *redactions) hide(fs []rule.Finding, faults []rule.Fault) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if len(r.lines)+len(r.files) == 0 {
		return
	}
	messages, lines := r.replacers()
	for i := range fs {
		f := &fs[i]
		if text, ok := r.lines[redacted{f.Path, f.Line}]; ok {
			f.Text = text
		} else if r.files[f.Path] {
			f.Text = ""
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

// secretsElsewhere notes the secrets of files that another shard searches for them,
// where findings here speak of such files. That shard reports them.
func (r *run) secretsElsewhere(ctx context.Context, fs []rule.Finding) {
	if r.slice == nil {
		return
	}
	shown := map[string]bool{}
	for _, f := range fs {
		shown[f.Path] = true
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
