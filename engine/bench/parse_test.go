package bench_test

import (
	"bytes"
	"fmt"
	"math"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/engine/bench"
)

func TestParseReadsBatchesAndWhatTheyStandBehind(t *testing.T) {
	got, err := bench.Parse("w", strings.NewReader(`{"note": "n", "wall": 1, "dependencies": [[], [0], [0, 1]], "batches": [
		{"id": 0, "rules": [{"id": "a", "seconds": 0.5, "wall": 2}]}, {"id": 1, "rules": [{"id": "b", "seconds": 0, "needs": ["a"]}]}, {"rules": []}]}`))
	want := &bench.Workload{Name: "w", Note: "n", Batches: []bench.Batch{
		{Rules: []bench.Rule{{ID: "a", Seconds: 0.5}}, Behind: []int{}},
		{Rules: []bench.Rule{{ID: "b", Needs: []string{"a"}}}, Behind: []int{0}},
		{Rules: []bench.Rule{}, Behind: []int{0, 1}},
	}}
	if diff := cmp.Diff(want, got); err != nil || diff != "" {
		t.Fatal(err, diff)
	}
}

func TestABatchStandsBehindTheOneBeforeByDefault(t *testing.T) {
	w, err := bench.Parse("w", strings.NewReader(`{"batches": [{"rules": [{"id": "a", "seconds": 1}]}, {"rules": [{"id": "b", "seconds": 1}]}]}`))
	if err != nil || len(w.Batches[0].Behind) != 0 || !cmp.Equal(w.Batches[1].Behind, []int{0}) {
		t.Fatalf("%+v %v", w, err)
	}
}

func TestParseSaysWhereAndWhat(t *testing.T) {
	rules := func(s string) string { return `{"batches": [{"rules": [` + s + `]}]}` }
	for text, want := range map[string]string{
		"{\n \"batches\": [}":                  "line 2, column 14: invalid character '}'",
		"":                                     "line 1, column 1: unexpected end of JSON input",
		"[1]":                                  `the file: an object is wanted, not "array"`,
		`{"batches": []}`:                      `it has no "batches"`,
		rules(``):                              "batches hold 0 rules: it takes 1 to 1000000",
		rules(`{"seconds": 1}`):                "batches[0].rules[0] has no id",
		rules(`{"id": "a"}`):                   `batches[0].rules[0] ("a") has no seconds`,
		rules(`{"id": "a", "seconds": -1}`):    `batches[0].rules[0].seconds ("a") is -1: it takes 0 to 1e+06`,
		rules(`{"id": "a", "seconds": 1e9}`):   `batches[0].rules[0].seconds ("a") is 1e+09`,
		rules(`{"id": "a", "seconds": NaN}`):   "line 1, column 48: invalid character 'N'",
		rules(`{"id": "a", "seconds": 1e999}`): `batches.rules.seconds: a number in range is wanted, not "number 1e999"`,
		rules(`{"id": "a", "seconds": "1"}`):   `batches.rules.seconds: a number in range is wanted, not "string"`,
		rules(`{"id":"a","seconds":1},{"id":"a","seconds":1}`): `batches[0].rules[1].id "a" is that of batches[0].rules[0] too`,
		rules(`{"id":"a","seconds":1,"needs":["b"]}`):          `batches[0].rules[0].needs[0]: there is no rule "b"`,
		rules(`{"id":"a","seconds":1,"needs":["a"]}`):          "batches[0] has a cycle: " + `"a" needs "a"`,
		rules(`{"id":"x","seconds":1,"needs":["a"]},{"id":"a","seconds":1,"needs":["b"]},{"id":"b","seconds":1,"needs":["c"]},{"id":"c","seconds":1,"needs":["a"]}`): "batches[0] has a cycle: " + `"a" needs "b" needs "c" needs "a"`,
		`{"batches": [{"id": 1, "rules": []}]}`:                                                                                           "batches[0].id is 1: it takes 0",
		`{"dependencies": [[]], "batches": [{}, {}]}`:                                                                                     "dependencies are 1 and batches 2",
		`{"dependencies": [[3]], "batches": [{"rules": [{"id":"a","seconds":1}]}]}`:                                                       "dependencies[0][0] is 3: there are batches 0 to 0",
		`{"dependencies": [[0]], "batches": [{"rules": [{"id":"a","seconds":1}]}]}`:                                                       "dependencies[0][0] is a cycle: batch 0 depends on itself",
		`{"dependencies": [[1], [0]], "batches": [{"rules": [{"id":"a","seconds":1}]}, {"rules": []}]}`:                                   "cycle: batch 0 depends on batch 1, and that on batch 0",
		`{"dependencies": [[1], []], "batches": [{"rules": [{"id":"a","seconds":1}]}, {"rules": []}]}`:                                    "move batch 1 before batch 0",
		`{"dependencies": [[], []], "batches": [{"rules": [{"id":"a","seconds":1,"needs":["b"]}]}, {"rules": [{"id":"b","seconds":1}]}]}`: `rule "b" is in batch 1, and a rule needs rules of its own or earlier batches alone`,
	} {
		_, err := bench.Parse("w.json", strings.NewReader(text))
		if err == nil || !strings.Contains(err.Error(), want) || !strings.HasPrefix(err.Error(), "workload w.json: ") {
			t.Errorf("%s\n  got:  %v\n  want: %s", text, err, want)
		}
	}
}

