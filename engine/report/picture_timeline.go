package report

import (
	"fmt"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// batchColors are backgrounds that black digits can be read on, in turns.
var batchColors = [...]string{"30;46", "30;43", "30;42", "30;45", "30;47", "37;44", "37;41"}

// batchSign is the character that stands for a batch.
func batchSign(id int) byte {
	const signs = "0123456789abcdefghijklmnopqrstuvwxyz"
	return signs[id%len(signs)]
}

// extent is where a batch lies in the run.
type extent struct {
	batch    trace.Batch
	from, to float64
}

// extents are the batches that ran something, in order.
func extents(s *trace.Schedule) []extent {
	at := map[int]int{}
	var es []extent
	for _, b := range s.Batches {
		at[b.ID] = len(es)
		es = append(es, extent{batch: b, from: -1})
	}
	zero := origin(s)
	for _, x := range s.Log.Spans {
		x.Start, x.End = x.Start-zero, x.End-zero
		i, ok := at[s.Log.Tasks[x.Task].Batch]
		if !ok {
			continue
		}
		if es[i].from < 0 || x.Start < es[i].from {
			es[i].from = x.Start
		}
		es[i].to = max(es[i].to, x.End)
	}
	kept := es[:0]
	for _, e := range es {
		if e.from >= 0 {
			kept = append(kept, e)
		}
	}
	return kept
}

// timeline: the batches, and what each worker did, over time.
func (p *picture) timeline(rec *Record) {
	s := rec.Schedule
	p.title("timeline", "a digit is the batch of the task that ran; "+p.none+" is no task")
	const label = len("  batch 50  100.00 s  ")
	row := func(name, picture string) { p.line("  %-18s  %s", p.fit(name, 18), picture) }
	cells := p.width - label - 1
	if s.Makespan <= 0 || len(s.Log.Spans) == 0 {
		p.say("no task took any time")
		return
	}
	for _, w := range few(s.WorkersDetail) {
		row(fmt.Sprintf("worker %d", w.ID), p.strip(s, cells, func(x trace.Span) bool { return x.Worker == w.ID }))
	}
	p.more(len(s.WorkersDetail))
	if len(s.Chain) > 0 {
		on := map[int]bool{}
		for _, t := range s.Chain {
			on[t] = true
		}
		row("critical path", p.strip(s, cells, func(x trace.Span) bool { return on[x.Task] }))
	}
	p.axis(label, cells, s.Makespan)
	p.line("")
	es := extents(s)
	for _, e := range few(es) {
		from := min(cells-1, int(clamp(e.from/s.Makespan)*float64(cells)))
		n := max(1, min(cells, int(clamp(e.to/s.Makespan)*float64(cells)+0.5))-from)
		row(fmt.Sprintf("batch %d  %s", e.batch.ID, p.seconds(e.to-e.from)), strings.Repeat(" ", from)+p.paint(cyan, strings.Repeat(p.thick, n)))
	}
	p.more(len(es))
}

// origin is when the first task started: pictures count from there, as the makespan
// does.
func origin(s *trace.Schedule) float64 {
	first := 0.0
	for i, x := range s.Log.Spans {
		if i == 0 || x.Start < first {
			first = x.Start
		}
	}
	return first
}

// strip is a row of cells; each shows the batch that took most of its time.
func (p *picture) strip(s *trace.Schedule, cells int, mine func(trace.Span) bool) string {
	took := make([]float64, cells) // the most that one batch took
	of := make([]map[int]float64, cells)
	batch := make([]int, cells)
	per := s.Makespan / float64(cells)
	zero := origin(s)
	for _, x := range s.Log.Spans {
		if !mine(x) {
			continue
		}
		x.Start, x.End = x.Start-zero, x.End-zero
		id := s.Log.Tasks[x.Task].Batch
		for c := int(x.Start / per); c < cells && float64(c)*per < x.End; c++ {
			part := min(x.End, float64(c+1)*per) - max(x.Start, float64(c)*per)
			if of[c] == nil {
				of[c] = map[int]float64{}
			}
			of[c][id] += part
			if of[c][id] > took[c] {
				took[c], batch[c] = of[c][id], id
			}
		}
	}
	var b strings.Builder
	for c := 0; c < cells; {
		end := c
		same := func(i int) bool {
			return (took[i] < per/2) == (took[c] < per/2) && (took[c] < per/2 || batch[i] == batch[c])
		}
		for end < cells && same(end) {
			end++
		}
		if took[c] < per/2 {
			b.WriteString(p.paint(dim, strings.Repeat(p.none, end-c)))
		} else {
			b.WriteString(p.paint(batchColors[batch[c]%len(batchColors)], strings.Repeat(string(batchSign(batch[c])), end-c)))
		}
		c = end
	}
	return b.String()
}

// axis writes the scale below a strip: as many marks as there is room for.
func (p *picture) axis(indent, cells int, makespan float64) {
	marks := 4
	switch {
	case cells < 30:
		marks = 1
	case cells < 50:
		marks = 2
	}
	line, at := "", 0
	for i := range marks + 1 {
		s := p.seconds(makespan * float64(i) / float64(marks))
		pos := cells * i / marks
		switch {
		case i == marks:
			pos -= printedWidth(s)
		case i > 0:
			pos -= printedWidth(s) / 2
		}
		if pos < at {
			continue
		}
		line += strings.Repeat(" ", pos-at) + s
		at = pos + printedWidth(s)
	}
	p.line("%s%s", strings.Repeat(" ", indent), p.paint(dim, line))
}
