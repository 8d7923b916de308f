// Package report turns the outcome of a run into bytes: a Report in, text or
// JSON out. It opens no file and knows no rule's inside.
package report

import (
	"time"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/trace"
)

// Version is the version of the JSON report's format.
const Version = 1

// Report is the outcome of one run.
type Report struct {
	Tool     Tool
	Run      Run
	Findings []rule.Finding // sorted by rule.Compare
	Faults   []rule.Fault   // sorted by rule.CompareFaults
	Rules    []RuleResult   // in the order of the configuration
	// About says what the rules are, by id: for the formats that explain them.
	About map[string]About
	// Schedule is how the tasks ran on the workers; nil where that was not measured.
	Schedule *trace.Schedule
	LeftOut  int // spans that a merged schedule does not hold
	// Deferred are the rules that a time budget left to CI.
	Deferred []Deferred
	Cache    Cache
	// Fresh are the seconds that it took to judge what is known from now on.
	Fresh float64
	// Slow are the rules that took longer than what was learned of them says.
	Slow []Slow
	// Notes are sentences for people about how the run went (no sot.yaml, a
	// command on a snapshot). They are part of the text alone.
	Notes []string
	// Details are more of them, for who asks for more.
	Details []string
	// Diff is the unified diff of what --fix would change, under --diff.
	Diff []byte
	// Lines are the lines of the change, by path, of the files with findings, where
	// they were asked for; sorted, apart. A file that is new, or whose other side
	// is not known, has one range without an end.
	Lines map[string][]Lines
}

// Lines is a range of 1-based lines, the last one included.
type Lines struct{ First, Last int }

// Deferred is a rule that did not fit a time budget, with the seconds that it was
// expected to take.
type Deferred struct {
	Rule    string
	Seconds float64
}

// Cache is what was known from earlier runs, and so was not done again.
type Cache struct {
	Files    int     // that were not read, because all was known of them
	Verdicts int     // of a rule on a file
	Seconds  float64 // that they would have taken, as far as was learned
}

// Slow is a rule that took longer than expected, in seconds.
type Slow struct {
	Rule              string
	Seconds, Expected float64
	Deviation         float64 // standard deviation of Expected
}

// About is what a rule says of itself.
type About struct {
	Description string
	Help        string // URL
}

// Tool names what made the report.
type Tool struct{ Name, Version string }

// Run describes the run as a whole.
type Run struct {
	Source   string // changed, staged, range, all, paths or message
	Started  time.Time
	Seconds  float64
	Files    int   // files to check, without deleted ones
	Bytes    int64 // bytes read of them
	ExitCode int
	Shard    *Shard // the part of a run that the report is of; nil: all of it
	Jobs     []Job  // that a merged report is of, by their shards
}

// Job is one shard's run in a merged report.
type Job struct {
	Shard       int // 1-based
	Started     time.Time
	Seconds     float64
	ExitCode    int
	Work        float64 // seconds of its tasks
	Makespan    float64 // seconds
	Efficiency  float64
	FirstWorker int // number of its first worker in the merged schedule
	Workers     int
}

// Shard says which part of a run a report is of, and of what run.
type Shard struct {
	Index, Of int       // 1-based
	Plan      string    // digest of how the run is divided, in hex
	Files     string    // digest of the paths and modes that are judged, in hex
	Commit    string    // that HEAD or the range's head names, in hex; "" where there is none
	FailOn    string    // the least severity that makes the run exit 1, or none
	Comments  []Comment // ignore comments that it came across, sorted by place
	Found     []string  // rules that found something here, whatever became of it, sorted
}

// Part says what a shard has to do with a rule; "" is all that there is to say.
type Part string

// What a shard may have to do with a rule beside reporting it.
const (
	Elsewhere Part = "elsewhere" // another shard runs it
	Repeated  Part = "repeated"  // it ran for the rules that need it, and another shard reports it
)

// Status says how a rule ended.
type Status string

// The statuses of a rule.
const (
	Passed  Status = "passed"
	Failed  Status = "failed"
	Fixed   Status = "fixed"
	Skipped Status = "skipped"
	Faulted Status = "faulted"
)

// RuleResult is what became of one rule.
type RuleResult struct {
	ID       string
	Kind     string
	Batch    int // dependency level, from 0
	Status   Status
	Reason   string // why it was skipped, or passed without looking at anything
	Files    int    // files that it judged
	Cached   int    // of these, files whose verdict was known from an earlier run
	Findings int    // those that remain
	Seconds  float64
	// Estimated are the seconds that it was expected to take.
	Estimated float64
	// Learned is what earlier runs measured of it on such a machine; nil where nothing.
	Learned *Learned
	Part    Part // in a shard's report
}

// Learned is what is known of a rule's tasks: of so many of them, the mean and the
// standard deviation in seconds. Old tasks fade, so that Tasks may not be whole.
type Learned struct {
	Tasks     float64 `json:"tasks"`
	Mean      float64 `json:"mean"`
	Deviation float64 `json:"deviation"`
}

// Exit codes of a run; the higher wins, Interrupted over all.
const (
	ExitClean       = 0
	ExitFindings    = 1
	ExitUsage       = 2
	ExitFault       = 3
	ExitInterrupted = 130
)

// Count returns the number of findings that remain, by severity.
func (r *Report) Count() (errors, warnings, infos, fixed int) {
	for _, f := range r.Findings {
		switch {
		case f.Fixed:
			fixed++
		case f.Severity == rule.Error:
			errors++
		case f.Severity == rule.Warning:
			warnings++
		default:
			infos++
		}
	}
	return errors, warnings, infos, fixed
}

// SetExit sets the exit code: a fault over findings of at least failOn (0:
// findings never fail a run), and an interruption over both.
func (r *Report) SetExit(failOn rule.Severity, interrupted bool) {
	r.Run.ExitCode = ExitClean
	for _, f := range r.Findings {
		if !f.Fixed && failOn > 0 && f.Severity >= failOn {
			r.Run.ExitCode = ExitFindings
		}
	}
	if len(r.Faults) > 0 {
		r.Run.ExitCode = ExitFault
	}
	if interrupted {
		r.Run.ExitCode = ExitInterrupted
	}
}
