package report_test

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"strings"
	"testing"
	"unicode"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

func text(t *testing.T, r *report.Report, o report.TextOptions) string {
	t.Helper()
	var b bytes.Buffer
	if err := report.Text(&b, r, o); err != nil {
		t.Fatal(err)
	}
	return b.String()
}

func TestTextPutsTheCaretBelowTheRange(t *testing.T) {
	r := &report.Report{Findings: []rule.Finding{
		{Rule: "no-print", Severity: rule.Error, Path: "a.go", Line: 3, Column: 2, EndLine: 3, EndColumn: 7, Message: "use the logger", Text: "\tprint(1)", Fixable: true},
		{Rule: "wide", Severity: rule.Warning, Path: "a.go", Line: 4, Column: 3, EndLine: 4, EndColumn: 4, Message: "wide\ncharacter", Text: "日本語"},
		{Rule: "whole", Severity: rule.Info, Path: "", Message: "no licence"},
	}, Run: report.Run{Source: "all", Files: 2, Seconds: 1.234}}
	want := `a.go
  3:2     error   use the logger  no-print  (--fix mends it)
          |     print(1)
          |     ^^^^^
  4:3     warning wide  wide
          > character
          | 日本語
          |     ^^

(repository)
  -       info    no licence  whole

1 error, 1 warning, 1 info: 0 rules, 2 files (all), 1.23 s
`
	if got := text(t, r, report.TextOptions{}); got != want {
		t.Errorf("got:\n%s\nwant:\n%s", got, want)
	}
}

func TestTextCutsALongLineAroundTheFinding(t *testing.T) {
	line := strings.Repeat("x", 400) + "HERE" + strings.Repeat("y", 400)
	r := &report.Report{Findings: []rule.Finding{{Rule: "r", Severity: rule.Error, Path: "a", Line: 1, Column: 401, EndLine: 1, EndColumn: 405, Text: line}}}
	lines := strings.Split(text(t, r, report.TextOptions{Width: 60}), "\n")
	source, caret := lines[2], lines[3]
	at := strings.Index(caret, "^^^^")
	if at < 0 || len([]rune(source)) > 80 || string([]rune(source)[at:at+4]) != "HERE" {
		t.Errorf("%q\n%q", source, caret)
	}
}

