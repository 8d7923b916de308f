package engine

import (
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/sched"
)

// begin is a progress of tasks with these estimates.
func begin(warm bool, estimates ...float64) *Progress {
	p := &Progress{}
	tasks := make([]sched.Task[struct{}], len(estimates))
	for i, e := range estimates {
		tasks[i].Estimate = e
	}
	p.start(tasks, sched.Options{Workers: 2, Warm: warm})
	return p
}

func (p *Progress) leftAfter(seconds float64) float64 {
	left, ok := p.Left(p.began.Add(time.Duration(seconds * float64(time.Second))))
	if !ok {
		return -1
	}
	return left.Seconds()
}

func near(a, b float64) bool { return a-b < 0.05 && b-a < 0.05 }

// One long task beside short ones: the number of tasks says nothing, and what is
// left never counts up.
func TestLeftWarm(t *testing.T) {
	p := begin(true, 6, 0.1, 0.1, 0.1)
	endLong := p.task(0, "long")
	for i := 1; i < 4; i++ {
		p.task(i, "short")()
	}
	last := 6.0
	for s := 0.0; s < 7; s += 0.1 {
		got := p.leftAfter(s)
		if want := max(0, 6-s); !near(got, want) || got > last+1e-9 {
			t.Fatalf("after %.1f s: %.2f s left, want %.2f", s, got, want)
		}
		last = got
	}
	endLong()
	if got := p.leftAfter(7); got != 0 {
		t.Errorf("at the end: %g s left", got)
	}
}

// Work on two workers, and a chain that is longer than the share of one.
func TestLeftPredicted(t *testing.T) {
	if got := begin(true, 1, 1, 1, 1).leftAfter(0.5); !near(got, 1.5) {
		t.Errorf("4 s of work on 2 workers: %.2f s left after 0.5", got)
	}
	p := &Progress{}
	p.start([]sched.Task[struct{}]{{Estimate: 2}, {Estimate: 1, Needs: []int{0}}}, sched.Options{Workers: 2, Warm: true})
	if got := p.leftAfter(1); !near(got, 2) {
		t.Errorf("a chain of 2 and 1: %.2f s left after 1", got)
	}
}

// When the predicted time is over, the pace so far counts: half of the work in 4 s.
func TestLeftSlow(t *testing.T) {
	p := begin(true, 1, 1, 1, 1)
	p.task(0, "a")()
	p.task(1, "b")()
	if got := p.leftAfter(4); !near(got, 4) {
		t.Errorf("%.2f s left, want 4", got)
	}
}

func TestLeftCold(t *testing.T) {
	p := begin(false, 3, 1, 1)
	if got := p.leftAfter(1); got != -1 {
		t.Errorf("before anything ended: %g s left", got)
	}
	p.task(1, "short")()
	if got := p.leftAfter(1); !near(got, 4) {
		t.Errorf("a fifth of the work took 1 s: %.2f s left", got)
	}
	if got := (&Progress{}).leftAfter(1); got != -1 {
		t.Errorf("before the start: %g s left", got)
	}
}
