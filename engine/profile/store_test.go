package profile

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var class = Class{"linux", "amd64", 2}

// load fails where there is a warning.
func load(t testing.TB, path string) *Profile {
	t.Helper()
	p, err := Load(path, class)
	if err != nil {
		t.Fatal(err)
	}
	return p
}

func save(t testing.TB, p *Profile) {
	t.Helper()
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
}

func observe(p *Profile, rule string, seconds ...float64) {
	for _, s := range seconds {
		p.Observe(Observation{Rule: rule, Kind: "k", Seconds: s})
	}
}

func (p *Profile) model(rule string) *Model { return p.base.classes[p.class][rule] }

func TestColdThenWarm(t *testing.T) {
	path := filepath.Join(t.TempDir(), "sot", "profile.json")
	p := load(t, path)
	if p.Warm() {
		t.Error("warm without a file")
	}
	if e := p.Estimate("r", "k", 10, 1); e != (Estimate{Seconds: 0.01, StdErr: 0.01, Spread: 0.01}) {
		t.Errorf("%+v", e)
	}
	observe(p, "r", 1, 3)
	p.Judged("r", "k", true)
	if p.Estimate("r", "k", 0, 0).Known {
		t.Error("what the run observes changes its own estimates")
	}
	save(t, p)
	save(t, p) // nothing new

	p = load(t, path)
	m := p.model("r")
	if !p.Warm() || m.Count() != 2 || m.Mean() != 2 || math.Abs(m.SD()-math.Sqrt2) > 1e-9 || m.Min() != 1 || m.Max() != 3 || m.Runs() != 1 || m.Kind != "k" {
		t.Errorf("%+v", m)
	}
	if d := time.Since(m.Updated); d < 0 || d > time.Minute || m.Updated.Location() != time.UTC {
		t.Errorf("updated %v", m.Updated)
	}
	if e := p.Estimate("r", "k", 0, 0); e.Seconds != 2 || !e.Known {
		t.Errorf("%+v", e)
	}
}

func TestWithoutAPathNothingIsKept(t *testing.T) {
	p := load(t, "")
	observe(p, "r", 1)
	save(t, p)
}

func TestUnknownRulesAreEstimatedFromWhatIsNearest(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	for rule, s := range map[string]float64{"a": 1, "b": 2, "c": 40, "d": 100} {
		p := load(t, path)
		p.Observe(Observation{Rule: rule, Kind: "command", Seconds: s})
		save(t, p)
	}
	other, err := Load(path, Class{"darwin", "arm64", 8})
	if err != nil || other.Warm() {
		t.Fatal(err, "or warm on a class that was never seen")
	}
	other.Observe(Observation{Rule: "b", Kind: "command", Seconds: 7})
	save(t, other)
	p := load(t, path)
	for _, c := range []struct {
		p          *Profile
		rule, kind string
		seconds    float64
		basis      Basis
	}{
		{p, "b", "command", 2, FromRule},
		{p, "new", "command", 21, FromKind}, // the median of 1, 2, 40 and 100
		{p, "new", "naming", 0.01, FromNone},
		{p, "b", "naming", 0.01, FromNone}, // the id is another kind of rule now
		{other, "c", "command", 40, FromClass},
	} {
		cost := c.p.Cost(c.rule, c.kind)
		e := cost.Estimate(0, 0)
		if math.Abs(e.Seconds-c.seconds) > 1e-9 || cost.Basis != c.basis || e.Known != (c.basis == FromRule) {
			t.Errorf("%s %s: %v from %v, want %v from %v", c.rule, c.kind, e.Seconds, cost.Basis, c.seconds, c.basis)
		}
	}
	other, _ = Load(path, Class{"darwin", "arm64", 8})
	if cost := other.Cost("new", "command"); cost.Fixed != 7 {
		t.Errorf("the median rule of the own class costs 7 s, not %+v", cost)
	}
}

