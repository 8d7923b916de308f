package engine

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// TestPackExamples: each rule of each embedded pack has, in
// testdata/packs/PACK.txtar, a repository that it fails and one that it passes.
//
// Files are named RULE/fail/PATH and RULE/pass/PATH. A PATH below BEFORE/ is
// committed first, and what is staged on top is then judged, rather than
// everything; one below .git/ is written last. At a path's end, "@" makes a link
// to the text, "+x" an executable, "%" a submodule whose commit is the text 40 times, and "#N" a file of N KiB. In a
// text, "␍" is a carriage return, "␠" a blank, and "␤" takes the line end
// behind it away.
func TestPackExamples(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the examples hold links and executables")
	}
	for _, name := range config.Packs() {
		short := strings.TrimPrefix(name, "sot:")
		a, err := txtar.ParseFile(filepath.Join("testdata", "packs", short+".txtar"))
		if err != nil {
			t.Errorf("%s has no examples: %v", name, err)
			continue
		}
		examples := map[string][]txtar.File{} // RULE/fail -> its files
		for _, f := range a.Files {
			id, rest, _ := strings.Cut(f.Name, "/")
			verdict, path, ok := strings.Cut(rest, "/")
			if !ok {
				t.Fatalf("%s: a file is called %q", name, f.Name)
			}
			key := id + "/" + verdict
			examples[key] = append(examples[key], txtar.File{Name: path, Data: f.Data})
		}
		for _, r := range packRules(t, name) {
			if r.Origin != name {
				continue // of a pack that it extends
			}
			for _, verdict := range []string{"fail", "pass"} {
				key := r.ID + "/" + verdict
				files, ok := examples[key]
				if !ok {
					t.Errorf("%s: there is no example %s", name, key)
					continue
				}
				delete(examples, key)
				t.Run(short+"/"+key, func(t *testing.T) { packExample(t, name, r, verdict, files) })
			}
		}
		for key := range examples {
			t.Errorf("%s has no rule %s", name, key)
		}
	}
}

func packRules(t *testing.T, name string) []*rule.Rule {
	t.Helper()
	c, err := config.Load(config.Options{
		Kinds: Kinds(), KnownType: func(string) bool { return true },
		Read: func(path string) ([]byte, error) {
			if path == "sot.yaml" {
				return []byte("extends: " + name), nil
			}
			return nil, os.ErrNotExist
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return c.Rules
}

func packExample(t *testing.T, pack string, r *rule.Rule, verdict string, files []txtar.File) {
	rep := runExample(t, "version: 1\nextends: \""+pack+"\"\n", r.ID, files)
	got := resultOf(rep, r.ID)
	if _, program := r.Check.(rule.CommandCheck); program && got.Status == report.Skipped {
		t.Skip(got.Reason)
	}
	judgeExample(t, rep, r.ID, verdict)
}

func resultOf(rep *report.Report, id string) report.RuleResult {
	return rep.Rules[slices.IndexFunc(rep.Rules, func(x report.RuleResult) bool { return x.ID == id })]
}

// judgeExample holds a run's verdict on a rule to what it should be.
func judgeExample(t *testing.T, rep *report.Report, id, verdict string) {
	t.Helper()
	got := resultOf(rep, id)
	want := report.Failed
	if verdict == "pass" {
		want = report.Passed
		if got.Reason == "no files matched" {
			t.Errorf("no file of it is judged")
		}
	}
	if got.Status != want {
		t.Errorf("%s, want %s: %s%v%v", got.Status, want, got.Reason, rep.Findings, rep.Faults)
	}
}

// runExample runs one rule of a configuration over the files of an example.
func runExample(t *testing.T, text, id string, files []txtar.File) *report.Report {
	dir := folder(t, nil)
	git := func(args ...string) string {
		cmd := exec.Command("git", append([]string{"-c", "user.name=a", "-c", "user.email=a@example.org", "-C", dir}, args...)...)
		out, err := cmd.CombinedOutput()
		if err != nil {
			t.Fatalf("git %q: %v\n%s", args, err, out)
		}
		return strings.TrimSpace(string(out))
	}
	git("init", "-q", "-b", "main")
	git("config", "core.hooksPath", os.DevNull)
	put := func(name string, data []byte) {
		if path, ok := strings.CutSuffix(name, "%"); ok {
			git("update-index", "--add", "--cacheinfo", "160000,"+strings.Repeat(string(data[:1]), 40)+","+path)
			return
		}
		packPut(t, dir, name, data)
		if !strings.HasPrefix(name, ".git/") {
			git("add", "-A", "--", packName(name))
		}
	}
	mode := source.All
	for _, f := range files {
		if path, ok := strings.CutPrefix(f.Name, "BEFORE/"); ok {
			mode = source.Staged
			put(path, f.Data)
		}
	}
	if mode == source.Staged {
		git("commit", "-qm", "before")
	}
	for _, f := range files {
		if !strings.HasPrefix(f.Name, "BEFORE/") {
			put(f.Name, f.Data)
		}
	}
	config := filepath.Join(t.TempDir(), "sot.yaml")
	if err := os.WriteFile(config, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
	o := Options{Config: config, Rules: []string{id}, Source: source.Options{Dir: dir, Mode: mode}, Version: "0.1.0", NoProfile: true}
	if f := files[0]; f.Name == "COMMIT_EDITMSG" {
		o.Stage, o.Message = "commit-msg", &Message{Path: filepath.Join(dir, f.Name), Text: f.Data}
	}
	rep, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	return rep
}

// packName is the path of a file of an example.
func packName(name string) string {
	name = strings.TrimSuffix(strings.TrimSuffix(name, "@"), "+x")
	name, _, _ = strings.Cut(name, "#")
	return name
}

func packPut(t *testing.T, dir, name string, data []byte) {
	t.Helper()
	path := filepath.Join(dir, filepath.FromSlash(packName(name)))
	if err := os.MkdirAll(filepath.Dir(path), 0o755); err != nil {
		t.Fatal(err)
	}
	_ = os.Remove(path) // of what was committed before, where it was a link
	if strings.HasSuffix(name, "@") {
		if err := os.Symlink(strings.TrimSpace(string(data)), path); err != nil {
			t.Fatal(err)
		}
		return
	}
	perm := os.FileMode(0o644)
	if strings.HasSuffix(name, "+x") {
		perm = 0o755
	}
	if _, size, ok := strings.Cut(name, "#"); ok {
		kib, err := strconv.Atoi(size)
		if err != nil {
			t.Fatal(err)
		}
		data = make([]byte, kib<<10)
	}
	text := strings.NewReplacer("␍", "\r", "␠", " ", "␤\n", "").Replace(string(data))
	if err := os.WriteFile(path, []byte(text), perm); err != nil {
		t.Fatal(err)
	}
}
