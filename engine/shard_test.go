package engine

// sot:ignore-file unused-ignore -- the texts of these tests hold such comments

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
	"pgregory.net/rapid"
)

// judged counts which rule judged which file.
type judged struct {
	mu    sync.Mutex
	times map[[2]string]int
}

func (j *judged) note(rule, path string) {
	j.mu.Lock()
	defer j.mu.Unlock()
	j.times[[2]string{rule, path}]++
}

// finder is what the rules that find a word have in common. It is no check itself:
// embedded in those of other kinds, it would make file rules of them.
type finder struct {
	id, word string
	seen     *judged
}

// fileFinder is a file rule that finds a word.
type fileFinder struct{ finder }

func (c fileFinder) CheckFile(p *rule.Pass, f *rule.File) {
	c.seen.note(c.id, f.Path)
	for at, data := 0, f.Bytes(); ; {
		i := bytes.Index(data[at:], []byte(c.word))
		if i < 0 {
			return
		}
		p.Range(f, at+i, at+i+len(c.word), "found %s", c.word)
		at += i + len(c.word)
	}
}

// blindFinder is one that looks at names alone.
type blindFinder struct{ finder }

func (blindFinder) Blind() {}
func (c blindFinder) CheckFile(p *rule.Pass, f *rule.File) {
	c.seen.note(c.id, f.Path)
	if strings.Contains(f.Path, c.word) {
		p.File(f, "its name has %s", c.word)
	}
}

// treeFinder finds the repository too large.
type treeFinder struct{ finder }

func (c treeFinder) CheckTree(p *rule.Pass, _ *rule.Tree, match, _ []rule.Entry) {
	for _, e := range match {
		c.seen.note(c.id, e.Path)
		if strings.Contains(e.Path, c.word) {
			p.Add(rule.Finding{Path: e.Path, Line: 1, Text: "line", Message: "of the tree"})
		}
	}
}

// repoFinder looks at the run as a whole.
type repoFinder struct{ finder }

func (c repoFinder) CheckRepo(p *rule.Pass, changed []rule.Entry) {
	c.seen.note(c.id, "")
	if len(changed)%2 == 1 {
		p.Add(rule.Finding{Message: "an odd number of files"})
	}
}

// commandFinder is a command without a process: over many files, each, or none.
type commandFinder struct {
	finder
	files string
}

func (c commandFinder) Split(paths []string, parts int) [][]string {
	switch c.files {
	case "none":
		return [][]string{nil}
	case "each":
		return slices.Collect(slices.Chunk(paths, 1))
	case "once":
		return [][]string{paths}
	}
	return slices.Collect(slices.Chunk(paths, max(1, len(paths)/max(1, parts))))
}

func (c commandFinder) Run(p *rule.Pass, where rule.Place, paths []string) {
	if len(paths) == 0 || c.files == "once" {
		c.seen.note(c.id, fmt.Sprint(len(paths)))
	}
	for _, path := range paths {
		c.seen.note(c.id, path)
		data, _ := os.ReadFile(filepath.Join(where.Root, path)) // it was just written
		for i, line := range strings.Split(string(data), "\n") {
			if strings.Contains(line, c.word) {
				p.Add(rule.Finding{Path: path, Line: i + 1, Text: line, Message: "found " + c.word})
			}
		}
	}
	if c.files == "none" && c.word == "foo" {
		p.Add(rule.Finding{Message: "no files, and a finding"})
	}
}
func (commandFinder) Fix(*rule.Pass, rule.Place, []string) {}
func (commandFinder) Fixes() bool                          { return false }

