package main

import (
	"os"
	"os/exec"
	"path/filepath"
	"runtime"
	"strings"
	"syscall"
	"testing"
)

// sot's hook and a framework's keep each other under names of their own. In
// whatever order they were installed, each runs once, and a commit goes through.
func TestHookBesideFrameworks(t *testing.T) {
	if runtime.GOOS == "windows" {
		t.Skip("the hooks here are shell scripts")
	}
	sot := filepath.Join(t.TempDir(), "sot")
	if out, err := exec.Command("go", "build", "-o", sot, ".").CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out)
	}
	for _, f := range frameworks {
		t.Run(f.name, func(t *testing.T) {
			bin := os.Getenv(f.variable)
			if bin == "" {
				bin = f.name
			}
			if _, err := exec.LookPath(bin); err != nil {
				t.Skipf("%s is not installed (%s names it elsewhere)", bin, f.variable)
			}
			for _, order := range []string{"s", "p", "ps", "sp", "sps", "psp", "spsp", "psps", "usp"} {
				t.Run(order, func(t *testing.T) {
					t.Parallel()
					besideFramework(t, bin, sot, order)
				})
			}
		})
	}
}

// besideFramework installs sot (s), the framework (p) and a hook of the user's (u).
func besideFramework(t *testing.T, bin, sot, order string) {
	r := &frameworkRepo{t: t, bin: bin, framework: order, dir: t.TempDir(), env: isolatedEnv(t)}
	counts := t.TempDir()
	count := func(name string) int {
		data, _ := os.ReadFile(filepath.Join(counts, name)) // there is none where it did not run
		return strings.Count(string(data), "x")
	}
	r.must("git", "init", "-q", "-b", "main")
	r.write(".pre-commit-config.yaml", "repos:\n  - repo: local\n    hooks:\n"+
		"      - { id: p, name: p, language: system, entry: 'sh -c \"printf x >> "+counts+"/p\"', pass_filenames: false, always_run: true }\n")
	r.write("sot.yaml", "version: 1\nrules:\n  - use: trailing-whitespace\n  - id: s\n    command: { run: 'printf x >> "+counts+"/s', shell: true, files: none, snapshot: never }\n")
	r.must("git", "add", ".")
	for _, who := range order {
		switch who {
		case 's':
			r.must(sot, "hook", "install", "--force")
		case 'p':
			r.must(bin, "install")
		case 'u':
			hook := filepath.Join(r.dir, ".git", "hooks", "pre-commit")
			syscall.ForkLock.RLock() // a process that starts now would make it busy (golang.org/issue/22315)
			err := os.WriteFile(hook, []byte("#!/bin/sh\nprintf x >> "+counts+"/u\n"), 0o755)
			syscall.ForkLock.RUnlock()
			if err != nil {
				t.Fatal(err)
			}
		}
	}
	out := r.must("git", "commit", "-qm", "good")
	for _, who := range []string{"s", "p", "u"} {
		want := min(1, strings.Count(order, who))
		if got := count(who); got != want {
			t.Errorf("%s ran %d times, not %d:\n%s", who, got, want, out)
		}
	}
	if strings.Contains(order, "s") {
		r.write("bad.txt", "bad  \n")
		r.must("git", "add", "bad.txt")
		r.stopped([]string{"bad.txt"}, "git", "commit", "-qm", "bad")
	}
}
