package engine

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// divisionTool fails on a file that holds "bad" and says so, warns of "warn", and
// fails on "broken" and names nothing.
const divisionTool = `#!/bin/sh
code=0
for f; do
	read -r word < "$f"
	case $word in
	bad) echo "$f:1: bad"; [ $code = 0 ] && code=1 ;;
	warn) echo "$f:1: warning: warn" ;;
	broken) echo "cannot read $f" >&2; code=2 ;;
	esac
done
exit $code
`

// The verdict of a command follows from its files, and not from which of them
// shared an invocation: any number of workers, what is kept from earlier runs, and
// shards come to the same findings, faults and statuses.
func TestVerdictOfACommandDoesNotFollowItsDivision(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the tool is of a POSIX shell")
	}
	for seed, kinds := range [][]string{
		{"bad"}, {"broken", "broken", "broken"}, {"warn", "broken"}, {"bad", "bad", "broken", "broken"}, nil,
	} {
		t.Run(strings.Join(kinds, " "), func(t *testing.T) {
			d := newDivision(t, uint64(seed), kinds)
			d.same("as written")
			d.edit("bad", "good") // with what was kept of the first
			d.same("without bad ones")
			d.edit("warn", "broken")
			d.same("with more broken ones")
			d.edit("broken", "good")
			d.same("all good")
		})
	}
}

type division struct {
	t     *testing.T
	dir   string
	words map[string]string
}

func newDivision(t *testing.T, seed uint64, kinds []string) *division {
	d := &division{t: t, dir: t.TempDir(), words: map[string]string{}}
	if out, err := exec.Command("git", "init", "-q", d.dir).CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	r := rand.New(rand.NewPCG(seed, 1))
	for i := range 70 {
		d.put(fmt.Sprintf("f%02d.txt", i), "good")
	}
	for _, kind := range kinds {
		d.put(fmt.Sprintf("f%02d.txt", r.IntN(70)), kind)
	}
	for name, data := range map[string]string{"tool": divisionTool, "sot.yaml": `version: 1
rules:
  - {id: tool, files: "*.txt", command: {run: "./tool {files}", parse: gcc, inputs: []}}
  - {id: after, needs: [tool], files: "*.txt", content: {forbid: [bad]}}
`} {
		if err := os.WriteFile(filepath.Join(d.dir, name), []byte(data), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	if out, err := exec.Command("git", "-C", d.dir, "add", "-A").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	return d
}

func (d *division) put(name, word string) {
	d.words[name] = word
	if err := os.WriteFile(filepath.Join(d.dir, name), []byte(word+"\n"), 0o644); err != nil {
		d.t.Fatal(err)
	}
}

func (d *division) edit(from, to string) {
	for name, word := range d.words {
		if word == from {
			d.put(name, to)
		}
	}
}

// same runs the rules in many ways, and holds each against what the files say.
func (d *division) same(when string) {
	d.t.Helper()
	want := d.want()
	for _, workers := range []int{1, 4} {
		d.compare(fmt.Sprintf("%s, %d workers", when, workers), want, d.run(Options{Workers: workers, NoCache: true}))
	}
	for _, how := range []string{"known from before", "known from now"} {
		d.compare(when+", "+how, want, d.run(Options{Workers: 2, Verdicts: filepath.Join(d.dir, ".git", "sot", "verdicts")}))
	}
	for _, n := range []int{3} {
		var parts []report.ShardReport
		for i := range n {
			shard, err := plan.ParseShard(fmt.Sprintf("%d/%d", i+1, n))
			if err != nil {
				d.t.Fatal(err)
			}
			var b bytes.Buffer
			if err := report.JSON(&b, d.run(Options{Workers: 2, NoCache: true, Shard: shard})); err != nil {
				d.t.Fatal(err)
			}
			rec, err := report.Read(&b)
			if err != nil {
				d.t.Fatal(err)
			}
			parts = append(parts, report.ShardReport{Name: fmt.Sprint(i), Record: rec})
		}
		whole, err := report.Merge(parts)
		if err != nil {
			d.t.Fatal(err)
		}
		d.compare(fmt.Sprintf("%s, %d shards", when, n), want, whole)
	}
}

func (d *division) run(o Options) *report.Report {
	d.t.Helper()
	o.Source, o.Stage, o.Version, o.NoProfile = source.Options{Dir: d.dir, Mode: source.All}, "manual", "1.0.0", true
	rep, err := Run(d.t.Context(), o)
	if err != nil {
		d.t.Fatal(err)
	}
	return rep
}

// want is what a run comes to.
func (d *division) want() []string {
	var found, broken []string
	code, status := 0, "passed"
	for name, word := range d.words {
		switch word {
		case "bad":
			found, code = append(found, name+" error bad"), 1
		case "warn":
			found = append(found, name+" warning warn")
		case "broken":
			broken = append(broken, name)
		}
	}
	slices.Sort(found)
	slices.Sort(broken)
	switch {
	case found != nil:
		status = "failed"
	case broken != nil:
		code, status = 3, "faulted"
		found = []string{fmt.Sprintf("crash ./tool exited with 2 and no finding on %s, run it by hand; it said:\ncannot read %[1]s", broken[0])}
	}
	after := "skipped"
	if status == "passed" {
		after = status
	}
	return append(found, "tool "+status, "after "+after, fmt.Sprint("code ", code))
}

func (d *division) compare(how string, want []string, rep *report.Report) {
	d.t.Helper()
	var got []string
	for _, f := range rep.Findings {
		got = append(got, fmt.Sprintf("%s %s %s", f.Path, f.Severity, f.Message))
	}
	slices.SortFunc(rep.Faults, rule.CompareFaults)
	for _, f := range rep.Faults {
		got = append(got, fmt.Sprintf("%s %s", f.Kind, f.Message))
	}
	for _, x := range rep.Rules {
		got = append(got, x.ID+" "+string(x.Status))
	}
	if got = append(got, fmt.Sprint("code ", rep.Run.ExitCode)); !slices.Equal(got, want) {
		d.t.Errorf("%s:\n%s\nwant\n%s", how, strings.Join(got, "\n"), strings.Join(want, "\n"))
	}
}
