package engine

import (
	"context"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// oneRule is a repository with one rule, and its cache.
type oneRule struct {
	*history
	known int // verdicts that the last run knew
}

func newKept(t *testing.T, rules string) *oneRule {
	t.Helper()
	k := &oneRule{history: &history{t: t, dir: t.TempDir(), known: map[string]int{}}}
	k.git("init", "-q", "-b", "main")
	k.git("config", "user.name", "n")
	k.git("config", "user.email", "n@example.org")
	k.put("sot.yaml", "version: 1\nrules:\n"+rules)
	return k
}

func (k *oneRule) options() Options {
	env := append(os.Environ(), "GIT_CONFIG_GLOBAL="+os.DevNull, "GIT_CONFIG_NOSYSTEM=1")
	return Options{Source: source.Options{Dir: k.dir, Mode: source.All, Env: env}, Stage: "manual", Version: "1.0.0",
		Verdicts: filepath.Join(k.dir, ".git", "sot", "verdicts"), NoProfile: true}
}

func (k *oneRule) run(o Options) *report.Report {
	k.t.Helper()
	rep, err := Run(k.t.Context(), o)
	if err != nil {
		k.t.Fatal(err)
	}
	k.known = 0
	for _, x := range rep.Rules {
		k.known += x.Cached
	}
	return rep
}

// finds runs and wants findings in these paths, and so many verdicts known; -1
// is any number.
func (k *oneRule) finds(known int, paths ...string) {
	k.t.Helper()
	rep := k.run(k.options())
	var got []string
	for _, f := range rep.Findings {
		got = append(got, f.Path)
	}
	if !slices.Equal(got, paths) || len(rep.Faults) > 0 {
		k.t.Errorf("found in %q, want %q; faults %v", got, paths, rep.Faults)
	}
	if known >= 0 && k.known != known {
		k.t.Errorf("%d verdicts were known, want %d", k.known, known)
	}
}

// old gives a file a time from before the index, so that it is not racy.
func (k *oneRule) old(names ...string) {
	k.t.Helper()
	for _, name := range names {
		past := time.Now().Add(-time.Hour)
		if err := os.Chtimes(filepath.Join(k.dir, name), past, past); err != nil {
			k.t.Fatal(err)
		}
	}
}

func (k *oneRule) commit() {
	k.old("a.txt", "b.txt")
	k.git("add", "-A")
	k.git("commit", "-qm", "x")
}

// TestVerdictsOfFiles has a row for each way in which a file may not be what it
// seems.
func TestVerdictsOfFiles(t *testing.T) {
	for _, tt := range []struct {
		name string
		rule string // "": content that forbids "bad"
		do   func(k *oneRule)
		// known are the verdicts that the run after do knows; -1 is any.
		known int
		want  []string
	}{
		{name: "nothing happened", do: func(*oneRule) {}, known: 2},
		{name: "another content", do: func(k *oneRule) { k.put("a.txt", "bad!\n") }, known: 1, want: []string{"a.txt"}},
		{name: "racy: the same size and time as in the index", do: func(k *oneRule) {
			// The index and the file have the same time; only the content tells.
			now := time.Now().Truncate(time.Second)
			k.put("a.txt", "good\n")
			_ = os.Chtimes(filepath.Join(k.dir, "a.txt"), now, now)
			k.git("add", "-A")
			_ = os.Chtimes(filepath.Join(k.dir, ".git", "index"), now, now)
			k.finds(-1)
			k.put("a.txt", "bad!\n")
			_ = os.Chtimes(filepath.Join(k.dir, "a.txt"), now, now)
		}, known: 1, want: []string{"a.txt"}},
		{name: "assume-unchanged", do: func(k *oneRule) {
			k.git("update-index", "--assume-unchanged", "a.txt")
			k.put("a.txt", "bad!\n")
		}, known: 1, want: []string{"a.txt"}},
		{name: "skip-worktree", do: func(k *oneRule) {
			k.git("update-index", "--skip-worktree", "a.txt")
			k.put("a.txt", "bad!\n")
		}, known: 1, want: []string{"a.txt"}},
		{name: "autocrlf", rule: "- use: mixed-line-ending\n  with: {fix: lf}\n", do: func(k *oneRule) {
			k.git("config", "core.autocrlf", "true")
			_ = os.Remove(filepath.Join(k.dir, "a.txt"))
			k.git("checkout", "--", "a.txt") // now with CRLF, and clean
		}, known: 2, want: []string{"a.txt"}},
		{name: "attributes that converted line ends are gone", rule: "- {id: ends, files: a.txt, use: mixed-line-ending, with: {fix: lf}}\n", do: func(k *oneRule) {
			k.put(".gitattributes", "*.txt text eol=crlf\n")
			k.put("a.txt", "good\r\n")
			k.old("a.txt")
			k.git("add", "-A") // the object is as before
			k.put(".gitattributes", "")
		}, known: 0, want: []string{"a.txt"}},
		{name: "a filter", do: func(k *oneRule) {
			k.git("config", "filter.word.smudge", "sed s/good/bad/")
			k.git("config", "filter.word.clean", "sed s/bad/good/")
			k.put(".git/info/attributes", "a.txt filter=word\n")
			_ = os.Remove(filepath.Join(k.dir, "a.txt"))
			k.git("checkout", "--", "a.txt")
		}, known: 0, want: []string{"a.txt"}}, // which files it concerns is not looked up
		{name: "a mode", rule: "- use: check-executables-have-shebangs\n", do: func(k *oneRule) {
			_ = os.Chmod(filepath.Join(k.dir, "a.txt"), 0o755)
		}, known: 1, want: []string{"a.txt"}},
		{name: "touched, the same content", do: func(k *oneRule) {
			now := time.Now().Add(time.Hour)
			_ = os.Chtimes(filepath.Join(k.dir, "a.txt"), now, now)
		}, known: 1},
		{name: "touched, and git has looked", do: func(k *oneRule) {
			_ = os.Chtimes(filepath.Join(k.dir, "a.txt"), time.Now(), time.Now().Add(-2*time.Hour))
			k.git("status")
		}, known: 2},
		{name: "intent to add", do: func(k *oneRule) {
			k.put("c.txt", "bad!\n")
			k.git("add", "-N", "c.txt")
		}, known: 2, want: []string{"c.txt"}},
		{name: "the clock goes back", do: func(k *oneRule) {
			k.put("a.txt", "bad!\n")
			past := time.Now().Add(-1000 * time.Hour)
			_ = os.Chtimes(filepath.Join(k.dir, "a.txt"), past, past)
		}, known: 1, want: []string{"a.txt"}},
		{name: "moved", do: func(k *oneRule) {
			k.git("mv", "a.txt", "c.txt")
		}, known: 1},
		{name: "another rule beside it", do: func(k *oneRule) {
			k.put("sot.yaml", "version: 1\nrules:\n- {id: words, files: \"*.txt\", content: {forbid: [bad]}}\n- {id: others, files: \"*.txt\", content: {forbid: [goo]}}\n")
		}, known: 2, want: []string{"a.txt", "b.txt"}},
	} {
		t.Run(tt.name, func(t *testing.T) {
			if runtime.GOOS == "windows" && (tt.name == "a mode" || tt.name == "a filter") {
				t.Skip("it has none of these")
			}
			r := tt.rule
			if r == "" {
				r = "- {id: words, files: \"*.txt\", content: {forbid: [bad]}}\n"
			}
			k := newKept(t, r)
			k.git("config", "core.autocrlf", "false")
			k.put("a.txt", "good\n")
			k.put("b.txt", "good too\n")
			if strings.Contains(r, "executables") {
				k.program("b.txt", "#!/bin/sh\n")
			}
			k.commit()
			k.finds(0)
			tt.do(k)
			k.finds(tt.known, tt.want...)
			k.finds(-1, tt.want...) // what the run before kept is right
		})
	}
}

// What was found in the worktree is not believed of the index: git may take a file
// for its object that is not.
func TestVerdictsOfTheIndexAreItsOwn(t *testing.T) {
	k := newKept(t, "- {id: size, files: a.txt, content: {forbid: ['\\r']}}\n")
	k.git("config", "core.autocrlf", "false")
	k.put("b.txt", "good\n")
	k.put(".gitattributes", "*.txt text eol=crlf\n")
	k.put("a.txt", "good\r\n")
	k.commit()
	k.put(".gitattributes", "")
	k.finds(0, "a.txt")
	k.git("rm", "-q", "--cached", "b.txt")
	o := k.options()
	o.Source.Mode, o.Source.Against = source.Staged, []string{""} // all of the index
	rep := k.run(o)
	if len(rep.Findings) > 0 || rep.Run.Files == 0 {
		t.Errorf("%d files, %+v", rep.Run.Files, rep.Findings)
	}
}

// Rules of the whole tree are known by what they look at, and by nothing else.
func TestVerdictsOfTheTree(t *testing.T) {
	k := newKept(t, `
- {id: shape, files: "*.txt", structure: {count: {of: "*", max: 2}}}
- {id: owned, files: "*.txt", structure: {owned: codeowners}}
- {id: together, files: "*.txt", content: {require: [good, too], together: true}}
`)
	k.put("a.txt", "good\n")
	k.put("b.txt", "good too\n")
	k.put("CODEOWNERS", "* @all\n")
	k.commit()
	k.finds(0)
	k.finds(6)
	k.put("other.md", "no rule looks at it\n")
	k.finds(6)
	k.put("b.txt", "good two\n")
	k.finds(4, "") // shape and owned look at paths alone
	k.put("CODEOWNERS", "a.txt @all\n")
	k.finds(4, "", "b.txt")
	k.put("b.txt", "good too\n")
	k.put("c.txt", "\n")
	k.put("CODEOWNERS", "* @all\n")
	k.finds(0, "")
	_ = os.Remove(filepath.Join(k.dir, "c.txt"))
	k.finds(2) // of the same paths, the last contents are known
	_ = os.Remove(filepath.Join(k.dir, "CODEOWNERS"))
	k.finds(4, "")
	k.finds(6, "")
}

// Data rules are known by their schema and the files of with as well.
func TestVerdictsOfDataWithOtherFiles(t *testing.T) {
	k := newKept(t, `
- {id: shape, files: "*/x.json", data: {schema: s.json}}
- {id: same, files: "*/x.json", data: {with: {base: base.json, near: "{dir}/near.json"}, assert: [{expr: "doc.a == near.a && base.a == 1"}]}}
`)
	k.put("s.json", `{"$ref": "part.json"}`)
	k.put("part.json", `{"type": "object"}`)
	k.put("base.json", `{"a": 1}`)
	for _, dir := range []string{"m", "n"} {
		k.put(dir+"/x.json", `{"a": 1}`)
		k.put(dir+"/near.json", `{"a": 1}`)
	}
	k.put("a.txt", "")
	k.put("b.txt", "")
	k.old("m/x.json", "n/x.json", "m/near.json", "n/near.json")
	k.commit()
	k.finds(0)
	k.finds(4)
	k.put("m/near.json", `{"a": 2}`)
	k.finds(3, "m/x.json")
	k.finds(4, "m/x.json")
	k.put("m/near.json", `{"a": 1}`)
	k.finds(4)
	k.put("part.json", `{"type": "array"}`)
	k.finds(2, "m/x.json", "n/x.json")
	k.put("part.json", `{"type": "object"}`)
	k.finds(2)
	k.put("base.json", `{"a": 3}`)
	k.finds(2, "m/x.json", "n/x.json")
}

// Commands are known by their inputs, their version and their files.
func TestVerdictsOfCommands(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	k := newKept(t, `
- {id: lint, files: "*.txt", command: {run: "./lint.sh {files}", parse: gcc, inputs: [words.cfg], version_command: "cat version"}}
- {id: blind, files: "*.txt", command: {run: "./lint.sh {files}", parse: gcc}}
`)
	k.program("lint.sh", "#!/bin/sh\nfor f; do\necho $f >> ran\ngrep -n \"$(cat words.cfg)\" $f /dev/null | sed 's/^\\([^:]*\\):\\([0-9]*\\):.*/\\1:\\2: found/'; done; exit 0\n")
	k.put(".gitignore", "ran\nversion\n")
	k.put("version", "1")
	k.put("words.cfg", "bad\n")
	k.put("a.txt", "good\n")
	k.put("b.txt", "bad\n")
	k.commit()
	ran := func(want ...string) {
		t.Helper()
		data, _ := os.ReadFile(filepath.Join(k.dir, "ran"))
		_ = os.Remove(filepath.Join(k.dir, "ran"))
		got := strings.Fields(string(data))
		slices.Sort(got)
		if !slices.Equal(got, want) {
			t.Errorf("it ran over %q, want %q", got, want)
		}
	}
	k.finds(0, "b.txt", "b.txt")
	ran("a.txt", "a.txt", "b.txt", "b.txt")
	k.finds(2, "b.txt", "b.txt")
	ran("a.txt", "b.txt") // blind has no inputs
	k.put("a.txt", "bad\n")
	k.finds(1, "a.txt", "a.txt", "b.txt", "b.txt")
	ran("a.txt", "a.txt", "b.txt")
	k.finds(2, "a.txt", "a.txt", "b.txt", "b.txt") // what is not in the index is known by its bytes
	ran("a.txt", "b.txt")
	k.put("words.cfg", "ugly\n")
	k.finds(0)
	ran("a.txt", "a.txt", "b.txt", "b.txt")
	k.put("version", "2")
	k.finds(0)
	ran("a.txt", "a.txt", "b.txt", "b.txt")
	_ = os.Remove(filepath.Join(k.dir, "version")) // it cannot be asked
	k.finds(0)
	ran("a.txt", "a.txt", "b.txt", "b.txt")
}

// What is a fault, is about another file, or was changed while the program ran,
// is not kept.
func TestVerdictsOfCommandsThatAreNotKept(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the programs are shell scripts")
	}
	for name, program := range map[string]string{
		"a fault":           "exit 3",
		"another file":      "echo sot.yaml:1: found; exit 1",
		"changed meanwhile": "echo more >> a.txt",
		"an input changed":  "echo more >> words.cfg",
		"a signal":          "kill -9 $$",
	} {
		t.Run(name, func(t *testing.T) {
			k := newKept(t, "- {id: lint, files: \"a.txt\", command: {run: \"./lint.sh {files}\", parse: gcc, inputs: [words.cfg]}}\n")
			k.program("lint.sh", "#!/bin/sh\n"+program+"\n")
			k.put("words.cfg", "bad\n")
			k.put("a.txt", "good\n")
			k.put("b.txt", "good\n")
			k.commit()
			for range 2 {
				if k.run(k.options()); k.known != 0 {
					t.Error("it was kept")
				}
				k.put("words.cfg", "bad\n")
				k.put("a.txt", "good\n")
			}
		})
	}
}

