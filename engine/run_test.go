package engine

// sot:ignore-file unused-ignore -- the texts of these tests hold such comments

import (
	"bytes"
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// folder writes files into a new folder outside of any repository.
func folder(t testing.TB, files map[string]string) string {
	t.Helper()
	dir := t.TempDir()
	t.Setenv("GIT_CEILING_DIRECTORIES", filepath.Dir(dir))
	for name, content := range files {
		path := filepath.Join(dir, filepath.FromSlash(name))
		if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
			t.Fatal(err)
		}
		if err := os.WriteFile(path, []byte(content), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// runRules runs rules that are made by the test.
func runRules(t testing.TB, dir string, o Options, rules ...*rule.Rule) *report.Report {
	t.Helper()
	ctx := context.Background()
	src, err := source.Open(ctx, source.Options{Dir: dir, Mode: source.All})
	if err != nil {
		t.Fatal(err)
	}
	for _, r := range rules {
		if r.Severity == 0 {
			r.Severity = rule.Error
		}
	}
	r, err := newRun(ctx, o, src, &config.Config{FailOn: rule.Error, Rules: rules}, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	if err := r.check(ctx, r.files); err != nil {
		t.Fatal(err)
	}
	if o.Fix {
		if err := r.fix(ctx); err != nil {
			t.Fatal(err)
		}
	}
	return r.report(ctx, time.Now())
}

type checkFunc func(p *rule.Pass, f *rule.File)

func (c checkFunc) CheckFile(p *rule.Pass, f *rule.File) { c(p, f) }

// replacer finds a word, and mends it to another.
type replacer struct{ from, to string }

func (r replacer) CheckFile(p *rule.Pass, f *rule.File) {
	if i := bytes.Index(f.Bytes(), []byte(r.from)); i >= 0 {
		p.Range(f, i, i+len(r.from), "found %s", r.from)
	}
}

func (r replacer) Fix(f *rule.File) ([]byte, bool) {
	return bytes.ReplaceAll(f.Bytes(), []byte(r.from), []byte(r.to)), bytes.Contains(f.Bytes(), []byte(r.from))
}

func TestPanicIsTheRulesFaultAndTheOthersFinish(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "foo\n", "b.txt": "foo\n", "c.txt": "foo\n"})
	rep := runRules(t, dir, Options{Workers: 2},
		&rule.Rule{ID: "broken", Check: checkFunc(func(_ *rule.Pass, f *rule.File) {
			if f.Path == "b.txt" {
				var none []int
				_ = none[len(f.Path)] // a panic of the runtime's own
			}
		})},
		&rule.Rule{ID: "fine", Check: replacer{from: "foo"}})
	if len(rep.Faults) != 1 || rep.Faults[0].Rule != "broken" || rep.Faults[0].Kind != rule.FaultPanic || !strings.Contains(rep.Faults[0].Message, "b.txt") {
		t.Errorf("faults: %+v", rep.Faults)
	}
	if len(rep.Findings) != 3 || rep.Rules[0].Status != report.Faulted || rep.Rules[1].Status != report.Failed {
		t.Errorf("findings %v, rules %+v", rep.Findings, rep.Rules)
	}
	if rep.Run.ExitCode != report.ExitFault {
		t.Errorf("exit %d", rep.Run.ExitCode)
	}
}

func TestFileIsReadOnceForAllRules(t *testing.T) {
	files := map[string]string{}
	total := 0
	for i := range 200 {
		files[fmt.Sprintf("d%d/f%d.txt", i%7, i)] = strings.Repeat("x\n", i)
		total += 2 * i
	}
	var seen atomic.Int64
	count := checkFunc(func(_ *rule.Pass, f *rule.File) { seen.Add(int64(len(f.Bytes()))) })
	rep := runRules(t, folder(t, files), Options{Workers: 3},
		&rule.Rule{ID: "a", Check: count}, &rule.Rule{ID: "b", Check: count}, &rule.Rule{ID: "c", Check: count})
	if rep.Run.Bytes != int64(total) || seen.Load() != int64(3*total) {
		t.Errorf("read %d bytes, rules saw %d, want %d and %d", rep.Run.Bytes, seen.Load(), total, 3*total)
	}
}

// What was found in a file is held against its comments without reading it again.
func TestFileWithFindingsIsReadOnce(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "foo # sot:ignore r -- kept\nfoo\n", "b.txt": "foo\n", "c.txt": "bar\n"})
	ctx := context.Background()
	src, err := source.Open(ctx, source.Options{Dir: dir, Mode: source.All})
	if err != nil {
		t.Fatal(err)
	}
	rules := []*rule.Rule{{ID: "r", Severity: rule.Error, Check: lineReplacer{}}}
	r, err := newRun(ctx, Options{Workers: 1}, src, &config.Config{FailOn: rule.Error, Rules: rules}, rules, nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.close()
	p, err := r.newPass(ctx, r.files)
	if err != nil {
		t.Fatal(err)
	}
	p.open.read = func(path string) ([]byte, error) {
		t.Errorf("%s was read again", path)
		return nil, os.ErrNotExist
	}
	for i := range p.plan.Tasks {
		if err := p.do(ctx, 0, i); err != nil {
			t.Fatal(err)
		}
	}
	p.finish(ctx)
	if found := p.findings(); len(found) != 2 {
		t.Errorf("%+v", found)
	}
}

func TestSameReportAtAnyNumberOfWorkers(t *testing.T) {
	files := map[string]string{}
	for i := range 500 {
		files[fmt.Sprintf("d%d/f%d.txt", i%13, i)] = strings.Repeat("a foo b\nfoo\n", i%5)
	}
	dir := folder(t, files)
	render := func(workers int) string {
		rep := runRules(t, dir, Options{Workers: workers},
			&rule.Rule{ID: "z", Check: replacer{from: "foo"}},
			&rule.Rule{ID: "y", Needs: []string{"z"}, Check: replacer{from: "a"}},
			&rule.Rule{ID: "x", Check: replacer{from: "b"}, Holds: rule.HoldsPercent(90)})
		var b bytes.Buffer
		if err := report.Text(&b, rep, report.TextOptions{Verbose: true}); err != nil {
			t.Fatal(err)
		}
		text := strings.TrimSuffix(b.String(), "\n")
		return text[:strings.LastIndexByte(text, '\n')] // the last line has the seconds
	}
	want := render(1)
	if strings.Count(want, "foo") < 100 {
		t.Fatalf("too little is found: %s", want)
	}
	for _, n := range []int{2, 3, 8, 33} {
		if got := render(n); got != want {
			t.Errorf("%d workers give another report", n)
		}
	}
}

func TestFixesThatUndoEachOtherAreAFault(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "one\n", "b.txt": "three\n"})
	rep := runRules(t, dir, Options{Workers: 2, Fix: true},
		&rule.Rule{ID: "up", Check: replacer{"one", "two"}},
		&rule.Rule{ID: "down", Check: replacer{"two", "one"}},
		&rule.Rule{ID: "three", Check: replacer{"three", "four"}})
	if len(rep.Faults) != 1 || rep.Faults[0].Kind != rule.FaultFix || !strings.Contains(rep.Faults[0].Message, "up and down") || !strings.Contains(rep.Faults[0].Message, "a.txt") {
		t.Errorf("faults: %+v", rep.Faults)
	}
	for name, want := range map[string]string{"a.txt": "one\n", "b.txt": "four\n"} {
		if got, _ := os.ReadFile(filepath.Join(dir, name)); string(got) != want {
			t.Errorf("%s: %q, want %q", name, got, want)
		}
	}
	if rep.Rules[2].Status != report.Fixed || rep.Rules[0].Status != report.Failed {
		t.Errorf("%+v", rep.Rules)
	}
}

