//go:build linux

package e2e_test

import (
	"crypto/sha256"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"slices"
	"strconv"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// TestOverhead measures what the action costs beyond the program's own run: as a
// step, with the cache of a server on loopback, and through the launcher. It takes
// turns, and prints the table of docs/benchmarks.md:
//
//	SOT_OVERHEAD=41 go test ./action/e2e -run Overhead -v
func TestOverhead(t *testing.T) {
	rounds, _ := strconv.Atoi(os.Getenv("SOT_OVERHEAD"))
	if rounds == 0 {
		t.Skip("it measures, and asserts no time: SOT_OVERHEAD says how often")
	}
	need(t, "node", "git")
	o := newOverhead(t)
	kinds := []struct {
		name, cache string
		argv        []string
	}{
		{"`sot run --base BASE`", "", []string{o.program, "run", "--base", o.base}},
		{"`sot action`, no cache", "off", []string{o.program, "action"}},
		{"and restore and save", "on", []string{o.program, "action"}},
		{"and through the launcher", "on", []string{"node", filepath.Join(o.action, "action/launcher/main.js")}},
	}
	times, cpus := make([][]float64, len(kinds)), make([][]float64, len(kinds))
	for round := range rounds + 2 { // two to warm up
		for i, k := range kinds {
			wall, cpu := o.once(k.argv, k.cache, fmt.Sprint(1000+10*round+i))
			if round >= 2 {
				times[i], cpus[i] = append(times[i], wall), append(cpus[i], cpu)
			}
		}
	}
	var base float64
	var b strings.Builder
	fmt.Fprintf(&b, "| %d rounds, ms | median | least to most | beyond the run | CPU |\n| --- | --- | --- | --- | --- |\n", rounds)
	for i, k := range kinds {
		slices.Sort(times[i])
		slices.Sort(cpus[i])
		median := times[i][rounds/2]
		if i == 0 {
			base = median
		}
		fmt.Fprintf(&b, "| %s | %.0f | %.0f to %.0f | %.0f | %.0f |\n", k.name, median, times[i][0], times[i][rounds-1], median-base, cpus[i][rounds/2])
	}
	fmt.Printf("%s%d entries saved by %d runs\n", b.String(), len(o.cache.Entries()), 2*(rounds+2))
}

type overhead struct {
	t                         testing.TB
	program, action, base     string
	workspace, event, toolDir string
	temp                      string
	cache                     *cacheserver.Server
}

func newOverhead(t testing.TB) *overhead {
	t.Helper()
	o := &overhead{t: t, workspace: t.TempDir(), action: t.TempDir(), toolDir: t.TempDir(), temp: t.TempDir(), cache: cacheserver.Start(t, cacheserver.Options{})}
	b := program(t)
	layOut(t, o.action, b)
	arch := map[string]string{"amd64": "x64"}[runtime.GOARCH]
	if arch == "" {
		arch = runtime.GOARCH
	}
	o.program = filepath.Join(o.toolDir, "sot", version, arch, "sot")
	write(t, o.program, string(b))
	if err := os.Chmod(o.program, 0o755); err != nil {
		t.Fatal(err)
	}
	base, head := repository(t, o.workspace)
	o.base = base
	o.event = filepath.Join(o.temp, "event.json")
	pullRequest(t, o.event, base, head)
	return o
}

// once runs one program, and returns its milliseconds, by the clock and of the CPU.
func (o *overhead) once(argv []string, cache, id string) (wall, cpu float64) {
	o.t.Helper()
	cmd := exec.Command(argv[0], argv[1:]...)
	cmd.Dir = o.workspace
	for _, f := range []string{"out", "summary"} {
		write(o.t, filepath.Join(o.temp, f), "")
	}
	cmd.Env = append(os.Environ(), "GITHUB_WORKSPACE="+o.workspace, "GITHUB_EVENT_NAME=pull_request", "GITHUB_EVENT_PATH="+o.event,
		"GITHUB_OUTPUT="+filepath.Join(o.temp, "out"), "GITHUB_STEP_SUMMARY="+filepath.Join(o.temp, "summary"),
		"GITHUB_REPOSITORY=o/r", "GITHUB_ACTION_REPOSITORY=sot-validator/sot", "GITHUB_REF=refs/pull/7/merge", "GITHUB_SERVER_URL=https://github.com",
		"GITHUB_RUN_ID="+id, "GITHUB_RUN_ATTEMPT=1", "GITHUB_JOB=sot", "RUNNER_TEMP="+o.temp, "RUNNER_TOOL_CACHE="+o.toolDir, "INPUT_CACHE="+cache)
	cmd.Env = append(cmd.Env, o.cache.Env(cacheserver.PullRequest(7, "refs/heads/main")...)...)
	from := time.Now()
	out, err := cmd.CombinedOutput()
	took := time.Since(from)
	if cmd.ProcessState == nil || cmd.ProcessState.ExitCode() != 1 {
		o.t.Fatalf("%q: %v\n%s", argv, err, out)
	}
	return ms(took), ms(cmd.ProcessState.UserTime() + cmd.ProcessState.SystemTime())
}

func ms(d time.Duration) float64 { return float64(d.Microseconds()) / 1000 }

// layOut makes the action's folder as a release's commit holds it.
func layOut(t testing.TB, dir string, program []byte) {
	t.Helper()
	write(t, filepath.Join(dir, "action.yml"), string(read(t, "../../action.yml")))
	files, err := filepath.Glob("../launcher/*.js")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		write(t, filepath.Join(dir, "action/launcher", filepath.Base(f)), string(read(t, f)))
	}
	write(t, filepath.Join(dir, "action/launcher/checksums.txt"),
		fmt.Sprintf("%x  sot_%s_linux_%s\n", sha256.Sum256(program), version, runtime.GOARCH))
}
