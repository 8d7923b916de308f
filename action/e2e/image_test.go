//go:build linux

package e2e_test

import (
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"testing"
)

// image builds the last stage of the Dockerfile, of a program that was built here:
// no registry has the image of the stage before within reach.
func image(t testing.TB) string {
	t.Helper()
	engine(t)
	text := string(read(t, "../../Dockerfile"))
	stage := text[strings.LastIndex(text, "\nFROM ")+1:]
	const copied = "COPY --from=build /out /\n"
	if !strings.Contains(stage, copied) {
		t.Fatalf("the last stage copies no /out:\n%s", stage)
	}
	dir := t.TempDir()
	write(t, filepath.Join(dir, "Dockerfile"), strings.Replace(stage, copied, "COPY out /\n", 1))
	write(t, filepath.Join(dir, "out/sot"), string(program(t)))
	if err := os.Chmod(filepath.Join(dir, "out/sot"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Mkdir(filepath.Join(dir, "out/tmp"), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.Chmod(filepath.Join(dir, "out/tmp"), os.ModeSticky|0o777); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("docker", "build", "-q", dir)
	cmd.Env = append(os.Environ(), "DOCKER_BUILDKIT=0") // the builder that needs no image of its own
	out, err := cmd.Output()
	if err != nil {
		t.Fatalf("docker build: %v\n%s", err, out)
	}
	id := lastLine(out)
	t.Cleanup(func() { _ = exec.Command("docker", "rmi", "-f", id).Run() })
	return id
}

// step is a container action's step, laid out as actions/runner 2.336 lays it out
// (ContainerActionHandler, DockerCommandManager): its mounts, its environment, its
// user. The workspace belongs to the runner's user, and the container is root.
type step struct {
	t         testing.TB
	image     string
	workspace string
	root      string
	env       []string
}

func newStep(t testing.TB, image, workspace, event string) *step {
	t.Helper()
	s := &step{t: t, image: image, workspace: workspace, root: t.TempDir()}
	write(t, filepath.Join(s.root, "workflow/event.json"), string(read(t, event)))
	for _, f := range []string{"set_output", "step_summary", "set_env", "add_path", "save_state"} {
		write(t, filepath.Join(s.root, "file_commands", f), "")
	}
	for _, d := range []string{"home", "temp"} {
		if err := os.Mkdir(filepath.Join(s.root, d), 0o755); err != nil {
			t.Fatal(err)
		}
	}
	for _, dir := range []string{s.root, workspace} {
		err := filepath.WalkDir(dir, func(file string, _ os.DirEntry, err error) error {
			if err != nil {
				return err
			}
			return os.Lchown(file, 1001, 1001)
		})
		if err != nil {
			t.Skipf("the workspace cannot be given to another user: %v", err)
		}
	}
	return s
}

// run runs the step, and returns its exit code and what it printed.
func (s *step) run(args ...string) (int, string) {
	s.t.Helper()
	a := []string{"run", "--rm", "--workdir", "/github/workspace", "--network", "host"}
	for _, kv := range append([]string{
		"HOME=/github/home", "GITHUB_WORKSPACE=/github/workspace", "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH=/github/workflow/event.json",
		"GITHUB_OUTPUT=/github/file_commands/set_output", "GITHUB_STEP_SUMMARY=/github/file_commands/step_summary",
		"GITHUB_ENV=/github/file_commands/set_env", "GITHUB_PATH=/github/file_commands/add_path", "GITHUB_STATE=/github/file_commands/save_state",
		"RUNNER_TEMP=/github/runner_temp", "RUNNER_TOOL_CACHE=/opt/hostedtoolcache", "RUNNER_OS=Linux", "RUNNER_ARCH=X64",
		"GITHUB_REPOSITORY=o/r", "GITHUB_SERVER_URL=https://github.com", "GITHUB_REF=refs/pull/7/merge", "GITHUB_RUN_ID=11", "GITHUB_RUN_ATTEMPT=1", "GITHUB_JOB=sot",
		"GITHUB_ACTIONS=true", "CI=true",
	}, s.env...) {
		a = append(a, "-e", kv)
	}
	for from, to := range map[string]string{
		s.workspace: "/github/workspace", s.root + "/temp": "/github/runner_temp", s.root + "/home": "/github/home",
		s.root + "/workflow": "/github/workflow", s.root + "/file_commands": "/github/file_commands",
	} {
		a = append(a, "-v", from+":"+to)
	}
	cmd := exec.Command("docker", append(append(a, s.image), args...)...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		s.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (s *step) file(name string) string {
	s.t.Helper()
	return string(read(s.t, filepath.Join(s.root, "file_commands", name)))
}

func TestImageAsTheRunnerStartsIt(t *testing.T) {
	id := image(t)
	workspace := t.TempDir()
	base, head := repository(t, workspace)
	event := filepath.Join(t.TempDir(), "event.json")
	pullRequest(t, event, base, head)
	s := newStep(t, id, workspace, event)
	s.env = []string{"INPUT_FILES=changed", "INPUT_CACHE=off", "GITHUB_SHA=" + head}
	code, out := s.run()
	if code != 3 { // a fault: cat, which a rule runs, is not in the image
		t.Fatalf("exit %d:\n%s", code, out)
	}
	for _, want := range []string{"app.py", "use the logger", "data.json", "notes.txt", "cat is not on the PATH"} {
		if !strings.Contains(out, want) {
			t.Errorf("the log has no %q:\n%s", want, out)
		}
	}
	if strings.Contains(out, "old.py") {
		t.Errorf("a file was judged that is no part of the change:\n%s", out)
	}
	outputs := s.file("set_output")
	for name, want := range map[string]string{"conclusion": "fault", "findings": "3", "files": "3", "profile": "cold"} {
		if !regexp.MustCompile(name + `<<(\S+)\n` + want + `\n`).MatchString(outputs) {
			t.Errorf("the output %s is not %s:\n%s", name, want, outputs)
		}
	}
}

// Outside of GitHub, the image is the command.
func TestImageAsACommand(t *testing.T) {
	id := image(t)
	workspace := t.TempDir()
	repository(t, workspace)
	cmd := exec.Command("docker", "run", "--rm", "--network", "none", "-v", workspace+":/w", "-w", "/w", "--user", "1234:1234", id, "run", "--all", "--rule", "no-print")
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 || strings.Count(string(out), "use the logger") != 2 {
		t.Errorf("%v\n%s", err, out)
	}
	if got, err := exec.Command("docker", "run", "--rm", "--network", "none", id, "version").Output(); string(got) != fmt.Sprintf("sot %s\n", version) {
		t.Errorf("version: %q, %v", got, err)
	}
}
