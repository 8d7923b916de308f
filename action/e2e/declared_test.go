//go:build linux

package e2e_test

import (
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
)

// action.yml is what the published schema of actions asks for. The newest release of
// the validator is older than Node 24 on runners, which is its only complaint.
func TestActionIsDeclaredAsPublished(t *testing.T) {
	need(t, "node")
	cli := module(t, "@action-validator/cli", "cli.mjs")
	text := string(read(t, "../../action.yml"))
	const node24 = "using: node24\n"
	for what, c := range map[string]struct {
		text  string
		valid bool
	}{
		"as it is":    {strings.Replace(text, node24, "using: node20\n", 1), true},
		"unknown key": {strings.Replace(text, node24, "using: node20\n  mian: x.js\n", 1), false},
	} {
		file := filepath.Join(t.TempDir(), "action.yml")
		write(t, file, c.text)
		if out, err := exec.Command("node", cli, file).CombinedOutput(); (err == nil) != c.valid {
			t.Errorf("%s: %v\n%s", what, err, out)
		}
	}
}
