package engine

import (
	"context"
	"errors"
	"os"
	"path/filepath"
	"slices"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/source"
	"golang.org/x/sync/errgroup"
)

// pool runs tasks as a plain errgroup with a limit does: in order of their
// levels, one level after the other where anything depends on another.
func pool(ctx context.Context, tasks []sched.Task[struct{}], o sched.Options, do func(context.Context, int, int) error) (sched.Result, error) {
	workers := make(chan int, o.Workers)
	for w := range o.Workers {
		workers <- w
	}
	for left, done := len(tasks), make([]bool, len(tasks)); left > 0; {
		var g errgroup.Group
		g.SetLimit(o.Workers)
		var ready []int
		for i, t := range tasks {
			if !done[i] && !slices.ContainsFunc(t.Needs, func(n int) bool { return !done[n] }) {
				ready = append(ready, i)
			}
		}
		for _, i := range ready {
			g.Go(func() error {
				w := <-workers
				defer func() { workers <- w }()
				return do(ctx, w, i)
			})
		}
		_ = g.Wait() // a failed task is the rule's business
		for _, i := range ready {
			done[i] = true
		}
		left -= len(ready)
	}
	return sched.Result{}, nil
}

// BenchmarkAgainstErrgroup runs the rules of real repositories, or of the
// generated one, adaptive and warm, in turns with an errgroup of as many workers.
// SOT_BENCH_REPOS names the repositories, as a list of paths. It reports the ratio
// of the medians.
func BenchmarkAgainstErrgroup(b *testing.B) {
	repos := filepath.SplitList(os.Getenv("SOT_BENCH_REPOS"))
	if len(repos) == 0 {
		dir, _, _ := benchRepository(b, benchChecks)
		repos = []string{dir}
	}
	for _, dir := range repos {
		b.Run(filepath.Base(dir), func(b *testing.B) {
			profile := filepath.Join(b.TempDir(), "profile.json")
			run := func(with func(context.Context, []sched.Task[struct{}], sched.Options, func(context.Context, int, int) error) (sched.Result, error)) float64 {
				runTasks = with
				defer func() { runTasks = sched.Run[struct{}] }()
				start := time.Now()
				_, err := Run(b.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, Stage: "manual", Version: "0.1.0", Profile: profile, NoCache: true})
				if err != nil {
					b.Fatal(err)
				}
				return time.Since(start).Seconds()
			}
			run(sched.Run[struct{}]) // learns, and warms the page cache
			var ours, theirs []float64
			for i := 0; b.Loop(); i++ {
				if i%2 == 0 { // neither always comes first
					ours = append(ours, run(sched.Run[struct{}]))
				}
				theirs = append(theirs, run(pool))
				if i%2 == 1 {
					ours = append(ours, run(sched.Run[struct{}]))
				}
			}
			slices.Sort(ours)
			slices.Sort(theirs)
			b.ReportMetric(ours[len(ours)/2]/theirs[len(theirs)/2], "ours/errgroup")
		})
	}
}

// The pool of the benchmark does the same work: the findings are the same.
func TestPoolOfTheBenchmarkFindsTheSame(t *testing.T) {
	dir := t.TempDir()
	for name, text := range map[string]string{
		"sot.yaml": "version: 1\nrules:\n  - use: trailing-whitespace\n  - {id: second, needs: [names], use: end-of-file-fixer}\n  - {id: names, naming: {case: snake_case}}\n",
		"a.txt":    "x \n\n", "b.txt": "y", "c.txt": "z \n",
	} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	found := func() (n int) {
		r, err := Run(t.Context(), Options{Source: source.Options{Dir: dir, Mode: source.All}, Stage: "manual", Version: "0.1.0", NoProfile: true})
		if err != nil {
			t.Fatal(err)
		}
		return len(r.Findings)
	}
	ours := found()
	runTasks = pool
	defer func() { runTasks = sched.Run[struct{}] }()
	if theirs := found(); theirs != ours || ours != 4 {
		t.Error(errors.New("not the same"), ours, theirs)
	}
}
