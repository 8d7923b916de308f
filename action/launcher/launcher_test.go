package launcher_test

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"encoding/pem"
	"fmt"
	"io"
	"io/fs"
	"log"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"os/signal"
	"path/filepath"
	"runtime"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// stand is set where this test's own program stands in for a released one.
const stand = "LAUNCHER_TEST_STAND_IN"

func TestMain(m *testing.M) {
	switch os.Getenv(stand) {
	case "":
		os.Exit(m.Run())
	case "wait":
		signals := make(chan os.Signal, 1)
		signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
		fmt.Println("ready")
		select {
		case s := <-signals:
			fmt.Println("got", s)
			os.Exit(42)
		case <-time.After(30 * time.Second): // a launcher that hands nothing over must not hang the test
			os.Exit(1)
		}
	default:
		fmt.Println("ran", os.Args[1:], os.Getenv(stand))
		os.Exit(7)
	}
}

// program is what the release holds: this test, zipped once for all.
var program = sync.OnceValues(func() (sum string, zipped []byte) {
	self, err := os.Executable()
	if err != nil {
		panic(err)
	}
	b, err := os.ReadFile(self)
	if err != nil {
		panic(err)
	}
	var z bytes.Buffer
	w, _ := gzip.NewWriterLevel(&z, gzip.BestSpeed)
	if _, err := w.Write(b); err != nil || w.Close() != nil {
		panic(err)
	}
	h := sha256.Sum256(b)
	return hex.EncodeToString(h[:]), z.Bytes()
})

// machine is what a release calls this test's machine.
func machine() string {
	if runtime.GOOS == "windows" {
		return "windows_" + runtime.GOARCH + ".exe"
	}
	return runtime.GOOS + "_" + runtime.GOARCH
}

// job is a runner's job that uses the action.
type job struct {
	t              *testing.T
	dir            string // the action's
	cache, temp    string // RUNNER_TOOL_CACHE and RUNNER_TEMP
	server, mirror string
	cert           string
	environ        []string
}

