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
	manyNames = 1
	t.Cleanup(func() { manyNames = 1024 })
	known := map[string]int{}
	for seed := range histories() {
		t.Run(fmt.Sprint("seed ", seed), func(t *testing.T) {
			h := newHistory(t, uint64(seed))
			h.known = known
			for range 8 {
				for range 1 + h.r.IntN(4) {
					h.step()
				}
				h.compare()
			}
		})
	}
	t.Log("verdicts that were known:", known)
	if histories() < 16 {
		return
	}
	for _, id := range []string{"words", "either", "shape", "owned", "together", "folders", "alternatives", "beside", "fixed", "lint", "alone", "each", "whole", "check-case-conflict"} {
		if known[id] == 0 {
			t.Errorf("no verdict of %s was ever known", id)
		}
	}
}

// history is a repository and what was done to it.
type history struct {
	t     *testing.T
	r     *rand.Rand
	dir   string
	done  []string
	known map[string]int // verdicts that were known, by rule
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
	"- id: shape\n  structure: {require: [a.txt], forbid: [\"moved*\"], max_depth: 1}\n",
	"- id: shape\n  files: \"*.txt\"\n  structure: {count: {of: \"*\", min: 2, max: 4}}\n",
	"- id: owned\n  structure: {owned: codeowners}\n",
	"- id: together\n  content: {require: [good, TODO, nowhere], together: true, at_least: 2}\n",
	"- id: together\n  types: [shell]\n  content: {require: [echo, bad], together: true}\n",
	"- id: folders\n  naming: {case: snake_case, of: directory}\n",
	"- id: folders\n  holds: any\n  naming: {case: kebab-case, of: directory}\n",
	"- id: alternatives\n  any: [{structure: {require: moved1.txt}}, {structure: {require: a.txt}}]\n",
	"- id: beside\n  files: \"**/*.json\"\n  data: {with: {other: \"{dir}/other.json\"}, assert: [{expr: \"doc.a == other.a\"}]}\n",
	"- id: fixed\n  files: \"**/*.json\"\n  data: {schema: schema.json, with: {base: dir/other.json}, assert: [{expr: \"base.a > 0\"}]}\n",
	"- id: lint\n  files: \"**/*.txt\"\n  command: {run: \"./lint.sh {files}\", parse: gcc, inputs: [words.cfg, \"dir/**/*.json\"]}\n",
	"- id: alone\n  command: {run: ./alone.sh, files: none, parse: gcc, inputs: [\"**/*.txt\", words.cfg]}\n",
	"- id: each\n  files: \"*.md\"\n  command: {run: \"grep -q good {files}\", files: each, inputs: [], version_command: \"grep --version\"}\n",
	"- id: whole\n  files: \"**/*.{txt,md}\"\n  command: {run: \"grep -L good {files}\", inputs: [], version_command: \"grep --version\"}\n",
	"- use: check-case-conflict\n",
}

// The programs of the rules above. What they find depends on their inputs.
const (
	lintProgram = `#!/bin/sh
word=$(cat words.cfg 2>/dev/null)
for f; do
	grep -n -e "${word:-bad}" -- "$f" /dev/null | sed 's/^\([^:]*\):\([0-9]*\):.*/\1:\2: a word/'
done
cat dir/*.json 2>/dev/null | grep -q '"a": 2' && for f; do echo "$f:1: two"; done
exit 0
`
	aloneProgram = `#!/bin/sh
word=$(cat words.cfg 2>/dev/null)
grep -n -e "${word:-bad}" -- *.txt /dev/null 2>/dev/null | sed 's/^\([^:]*\):\([0-9]*\):.*/\1:\2: a word/'
exit 0
`
)