// drawRules makes rules of all kinds, that need each other.
func drawRules(t *rapid.T, seen *judged) []*rule.Rule {
	rules := make([]*rule.Rule, rapid.IntRange(1, 9).Draw(t, "rules"))
	for i := range rules {
		r := &rule.Rule{ID: fmt.Sprintf("r%d", i), Severity: rapid.SampledFrom([]rule.Severity{rule.Error, rule.Warning, rule.Info}).Draw(t, "severity")}
		f := finder{r.ID, rapid.SampledFrom([]string{"foo", "bar", "never"}).Draw(t, "word"), seen}
		switch kind := rapid.SampledFrom([]string{"file", "file", "blind", "tree", "repo", "many", "each", "none", "once"}).Draw(t, "kind"); kind {
		case "file":
			r.Check = fileFinder{f}
		case "blind":
			r.Check = blindFinder{f}
		case "tree":
			r.Check = treeFinder{f}
		case "repo":
			r.Check = repoFinder{f}
		default:
			r.Check = commandFinder{f, kind}
		}
		r.Kind = fmt.Sprintf("%T", r.Check)
		if rapid.IntRange(0, 4).Draw(t, "quantified") == 0 {
			r.Holds = rapid.SampledFrom([]rule.Holds{rule.HoldsAny, rule.HoldsNone, rule.HoldsPercent(60)}).Draw(t, "holds")
		}
		r.EmptyFails = rapid.IntRange(0, 9).Draw(t, "empty") == 0
		if rapid.Bool().Draw(t, "some") {
			r.Select.Files = []string{rapid.SampledFrom([]string{"**/*.go", "a/**", "nothing"}).Draw(t, "files")}
		}
		if i > 0 && rapid.IntRange(0, 2).Draw(t, "needing") == 0 {
			for _, k := range rapid.SliceOfNDistinct(rapid.IntRange(0, i-1), 1, 2, rapid.ID).Draw(t, "needs") {
				r.Needs = append(r.Needs, fmt.Sprintf("r%d", k))
			}
		}
		rules[i] = r
	}
	return rules
}

