//go:build linux

package e2e_test

import (
	"encoding/pem"
	"fmt"
	"io"
	"log"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"

	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// workflow is the example of the documentation, run by act with what a job on
// GitHub has around it.
type workflow struct {
	t         testing.TB
	image     string // of the job's container
	action    string // folder: the action at a release's commit
	releases  *httptest.Server
	cache     *cacheserver.Server
	api       string // address of GitHub's API
	workspace string
	event     string
	home      string
	asked     []string // of the releases
}

func newWorkflow(t testing.TB) *workflow {
	t.Helper()
	need(t, "act", "node", "git")
	engine(t)
	w := &workflow{t: t, cache: cacheserver.Start(t, cacheserver.Options{}), api: github(t).URL, workspace: t.TempDir(), home: t.TempDir()}
	w.release()
	w.image = w.runner()
	base, head := repository(t, w.workspace)
	w.event = filepath.Join(w.home, "event.json")
	pullRequest(t, w.event, base, head)
	write(t, filepath.Join(w.home, ".config/act/actrc"), "") // without it, act asks a person
	return w
}

// release lays out the action as a release's commit holds it, and serves the program.
func (w *workflow) release() {
	w.t.Helper()
	b := program(w.t)
	zipped := zip(w.t, b)
	w.releases = httptest.NewUnstartedServer(http.HandlerFunc(func(out http.ResponseWriter, r *http.Request) {
		w.asked = append(w.asked, r.URL.Path)
		_, _ = out.Write(zipped)
	}))
	w.releases.Config.ErrorLog = log.New(io.Discard, "", 0)
	w.releases.StartTLS()
	w.t.Cleanup(w.releases.Close)

	w.action = w.t.TempDir()
	layOut(w.t, w.action, b)
}

// runner makes the image of the job's container.
func (w *workflow) runner() string {
	w.t.Helper()
	root := pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: w.releases.Certificate().Raw})
	from, to := io.Pipe()
	cmd := exec.Command("docker", "import", "-")
	cmd.Stdin = from
	go func() {
		system(w.t, to, map[string]string{"/etc/e2e.pem": string(root)})
		_ = to.Close()
	}()
	out, err := cmd.Output()
	if err != nil {
		w.t.Fatal("docker import: ", err)
	}
	id := lastLine(out)
	w.t.Cleanup(func() { _ = exec.Command("docker", "rmi", "-f", id).Run() })
	tag := "sot-e2e:" + filepath.Base(w.home)
	run(w.t, "", "docker", "tag", id, tag)
	return tag
}

// run runs the workflow, and returns act's log and the step's summary.
func (w *workflow) run(id string) (text, summary string) {
	w.t.Helper()
	files := filepath.Join(w.home, "files-"+id)
	write(w.t, filepath.Join(files, "SUMMARY.md"), "")
	cmd := exec.Command("act", "pull_request", "-W", w.example(), "-e", w.event,
		"-P", "ubuntu-latest="+w.image, "--rm", "--pull=false", "--container-daemon-socket", "-", "--network", "host",
		"--container-options", "-v "+files+":/var/run/act/workflow",
		"--artifact-server-path", filepath.Join(w.home, "artifacts"), "--artifact-server-addr", "127.0.0.1", "--artifact-server-port", freePort(w.t),
		"--no-cache-server", "--local-repository", "sot-validator/sot@v1="+w.action, "-s", "GITHUB_TOKEN=dummy",
		"--env", "GITHUB_API_URL="+w.api, "--env", "GITHUB_REPOSITORY=o/r", "--env", "GITHUB_RUN_ID="+id, "--env", "SOT_RELEASES="+w.releases.URL, "--env", "NODE_EXTRA_CA_CERTS=/etc/e2e.pem")
	cmd.Dir = w.workspace
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "ACTIONS_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "HOME="+w.home, "XDG_CACHE_HOME="+filepath.Join(w.home, "cache"), "ACTIONS_RUNTIME_URL="+w.cache.URL()+"/",
		"ACTIONS_RUNTIME_TOKEN="+cacheserver.Token(cacheserver.PullRequest(7, "refs/heads/main")...))
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		w.t.Fatal(err)
	}
	return string(out), string(read(w.t, filepath.Join(files, "SUMMARY.md")))
}

// example is the workflow's file, which the repository under test does not hold: it
// would be one file more that changed.
func (w *workflow) example() string {
	file := filepath.Join(w.home, "workflows/sot.yml")
	write(w.t, file, string(read(w.t, "../../docs/examples/workflows/sot.yml")))
	return file
}

func freePort(t testing.TB) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = l.Close() }()
	_, port, _ := net.SplitHostPort(l.Addr().String())
	return port
}

// The documentation's workflow, twice: the second run starts from what the first
// one learned, and its program is the runner's own by then.
func TestExampleWorkflowStartsWarm(t *testing.T) {
	w := newWorkflow(t)
	for i, profile := range []string{"cold", "warm"} {
		text, summary := w.run(fmt.Sprint(100 + i))
		if dir := os.Getenv("SOT_E2E_KEEP"); dir != "" {
			write(t, filepath.Join(dir, profile+".log"), text)
			write(t, filepath.Join(dir, profile+".md"), summary)
		}
		for _, want := range []string{"use the logger", "data.json", "::set-output:: profile=" + profile, "::set-output:: conclusion=failure", "::set-output:: findings=3"} {
			if !strings.Contains(text, want) {
				t.Errorf("the log has no %q:\n%s", want, text)
			}
		}
		if !strings.Contains(summary, profile) || !strings.Contains(summary, "use the logger") || !strings.Contains(summary, "app.py") {
			t.Errorf("the summary of the %s run:\n%s", profile, summary)
		}
	}
	if len(w.asked) != 1 {
		t.Errorf("the program was downloaded as %q, where once was expected", w.asked)
	}
	if entries := w.cache.Entries(); len(entries) == 0 {
		t.Error("nothing was kept in the cache")
	}
}
