package plan_test

import (
	"fmt"
	"math"
	"slices"
	"testing"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/rule"
	"pgregory.net/rapid"
)

type fileCheck struct{}

func (fileCheck) CheckFile(*rule.Pass, *rule.File) {}

type treeCheck struct{}

func (treeCheck) CheckTree(*rule.Pass, *rule.Tree, []rule.Entry, []rule.Entry) {}

type command struct{ per int }

func (c command) Split(paths []string, _ int) [][]string {
	return slices.Collect(slices.Chunk(paths, c.per))
}
func (command) Run(*rule.Pass, rule.Place, []string) {}
func (command) Fix(*rule.Pass, rule.Place, []string) {}
func (command) Fixes() bool                          { return false }

// Every file is in exactly one sweep for each file rule, every path in exactly
// one invocation for each command, and a task waits, directly or through joins,
// for every task of the rules that its rules need.
func TestEveryFileOnceAndNeedsFirst(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		n := rapid.IntRange(1, 12).Draw(t, "rules")
		rules := make([]*rule.Rule, n)
		for i := range rules {
			r := &rule.Rule{ID: fmt.Sprintf("r%02d", i)}
			r.Check = rapid.SampledFrom([]rule.Check{fileCheck{}, fileCheck{}, treeCheck{}, command{3}}).Draw(t, "check")
			if i > 0 {
				for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(0, i-1), 0, 3, rapid.ID).Draw(t, "needs") {
					r.Needs = append(r.Needs, fmt.Sprintf("r%02d", k))
				}
			}
			rules[i] = r
		}
		var files []rule.Entry
		var paths []string
		for i := range rapid.IntRange(0, 500).Draw(t, "files") {
			files = append(files, rule.Entry{Path: fmt.Sprintf("f%03d", i)})
			paths = append(paths, files[i].Path)
		}
		p := plan.Build(plan.Input{Rules: rules, Changed: files, Workers: rapid.IntRange(1, 8).Draw(t, "workers"),
			Skip: func(int) bool { return false }, Taken: func(int) []rule.Entry { return files }})
		checkOnce(t, rules, files, paths, p)
		checkNeeds(t, rules, p)
	})
}

func checkOnce(t *rapid.T, rules []*rule.Rule, files []rule.Entry, paths []string, p *plan.Plan) {
	swept, taken := map[int][]string{}, map[int][]string{}
	for _, task := range p.Tasks {
		for _, r := range task.Rules {
			for _, e := range task.Files {
				swept[r] = append(swept[r], e.Path)
			}
			taken[r] = append(taken[r], task.Paths...)
		}
	}
	for i, r := range rules {
		got := swept[i]
		if _, ok := r.Check.(command); ok {
			got = taken[i]
		} else if _, ok := r.Check.(treeCheck); ok {
			continue
		}
		slices.Sort(got)
		if !slices.Equal(got, paths) {
			t.Fatalf("rule %s has %d paths, want %d", r.ID, len(got), len(files))
		}
	}
}

func checkNeeds(t *rapid.T, rules []*rule.Rule, p *plan.Plan) {
	reach := make([]map[int]bool, len(p.Tasks)) // what a task waits for
	var visit func(i int) map[int]bool
	visit = func(i int) map[int]bool {
		if reach[i] == nil {
			reach[i] = map[int]bool{}
			for _, n := range p.Tasks[i].Needs {
				reach[i][n] = true
				for k := range visit(n) {
					reach[i][k] = true
				}
			}
		}
		return reach[i]
	}
	byID := map[string]int{}
	for i, r := range rules {
		byID[r.ID] = i
	}
	for i, task := range p.Tasks {
		for _, r := range task.Rules {
			for _, need := range rules[r].Needs {
				for k, other := range p.Tasks {
					if other.Kind != plan.Join && slices.Contains(other.Rules, byID[need]) && task.Kind != plan.Join && !visit(i)[k] {
						t.Fatalf("%s does not wait for %s", task.ID, other.ID)
					}
				}
				if p.Batches[r] <= p.Batches[byID[need]] {
					t.Fatalf("batch %d of %s is not behind batch %d of %s", p.Batches[r], rules[r].ID, p.Batches[byID[need]], need)
				}
			}
		}
	}
}

