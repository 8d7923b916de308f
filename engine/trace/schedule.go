package trace

// Schedule is what a Log comes to: the metrics of a run. Ratios are fractions,
// but for LoadVariance and PredictionError, which are percent. Seconds are floats.
type Schedule struct {
	Policy  string
	Barrier bool
	Profile string // cold or warm
	Workers int    // all that ever lived; one that retired and joined again is one

	Makespan     float64 // from the first task's start to the last task's end
	Work         float64 // sum of the tasks' seconds
	CriticalPath float64 // the longest chain of task seconds through needs
	LowerBound   float64 // max(work / workers allowed, critical path)
	Optimality   float64 // lower bound / makespan
	Efficiency   float64 // sum of busy / sum of life
	Utilization  float64 // work / (workers allowed x makespan)
	Speedup      float64 // work / makespan: estimated, no one-worker run was made
	Idle         float64 // sum of idle / sum of life
	LoadVariance float64 // percent: standard deviation of the workers' busy seconds / their mean

	PredictionError     float64 // percent: |actual - predicted makespan| / actual; 0 where nothing was predicted
	TaskPredictionError float64 // percent: median over the tasks of |actual - estimate| / actual
	ProfilingOverhead   float64 // seconds spent on clocks and profile updates / work

	Steals        int
	StealAttempts int

	Batches       []Batch
	WorkersDetail []Worker
	Chain         []int // the critical path: positions of tasks, in order
	Log           Log   // what it was made from
}

// Batch is one dependency level.
type Batch struct {
	ID         int
	Rules      int     // distinct rules with a task in it
	Tasks      int     // tasks that ran
	Workers    int     // workers that ran one of them
	Seconds    float64 // from its first task's start to its last task's end
	Efficiency float64 // its tasks' seconds / (workers x seconds)
	Steals     int
}