// One rule's fix may call for another's, in whatever order they stand.
func TestFixesAreComposedToTheEnd(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "aaaa"})
	rep := runRules(t, dir, Options{Workers: 1, Fix: true},
		&rule.Rule{ID: "c", Check: replacer{"cc", "d"}},
		&rule.Rule{ID: "b", Check: replacer{"b", "c"}},
		&rule.Rule{ID: "a", Check: replacer{"aa", "b"}})
	if got, _ := os.ReadFile(filepath.Join(dir, "a.txt")); string(got) != "d" {
		t.Errorf("%q", got)
	}
	if rep.Run.ExitCode != 0 || len(rep.Faults) > 0 {
		t.Errorf("%+v", rep)
	}
}

func TestFixLeavesIgnoredLinesAlone(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "foo # sot:ignore r -- kept\nfoo\n"})
	r := &rule.Rule{ID: "r", Check: lineReplacer{}}
	rep := runRules(t, dir, Options{Workers: 1, Fix: true}, r)
	want := "foo # sot:ignore r -- kept\nbar\n"
	if got, _ := os.ReadFile(filepath.Join(dir, "a.txt")); string(got) != want {
		t.Errorf("%q, want %q", got, want)
	}
	if len(rep.Findings) != 1 || !rep.Findings[0].Fixed || rep.Findings[0].Line != 2 {
		t.Errorf("%+v", rep.Findings)
	}
}

