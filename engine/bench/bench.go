package bench

import (
	"context"
	"fmt"
	"math/rand/v2"
	"runtime"

	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/trace"
)

// Options set up a benchmark.
type Options struct {
	Name     string    // what is run, for the report; "" is the workload's name
	Workload *Workload // what to replay; nil with Runner
	// Runner runs a repository's real rules; nil with Workload.
	Runner  Runner
	Clock   Clock
	Workers int     // the most that a run may use, from 1
	Runs    int     // of each mode, from 1
	Scale   float64 // multiplies all seconds of the workload; 0 is 1
	Barrier bool    // the adaptive modes run batch by batch too
	Seed    uint64  // of the order of runs and of the bootstrap
	// Watch, where not nil, is told before each run how many have ended of how many,
	// and what runs next.
	Watch func(done, total int, next string)
}

// Setup is how one run is to be made.
type Setup struct {
	Mode      string // fixed, table, adaptive-cold or adaptive-warm
	Policy    sched.Policy
	Barrier   bool
	Workers   int
	Estimates bool // the profile's: else nothing is known before the run
	Learn     bool // the profile is taught by what the run observes
}

// Runner makes one run, and says what it came to. Where Setup.Estimates or
// Setup.Learn is set, it keeps one profile over its calls.
type Runner func(ctx context.Context, s Setup) (*trace.Schedule, error)

// Result is a comparison, and sentences for people about how it was made.
type Result struct {
	Comparison trace.Comparison
	Notes      []string
}

// modes are what is compared, in the order of the report.
func modes(o Options) []Setup {
	return []Setup{
		{Mode: "fixed", Policy: sched.Fixed, Barrier: true, Workers: o.Workers},
		{Mode: "fixed", Policy: sched.Fixed, Workers: o.Workers},
		{Mode: "table", Policy: sched.Table, Barrier: true, Workers: o.Workers, Estimates: true},
		{Mode: "adaptive-cold", Policy: sched.Adaptive, Barrier: o.Barrier, Workers: o.Workers},
		{Mode: "adaptive-warm", Policy: sched.Adaptive, Barrier: o.Barrier, Workers: o.Workers, Estimates: true, Learn: true},
	}
}

const (
	fixedMode = 0 // positions in modes
	warmMode  = 4
)

// Run makes the runs and compares them. Its error is that of a run, or ctx's.
func Run(ctx context.Context, o Options) (*Result, error) {
	run := o.Runner
	var w *replay
	if run == nil {
		w = newReplay(o)
		run = w.run
	}
	setups := modes(o)
	done, total := 0, 2+len(setups)*o.Runs
	make1 := func(s Setup, what string) (*trace.Schedule, error) {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if o.Watch != nil {
			o.Watch(done, total, what)
		}
		done++
		got, err := run(ctx, s)
		if err == nil {
			err = ctx.Err() // what an interrupted run measured is no figure
		}
		if err != nil {
			return nil, fmt.Errorf("%s: %w", what, err)
		}
		return got, nil
	}
	// What a speedup is measured against takes as long as all the work: it is run once.
	single, err := make1(Setup{Mode: "fixed", Policy: sched.Fixed, Workers: 1}, "one worker")
	if err != nil {
		return nil, err
	}
	if _, err := make1(Setup{Mode: "adaptive-warm", Policy: sched.Adaptive, Barrier: o.Barrier, Workers: o.Workers, Learn: true}, "first run, to learn from"); err != nil {
		return nil, err
	}
	runs := make([][]*trace.Schedule, len(setups))
	random := rand.New(rand.NewPCG(o.Seed, uint64(o.Runs)))
	for range o.Runs {
		for _, k := range random.Perm(len(setups)) {
			got, err := make1(setups[k], trace.Mode{Mode: setups[k].Mode, Barrier: setups[k].Barrier}.Name())
			if err != nil {
				return nil, err
			}
			runs[k] = append(runs[k], got)
		}
	}
	return compare(o, setups, runs, single, w), nil
}

