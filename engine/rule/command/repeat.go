package command

import (
	"context"
	"errors"
	"fmt"
	"path/filepath"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// The limits of a version_command.
const (
	versionTime  = 10 * time.Second
	versionBytes = 64 << 10
)

// keep reads `inputs` and `version_command`: what makes verdicts worth keeping.
func (c *check) keep(body rule.Value, shell bool) (problems []rule.Problem) {
	if v := body.Get("inputs"); v.Set() {
		c.inputs = append([]string{}, v.Strings()...)
		if v.Kind == rule.String {
			c.inputs = []string{v.Scalar}
		}
	}
	if c.inputs != nil && len(c.inputs) == 0 && c.files == filesNone {
		problems = append(problems, body.Get("inputs").Problemf("list the files that it looks at", "with files: none, inputs are all that its verdict follows from"))
	}
	v := body.Get("version_command")
	if !v.Set() {
		return problems
	}
	if c.inputs == nil {
		problems = append(problems, v.Problemf("add inputs, which may be []", "version_command has no effect without inputs"))
	}
	t, ps := newTemplate(v, filesNone, shell)
	c.version = t
	return append(problems, ps...)
}

// Inputs returns the globs of the files that a verdict also depends on.
func (c *check) Inputs() ([]string, error) {
	if c.inputs == nil {
		return nil, errors.New("the rule does not say what its verdict depends on beside the files; add inputs")
	}
	return c.inputs, nil
}

// Repeats says what one verdict is about. Without a parser, what a program says
// of many files is one text, which is no file's.
func (c *check) Repeats() rule.Repeat {
	switch {
	case c.files == filesNone:
		return rule.RepeatInputs
	case c.files == filesMany && c.parse.parse == nil:
		return rule.RepeatFiles
	}
	return rule.RepeatFile
}

// Program returns what version_command prints, and where the program lies below
// the root.
func (c *check) Program(ctx context.Context, where rule.Place) (version, local string, err error) {
	v := c.asking(ctx, where, c.run)
	pr, ok := v.process()
	if !ok {
		return "", "", v.why()
	}
	for _, root := range v.mapper.roots {
		if rel, inside := below(root, filepath.ToSlash(pr.path)); inside && c.run.words != nil {
			local = rel
		}
	}
	if c.version != nil {
		version, err = c.told(ctx, where)
	}
	return version, local, err
}

// asking is an invocation that judges nothing.
func (c *check) asking(ctx context.Context, where rule.Place, t *template) *invocation {
	return &invocation{check: c, pass: rule.NewPass(ctx, &rule.Rule{Check: c}, nil), where: where, template: t, mapper: newMapper(where.Root, c.dir, nil, c.files)}
}

// why is what kept the program from being run.
func (v *invocation) why() error {
	for _, f := range v.pass.Faults() {
		return errors.New(f.Message)
	}
	return errors.New(v.pass.Skipped())
}

// told runs version_command.
func (c *check) told(ctx context.Context, where rule.Place) (string, error) {
	ctx, cancel := context.WithTimeout(ctx, versionTime)
	defer cancel()
	v := c.asking(ctx, where, c.version)
	pr, ok := v.process()
	if !ok {
		return "", fmt.Errorf("version_command: %w", v.why())
	}
	pr.merge = true
	switch o := pr.execute(ctx); {
	case ctx.Err() != nil:
		return "", fmt.Errorf("version_command did not end within %s", versionTime)
	case o.failed != nil:
		return "", fmt.Errorf("version_command could not be started: %w", o.failed)
	case o.code != 0:
		return "", fmt.Errorf("version_command exited with %d", o.code)
	case len(o.stdout) > versionBytes:
		return "", fmt.Errorf("version_command printed more than %d KiB", versionBytes>>10)
	case len(o.stdout) == 0:
		return "", errors.New("version_command printed nothing")
	default:
		return string(o.stdout), nil
	}
}