// What is known teaches no profile: it took no time.
func TestKnownVerdictsTeachNothing(t *testing.T) {
	k := newKept(t, `
- {id: words, files: "*.txt", content: {forbid: [bad]}}
- {id: shape, structure: {require: [a.txt]}}
`)
	k.put("a.txt", "good\n")
	k.put("b.txt", "good too\n")
	k.commit()
	o := k.options()
	o.NoProfile, o.Profile = false, filepath.Join(t.TempDir(), "profile.json")
	k.run(o)
	count := func() (out []string) {
		store, err := profile.Read(o.Profile)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range store.Entries() {
			out = append(out, fmt.Sprint(e.Rule, " ", e.Count(), " ", e.Runs()))
		}
		return out
	}
	before := count()
	if rep := k.run(o); k.known == 0 || rep.Cache.Verdicts != k.known || rep.Cache.Files != 2 {
		t.Fatalf("%d known, and the report says %+v", k.known, rep.Cache)
	}
	if after := count(); !slices.Equal(before, after) {
		t.Errorf("before %v, after %v", before, after)
	}
}

// Where nothing can be written, the cache is off, and --verbose says so.
func TestVerdictsWhereNothingCanBeWritten(t *testing.T) {
	k := newKept(t, "- {id: words, files: \"*.txt\", content: {forbid: [bad]}}\n")
	k.put("a.txt", "good\n")
	k.put("b.txt", "bad\n")
	k.commit()
	o := k.options()
	blocked := filepath.Join(t.TempDir(), "file")
	if err := os.WriteFile(blocked, nil, 0o444); err != nil {
		t.Fatal(err)
	}
	o.Verdicts = filepath.Join(blocked, "verdicts") // as root may write anywhere else
	rep := k.run(o)
	if len(rep.Findings) != 1 || rep.Run.ExitCode != 1 || k.known != 0 {
		t.Errorf("%+v", rep)
	}
	if said := strings.Join(rep.Details, "\n"); !strings.Contains(said, "verdicts were not kept") || len(rep.Notes) > 0 {
		t.Errorf("it said %q, and in every run %q", said, rep.Notes)
	}
}

