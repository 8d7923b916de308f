package command

import (
	"bytes"
	"errors"
	"os"
	"os/exec"
	"slices"
	"strings"
	"syscall"
	"testing"

	"pgregory.net/rapid"
)

// Each path once, in order, no run over the budget but of one path alone, and
// no more runs than asked for where all fits.
func TestDealProperty(t *testing.T) {
	rapid.Check(t, func(t *rapid.T) {
		paths := rapid.SliceOf(rapid.StringMatching(`[a-z]{1,40}`)).Draw(t, "paths")
		parts := rapid.IntRange(1, 9).Draw(t, "parts")
		budget := rapid.IntRange(-1, 400).Draw(t, "budget")
		cost := func(p string) int { return len(p) + 9 }
		runs := deal(paths, parts, cost, budget)
		if all := slices.Concat(runs...); !slices.Equal(all, paths) {
			t.Fatalf("%q became %q", paths, runs)
		}
		total := 0
		for _, p := range paths {
			total += cost(p)
		}
		if total <= budget && len(runs) > parts {
			t.Fatalf("%d runs, want at most %d", len(runs), parts)
		}
		for _, run := range runs {
			sum := 0
			for _, p := range run {
				sum += cost(p)
			}
			if len(run) == 0 || len(run) > 1 && sum > budget {
				t.Fatalf("%q costs %d of %d", run, sum, budget)
			}
		}
	})
}

func TestSplit(t *testing.T) {
	paths := make([]string, 100)
	for i := range paths {
		paths[i] = strings.Repeat("x", i+1)
	}
	lengths := func(runs [][]string) (out []int) {
		for _, r := range runs {
			out = append(out, len(r))
		}
		return out
	}
	gcc := newTest(t, "run", "a {files}", "parse", "gcc")
	for _, c := range []struct {
		name  string
		check *check
		paths []string
		parts int
		want  []int
	}{
		{"one part", gcc, paths, 1, []int{100}},
		{"four parts", gcc, paths, 4, []int{25, 25, 25, 25}},
		{"more parts than files", gcc, paths[:3], 64, []int{1, 1, 1}},
		{"no files", gcc, nil, 4, nil},
		{"the output is the finding", newTest(t, "run", "a {files}"), paths, 4, []int{100}},
		{"none", newTest(t, "run", "a", "files", "none"), paths, 4, []int{0}},
		{"each", newTest(t, "run", "a {files}", "files", "each"), paths[:3], 4, []int{1, 1, 1}},
	} {
		if got := lengths(c.check.Split(c.paths, c.parts)); !slices.Equal(got, c.want) {
			t.Errorf("%s: %v, want %v", c.name, got, c.want)
		}
	}
}

// What Split thinks to fit, the system takes; what is twice as long, it does not.
func TestSplitFitsTheSystem(t *testing.T) {
	program, err := exec.LookPath("true")
	if err != nil {
		t.Skip("there is no program to start")
	}
	paths := make([]string, 400_000)
	for i := range paths {
		paths[i] = "some/folder/file"
	}
	c := newTest(t, "run", "true {files}")
	runs := c.Split(paths, 1)
	if len(runs) < 2 {
		t.Fatalf("%d paths in %d runs", len(paths), len(runs))
	}
	if err := exec.Command(program, runs[0]...).Run(); err != nil {
		t.Errorf("%d paths: %v", len(runs[0]), err)
	}
	if err := exec.Command(program, slices.Concat(runs[0], runs[0], runs[0])...).Run(); err == nil {
		t.Errorf("%d paths fit as well: the limit is too low", 3*len(runs[0]))
	}
}

func TestRunTooLong(t *testing.T) {
	b := newBench(t)
	path := strings.Repeat("d/", 1<<20)
	pass := b.run(t.Context(), newTest(t, "run", "true {files}"), path)
	want := "fault crash: true cannot be given " + path[:197] + "...: the command line is too long, shorten it or the environment"
	if got := show(pass); got != want {
		t.Error(got)
	}
}

func TestLimit(t *testing.T) {
	l := limit{total: 100_000, cost: func(s string) int { return len(s) + 1 }}
	if got := l.less(nil).total; got != 50_000 {
		t.Errorf("a small environment: %d, want half", got)
	}
	if got := l.less([]string{strings.Repeat("x", 90_000)}).total; got != 100_000-headroom-90_001 {
		t.Errorf("a large environment: %d", got)
	}
	if got := l.less([]string{strings.Repeat("x", 200_000)}).total; got != 0 {
		t.Errorf("one that leaves nothing: %d", got)
	}
	if systemLimit(os.Environ()).total < 1000 {
		t.Error("the system's limit is too low to be true")
	}
	if !tooLong(syscall.E2BIG) || tooLong(errors.New("x")) {
		t.Error("tooLong")
	}
	var c capture
	c.limit = 3
	for _, s := range []string{"ab", "cd", "e"} {
		if n, err := c.Write([]byte(s)); n != len(s) || err != nil {
			t.Errorf("write: %d, %v", n, err)
		}
	}
	if !bytes.Equal(c.data, []byte("abc")) || !c.cut {
		t.Errorf("capture: %q, %v", c.data, c.cut)
	}
}
