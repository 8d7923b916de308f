package profile

import (
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"
)

// fourHundred is a profile of 400 rules, every second of which is a command.
func fourHundred(tb testing.TB) string {
	tb.Helper()
	path := filepath.Join(tb.TempDir(), "p.json")
	r := rand.New(rand.NewPCG(11, 12))
	for range 3 {
		p := load(tb, path)
		for i := range 400 {
			for range 4 {
				o := Observation{Rule: fmt.Sprintf("rule-number-%d", i), Kind: "content", Bytes: r.Int64N(1e6), Files: 1 + r.IntN(200), Seconds: r.Float64() / 100}
				if o.Offered, o.OfferedBytes = 256, 2e6; i%2 == 0 {
					o.CPUSeconds, o.PeakMemory = r.Float64(), r.Int64N(1e9)
				}
				p.Observe(o)
			}
			p.Judged(fmt.Sprintf("rule-number-%d", i), "content", i%9 == 0)
		}
		save(tb, p)
	}
	return path
}

// What every run pays: load, and the cost of every rule.
func BenchmarkLoad400Rules(b *testing.B) {
	path := fourHundred(b)
	info, err := os.Stat(path)
	if err != nil {
		b.Fatal(err)
	}
	b.SetBytes(info.Size())
	b.ReportAllocs()
	for b.Loop() {
		load(b, path)
	}
}

// The library's way, for comparison: into a map of the same shape.
func BenchmarkLoad400RulesByEncodingJSON(b *testing.B) {
	path := fourHundred(b)
	for b.Loop() {
		data, err := os.ReadFile(path)
		if err != nil {
			b.Fatal(err)
		}
		var v struct {
			Version int
			Classes map[string]map[string]struct {
				Kind, Updated             string
				Count, Mean, M2, Min, Max float64
				BytesMean                 float64 `json:"bytes_mean"`
				BytesM2                   float64 `json:"bytes_m2"`
				FilesMean                 float64 `json:"files_mean"`
				FilesM2                   float64 `json:"files_m2"`
				BytesFiles                float64 `json:"bytes_files"`
				BytesSeconds              float64 `json:"bytes_seconds"`
				FilesSeconds              float64 `json:"files_seconds"`
				LatestCount               float64 `json:"latest_count"`
				LatestSeconds             float64 `json:"latest_seconds"`
				Runs, Saves               float64
			}
		}
		if err := json.Unmarshal(data, &v); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkCostOf400Rules(b *testing.B) {
	p := load(b, fourHundred(b))
	ids := p.base.Rules()
	for b.Loop() {
		clear(p.costs)
		for _, id := range ids {
			p.Cost(id, "content")
		}
	}
}

func BenchmarkSave400Rules(b *testing.B) {
	path := fourHundred(b)
	for b.Loop() {
		p := load(b, path)
		for i := range 400 {
			observe(p, fmt.Sprintf("rule-number-%d", i), 1)
		}
		save(b, p)
	}
}

func BenchmarkObserve(b *testing.B) {
	p := load(b, "")
	o := Observation{Rule: "rule-number-7", Kind: "content", Bytes: 1e5, Files: 20, Offered: 256, OfferedBytes: 1e6, Seconds: 1e-3}
	b.ReportAllocs()
	for b.Loop() {
		p.Observe(o)
	}
}

func BenchmarkEstimate(b *testing.B) {
	p := load(b, fourHundred(b))
	b.ReportAllocs()
	for b.Loop() {
		p.Estimate("rule-number-7", "content", 1e5, 20)
	}
}

func BenchmarkCostEstimate(b *testing.B) {
	p := load(b, fourHundred(b))
	c := p.Cost("rule-number-7", "content")
	b.ReportAllocs()
	for b.Loop() {
		c.Estimate(1e5, 20)
	}
}
