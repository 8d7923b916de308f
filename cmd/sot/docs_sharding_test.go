package main

import (
	"encoding/json"
	"fmt"
	"maps"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"runtime"
	"slices"
	"strings"
	"testing"

	"gopkg.in/yaml.v3"
)

// workflow is what of a GitHub Actions workflow these tests follow.
type workflow struct {
	Jobs map[string]job
}

type job struct {
	Outputs  map[string]string
	Strategy struct{ Matrix string }
	Steps    []step
}

type step struct {
	Name, ID, If, Uses, Run string
	ContinueOnError         bool `yaml:"continue-on-error"`
	Env, With               map[string]string
}

// shardingWorkflow is the workflow of docs/sharding.md, as text and as read.
func shardingWorkflow(t *testing.T) (string, workflow) {
	t.Helper()
	text, err := os.ReadFile("../../docs/sharding.md")
	if err != nil {
		t.Fatal(err)
	}
	m := regexp.MustCompile("(?ms)^```yaml\n(.*?)^```$").FindSubmatch(text)
	if m == nil {
		t.Fatal("there is no workflow in docs/sharding.md")
	}
	var w workflow
	if err := yaml.Unmarshal(m[1], &w); err != nil {
		t.Fatal(err)
	}
	return string(m[1]), w
}

// The workflow is a valid one, and pins its actions.
func TestShardingWorkflowIsSound(t *testing.T) {
	text, w := shardingWorkflow(t)
	pinned := regexp.MustCompile(`^actions/[a-z-]+(/[a-z]+)?@[0-9a-f]{40}$`)
	for name, j := range w.Jobs {
		for _, s := range j.Steps {
			if s.Uses != "" && !pinned.MatchString(s.Uses) {
				t.Errorf("%s: %s is not pinned by a commit", name, s.Uses)
			}
			if strings.Contains(s.Run, "${{") {
				t.Errorf("%s: an expression in a script: %s", name, s.Run)
			}
		}
	}
	lint, err := exec.LookPath("actionlint")
	if err != nil {
		t.Skip("actionlint is not installed")
	}
	cmd := exec.Command(lint, "-shellcheck=", "-pyflakes=", "-")
	cmd.Stdin = strings.NewReader(text)
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Errorf("%v\n%s", err, out)
	}
}

// machine plays a runner: it runs the workflow's scripts as they are, with the real
// sot, and does in plain files what its actions do.
type machine struct {
	t         *testing.T
	w         workflow
	repo      string
	store     string            // artifacts and caches
	values    map[string]string // of expressions
	outputs   map[string]string // of the job's steps, by expression
	workspace string
	temp      string
	log       string // what the job's scripts printed
	scripts   int
	lost      string // an artifact that nobody uploads
}

// run runs a job, and returns whether it succeeded.
func (m *machine) run(name string, with map[string]string) bool {
	m.t.Helper()
	m.workspace, m.temp, m.log = m.t.TempDir(), m.t.TempDir(), ""
	m.values = map[string]string{"runner.temp": m.temp, "github.run_id": "7", "github.run_attempt": "1"}
	maps.Copy(m.values, with)
	j, ok := m.w.Jobs[name]
	if !ok {
		m.t.Fatalf("there is no job %s", name)
	}
	good := true
	for _, s := range j.Steps {
		if s.If == "" && !good || strings.Contains(s.If, "steps.") && m.expand(s.If) != "${{ success == 'success' }}" {
			continue
		}
		ended := m.step(s)
		if s.ID != "" {
			m.values["steps."+s.ID+".outcome"] = map[bool]string{true: "success", false: "failure"}[ended]
		}
		good = good && (ended || s.ContinueOnError)
	}
	m.outputs = map[string]string{}
	for key, value := range j.Outputs {
		m.outputs["needs."+name+".outputs."+key] = m.expand(value)
	}
	return good
}

var expression = regexp.MustCompile(`\$\{\{ ([^ }]+) \}\}`)

