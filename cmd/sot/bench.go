package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math"
	"os"
	"path/filepath"
	"runtime"
	"runtime/debug"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/bench"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
	"github.com/sot-validator/sot/engine/trace"
	"github.com/spf13/cobra"
)

// benchFlags are the flags of bench.
type benchFlags struct {
	sourceFlags
	runs, workers int
	workload      string
	spin, virtual bool
	scale         float64
	barrier       bool
	output        string
	color         string
	given         func(flag string) bool
	learned       string // temporary folder of what the runs teach
	files         int    // that the rules judged
}

// workloadWorkers is how many workers replay a workload that takes no processor: the
// promised figures speak of 8.
const workloadWorkers = 8

// mostRuns bounds --runs.
const mostRuns = 1000

func newBench(s Streams) *cobra.Command {
	f := &benchFlags{}
	cmd := &cobra.Command{
		Use:   "bench",
		Short: "Compare ways to schedule this repository's rules, or a workload",
		Long: "Run the same work with a fixed number of workers, with the original's table, and with\nthe adaptive policy, cold and warm, and hold the outcome against the promised figures.\n\n" +
			"Without --workload it runs this repository's rules, on all files or those that the flags name.\n" +
			"Workloads that ship with sot: " + strings.Join(bench.Names(), ", ") + ".",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			f.given = cmd.Flags().Changed
			return f.run(cmd.Context(), s)
		},
	}
	f.add(cmd)
	fs := cmd.Flags()
	fs.IntVar(&f.runs, "runs", 5, "make `N` runs of each mode")
	fs.IntVar(&f.workers, "workers", 0, fmt.Sprintf("use at most `N` workers (default: the CPUs; %d for a workload that does not compute)", workloadWorkers))
	fs.StringVar(&f.workload, "workload", "", "replay a workload that ships with sot, or one from a file: `NAME|FILE`")
	fs.BoolVar(&f.spin, "spin", false, "the workload's tasks compute instead of sleeping")
	fs.BoolVar(&f.virtual, "virtual", false, "no time passes: simulate, with the same figures on every machine")
	fs.Float64Var(&f.scale, "scale", 1, "multiply the workload's seconds by `F`")
	fs.BoolVar(&f.barrier, "barrier", false, "hold the adaptive modes to batches too")
	fs.StringVar(&f.output, "output", "", "write the figures to `FILE` as JSON, for sot report")
	fs.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	return cmd
}

func (f *benchFlags) check() error {
	switch {
	case f.runs < 1 || f.runs > mostRuns:
		return fmt.Errorf("--runs %d: it takes 1 to %d", f.runs, mostRuns)
	case f.spin && f.virtual:
		return errors.New("--spin computes, and --virtual takes no time: use one of them")
	case f.workers < 0:
		return fmt.Errorf("--workers %d: it takes a number from 1, or 0 for the default", f.workers)
	case !(f.scale > 0) || math.IsInf(f.scale, 0) || f.scale > 1e6:
		return fmt.Errorf("--scale %g: it takes a number above 0, at most 1000000", f.scale)
	}
	if err := checkColor(f.color); err != nil {
		return err
	}
	if f.workload == "" {
		for _, name := range []string{"spin", "virtual", "scale"} {
			if f.given(name) {
				return fmt.Errorf("--%s is for workloads: add --workload NAME or FILE", name)
			}
		}
		return nil
	}
	for _, name := range []string{"staged", "all", "base", "head", "config"} {
		if f.given(name) {
			return fmt.Errorf("--%s speaks of this repository's rules, and --workload replays others: use one of them", name)
		}
	}
	return nil
}

func (f *benchFlags) run(ctx context.Context, s Streams) error {
	if err := f.check(); err != nil {
		return &flagError{err}
	}
	if f.workload != "" {
		roomForData()
	}
	o, err := f.options()
	if err != nil {
		return err
	}
	if isTerminal(s.Err) {
		o.Watch = func(done, total int, next string) {
			fmt.Fprintf(s.Err, "\r\x1b[Krun %d of %d: %s", done+1, total, next)
		}
	}
	result, err := bench.Run(ctx, o)
	clearLine(s)
	if f.learned != "" {
		_ = os.RemoveAll(f.learned) // a leftover in the temporary folder harms nobody
	}
	if err != nil {
		if empty := (*flagError)(nil); errors.As(err, &empty) {
			return empty
		}
		return err
	}
	c := &result.Comparison
	c.Files = f.files
	if err := report.Comparison(s.Out, c, result.Notes, pictureOptions(s, f.color)); err != nil {
		return err
	}
	if f.output == "" {
		return nil
	}
	return writeAtomic(f.output, func(w io.Writer) error { return report.ComparisonJSON(w, c) })
}