// newJob lays the action out as the runner does, with sums where they are given,
// and a server that answers for the releases.
func newJob(t *testing.T, sums string, answer http.HandlerFunc) *job {
	t.Helper()
	if testing.Short() {
		t.Skip("nothing here is for the race detector, and much is not quick")
	}
	if _, err := exec.LookPath("node"); err != nil {
		t.Skip("there is no node to run the launcher with")
	}
	root := t.TempDir()
	j := &job{t: t, dir: filepath.Join(root, "action"), cache: filepath.Join(root, "tools"), temp: filepath.Join(root, "temp")}
	files, err := filepath.Glob("*.js")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	for _, f := range files {
		b, err := os.ReadFile(f)
		if err != nil {
			t.Fatal(err)
		}
		j.write(filepath.Join("action", "launcher", f), string(b))
	}
	if sums != "" {
		j.write("action/launcher/checksums.txt", sums)
	}
	if answer != nil {
		s := httptest.NewUnstartedServer(answer)
		s.Config.ErrorLog = log.New(io.Discard, "", 0) // of handshakes that a client gave up
		s.StartTLS()
		t.Cleanup(s.Close)
		j.server = s.URL
		j.cert = filepath.Join(root, "roots.pem")
		if err := os.WriteFile(j.cert, pem.EncodeToMemory(&pem.Block{Type: "CERTIFICATE", Bytes: s.Certificate().Raw}), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return j
}

func (j *job) write(name, text string) {
	j.t.Helper()
	file := filepath.Join(j.dir, filepath.FromSlash(name))
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		j.t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o600); err != nil {
		j.t.Fatal(err)
	}
}

func (j *job) command(environ ...string) *exec.Cmd {
	cmd := exec.Command("node", filepath.Join(j.dir, "action", "launcher", "main.js"))
	for _, kv := range os.Environ() {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasPrefix(name, "GITHUB_") && !strings.HasPrefix(name, "RUNNER_") {
			cmd.Env = append(cmd.Env, kv)
		}
	}
	cmd.Env = append(cmd.Env, "RUNNER_TOOL_CACHE="+j.cache, "RUNNER_TEMP="+j.temp, "GITHUB_ACTION_REPOSITORY=o/r",
		"GITHUB_SERVER_URL="+j.server, "NODE_EXTRA_CA_CERTS="+j.cert, "SOT_RELEASES="+j.mirror, stand+"=a b %")
	cmd.Env = append(append(cmd.Env, j.environ...), environ...)
	return cmd
}

// run runs the step, and returns its exit code and what it printed.
func (j *job) run(environ ...string) (int, string) {
	j.t.Helper()
	cmd := j.command(environ...)
	out, err := cmd.CombinedOutput()
	if cmd.ProcessState == nil {
		j.t.Fatal(err)
	}
	return cmd.ProcessState.ExitCode(), string(out)
}

func (j *job) expect(code int, has string, environ ...string) {
	j.t.Helper()
	got, out := j.run(environ...)
	if got != code || !strings.Contains(out, has) {
		j.t.Errorf("exit %d, where %d and %q were expected:\n%s", got, code, has, out)
	}
}

// kept lists the files of the tool cache and of the job's own folder.
func (j *job) kept() []string {
	j.t.Helper()
	var files []string
	for _, home := range []string{j.cache, j.temp} {
		err := filepath.WalkDir(home, func(file string, d fs.DirEntry, err error) error {
			if err == nil && !d.IsDir() {
				files = append(files, filepath.ToSlash(strings.TrimPrefix(file, home)))
			}
			return nil
		})
		if err != nil {
			j.t.Fatal(err)
		}
	}
	return files
}

func sums() string {
	sum, _ := program()
	return fmt.Sprintf("# sot 1.2.3\n%s  sot_1.2.3_plan9_mips\n%s  sot_1.2.3_%s\n", strings.Repeat("0", 64), sum, machine())
}

func serve(w http.ResponseWriter, _ *http.Request) {
	_, zipped := program()
	_, _ = w.Write(zipped)
}

func TestReleaseIsDownloadedOnce(t *testing.T) {
	t.Parallel()
	var asked []string
	j := newJob(t, sums(), func(w http.ResponseWriter, r *http.Request) {
		asked = append(asked, r.URL.Path)
		serve(w, r)
	})
	j.expect(7, "ran [action] a b %")
	j.expect(7, "ran [action] a b %")
	if want := "/o/r/releases/download/v1.2.3/sot_1.2.3_" + machine() + ".gz"; len(asked) != 1 || asked[0] != want {
		t.Errorf("asked for %q, where %q once was expected", asked, want)
	}
	if kept := j.kept(); len(kept) != 2 || !strings.HasSuffix(kept[0]+kept[1], ".complete") {
		t.Errorf("kept %q", kept)
	}
}

func TestDamagedToolCacheIsNotRun(t *testing.T) {
	t.Parallel()
	j := newJob(t, sums(), serve)
	j.expect(7, "ran")
	for _, f := range j.kept() {
		if !strings.HasSuffix(f, ".complete") {
			if err := os.WriteFile(filepath.Join(j.cache, filepath.FromSlash(f)), []byte("#!/bin/sh\necho evil\n"), 0o700); err != nil {
				t.Fatal(err)
			}
		}
	}
	j.expect(7, "ran [action]")
}

func TestWrongSumIsNotRun(t *testing.T) {
	t.Parallel()
	asked := 0
	j := newJob(t, sums(), func(w http.ResponseWriter, _ *http.Request) {
		asked++
		z := gzip.NewWriter(w)
		_, _ = z.Write([]byte("#!/bin/sh\necho evil\n"))
		_ = z.Close()
	})
	j.mirror = j.server + "/mirror/"
	code, out := j.run()
	if code != 3 || !strings.Contains(out, "::error title=sot::sot 1.2.3 could not be downloaded") || !strings.Contains(out, "it was replaced or damaged, and was not run") {
		t.Errorf("exit %d:\n%s", code, out)
	}
	if kept := j.kept(); asked != 1 || len(kept) != 0 {
		t.Errorf("asked %d times, kept %q", asked, kept)
	}
}

func TestTransferIsTriedAgain(t *testing.T) {
	t.Parallel()
	var asked atomic.Int32
	j := newJob(t, sums(), func(w http.ResponseWriter, r *http.Request) {
		_, zipped := program()
		switch asked.Add(1) {
		case 1: // cut off, and the length says so
			w.Header().Set("Content-Length", fmt.Sprint(len(zipped)))
			_, _ = w.Write(zipped[:len(zipped)/2])
		case 2: // cut off, and only the content says so
			_, _ = w.Write(zipped[:len(zipped)/2])
		default:
			serve(w, r)
		}
	})
	j.mirror = j.server
	j.expect(7, "ran [action]")
	if asked.Load() != 3 {
		t.Errorf("asked %d times", asked.Load())
	}
}

func TestRefusals(t *testing.T) {
	t.Parallel()
	plain := httptest.NewServer(http.HandlerFunc(serve))
	t.Cleanup(plain.Close)
	for name, c := range map[string]struct {
		answer http.HandlerFunc
		asked  int32
		says   string
	}{
		"not there":         {http.NotFound, 1, "HTTP status 404"},
		"broken for good":   {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }, 3, "HTTP status 503"},
		"out of https":      {http.RedirectHandler(plain.URL, http.StatusFound).ServeHTTP, 1, "is not https"},
		"in circles":        {func(w http.ResponseWriter, r *http.Request) { http.Redirect(w, r, "/x", http.StatusFound) }, 6, "more than 5 redirects"},
		"redirect to where": {func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusFound) }, 1, "HTTP status 302"},
		"too much": {func(w http.ResponseWriter, _ *http.Request) {
			for block := make([]byte, 1<<20); ; {
				if _, err := w.Write(block); err != nil {
					return
				}
			}
		}, 1, "more than 50331648 bytes"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var asked atomic.Int32
			j := newJob(t, sums(), func(w http.ResponseWriter, r *http.Request) {
				asked.Add(1)
				c.answer(w, r)
			})
			j.mirror = j.server
			j.expect(3, c.says)
			if asked.Load() != c.asked || len(j.kept()) != 0 {
				t.Errorf("asked %d times, where %d were expected, kept %q", asked.Load(), c.asked, j.kept())
			}
		})
	}
}

