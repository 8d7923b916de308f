package source

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strings"
	"time"
)

// gitCmd runs git's binary in one repository.
type gitCmd struct {
	bin string
	dir string   // working directory of every call
	env []string // complete
}

// gitError is a git that ended with an error.
type gitError struct {
	args   []string
	code   int
	stderr string
}

// Error returns what git said.
func (e *gitError) Error() string {
	msg := strings.TrimSpace(e.stderr)
	if msg == "" {
		msg = fmt.Sprintf("exit status %d", e.code)
	}
	return fmt.Sprintf("git %s: %s", e.args[0], msg)
}

// Stderr of a refused repository, in the C locale (setup.c of git).
const (
	dubious       = "dubious ownership"
	notRepository = "not a git repository (or any"
	noWorkTree    = "must be run in a work tree"
)

func gitSays(err error, what string) bool {
	var ge *gitError
	return errors.As(err, &ge) && strings.Contains(ge.stderr, what)
}

// options stand before the subcommand of every call: no daemon, no pager, and
// paths that are paths, never patterns.
var options = []string{"--no-pager", "-c", "core.fsmonitor=false", "--literal-pathspecs"}

// gitEnv returns env for a git child: English messages, no index writes by
// the way, no questions, and paths read in no way but ours.
func gitEnv(env []string) []string {
	out := make([]string, 0, len(env)+4)
	for _, kv := range env {
		if name, _, _ := strings.Cut(kv, "="); !strings.HasSuffix(name, "_PATHSPECS") {
			out = append(out, kv)
		}
	}
	return append(out, "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C", "LANGUAGE=C")
}

func (g *gitCmd) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, g.bin, append(options[:len(options):len(options)], args...)...)
	cmd.Dir, cmd.Env = g.dir, g.env
	cmd.WaitDelay = 2 * time.Second
	return cmd
}

// run returns what git prints. Stdin may be nil.
func (g *gitCmd) run(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	out, _, err := g.runBoth(ctx, stdin, args...)
	return out, err
}

// runBoth returns what git prints, and its warnings.
func (g *gitCmd) runBoth(ctx context.Context, stdin io.Reader, args ...string) (out []byte, warnings string, err error) {
	return runCmd(ctx, g.command(ctx, args...), stdin, args)
}

// runPlain is run for subcommands that refuse --literal-pathspecs.
func (g *gitCmd) runPlain(ctx context.Context, stdin io.Reader, args ...string) ([]byte, error) {
	cmd := g.command(ctx, args...)
	cmd.Args = slices.DeleteFunc(cmd.Args, func(arg string) bool { return arg == "--literal-pathspecs" })
	out, _, err := runCmd(ctx, cmd, stdin, args)
	return out, err
}

func runCmd(ctx context.Context, cmd *exec.Cmd, stdin io.Reader, args []string) (out []byte, warnings string, err error) {
	var stdout, stderr bytes.Buffer
	cmd.Stdin, cmd.Stdout, cmd.Stderr = stdin, &stdout, &stderr
	err = cmd.Run()
	if ctx.Err() != nil {
		return nil, "", ctx.Err()
	}
	var exit *exec.ExitError
	if errors.As(err, &exit) {
		return stdout.Bytes(), stderr.String(), &gitError{args: args, code: exit.ExitCode(), stderr: stderr.String()}
	}
	return stdout.Bytes(), stderr.String(), err
}