// lineReplacer finds foo on each line, and mends it to bar.
type lineReplacer struct{}

func (lineReplacer) CheckFile(p *rule.Pass, f *rule.File) {
	for n := 1; n <= f.Lines(); n++ {
		if text, _ := f.Line(n); bytes.HasPrefix(text, []byte("foo")) {
			p.Line(f, n, "foo")
		}
	}
}

func (lineReplacer) Fix(f *rule.File) ([]byte, bool) {
	return bytes.ReplaceAll(f.Bytes(), []byte("foo"), []byte("bar")), true
}

func TestTextFileThatIsTooLargeIsOneFinding(t *testing.T) {
	dir := folder(t, map[string]string{"small.txt": "foo\n"})
	big := filepath.Join(dir, "big.txt")
	if err := os.WriteFile(big, bytes.Repeat([]byte("foo bar\n"), 2048), 0o644); err != nil {
		t.Fatal(err)
	}
	if err := os.Truncate(big, 4<<30); err != nil { // sparse
		t.Skip("the file system has no sparse files: ", err)
	}
	var before, after runtime.MemStats
	runtime.ReadMemStats(&before)
	rep := runRules(t, dir, Options{Workers: 2},
		&rule.Rule{ID: "a", Check: replacer{from: "foo"}}, &rule.Rule{ID: "b", Check: replacer{from: "bar"}})
	runtime.ReadMemStats(&after)
	var rules []string
	for _, f := range rep.Findings {
		rules = append(rules, f.Rule+" "+f.Path)
	}
	if want := []string{"oversized-file big.txt", "a small.txt"}; !slices.Equal(rules, want) {
		t.Errorf("%v, want %v", rules, want)
	}
	if took := after.TotalAlloc - before.TotalAlloc; took > 64<<20 {
		t.Errorf("%d MiB were allocated", took>>20)
	}
}

func TestRuleThatUsesUpItsTimeIsAFault(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "x", "b.txt": "x"})
	rep := runRules(t, dir, Options{Workers: 1}, &rule.Rule{ID: "slow", Timeout: time.Millisecond,
		Check: checkFunc(func(*rule.Pass, *rule.File) { time.Sleep(2 * time.Millisecond) })})
	if len(rep.Faults) != 1 || rep.Faults[0].Kind != rule.FaultTimeout {
		t.Errorf("%+v", rep.Faults)
	}
}

func TestFailFastStopsTheRest(t *testing.T) {
	dir := folder(t, map[string]string{"a.txt": "foo"})
	ran := false
	rep := runRules(t, dir, Options{Workers: 1, FailFast: true},
		&rule.Rule{ID: "first", Check: replacer{from: "foo"}},
		&rule.Rule{ID: "tree", Check: treeFunc(func() { ran = true })})
	// The tree rule's task is larger, and goes first; it is the sweep that fails.
	if !ran || rep.Run.ExitCode != report.ExitFindings {
		t.Errorf("ran %v, %+v", ran, rep)
	}
	rep = runRules(t, dir, Options{Workers: 1, FailFast: true},
		&rule.Rule{ID: "first", Check: replacer{from: "foo"}},
		&rule.Rule{ID: "needs", Needs: []string{"other"}, Check: treeFunc(func() { t.Error("ran after the failure") })},
		&rule.Rule{ID: "other", Check: checkFunc(func(*rule.Pass, *rule.File) {})})
	if rep.Rules[1].Status != report.Skipped || rep.Rules[1].Reason != "stopped by --fail-fast" {
		t.Errorf("%+v", rep.Rules)
	}
}

type treeFunc func()

func (f treeFunc) CheckTree(*rule.Pass, *rule.Tree, []rule.Entry, []rule.Entry) { f() }