func TestObservationsWithoutSenseAreNotLearned(t *testing.T) {
	p := load(t, "")
	for _, o := range []Observation{
		{Rule: "r", Seconds: math.NaN()}, {Rule: "r", Seconds: -1}, {Rule: "r", Seconds: math.Inf(1)}, {Rule: "r", Seconds: 1e9},
		{Rule: "r", Bytes: -1}, {Rule: "r", Files: -1}, {Rule: "r", Bytes: math.MaxInt64}, {Rule: ""}, {Rule: "\xff"}, {Rule: strings.Repeat("x", 600)},
	} {
		p.Observe(o)
	}
	p.Judged("", "k", true)
	if n := p.delta.Len(); n != 0 {
		t.Errorf("%d models", n)
	}
	p.Observe(Observation{Rule: "r", CPUSeconds: math.NaN(), PeakMemory: -1, Offered: -1})
	if m := p.delta.classes[p.class]["r"]; m.CPUs() != 0 || m.Memory() != 0 {
		t.Errorf("%+v", m)
	}
}

func TestSavingFadesOncePerRunAndRule(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	p := load(t, path)
	observe(p, "r", make([]float64, 100)...)
	observe(p, "idle", make([]float64, 100)...)
	save(t, p)

	p = load(t, path)
	observe(p, "r", 1)
	save(t, p)
	observe(p, "r", 1)
	save(t, p) // the same run again
	p = load(t, path)
	if m := p.model("r"); m.Count() != 52 {
		t.Errorf("%v samples, want 100 / 2 + 2", m.Count())
	}
	if m := p.model("idle"); m.Count() != 100 {
		t.Errorf("a rule that did not run faded to %v", m.Count())
	}
}

// Two runs at once: what was known fades once, and both count, in either order.
func TestTwoRunsAtOnceBothCount(t *testing.T) {
	for _, order := range [][2]int{{0, 1}, {1, 0}} {
		path := filepath.Join(t.TempDir(), "p.json")
		first := load(t, path)
		observe(first, "r", make([]float64, 100)...)
		save(t, first)
		runs := []*Profile{load(t, path), load(t, path)}
		observe(runs[0], "r", 1)
		observe(runs[1], "r", 2, 3)
		observe(runs[1], "s", 1)
		for _, i := range order {
			save(t, runs[i])
		}
		p := load(t, path)
		if m := p.model("r"); m.Count() != 53 || math.Abs(m.Mean()-6.0/53) > 1e-9 || m.Max() != 3 {
			t.Errorf("%v samples of mean %v", m.Count(), m.Mean())
		}
		if p.model("s") == nil {
			t.Error("the rule that one of them saw is lost")
		}
	}
}

func TestDeltasOfShardsEqualOneRun(t *testing.T) {
	dir := t.TempDir()
	path := func(name string) string { return filepath.Join(dir, name) }
	p := load(t, path("one"))
	observe(p, "r", make([]float64, 60)...)
	save(t, p)
	before, err := os.ReadFile(path("one"))
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(path("many"), before, 0o644); err != nil {
		t.Fatal(err)
	}
	one := load(t, path("one"))
	total := NewStore()
	for i := range 3 {
		observe(one, "r", float64(i))
		shard := load(t, path("many"))
		observe(shard, "r", float64(i))
		name := path(fmt.Sprint(i))
		if err := os.WriteFile(name, []byte("what was there before"), 0o644); err != nil {
			t.Fatal(err)
		}
		if err := shard.WriteDelta(name); err != nil {
			t.Fatal(err)
		}
		d, err := Read(name)
		if err != nil || d.Len() != 1 {
			t.Fatal(d, err)
		}
		total.Merge(d)
	}
	save(t, one)
	if err := Update(path("many"), func(s *Store) error { s.Learn(total); return nil }); err != nil {
		t.Fatal(err)
	}
	a, b := load(t, path("one")).model("r"), load(t, path("many")).model("r")
	a.saves, b.saves = 0, 0
	rapid.Check(t, func(t *rapid.T) { same(t, "shards", a, b) })
	if a.Count() != 33 {
		t.Errorf("%v samples", a.Count())
	}
}

