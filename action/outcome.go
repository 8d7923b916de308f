package action

import (
	"time"

	"github.com/sot-validator/sot/engine/report"
)

// outcome is one finished run, and where it belongs.
type outcome struct {
	report    *report.Report
	place     place
	changed   changed   // nil where the changed lines are not known
	history   []figures // of earlier runs, oldest first, at most 20
	warm      bool      // the run started from what earlier runs learned
	compared  string    // what was compared with what, for people
	cacheNote string    // what the cache did, for people
	fixes     []byte    // unified diff of what fixes would change; nil where nobody asked
}

// place is the repository, the commit and the job of a run.
type place struct {
	server, owner, repo string // https://github.com, and the two halves of owner/repo
	head                string // the commit that findings belong to: of a pull request, its head
	pull                int    // number of the pull request; 0 where there is none
	fork                bool   // the pull request comes from another repository
	runURL              string // page of the workflow's run
	runID               int64
	attempt             int
	job                 string
}

// changed says whether a line (1-based) of a file is part of the change.
type changed func(path string, line int) bool

// figures are one run's numbers, as kept for the trend over the last runs.
type figures struct {
	Time       time.Time `json:"time"`
	Seconds    float64   `json:"seconds"`
	Workers    int       `json:"workers"`
	Efficiency float64   `json:"efficiency"` // sum of busy / sum of life
	Speedup    float64   `json:"speedup"`    // work / makespan, estimated
	Findings   int       `json:"findings"`
	Files      int       `json:"files"`
	Warm       bool      `json:"warm"`
}