func TestCommandWithoutFilesHasNoTask(t *testing.T) {
	p := plan.Build(plan.Input{Rules: []*rule.Rule{{ID: "c", Check: command{1}}}, Workers: 1,
		Skip: func(int) bool { return false }, Taken: func(int) []rule.Entry { return nil }})
	if len(p.Tasks) != 0 {
		t.Errorf("%+v", p.Tasks)
	}
}

func TestMatcher(t *testing.T) {
	m, err := plan.NewMatcher(rule.Selector{Files: []string{"**/*.go"}, Exclude: []string{"vendor/**"}, Types: []string{"text"}, ExcludeTypes: []string{"symlink"}})
	if err != nil {
		t.Fatal(err)
	}
	has := func(tags ...string) func(string) bool {
		return func(t string) bool { return slices.Contains(tags, t) }
	}
	for path, want := range map[string]bool{"a.go": true, "a/b.go": true, "vendor/a.go": false, "a.py": false} {
		if m.Path(path) != want {
			t.Errorf("%s: %v", path, !want)
		}
	}
	if !m.Tags(has("text", "go")) || m.Tags(has("go")) || m.Tags(has("text", "symlink")) {
		t.Error("tags")
	}
	if m, _ := plan.NewMatcher(rule.Selector{TypesOr: []string{"go", "python"}}); m.Tags(has("text")) || !m.Tags(has("python")) {
		t.Error("types_or")
	}
}

// Chunks cover the listing in order, their shares add up to one, and a giant
// file stands alone.
func TestChunksCoverTheListing(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		var files []rule.Entry
		for i, size := range rapid.SliceOfN(rapid.Int64Range(-1, 1<<24), 1, 800).Draw(t, "sizes") {
			files = append(files, rule.Entry{Path: fmt.Sprintf("f%03d", i), Size: size})
		}
		workers := rapid.IntRange(1, 16).Draw(t, "workers")
		p := plan.Build(plan.Input{Rules: []*rule.Rule{{ID: "r", Check: fileCheck{}}}, Changed: files, Workers: workers,
			Skip: func(int) bool { return false }})
		whole := plan.Build(plan.Input{Rules: []*rule.Rule{{ID: "r", Check: fileCheck{}}}, Changed: files[:1], Workers: 1,
			Skip: func(int) bool { return false }}).Tasks[0].Estimate * float64(len(files))
		var sum float64
		for _, task := range p.Tasks {
			sum += task.Estimate
		}
		if math.Abs(sum-whole) > 1e-9*whole {
			t.Fatalf("the chunks' estimates add up to %g, the whole is %g", sum, whole)
		}
	})
}

func TestGiantFileIsAChunkOfItsOwn(t *testing.T) {
	files := make([]rule.Entry, 1000)
	for i := range files {
		files[i] = rule.Entry{Path: fmt.Sprintf("f%04d", i), Size: 1000}
	}
	files[500].Size = 50 << 20
	p := plan.Build(plan.Input{Rules: []*rule.Rule{{ID: "r", Check: fileCheck{}}}, Changed: files, Workers: 4, Skip: func(int) bool { return false }})
	for _, task := range p.Tasks {
		if i := slices.IndexFunc(task.Files, func(e rule.Entry) bool { return e.Size > 1<<20 }); i >= 0 && len(task.Files) > 64 {
			t.Errorf("the giant shares a chunk with %d others", len(task.Files)-1)
		}
	}
	if n := len(p.Tasks); n < 16 || n > 80 {
		t.Errorf("%d chunks of 1000 files for 4 workers", n)
	}
	few := plan.Build(plan.Input{Rules: []*rule.Rule{{ID: "r", Check: fileCheck{}}}, Changed: files[:40], Workers: 4, Skip: func(int) bool { return false }})
	if n := len(few.Tasks); n > 3 {
		t.Errorf("%d chunks of 40 small files", n)
	}
}
