package report

import (
	"encoding/xml"
	"fmt"
	"io"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// The parts of JUnit's XML that CI systems read.
// https://github.com/testmoapp/junitxml
type (
	junitSuites struct {
		XMLName xml.Name     `xml:"testsuites"`
		Suites  []junitSuite `xml:"testsuite"`
	}
	junitSuite struct {
		Name      string      `xml:"name,attr"`
		Tests     int         `xml:"tests,attr"`
		Failures  int         `xml:"failures,attr"`
		Errors    int         `xml:"errors,attr"`
		Skipped   int         `xml:"skipped,attr"`
		Time      string      `xml:"time,attr"`
		Timestamp string      `xml:"timestamp,attr"`
		Cases     []junitCase `xml:"testcase"`
	}
	junitCase struct {
		Class   string       `xml:"classname,attr"`
		Name    string       `xml:"name,attr"`
		Time    string       `xml:"time,attr"`
		Failure *junitResult `xml:"failure"`
		Error   *junitResult `xml:"error"`
		Skipped *junitResult `xml:"skipped"`
	}
	junitResult struct {
		Message string `xml:"message,attr"`
		Type    string `xml:"type,attr,omitempty"`
		Text    string `xml:",chardata"`
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
	s := junitSuite{Name: r.Tool.Name, Time: xmlSeconds(r.Run.Seconds), Timestamp: r.Run.Started.UTC().Format("2006-01-02T15:04:05")}
	for _, x := range r.Rules {
		s.add(junitCase{Class: r.Tool.Name + "." + x.Kind, Name: x.ID, Time: xmlSeconds(x.Seconds)}, by[x.ID], faults[x.ID], x)
		delete(by, x.ID)
		delete(faults, x.ID)
	}
	// What is left is no declared rule's: sot's own findings and the run's faults.
	for _, f := range r.remaining() {
		if fs := by[f.Rule]; fs != nil {
			s.add(junitCase{Class: r.Tool.Name, Name: f.Rule, Time: xmlSeconds(0)}, fs, nil, RuleResult{})
			delete(by, f.Rule)
		}
	}
	if fs := faults[""]; fs != nil {
		s.add(junitCase{Class: r.Tool.Name, Name: "run", Time: xmlSeconds(0)}, nil, fs, RuleResult{})
	}
	return writeXML(w, junitSuites{Suites: []junitSuite{s}})
}

func (s *junitSuite) add(c junitCase, findings []rule.Finding, faults []rule.Fault, x RuleResult) {
	s.Tests++
	switch {
	case len(faults) > 0:
		s.Errors++
		c.Error = &junitResult{Message: Printable(firstLine(faults[0].Message)), Type: string(faults[0].Kind), Text: faultLines(faults)}
	case len(findings) > 0:
		s.Failures++
		c.Failure = &junitResult{Message: Plural(len(findings), "finding", "findings"), Type: findings[0].Severity.String(), Text: findingLines(findings)}
	case x.Status == Skipped:
		s.Skipped++
		c.Skipped = &junitResult{Message: Printable(x.Reason)}
	}
	s.Cases = append(s.Cases, c)
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

// The parts of checkstyle's XML that its readers use.
type (
	checkstyleLog struct {
		XMLName xml.Name         `xml:"checkstyle"`
		Version string           `xml:"version,attr"`
		Files   []checkstyleFile `xml:"file"`
	}
	checkstyleFile struct {
		Name   string            `xml:"name,attr"`
		Errors []checkstyleError `xml:"error"`
	}
	checkstyleError struct {
		Line     int    `xml:"line,attr,omitempty"`
		Column   int    `xml:"column,attr,omitempty"`
		Severity string `xml:"severity,attr"`
		Message  string `xml:"message,attr"`
		Source   string `xml:"source,attr"`
	}
)

// Checkstyle writes the findings that stand, by file.
func Checkstyle(w io.Writer, r *Report) error {
	log := checkstyleLog{Version: "4.3"}
	for _, f := range r.remaining() {
		name := Printable(f.Path)
		if f.Path == "" {
			name = "."
		}
		if n := len(log.Files); n == 0 || log.Files[n-1].Name != name {
			log.Files = append(log.Files, checkstyleFile{Name: name})
		}
		file := &log.Files[len(log.Files)-1]
		file.Errors = append(file.Errors, checkstyleError{Line: f.Line, Column: f.Column,
			Severity: f.Severity.String(), Message: Printable(f.Message), Source: "sot." + f.Rule})
	}
	return writeXML(w, log)
}

// writeXML writes a document. Characters that XML does not know become U+FFFD.
func writeXML(w io.Writer, v any) error {
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(v); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