// A long chain of needs is no reason to run out of stack, nor is its cycle shown whole.
func TestALongCycleIsCut(t *testing.T) {
	var b strings.Builder
	const n = 100_000
	for i := range n {
		fmt.Fprintf(&b, `%s{"id": "r%d", "seconds": 1, "needs": ["r%d"]}`, strings.Repeat(",", min(i, 1)), i, (i+1)%n)
	}
	_, err := bench.Parse("w", strings.NewReader(`{"batches": [{"rules": [`+b.String()+`]}]}`))
	if err == nil || len(err.Error()) > 300 || !strings.Contains(err.Error(), `"r0" needs "r1"`) || !strings.Contains(err.Error(), "more") {
		t.Errorf("%.400v", err)
	}
}

func TestAMillionRulesAndOneMore(t *testing.T) {
	if testing.Short() {
		t.Skip("takes seconds under the race detector")
	}
	var b bytes.Buffer
	b.WriteString(`{"batches": [{"rules": [`)
	for i := range bench.MostRules {
		fmt.Fprintf(&b, `{"id": "%d", "seconds": 1},`, i)
	}
	whole := b.String()
	if _, err := bench.Parse("w", strings.NewReader(strings.TrimSuffix(whole, ",")+`]}]}`)); err != nil {
		t.Error(err)
	}
	if _, err := bench.Parse("w", strings.NewReader(whole+`{"id": "more", "seconds": 1}]}]}`)); err == nil || !strings.Contains(err.Error(), "it takes 1 to 1000000") {
		t.Error(err)
	}
}

func TestShippedWorkloads(t *testing.T) {
	want := map[string]struct {
		rules, batches int
		seconds        float64
	}{
		"seed": {384, 9, 70.7805}, "measured": {379, 9, 664.807047},
		"uniform": {400, 1, 40}, "lognormal": {400, 1, 40}, "bimodal": {400, 1, 39}, "one-giant": {400, 1, 48},
	}
	if len(bench.Names()) != len(want) {
		t.Error(bench.Names())
	}
	for _, name := range bench.Names() {
		w, ok := bench.Shipped(name)
		x := want[name]
		if !ok || w.Name != name || w.Rules() != x.rules || len(w.Batches) != x.batches || math.Abs(w.Seconds()-x.seconds) > 0.1*x.seconds {
			t.Errorf("%s: %v, %d rules in %d batches, %g s", name, ok, w.Rules(), len(w.Batches), w.Seconds())
		}
	}
	if _, ok := bench.Shipped("../parse"); ok {
		t.Error("a path is taken for a name")
	}
}

func FuzzParse(f *testing.F) {
	for _, name := range []string{"seed", "uniform"} {
		w, _ := bench.Shipped(name)
		var b bytes.Buffer
		if err := w.Write(&b); err != nil {
			f.Fatal(err)
		}
		f.Add(b.Bytes())
	}
	f.Add([]byte(`{"dependencies": [[], [0]], "batches": [{"rules": [{"id": "a", "seconds": 1, "needs": ["b"]}, {"id": "b", "seconds": 2}]}, {"rules": [{"id": "c", "seconds": 1e-9}]}]}`))
	f.Fuzz(func(t *testing.T, data []byte) {
		w, err := bench.Parse("w", bytes.NewReader(data))
		if err != nil {
			if strings.ContainsAny(err.Error(), "\n\x00") || len(err.Error()) > 10_000 {
				t.Errorf("%q", err)
			}
			return
		}
		var b bytes.Buffer
		if err := w.Write(&b); err != nil {
			t.Fatal(err)
		}
		again, err := bench.Parse("w", &b)
		if err != nil {
			t.Fatalf("what was written is not read: %v", err)
		}
		if again.Rules() != w.Rules() || again.Seconds() != w.Seconds() || len(again.Batches) != len(w.Batches) {
			t.Fatal("what was written is read differently")
		}
	})
}
