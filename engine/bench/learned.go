package bench

import (
	"time"

	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
)

// kind is what a workload's rules are called in the profile.
const kind = "workload"

// learned is the profile that goes from run to run, in memory.
type learned struct{ known, nothing *profile.Profile }

func newLearned() *learned {
	// Without a path there is nothing to read, and so no error.
	nothing, _ := profile.Load("", profile.Here())
	return &learned{known: nothing, nothing: nothing}
}

// estimate fills in what the profile says of each rule, or what is said of one that
// was never seen.
func (l *learned) estimate(tasks []sched.Task[struct{}], use bool) {
	from := l.nothing
	if use {
		from = l.known
	}
	for i, t := range tasks {
		if t.Rule != "" {
			tasks[i].Estimate = from.Estimate(t.Rule, kind, 0, 1).Seconds
		}
	}
}

// observe teaches the profile what a run took, and returns the seconds that this
// cost.
func (l *learned) observe(log trace.Log) float64 {
	started := time.Now()
	for _, s := range log.Spans {
		if rule := log.Tasks[s.Task].Rule; rule != "" {
			l.known.Observe(profile.Observation{Rule: rule, Kind: kind, Seconds: s.Seconds(), Files: 1})
		}
	}
	spent := time.Since(started).Seconds()
	l.known = l.known.Next() // what a run saves when its last task has ended
	return spent
}
