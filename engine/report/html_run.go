package report

import (
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"

	"github.com/sot-validator/sot/engine/trace"
)

// What the page holds at most: beyond it, the longest tasks.
const (
	mostTimeline = 20_000 // tasks in the timeline
	mostTable    = 5_000  // rows of the table of tasks
	mostSlow     = 25     // rules that are shown before the rest is folded away
)

// pageData is what the script draws from. A span is [name of the task, position in
// Rules, position in Workers, start, end, batch, estimate, victim's id or -1, 1 where
// it is on the critical path]; a name of "" is the rule's. Seconds count from the
// first task's start.
type pageData struct {
	Makespan float64  `json:"makespan"`
	Workers  []int    `json:"workers"`
	Rules    []string `json:"rules"`
	Spans    [][]any  `json:"spans"`
}

// timeline is the canvas, the data that it is drawn from, and what is told of a task.
func (p *page) timeline(s *trace.Schedule) {
	p.put(`<section aria-labelledby="timeline-title"><h2 id="timeline-title">Timeline</h2>`)
	if len(s.Log.Spans) == 0 {
		p.put("<p>No task ran.</p></section>\n")
		return
	}
	data, left := timelineData(s)
	if left += p.rec.SpansLeftOut; left > 0 {
		p.put(`<p>The %d longest tasks are shown; %d shorter ones are not.</p>`, len(data.Spans), left)
	}
	p.put(`<noscript><p>The timeline needs JavaScript; <a href="#tasks">all tasks</a> are in a table too.</p></noscript>
<div id="timeline-box" hidden>
<div class="tools" role="group" aria-label="Timeline">
<button type="button" data-do="in" aria-label="Zoom in">+</button>
<button type="button" data-do="out" aria-label="Zoom out">−</button>
<button type="button" data-do="all">Whole run</button>
<button type="button" data-do="critical">Critical path</button>
<label>Find <input type="search" id="find" placeholder="rule or task" autocomplete="off" spellcheck="false"></label>
<output id="found" class="muted"></output>
</div>
<div id="timeline" role="application" tabindex="0" aria-label="Timeline of tasks on workers" aria-describedby="keys">
<canvas></canvas><div id="tip" hidden></div></div>
<div id="task" class="task" aria-live="polite"></div>
<ul class="legend" id="legend" aria-label="Colours are batches"></ul>
<p class="muted" id="keys">Drag to move, Ctrl and wheel or pinch to zoom. Keys: left and right for the next task of a worker, up and down for another worker, c for the next task on the critical path, + and − to zoom, 0 for the whole run.</p>
</div>
<script type="application/json" id="data">`)
	// Marshal escapes <, >, & and the line separators, so that no name can end the
	// script element.
	b, err := json.Marshal(data)
	if err != nil {
		b = []byte("null") // unreachable: finite numbers and strings
	}
	_, _ = p.Write(b) // a bufio.Writer keeps its first error, and Flush returns it
	p.put("</script></section>\n")
}

// timelineData are the longest tasks, in order, and how many are left out.
func timelineData(s *trace.Schedule) (pageData, int) {
	d := pageData{Makespan: s.Makespan, Workers: []int{}, Rules: []string{}}
	rows, rules := map[int]int{}, map[string]int{}
	chain := map[int]bool{}
	for _, t := range s.Chain {
		chain[t] = true
	}
	for _, w := range s.WorkersDetail {
		rows[w.ID] = len(d.Workers)
		d.Workers = append(d.Workers, w.ID)
	}
	kept := longest(s.Log.Spans, mostTimeline)
	zero := origin(s)
	for _, x := range kept {
		t := s.Log.Tasks[x.Task]
		if _, ok := rows[x.Worker]; !ok {
			rows[x.Worker] = len(d.Workers)
			d.Workers = append(d.Workers, x.Worker)
		}
		rule := Printable(t.Rule)
		if _, ok := rules[rule]; !ok {
			rules[rule] = len(d.Rules)
			d.Rules = append(d.Rules, rule)
		}
		name, critical := Printable(t.ID), 0
		if name == rule {
			name = ""
		}
		if chain[x.Task] {
			critical = 1
		}
		d.Makespan = max(d.Makespan, x.End-zero)
		d.Spans = append(d.Spans, []any{name, rules[rule], rows[x.Worker], micro(x.Start - zero), micro(x.End - zero), t.Batch, micro(t.Estimate), x.Victim, critical})
	}
	return d, len(s.Log.Spans) - len(kept)
}

