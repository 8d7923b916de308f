package report

import (
	"bytes"
	"encoding/base64"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"time"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
)

// The bounds of a report that is read: it may come from anywhere.
const (
	mostReportBytes = 256 << 20
	mostWorkers     = 4096
	mostBatches     = 100_000
	mostModes       = 100
	mostCriteria    = 1000
	mostRules       = 1_000_000
	mostEdges       = 10_000_000
	mostShards      = 65536
	mostNumber      = 1e12 // of seconds, percent and counts
)

// Record is a JSON report that was read: of a run, or of a bench.
type Record struct {
	Run        *Report           // of a run; nil of a bench. Its findings have no source lines.
	Comparison *trace.Comparison // of a bench; nil of a run
	// Schedule is the run's, or that of a bench's median run; nil where the file has
	// none. Its tasks are the spans, in their order.
	Schedule     *trace.Schedule
	SpansLeftOut int // that the file does not hold
}

// Read reads a JSON report of a run or a bench, as JSON and ComparisonJSON write
// them. The file is not trusted: an error says what is wrong at which place.
func Read(r io.Reader) (*Record, error) {
	b, err := io.ReadAll(io.LimitReader(r, mostReportBytes+1))
	if err != nil {
		return nil, err
	}
	if len(b) > mostReportBytes {
		return nil, fmt.Errorf("it is larger than %d MiB", mostReportBytes>>20)
	}
	var kind struct {
		Version json.RawMessage `json:"version"`
		Modes   json.RawMessage `json:"modes"`
		Run     json.RawMessage `json:"run"`
	}
	if err := decode(b, &kind); err != nil {
		return nil, err
	}
	var version float64
	switch err := json.Unmarshal(kind.Version, &version); {
	case kind.Run == nil && kind.Modes == nil:
		return nil, errors.New("it is no report of sot: `sot run --format json=FILE` and `sot bench --output FILE` write one")
	case err != nil || version != Version:
		return nil, fmt.Errorf("its version is %.20s, and this sot reads version %d", kind.Version, Version)
	case kind.Modes != nil:
		return readComparison(b)
	}
	return readRun(b)
}

// decode is json.Unmarshal with the place in the error.
func decode(b []byte, v any) error {
	err := json.Unmarshal(b, v)
	var syntax *json.SyntaxError
	var wrong *json.UnmarshalTypeError
	switch {
	case errors.As(err, &syntax):
		before := b[:max(0, min(syntax.Offset-1, int64(len(b))))]
		return fmt.Errorf("line %d, column %d: %w", bytes.Count(before, []byte{'\n'})+1,
			len(bytes.Runes(before[bytes.LastIndexByte(before, '\n')+1:]))+1, err)
	case errors.As(err, &wrong) && wrong.Field == "":
		return fmt.Errorf("it is no JSON object, but %.40q", wrong.Value)
	case errors.As(err, &wrong):
		return fmt.Errorf("%.200q has the wrong type: %.40q", wrong.Field, wrong.Value)
	}
	return err
}

func readRun(b []byte) (*Record, error) {
	var in struct {
		Tool     jsonTool      `json:"tool"`
		Run      jsonRun       `json:"run"`
		Findings []jsonFinding `json:"findings"`
		Faults   []jsonFault   `json:"faults"`
		Rules    []jsonRule    `json:"rules"`
		Cache    jsonCache     `json:"cache"`
		Schedule *jsonSchedule `json:"schedule"`
	}
	if err := decode(b, &in); err != nil {
		return nil, err
	}
	if len(in.Rules) > mostRules {
		return nil, fmt.Errorf("rules are %d: it takes at most %d", len(in.Rules), mostRules)
	}
	started, err := time.Parse(time.RFC3339Nano, in.Run.Started)
	if err != nil && in.Run.Started != "" {
		return nil, fmt.Errorf("run.started is %.40q: RFC 3339 is wanted", in.Run.Started)
	}
	c := &checker{}
	c.number("run.seconds", in.Run.Seconds)
	r := &Report{Tool: Tool(in.Tool), Run: Run{
		Source: in.Run.Source, Started: started, Seconds: in.Run.Seconds, Files: in.Run.Files, Bytes: in.Run.Bytes, ExitCode: in.Run.ExitCode,
	}}
	if x := in.Run.Shard; x != nil {
		c.index("run.shard.of", x.Of-1, mostShards)
		c.index("run.shard.index", x.Index-1, max(1, x.Of))
		r.Run.Shard = &Shard{Index: x.Index, Of: x.Of, Plan: x.Plan, Files: x.Files, Commit: x.Commit, FailOn: x.FailOn, Comments: readComments(x.Comments), Found: x.Found}
	}
	for i, f := range in.Findings {
		r.Findings = append(r.Findings, c.finding(i, f))
	}
	for _, f := range in.Faults {
		r.Faults = append(r.Faults, rule.Fault{Rule: f.Rule, Kind: f.Kind, Message: f.Message, Unexplained: f.Unexplained, Path: f.Path})
	}
	c.bytes("run.files", int64(in.Run.Files))
	c.bytes("run.bytes", in.Run.Bytes)
	for i, x := range in.Rules {
		for _, n := range []int{x.Files, x.Cached, x.Findings, x.Batch} {
			c.bytes(fmt.Sprintf("a number of rules[%d]", i), int64(n))
		}
		c.number(fmt.Sprintf("rules[%d].seconds", i), x.Seconds)
		c.number(fmt.Sprintf("rules[%d].estimated_seconds", i), x.Estimated)
		if l := x.Learned; l != nil {
			c.number(fmt.Sprintf("rules[%d].learned", i), l.Tasks, l.Mean, l.Deviation)
		}
		r.Rules = append(r.Rules, RuleResult(x))
	}
	r.Cache = Cache(in.Cache)
	c.bytes("cache.files", int64(in.Cache.Files))
	c.bytes("cache.verdicts", int64(in.Cache.Verdicts))
	c.number("cache.seconds_saved", in.Cache.Seconds)
	if c.err != nil {
		return nil, c.err
	}
	s, err := readSchedule(in.Schedule)
	if err != nil {
		return nil, err
	}
	rec := &Record{Run: r, Schedule: s}
	if s != nil {
		rec.SpansLeftOut = in.Schedule.SpansLeftOut
	}
	return rec, nil
}

