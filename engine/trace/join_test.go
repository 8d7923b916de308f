package trace_test

import (
	"fmt"
	"math"
	"testing"

	"github.com/sot-validator/sot/engine/trace"
	"pgregory.net/rapid"
)

func drawLog(t *rapid.T) trace.Log {
	l := trace.Log{Allowed: rapid.IntRange(1, 4).Draw(t, "allowed"), Warm: rapid.Bool().Draw(t, "warm")}
	for w := range l.Allowed {
		at := rapid.Float64Range(0, 2).Draw(t, "join")
		from := at
		for range rapid.IntRange(0, 5).Draw(t, "tasks") {
			end := at + rapid.Float64Range(0.01, 3).Draw(t, "seconds")
			task := trace.Task{ID: fmt.Sprint(len(l.Tasks)), Rule: "r", Batch: len(l.Tasks) % 2, Estimate: 1}
			if n := len(l.Tasks); n > 0 && rapid.Bool().Draw(t, "needing") {
				task.Needs = []int{n - 1}
			}
			l.Tasks = append(l.Tasks, task)
			l.Spans = append(l.Spans, trace.Span{Task: len(l.Tasks) - 1, Worker: w, Start: at, End: end, Victim: rapid.IntRange(-1, l.Allowed-1).Draw(t, "victim")})
			at = end + rapid.Float64Range(0, 0.5).Draw(t, "gap")
		}
		l.Workers = append(l.Workers, trace.Worker{ID: w, Life: at - from, Steal: 0.1})
	}
	return l
}

// Schedules that are joined are what the log of all of them together comes to, when
// every one begins at once.
func TestJoinedIsMeasuredTogether(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var parts []*trace.Schedule
		for range rapid.IntRange(1, 4).Draw(t, "parts") {
			s := trace.Measure(drawLog(t))
			parts = append(parts, &s)
		}
		j := trace.Join(parts)
		longest, work, allowed := 0.0, 0.0, 0
		for i, p := range parts {
			longest, work, allowed = max(longest, p.Makespan), work+p.Work, allowed+p.Log.Allowed
			if i > 0 && j.First[i] <= j.First[i-1] {
				t.Fatalf("workers are numbered from %v", j.First)
			}
		}
		if !closeTo(j.Makespan, longest) || !closeTo(j.Work, work) || j.Log.Allowed != allowed {
			t.Fatalf("makespan %v, work %v, allowed %d, want %v, %v, %d", j.Makespan, j.Work, j.Log.Allowed, longest, work, allowed)
		}
		want := trace.Measure(j.Log)
		for _, x := range []struct {
			name      string
			got, want float64
		}{
			{"makespan", j.Makespan, want.Makespan}, {"work", j.Work, want.Work}, {"critical path", j.CriticalPath, want.CriticalPath},
			{"lower bound", j.LowerBound, want.LowerBound}, {"optimality", j.Optimality, want.Optimality},
			{"efficiency", j.Efficiency, want.Efficiency}, {"utilization", j.Utilization, want.Utilization}, {"speedup", j.Speedup, want.Speedup},
			{"idle", j.Idle, want.Idle}, {"load variance", j.LoadVariance, want.LoadVariance}, {"task error", j.TaskPredictionError, want.TaskPredictionError},
			{"workers", float64(j.Workers), float64(want.Workers)}, {"steals", float64(j.Steals), float64(want.Steals)},
			{"chain", float64(len(j.Chain)), float64(len(want.Chain))},
		} {
			if !closeTo(x.got, x.want) {
				t.Fatalf("%s is %v, want %v", x.name, x.got, x.want)
			}
		}
		for i, b := range j.Batches {
			if b.Tasks != want.Batches[i].Tasks || b.Steals != want.Batches[i].Steals {
				t.Fatalf("batch %+v, want %+v", b, want.Batches[i])
			}
		}
	})
}

func closeTo(a, b float64) bool { return math.Abs(a-b) <= 1e-9*max(1, math.Abs(a), math.Abs(b)) }
