package profile_test

import (
	"math"
	"path/filepath"
	"testing"

	"github.com/sot-validator/sot/engine/profile"
)

// What the next run knows without a file is what it would have loaded from one.
func TestNextIsWhatSaveAndLoadWouldGive(t *testing.T) {
	path := filepath.Join(t.TempDir(), "profile.json")
	memory, err := profile.Load("", profile.Here())
	if err != nil {
		t.Fatal(err)
	}
	for run := range 70 {
		file, err := profile.Load(path, profile.Here())
		if err != nil {
			t.Fatal(err)
		}
		o := profile.Observation{Rule: "r", Kind: "k", Seconds: 1 + float64(run%7), Bytes: int64(run), Files: 1 + run%3}
		want, got := file.Estimate("r", "k", 10, 2), memory.Estimate("r", "k", 10, 2)
		if math.Abs(want.Seconds-got.Seconds) > 1e-9*want.Seconds || want.Known != got.Known || want.Known != (run > 0) {
			t.Fatalf("run %d: %+v, want %+v", run, got, want)
		}
		file.Observe(o)
		memory.Observe(o)
		if err := file.Save(); err != nil {
			t.Fatal(err)
		}
		memory = memory.Next()
	}
}
