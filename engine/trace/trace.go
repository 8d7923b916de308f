// Package trace holds what a run of tasks on workers left behind, and what can
// be said of it: spans from real or virtual clocks, and the metrics made of them.
//
// It knows neither rules nor how tasks were scheduled. A Log is made by the
// scheduler, task by task; Measure turns it into a Schedule, which is what reports
// show. All times are seconds since the start of the run, as floats.
package trace

// Span is one task on one worker.
type Span struct {
	Task   int     // position of the task in the run's list
	Worker int     // 0-based
	Start  float64 // seconds since the run's start
	End    float64
	Victim int // the worker that it was stolen from; -1 where it was not
}

// Stolen says whether the task ran elsewhere than where it was queued.
func (s Span) Stolen() bool { return s.Victim >= 0 }

// Worker is what one worker did. A worker that joins, retires and joins again is
// one Worker: its life is the sum of its stays.
type Worker struct {
	ID       int
	Life     float64 // from its join to its retirement, clipped to the makespan
	Busy     float64 // in tasks
	Steal    float64 // looking for work
	Tasks    int
	Stolen   int // tasks that it took from others
	Donated  int // tasks that others took from it
	Attempts int // how often it looked at a victim
}

// Idle is what is left of a worker's life, never negative.
func (w Worker) Idle() float64 { return max(0, w.Life-w.Busy-w.Steal) }

// Task is what is known of a task beside its spans.
type Task struct {
	ID       string
	Rule     string   // what it is reported under; "" is no work of a rule's
	Also     []string // further rules that it runs
	Batch    int      // dependency level
	Estimate float64  // predicted seconds; 0 where nothing was predicted
	Needs    []int    // positions
	CPUs     float64  // processors that a command held; 0 where it is the worker's own
	Memory   int64    // bytes that a command held; 0 where it is not known
}

// Log is the record of one run.
type Log struct {
	Policy    string // adaptive, table, fixed or list
	Barrier   bool
	Warm      bool  // estimates came from a profile
	Allowed   int   // the most workers that the run was allowed
	Memory    int64 // bytes that tasks could hold together; 0 is no bound
	Predicted float64
	Tasks     []Task
	Spans     []Span // in order of their start, ties by worker
	Workers   []Worker
	// Overhead is the seconds spent on clocks and profile updates, as measured.
	Overhead float64
}
