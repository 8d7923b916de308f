package report

import (
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// The parts of JUnit's XML that CI systems read.
// https://github.com/testmoapp/junitxml
type (
	junitSuite struct {
		tests, failures, errors, skipped int
		cases                            []junitCase
	}
	junitCase struct {
		class, name, time string
		element           string // failure, error, skipped, or "" where it passed
		message, kind     string
		text              string
	}
)

// JUnit writes one test case a rule: failed with its findings, an error with its
// faults, or skipped with the reason.
func JUnit(w io.Writer, r *Report) error {
	by := map[string][]rule.Finding{}
	for _, f := range r.remaining() {
		by[f.Rule] = append(by[f.Rule], f)
	}
	faults := map[string][]rule.Fault{}
	for _, f := range r.Faults {
		faults[f.Rule] = append(faults[f.Rule], f)
	}
	var s junitSuite
	for _, x := range r.Rules {
		s.add(junitCase{class: r.Tool.Name + "." + x.Kind, name: x.ID, time: xmlSeconds(x.Seconds)}, by[x.ID], faults[x.ID], x)
		delete(by, x.ID)
		delete(faults, x.ID)
	}
	// What is left is no declared rule's: sot's own findings and the run's faults.
	for _, f := range r.remaining() {
		if fs := by[f.Rule]; fs != nil {
			s.add(junitCase{class: r.Tool.Name, name: f.Rule, time: xmlSeconds(0)}, fs, nil, RuleResult{})
			delete(by, f.Rule)
		}
	}
	if fs := faults[""]; fs != nil {
		s.add(junitCase{class: r.Tool.Name, name: "run", time: xmlSeconds(0)}, nil, fs, RuleResult{})
	}
	x := newXML("testsuites")
	x.open("testsuite", "name", r.Tool.Name, "tests", strconv.Itoa(s.tests), "failures", strconv.Itoa(s.failures), "errors", strconv.Itoa(s.errors),
		"skipped", strconv.Itoa(s.skipped), "time", xmlSeconds(r.Run.Seconds), "timestamp", r.Run.Started.UTC().Format("2006-01-02T15:04:05"))
	for _, c := range s.cases {
		c.write(x)
	}
	x.close("testsuite")
	return x.end(w, "testsuites")
}

func (c *junitCase) write(x *xmlWriter) {
	attrs := []string{"classname", c.class, "name", c.name, "time", c.time}
	if c.element == "" {
		x.element("testcase", "", attrs...)
		return
	}
	x.open("testcase", attrs...)
	about := []string{"message", c.message}
	if c.kind != "" {
		about = append(about, "type", c.kind)
	}
	x.element(c.element, c.text, about...)
	x.close("testcase")
}

func (s *junitSuite) add(c junitCase, findings []rule.Finding, faults []rule.Fault, x RuleResult) {
	s.tests++
	switch {
	case len(faults) > 0:
		s.errors++
		c.element, c.message, c.kind, c.text = "error", Printable(firstLine(faults[0].Message)), string(faults[0].Kind), faultLines(faults)
	case len(findings) > 0:
		s.failures++
		c.element, c.message, c.kind, c.text = "failure", Plural(len(findings), "finding", "findings"), findings[0].Severity.String(), findingLines(findings)
	case x.Status == Skipped:
		s.skipped++
		c.element, c.message = "skipped", Printable(x.Reason)
	}
	s.cases = append(s.cases, c)
}

func xmlSeconds(s float64) string { return strconv.FormatFloat(s, 'f', 3, 64) }

func firstLine(s string) string {
	line, _, _ := strings.Cut(s, "\n")
	return line
}

func faultLines(fs []rule.Fault) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "%s: %s\n", f.Kind, Printable(f.Message))
	}
	return b.String()
}

func findingLines(fs []rule.Finding) string {
	var b strings.Builder
	for _, f := range fs {
		fmt.Fprintf(&b, "%s: %s: %s\n", place(f), f.Severity, Printable(f.Message))
	}
	return b.String()
}

// place is path:line:column as far as there is one.
func place(f rule.Finding) string {
	s := PrintablePath(f.Path)
	if f.Line > 0 {
		s += ":" + strconv.Itoa(f.Line)
	}
	if f.Line > 0 && f.Column > 0 {
		s += ":" + strconv.Itoa(f.Column)
	}
	return s
}

// Checkstyle writes the findings that stand, by file.
func Checkstyle(w io.Writer, r *Report) error {
	x := newXML("checkstyle", "version", "4.3")
	file := ""
	for _, f := range r.remaining() {
		name := Printable(f.Path)
		if f.Path == "" {
			name = "."
		}
		if name != file {
			if file != "" {
				x.close("file")
			}
			x.open("file", "name", name)
			file = name
		}
		var attrs []string
		if f.Line > 0 {
			attrs = append(attrs, "line", strconv.Itoa(f.Line))
		}
		if f.Column > 0 {
			attrs = append(attrs, "column", strconv.Itoa(f.Column))
		}
		x.element("error", "", append(attrs, "severity", f.Severity.String(), "message", Printable(f.Message), "source", "sot."+f.Rule)...)
	}
	if file != "" {
		x.close("file")
	}
	return x.end(w, "checkstyle")
}
