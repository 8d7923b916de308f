package report

import (
	"bufio"
	"crypto/sha256"
	_ "embed" // the page's style and script
	"encoding/base64"
	"fmt"
	"html"
	"io"

	"github.com/sot-validator/sot/engine/trace"
)

//go:embed page.css
var pageCSS string

//go:embed page.js
var pageJS string

// HTMLOptions say what a page shows beside the report.
type HTMLOptions struct {
	Name    string // of the report, such as its file's name
	Version string // of sot
	// WhatIf is the makespan in seconds with 1, 2, ... workers by the scheduler's
	// simulation; nil leaves the curve out.
	WhatIf []float64
}

// HTML writes a report that was read as one page, which needs nothing beside
// itself: its style and script are inside, allowed by their hashes, and everything
// else is forbidden by its policy. It shows what Pictures shows, a timeline to zoom
// into, the slowest rules, and the curve of WhatIf; everything drawn stands in a
// table too.
//
// It is written without a template package: those keep the linker from leaving out
// what nobody calls, which costs the binary megabytes. What keeps a hostile name
// inside its place instead is that put escapes every string, and has no way not to.
func HTML(w io.Writer, rec *Record, o HTMLOptions) error {
	p := &page{Writer: bufio.NewWriter(w), rec: rec, o: o}
	p.open()
	if s := rec.Schedule; s != nil {
		p.keyFigures(s)
	}
	if c := rec.Comparison; c != nil {
		p.modes(c)
		p.checklist(c.Criteria)
	} else if rec.Schedule != nil {
		p.checklist(rec.Schedule.Criteria())
	}
	if s := rec.Schedule; s != nil {
		p.timeline(s)
		p.workers(s)
		p.stealing(s)
		p.batches(s)
	} else {
		p.put(`<section><h2>Timeline</h2><p>This report has no schedule block: how its tasks ran on the workers was not measured.</p></section>`)
	}
	p.slowest()
	if s := rec.Schedule; s != nil {
		p.whatIf(s)
		p.tasks(s)
	}
	p.close()
	return p.Flush()
}

// page writes HTML.
type page struct {
	*bufio.Writer
	rec *Record
	o   HTMLOptions
}

// put writes markup. Every string among args is escaped, with what could steer a
// reader's eye (controls, characters that turn the direction) made visible; numbers
// are written as they are.
func (p *page) put(markup string, args ...any) {
	for i, a := range args {
		switch v := a.(type) {
		case string:
			args[i] = html.EscapeString(Printable(v))
		case int, float64, vetted:
		default:
			args[i] = html.EscapeString(Printable(fmt.Sprint(v)))
		}
	}
	// A bufio.Writer keeps its first error, and Flush returns it.
	_, _ = fmt.Fprintf(p, markup, args...)
}

// vetted is markup of the program's own, with nothing of the report in it.
type vetted string

// hash is what the page's policy calls an inline style or script.
func hash(s string) vetted {
	sum := sha256.Sum256([]byte(s))
	return vetted("'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'")
}

func (p *page) open() {
	title := "sot run"
	if c := p.rec.Comparison; c != nil {
		title = "sot bench: " + orUnknown(c.Workload)
	}
	p.put(`<!doctype html>
<html lang="en" data-theme="auto">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="default-src 'none'; style-src %s; script-src %s; img-src data:; base-uri 'none'; form-action 'none'">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>%s</title>
<style>%s</style>
</head>
<body>
<a class="skip" href="#main">Skip to the figures</a>
<header>
<div><h1>%s</h1><p class="muted">`, hash(pageCSS), hash(pageJS), title, vetted(pageCSS), title)
	p.subtitle()
	p.put(`</p></div>
<button type="button" id="theme" hidden>Theme: <span>auto</span></button>
</header>
<main id="main">
`)
}

// subtitle says what the report is of.
func (p *page) subtitle() {
	if c := p.rec.Comparison; c != nil {
		p.put(`%s, %s of each mode, %s clock`, Plural(c.Workers, "worker", "workers"), Plural(c.Runs, "run", "runs"), orUnknown(c.Clock))
		if c.Clock != "virtual" {
			p.put(`, %s/%s with %s`, c.Machine.OS, c.Machine.Arch, Plural(c.Machine.CPUs, "CPU", "CPUs"))
		}
		return
	}
	r := p.rec.Run
	p.put(`%s, %s (%s), %s, exit code %d`, Plural(len(r.Rules), "rule", "rules"), Plural(r.Run.Files, "file", "files"), orUnknown(r.Run.Source), seconds(r.Run.Seconds), r.Run.ExitCode)
	if !r.Run.Started.IsZero() {
		p.put(`, started <time>%s</time>`, r.Run.Started.UTC().Format("2006-01-02 15:04:05 UTC"))
	}
}

func (p *page) close() {
	p.put(`</main>
<footer><p class="muted">Made by sot %s`, orUnknown(p.o.Version))
	if p.o.Name != "" {
		p.put(` from <code>%s</code>`, p.o.Name)
	}
	p.put(`. This page asks the network for nothing.</p></footer>
<script>%s</script>
</body>
</html>
`, vetted(pageJS))
}

// seconds is a duration for a page.
func seconds(s float64) string { return secondsIn(s, "µs") }

// figure is one figure of the panel: its name, its value with the unit, and what it
// means.
type figure struct{ name, value, means string }

// keyFigures is the panel of the run's metrics.
func (p *page) keyFigures(s *trace.Schedule) {
	if p.rec.Comparison != nil {
		p.put(`<section aria-labelledby="figures"><h2 id="figures">Figures of the median adaptive-warm run</h2>`)
	} else {
		p.put(`<section aria-labelledby="figures"><h2 id="figures">Figures</h2>`)
	}
	predicted := "none"
	if s.Profile == "warm" {
		predicted = fmt.Sprintf("%.1f %%", s.PredictionError)
	}
	p.put(`<dl class="figures">`)
	for _, f := range []figure{
		{"Makespan", seconds(s.Makespan), "first task's start to last task's end"},
		{"Efficiency", percent(s.Efficiency), "busy share of the workers' life"},
		{"Utilization", percent(s.Utilization), fmt.Sprintf("work / (%d workers allowed × makespan)", s.Log.Allowed)},
		{"Optimality", percent(s.Optimality), "lower bound / makespan: 100 % cannot be beaten"},
		{"Speedup", fmt.Sprintf("%.2f ×", s.Speedup), "work / makespan, estimated"},
		{"Idle", percent(s.Idle), "idle share of the workers' life"},
		{"Load variance", fmt.Sprintf("%.1f %%", s.LoadVariance), "standard deviation of busy seconds / mean"},
		{"Prediction error", predicted, "of the makespan; a cold run predicts none"},
		{"Work", seconds(s.Work), "sum of task seconds"},
		{"Critical path", seconds(s.CriticalPath), "longest chain of tasks through needs"},
		{"Lower bound", seconds(s.LowerBound), "no schedule can be shorter"},
		{"Profiling overhead", fmt.Sprintf("%.3f %%", 100*s.ProfilingOverhead), "clocks and profile updates / work"},
		{"Workers", fmt.Sprintf("%d of %d", s.Workers, s.Log.Allowed), orUnknown(s.Policy) + barriers(s.Barrier) + ", " + orUnknown(s.Profile)},
		{"Steals", fmt.Sprintf("%d of %d", s.Steals, s.StealAttempts), "tasks taken from another worker, of attempts"},
	} {
		p.put(`<div><dt>%s</dt><dd>%s<small>%s</small></dd></div>`, f.name, f.value, f.means)
	}
	p.put("</dl></section>\n")
}