func TestRedirectIsFollowed(t *testing.T) {
	t.Parallel()
	j := newJob(t, sums(), func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/storage" {
			serve(w, r)
			return
		}
		http.Redirect(w, r, "/storage", http.StatusFound)
	})
	j.expect(7, "ran [action]")
}

func TestReleaseWithoutThisMachine(t *testing.T) {
	t.Parallel()
	j := newJob(t, strings.Repeat("0", 64)+"  sot_1.2.3_plan9_mips\n", nil)
	j.expect(3, "this release has no program for "+machine())
}

func TestToolCacheThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	j := newJob(t, sums(), serve)
	if err := os.WriteFile(j.cache, nil, 0o600); err != nil { // a file, where a folder must be
		t.Fatal(err)
	}
	j.expect(7, "ran [action]")
	if err := os.Remove(filepath.Join(j.dir, "..", "roots.pem")); err != nil {
		t.Fatal(err)
	}
	j.expect(7, "ran [action]") // from the job's own folder
}

func TestJobsAtOnce(t *testing.T) {
	t.Parallel()
	j := newJob(t, sums(), serve)
	var jobs sync.WaitGroup
	for range 6 {
		jobs.Go(func() { j.expect(7, "ran [action]") })
	}
	jobs.Wait()
	if kept := j.kept(); len(kept) != 2 {
		t.Errorf("kept %q", kept)
	}
}

func TestSignalsAreHandedOver(t *testing.T) {
	t.Parallel()
	if runtime.GOOS == "windows" {
		t.Skip("Windows has no way to ask one process to end")
	}
	j := newJob(t, sums(), serve)
	for _, s := range []os.Signal{os.Interrupt, syscall.SIGTERM} {
		cmd := j.command(stand + "=wait")
		out, err := cmd.StdoutPipe()
		if err != nil {
			t.Fatal(err)
		}
		if err := cmd.Start(); err != nil {
			t.Fatal(err)
		}
		deadline := time.AfterFunc(time.Minute, func() { _ = cmd.Process.Kill() })
		text := make([]byte, len("ready\n"))
		if _, err := out.Read(text); err != nil || string(text) != "ready\n" {
			t.Fatalf("%q, %v", text, err)
		}
		if err := cmd.Process.Signal(s); err != nil {
			t.Fatal(err)
		}
		var rest bytes.Buffer
		_, _ = rest.ReadFrom(out)
		_ = cmd.Wait()
		if !deadline.Stop() || cmd.ProcessState.ExitCode() != 42 || rest.String() != "got "+s.String()+"\n" {
			t.Errorf("%v: exit %d, %q", s, cmd.ProcessState.ExitCode(), rest.String())
		}
	}
}

func TestCheckoutIsBuilt(t *testing.T) {
	t.Parallel()
	j := newJob(t, sums(), nil) // even where sums lie in it
	j.write("go.mod", "module example.com/sot\n\ngo 1.21\n")
	j.write("cmd/sot/main.go", "package main\n\nimport \"os\"\n\nfunc main() { println(\"built\", os.Args[1]); os.Exit(9) }\n")
	// What the job sets for its own builds is not meant for this one.
	job := []string{"GITHUB_ACTION_REPOSITORY=", "GOOS=plan9", "GOFLAGS=-mod=vendor", "GOWORK=" + filepath.Join(j.dir, "none.work")}
	j.expect(9, "built action", job...)
	j.write("cmd/sot/main.go", "package main\n\nfunc main() { println(\"changed\") }\n")
	j.expect(0, "changed", job...)
	j.write("cmd/sot/main.go", "package main\n\nfunc main() { undefined() }\n")
	j.expect(3, "::error title=sot::go build of the action ended with 1", job...)
}

func TestUnreleasedCommitIsBuilt(t *testing.T) {
	t.Parallel()
	j := newJob(t, "", nil)
	j.write("go.mod", "module example.com/sot\n\ngo 1.21\n")
	j.write("cmd/sot/main.go", "package main\n\nfunc main() { println(\"built\") }\n")
	j.expect(0, "built")
}

func TestCheckoutWithoutGo(t *testing.T) {
	t.Parallel()
	j := newJob(t, "", nil)
	cmd := j.command("PATH=" + t.TempDir())
	out, _ := cmd.CombinedOutput()
	if cmd.ProcessState.ExitCode() != 3 || !strings.Contains(string(out), "there is no Go to build it with") {
		t.Errorf("exit %d: %s", cmd.ProcessState.ExitCode(), out)
	}
}
