package report

import (
	"cmp"
	"encoding/json"
	"io"
	"math"
	"slices"

	"github.com/sot-validator/sot/engine/trace"
)

// MostSpans is how many spans a JSON report keeps: the longest ones. Its figures are
// of all of them.
const MostSpans = 100_000

// The shape of the schedule block. Seconds are floats since the run's start; ratios
// are fractions, but load_variance and the prediction errors, which are percent.
type (
	jsonSchedule struct {
		Policy              string       `json:"policy"`
		Barrier             bool         `json:"barrier"`
		Profile             string       `json:"profile"`
		Workers             int          `json:"workers"`
		Allowed             int          `json:"workers_allowed"`
		Memory              int64        `json:"memory_allowed,omitempty"` // bytes that tasks could hold together
		Makespan            float64      `json:"makespan"`
		Work                float64      `json:"work"`
		CriticalPath        float64      `json:"critical_path"`
		LowerBound          float64      `json:"lower_bound"`
		Optimality          float64      `json:"optimality"`
		Efficiency          float64      `json:"efficiency"`
		Utilization         float64      `json:"utilization"`
		Speedup             float64      `json:"speedup"`
		Idle                float64      `json:"idle"`
		LoadVariance        float64      `json:"load_variance"`
		PredictionError     float64      `json:"prediction_error"`
		TaskPredictionError float64      `json:"task_prediction_error"`
		ProfilingOverhead   float64      `json:"profiling_overhead"`
		Steals              int          `json:"steals"`
		StealAttempts       int          `json:"steal_attempts"`
		Batches             []jsonBatch  `json:"batches"`
		WorkersDetail       []jsonWorker `json:"workers_detail"`
		Spans               []jsonSpan   `json:"spans"`
		SpansLeftOut        int          `json:"spans_left_out,omitempty"` // beyond MostSpans
		Chain               []int        `json:"critical_chain"`           // positions in spans
	}
	jsonBatch struct {
		ID         int     `json:"id"`
		Rules      int     `json:"rules"`
		Tasks      int     `json:"tasks"`
		Workers    int     `json:"workers"`
		Seconds    float64 `json:"seconds"`
		Efficiency float64 `json:"efficiency"`
		Steals     int     `json:"steals"`
	}
	jsonWorker struct {
		ID       int     `json:"id"`
		Tasks    int     `json:"tasks"`
		Stolen   int     `json:"stolen"`
		Donated  int     `json:"donated"`
		Attempts int     `json:"attempts"`
		Life     float64 `json:"life"`
		Busy     float64 `json:"busy"`
		Steal    float64 `json:"steal"`
		Idle     float64 `json:"idle"`
	}
	jsonSpan struct {
		Task     string  `json:"task"`
		Rule     string  `json:"rule"`
		Batch    int     `json:"batch"`
		Worker   int     `json:"worker"`
		Start    float64 `json:"start"`
		End      float64 `json:"end"`
		Estimate float64 `json:"estimate,omitempty"` // predicted seconds
		CPUs     float64 `json:"cpus,omitempty"`     // processors that a command held
		Memory   int64   `json:"memory,omitempty"`   // bytes that a command held
		Stolen   bool    `json:"stolen"`
		Victim   *int    `json:"victim,omitempty"` // the worker that it was stolen from
		Needs    []int   `json:"needs,omitempty"`  // positions in spans
	}
)

