package command

import (
	"context"
	"io"
	"os/exec"
	"slices"
	"time"
)

// grace is how long a process group has to end after it was asked to, before
// it is killed; and how long the output is waited for after a program has
// ended while something that it started still holds it open.
const grace = 2 * time.Second

// What is kept of a program's output, in bytes. The rest is read and dropped,
// so that the program is not blocked.
const (
	maxStdout = 32 << 20
	maxStderr = 4 << 20
)

// process is one program to run.
type process struct {
	path  string   // of the executable, absolute
	argv  []string // the name first
	dir   string   // absolute
	env   []string
	merge bool // stdout and stderr go to one place, in the order of writing
	grace time.Duration
}

// outcome is how a program ended.
type outcome struct {
	stdout, stderr []byte
	cut            bool // there was more than is kept
	code           int  // the exit code; -1 where a signal ended it
	signal         string
	failed         error   // it could not be started
	cpu            float64 // seconds, of the program and all below it that was waited for; 0 where not known
	memory         int64   // bytes of the largest of them at its peak; 0 where not known
}

// execute runs a program to its end. When the context ends, the whole process
// group is asked to end, then killed.
func (p process) execute(ctx context.Context) outcome {
	stdout, stderr := &capture{limit: maxStdout}, &capture{limit: maxStderr}
	cmd, g, err := p.start(ctx, stdout, stderr)
	if err != nil {
		return outcome{failed: err}
	}
	defer g.close()
	err = cmd.Wait()
	switch {
	case ctx.Err() != nil:
		g.end(p.grace)
	case !stdout.ended || !p.merge && !stderr.ended:
		// Something in the background still holds the output open. A daemon
		// that let go of it is left alone, as a shell would.
		g.end(0)
	}
	o := outcome{stdout: stdout.data, stderr: stderr.data, cut: stdout.cut || stderr.cut, code: -1}
	if s := cmd.ProcessState; s != nil {
		o.code, o.signal = s.ExitCode(), signalName(s)
		o.cpu, o.memory = g.used(s)
	} else {
		o.failed = err
	}
	return o
}

// start starts the program. One that was written a moment ago may be busy: what
// another worker started meanwhile holds its file open until it is a program of its
// own (golang.org/issue/22315).
func (p process) start(ctx context.Context, stdout, stderr *capture) (*exec.Cmd, *group, error) {
	for wait := time.Millisecond; ; wait *= 2 {
		cmd := exec.CommandContext(ctx, p.path, p.argv[1:]...)
		cmd.Args[0] = p.argv[0]
		cmd.Dir, cmd.Env = p.dir, slices.Concat(p.env, []string{"PWD=" + p.dir})
		cmd.Stdout, cmd.Stderr = stdout, stderr
		if p.merge {
			cmd.Stderr = io.Writer(stdout)
		}
		cmd.WaitDelay = p.grace
		g := newGroup(cmd)
		err := cmd.Start()
		if err == nil {
			g.started()
			return cmd, g, nil
		}
		g.close()
		if !busy(err) || wait > time.Second || ctx.Err() != nil {
			return nil, nil, err
		}
		time.Sleep(wait)
	}
}

// capture keeps the first bytes that are written to it.
type capture struct {
	data  []byte
	limit int
	cut   bool
	ended bool // the last one that could write has gone
}

// ReadFrom reads to the end; io.Copy calls it. exec.Cmd does not say that it
// gave up on the end where the program has failed as well (ErrWaitDelay).
func (c *capture) ReadFrom(r io.Reader) (total int64, err error) {
	b := make([]byte, 32<<10)
	for {
		n, err := r.Read(b)
		total += int64(n)
		c.keep(b[:n])
		if err == io.EOF {
			c.ended = true
			return total, nil
		}
		if err != nil {
			return total, err
		}
	}
}

// Write keeps what fits, and takes the rest as well.
func (c *capture) Write(b []byte) (int, error) {
	c.keep(b)
	return len(b), nil
}

func (c *capture) keep(b []byte) {
	n := min(len(b), c.limit-len(c.data))
	c.data = append(c.data, b[:n]...)
	c.cut = c.cut || n < len(b)
}
