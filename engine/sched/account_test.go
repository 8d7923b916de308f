package sched

import (
	"context"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"testing"
	"testing/synctest"
	"time"

	"github.com/sot-validator/sot/engine/trace"
	"golang.org/x/sync/errgroup"
)

// busy + steal + idle = life, each of them measured: idleness is not what is left.
func TestTimesAddUp(t *testing.T) {
	for _, p := range []Policy{Adaptive, Table, Fixed, List} {
		for seed := range uint64(3) {
			rng := rand.New(rand.NewPCG(seed, 5))
			tasks := make([]Task[int], 120)
			naps := make([]time.Duration, len(tasks))
			for i := range tasks {
				naps[i] = time.Duration(rng.Uint64N(2e6))
				tasks[i].ID, tasks[i].Batch, tasks[i].Estimate = fmt.Sprint(i), i/30, 1e-3
				if i >= 30 {
					tasks[i].Needs = []int{i - 30, i/30*30 - 1}
				}
			}
			o := Options{Workers: 6, CPUs: 6, Policy: p, Barrier: seed == 1, Warm: seed == 2}
			j, err := prepare(tasks, o)
			if err != nil {
				t.Fatal(err)
			}
			limit, predicted := j.decide()
			r := newReal(context.Background(), newScheduler(j, limit, j.most, predicted), func(_ context.Context, _, i int) error {
				time.Sleep(naps[i])
				return nil
			})
			r.work()
			l := r.log(predicted)
			window := period{int64(l.Spans[0].Start * 1e9), int64(slices.MaxFunc(l.Spans, func(a, b trace.Span) int { return int(math.Copysign(1, a.End-b.End)) }).End * 1e9)}
			for _, w := range l.Workers {
				life, look, rest := r.workers[w.ID].times(window)
				if sum := w.Busy + look + rest; math.Abs(sum-life) > 0.01*life {
					t.Errorf("%v: worker %d lived %.6f s: busy %.6f, looking %.6f, resting %.6f come to %.6f", p, w.ID, life, w.Busy, look, rest, sum)
				}
				if math.Abs(life-w.Life) > 1e-6 || math.Abs(rest-w.Idle()) > 0.01*life {
					t.Errorf("%v: worker %d: the log says life %v, idle %v; measured %v and %v", p, w.ID, w.Life, w.Idle(), life, rest)
				}
			}
		}
	}
}

// Two workers with one long task between them: the times are known by hand.
func TestAccountByHand(t *testing.T) {
	const ms = int64(1e6)
	a := newAccount()
	a.arrive(0)
	a.look(0, 2*ms)
	a.park(2 * ms)
	a.resume(2*ms+ms/2, 2*ms+linger) // within linger: it has lived on
	a.look(2*ms+ms/2, 3*ms)
	a.park(10 * ms)
	a.resume(20*ms, 10*ms+linger) // it had retired
	a.look(20*ms, 21*ms)
	a.leave(30 * ms)
	life, look, rest := a.times(period{1 * ms, 29 * ms})
	if life != 0.019 || look != 0.0025 || rest != 0.0015 {
		t.Errorf("life %v, look %v, rest %v", life, look, rest)
	}
}

// What the log calls overhead is as many readings of the clock as there were, at
// a price that was measured.
func TestOverheadIsMeasured(t *testing.T) {
	res, err := Run(context.Background(), make([]Task[int], 1000), Options{Workers: 2}, func(context.Context, int, int) error { return nil })
	if err != nil {
		t.Fatal(err)
	}
	if o := res.Log.Overhead; !(o > 1000*1e-9) || o > 1 {
		t.Errorf("%v s for a thousand tasks", o)
	}
}

// The seed's batches with sleeping tasks, on real goroutines: what the virtual clock
// says is what happens. The sleepers' clock is synctest's, so that none sleeps
// longer than asked, and no worker starts late because the machine has more to do.
func TestSeedWithSleepingTasks(t *testing.T) {
	tasks, secs := readWorkload(t, "testdata/seed.json")
	synctest.Test(t, func(t *testing.T) {
		res, err := Run(context.Background(), tasks, Options{Workers: 8, CPUs: 8, Warm: true}, func(_ context.Context, _, i int) error {
			time.Sleep(time.Duration(secs[i] * 1e9))
			return nil
		})
		if err != nil {
			t.Fatal(err)
		}
		last := 0.0
		for _, s := range res.Log.Spans {
			last = max(last, s.End)
			if took := s.End - s.Start; math.Abs(took-secs[s.Task]) > 1e-6 {
				t.Errorf("task %d of %v s took %v s", s.Task, secs[s.Task], took)
			}
		}
		bound := lowerBound(t, tasks, secs, 8)
		t.Logf("makespan %.3f s, lower bound %.3f s, predicted %.3f s", last, bound, res.Log.Predicted)
		if last > 1.06*bound {
			t.Errorf("makespan %.3f s, lower bound %.3f s", last, bound)
		}
	})
}

// One operation is 100,000 tasks that do nothing, beside an errgroup with the
// same limit that runs them.
func BenchmarkEmptyTasks(b *testing.B) {
	const n, workers = 100_000, 2
	tasks := make([]Task[int], n)
	for i := range tasks {
		tasks[i].ID = fmt.Sprintf("t%06d", i)
	}
	b.Run("sched", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			if _, err := Run(context.Background(), tasks, Options{Workers: workers, CPUs: workers}, func(context.Context, int, int) error { return nil }); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
	b.Run("errgroup", func(b *testing.B) {
		b.ReportAllocs()
		for b.Loop() {
			var g errgroup.Group
			g.SetLimit(workers)
			for range n {
				g.Go(func() error { return nil })
			}
			if err := g.Wait(); err != nil {
				b.Fatal(err)
			}
		}
		b.ReportMetric(float64(b.Elapsed().Nanoseconds())/float64(b.N*n), "ns/task")
	})
}