// micro rounds seconds to a tenth of a microsecond, which no picture shows, so that
// the page is smaller.
func micro(s float64) float64 { return math.Round(s*1e7) / 1e7 }

// workers is what became of each worker's life.
func (p *page) workers(s *trace.Schedule) {
	p.put(`<section aria-labelledby="workers"><h2 id="workers">Workers</h2>
<ul class="legend" aria-hidden="true"><li><i class="busy"></i>busy</li><li><i class="steal"></i>steal</li><li><i class="idle"></i>idle</li></ul>
<div class="scroll" role="region" aria-labelledby="workers" tabindex="0"><table><thead><tr><th scope="col">worker</th><th scope="col" class="wide">life</th><th scope="col" class="n">busy</th><th scope="col" class="n">steal</th><th scope="col" class="n">idle</th><th scope="col" class="n">efficiency</th><th scope="col" class="n">tasks</th><th scope="col" class="n">stolen</th><th scope="col" class="n">donated</th></tr></thead><tbody>`)
	for _, w := range s.WorkersDetail {
		busy, steal := clamp(ratio(w.Busy, s.Makespan)), clamp(ratio(w.Steal, s.Makespan))
		idle := clamp(ratio(w.Idle(), s.Makespan))
		p.put(`<tr><th scope="row">%d</th><td class="wide"><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="busy" width="%.2f" height="10"/><rect class="steal" x="%.2f" width="%.2f" height="10"/><rect class="idle" x="%.2f" width="%.2f" height="10"/></svg></td>`,
			w.ID, 100*busy, 100*busy, 100*steal, 100*(busy+steal), 100*idle)
		p.put(`<td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%s</td><td class="n">%d</td><td class="n">%d</td><td class="n">%d</td></tr>`,
			seconds(w.Busy), seconds(w.Steal), seconds(w.Idle()), percent(ratio(w.Busy, w.Life)), w.Tasks, w.Stolen, w.Donated)
	}
	p.put("</tbody></table></div></section>\n")
}

// stealing is the table of who took tasks from whom.
func (p *page) stealing(s *trace.Schedule) {
	pairs := stolenPairs(s)
	p.put(`<section aria-labelledby="stealing"><h2 id="stealing">Stealing</h2><p>%s in %s.</p>`, Plural(s.Steals, "steal", "steals"), Plural(s.StealAttempts, "attempt", "attempts"))
	if len(pairs) == 0 {
		p.put("</section>\n")
		return
	}
	if len(s.WorkersDetail) > mostMatrix {
		p.put(`<div class="scroll" role="region" aria-labelledby="stealing" tabindex="0"><table><thead><tr><th scope="col">worker</th><th scope="col">took from worker</th><th scope="col" class="n">tasks</th></tr></thead><tbody>`)
		for _, k := range few(sortedPairs(pairs)) {
			p.put(`<tr><td>%d</td><td>%d</td><td class="n">%d</td></tr>`, k[0], k[1], pairs[k])
		}
		p.put("</tbody></table></div></section>\n")
		return
	}
	p.put(`<div class="scroll" role="region" aria-labelledby="stealing" tabindex="0"><table class="matrix"><thead><tr><th scope="col">took \ from</th>`)
	for _, v := range s.WorkersDetail {
		p.put(`<th scope="col" class="n">%d</th>`, v.ID)
	}
	p.put(`</tr></thead><tbody>`)
	most := 1
	for _, n := range pairs {
		most = max(most, n)
	}
	for _, w := range s.WorkersDetail {
		p.put(`<tr><th scope="row">worker %d</th>`, w.ID)
		for _, v := range s.WorkersDetail {
			n := pairs[[2]int{w.ID, v.ID}]
			if n == 0 {
				p.put(`<td class="n none">0</td>`)
				continue
			}
			p.put(`<td class="n heat%d">%d</td>`, 1+3*(n-1)/most, n)
		}
		p.put(`</tr>`)
	}
	p.put("</tbody></table></div></section>\n")
}