// Two runs at once find the same, and what both kept is right.
func TestTwoRunsAtOnce(t *testing.T) {
	k := newKept(t, "- {id: words, files: \"**/*.txt\", content: {forbid: [bad]}}\n")
	for i := range 40 {
		k.put(fmt.Sprintf("d/%d.txt", i), []string{"good\n", "bad\n"}[i%2])
	}
	k.put("a.txt", "good\n")
	k.put("b.txt", "bad\n")
	k.commit()
	var group sync.WaitGroup
	for range 4 {
		group.Go(func() {
			rep, err := Run(context.Background(), k.options())
			if err != nil || len(rep.Findings) != 21 || len(rep.Faults) > 0 {
				t.Errorf("%v %+v", err, rep)
			}
		})
	}
	group.Wait()
	if rep := k.run(k.options()); len(rep.Findings) != 21 || k.known == 0 {
		t.Errorf("%d findings, %d known", len(rep.Findings), k.known)
	}
}

// A wrong verdict is found by verifying, told, and removed.
func TestVerifyVerdicts(t *testing.T) {
	k := newKept(t, `
- {id: words, files: "*.txt", content: {forbid: [bad]}}
- {id: shape, structure: {require: [a.txt]}}
- {id: grep, files: "*.txt", command: {run: "git grep --no-index -n worse {files}", parse: gcc, inputs: [], version_command: "git version"}}
`)
	k.put("a.txt", "good\n")
	k.put("b.txt", "bad\n")
	k.commit()
	o := k.options()
	k.run(o)
	verify := func() *Verification {
		t.Helper()
		v, err := VerifyVerdicts(t.Context(), o, 10)
		if err != nil {
			t.Fatal(err)
		}
		return v
	}
	if v := verify(); len(v.Wrong) > 0 || v.Damage != "" || v.Files != 2 || v.Right < 3 {
		t.Errorf("%+v", v)
	}
	spoil(t, o.Verdicts)
	v := verify()
	if len(v.Wrong) != 2 || v.Wrong[0].Rule != "shape" || v.Wrong[1] != (WrongVerdict{Rule: "words", Path: "b.txt", Kept: 0, Now: 1}) {
		t.Errorf("%+v", v.Wrong)
	}
	if v := verify(); len(v.Wrong) > 0 {
		t.Errorf("it is still wrong: %+v", v)
	}
	k.run(o)
	data, err := os.ReadFile(o.Verdicts)
	if err != nil {
		t.Fatal(err)
	}
	data[len(data)-1] ^= 1
	if err := os.WriteFile(o.Verdicts, data[:len(data)-3], 0o644); err != nil {
		t.Fatal(err)
	}
	if v := verify(); v.Damage == "" {
		t.Errorf("the damage is not told: %+v", v)
	}
}

// spoil writes wrong verdicts into a cache, each whole in itself.
func spoil(t *testing.T, path string) {
	t.Helper()
	s := cache.Open(path, 0)
	type value struct {
		k cache.Key
		b []byte
	}
	var all []value
	s.Each(func(k cache.Key, b []byte) { all = append(all, value{k, slices.Clone(b)}) })
	for _, v := range all {
		switch v.b[0] {
		case isRecord:
			if r, ok := decodeRecord(v.b, ""); ok && len(r.found) > 0 {
				keys := []ruleKey{r.found[0].rule}
				set, b := setOf(keys)
				s.Put(set.cacheKey(), b)
				r.clean, r.found = set, nil
				s.Put(v.k, r.encode())
			}
		case isAnswer:
			a, ok := decodeAnswer(v.b, ruleKey(v.b[2:18]))
			if ok && len(a.findings) == 0 && a.files > 1 {
				a.findings = append(a.findings, rule.Finding{Severity: rule.Error, Message: "wrong"})
				s.Put(v.k, a.encode())
			}
		}
	}
	if err := s.Save(); err != nil {
		t.Fatal(err)
	}
}
