package engine

import (
	"fmt"
	"math/rand/v2"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// histories is how many random histories are tried: a share here, all of them
// under SOT_LONG.
func histories() int {
	if os.Getenv("SOT_LONG") != "" {
		return 1000
	}
	if testing.Short() {
		return 4
	}
	return 16
}

// Whatever happens to a repository between two runs, the run that knows the
// verdicts of the one before reports what the run without a cache does.
func TestCachedRunsReportWhatUncachedOnesDo(t *testing.T) {
	cached := 0
	for seed := range histories() {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHistory(t, uint64(seed))
			for range 8 {
				for range 1 + h.r.IntN(4) {
					h.step()
				}
				cached += h.compare()
			}
		})
	}
	if cached == 0 {
		t.Error("no verdict was ever known")
	}
}

// history is a repository and what was done to it.
type history struct {
	t    *testing.T
	r    *rand.Rand
	dir  string
	done []string
}

var historyRules = []string{
	"- use: trailing-whitespace\n", "- use: end-of-file-fixer\n", "- use: mixed-line-ending\n", "- use: check-merge-conflict\n",
	"- use: check-json\n", "- use: check-added-large-files\n  with: {maxkb: 1, enforce_all: true}\n", "- use: check-executables-have-shebangs\n",
	"- use: check-shebang-scripts-are-executable\n",
	"- id: words\n  content: {forbid: [{pattern: bad, message: \"no bad words\"}], require: [good]}\n",
	"- id: words\n  content: {forbid: [{pattern: bad, message: \"not bad\"}]}\n",
	"- id: either\n  any: [{content: {forbid: [bad]}}, {content: {require: [good]}}]\n",
	"- id: most\n  holds: \"50%\"\n  content: {forbid: [bad]}\n",
	"- id: names\n  naming: {case: snake_case}\n",
	"- id: shell\n  types: [shell]\n  content: {forbid: [echo]}\n",
	"- id: later\n  needs: [words]\n  content: {forbid: [TODO]}\n",
}

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 7)), dir: t.TempDir()}
	h.git("init", "-q", "-b", "main")
	h.git("config", "user.name", "n")
	h.git("config", "user.email", "n@example.org")
	h.rules()
	for i := range 12 {
		h.write(h.name(i))
	}
	h.git("add", "-A")
	h.git("commit", "-qm", "first")
	return h
}

func (h *history) name(i int) string {
	return []string{"a.txt", "b.txt", "dir/c.txt", "dir/d.json", "run", "dir/run.sh", "Odd Name.txt", "e.md", "f.bin", "g.py", "link", "h.txt"}[i%12]
}

func (h *history) git(args ...string) bool {
	cmd := exec.Command("git", append([]string{"-c", "core.safecrlf=false", "-C", h.dir}, args...)...)
	cmd.Env = append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	out, err := cmd.CombinedOutput()
	if err != nil && (args[0] == "init" || args[0] == "commit" && args[2] == "first") {
		h.t.Fatalf("git %q: %v\n%s", args, err, out)
	}
	return err == nil
}

func (h *history) rules() {
	seen := map[string]bool{}
	text := "version: 1\nrules:\n"
	needsWords := false
	for _, i := range h.r.Perm(len(historyRules))[:4+h.r.IntN(6)] {
		rule := historyRules[i]
		head, _, _ := strings.Cut(rule, "\n")
		if seen[head] {
			continue
		}
		seen[head] = true
		needsWords = needsWords || strings.Contains(rule, "needs: [words]")
		text += "  " + strings.ReplaceAll(strings.TrimSuffix(rule, "\n"), "\n", "\n  ") + "\n"
	}
	if needsWords && !seen["- id: words"] {
		text += "  - id: words\n    content: {forbid: [bad]}\n"
	}
	h.put("sot.yaml", text)
}

func (h *history) put(name, text string) {
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	_ = os.MkdirAll(filepath.Dir(path), 0o755)
	_ = os.Remove(path) // it may be a link
	if err := os.WriteFile(path, []byte(text), 0o644); err != nil {
		h.t.Fatal(err)
	}
}

var historyTexts = []string{
	"good\n", "bad!\n", "good \n", "good", "good\r\n", "a\r\nbad\n", "{\"a\": 1}\n", "{\"a\": 1\n", "#!/bin/sh\necho good\n", "\x00\x01bad\n",
	"<<<<<<< HEAD\ngood\n", "bad # sot:" + "ignore words -- a test\n", "good\nTODO\n", "#!/bin/sh\nTODO bad\n", "\xef\xbb\xbfgood\n",
}