// batches is where each batch lies in the run.
func (p *page) batches(s *trace.Schedule) {
	es := extents(s)
	if len(es) == 0 {
		return
	}
	p.put(`<section aria-labelledby="batches"><h2 id="batches">Batches</h2>
<div class="scroll" role="region" aria-labelledby="batches" tabindex="0"><table><thead><tr><th scope="col">batch</th><th scope="col" class="wide">from first start to last end</th><th scope="col" class="n">seconds</th><th scope="col" class="n">rules</th><th scope="col" class="n">tasks</th><th scope="col" class="n">workers</th><th scope="col" class="n">efficiency</th><th scope="col" class="n">steals</th></tr></thead><tbody>`)
	for _, e := range es {
		from, to := clamp(ratio(e.from, s.Makespan)), clamp(ratio(e.to, s.Makespan))
		p.put(`<tr><th scope="row">%d</th><td class="wide"><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="b%d" x="%.2f" width="%.2f" height="10"/></svg></td>`,
			e.batch.ID, e.batch.ID%pageColors, 100*from, max(0.5, 100*(to-from)))
		p.put(`<td class="n">%s</td><td class="n">%d</td><td class="n">%d</td><td class="n">%d</td><td class="n">%s</td><td class="n">%d</td></tr>`,
			seconds(e.to-e.from), e.batch.Rules, e.batch.Tasks, e.batch.Workers, percent(e.batch.Efficiency), e.batch.Steals)
	}
	p.put("</tbody></table></div></section>\n")
}

// pageColors is how many colours the page has for batches: b0 to b9 in its style.
const pageColors = 10

// slow is a rule with what it took.
type slow struct {
	id, kind, status          string
	tasks, files              int
	seconds, estimate, longes float64
}

// slowest is the table of rules by their seconds.
func (p *page) slowest() {
	rules, ofRun := p.slowRules()
	if len(rules) == 0 {
		return
	}
	sum := 0.0
	for _, r := range rules {
		sum += r.seconds
	}
	p.put(`<section aria-labelledby="slowest"><h2 id="slowest">Slowest rules</h2>`)
	p.slowTable(rules[:min(len(rules), mostSlow)], ofRun, sum, rules[0].seconds)
	if rest := rules[min(len(rules), mostSlow):]; len(rest) > 0 {
		p.put(`<details><summary>%s more</summary>`, Plural(len(rest), "rule", "rules"))
		p.slowTable(rest[:min(len(rest), mostTable)], ofRun, sum, rules[0].seconds)
		p.put(`</details>`)
	}
	p.put("</section>\n")
}

// slowRules are the rules of a run with their own seconds, else those of the tasks;
// slowest first.
func (p *page) slowRules() (rules []slow, ofRun bool) {
	if p.rec.Run != nil {
		ofRun = true
		for _, r := range p.rec.Run.Rules {
			rules = append(rules, slow{id: r.ID, kind: r.Kind, status: string(r.Status), files: r.Files, seconds: r.Seconds})
		}
	} else if s := p.rec.Schedule; s != nil {
		at := map[string]int{}
		for _, x := range s.Log.Spans {
			t := s.Log.Tasks[x.Task]
			i, ok := at[t.Rule]
			if !ok {
				i = len(rules)
				at[t.Rule] = i
				rules = append(rules, slow{id: t.Rule})
			}
			r := &rules[i]
			r.tasks++
			r.seconds += x.Seconds()
			r.estimate += t.Estimate
			r.longes = max(r.longes, x.Seconds())
		}
	}
	slices.SortStableFunc(rules, func(a, b slow) int {
		return cmp.Or(cmp.Compare(b.seconds, a.seconds), cmp.Compare(a.id, b.id))
	})
	return rules, ofRun
}

