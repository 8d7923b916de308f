package report

import (
	"cmp"
	"encoding/json"
	"io"
	"slices"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// MaxSARIFResults is the most results that code scanning takes from one run.
// https://docs.github.com/en/code-security/code-scanning/integrating-with-code-scanning/sarif-support-for-code-scanning
const MaxSARIFResults = 25000

// The parts of SARIF 2.1.0 that are written.
// https://docs.oasis-open.org/sarif/sarif/v2.1.0/sarif-v2.1.0.html
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool        sarifTool         `json:"tool"`
		Invocations []sarifInvocation `json:"invocations"`
		ColumnKind  string            `json:"columnKind"`
		Results     []sarifResult     `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name           string      `json:"name"`
		Version        string      `json:"version"`
		InformationURI string      `json:"informationUri"`
		Rules          []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID               string        `json:"id"`
		ShortDescription *sarifText    `json:"shortDescription,omitempty"`
		HelpURI          string        `json:"helpUri,omitempty"`
		Default          *sarifDefault `json:"defaultConfiguration,omitempty"`
	}
	sarifText struct {
		Text string `json:"text"`
	}
	sarifDefault struct {
		Level string `json:"level"`
	}
	sarifInvocation struct {
		Successful    bool                `json:"executionSuccessful"`
		ExitCode      int                 `json:"exitCode"`
		Start         string              `json:"startTimeUtc"`
		End           string              `json:"endTimeUtc"`
		Notifications []sarifNotification `json:"toolExecutionNotifications"`
	}
	sarifNotification struct {
		Level   string        `json:"level"`
		Message sarifText     `json:"message"`
		Rule    *sarifRuleRef `json:"associatedRule,omitempty"`
	}
	sarifRuleRef struct {
		ID string `json:"id"`
	}
	sarifResult struct {
		RuleID       string            `json:"ruleId"`
		RuleIndex    int               `json:"ruleIndex"`
		Level        string            `json:"level"`
		Message      sarifText         `json:"message"`
		Locations    []sarifLocation   `json:"locations"`
		Fingerprints map[string]string `json:"partialFingerprints"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
		EndLine     int `json:"endLine,omitempty"`
		EndColumn   int `json:"endColumn,omitempty"`
	}
)

// SARIF writes the findings that stand as a SARIF 2.1.0 log. Faults are
// notifications of the invocation. Over MaxSARIFResults the gravest are kept, and
// a notification says how many there are.
func SARIF(w io.Writer, r *Report) error {
	run := sarifRun{
		Tool: sarifTool{sarifDriver{Name: r.Tool.Name, Version: r.Tool.Version,
			InformationURI: "https://github.com/sot-validator/sot", Rules: []sarifRule{}}},
		ColumnKind: "unicodeCodePoints",
		Results:    []sarifResult{},
	}
	invocation := sarifInvocation{
		Successful:    len(r.Faults) == 0 && r.Run.ExitCode != ExitInterrupted,
		ExitCode:      r.Run.ExitCode,
		Start:         sarifTime(r.Run.Started),
		End:           sarifTime(r.Run.Started.Add(time.Duration(r.Run.Seconds * float64(time.Second)))),
		Notifications: []sarifNotification{},
	}
	findings := r.remaining()
	if n := len(findings); n > MaxSARIFResults {
		slices.SortStableFunc(findings, func(a, b rule.Finding) int { return cmp.Compare(b.Severity, a.Severity) })
		findings = findings[:MaxSARIFResults]
		invocation.Notifications = append(invocation.Notifications, sarifNotification{Level: "warning",
			Message: sarifText{Plural(n, "finding", "findings") + ", of which the first 25000 by severity are listed"}})
	}
	index := map[string]int{}
	for _, f := range findings {
		at, ok := index[f.Rule]
		if !ok {
			at = len(index)
			index[f.Rule] = at
			run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, r.sarifRule(f))
		}
		run.Results = append(run.Results, sarifFinding(f, at))
	}
	for _, f := range r.Faults {
		n := sarifNotification{Level: "error", Message: sarifText{valid(f.Message)}}
		if f.Rule != "" {
			n.Rule = &sarifRuleRef{f.Rule}
		}
		invocation.Notifications = append(invocation.Notifications, n)
	}
	run.Invocations = []sarifInvocation{invocation}
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(sarifLog{
		Schema:  "https://docs.oasis-open.org/sarif/sarif/v2.1.0/errata01/os/schemas/sarif-schema-2.1.0.json",
		Version: "2.1.0", Runs: []sarifRun{run},
	})
}

func sarifTime(t time.Time) string { return t.UTC().Format("2006-01-02T15:04:05.000Z") }

func (r *Report) sarifRule(f rule.Finding) sarifRule {
	a := r.about(f.Rule)
	out := sarifRule{ID: f.Rule, HelpURI: a.Help, Default: &sarifDefault{sarifLevel(f.Severity)}}
	if a.Description != "" {
		out.ShortDescription = &sarifText{valid(a.Description)}
	}
	return out
}

func sarifLevel(s rule.Severity) string {
	switch s {
	case rule.Error:
		return "error"
	case rule.Warning:
		return "warning"
	}
	return "note"
}

// sarifFinding makes a result. A finding about the repository is placed at its
// root: code scanning refuses results without a location.
func sarifFinding(f rule.Finding, index int) sarifResult {
	p := sarifPhysical{Artifact: sarifArtifact{URI: uriPath(f.Path)}}
	if f.Path == "" {
		p.Artifact.URI = "./"
	}
	if f.Line > 0 {
		p.Region = &sarifRegion{StartLine: f.Line, StartColumn: f.Column}
		if f.EndLine >= f.Line && f.EndColumn > 0 {
			p.Region.EndLine, p.Region.EndColumn = f.EndLine, f.EndColumn
		}
	}
	return sarifResult{
		RuleID: f.Rule, RuleIndex: index, Level: sarifLevel(f.Severity), Message: sarifText{valid(f.Message)},
		Locations:    []sarifLocation{{p}},
		Fingerprints: map[string]string{"sot/v1": f.Fingerprint},
	}
}