func (h *history) write(name string) {
	text := historyTexts[h.r.IntN(len(historyTexts))]
	if h.r.IntN(8) == 0 {
		text = strings.Repeat(text, 300)
	}
	if name == "link" {
		_ = os.Remove(filepath.Join(h.dir, name))
		_ = os.Symlink("a.txt", filepath.Join(h.dir, name))
		return
	}
	h.put(name, text)
}

// step does something that happens to repositories.
func (h *history) step() {
	name := h.name(h.r.IntN(12))
	path := filepath.Join(h.dir, filepath.FromSlash(name))
	steps := []struct {
		what string
		do   func()
	}{
		{"write", func() { h.write(name) }},
		{"write", func() { h.write(name) }},
		{"stage all", func() { h.git("add", "-A") }},
		{"commit", func() { h.git("add", "-A"); h.git("commit", "-qm", "x") }},
		{"commit, then the same size at once", func() {
			h.put(name, "good 1\n")
			h.git("add", "-A")
			h.git("commit", "-qm", "x")
			h.put(name, "bad! 2\n"[:7])
		}},
		{"touch", func() { now := time.Now(); _ = os.Chtimes(path, now, now) }},
		{"clock goes back", func() { old := time.Now().Add(-48 * time.Hour); _ = os.Chtimes(path, old, old) }},
		{"chmod", func() {
			if info, err := os.Lstat(path); err == nil && info.Mode().IsRegular() {
				_ = os.Chmod(path, info.Mode()^0o111)
			}
		}},
		{"remove", func() { _ = os.Remove(path) }},
		{"move", func() { _ = os.Rename(path, filepath.Join(h.dir, fmt.Sprintf("moved%d.txt", h.r.IntN(4)))) }},
		{"copy", func() {
			if data, err := os.ReadFile(path); err == nil {
				h.put(fmt.Sprintf("copy%d", h.r.IntN(4)), string(data))
			}
		}},
		{"rules", h.rules},
		{"attributes", func() {
			h.put(".gitattributes", []string{"* text=auto\n", "*.txt eol=crlf\n", "*.txt -text\n", "*.md ident\n", ""}[h.r.IntN(5)])
		}},
		{"check out anew", func() { _ = os.Remove(path); h.git("checkout", "--", name) }},
		{"autocrlf", func() { h.git("config", "core.autocrlf", []string{"true", "input", "false"}[h.r.IntN(3)]) }},
		{"assume-unchanged", func() { h.git("update-index", "--assume-unchanged", name); h.write(name) }},
		{"no-assume-unchanged", func() { h.git("update-index", "--no-assume-unchanged", name) }},
		{"skip-worktree", func() { h.git("update-index", "--skip-worktree", name); h.write(name) }},
		{"no-skip-worktree", func() { h.git("update-index", "--no-skip-worktree", name) }},
		{"intent to add", func() { h.put("new.txt", "bad\n"); h.git("add", "-N", "new.txt") }},
		{"reset", func() { h.git("reset", "-q") }},
		{"merge begins", func() { h.git("update-ref", "MERGE_HEAD", "HEAD") }},
		{"merge ends", func() { h.git("update-ref", "-d", "MERGE_HEAD") }},
		{"refresh", func() { h.git("status") }},
	}
	s := steps[h.r.IntN(len(steps))]
	h.done = append(h.done, s.what+" "+name)
	s.do()
}

// compare runs with the cache and without, and returns how many verdicts were
// known.
func (h *history) compare() (known int) {
	mode := []source.Mode{source.All, source.All, source.Staged, source.Changed}[h.r.IntN(4)]
	run := func(no bool) *report.Report {
		env := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		rep, err := Run(h.t.Context(), Options{Source: source.Options{Dir: h.dir, Mode: mode, Env: env}, Stage: "manual", Version: "1.0.0", NoCache: no, Verdicts: filepath.Join(h.dir, ".git", "sot", "verdicts"), NoProfile: true})
		if err != nil {
			h.t.Fatalf("%v after\n%s", err, strings.Join(h.done, "\n"))
		}
		for i := range rep.Rules {
			known += rep.Rules[i].Cached
			x := &rep.Rules[i]
			x.Cached, x.Seconds, x.Estimated = 0, 0, 0
		}
		return rep
	}
	with, without := run(false), run(true)
	if !reflect.DeepEqual(with.Findings, without.Findings) || !slices.Equal(with.Faults, without.Faults) ||
		!slices.Equal(with.Rules, without.Rules) || with.Run.ExitCode != without.Run.ExitCode || with.Run.Bytes != without.Run.Bytes {
		h.t.Fatalf("%v with the cache:\n%+v\n%+v\n%+v\nwithout:\n%+v\n%+v\n%+v\nafter\n%s", mode, with.Findings, with.Rules, with.Run, without.Findings, without.Rules, without.Run, strings.Join(h.done, "\n"))
	}
	return known
}
