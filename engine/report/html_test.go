package report_test

import (
	"bytes"
	"crypto/sha256"
	"encoding/base64"
	"regexp"
	"slices"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

var (
	tag       = regexp.MustCompile(`<(/?)([a-zA-Z!][a-zA-Z0-9]*)([^<>]*)>`)
	attribute = regexp.MustCompile(`\s([a-z-]+)(?:="[^"<>]*")?`)
	script    = regexp.MustCompile(`(?s)<script[^>]*>(.*?)</script>`)
	style     = regexp.MustCompile(`(?s)<style>(.*?)</style>`)
)

// ours are the elements that a page is made of; the others could only come from a
// report.
var ours = strings.Fields("!doctype html head meta link title style body a header div h1 h2 p b br button span main section dl dt dd small svg rect line text polyline circle table thead tbody tr th td ul li i noscript canvas label input output details summary script footer code time")

// checkPage wants elements and attributes of the program's own alone, every one that
// was opened to be closed, and two scripts.
func checkPage(t *testing.T, page string) {
	t.Helper()
	if n := strings.Count(page, "<script"); n != 1 && n != 2 {
		t.Fatalf("%d scripts", n)
	}
	markup := style.ReplaceAllString(script.ReplaceAllString(page, "<script></script>"), "<style></style>")
	var open []string
	void := map[string]bool{"!doctype": true, "meta": true, "link": true, "br": true, "input": true, "rect": true, "line": true, "polyline": true, "circle": true}
	for _, m := range tag.FindAllStringSubmatch(markup, -1) {
		name := strings.ToLower(m[2])
		if !slices.Contains(ours, name) {
			t.Fatalf("a foreign element: %s", m[0])
		}
		for _, a := range attribute.FindAllStringSubmatch(m[3], -1) {
			if strings.HasPrefix(a[1], "on") || a[1] == "style" || a[1] == "src" {
				t.Fatalf("a foreign attribute: %s", m[0])
			}
		}
		switch {
		case void[name]:
		case m[1] == "":
			open = append(open, name)
		case len(open) == 0 || open[len(open)-1] != name:
			t.Fatalf("%s closes %v", m[0], open)
		default:
			open = open[:len(open)-1]
		}
	}
	if len(open) > 0 || strings.Contains(tag.ReplaceAllString(markup, ""), "<") {
		t.Fatalf("not closed: %v", open)
	}
}

func html(t *testing.T, rec *report.Record, o report.HTMLOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.HTML(&b, rec, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

// A hostile name stays a name, wherever a report holds one.
func TestHostileNamesStayInTheirPlace(t *testing.T) {
	const evil = `</script><script>alert(1)</script><img src=x onerror=alert(2)>"'><style>*{}</style>` + "\u2028\u202e\x00\xff%s%d"
	run, bench := ofRun(), ofBench()
	run.Run.Run.Source, run.Run.Tool.Name = evil, evil
	run.Run.Rules = []report.RuleResult{{ID: evil, Kind: evil, Status: report.Status(evil), Reason: evil}}
	run.Run.Findings = []rule.Finding{{Rule: evil, Message: evil}}
	for _, rec := range []*report.Record{run, bench} {
		rec.Schedule.Policy, rec.Schedule.Profile = evil, evil
		for i := range rec.Schedule.Log.Tasks {
			rec.Schedule.Log.Tasks[i].ID, rec.Schedule.Log.Tasks[i].Rule = evil, evil
		}
	}
	c := bench.Comparison
	c.Workload, c.Clock, c.Machine.OS, c.Machine.Arch, c.Modes[0].Mode, c.Criteria[0].Name, c.Criteria[0].Target = evil, evil, evil, evil, evil, evil, evil
	for _, rec := range []*report.Record{run, bench} {
		page := html(t, rec, report.HTMLOptions{Name: evil, Version: evil, WhatIf: []float64{3, 2, 1}})
		checkPage(t, page)
		if strings.ContainsAny(page, "\u2028\u202e\x00") || !utf8.ValidString(page) || strings.Contains(page, "%!") {
			t.Error("a character that deceives, or a format that went wrong")
		}
		if !strings.Contains(page, "&lt;img src=x onerror=alert(2)&gt;") {
			t.Error("the name is not shown")
		}
	}
}

// The policy allows the page's own style and script, and nothing else.
func TestPolicyHasTheHashes(t *testing.T) {
	page := html(t, ofRun(), report.HTMLOptions{})
	scripts := script.FindAllStringSubmatch(page, -1)
	for _, inline := range []string{scripts[len(scripts)-1][1], style.FindStringSubmatch(page)[1]} {
		sum := sha256.Sum256([]byte(inline))
		if want := "-src 'sha256-" + base64.StdEncoding.EncodeToString(sum[:]) + "'"; !strings.Contains(page, want) {
			t.Errorf("the policy has no %s", want)
		}
	}
	if !strings.Contains(page, `content="default-src 'none';`) {
		t.Error("the policy does not forbid the rest")
	}
}

func TestPageHasWhatItPromises(t *testing.T) {
	for _, c := range []struct {
		rec   *report.Record
		parts []string
	}{
		{ofRun(), []string{"Figures", "Timeline", "Workers", "Stealing", "Batches", "Slowest rules", "What if", "Criteria", "Tasks", "3.00 s", "exit code 0"}},
		{ofBench(), []string{"Comparison", "Criteria", "Figures of the median adaptive-warm run", "16.5 % shorter", "✗ fail", "linux/amd64 with 2 CPUs"}},
		{&report.Record{Run: &report.Report{}}, []string{"This report has no schedule block"}},
	} {
		page := html(t, c.rec, report.HTMLOptions{Name: "x.json", Version: "1", WhatIf: []float64{5, 3, 2.5}})
		checkPage(t, page)
		for _, part := range c.parts {
			if !strings.Contains(page, part) {
				t.Errorf("there is no %q", part)
			}
		}
	}
}
