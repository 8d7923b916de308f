package report

import (
	"encoding/base64"
	"io"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/sot-validator/sot/engine/rule"
)

// The shapes of the JSON report, version 1. Lines and columns are 1-based,
// columns in code points; seconds are floats.
type (
	jsonReport struct {
		Version  int           `json:"version"`
		Tool     jsonTool      `json:"tool"`
		Run      jsonRun       `json:"run"`
		Findings []jsonFinding `json:"findings"`
		Faults   []jsonFault   `json:"faults"`
		Rules    []jsonRule    `json:"rules"`
		Cache    *jsonCache    `json:"cache,omitempty"`    // where something was known from earlier runs
		Schedule *jsonSchedule `json:"schedule,omitempty"` // where the run was measured
	}
	jsonTool struct {
		Name    string `json:"name"`
		Version string `json:"version"`
	}
	jsonRun struct {
		Source   string  `json:"source"`
		Started  string  `json:"started"`
		Seconds  float64 `json:"seconds"`
		Files    int     `json:"files"`
		Bytes    int64   `json:"bytes"`
		ExitCode int     `json:"exit_code"`

		Shard  *jsonShard `json:"shard,omitempty"`  // where the run is a part
		Shards []jsonJob  `json:"shards,omitempty"` // where the report was merged
	}
	jsonJob struct {
		Shard       int     `json:"shard"`
		Started     string  `json:"started"`
		Seconds     float64 `json:"seconds"`
		ExitCode    int     `json:"exit_code"`
		Work        float64 `json:"work"`
		Makespan    float64 `json:"makespan"`
		Efficiency  float64 `json:"efficiency"`
		FirstWorker int     `json:"first_worker"`
		Workers     int     `json:"workers"`
	}
	jsonShard struct {
		Index  int    `json:"index"`
		Of     int    `json:"of"`
		Plan   string `json:"plan"`
		Files  string `json:"files"`
		Commit string `json:"commit,omitempty"`
		FailOn string `json:"fail_on"`

		Comments []jsonComment `json:"comments,omitempty"`
		Found    []string      `json:"found,omitempty"`
	}
	jsonFinding struct {
		Rule        string        `json:"rule"`
		Severity    rule.Severity `json:"severity"`
		Path        string        `json:"path"`
		PathBase64  string        `json:"path_base64,omitempty"` // where the path is not UTF-8
		Line        int           `json:"line"`
		Column      int           `json:"column"`
		EndLine     int           `json:"end_line"`
		EndColumn   int           `json:"end_column"`
		Message     string        `json:"message"`
		Fixable     bool          `json:"fixable"`
		Fixed       bool          `json:"fixed,omitempty"`
		Fingerprint string        `json:"fingerprint"`
	}
	jsonCache struct {
		Files    int     `json:"files"`         // that were not read
		Verdicts int     `json:"verdicts"`      // of a rule on a file
		Seconds  float64 `json:"seconds_saved"` // as far as it was learned what they take
	}
	jsonFault struct {
		Rule    string         `json:"rule"`
		Kind    rule.FaultKind `json:"kind"`
		Message string         `json:"message"`

		Unexplained bool   `json:"unexplained,omitempty"` // in a shard's report
		Path        string `json:"path,omitempty"`        // of such a one
	}
	jsonRule struct {
		ID       string  `json:"id"`
		Kind     string  `json:"kind"`
		Batch    int     `json:"batch"`
		Status   Status  `json:"status"`
		Reason   string  `json:"reason"`
		Files    int     `json:"files"`
		Cached   int     `json:"cached_files"`
		Findings int     `json:"findings"`
		Seconds  float64 `json:"seconds"`

		Estimated float64  `json:"estimated_seconds"`
		Learned   *Learned `json:"learned,omitempty"` // what earlier runs measured of its tasks
		Part      Part     `json:"part,omitempty"`
	}
)

// JSON writes the report as one JSON document. Bytes that are not UTF-8 become
// U+FFFD, and a path that has such bytes is given in base64 as well.
func JSON(w io.Writer, r *Report) error {
	out := jsonReport{
		Version: Version,
		Tool:    jsonTool(r.Tool),
		Run: jsonRun{
			Source: r.Run.Source, Started: r.Run.Started.UTC().Format(time.RFC3339Nano), Seconds: r.Run.Seconds,
			Files: r.Run.Files, Bytes: r.Run.Bytes, ExitCode: r.Run.ExitCode,
		},
		Findings: make([]jsonFinding, 0, len(r.Findings)),
		Faults:   make([]jsonFault, 0, len(r.Faults)),
		Rules:    make([]jsonRule, 0, len(r.Rules)),
	}
	if s := r.Run.Shard; s != nil {
		out.Run.Shard = &jsonShard{s.Index, s.Of, s.Plan, s.Files, s.Commit, s.FailOn, commentsJSON(s.Comments), s.Found}
	}
	for _, j := range r.Run.Jobs {
		out.Run.Shards = append(out.Run.Shards, jsonJob{
			j.Shard, j.Started.UTC().Format(time.RFC3339Nano), finite(j.Seconds), j.ExitCode, finite(j.Work), finite(j.Makespan), finite(j.Efficiency), j.FirstWorker, j.Workers,
		})
	}
	for _, f := range r.Findings {
		out.Findings = append(out.Findings, toJSON(f))
	}
	for _, f := range r.Faults {
		j := jsonFault{Rule: f.Rule, Kind: f.Kind, Message: valid(f.Message)}
		if f.Unexplained && r.Run.Shard != nil { // else it is settled
			j.Unexplained, j.Path = true, valid(f.Path)
		}
		out.Faults = append(out.Faults, j)
	}
	for _, x := range r.Rules {
		out.Rules = append(out.Rules, jsonRule(x))
	}
	if r.Cache.Verdicts > 0 {
		out.Cache = (*jsonCache)(&r.Cache)
	}
	if out.Schedule = scheduleJSON(r.Schedule); out.Schedule != nil {
		out.Schedule.SpansLeftOut += r.LeftOut
	}
	return encode(w, out)
}

func toJSON(f rule.Finding) jsonFinding {
	j := jsonFinding{
		Rule: f.Rule, Severity: f.Severity, Path: valid(f.Path), Line: f.Line, Column: f.Column,
		EndLine: f.EndLine, EndColumn: f.EndColumn, Message: valid(f.Message),
		Fixable: f.Fixable, Fixed: f.Fixed, Fingerprint: f.Fingerprint,
	}
	if !utf8.ValidString(f.Path) {
		j.PathBase64 = base64.StdEncoding.EncodeToString([]byte(f.Path))
	}
	return j
}

func valid(s string) string { return strings.ToValidUTF8(s, "\uFFFD") }
