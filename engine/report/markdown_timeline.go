package report

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/trace"
)

// mostBars is how many bars the timeline draws: more are no picture any more. A task
// of less than leastBar of the makespan has none of its own, where others lie beside it.
const (
	mostBars = 50
	leastBar = 0.01
)

// bar is one bar of the timeline: a task, or several small ones side by side.
type bar struct {
	label      string
	start, end float64 // seconds since the first task's start
	critical   bool    // on the critical path
	stolen     bool
	merged     bool
}

// lane is what a worker did.
type lane struct {
	worker trace.Worker
	bars   []bar
}

// timeline draws what each worker did when, as a Gantt chart of Mermaid.
// https://mermaid.js.org/syntax/gantt.html
func (m *markdown) timeline() {
	s := m.r.Schedule
	if s == nil || s.Makespan <= 0 || len(s.Log.Spans) == 0 {
		return
	}
	lanes, left := lanes(s)
	unit, per := "ms", 1e3
	switch {
	case s.Makespan < 0.1:
		unit, per = "µs", 1e6
	case s.Makespan >= 1000:
		unit, per = "s", 1
	}
	m.put("### Timeline\n\n```mermaid\n---\ndisplayMode: compact\n---\ngantt\n    title %s from first to last task, axis in %s\n    dateFormat x\n    axisFormat %%Q\n    todayMarker off\n", duration(s.Makespan), unit)
	for _, l := range lanes {
		m.put("    section worker %d\n", l.worker.ID)
		end := 0.0
		for _, b := range l.bars {
			from := max(end, math.Round(b.start*per)) // bars that overlap by their rounding would take a second row
			end = max(from+1, math.Round(b.end*per))
			m.put("    %s :%s%.0f, %.0f\n", b.name(s.Makespan), b.tags(), from, end)
		}
	}
	m.put("```\n\n<sub>red: the critical path, the longest chain of tasks that wait for each other · light: stolen from another worker · grey: several small tasks")
	if left > 0 {
		m.put(" · %s not drawn", Plural(left, "worker is", "workers are"))
	}
	m.put("</sub>\n\n")
}

// name is what is written on a bar: as much as it is wide enough for, for a row holds
// several. A digit comes first, so that no label is a statement of Mermaid's.
func (b bar) name(makespan float64) string {
	const characters = 120 // of the whole axis
	room := int(characters * (b.end - b.start) / makespan)
	took := duration(b.end - b.start)
	for _, name := range []string{took + " " + mermaid(b.label), took} {
		if utf8.RuneCountInString(name) <= room {
			return name
		}
	}
	return "·"
}

// tags are how a bar is painted.
func (b bar) tags() string {
	tags := ""
	if b.critical {
		tags += "crit, "
	}
	switch {
	case b.merged:
		tags += "done, "
	case b.stolen:
		tags += "active, "
	}
	return tags
}

// lanes deals at most mostBars bars to the workers: the longest tasks have their own,
// what lies between them on one worker is one bar. Left are workers without a lane.
func lanes(s *trace.Schedule) (out []lane, left int) {
	workers := slices.Clone(s.WorkersDetail)
	if len(workers) > mostBars {
		slices.SortStableFunc(workers, func(a, b trace.Worker) int { return cmp.Compare(b.Busy, a.Busy) })
		left = len(workers) - mostBars
		workers = workers[:mostBars]
		slices.SortFunc(workers, func(a, b trace.Worker) int { return cmp.Compare(a.ID, b.ID) })
	}
	for own := mostBars; own >= 0; own-- {
		out = deal(s, workers, own)
		n := 0
		for _, l := range out {
			n += len(l.bars)
		}
		if n <= mostBars {
			break
		}
	}
	return out, left
}

// deal draws the own longest tasks, and merges the others.
func deal(s *trace.Schedule, workers []trace.Worker, own int) []lane {
	alone := map[int]bool{}
	for _, x := range longest(s.Log.Spans, own) {
		alone[x.Task] = x.Seconds() >= leastBar*s.Makespan
	}
	chain := map[int]bool{}
	for _, t := range s.Chain {
		chain[t] = true
	}
	var out []lane
	zero := origin(s)
	for _, w := range workers {
		l := lane{worker: w}
		var small []trace.Span
		flush := func() {
			if len(small) == 1 {
				l.bars = append(l.bars, taskBar(s, small[0], zero, chain))
			} else if len(small) > 1 {
				l.bars = append(l.bars, smallBar(small, zero))
			}
			small = nil
		}
		for _, x := range s.Log.Spans {
			switch {
			case x.Worker != w.ID:
			case alone[x.Task]:
				flush()
				l.bars = append(l.bars, taskBar(s, x, zero, chain))
			default:
				small = append(small, x)
			}
		}
		flush()
		if len(l.bars) > 0 {
			out = append(out, l)
		}
	}
	return out
}

func taskBar(s *trace.Schedule, x trace.Span, zero float64, chain map[int]bool) bar {
	t := s.Log.Tasks[x.Task]
	label := cmp.Or(t.Rule, t.ID)
	if n := len(t.Also); n > 0 {
		label += fmt.Sprintf(" and %d more", n)
	}
	return bar{label: label, start: x.Start - zero, end: x.End - zero, critical: chain[x.Task], stolen: x.Stolen()}
}

// smallBar stands for several tasks, and the gaps between them.
func smallBar(xs []trace.Span, zero float64) bar {
	busy := 0.0
	for _, x := range xs {
		busy += x.Seconds()
	}
	return bar{label: fmt.Sprintf("in %d tasks, %s busy", len(xs), duration(busy)), start: xs[0].Start - zero, end: xs[len(xs)-1].End - zero, merged: true}
}

// mermaid is untrusted text in a label: only what its grammar has no use for. A
// label never starts a line, where a word such as "click" would be a statement.
func mermaid(s string) string {
	var b strings.Builder
	n := 0
	for _, r := range s {
		if n == 40 {
			b.WriteRune('…')
			break
		}
		if !unicode.IsLetter(r) && !unicode.IsDigit(r) && !strings.ContainsRune(" ._/()+-,µ", r) {
			r = '_'
		}
		b.WriteRune(r)
		n++
	}
	return b.String()
}