func (f *benchFlags) options() (bench.Options, error) {
	o := bench.Options{Runs: f.runs, Workers: min(f.workers, mostWorkers), Scale: f.scale, Barrier: f.barrier, Seed: 1, Clock: bench.Sleep}
	switch {
	case f.workload == "":
		o.Clock = bench.Rules
	case f.spin:
		o.Clock = bench.Spin
	case f.virtual:
		o.Clock = bench.Virtual
	}
	if o.Workers == 0 {
		o.Workers = runtime.GOMAXPROCS(0)
		if o.Clock == bench.Sleep || o.Clock == bench.Virtual {
			o.Workers = workloadWorkers
		}
	}
	if f.workload == "" {
		return o, f.rules(&o)
	}
	w, err := loadWorkload(f.workload)
	if err != nil {
		return o, &flagError{err}
	}
	o.Workload, o.Name = w, w.Name
	return o, nil
}

func clearLine(s Streams) {
	if isTerminal(s.Err) {
		fmt.Fprint(s.Err, "\r\x1b[K")
	}
}

// loadWorkload takes the name of a shipped workload, else a file.
func loadWorkload(name string) (*bench.Workload, error) {
	if w, ok := bench.Shipped(name); ok {
		return w, nil
	}
	file, err := os.Open(name)
	if err != nil {
		return nil, fmt.Errorf("--workload %s is neither a file (%w) nor one of %s", name, errors.Unwrap(err), strings.Join(bench.Names(), ", "))
	}
	defer func() { _ = file.Close() }() // it was only read
	return bench.Parse(name, file)
}

// rules sets up a benchmark of this repository's rules.
func (f *benchFlags) rules(o *bench.Options) error {
	src, err := f.sourceFlags.options(nil)
	if err != nil {
		return err
	}
	if src.Mode == source.Changed { // nothing that changes while one benchmarks
		src.Mode = source.All
	}
	o.Name = "rules of this repository"
	dir, err := os.MkdirTemp("", "sot-bench-")
	if err != nil {
		return err
	}
	f.learned = dir
	o.Runner = func(ctx context.Context, s bench.Setup) (*trace.Schedule, error) {
		run := engine.Options{
			Source: src, Config: f.config, Stage: "manual", Version: Version(), Progress: &engine.Progress{},
			Workers: s.Workers, Policy: s.Policy, Barrier: s.Barrier,
			NoProfile: !s.Estimates && !s.Learn, Profile: filepath.Join(dir, "profile.json"),
		}
		if run.NoProfile {
			run.Profile = ""
		}
		rep, err := engine.Run(ctx, run)
		if err != nil {
			return nil, err
		}
		if rep.Schedule == nil {
			return nil, errors.New("the run has no schedule: its tasks were not timed")
		}
		if !worked(rep.Schedule) {
			return nil, &flagError{emptyRun(rep)}
		}
		f.files = rep.Run.Files
		return rep.Schedule, nil
	}
	return nil
}

// worked says whether a rule did anything: what ends a rule that others need is a
// task under no rule's name.
func worked(s *trace.Schedule) bool {
	return slices.ContainsFunc(s.Log.Spans, func(x trace.Span) bool { return s.Log.Tasks[x.Task].Rule != "" })
}

// emptyRun says why there is nothing to compare, and what to do.
func emptyRun(rep *report.Report) error {
	what := fmt.Sprintf("no task ran on %s (%s) with %s", report.Plural(rep.Run.Files, "file", "files"),
		report.Printable(rep.Run.Source), report.Plural(len(rep.Rules), "rule", "rules"))
	if rep.Run.Files == 0 {
		return fmt.Errorf("%s: leave out --staged and --base to judge all files, or name a --workload", what)
	}
	return fmt.Errorf("%s: `sot list` shows the rules in force; or name a --workload", what)
}

// roomForData lifts the limits that suit a process that lives a second and keeps
// little: under them, a workload of a million rules collects garbage for ever.
func roomForData() {
	if os.Getenv("GOGC") == "" && os.Getenv("GOMEMLIMIT") == "" {
		debug.SetGCPercent(100)
		debug.SetMemoryLimit(math.MaxInt64)
	}
}

// checkColor checks a --color.
func checkColor(color string) error {
	if !slices.Contains([]string{"auto", "always", "never"}, color) {
		return fmt.Errorf("--color %q is none of auto, always, never", color)
	}
	return nil
}