func (m *machine) expand(s string) string {
	s = strings.ReplaceAll(s, "steps.learn.outcome", m.values["steps.learn.outcome"])
	return expression.ReplaceAllStringFunc(s, func(x string) string {
		v, ok := m.values[expression.FindStringSubmatch(x)[1]]
		if !ok {
			return x
		}
		return v
	})
}

func (m *machine) step(s step) bool {
	m.t.Helper()
	action, _, _ := strings.Cut(s.Uses, "@")
	at := func(key string) string {
		path := m.expand(s.With[key])
		if !filepath.IsAbs(path) {
			path = filepath.Join(m.workspace, path)
		}
		return path
	}
	switch action {
	case "actions/checkout":
		m.must(exec.Command("git", "clone", "-q", m.repo, m.workspace))
	case "actions/cache/restore":
		if _, err := os.Stat(filepath.Join(m.store, "cache")); err == nil {
			m.copy(filepath.Join(m.store, "cache"), at("path"))
		}
	case "actions/cache/save":
		m.copy(at("path"), filepath.Join(m.store, "cache"))
	case "actions/upload-artifact":
		if name := m.expand(s.With["name"]); name != m.lost {
			m.copy(at("path"), filepath.Join(m.store, "artifacts", name))
		}
	case "actions/download-artifact":
		dirs, _ := filepath.Glob(filepath.Join(m.store, "artifacts", s.With["pattern"])) // the pattern is well formed
		for _, dir := range dirs {
			m.copy(dir, at("path"))
		}
	case "":
		if s.Name == "Install sot" {
			return true
		}
		return m.script(s)
	default:
		m.t.Fatalf("nobody here does what %s does", s.Uses)
	}
	return true
}

// script runs a step's script as a runner does.
func (m *machine) script(s step) bool {
	m.scripts++
	cmd := exec.Command("bash", "-e", "-c", s.Run)
	cmd.Dir = m.workspace
	output := filepath.Join(m.temp, "output")
	cmd.Env = append(os.Environ(), "RUNNER_TEMP="+m.temp, "GITHUB_OUTPUT="+output, "GITHUB_STEP_SUMMARY="+filepath.Join(m.temp, "summary.md"), "CI=true")
	for key, value := range s.Env {
		cmd.Env = append(cmd.Env, key+"="+m.expand(value))
	}
	out, err := cmd.CombinedOutput()
	m.log += string(out)
	if text, err := os.ReadFile(output); err == nil {
		for line := range strings.Lines(string(text)) {
			key, value, _ := strings.Cut(strings.TrimSpace(line), "=")
			m.values["steps."+s.ID+".outputs."+key] = value
		}
	}
	return err == nil
}

func (m *machine) must(cmd *exec.Cmd) {
	m.t.Helper()
	if out, err := cmd.CombinedOutput(); err != nil {
		m.t.Fatalf("%v: %v\n%s", cmd.Args, err, out)
	}
}

// copy copies a file, or what is in a folder.
func (m *machine) copy(from, to string) {
	m.t.Helper()
	info, err := os.Stat(from)
	if err != nil {
		m.t.Fatal(err)
	}
	if info.IsDir() {
		entries, err := os.ReadDir(from)
		if err != nil {
			m.t.Fatal(err)
		}
		for _, e := range entries {
			m.copy(filepath.Join(from, e.Name()), filepath.Join(to, e.Name()))
		}
		return
	}
	if strings.Contains(filepath.ToSlash(to), "/artifacts/") && filepath.Ext(to) == "" {
		to = filepath.Join(to, filepath.Base(from)) // an artifact is a folder
	}
	data, err := os.ReadFile(from)
	if err != nil {
		m.t.Fatal(err)
	}
	if err := os.MkdirAll(filepath.Dir(to), 0o755); err != nil {
		m.t.Fatal(err)
	}
	write(m.t, to, string(data))
}

