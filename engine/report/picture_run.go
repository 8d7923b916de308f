package report

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// What a terminal shows at most; the HTML page shows all.
const (
	mostRows   = 32 // workers, batches
	mostMatrix = 16 // workers, who stole from whom
)

// more says how many rows were left out.
func (p *picture) more(all int) {
	if all > mostRows {
		p.say(fmt.Sprintf("and %d more", all-mostRows))
	}
}

func few[T any](xs []T) []T { return xs[:min(len(xs), mostRows)] }

// level is the colour of a share that should be high.
func level(share float64) string {
	switch {
	case share >= 0.95:
		return green
	case share >= 0.8:
		return yellow
	}
	return red
}

// utilization: how much of the makespan each worker spent in tasks.
func (p *picture) utilization(rec *Record) {
	s := rec.Schedule
	p.title("utilization", "share of the makespan that each worker spent in tasks")
	cells := p.width - len("  worker 1234  ") - len("  100.0 %  100.00 ms")
	for _, w := range few(s.WorkersDetail) {
		share := ratio(w.Busy, s.Makespan)
		p.line("  worker %-4d  %s  %7s  %9s", w.ID, p.paint(level(share), p.bar(share, cells)), percent(share), p.seconds(w.Busy))
	}
	p.more(len(s.WorkersDetail))
	p.line("  %-11s  %s  %7s  %9s", fmt.Sprintf("all of %d", s.Log.Allowed), p.paint(level(s.Utilization), p.bar(s.Utilization, cells)), percent(s.Utilization), p.seconds(s.Work))
}

func ratio(a, b float64) float64 {
	if b <= 0 {
		return 0
	}
	return a / b
}

// efficiency: what became of each worker's life.
func (p *picture) efficiency(rec *Record) {
	s := rec.Schedule
	p.title("efficiency", "what became of each worker's life")
	wide := p.width >= 66 // else the bar alone shows steal and idle
	cells := p.width - len("  worker 1234  ") - len("  100.0 %")
	if wide {
		cells -= len("  100.0 %  100.0 %")
	}
	legend := fmt.Sprintf("%s busy  %s steal  %s idle", p.paint(green, p.busy), p.paint(yellow, p.steal), p.paint(dim, p.idle))
	if wide {
		p.line("  %-11s  %s%s  %7s  %7s  %7s", "", legend, strings.Repeat(" ", max(0, cells-printedWidth(legend))), "busy", "steal", "idle")
	} else {
		p.line("  %s", legend)
	}
	row := func(name string, w trace.Worker) {
		busy, steal := clamp(ratio(w.Busy, w.Life)), clamp(ratio(w.Steal, w.Life))
		idle := max(0, 1-busy-steal)
		b := int(busy*float64(cells) + 0.5)
		// What is not nothing gets a cell, as long as there is one.
		st := min(cells-b, max(int(steal*float64(cells)+0.5), least(steal)))
		rest := cells - b - st
		if w.Life <= 0 {
			b, st, rest, idle = 0, 0, 0, 0
		}
		line := fmt.Sprintf("  %-11s  %s%s%s%s  %7s", name,
			p.paintIf(green, strings.Repeat(p.busy, b)), p.paintIf(yellow, strings.Repeat(p.steal, st)), p.paintIf(dim, strings.Repeat(p.idle, rest)),
			strings.Repeat(" ", cells-b-st-rest), percent(busy))
		if wide {
			line += fmt.Sprintf("  %7s  %7s", percent(steal), percent(idle))
		}
		p.line("%s", line)
	}
	all := trace.Worker{}
	for _, w := range s.WorkersDetail {
		all.Life, all.Busy, all.Steal = all.Life+w.Life, all.Busy+w.Busy, all.Steal+w.Steal
	}
	for _, w := range few(s.WorkersDetail) {
		row(fmt.Sprintf("worker %d", w.ID), w)
	}
	p.more(len(s.WorkersDetail))
	row("all", all)
}

// least is 1 for a share that a cell should stand for.
func least(share float64) int {
	if share > 0.0005 {
		return 1
	}
	return 0
}

// stealing: who took how many tasks from whom.
func (p *picture) stealing(rec *Record) {
	s := rec.Schedule
	p.title("stealing", fmt.Sprintf("%s in %s", Plural(s.Steals, "steal", "steals"), Plural(s.StealAttempts, "attempt", "attempts")))
	pairs := stolenPairs(s)
	switch n := len(s.WorkersDetail); {
	case len(pairs) == 0 && s.Steals > 0:
		p.say("the file does not say who took from whom")
	case len(pairs) == 0:
		p.say("nobody took a task from another worker")
	case n <= mostMatrix && len("  worker 1234 took")+5*n+7 <= p.width:
		p.matrix(s, pairs)
	default:
		p.pairs(pairs)
	}
}

func (p *picture) matrix(s *trace.Schedule, pairs map[[2]int]int) {
	head := fmt.Sprintf("  %-16s", "from worker")
	for _, v := range s.WorkersDetail {
		head += fmt.Sprintf("%5d", v.ID)
	}
	p.line("%s", p.paint(dim, head+"    all"))
	for _, w := range s.WorkersDetail {
		row, sum := "", 0
		for _, v := range s.WorkersDetail {
			switch n := pairs[[2]int{w.ID, v.ID}]; {
			case n > 0:
				row += p.paint(cyan, fmt.Sprintf("%5d", n))
				sum += n
			default:
				row += p.paint(dim, "    "+p.none)
			}
		}
		p.line("  %-16s%s%7d", fmt.Sprintf("worker %d took", w.ID), row, sum)
	}
}

// stolenPairs counts tasks by (who took, from whom).
func stolenPairs(s *trace.Schedule) map[[2]int]int {
	pairs := map[[2]int]int{}
	for _, x := range s.Log.Spans {
		if x.Stolen() {
			pairs[[2]int{x.Worker, x.Victim}]++
		}
	}
	return pairs
}

// sortedPairs is the pairs, most tasks first.
func sortedPairs(pairs map[[2]int]int) [][2]int {
	keys := make([][2]int, 0, len(pairs))
	for k := range pairs {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, func(a, b [2]int) int {
		return cmp.Or(cmp.Compare(pairs[b], pairs[a]), cmp.Compare(a[0], b[0]), cmp.Compare(a[1], b[1]))
	})
	return keys
}

func (p *picture) pairs(pairs map[[2]int]int) {
	keys := sortedPairs(pairs)
	cells := p.width - len("  1234 took from 1234  ") - 7
	for _, k := range few(keys) {
		p.line("  %4d took from %-4d  %s%7d", k[0], k[1], p.paint(cyan, p.bar(float64(pairs[k])/float64(pairs[keys[0]]), cells)), pairs[k])
	}
	p.more(len(keys))
}
