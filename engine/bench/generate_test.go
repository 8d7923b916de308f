package bench_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/sot-validator/sot/engine/bench"
)

var update = flag.Bool("update", false, "rewrite the made-up workloads")

// The made-up workloads are what their generators make: go test ./engine/bench -update
func TestGeneratedWorkloadsAreWhatTheGeneratorsMake(t *testing.T) {
	for _, name := range []string{"uniform", "lognormal", "bimodal", "one-giant"} {
		w, err := bench.Generate(name, 400, 1)
		if err != nil {
			t.Fatal(err)
		}
		var want bytes.Buffer
		if err := w.Write(&want); err != nil {
			t.Fatal(err)
		}
		path := filepath.Join("testdata", name+".json")
		if *update {
			if err := os.WriteFile(path, want.Bytes(), 0o644); err != nil {
				t.Fatal(err)
			}
		}
		got, err := os.ReadFile(path)
		if err != nil || !bytes.Equal(got, want.Bytes()) {
			t.Errorf("%s differs from its generator (%v)", path, err)
		}
		other, err := bench.Generate(name, 400, 2)
		if err != nil || other.Seconds() == w.Seconds() {
			t.Errorf("%s: another seed gives the same (%v)", name, err)
		}
	}
	if _, err := bench.Generate("nothing", 1, 1); err == nil {
		t.Error("an unknown generator is no error")
	}
}
