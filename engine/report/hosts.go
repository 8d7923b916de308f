package report

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// gitlabIssue is one entry of GitLab's code quality report.
// https://docs.gitlab.com/ci/testing/code_quality/#code-quality-report-format
type gitlabIssue struct {
	Description string         `json:"description"`
	CheckName   string         `json:"check_name"`
	Fingerprint string         `json:"fingerprint"`
	Severity    string         `json:"severity"`
	Location    gitlabLocation `json:"location"`
}

type gitlabLocation struct {
	Path  string      `json:"path"`
	Lines gitlabLines `json:"lines"`
}

type gitlabLines struct {
	Begin int `json:"begin"`
}

// GitLab writes the findings that stand as a GitLab code quality report. A
// finding about a whole file stands on line 1: the format asks for a line.
func GitLab(w io.Writer, r *Report) error {
	issues := []gitlabIssue{}
	for _, f := range r.remaining() {
		severity := map[rule.Severity]string{rule.Error: "major", rule.Warning: "minor", rule.Info: "info"}[f.Severity]
		path := valid(f.Path)
		if path == "" {
			path = "."
		}
		issues = append(issues, gitlabIssue{
			Description: valid(f.Message), CheckName: f.Rule, Fingerprint: f.Fingerprint, Severity: severity,
			Location: gitlabLocation{Path: path, Lines: gitlabLines{max(1, f.Line)}},
		})
	}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(issues)
}

// GitHub writes the findings that stand, and the faults, as workflow commands,
// which GitHub turns into annotations.
// https://docs.github.com/actions/reference/workflow-commands-for-github-actions
func GitHub(w io.Writer, r *Report) error {
	b := bufio.NewWriter(w)
	for _, f := range r.remaining() {
		// A bufio.Writer keeps its first error, and Flush returns it.
		_, _ = fmt.Fprintln(b, Annotation(f))
	}
	for _, f := range r.Faults {
		title := "sot: fault"
		if f.Rule != "" {
			title = f.Rule + ": fault"
		}
		_, _ = fmt.Fprintf(b, "::error title=%s::%s\n", commandProperty(title), commandData(f.Message))
	}
	return b.Flush()
}

// Annotation is a finding as a workflow command, without its line end. Columns
// are left out where the range ends on another line: the runner refuses them.
func Annotation(f rule.Finding) string {
	name := map[rule.Severity]string{rule.Error: "error", rule.Warning: "warning", rule.Info: "notice"}[f.Severity]
	var props []string
	add := func(key, value string) { props = append(props, key+"="+commandProperty(value)) }
	if f.Path != "" {
		add("file", f.Path)
	}
	if f.Line > 0 {
		add("line", fmt.Sprint(f.Line))
		if f.EndLine > f.Line {
			add("endLine", fmt.Sprint(f.EndLine))
		} else if f.Column > 0 {
			add("col", fmt.Sprint(f.Column))
			if f.EndColumn > f.Column {
				add("endColumn", fmt.Sprint(f.EndColumn))
			}
		}
	}
	add("title", f.Rule)
	return "::" + name + " " + strings.Join(props, ",") + "::" + commandData(f.Message)
}

// MaxAnnotation is the longest message of an annotation, in characters.
const MaxAnnotation = 4096

// commandData escapes a command's message as the runner reads it, "%" first.
func commandData(s string) string {
	s = valid(s)
	if r := []rune(s); len(r) > MaxAnnotation {
		s = string(r[:MaxAnnotation-1]) + "…"
	}
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A").Replace(s)
}

// commandProperty escapes a command's property.
func commandProperty(s string) string {
	return strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C").Replace(valid(s))
}