// What four jobs saw, each written to a file, is what one saw, in whatever order it
// is added up.
func TestDeltasAddUpExactly(t *testing.T) {
	dir := t.TempDir()
	rapid.Check(t, func(t *rapid.T) {
		one, err := Load("", Here())
		if err != nil {
			t.Fatal(err)
		}
		var jobs [4]*Profile
		for i := range jobs {
			if jobs[i], err = Load(filepath.Join(dir, "none"), Here()); err != nil {
				t.Fatal(err)
			}
		}
		for _, o := range drawObservations(t, 0) {
			o.Rule = rapid.SampledFrom([]string{"a", "b"}).Draw(t, "rule")
			one.Observe(o)
			jobs[rapid.IntRange(0, 3).Draw(t, "job")].Observe(o)
		}
		sum := NewStore()
		for _, i := range rapid.Permutation([]int{0, 1, 2, 3}).Draw(t, "order") {
			name := filepath.Join(dir, fmt.Sprint(i))
			if err := jobs[i].WriteDelta(name); err != nil {
				t.Fatal(err)
			}
			delta, err := Read(name)
			if err != nil {
				t.Fatal(err)
			}
			sum.Merge(delta)
		}
		want := one.take()
		if sum.Len() != want.Len() {
			t.Fatalf("%d models, want %d", sum.Len(), want.Len())
		}
		for _, e := range want.Entries() {
			got := sum.classes[e.Class][e.Rule]
			got.saves = e.saves // each job counts as one
			same(t, e.Rule, e.Model, got)
		}
	})
}

func TestAnotherKindOfRuleStartsAnew(t *testing.T) {
	path := filepath.Join(t.TempDir(), "p.json")
	p := load(t, path)
	observe(p, "r", 100)
	save(t, p)
	p = load(t, path)
	p.Observe(Observation{Rule: "r", Kind: "other", Seconds: 1})
	save(t, p)
	if m := load(t, path).model("r"); m.Kind != "other" || m.Count() != 1 || m.Mean() != 1 {
		t.Errorf("%+v", m)
	}
}

func TestStoresAreBounded(t *testing.T) {
	s := NewStore()
	old := time.Date(2020, 1, 1, 0, 0, 0, 0, time.UTC)
	for i := range maxModels {
		s.model("a/b/1", fmt.Sprintf("rule-%d", i)).judged("k", false, old.Add(time.Duration(i)*time.Second))
	}
	d := NewStore()
	d.model("a/b/2", "new").judged("k", false, old.Add(time.Hour*1e4))
	s.Learn(d)
	if s.Len() != maxModels || s.classes["a/b/1"]["rule-0"] != nil || s.classes["a/b/1"]["rule-1"] == nil || s.classes["a/b/2"]["new"] == nil {
		t.Errorf("%d models", s.Len())
	}
	data := s.Encode()
	if len(data) > maxFile {
		t.Errorf("%d bytes", len(data))
	}
	if _, err := Decode(data); err != nil {
		t.Error(err)
	}
}

func TestClassesAreBounded(t *testing.T) {
	s := NewStore()
	for i := range maxClasses + 10 {
		s.model(Class{"linux", "amd64", i}.String(), "r").judged("k", false, time.Unix(int64(i), 0).UTC())
	}
	s.Learn(NewStore())
	if len(s.classes) != maxClasses || s.classes["linux/amd64/9"] != nil {
		t.Errorf("%d classes", len(s.classes))
	}
	if _, err := Decode(s.Encode()); err != nil {
		t.Error(err)
	}
}

// A full store with every number of a model set is still read again.
func TestLargestStoreFitsTheFile(t *testing.T) {
	m := modelOf([]Observation{{Kind: "use", Seconds: math.Pi, Bytes: 1 << 40, Files: 12345, Offered: 1 << 20, OfferedBytes: 1 << 41, CPUSeconds: math.E, PeakMemory: 1 << 33}})
	m.merge(modelOf([]Observation{{Kind: "use", Seconds: math.Sqrt2, Bytes: 1 << 20, Files: 3, Offered: 1 << 20, OfferedBytes: 1 << 41, CPUSeconds: math.E, PeakMemory: 1 << 30}}))
	s := NewStore()
	s.classes["linux/amd64/128"] = map[string]*Model{"some-rule-with-quite-a-long-name-as-people-have-them": m}
	if n := len(s.Encode()) * maxModels; n > maxFile {
		t.Errorf("%d models come to %d bytes, more than the %d that are read", maxModels, n, maxFile)
	}
}