func (p *page) slowTable(rules []slow, ofRun bool, sum, most float64) {
	p.put(`<div class="scroll" role="region" aria-labelledby="slowest" tabindex="0"><table><thead><tr><th scope="col">rule</th><th scope="col" class="wide">share</th><th scope="col" class="n">seconds</th><th scope="col" class="n">of all</th>`)
	if ofRun {
		p.put(`<th scope="col">kind</th><th scope="col">status</th><th scope="col" class="n">files</th></tr></thead><tbody>`)
	} else {
		p.put(`<th scope="col" class="n">tasks</th><th scope="col" class="n">longest task</th><th scope="col" class="n">estimated</th></tr></thead><tbody>`)
	}
	for _, r := range rules {
		p.put(`<tr><th scope="row" class="name">%s</th><td class="wide"><svg class="bar" viewBox="0 0 100 10" preserveAspectRatio="none" aria-hidden="true"><rect class="track" width="100" height="10"/><rect class="busy" width="%.2f" height="10"/></svg></td><td class="n">%s</td><td class="n">%s</td>`,
			orUnknown(r.id), 100*clamp(ratio(r.seconds, most)), seconds(r.seconds), percent(ratio(r.seconds, sum)))
		if ofRun {
			p.put(`<td>%s</td><td>%s</td><td class="n">%d</td></tr>`, r.kind, r.status, r.files)
			continue
		}
		estimated := "none"
		if r.estimate > 0 {
			estimated = seconds(r.estimate)
		}
		p.put(`<td class="n">%d</td><td class="n">%s</td><td class="n">%s</td></tr>`, r.tasks, seconds(r.longes), estimated)
	}
	p.put(`</tbody></table></div>`)
}

// tasks is the table behind the timeline.
func (p *page) tasks(s *trace.Schedule) {
	kept := longest(s.Log.Spans, mostTable)
	p.put(`<section aria-labelledby="tasks"><h2 id="tasks">Tasks</h2><details><summary>%s in the order of their start`, Plural(len(kept), "task", "tasks"))
	if left := len(s.Log.Spans) - len(kept) + p.rec.SpansLeftOut; left > 0 {
		p.put(`, without %d shorter ones`, left)
	}
	p.put(`</summary><div class="scroll" role="region" aria-labelledby="tasks" tabindex="0"><table><thead><tr><th scope="col">task</th><th scope="col">rule</th><th scope="col" class="n">worker</th><th scope="col" class="n">batch</th><th scope="col" class="n">start</th><th scope="col" class="n">took</th><th scope="col" class="n">estimated</th><th scope="col">stolen from</th><th scope="col">critical path</th></tr></thead><tbody>`)
	chain := map[int]bool{}
	for _, t := range s.Chain {
		chain[t] = true
	}
	zero := origin(s)
	for _, x := range kept {
		t := s.Log.Tasks[x.Task]
		estimate, victim, critical := "none", "", ""
		if t.Estimate > 0 {
			estimate = seconds(t.Estimate)
		}
		if x.Stolen() {
			victim = fmt.Sprintf("worker %d", x.Victim)
		}
		if chain[x.Task] {
			critical = "yes"
		}
		p.put("<tr><th scope=\"row\" class=\"name\">%s</th><td class=\"name\">%s</td><td class=\"n\">%d</td><td class=\"n\">%d</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td class=\"n\">%s</td><td>%s</td><td>%s</td></tr>\n",
			t.ID, t.Rule, x.Worker, t.Batch, seconds(x.Start-zero), seconds(x.Seconds()), estimate, victim, critical)
	}
	p.put("</tbody></table></div></details></section>\n")
}