func newHistory(t *testing.T, seed uint64) *history {
	h := &history{t: t, r: rand.New(rand.NewPCG(seed, 7)), dir: t.TempDir()}
	h.git("init", "-q", "-b", "main")
	h.git("config", "user.name", "n")
	h.git("config", "user.email", "n@example.org")
	h.rules()
	h.put("schema.json", schemas[0])
	h.put("dir/other.json", "{\"a\": 1}\n")
	h.program("lint.sh", lintProgram)
	h.program("alone.sh", aloneProgram)
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

func (h *history) program(name, text string) {
	h.put(name, text)
	if err := os.Chmod(filepath.Join(h.dir, name), 0o755); err != nil {
		h.t.Fatal(err)
	}
}

var schemas = []string{"{\"type\": \"object\"}\n", "{\"properties\": {\"a\": {\"const\": 2}}}\n", "{\"$ref\": \"part.json\"}\n"}

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
		{"schema", func() {
			h.put("part.json", fmt.Sprintf("{\"required\": [\"%s\"]}\n", []string{"a", "b"}[h.r.IntN(2)]))
			h.put("schema.json", schemas[h.r.IntN(3)])
		}},
		{"other", func() {
			h.put([]string{"other.json", "dir/other.json"}[h.r.IntN(2)], []string{"{\"a\": 1}\n", "{\"a\": 2}\n", "{", "{\"a\": 0}"}[h.r.IntN(4)])
		}},
		{"no other", func() { _ = os.Remove(filepath.Join(h.dir, "dir", "other.json")) }},
		{"words", func() { h.put("words.cfg", []string{"good\n", "bad\n", "TODO\n"}[h.r.IntN(3)]) }},
		{"no words", func() { _ = os.Remove(filepath.Join(h.dir, "words.cfg")) }},
		{"words ignored", func() { h.put(".gitignore", []string{"words.cfg\n", ""}[h.r.IntN(2)]) }},
		{"program", func() {
			h.program("lint.sh", []string{lintProgram, strings.ReplaceAll(lintProgram, "a word", "a bad word")}[h.r.IntN(2)])
		}},
		{"owners", func() { h.put("CODEOWNERS", []string{"* @a\n", "*.txt @a\n", "dir/ @b\n", ""}[h.r.IntN(4)]) }},
		{"no owners", func() { _ = os.Remove(filepath.Join(h.dir, "CODEOWNERS")) }},
		{"a folder", func() { h.put([]string{"Odd Folder/x.txt", "two-words/y.json"}[h.r.IntN(2)], "good\n") }},
	}
	s := steps[h.r.IntN(len(steps))]
	h.done = append(h.done, s.what+" "+name)
	s.do()
}

// compare runs with the cache and without.
func (h *history) compare() {
	mode := []source.Mode{source.All, source.All, source.Staged, source.Changed}[h.r.IntN(4)]
	run := func(no bool) (*report.Report, error) {
		env := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
		rep, err := Run(h.t.Context(), Options{Source: source.Options{Dir: h.dir, Mode: mode, Env: env}, Stage: "manual", Version: "1.0.0", NoCache: no, Verdicts: filepath.Join(h.dir, ".git", "sot", "verdicts"), NoProfile: true})
		if err != nil {
			return nil, err
		}
		for i := range rep.Rules {
			x := &rep.Rules[i]
			h.known[x.ID] += x.Cached
			x.Cached, x.Seconds, x.Estimated = 0, 0, 0
		}
		return rep, nil
	}
	with, errWith := run(false)
	without, errWithout := run(true)
	if errWith != nil || errWithout != nil { // what is staged of the configuration may be half of it
		if mode != source.Staged || fmt.Sprint(errWith) != fmt.Sprint(errWithout) {
			h.t.Fatalf("with the cache %v, without %v, after\n%s", errWith, errWithout, strings.Join(h.done, "\n"))
		}
		return
	}
	if !reflect.DeepEqual(with.Findings, without.Findings) || !slices.Equal(with.Faults, without.Faults) ||
		!slices.Equal(with.Rules, without.Rules) || with.Run.ExitCode != without.Run.ExitCode || with.Run.Bytes != without.Run.Bytes {
		h.t.Fatalf("%v with the cache:\n%+v\n%+v\n%+v\n%+v\nwithout:\n%+v\n%+v\n%+v\n%+v\nafter\n%s", mode, with.Findings, with.Rules, with.Run, with.Faults,
			without.Findings, without.Rules, without.Run, without.Faults, strings.Join(h.done, "\n"))
	}
}