func drawFiles(t *rapid.T, dir string, rules int) {
	n := rapid.IntRange(0, 25).Draw(t, "count")
	line := rapid.SampledFrom([]string{"foo", "bar", "foo bar", "x", "", "// sot:ignore r0 -- so", "foo // sot:ignore r1", "// sot:ignore-file r2 -- all", "bar // sot:ignore r3,r4,none -- so"})
	for i := range n {
		name := fmt.Sprintf("%s/%s%d%s", rapid.SampledFrom([]string{"a", "b/c"}).Draw(t, "dir"), rapid.SampledFrom([]string{"foo", "x"}).Draw(t, "name"), i, rapid.SampledFrom([]string{".go", ".txt"}).Draw(t, "ext"))
		text := strings.Join(rapid.SliceOfN(line, 0, 6).Draw(t, "lines"), "\n")
		path := filepath.Join(dir, filepath.FromSlash(name))
		_ = os.MkdirAll(filepath.Dir(path), 0o755) // WriteFile would say
		if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
}

// shardRun is runRules in a folder with skipped rules and a part of the run, as read
// from its JSON report.
func shardRun(t *rapid.T, dir string, o Options, rules []*rule.Rule, skip map[string]string) report.ShardReport {
	ctx := context.Background()
	src, err := source.Open(ctx, source.Options{Dir: dir, Mode: source.All})
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(ctx, o, src, &config.Config{FailOn: rule.Warning, Rules: rules}, rules, skip)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if err := r.check(ctx, r.files); err != nil {
		t.Fatal(err)
	}
	var b bytes.Buffer
	if err := report.JSON(&b, r.report(ctx, time.Now())); err != nil {
		t.Fatal(err)
	}
	rec, err := report.Read(&b)
	if err != nil {
		t.Fatal(err)
	}
	return report.ShardReport{Name: "report", Record: rec}
}

// All shards together are the whole run: the same findings, none twice, the same
// statuses and exit code, and each rule judges each file as often.
func TestShardsTogetherAreTheRun(t *testing.T) {
	tmp := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", tmp)
	n := 0
	rapid.Check(t, func(t *rapid.T) {
		n++
		dir := filepath.Join(tmp, fmt.Sprint(n))
		if err := os.MkdirAll(dir, 0o755); err != nil {
			t.Fatal(err)
		}
		defer func() { _ = os.RemoveAll(dir) }() // TempDir is removed as well
		seen := &judged{times: map[[2]string]int{}}
		rules := drawRules(t, seen)
		drawFiles(t, dir, len(rules))
		skip := map[string]string{}
		if rapid.IntRange(0, 3).Draw(t, "skipping") == 0 {
			skip[rules[rapid.IntRange(0, len(rules)-1).Draw(t, "skip")].ID] = "skipped by --skip"
		}
		o := Options{Workers: rapid.IntRange(1, 3).Draw(t, "workers"), Profile: filepath.Join(dir, "..", fmt.Sprint(n)+".json"), NoCache: true, Delta: filepath.Join(tmp, "delta")}
		drawProfile(t, o.Profile, rules)
		whole := shardRun(t, dir, o, rules, skip)
		if fs := whole.Run.Findings; len(fs) > 0 && rapid.Bool().Draw(t, "baseline") {
			accept(t, dir, fs[:rapid.IntRange(1, len(fs)).Draw(t, "accepted")])
		}
		clear(seen.times)
		whole = shardRun(t, dir, o, rules, skip)
		want := seen.times
		seen.times = map[[2]string]int{}

		shards := rapid.IntRange(1, 5).Draw(t, "shards")
		arguments := planned(t, dir, o, rules, skip, shards)
		if rapid.Bool().Draw(t, "plain") {
			arguments = nil
			for i := range shards {
				arguments = append(arguments, fmt.Sprintf("%d/%d", i+1, shards))
			}
		}
		var parts []report.ShardReport
		all := 0
		for _, a := range arguments {
			shard, err := plan.ParseShard(a)
			if err != nil {
				t.Fatal(a, err)
			}
			o := o
			o.Shard = shard
			if shard.Planned() {
				o.Profile = filepath.Join(tmp, "none") // what a job has learned does not matter
			}
			parts = append(parts, shardRun(t, dir, o, rules, skip))
			all += len(parts[len(parts)-1].Run.Findings)
		}
		got, err := report.Merge(parts)
		if err != nil {
			t.Fatal(err)
		}
		ignores := 0 // known since the merge alone
		for _, f := range got.Findings {
			if f.Rule == UnusedIgnore {
				ignores++
			}
		}
		if len(got.Findings)-ignores != all {
			t.Errorf("%d findings in the shards, %d of them different", all, len(got.Findings)-ignores)
		}
		compareRuns(t, whole.Run, got)
		needed := map[string]bool{}
		for _, r := range rules {
			for _, id := range r.Needs {
				needed[id] = true
			}
		}
		for k, n := range want {
			if got := seen.times[k]; got != n && (!needed[k[0]] || got == 0) {
				t.Errorf("%v judged %d times, want %d", k, got, n)
			}
			delete(seen.times, k)
		}
		if len(seen.times) > 0 {
			t.Errorf("judged beside: %v", seen.times)
		}
	})
}

// drawProfile writes a profile with something of some rules.
func drawProfile(t *rapid.T, path string, rules []*rule.Rule) {
	p, err := profile.Load(path, profile.Here())
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if rapid.Bool().Draw(t, "known") {
			p.Observe(profile.Observation{Rule: r.ID, Kind: r.Kind, Seconds: rapid.Float64Range(0, 100).Draw(t, "seconds"), Files: rapid.IntRange(0, 50).Draw(t, "size"), Bytes: 1000})
		}
	}
	if err := p.Save(); err != nil {
		t.Fatal(err)
	}
}