// A file whose numbers are as large as they may be is read again after it has learned.
func TestNumbersAtTheirLimitsStayReadable(t *testing.T) {
	m := &Model{Kind: "k"}
	for _, f := range fields {
		*f.of(m) = f.limit
	}
	s := NewStore()
	s.classes["linux/amd64/2"] = map[string]*Model{"r": m}
	delta := NewStore()
	delta.model("linux/amd64/2", "r").add(&Observation{Kind: "k", Seconds: maxSeconds, Bytes: maxBytes, Files: maxFiles}, time.Now())
	for range 3 {
		s.Learn(delta)
		s.Merge(delta)
		again, err := Decode(s.Encode())
		if err != nil || again.Len() != 1 {
			t.Fatal(err)
		}
		s.Merge(again)
	}
}

func TestRoundTrip(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		s := NewStore()
		for range rapid.IntRange(0, 5).Draw(t, "models") {
			m := modelOf(drawObservations(t, 0))
			m.Kind = rapid.StringN(0, 20, 40).Draw(t, "kind")
			m.Updated = time.Unix(rapid.Int64Range(0, 4e9).Draw(t, "updated"), 0).UTC()
			class := rapid.StringMatching(`[a-z]+/[a-z0-9]+/[1-9]`).Draw(t, "class")
			*s.model(class, rapid.StringN(1, 20, 60).Draw(t, "rule")) = *m
		}
		data := s.Encode()
		if !json.Valid(data) {
			t.Fatalf("not JSON: %s", data)
		}
		again, err := Decode(data)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Equal(again.Encode(), data) {
			t.Fatalf("%s\nbecomes\n%s", data, again.Encode())
		}
		for _, e := range s.Entries() {
			m := again.classes[e.Class][e.Rule]
			same(t, e.Rule, e.Model, m)
			if m.Kind != e.Kind || !m.Updated.Equal(e.Updated) {
				t.Fatalf("%+v becomes %+v", e.Model, m)
			}
		}
	})
}

func TestRemove(t *testing.T) {
	s := NewStore()
	s.model("a", "x").judged("k", true, time.Time{})
	s.model("b", "x").judged("k", true, time.Time{})
	s.model("b", "y").judged("k", true, time.Time{})
	if !s.Remove("x") || s.Remove("x") || s.Len() != 1 || len(s.classes) != 1 {
		t.Errorf("%v", s.Entries())
	}
	if r := s.Rules(); len(r) != 1 || r[0] != "y" {
		t.Errorf("%v", r)
	}
}

// The document names every key, no other, and its example is read.
func TestDocumentation(t *testing.T) {
	text, err := os.ReadFile("../../docs/profile.md")
	if err != nil {
		t.Fatal(err)
	}
	doc := strings.ReplaceAll(string(text), "\r\n", "\n")
	_, example, _ := strings.Cut(doc, "```json\n")
	example, table, _ := strings.Cut(example, "```")
	s, err := Decode([]byte(example))
	if err != nil || s.Len() != 1 {
		t.Fatalf("the example: %v", err)
	}
	m := s.Entries()[0].Model
	for _, f := range fields {
		if *f.of(m) == 0 {
			t.Errorf("the example does not show %s", f.name)
		}
		if !strings.Contains(table, "`"+f.name+"`") {
			t.Errorf("the table does not explain %s", f.name)
		}
	}
	var raw struct {
		Classes map[string]map[string]map[string]any
	}
	if err := json.Unmarshal([]byte(example), &raw); err != nil || len(raw.Classes["linux/amd64/2"]["eslint"]) != len(fields)+2 {
		t.Errorf("the example has keys that mean nothing: %v", err)
	}
	for _, said := range []string{
		fmt.Sprintf("A rule is called slow where it ran %d standard deviations slower", slowSigmas),
		fmt.Sprintf("by at least %g %% and %g ms besides", 100*slowShare, 1000*slowSeconds),
		fmt.Sprintf("takes %d samples, and %d runs, to say so", slowSamples, slowSamples),
		fmt.Sprintf("A model with more than %d samples", fadeAbove), fmt.Sprintf("cut to a weight of %d\n", latestWeight),
		fmt.Sprintf("more than %d MiB is not read", maxFile>>20), fmt.Sprintf("ids of more than %d bytes", maxName),
	} {
		if !strings.Contains(doc, said) {
			t.Errorf("it does not say: %s", said)
		}
	}
	if math.Abs(m.SD()-math.Sqrt2) > 1e-9 || m.CPUs() != 1.5 || m.FindingsRate() != 0.5 {
		t.Errorf("%+v", m)
	}
}