// scheduleJSON is the block of a schedule; nil of nil.
func scheduleJSON(s *trace.Schedule) *jsonSchedule {
	if s == nil {
		return nil
	}
	out := &jsonSchedule{
		Policy: s.Policy, Barrier: s.Barrier, Profile: s.Profile, Workers: s.Workers, Allowed: s.Log.Allowed, Memory: max(0, s.Log.Memory),
		Makespan: finite(s.Makespan), Work: finite(s.Work), CriticalPath: finite(s.CriticalPath), LowerBound: finite(s.LowerBound),
		Optimality: finite(s.Optimality), Efficiency: finite(s.Efficiency), Utilization: finite(s.Utilization), Speedup: finite(s.Speedup),
		Idle: finite(s.Idle), LoadVariance: finite(s.LoadVariance), PredictionError: finite(s.PredictionError),
		TaskPredictionError: finite(s.TaskPredictionError), ProfilingOverhead: finite(s.ProfilingOverhead),
		Steals: s.Steals, StealAttempts: s.StealAttempts,
		Batches: make([]jsonBatch, 0, len(s.Batches)), WorkersDetail: make([]jsonWorker, 0, len(s.WorkersDetail)), Chain: []int{},
	}
	for _, b := range s.Batches {
		b.Seconds, b.Efficiency = finite(b.Seconds), finite(b.Efficiency)
		out.Batches = append(out.Batches, jsonBatch(b))
	}
	for _, w := range s.WorkersDetail {
		out.WorkersDetail = append(out.WorkersDetail, jsonWorker{
			ID: w.ID, Tasks: w.Tasks, Stolen: w.Stolen, Donated: w.Donated, Attempts: w.Attempts,
			Life: finite(w.Life), Busy: finite(w.Busy), Steal: finite(w.Steal), Idle: finite(w.Idle()),
		})
	}
	out.spans(s)
	return out
}

// spans adds the spans and what refers to them. A need that did not run, or whose
// span is left out, is not listed.
func (j *jsonSchedule) spans(s *trace.Schedule) {
	kept := longest(s.Log.Spans, MostSpans)
	j.SpansLeftOut = len(s.Log.Spans) - len(kept)
	at := make(map[int]int, len(kept)) // task -> position
	for i, x := range kept {
		at[x.Task] = i
	}
	j.Spans = make([]jsonSpan, 0, len(kept))
	for _, x := range kept {
		t := s.Log.Tasks[x.Task]
		span := jsonSpan{
			Task: valid(t.ID), Rule: valid(t.Rule), Batch: t.Batch, Worker: x.Worker,
			Start: finite(x.Start), End: finite(x.End), Estimate: finite(max(0, t.Estimate)),
			CPUs: finite(max(0, t.CPUs)), Memory: max(0, t.Memory), Stolen: x.Stolen(),
		}
		if x.Stolen() {
			span.Victim = &x.Victim
		}
		for _, n := range t.Needs {
			if i, ran := at[n]; ran {
				span.Needs = append(span.Needs, i)
			}
		}
		j.Spans = append(j.Spans, span)
	}
	for _, t := range s.Chain {
		if i, ran := at[t]; ran {
			j.Chain = append(j.Chain, i)
		}
	}
}

// longest is the most longest spans, in the order of the log.
func longest(spans []trace.Span, most int) []trace.Span {
	if len(spans) <= most {
		return spans
	}
	order := make([]int, len(spans))
	for i := range order {
		order[i] = i
	}
	slices.SortStableFunc(order, func(a, b int) int {
		return cmp.Compare(spans[b].Seconds(), spans[a].Seconds())
	})
	order = order[:most]
	slices.Sort(order)
	kept := make([]trace.Span, len(order))
	for i, k := range order {
		kept[i] = spans[k]
	}
	return kept
}

// finite makes 0 of what JSON cannot hold.
func finite(x float64) float64 {
	if math.IsNaN(x) || math.IsInf(x, 0) {
		return 0
	}
	return x
}

// jsonComparison is the bench report. The schedule block is that of the median run
// of the mode that the criteria speak of.
type jsonComparison struct {
	Version int `json:"version"`
	trace.Comparison
	Schedule *jsonSchedule `json:"schedule,omitempty"`
}

// ComparisonJSON writes the bench report as one JSON document.
func ComparisonJSON(w io.Writer, c *trace.Comparison) error {
	out := jsonComparison{Version: Version, Comparison: *c, Schedule: scheduleJSON(c.Schedule)}
	out.Workload = valid(out.Workload)
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}
