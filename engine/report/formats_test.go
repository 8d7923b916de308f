package report_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"io"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/owenrumney/go-sarif/v3/pkg/report/v210/sarif"
	"github.com/santhosh-tekuri/jsonschema/v6"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

var nasty = []string{
	"plain", "", "a\r\n::error::x", "::stop-commands::x", "%0A::warning::", "a,b:c%d", "<script>&\"'", "]]>", "\x1b[2J\x00\x08", "\xff\xfe", "\u202e", "日本\u2028", "-dash", "a b/ü:c?#.txt",
}

func drawReport(t *rapid.T) *report.Report {
	s := rapid.OneOf(rapid.SampledFrom(nasty), rapid.String())
	r := &report.Report{
		Tool: report.Tool{Name: "sot", Version: "1.2.3"},
		Run:  report.Run{Started: time.Unix(1700000000, 5e8), Seconds: 1.5, ExitCode: 1},
		Rules: []report.RuleResult{
			{ID: "a", Kind: "content", Status: report.Failed}, {ID: "b", Kind: "use", Status: report.Skipped, Reason: s.Draw(t, "reason")}, {ID: "c", Kind: "command", Status: report.Faulted},
		},
		About: map[string]report.About{"a": {Description: s.Draw(t, "description"), Help: "https://example.com/a"}},
	}
	for range rapid.IntRange(0, 5).Draw(t, "findings") {
		line := rapid.IntRange(0, 3).Draw(t, "line")
		f := rule.Finding{
			Rule: rapid.SampledFrom([]string{"a", "b", "unused-ignore"}).Draw(t, "rule"), Severity: rapid.SampledFrom([]rule.Severity{rule.Info, rule.Warning, rule.Error}).Draw(t, "severity"),
			Path: strings.ReplaceAll(s.Draw(t, "path"), "\x00", ""), Line: line, Message: "m" + s.Draw(t, "message"), Fixed: rapid.Bool().Draw(t, "fixed"),
		}
		if line > 0 && rapid.Bool().Draw(t, "column") {
			f.Column, f.EndLine, f.EndColumn = 2, line+rapid.IntRange(0, 1).Draw(t, "lines"), 5
		}
		r.Findings = append(r.Findings, f)
	}
	rule.SetFingerprints(r.Findings)
	for range rapid.IntRange(0, 2).Draw(t, "faults") {
		r.Faults = append(r.Faults, rule.Fault{Rule: rapid.SampledFrom([]string{"", "c"}).Draw(t, "rule"), Kind: rule.FaultCrash, Message: "f" + s.Draw(t, "fault")})
	}
	return r
}

func standing(r *report.Report) (fs []rule.Finding) {
	for _, f := range r.Findings {
		if !f.Fixed {
			fs = append(fs, f)
		}
	}
	return fs
}

func bytesOf(t *rapid.T, write func(w io.Writer, r *report.Report) error, r *report.Report) []byte {
	var b bytes.Buffer
	if err := write(&b, r); err != nil {
		t.Fatal(err)
	}
	return b.Bytes()
}

// sarifSchema is the official schema, as the module that reads SARIF brings it.
func sarifSchema(t *testing.T) *jsonschema.Schema {
	t.Helper()
	dir, err := exec.Command("go", "list", "-m", "-f", "{{.Dir}}", "github.com/owenrumney/go-sarif/v3").Output()
	if err != nil {
		t.Fatal(err)
	}
	source, err := os.ReadFile(filepath.Join(strings.TrimSpace(string(dir)), "pkg", "report", "v210", "sarif", "schema.go"))
	if err != nil {
		t.Fatal(err)
	}
	_, text, _ := strings.Cut(string(source), "`")
	schema, err := jsonschema.UnmarshalJSON(strings.NewReader(strings.TrimRight(text, "`\n ")))
	if err != nil {
		t.Fatal(err)
	}
	c := jsonschema.NewCompiler()
	if err := c.AddResource("https://example.com/sarif.json", schema); err != nil {
		t.Fatal(err)
	}
	c.AssertFormat()
	s, err := c.Compile("https://example.com/sarif.json")
	if err != nil {
		t.Fatal(err)
	}
	return s
}

// The log is valid by the official schema, and says what the report says.
func TestSARIFIsValidAndWhole(t *testing.T) {
	schema := sarifSchema(t)
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		b := bytesOf(t, report.SARIF, r)
		dec := json.NewDecoder(bytes.NewReader(b))
		dec.DisallowUnknownFields()
		var log sarif.Report
		if err := dec.Decode(&log); err != nil {
			t.Fatal(err)
		}
		var whole any
		if err := json.Unmarshal(b, &whole); err != nil {
			t.Fatal(err)
		}
		if err := schema.Validate(whole); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		want := standing(r)
		if got := len(log.Runs[0].Results); got != len(want) {
			t.Fatalf("%d results of %d findings", got, len(want))
		}
		for i, x := range log.Runs[0].Results {
			path, err := url.PathUnescape(*x.Locations[0].PhysicalLocation.ArtifactLocation.URI)
			if err != nil || want[i].Path != "" && path != want[i].Path || x.PartialFingerprints["sot/v1"] != want[i].Fingerprint {
				t.Fatalf("%q %v of %+v", path, err, want[i])
			}
			if id := *log.Runs[0].Tool.Driver.Rules[x.RuleIndex].ID; id != want[i].Rule {
				t.Fatalf("rule %d is %s, want %s", x.RuleIndex, id, want[i].Rule)
			}
		}
		if n := len(log.Runs[0].Invocations[0].ToolExecutionNotifications); n != len(r.Faults) {
			t.Fatalf("%d notifications of %d faults", n, len(r.Faults))
		}
	})
}

