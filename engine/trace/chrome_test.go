package trace_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"testing"

	"github.com/sot-validator/sot/engine/trace"
)

type chromeEvent struct {
	Name, Cat, Ph string
	Ts            *float64
	Dur           *float64
	Pid, Tid      *int
	ID            int
	Bp            string
	Args          map[string]any
}

type chromeTrace struct {
	DisplayTimeUnit string
	TraceEvents     []chromeEvent
}

func chrome(t *testing.T, l trace.Log) chromeTrace {
	t.Helper()
	var b bytes.Buffer
	if err := trace.WriteChrome(&b, l); err != nil {
		t.Fatal(err)
	}
	var c chromeTrace
	d := json.NewDecoder(&b)
	if err := d.Decode(&c); err != nil {
		t.Fatal(err)
	}
	return c
}

// The shape is what the format's document asks of each phase.
func TestChromeShape(t *testing.T) {
	l := example()
	l.Tasks[0].ID = "a\"\n\\</script>\x00\xff"
	l.Tasks[3].Estimate = math.NaN()
	l.Spans[0].End = 1.9 // nothing runs where the first task of the path has ended
	c := chrome(t, l)
	phases := map[string]int{}
	names := map[int]string{}
	open := map[int]chromeEvent{}
	for _, e := range c.TraceEvents {
		phases[e.Ph]++
		if e.Pid == nil || e.Tid == nil || e.Ts == nil {
			t.Fatalf("%+v has no place or time", e)
		}
		switch e.Ph {
		case "X":
			if e.Dur == nil || *e.Dur < 0 || e.Args["rule"] == nil {
				t.Errorf("%+v", e)
			}
		case "M":
			if e.Name == "thread_name" {
				names[*e.Tid] = fmt.Sprint(e.Args["name"])
			}
		case "s":
			open[e.ID] = e
			within(t, c, e)
		case "f":
			if s, ok := open[e.ID]; !ok || s.Name != e.Name || s.Cat != e.Cat || e.Bp != "e" || *s.Ts > *e.Ts {
				t.Errorf("an arrow ends that did not begin: %+v", e)
			}
			within(t, c, e)
		default:
			t.Errorf("phase %q", e.Ph)
		}
	}
	if phases["X"] != 4 || phases["s"] != 2 || phases["f"] != 2 || names[0] != "worker 0" || names[1] != "worker 1" || c.DisplayTimeUnit != "ms" {
		t.Errorf("%v, %v, %v", phases, names, c.DisplayTimeUnit)
	}
	stolen := c.TraceEvents[len(c.TraceEvents)-5]
	if stolen.Name != "d" || stolen.Args["stolen_from"] != 0.0 || *stolen.Ts != 2e6 || *stolen.Dur != 2e6 || stolen.Args["estimated_seconds"] != nil {
		t.Errorf("%+v", stolen)
	}
	if first := c.TraceEvents[5]; first.Name != "a\"\n\\</script>\x00\ufffd" || first.Args["critical_path"] != true || first.Args["estimated_seconds"] != 1.0 {
		t.Errorf("%+v", first)
	}
}

// within checks that an arrow's end lies in a task of its thread, or the viewer
// drops it.
func within(t *testing.T, c chromeTrace, e chromeEvent) {
	t.Helper()
	for _, x := range c.TraceEvents {
		if x.Ph == "X" && *x.Tid == *e.Tid && *x.Ts <= *e.Ts && *e.Ts < *x.Ts+*x.Dur {
			return
		}
	}
	t.Errorf("%+v lies in no task", e)
}

func TestChromeOfNothing(t *testing.T) {
	if c := chrome(t, trace.Log{}); len(c.TraceEvents) != 1 {
		t.Errorf("%+v", c)
	}
}

type full struct{}

func (full) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestChromeReportsTheWritersError(t *testing.T) {
	l := example()
	for range 12 {
		l.Spans = append(l.Spans, l.Spans...)
	}
	if err := trace.WriteChrome(full{}, example()); err == nil {
		t.Error("no error at the end")
	}
	if err := trace.WriteChrome(full{}, l); err == nil {
		t.Error("no error on the way")
	}
}
