package hook

import (
	"context"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule/message"
	"github.com/sot-validator/sot/engine/source"
)

// Options say which hook runs.
type Options struct {
	Stage string // pre-commit, pre-push or commit-msg
	// Args are what git gives the hook: the remote's name and URL, or the file
	// that holds the message.
	Args []string
	// In is the hook's standard input: what is pushed.
	In io.Reader
	// Framework says that pre-commit or prek runs us: see framework.
	Framework bool
	// Engine is how to run. Source.Dir and Source.Env are kept; the other sources,
	// Stage and Message are filled in.
	Engine engine.Options
}

// Run judges what git is about to do. The error is one of engine.Run's.
func Run(ctx context.Context, o Options) (*report.Report, error) {
	started := time.Now()
	if o.Engine.Source.Env == nil {
		o.Engine.Source.Env = os.Environ()
	}
	if getenv(o.Engine.Source.Env, "SOT_SKIP") == "1" {
		return nothing(o, started, "skipped by SOT_SKIP=1"), nil
	}
	jobs, notes, err := plan(ctx, o)
	if err != nil {
		return nil, err
	}
	if len(jobs) == 0 {
		return nothing(o, started, notes...), nil
	}
	var reports []*report.Report
	for _, job := range jobs {
		r, err := engine.Run(ctx, job)
		if err != nil {
			return nil, err
		}
		reports = append(reports, r)
	}
	r := join(reports)
	r.Notes = slices.Concat(notes, r.Notes)
	if err := afterFixes(ctx, o, r); err != nil {
		return nil, err
	}
	r.Run.Started, r.Run.Seconds = started, time.Since(started).Seconds()
	if jobs[0].Message != nil {
		r.Run.Source = sourceOf(message.Stage)
	}
	return r, nil
}

// plan returns the runs that judge what git is about to do, mostly one, and
// notes about them. Without any there is nothing to check, and the notes say why.
func plan(ctx context.Context, o Options) (jobs []engine.Options, notes []string, err error) {
	job := o.Engine
	job.Stage, job.Hook = o.Stage, true
	if o.Framework {
		return framework(ctx, o, job)
	}
	switch o.Stage {
	case "pre-commit":
		return []engine.Options{staged(job)}, nil, nil
	case "pre-push":
		return pushed(ctx, o, job)
	case message.Stage:
		job, err = judged(ctx, o, job)
		return []engine.Options{job}, nil, err
	}
	return nil, nil, known([]string{o.Stage})
}

// staged judges what the commit that git is making will change.
func staged(job engine.Options) engine.Options {
	job.Source.Mode, job.Source.Commit = source.Staged, true
	job.Source.Amend = runningCommit().amend
	job.Mend = Mend
	return job
}

// judged judges a commit's message.
func judged(ctx context.Context, o Options, job engine.Options) (engine.Options, error) {
	if len(o.Args) != 1 {
		return job, usagef("the hook commit-msg takes the file that holds the message, as git gives it: `sot hook run commit-msg .git/COMMIT_EDITMSG`")
	}
	path, err := filepath.Abs(filepath.Join(job.Source.Dir, o.Args[0]))
	if filepath.IsAbs(o.Args[0]) {
		path, err = o.Args[0], nil
	}
	if err != nil {
		return job, err
	}
	raw, err := os.ReadFile(path)
	if err != nil {
		return job, usagef("the commit message cannot be read: %v", err)
	}
	c, err := cleanupOf(ctx, job.Source, raw)
	if err != nil {
		return job, err
	}
	text, drops := c.clean(raw)
	job.Source.Mode = source.Staged // the configuration is read from there
	job.Message = &engine.Message{Path: path, Text: text, Drops: drops}
	return job, nil
}

// nothing is the report of a run that had nothing to check.
func nothing(o Options, started time.Time, notes ...string) *report.Report {
	return &report.Report{
		Tool:  report.Tool{Name: "sot", Version: o.Engine.Version},
		Run:   report.Run{Source: sourceOf(o.Stage), Started: started, Seconds: time.Since(started).Seconds()},
		Notes: notes,
	}
}

// getenv returns the last value of a variable in env.
func getenv(env []string, name string) string {
	for i := len(env) - 1; i >= 0; i-- {
		if k, v, ok := strings.Cut(env[i], "="); ok && k == name {
			return v
		}
	}
	return ""
}

// sourceOf is the source's name in the report of a stage.
func sourceOf(stage string) string {
	switch stage {
	case "pre-push":
		return "range"
	case message.Stage:
		return "message"
	}
	return "staged"
}