func TestSARIFKeepsTheGravest(t *testing.T) {
	r := &report.Report{}
	for range report.MaxSARIFResults + 5 {
		r.Findings = append(r.Findings, rule.Finding{Rule: "w", Severity: rule.Warning, Message: "m"})
	}
	r.Findings[report.MaxSARIFResults+2].Severity = rule.Error
	var b bytes.Buffer
	if err := report.SARIF(&b, r); err != nil {
		t.Fatal(err)
	}
	log, err := sarif.FromBytes(b.Bytes())
	if err != nil || len(log.Runs[0].Results) != report.MaxSARIFResults || log.Runs[0].Results[0].Level != "error" {
		t.Fatal(err, len(log.Runs[0].Results), log.Runs[0].Results[0].Level)
	}
	if text := *log.Runs[0].Invocations[0].ToolExecutionNotifications[0].Message.Text; !strings.Contains(text, "25005") {
		t.Error(text)
	}
}

func TestJUnitCountsWhatItHolds(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		var got struct {
			Suites []struct {
				Tests    int `xml:"tests,attr"`
				Failures int `xml:"failures,attr"`
				Errors   int `xml:"errors,attr"`
				Skipped  int `xml:"skipped,attr"`
				Cases    []struct {
					Name    string    `xml:"name,attr"`
					Failure *string   `xml:"failure"`
					Error   *string   `xml:"error"`
					Skipped *struct{} `xml:"skipped"`
				} `xml:"testcase"`
			} `xml:"testsuite"`
		}
		b := bytesOf(t, report.JUnit, r)
		if err := xml.Unmarshal(b, &got); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		s := got.Suites[0]
		failures, errors, skipped, lines := 0, 0, 0, 0
		for _, c := range s.Cases {
			switch {
			case c.Failure != nil:
				failures++
				lines += strings.Count(strings.TrimSpace(*c.Failure), "\n") + 1
			case c.Error != nil:
				errors++
			case c.Skipped != nil:
				skipped++
			}
		}
		if s.Tests != len(s.Cases) || s.Failures != failures || s.Errors != errors || s.Skipped != skipped {
			t.Fatalf("%+v", s)
		}
		if lines != len(standing(r)) {
			t.Fatalf("%d lines of %d findings\n%s", lines, len(standing(r)), b)
		}
		if (len(r.Faults) > 0) != (errors > 0) {
			t.Fatalf("%d faults, %d errors", len(r.Faults), errors)
		}
	})
}

func TestCheckstyleAndGitLabHoldEveryFinding(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		var log struct {
			Files []struct {
				Name   string `xml:"name,attr"`
				Errors []struct {
					Line     int    `xml:"line,attr"`
					Severity string `xml:"severity,attr"`
					Source   string `xml:"source,attr"`
				} `xml:"error"`
			} `xml:"file"`
		}
		b := bytesOf(t, report.Checkstyle, r)
		if err := xml.Unmarshal(b, &log); err != nil {
			t.Fatalf("%v\n%s", err, b)
		}
		var issues []map[string]any
		if err := json.Unmarshal(bytesOf(t, report.GitLab, r), &issues); err != nil {
			t.Fatal(err)
		}
		i := 0
		for _, file := range log.Files {
			for _, e := range file.Errors {
				f := standing(r)[i]
				line := issues[i]["location"].(map[string]any)["lines"].(map[string]any)["begin"]
				if e.Line != f.Line || e.Severity != f.Severity.String() || e.Source != "sot."+f.Rule || line != float64(max(1, f.Line)) || issues[i]["fingerprint"] != f.Fingerprint {
					t.Fatalf("%+v and %v are not %+v", e, issues[i], f)
				}
				i++
			}
		}
		if i != len(standing(r)) || len(issues) != i {
			t.Fatalf("%d and %d of %d findings", i, len(issues), len(standing(r)))
		}
	})
}

// Whatever a repository holds, each line is one command of ours, read back as the
// runner reads it.
func TestGitHubCommandsAreOnePerLine(t *testing.T) {
	undo := strings.NewReplacer("%25", "%", "%0D", "\r", "%0A", "\n", "%3A", ":", "%2C", ",")
	rapid.Check(t, func(t *rapid.T) {
		r := drawReport(t)
		text := strings.TrimSuffix(string(bytesOf(t, report.GitHub, r)), "\n")
		want := standing(r)
		if text == "" && len(want)+len(r.Faults) == 0 {
			return
		}
		lines := strings.Split(text, "\n")
		if len(lines) != len(want)+len(r.Faults) {
			t.Fatalf("%d lines of %d findings and %d faults:\n%s", len(lines), len(want), len(r.Faults), text)
		}
		for i, f := range want {
			head, message, ok := strings.Cut(strings.TrimPrefix(lines[i], "::"), "::")
			name, props, _ := strings.Cut(head, " ")
			if !ok || undo.Replace(message) != strings.ToValidUTF8(f.Message, "\ufffd") {
				t.Fatalf("%q of %+v", lines[i], f)
			}
			if name != map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Info: "notice"}[f.Severity] {
				t.Fatalf("%q of %+v", lines[i], f)
			}
			for p := range strings.SplitSeq(props, ",") {
				if k, v, _ := strings.Cut(p, "="); k == "file" && undo.Replace(v) != strings.ToValidUTF8(f.Path, "\ufffd") {
					t.Fatalf("%q of %+v", lines[i], f)
				}
			}
		}
	})
}
