package bench

import (
	"bytes"
	"embed"
	"fmt"
	"math"
	"math/rand/v2"
	"slices"
	"strings"
)

//go:embed testdata/*.json
var shipped embed.FS

// Names are the workloads that ship with sot, sorted: the nine batches of the
// system that this one re-creates by the numbers of its document (seed) and as
// measured (measured), and made-up ones.
func Names() []string {
	entries, err := shipped.ReadDir("testdata")
	if err != nil {
		return nil // the folder is part of the binary
	}
	var names []string
	for _, e := range entries {
		names = append(names, strings.TrimSuffix(e.Name(), ".json"))
	}
	slices.Sort(names)
	return names
}

// Shipped returns the workload of that name; false where none has it.
func Shipped(name string) (*Workload, bool) {
	b, err := shipped.ReadFile("testdata/" + name + ".json")
	if err != nil {
		return nil, false
	}
	w, err := Parse(name, bytes.NewReader(b))
	return w, err == nil
}

// generator is a made-up workload: seconds of independent rules, of mean 0.1 s or
// near it.
type generator struct {
	note    string
	seconds func(random *rand.Rand, rule int) float64
}

func generatorOf(name string) (generator, bool) {
	uniform := func(r *rand.Rand, _ int) float64 { return 0.05 + 0.1*r.Float64() }
	switch name {
	case "uniform":
		return generator{"uniform, 0.05 to 0.15 s", uniform}, true
	case "lognormal":
		return generator{"lognormal, sigma 1.5, mean 0.1 s", func(r *rand.Rand, _ int) float64 {
			return 0.1 * math.Exp(1.5*r.NormFloat64()-1.5*1.5/2)
		}}, true
	case "bimodal":
		return generator{"bimodal: nine of ten around 0.02 s, one of ten around 0.8 s", func(r *rand.Rand, i int) float64 {
			if i%10 == 7 {
				return 0.7 + 0.2*r.Float64()
			}
			return 0.015 + 0.01*r.Float64()
		}}, true
	case "one-giant":
		return generator{"uniform, 0.05 to 0.15 s, and one giant of 8 s that no schedule can hide", func(r *rand.Rand, i int) float64 {
			if i == 313 {
				return 8
			}
			return uniform(r, i)
		}}, true
	}
	return generator{}, false
}

// Generate makes one of the made-up workloads with n independent rules, the same
// for the same seed. The shipped files are Generate(name, 400, 1).
func Generate(name string, n int, seed uint64) (*Workload, error) {
	g, ok := generatorOf(name)
	if !ok {
		return nil, fmt.Errorf("there is no generator %q", name)
	}
	random := rand.New(rand.NewPCG(seed, uint64(n)))
	rules := make([]Rule, n)
	for i := range rules {
		s := math.Round(g.seconds(random, i)*1e6) / 1e6
		rules[i] = Rule{ID: fmt.Sprintf("R%0*d", len(fmt.Sprint(n)), i+1), Seconds: s}
	}
	return &Workload{Name: name, Note: g.note, Batches: []Batch{{Rules: rules}}}, nil
}
