package action

import (
	"encoding/json"
	"math"
	"time"
)

// The limits of a history.
const (
	mostFigures     = 20
	maxHistoryBytes = 64 << 10
)

// figuresOf are a run's figures.
func figuresOf(out *outcome, now time.Time) figures {
	rep := out.report
	e, w, i, _ := rep.Count()
	f := figures{Time: now.UTC().Truncate(time.Second), Seconds: rep.Run.Seconds, Findings: e + w + i, Files: rep.Run.Files, Warm: out.warm}
	if s := rep.Schedule; s != nil {
		f.Workers, f.Efficiency, f.Speedup = s.Workers, s.Efficiency, s.Speedup
	}
	return f
}

// encodeHistory keeps the last runs.
func encodeHistory(h []figures) []byte {
	h = h[max(0, len(h)-mostFigures):]
	b, err := json.Marshal(h)
	if err != nil { // a figure is no number
		return []byte("[]")
	}
	return b
}

// decodeHistory reads a history that anybody may have written: what is no
// plausible run is left out.
func decodeHistory(data []byte) []figures {
	var all []figures
	if len(data) > maxHistoryBytes || json.Unmarshal(data, &all) != nil {
		return nil
	}
	var out []figures
	for _, f := range all {
		if f.plausible() {
			out = append(out, f)
		}
	}
	return out[max(0, len(out)-mostFigures):]
}

func (f *figures) plausible() bool {
	in := func(x, most float64) bool { return x >= 0 && x <= most && !math.IsNaN(x) }
	const many = 1 << 31
	return in(f.Seconds, 30*24*3600) && in(f.Efficiency, 1.001) && in(f.Speedup, 1<<20) &&
		in(float64(f.Workers), 1<<20) && in(float64(f.Findings), many) && in(float64(f.Files), many) &&
		f.Time.Year() > 2000 && f.Time.Before(time.Now().Add(24*time.Hour))
}
