package remote

import (
	"crypto/sha1" //nolint:gosec // the form of a password file
	"encoding/base64"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
)

// bazelRemote starts a real server, and returns its address.
func bazelRemote(t *testing.T, args ...string) string {
	t.Helper()
	program := os.Getenv("SOT_BAZEL_REMOTE")
	if program == "" {
		var err error
		if program, err = exec.LookPath("bazel-remote"); err != nil {
			t.Skip("no bazel-remote here: put it on PATH, or name it in SOT_BAZEL_REMOTE")
		}
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	at := l.Addr().String()
	if err := l.Close(); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command(program, append([]string{"--dir", t.TempDir(), "--max_size", "1", "--http_address", at, "--grpc_address", "none"}, args...)...)
	var log strings.Builder
	cmd.Stdout, cmd.Stderr = &log, &log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	ended := make(chan struct{})
	go func() { _ = cmd.Wait(); close(ended) }()
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		<-ended
		if t.Failed() {
			t.Log(log.String())
		}
	})
	for end := time.Now().Add(time.Minute); time.Now().Before(end); time.Sleep(20 * time.Millisecond) {
		if res, err := http.Get("http://" + at + "/status"); err == nil {
			_ = res.Body.Close()
			return "http://" + at
		}
		select {
		case <-ended:
			t.Fatal("it ended")
		default:
		}
	}
	t.Fatal("it does not listen")
	return ""
}

func TestBazelRemote(t *testing.T) {
	url := bazelRemote(t)
	roundTrip(t, connect(t, url, "token"), connect(t, url+"/team/repository", ""), cache.Key{9})
}

// With a password file, and reading for everybody.
func TestBazelRemoteWithPasswords(t *testing.T) {
	sum := sha1.Sum([]byte("pass")) //nolint:gosec // see above
	file := filepath.Join(t.TempDir(), "htpasswd")
	if err := os.WriteFile(file, []byte("user:{SHA}"+base64.StdEncoding.EncodeToString(sum[:])+"\n"), 0o600); err != nil {
		t.Fatal(err)
	}
	url := bazelRemote(t, "--htpasswd_file", file, "--allow_unauthenticated_reads")
	err := connect(t, url, "user:wrong").Push(t.Context(), cache.Key{9}, some(3))
	if err == nil || !strings.Contains(err.Error(), "status 401") {
		t.Errorf("a wrong password: %v", err)
	}
	roundTrip(t, connect(t, url, "user:pass"), connect(t, url, ""), cache.Key{9})
	strict := bazelRemote(t, "--htpasswd_file", file)
	if err := connect(t, strict, "").Fetch(t.Context(), cache.Key{9}, func(Pair) {}); err == nil || !strings.Contains(err.Error(), "status 401") {
		t.Errorf("without a password: %v", err)
	}
	withPassword := strings.Replace(strict, "http://", "http://user:pass@", 1)
	if got := fetch(t, connect(t, withPassword, ""), cache.Key{9}); len(got) != 0 {
		t.Error(len(got))
	}
}
