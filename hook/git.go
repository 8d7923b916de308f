package hook

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os/exec"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine"
)

// git runs git's binary in a folder.
type git struct {
	dir string
	env []string // nil is the process's
}

// gitError is a git that ended with an error.
type gitError struct {
	args   []string
	code   int
	stderr string
}

// Error returns what git said.
func (e *gitError) Error() string {
	if e.stderr == "" {
		return fmt.Sprintf("git %s: exit status %d", e.args[0], e.code)
	}
	return fmt.Sprintf("git %s: %s", e.args[0], e.stderr)
}

// run returns what git prints, without the line end at its end.
func (g git) run(ctx context.Context, args ...string) (string, error) {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir, cmd.Env, cmd.WaitDelay = g.dir, g.env, 2*time.Second
	var stdout, stderr bytes.Buffer
	cmd.Stdout, cmd.Stderr = &stdout, &stderr
	err := cmd.Run()
	var exit *exec.ExitError
	switch {
	case ctx.Err() != nil:
		return "", ctx.Err()
	case errors.As(err, &exit):
		return stdout.String(), &gitError{args, exit.ExitCode(), strings.TrimSpace(stderr.String())}
	case err != nil:
		return "", fmt.Errorf("git could not be run: %w", err)
	}
	return strings.TrimSuffix(stdout.String(), "\n"), nil
}

// ended says whether an error is a git that ended with this exit code.
func ended(err error, code int) bool {
	var ge *gitError
	return errors.As(err, &ge) && ge.code == code
}

func usagef(format string, args ...any) error {
	return &engine.UsageError{Message: fmt.Sprintf(format, args...)}
}
