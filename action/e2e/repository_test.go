//go:build linux

package e2e_test

import (
	"encoding/json"
	"path/filepath"
	"strings"
	"testing"
)

// repository makes a repository with a pull request: main, and a branch that is one
// commit ahead, checked out, with findings of its own and none of main's.
func repository(t testing.TB, dir string) (base, head string) {
	t.Helper()
	git := func(args ...string) string {
		return strings.TrimSpace(run(t, dir, append([]string{"git", "-c", "user.name=e2e", "-c", "user.email=e2e@example.com"}, args...)...))
	}
	write(t, filepath.Join(dir, "sot.yaml"), `version: 1
rules:
  - use: trailing-whitespace
  - use: check-json
  - id: no-print
    description: Only the logger writes
    files: "**/*.py"
    content: { forbid: [{ pattern: '\bprint\(', message: use the logger }] }
  - id: words
    files: "**/*.txt"
    command: { run: "cat {files}", parse: none }
`)
	write(t, filepath.Join(dir, "old.py"), "print('not part of the change')\n")
	run(t, dir, "git", "init", "-q", "-b", "main")
	git("add", ".")
	git("commit", "-qm", "base")
	base = git("rev-parse", "HEAD")
	git("checkout", "-q", "-b", "topic")
	write(t, filepath.Join(dir, "app.py"), "import log\nprint('hello')\n")
	write(t, filepath.Join(dir, "data.json"), "{\"a\": 1,}\n")
	write(t, filepath.Join(dir, "notes.txt"), "a line \nanother\n")
	git("add", ".")
	git("commit", "-qm", "topic")
	return base, git("rev-parse", "HEAD")
}

// pullRequest is the event's payload, as far as it matters.
func pullRequest(t testing.TB, file, base, head string) {
	t.Helper()
	repo := map[string]any{"full_name": "o/r", "default_branch": "main", "name": "r", "owner": map[string]any{"login": "o"}}
	b, err := json.Marshal(map[string]any{
		"action": "opened", "number": 7, "repository": repo,
		"pull_request": map[string]any{
			"number": 7, "changed_files": 3,
			"base": map[string]any{"sha": base, "ref": "main", "repo": repo},
			"head": map[string]any{"sha": head, "ref": "topic", "repo": repo},
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	write(t, file, string(b))
}
