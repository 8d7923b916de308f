package plan_test

import (
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

// priced predicts what a test says, in seconds.
type priced struct {
	plan.Costs
	file, whole, start float64
}

func (c priced) Sweep(_ int, _ int64, files int) float64   { return c.file * float64(files) }
func (c priced) Read(int64, int) float64                   { return 0 }
func (c priced) Whole(int) float64                         { return c.whole }
func (c priced) Command(_ int, _ int64, files int) float64 { return c.start + c.file*float64(files) }
func (c priced) Start(int, int64, int) float64             { return c.start }

// parted is a command of which several invocations make no difference.
type parted struct{ command }

func (parted) Split(paths []string, parts int) [][]string {
	n := max(1, len(paths)/max(1, parts))
	return slices.Collect(slices.Chunk(paths, n))
}

func entries(n int) (files []rule.Entry) {
	for i := range n {
		files = append(files, rule.Entry{Path: fmt.Sprintf("d%d/f%04d.go", i%7, i), Size: int64(100 * (i % 50))})
	}
	return files
}

func input(files []rule.Entry, c plan.Costs, rules ...*rule.Rule) plan.Input {
	return plan.Input{Rules: rules, Changed: files, Workers: 2, Costs: c,
		Skip: func(int) bool { return false }, Taken: func(int) []rule.Entry { return files }}
}

// seconds is what each shard is expected to take.
func seconds(in plan.Input, shards []*plan.Slice) (out []float64) {
	for _, s := range shards {
		in.Slice = s
		sum := 0.0
		for _, t := range plan.Build(in).Tasks {
			sum += t.Estimate
		}
		out = append(out, sum)
	}
	return out
}

func TestShardsAreEqual(t *testing.T) {
	in := input(entries(4000), priced{plan.Usual, 1e-3, 0.5, 0.1},
		&rule.Rule{ID: "gate", Check: treeCheck{}},
		&rule.Rule{ID: "files", Check: fileCheck{}},
		&rule.Rule{ID: "needing", Check: fileCheck{}, Needs: []string{"gate"}},
		&rule.Rule{ID: "lint", Check: parted{}},
		&rule.Rule{ID: "tree", Check: treeCheck{}}, &rule.Rule{ID: "tree2", Check: treeCheck{}})
	for _, n := range []int{1, 2, 4, 8} {
		got := seconds(in, plan.Shards(in, n))
		sum := 0.0
		for _, s := range got {
			sum += s
		}
		if len(got) != n || slices.Max(got) > 1.1*sum/float64(n) {
			t.Errorf("%d shards take %.2f", n, got)
		}
	}
}

// What needs an expensive rule goes where that rule is, rather than running it in
// every shard; and a command that takes long to start starts in one.
func TestShardsDoNotPayTwiceForLittle(t *testing.T) {
	in := input(entries(100), priced{plan.Usual, 1e-3, 10, 10},
		&rule.Rule{ID: "gate", Check: treeCheck{}},
		&rule.Rule{ID: "needing", Check: fileCheck{}, Needs: []string{"gate"}},
		&rule.Rule{ID: "lint", Check: parted{}})
	shards := plan.Shards(in, 4)
	if len(shards) != 2 {
		t.Fatalf("%d shards take %.2f", len(shards), seconds(in, shards))
	}
	for i := range in.Rules {
		in := 0
		for _, s := range shards {
			if s.Share(i) != plan.Nothing {
				in++
			}
		}
		if in != 1 {
			t.Errorf("rule %d is in %d shards", i, in)
		}
	}
}

// once is a command over all files at once.
type once struct{ command }

func (once) Split(paths []string, _ int) [][]string { return [][]string{paths} }

// greedyCommand holds two processors.
type greedyCommand struct{ priced }

func (greedyCommand) Hold(int) plan.Hold { return plan.Hold{CPUs: 2} }

// A command that keeps both workers busy is as much work as two that keep one.
func TestShardsCountProcessors(t *testing.T) {
	in := input(entries(1), greedyCommand{priced{plan.Usual, 0, 4, 6}},
		&rule.Rule{ID: "lint", Check: once{}},
		&rule.Rule{ID: "a", Check: treeCheck{}}, &rule.Rule{ID: "b", Check: treeCheck{}}, &rule.Rule{ID: "c", Check: treeCheck{}})
	for _, s := range plan.Shards(in, 2) {
		for i := 1; i < len(in.Rules); i++ {
			if s.Share(0) != plan.Nothing && s.Share(i) != plan.Nothing {
				t.Errorf("shard %s has lint and %s", s, in.Rules[i].ID)
			}
		}
	}
}

func TestShardsWithoutWorkAreLeftOut(t *testing.T) {
	in := input(nil, plan.Usual, &rule.Rule{ID: "files", Check: fileCheck{}}, &rule.Rule{ID: "lint", Check: parted{}})
	if s := plan.Shards(in, 8); len(s) != 1 || s[0].Share(0) != plan.Some || s[0].Share(1) != plan.Some {
		t.Errorf("%v", s)
	}
	in = input(entries(3), plan.Usual, &rule.Rule{ID: "files", Check: fileCheck{}})
	if s := plan.Shards(in, 8); len(s) != 3 {
		t.Errorf("3 files are in %d shards", len(s))
	}
}

// Each rule judges each file in one shard, whatever the plan knew: also files that
// it did not see. What an argument holds is what was planned.
func TestEachShardHasItsPart(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		rules := drawShardRules(t)
		in := input(entries(rapid.IntRange(0, 200).Draw(t, "files")), priced{plan.Usual, rapid.Float64Range(0, 1).Draw(t, "file"), rapid.Float64Range(0, 100).Draw(t, "whole"), rapid.Float64Range(0, 10).Draw(t, "start")}, rules...)
		skipped := rapid.IntRange(-1, len(rules)-1).Draw(t, "skipped")
		in.Skip = func(i int) bool { return i == skipped }
		n := rapid.IntRange(1, 12).Draw(t, "shards")
		shards := plan.Shards(in, n)
		if rapid.Bool().Draw(t, "plain") {
			shards = nil
			for i := range n {
				shards = append(shards, cut(t, in, fmt.Sprintf("%d/%d", i+1, n)))
			}
		}
		others := entries(300)
		for i := range rules {
			whole, seen := 0, map[string]int{}
			for _, s := range shards {
				if a := s.Argument(); cut(t, in, a).Argument() != a || s.Digest != shards[0].Digest {
					t.Fatalf("%s comes back as another", a)
				}
				switch s.Share(i) {
				case plan.All:
					whole++
				case plan.Some:
					for _, e := range s.Files(i, others) {
						seen[e.Path]++
						if !s.Reports(i, e.Path) {
							t.Fatalf("%s judges %s and does not report it", rules[i].ID, e.Path)
						}
					}
				}
				if s.Share(i) != plan.Nothing && i != skipped {
					for _, id := range rules[i].Needs {
						k := slices.IndexFunc(rules, func(r *rule.Rule) bool { return r.ID == id })
						if got := s.Share(k); got != plan.All && got != plan.Again {
							t.Fatalf("%s runs without %s", rules[i].ID, id)
						}
					}
				}
			}
			if i == skipped {
				continue
			}
			if len(seen) > 0 == (whole > 0) || whole > 1 || len(seen) > 0 && len(seen) != len(others) {
				t.Fatalf("%s: %d times whole, %d of %d files", rules[i].ID, whole, len(seen), len(others))
			}
			for path, n := range seen {
				if n != 1 {
					t.Fatalf("%s judges %s %d times", rules[i].ID, path, n)
				}
			}
		}
	})
}