// What a command takes in runs of one size says nothing of its start, and all shards
// have a part of it; where runs of several sizes tell of a long start, few pay it.
func TestShardsOfACommandBySamples(t *testing.T) {
	for _, c := range []struct {
		name   string
		sizes  []int // files of the samples
		second func(files int) float64
		want   int
	}{
		{"one size", []int{100}, func(int) float64 { return 20 }, 4},
		{"a start of 10 s", []int{10, 100}, func(files int) float64 { return 10 + 0.01*float64(files) }, 1},
		{"hardly a start", []int{10, 100}, func(files int) float64 { return 0.1 + 0.1*float64(files) }, 4},
	} {
		t.Run(c.name, func(t *testing.T) {
			dir := t.TempDir()
			t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
			for i := range 100 {
				if err := os.WriteFile(filepath.Join(dir, fmt.Sprintf("f%d.go", i)), bytes.Repeat([]byte("x"), 1000), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			r := &rule.Rule{ID: "lint", Kind: "command", Check: commandFinder{finder{"lint", "foo", &judged{}}, "many"}}
			path := filepath.Join(t.TempDir(), "profile.json")
			p, err := profile.Load(path, profile.Here())
			if err != nil {
				t.Fatal(err)
			}
			for i := range 20 {
				n := c.sizes[i%len(c.sizes)]
				p.Observe(profile.Observation{Rule: r.ID, Kind: r.Kind, Seconds: c.second(n), Files: n, Bytes: 1000 * int64(n)})
			}
			if err := p.Save(); err != nil {
				t.Fatal(err)
			}
			src, err := source.Open(t.Context(), source.Options{Dir: dir, Mode: source.All})
			if err != nil {
				t.Fatal(err)
			}
			run, err := newRun(t.Context(), Options{Profile: path, NoCache: true}, src, &config.Config{}, []*rule.Rule{r}, nil)
			if err != nil {
				t.Fatal(err)
			}
			defer run.close()
			in, _ := run.input(run.files)
			got := 0
			for _, s := range plan.Shards(in, 4) {
				if s.Share(0) != plan.Nothing {
					got++
				}
			}
			if got != c.want {
				t.Errorf("it is in %d shards, want %d", got, c.want)
			}
		})
	}
}

func accept(t *rapid.T, dir string, fs []rule.Finding) {
	f := baselineFile{Version: 1}
	for _, x := range fs {
		f.Findings = append(f.Findings, baselineEntry{Fingerprint: x.Fingerprint, Rule: x.Rule})
	}
	b, err := json.Marshal(f)
	if err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, BaselineFile), b, 0o644); err != nil {
		t.Fatal(err)
	}
}

// planned returns what `sot plan` prints for each shard.
func planned(t *rapid.T, dir string, o Options, rules []*rule.Rule, skip map[string]string, n int) (out []string) {
	ctx := context.Background()
	src, err := source.Open(ctx, source.Options{Dir: dir, Mode: source.All})
	if err != nil {
		t.Fatal(err)
	}
	r, err := newRun(ctx, o, src, &config.Config{Rules: rules}, rules, skip)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	shards, err := r.shards(PlanOptions{Most: n})
	if err != nil {
		t.Fatal(err)
	}
	for _, s := range shards {
		out = append(out, s.Argument)
	}
	return out
}

func compareRuns(t *rapid.T, want, got *report.Report) {
	if a, b := settled(want), settled(got); !slices.Equal(a, b) {
		t.Errorf("findings\n%s\nwant\n%s", strings.Join(b, "\n"), strings.Join(a, "\n"))
	}
	if len(got.Faults) > 0 {
		t.Errorf("faults %v", got.Faults)
	}
	if got.Run.ExitCode != want.Run.ExitCode || got.Run.Files != want.Run.Files {
		t.Errorf("exit code %d of %d files, want %d of %d", got.Run.ExitCode, got.Run.Files, want.Run.ExitCode, want.Run.Files)
	}
	for i, x := range want.Rules {
		y := got.Rules[i]
		if x.ID != y.ID || x.Status != y.Status || x.Files != y.Files || x.Findings != y.Findings || x.Reason != y.Reason || x.Batch != y.Batch || x.Kind != y.Kind {
			t.Errorf("rule %+v, want %+v", y, x)
		}
	}
}

// settled are the findings as text.
func settled(r *report.Report) (out []string) {
	for _, f := range r.Findings {
		out = append(out, fmt.Sprintf("%+v", f))
	}
	return out
}
