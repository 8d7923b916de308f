package source

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"os/exec"
	"slices"
	"strconv"
	"strings"
)

// catFile reads objects from one `git cat-file --batch`, started at the first
// read: 6 ms to start, then some 20 microseconds an object.
type catFile struct {
	git *gitCmd
	cmd *exec.Cmd
	in  io.WriteCloser
	out *bufio.Reader
}

func (c *catFile) start() error {
	cmd := c.git.command(context.Background(), "cat-file", "--batch")
	in, err := cmd.StdinPipe()
	if err != nil {
		return err
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		return err
	}
	if err := cmd.Start(); err != nil {
		return err
	}
	c.cmd, c.in, c.out = cmd, in, bufio.NewReaderSize(out, 64<<10)
	return nil
}

// read asks for one object, by id or by "commit:path".
func (c *catFile) read(name string, buf []byte, limit int64) ([]byte, error) {
	if strings.ContainsAny(name, "\n\x00") || name == "" {
		return nil, fmt.Errorf("object %q: no such name", name)
	}
	if c.cmd == nil {
		if err := c.start(); err != nil {
			return nil, fmt.Errorf("git cat-file: %w", err)
		}
	}
	data, err := c.ask(name, buf, limit)
	if err != nil && !isAnswer(err) {
		c.kill() // out of step: start afresh at the next read
		return nil, fmt.Errorf("git cat-file %s: %w", name, err)
	}
	return data, err
}

// ask speaks the protocol of git-cat-file(1), "BATCH OUTPUT": a line
// "id type size", the content, a line feed; or "name missing".
func (c *catFile) ask(name string, buf []byte, limit int64) ([]byte, error) {
	if _, err := io.WriteString(c.in, name+"\n"); err != nil {
		return nil, err
	}
	line, err := c.out.ReadString('\n')
	if err != nil {
		return nil, err
	}
	f := strings.Fields(line)
	if len(f) < 3 || len(f[0]) < 40 {
		return nil, &answer{fmt.Errorf("object %s", strings.TrimSpace(line))} // "... missing"
	}
	size, err := strconv.ParseInt(f[2], 10, 64)
	if err != nil || size < 0 {
		return nil, fmt.Errorf("cannot read %q", line)
	}
	want := size
	if limit > 0 && size > limit {
		want = min(size, headSize)
	}
	buf = slices.Grow(buf[:0], int(want))[:want]
	if _, err := io.ReadFull(c.out, buf); err != nil {
		return nil, err
	}
	if err := c.skip(size - want); err != nil {
		return nil, err
	}
	if f[1] != "blob" {
		return nil, &answer{fmt.Errorf("object %s is a %s", name, f[1])}
	}
	if want < size {
		return nil, &TooLargeError{Size: size, Head: buf}
	}
	return buf, nil
}

// skip passes over the rest of an object and its line feed. A large rest is
// cheaper to leave: the process is ended.
func (c *catFile) skip(rest int64) error {
	const tooMuch = 4 << 20
	if rest > tooMuch {
		c.kill()
		return nil
	}
	_, err := io.CopyN(io.Discard, c.out, rest+1)
	return err
}

// answer marks an error that git gave in step with the protocol.
type answer struct{ error }

func (a *answer) Unwrap() error { return a.error }

func isAnswer(err error) bool {
	switch err.(type) {
	case *answer, *TooLargeError:
		return true
	}
	return false
}

func (c *catFile) kill() {
	if c.cmd == nil {
		return
	}
	_ = c.cmd.Process.Kill()
	_ = c.Close()
}

// Close ends the process.
func (c *catFile) Close() error {
	if c.cmd == nil {
		return nil
	}
	_ = c.in.Close()
	_ = c.cmd.Wait() // it ends with its input; how it ended tells nothing
	c.cmd = nil
	return nil
}
