//go:build linux

// Package e2e_test runs the action whole, as GitHub does: the example workflow by
// act in a container, and the image as the runner starts it, against a strict cache
// service and a mock of GitHub's API that checks every request. What of this the
// machine cannot do is skipped, with the reason; .ci/run installs what it takes.
package e2e_test

import (
	"archive/tar"
	"bytes"
	"compress/gzip"
	"io"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"testing"
)

// need skips a test that a program is missing for.
func need(t testing.TB, programs ...string) {
	t.Helper()
	if testing.Short() {
		t.Skip("containers take long")
	}
	for _, p := range programs {
		if _, err := exec.LookPath(p); err != nil {
			t.Skipf("there is no %s here; .ci/run installs it", p)
		}
	}
}

// engine skips a test where no Docker engine answers.
func engine(t testing.TB) {
	t.Helper()
	need(t, "docker")
	if out, err := exec.Command("docker", "version").CombinedOutput(); err != nil {
		t.Skipf("no Docker engine answers; .ci/run starts one: %s", lastLine(out))
	}
}

func lastLine(b []byte) string {
	lines := strings.Split(strings.TrimSpace(string(b)), "\n")
	return lines[len(lines)-1]
}

// run runs a program, and returns what it printed; it must succeed.
func run(t testing.TB, dir string, args ...string) string {
	t.Helper()
	cmd := exec.Command(args[0], args[1:]...)
	cmd.Dir = dir
	out, err := cmd.CombinedOutput()
	if err != nil {
		t.Fatalf("%q: %v\n%s", args, err, out)
	}
	return string(out)
}

func write(t testing.TB, file, text string) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(file), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(file, []byte(text), 0o644); err != nil {
		t.Fatal(err)
	}
}

func read(t testing.TB, file string) []byte {
	t.Helper()
	b, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// program builds sot as a release is built, once for all tests, and returns its
// bytes: they outlive the test that was first.
func program(t testing.TB) []byte {
	t.Helper()
	b, err := build()
	if err != nil {
		t.Fatal(err)
	}
	return b
}

var build = sync.OnceValues(func() ([]byte, error) {
	dir, err := os.MkdirTemp("", "sot-e2e")
	if err != nil {
		return nil, err
	}
	defer func() { _ = os.RemoveAll(dir) }()
	file := filepath.Join(dir, "sot")
	cmd := exec.Command("go", "build", "-trimpath", "-buildvcs=false", "-ldflags", "-s -w -X main.version="+version, "-o", file, "./cmd/sot")
	cmd.Dir = "../.."
	cmd.Env = append(os.Environ(), "CGO_ENABLED=0")
	cmd.Stderr = os.Stderr
	if err := cmd.Run(); err != nil {
		return nil, err
	}
	return os.ReadFile(file)
})

const version = "0.9.0-e2e"

func zip(t testing.TB, b []byte) []byte {
	t.Helper()
	var z bytes.Buffer
	w, err := gzip.NewWriterLevel(&z, gzip.BestSpeed)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := w.Write(b); err != nil {
		t.Fatal(err)
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
	return z.Bytes()
}

// runnerPrograms are what act starts in a job's container, and what the action does.
var runnerPrograms = []string{"bash", "sh", "node", "git", "env", "tail", "mkdir", "chmod", "chown", "cp", "cat", "ls", "rm", "sleep", "uname", "id"}

var libraries = regexp.MustCompile(`/\S+`)

// system writes a job's file system, as a tar: this machine's own programs and what
// they load, because no registry of images is within reach.
func system(t testing.TB, to io.Writer, more map[string]string) {
	t.Helper()
	w := tar.NewWriter(to)
	seen := map[string]bool{}
	add := func(name string, mode int64, data []byte) {
		if seen[name] {
			return
		}
		seen[name] = true
		if err := w.WriteHeader(&tar.Header{Name: strings.TrimPrefix(name, "/"), Mode: mode, Size: int64(len(data))}); err != nil {
			t.Fatal(err)
		}
		if _, err := w.Write(data); err != nil {
			t.Fatal(err)
		}
	}
	for _, p := range runnerPrograms {
		file, err := exec.LookPath(p)
		if err != nil {
			t.Skipf("a job's container needs %s, which is not here", p)
		}
		add(path.Join("/usr/bin", p), 0o755, read(t, file))
		add(path.Join("/bin", p), 0o755, read(t, file))
		out, _ := exec.Command("ldd", file).Output() // a static program loads nothing
		for _, lib := range libraries.FindAllString(string(out), -1) {
			add(lib, 0o755, read(t, lib))
		}
	}
	add("/etc/passwd", 0o644, []byte("root:x:0:0:root:/root:/bin/bash\nrunner:x:1001:1001::/home/runner:/bin/bash\n"))
	add("/etc/group", 0o644, []byte("root:x:0:\n"))
	for name, text := range more {
		add(name, 0o644, []byte(text))
	}
	for name, mode := range map[string]int64{"tmp/": 0o1777, "root/": 0o700, "home/runner/": 0o755} {
		if err := w.WriteHeader(&tar.Header{Name: name, Typeflag: tar.TypeDir, Mode: mode}); err != nil {
			t.Fatal(err)
		}
	}
	if err := w.Close(); err != nil {
		t.Fatal(err)
	}
}