// finding turns a finding back.
func (c *checker) finding(i int, j jsonFinding) rule.Finding {
	f := rule.Finding{
		Rule: j.Rule, Severity: j.Severity, Path: j.Path, Line: j.Line, Column: j.Column, EndLine: j.EndLine, EndColumn: j.EndColumn,
		Message: j.Message, Fixable: j.Fixable, Fixed: j.Fixed, Fingerprint: j.Fingerprint,
	}
	for _, n := range []int{f.Line, f.Column, f.EndLine, f.EndColumn} {
		c.bytes(fmt.Sprintf("a place of findings[%d]", i), int64(n))
	}
	if f.Severity == 0 && c.err == nil {
		c.err = fmt.Errorf("findings[%d] has no severity", i)
	}
	if j.PathBase64 != "" {
		path, err := base64.StdEncoding.DecodeString(j.PathBase64)
		if err != nil && c.err == nil {
			c.err = fmt.Errorf("findings[%d].path_base64: %w", i, err)
		}
		f.Path = string(path)
	}
	return f
}

func readComparison(b []byte) (*Record, error) {
	var in jsonComparison
	if err := decode(b, &in); err != nil {
		return nil, err
	}
	switch {
	case len(in.Modes) > mostModes:
		return nil, fmt.Errorf("modes are %d: it takes at most %d", len(in.Modes), mostModes)
	case len(in.Criteria) > mostCriteria:
		return nil, fmt.Errorf("criteria are %d: it takes at most %d", len(in.Criteria), mostCriteria)
	}
	c := &checker{}
	c.number("files", float64(in.Files))
	for i, m := range in.Modes {
		at := func(key string) string { return fmt.Sprintf("modes[%d].%s", i, key) }
		p := m.Makespan
		c.number(at("makespan"), p.Median, p.Min, p.Max, p.Low, p.High)
		c.number(at("lower_bound"), m.LowerBound)
		c.number(at("a figure"), m.Efficiency, m.Utilization, m.Idle, m.LoadVariance, m.PredictionError, m.ProfilingOverhead, m.Speedup, m.SpeedupMeasured, float64(m.Steals))
		c.number(at("batch_seconds"), m.BatchSeconds...)
		if c.err == nil && (p.Min > p.Median || p.Median > p.Max) {
			c.err = fmt.Errorf("%s: the median %g is not between min %g and max %g", at("makespan"), p.Median, p.Min, p.Max)
		}
	}
	for i, x := range in.Criteria {
		if c.err == nil && !(math.Abs(x.Measured) <= mostNumber) {
			c.err = fmt.Errorf("criteria[%d].measured is %g: it takes at most %g", i, x.Measured, mostNumber)
		}
	}
	if c.err != nil {
		return nil, c.err
	}
	s, err := readSchedule(in.Schedule)
	if err != nil {
		return nil, err
	}
	cmp := in.Comparison
	cmp.Schedule = s
	rec := &Record{Comparison: &cmp, Schedule: s}
	if s != nil {
		rec.SpansLeftOut = in.Schedule.SpansLeftOut
	}
	return rec, nil
}

// checker keeps the first mistake.
type checker struct{ err error }

// number wants each x to be 0 to mostNumber.
func (c *checker) number(place string, xs ...float64) {
	for _, x := range xs {
		if c.err == nil && !(x >= 0 && x <= mostNumber) {
			c.err = fmt.Errorf("%s is %g: it takes 0 to %g", place, x, mostNumber)
		}
	}
}

// bytes wants n to be no less than 0: machines have more of them than mostNumber.
func (c *checker) bytes(place string, n int64) {
	if c.err == nil && n < 0 {
		c.err = fmt.Errorf("%s is %d: it takes a number from 0", place, n)
	}
}

// index wants i to be 0 to below n.
func (c *checker) index(place string, i, n int) {
	if c.err == nil && (i < 0 || i >= n) {
		c.err = fmt.Errorf("%s is %d: it takes 0 to %d", place, i, n-1)
	}
}