// all runs the whole workflow, and returns whether the last job succeeded.
func (m *machine) all() (shards int, good bool) {
	m.t.Helper()
	if err := os.RemoveAll(filepath.Join(m.store, "artifacts")); err != nil {
		m.t.Fatal(err)
	}
	if !m.run("plan", nil) {
		m.t.Fatalf("the plan failed: %s", m.log)
	}
	var x struct{ Include []map[string]any }
	if err := json.Unmarshal([]byte(m.outputs["needs.plan.outputs.matrix"]), &x); err != nil {
		m.t.Fatalf("%v: %v", err, m.outputs)
	}
	for i, entry := range x.Include {
		values := map[string]string{"strategy.job-index": fmt.Sprint(i)}
		for key, value := range entry {
			values["matrix."+key] = fmt.Sprint(value)
		}
		m.run("check", values)
	}
	return len(x.Include), m.run("summary", nil)
}

// The documented workflow, run as it stands but for what installs sot: the first
// time cold, the second time by what all jobs of the first have learned.
func TestShardingWorkflowRuns(t *testing.T) {
	if testing.Short() {
		t.Skip("it runs the jobs of a workflow as processes of their own")
	}
	if runtime.GOOS == "windows" {
		t.Skip("its scripts are for a runner with Linux")
	}
	for _, tool := range []string{"git", "bash", "sot"} {
		if _, err := exec.LookPath(tool); err != nil {
			t.Skip(err)
		}
	}
	_, w := shardingWorkflow(t)
	repository(t)
	dir, err := os.Getwd()
	if err != nil {
		t.Fatal(err)
	}
	rules := "version: 1\nfail_on: warning\nextends: [\"sot:recommended\"]\nrules:\n"
	for i := range 8 {
		rules += fmt.Sprintf("  - id: slow-%d\n    command: { run: 'sleep 0.0%d', files: none }\n", i, 1+i%3)
	}
	write(t, "sot.yaml", rules)
	write(t, "notes.txt", "a \n")
	m := &machine{t: t, w: w, repo: dir, store: t.TempDir()}
	commit := func() {
		m.must(exec.Command("git", "add", "-A"))
		m.must(exec.Command("git", "-c", "user.name=A", "-c", "user.email=a@example.com", "commit", "-q", "-m", "x"))
	}
	commit()
	for _, profile := range []string{"cold", "warm"} {
		shards, good := m.all()
		if shards != 4 || good || !strings.Contains(m.log, "trailing-whitespace") || !strings.Contains(m.log, profile+"\n") || strings.Contains(m.log, "fault") {
			t.Errorf("%d shards, %v, want 4, and the finding\n%s", shards, good, m.log)
		}
		if summary, err := os.ReadFile(filepath.Join(m.temp, "summary.md")); err != nil || !regexp.MustCompile("(?s)`notes.txt:1`.*"+profile+".*### Jobs").Match(summary) {
			t.Errorf("the summary: %v\n%s", err, summary)
		}
	}
	if out, err := exec.Command("sot", "profile", "show", "--profile", filepath.Join(m.store, "cache")).CombinedOutput(); err != nil || !regexp.MustCompile(`(?m)^slow-7 +command +2 `).Match(out) {
		t.Errorf("what two runs of slow-7 taught: %v\n%s", err, out)
	}
	write(t, "notes.txt", "a\n")
	commit()
	if _, good := m.all(); !good || !strings.Contains(m.log, "clean") {
		t.Errorf("a clean repository fails\n%s", m.log)
	}
	m.lost = "sot-shard-2"
	if _, good := m.all(); good || !strings.Contains(m.log, "shard 3 of 4 has no report") {
		t.Errorf("a missing report passes\n%s", m.log)
	}
	if want := []string{"check", "plan", "summary"}; !slices.Equal(slices.Sorted(maps.Keys(w.Jobs)), want) {
		t.Errorf("jobs are not %v", want)
	}
}