// Whatever a repository holds, nothing that steers a terminal or a CI system
// reaches the text.
func TestTextIsHarmless(t *testing.T) {
	nasty := rapid.OneOf(rapid.String(), rapid.SampledFrom([]string{
		"\x1b[2J\x1b]0;title\a", "::error::x", " ::set-output name=a::b", "a\r\n::stop-commands::x", "\u202egnp.exe", "\xff\xfe", "\u009b31m",
	}))
	rapid.Check(t, func(t *rapid.T) {
		f := rule.Finding{Rule: "r", Severity: rule.Error, Path: nasty.Draw(t, "path"), Message: nasty.Draw(t, "message"), Text: nasty.Draw(t, "text"), Line: 1,
			Column: rapid.IntRange(0, 9).Draw(t, "column"), EndColumn: rapid.IntRange(0, 9).Draw(t, "end"), EndLine: 1}
		r := &report.Report{Findings: []rule.Finding{f}, Faults: []rule.Fault{{Message: f.Message}}, Notes: []string{f.Message}}
		var b bytes.Buffer
		if err := report.Text(&b, r, report.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		for _, c := range b.String() {
			if c != '\n' && !unicode.IsPrint(c) && c != '\u200d' && !unicode.Is(unicode.Zs, c) {
				t.Fatalf("%q in %q", c, b.String())
			}
		}
		for _, l := range strings.Split(b.String(), "\n") {
			if strings.HasPrefix(strings.TrimSpace(l), "::") {
				t.Fatalf("a workflow command: %q", l)
			}
		}
	})
}

func TestPrintable(t *testing.T) {
	for in, want := range map[string]string{
		"plain é 日本": "plain é 日本", "a\nb\x1b": `a\nb\x1b`, "\xff": `\xff`, "\u202e": `\u202e`, "👩\u200d👩": "👩\u200d👩", "\ufffd": "\ufffd",
	} {
		if got := report.Printable(in); got != want {
			t.Errorf("%q: %q, want %q", in, got, want)
		}
	}
}

func TestJSONHasEveryFieldAndKeepsOddPaths(t *testing.T) {
	r := &report.Report{Tool: report.Tool{Name: "sot", Version: "1"}, Findings: []rule.Finding{{Rule: "r", Severity: rule.Error, Path: "a\xffb", Line: 1}},
		Faults: []rule.Fault{{Rule: "x", Kind: rule.FaultTimeout, Message: "m"}}, Rules: []report.RuleResult{{ID: "r", Status: report.Failed}}}
	var b bytes.Buffer
	if err := report.JSON(&b, r); err != nil {
		t.Fatal(err)
	}
	var got map[string]any
	if err := json.Unmarshal(b.Bytes(), &got); err != nil {
		t.Fatal(err)
	}
	f := got["findings"].([]any)[0].(map[string]any)
	path, err := base64.StdEncoding.DecodeString(f["path_base64"].(string))
	if err != nil || string(path) != "a\xffb" || f["path"] != "a\ufffdb" {
		t.Errorf("%v %v", f, err)
	}
	for _, key := range []string{"rule", "severity", "path", "line", "column", "end_line", "end_column", "message", "fixable", "fingerprint"} {
		if _, ok := f[key]; !ok {
			t.Errorf("a finding has no %q", key)
		}
	}
	for _, key := range []string{"version", "tool", "run", "findings", "faults", "rules"} {
		if _, ok := got[key]; !ok {
			t.Errorf("the report has no %q", key)
		}
	}
}

func TestExitCodes(t *testing.T) {
	warn, fixed := rule.Finding{Severity: rule.Warning}, rule.Finding{Severity: rule.Error, Fixed: true}
	for _, c := range []struct {
		findings    []rule.Finding
		faults      int
		failOn      rule.Severity
		interrupted bool
		want        int
	}{
		{nil, 0, rule.Error, false, 0},
		{[]rule.Finding{warn}, 0, rule.Error, false, 0},
		{[]rule.Finding{warn}, 0, rule.Warning, false, 1},
		{[]rule.Finding{warn}, 0, 0, false, 0},
		{[]rule.Finding{fixed}, 0, rule.Info, false, 0},
		{[]rule.Finding{warn}, 1, rule.Info, false, 3},
		{[]rule.Finding{warn}, 1, rule.Info, true, 130},
	} {
		r := &report.Report{Findings: c.findings, Faults: make([]rule.Fault, c.faults)}
		r.SetExit(c.failOn, c.interrupted)
		if r.Run.ExitCode != c.want {
			t.Errorf("%+v: exit %d", c, r.Run.ExitCode)
		}
	}
}

// What the cache saved is in the JSON report and in the last line of the text,
// where there is something.
func TestCacheIsReported(t *testing.T) {
	r := &report.Report{}
	for _, tt := range []struct {
		cache      report.Cache
		json, text string
	}{
		{report.Cache{}, "", ""},
		{report.Cache{Files: 1, Verdicts: 2}, `"cache": { "files": 1, "verdicts": 2, "seconds_saved": 0 }`, "; 2 verdicts known, 1 file not read\n"},
		{report.Cache{Verdicts: 1, Seconds: 1.5}, `"cache": { "files": 0, "verdicts": 1, "seconds_saved": 1.5 }`, "; 1 verdict known, 1.50 s saved\n"},
	} {
		r.Cache = tt.cache
		var j, x bytes.Buffer
		if err := report.JSON(&j, r); err != nil {
			t.Fatal(err)
		}
		if err := report.Text(&x, r, report.TextOptions{}); err != nil {
			t.Fatal(err)
		}
		flat := strings.Join(strings.Fields(j.String()), " ")
		if !strings.Contains(flat, tt.json) || strings.Contains(flat, `"cache"`) != (tt.json != "") {
			t.Errorf("%+v gives %s", tt.cache, flat)
		}
		if !strings.HasSuffix(x.String(), tt.text) || strings.Contains(x.String(), "known") != (tt.text != "") {
			t.Errorf("%+v gives %s", tt.cache, &x)
		}
	}
}
