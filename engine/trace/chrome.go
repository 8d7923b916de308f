package trace

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"slices"
	"strconv"
)

// event is one event of the Chrome trace event format ("Trace Event Format",
// Google, 2016), which Perfetto and chrome://tracing read. Times are in
// microseconds.
type event struct {
	Name  string         `json:"name"`
	Cat   string         `json:"cat,omitempty"`
	Phase string         `json:"ph"`
	Time  float64        `json:"ts"`
	Dur   *float64       `json:"dur,omitempty"`
	Pid   int            `json:"pid"`
	Tid   int            `json:"tid"`
	ID    int            `json:"id,omitempty"` // of a flow
	Bind  string         `json:"bp,omitempty"` // of the end of a flow: to the slice around it
	Args  map[string]any `json:"args,omitempty"`
}

// pid is the process in the trace; the format wants one.
const pid = 1

// WriteChrome writes a log as a Chrome trace: one thread a worker, one slice a
// task, with its rule, batch, estimate and where it was stolen from as arguments,
// and arrows along the critical path and from the victim's task to each stolen
// one. The error is the writer's.
func WriteChrome(w io.Writer, l Log) error {
	s := Measure(l)
	l = s.Log
	out := &chrome{w: bufio.NewWriter(w)}
	out.raw(`{"displayTimeUnit":"ms","otherData":{"workers":` + strconv.Itoa(s.Workers) +
		`,"makespan_seconds":` + strconv.FormatFloat(s.Makespan, 'g', -1, 64) + `},"traceEvents":[`)
	out.event(event{Name: "process_name", Phase: "M", Pid: pid, Args: map[string]any{"name": "sot"}})
	for _, w := range s.WorkersDetail {
		out.event(event{Name: "thread_name", Phase: "M", Pid: pid, Tid: w.ID, Args: map[string]any{"name": fmt.Sprintf("worker %d", w.ID)}})
		out.event(event{Name: "thread_sort_index", Phase: "M", Pid: pid, Tid: w.ID, Args: map[string]any{"sort_index": w.ID}})
	}
	on := make(map[int]bool, len(s.Chain))
	for _, t := range s.Chain {
		on[t] = true
	}
	for _, x := range l.Spans {
		out.event(slice(l, x, on[x.Task]))
	}
	for _, f := range flows(s) {
		out.flow(f)
	}
	out.raw("\n]}\n")
	if out.err != nil {
		return out.err
	}
	return out.w.Flush()
}

// chrome writes events, and keeps the first error.
type chrome struct {
	w     *bufio.Writer
	comma string
	err   error
	flows int
}

func (c *chrome) raw(s string) {
	if c.err == nil {
		_, c.err = c.w.WriteString(s)
	}
}

func (c *chrome) event(e event) {
	b, err := json.Marshal(e)
	if c.err == nil {
		c.err = err
	}
	c.raw(c.comma + "\n")
	c.raw(string(b))
	c.comma = ","
}

func micro(seconds float64) float64 { return math.Round(seconds*1e9) / 1e3 }

// slice is a task as a slice of its worker's thread.
func slice(l Log, x Span, critical bool) event {
	t := l.Tasks[x.Task]
	args := map[string]any{"rule": t.Rule, "batch": t.Batch}
	if positive(t.Estimate) {
		args["estimated_seconds"] = t.Estimate
	}
	if x.Stolen() {
		args["stolen_from"] = x.Victim
	}
	if critical {
		args["critical_path"] = true
	}
	dur := micro(x.End) - micro(x.Start)
	return event{Name: t.ID, Cat: t.Rule, Phase: "X", Time: micro(x.Start), Dur: &dur, Pid: pid, Tid: x.Worker, Args: args}
}

// flow is an arrow between two points in two slices.
type flow struct {
	name         string
	fromTid, tid int
	from, to     float64
}

func (c *chrome) flow(f flow) {
	c.flows++
	e := event{Name: f.name, Cat: f.name, Phase: "s", Time: micro(f.from), Pid: pid, Tid: f.fromTid, ID: c.flows}
	c.event(e)
	e.Phase, e.Time, e.Tid, e.Bind = "f", micro(f.to), f.tid, "e"
	c.event(e)
}

// flows returns the arrows. One begins within a slice, or viewers drop it: a
// steal whose victim ran nothing at that moment has none.
func flows(s Schedule) []flow {
	l := s.Log
	byWorker := map[int][]Span{}
	byTask := map[int]Span{}
	for _, x := range l.Spans {
		byWorker[x.Worker] = append(byWorker[x.Worker], x)
		byTask[x.Task] = x
	}
	var all []flow
	for _, x := range l.Spans {
		if !x.Stolen() {
			continue
		}
		theirs := byWorker[x.Victim]
		i, found := slices.BinarySearchFunc(theirs, x.Start, func(y Span, at float64) int {
			switch {
			case y.End <= at:
				return -1
			case y.Start > at:
				return 1
			}
			return 0
		})
		if found {
			all = append(all, flow{"steal", theirs[i].Worker, x.Worker, x.Start, x.Start})
		}
	}
	for i := 1; i < len(s.Chain); i++ {
		a, b := byTask[s.Chain[i-1]], byTask[s.Chain[i]]
		all = append(all, flow{"critical path", a.Worker, b.Worker, max(a.Start, a.End-1e-9), b.Start})
	}
	return all
}
