package engine

import (
	"bytes"
	"context"
	"slices"
	"sort"
	"strings"

	"github.com/aymanbagabas/go-udiff"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// span is a range of 1-based lines, the last one included.
type span struct{ first, last int }

// changedLines remembers which lines of a file are new against the other side
// of the comparison. Rules end one after another or on several workers, so that
// the caller holds the lock of the ignores.
type changedLines map[string][]span

// maxDiff is the largest file, in bytes on either side, that is compared line
// by line; a larger one counts as changed throughout.
const maxDiff = 4 << 20

// keepChangedLines takes away findings on lines that did not change. Findings
// about a whole file or the repository stay: no line tells whose they are.
func (p *round) keepChangedLines(ctx context.Context, i int) {
	if !p.o.ChangedLines {
		return
	}
	p.open.mu.Lock()
	defer p.open.mu.Unlock()
	st := &p.states[i]
	st.findings = slices.DeleteFunc(st.findings, func(f rule.Finding) bool {
		if f.Line == 0 {
			return false
		}
		spans, known := p.lines[f.Path]
		if !known {
			spans = p.compare(ctx, f.Path, p.content)
			p.lines[f.Path] = spans
		}
		end := max(f.Line, f.EndLine)
		k := sort.Search(len(spans), func(k int) bool { return spans[k].last >= f.Line })
		return k == len(spans) || spans[k].first > end
	})
}

// everything is the lines of a file that has no other side.
var everything = []span{{1, 1 << 30}}

// compare returns the lines of a file, as read reads it, that are not on the
// other side.
func (p *round) compare(ctx context.Context, path string, read func(context.Context, string) ([]byte, error)) []span {
	k, ok := slices.BinarySearchFunc(p.run.files, path, func(e rule.Entry, path string) int { return strings.Compare(e.Path, path) })
	if !ok || p.run.files[k].New() {
		return everything
	}
	before, err := p.src.ReadOld(ctx, &p.run.files[k])
	if err != nil {
		return everything
	}
	after, err := read(ctx, path)
	if err != nil || len(before) > maxDiff || len(after) > maxDiff {
		return everything
	}
	return newLines(before, after)
}

// linesOfChange returns the changed lines of the files that findings are in. They
// are lines of what was judged first: what fixes would change does not count.
func (p *round) linesOfChange(ctx context.Context, fs []rule.Finding) map[string][]report.Lines {
	out := map[string][]report.Lines{}
	for _, f := range fs {
		if _, known := out[f.Path]; known || f.Path == "" {
			continue
		}
		var lines []report.Lines
		for _, s := range p.compare(ctx, f.Path, p.src.Read) {
			lines = append(lines, report.Lines{First: s.first, Last: s.last})
		}
		out[f.Path] = lines
	}
	return out
}

// newLines returns the lines of after that a line diff adds.
func newLines(before, after []byte) []span {
	var out []span
	line, at := 1, 0
	shift := 0 // how far after is ahead of before
	for _, e := range udiff.Lines(string(before), string(after)) {
		start := e.Start + shift
		line += bytes.Count(after[at:start], []byte{'\n'})
		at = start
		if n := strings.Count(e.New, "\n"); e.New != "" {
			last := line + n - 1
			if !strings.HasSuffix(e.New, "\n") {
				last++
			}
			out = append(out, span{line, last})
		}
		shift += len(e.New) - (e.End - e.Start)
	}
	return out
}