// compare sums the runs up.
func compare(o Options, setups []Setup, runs [][]*trace.Schedule, single *trace.Schedule, w *replay) *Result {
	c := trace.Comparison{
		Workload: o.Name, Workers: o.Workers, Runs: o.Runs, Clock: string(o.Clock),
		Machine: trace.Machine{OS: runtime.GOOS, Arch: runtime.GOARCH, CPUs: runtime.GOMAXPROCS(0)},
	}
	for k, s := range setups {
		c.Modes = append(c.Modes, summary(s, runs[k], single.Makespan, o.Seed))
	}
	c.Schedule = medianRun(runs[warmMode])
	c.Criteria = criteria(c.Modes[fixedMode], c.Modes[warmMode], runs[warmMode][0])
	r := &Result{Comparison: c}
	if o.Clock == Virtual {
		r.Notes = append(r.Notes, "the virtual clock has no profiling overhead, so that none is judged")
	}
	if w != nil && o.Clock != Virtual {
		asked, took := w.total(), medianOf(runs[fixedMode], func(s *trace.Schedule) float64 { return s.Work })
		if asked > 0 {
			r.Notes = append(r.Notes, fmt.Sprintf("the tasks took %.4g s where %.4g s were asked for (%+.2f %%); bounds and ratios are of what they took", took, asked, 100*(took/asked-1)))
		}
	}
	return r
}

// summary is one mode over its runs.
func summary(s Setup, runs []*trace.Schedule, single float64, seed uint64) trace.Mode {
	of := func(figure func(*trace.Schedule) float64) float64 { return medianOf(runs, figure) }
	makespans := make([]float64, len(runs))
	for i, r := range runs {
		makespans[i] = r.Makespan
	}
	m := trace.Mode{
		Mode: s.Mode, Barrier: s.Barrier, Makespan: spread(makespans, seed),
		LowerBound:        of(func(r *trace.Schedule) float64 { return r.LowerBound }),
		Efficiency:        of(func(r *trace.Schedule) float64 { return r.Efficiency }),
		Utilization:       of(func(r *trace.Schedule) float64 { return r.Utilization }),
		Idle:              of(func(r *trace.Schedule) float64 { return r.Idle }),
		LoadVariance:      of(func(r *trace.Schedule) float64 { return r.LoadVariance }),
		PredictionError:   of(func(r *trace.Schedule) float64 { return r.PredictionError }),
		ProfilingOverhead: of(func(r *trace.Schedule) float64 { return r.ProfilingOverhead }),
		Speedup:           of(func(r *trace.Schedule) float64 { return r.Speedup }),
		Steals:            int(of(func(r *trace.Schedule) float64 { return float64(r.Steals) })),
		BatchSeconds:      batchSeconds(runs),
	}
	if m.Makespan.Median > 0 {
		m.SpeedupMeasured = single / m.Makespan.Median
	}
	return m
}

// batchSeconds is the median seconds of each batch, by its id.
func batchSeconds(runs []*trace.Schedule) []float64 {
	var by [][]float64
	for _, r := range runs {
		for _, b := range r.Batches {
			for len(by) <= b.ID {
				by = append(by, nil)
			}
			by[b.ID] = append(by[b.ID], b.Seconds)
		}
	}
	seconds := make([]float64, len(by))
	for i, xs := range by {
		seconds[i] = median(xs)
	}
	return seconds
}

// criteria holds the warm mode against the promised figures. The prediction is
// judged at the second run of all: the first warm one, which one run has taught.
func criteria(fixed, warm trace.Mode, second *trace.Schedule) []trace.Criterion {
	cs := []trace.Criterion{trace.Faster(warm.Makespan.Median, fixed.Makespan.Median)}
	s := &trace.Schedule{
		Profile: "warm", Efficiency: warm.Efficiency, Utilization: warm.Utilization, Idle: warm.Idle,
		LoadVariance: warm.LoadVariance, ProfilingOverhead: warm.ProfilingOverhead, PredictionError: second.PredictionError,
		Makespan: warm.Makespan.Median, LowerBound: warm.LowerBound,
	}
	for _, c := range s.Criteria() {
		switch c.Name {
		case "prediction error":
			c.Name = "prediction error of the second run"
		case "makespan / lower bound":
			c.Name = "warm makespan / lower bound"
		}
		cs = append(cs, c)
	}
	return cs
}