func drawShardRules(t *rapid.T) []*rule.Rule {
	rules := make([]*rule.Rule, rapid.IntRange(1, 8).Draw(t, "rules"))
	for i := range rules {
		r := &rule.Rule{ID: fmt.Sprintf("r%d", i)}
		r.Check = rapid.SampledFrom([]rule.Check{fileCheck{}, fileCheck{}, treeCheck{}, parted{}, command{1000}}).Draw(t, "check")
		if rapid.IntRange(0, 4).Draw(t, "quantified") == 0 {
			r.Holds = rule.HoldsAny
		}
		if i > 0 && rapid.Bool().Draw(t, "needs") {
			r.Needs = []string{fmt.Sprintf("r%d", rapid.IntRange(0, i-1).Draw(t, "need"))}
		}
		rules[i] = r
	}
	return rules
}

func cut(t *rapid.T, in plan.Input, argument string) *plan.Slice {
	shard, err := plan.ParseShard(argument)
	if err != nil {
		t.Fatal(argument, err)
	}
	s, err := plan.Cut(in, shard)
	if err != nil {
		t.Fatal(argument, err)
	}
	return s
}

func TestSliceOfOtherRulesIsRefused(t *testing.T) {
	a := input(entries(10), plan.Usual, &rule.Rule{ID: "a", Check: fileCheck{}}, &rule.Rule{ID: "b", Check: treeCheck{}})
	argument := plan.Shards(a, 2)[0].Argument()
	shard, err := plan.ParseShard(argument)
	if err != nil {
		t.Fatal(err)
	}
	for name, b := range map[string]plan.Input{
		"another rule":  input(nil, plan.Usual, &rule.Rule{ID: "c", Check: fileCheck{}}, &rule.Rule{ID: "b", Check: treeCheck{}}),
		"one more":      input(nil, plan.Usual, append(a.Rules, &rule.Rule{ID: "c", Check: fileCheck{}})...),
		"another need":  input(nil, plan.Usual, a.Rules[0], &rule.Rule{ID: "b", Check: treeCheck{}, Needs: []string{"a"}}),
		"another check": input(nil, plan.Usual, &rule.Rule{ID: "a", Check: treeCheck{}}, a.Rules[1]),
	} {
		if _, err := plan.Cut(b, shard); !errors.Is(err, plan.ErrOtherRules) {
			t.Errorf("%s: %v", name, err)
		}
	}
	a.Skip = func(i int) bool { return i == 0 }
	if _, err := plan.Cut(a, shard); !errors.Is(err, plan.ErrOtherRules) {
		t.Errorf("a skipped rule: %v", err)
	}
	if _, err := plan.ParseShard(strings.Replace(argument, "1/2", "2/2", 1)); err == nil {
		t.Error("the slice of another shard is taken")
	}
}

// Whatever stands behind --shard is refused, or is a slice of these rules that can
// be asked.
func FuzzShard(f *testing.F) {
	in := input(entries(50), plan.Usual, &rule.Rule{ID: "a", Check: fileCheck{}}, &rule.Rule{ID: "b", Check: parted{}}, &rule.Rule{ID: "c", Check: treeCheck{}, Needs: []string{"b"}})
	for _, s := range plan.Shards(in, 3) {
		f.Add(s.Argument())
	}
	f.Add("1/4")
	f.Add("0/0@")
	f.Add("1/2@AQ")
	f.Fuzz(func(t *testing.T, text string) {
		shard, err := plan.ParseShard(text)
		if err != nil {
			return
		}
		s, err := plan.Cut(in, shard)
		if err != nil {
			return
		}
		for i := range in.Rules {
			s.Share(i)
			s.Files(i, in.Changed)
		}
		in := in
		in.Slice = s
		plan.Build(in)
	})
}
