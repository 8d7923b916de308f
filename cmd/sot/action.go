package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sot-validator/sot/action"
	"github.com/sot-validator/sot/engine/report"
	"github.com/spf13/cobra"
)

func newAction(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "action",
		Short: "Run as a step of GitHub Actions",
		Long: "Run as a step of GitHub Actions: read the step's inputs (INPUT_*) and the event,\ncheck what changed, and tell of it on GitHub. The action's container and launcher\nstart this; a workflow says `uses: sot-validator/sot`.\n\n" +
			"Exit codes are those of `sot run`.",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			ctx := cmd.Context()
			code := action.Run(ctx, action.Options{
				Getenv: os.Getenv, Environ: os.Environ(), Out: s.Out, Version: Version(),
				Parse:   func(args []string) (action.Flags, error) { return actionFlags(s, args) },
				Explain: func(w io.Writer, err error) int { return exitCode(err, ctx, Streams{Err: w}) },
			})
			if code != report.ExitClean {
				return &exitError{code}
			}
			return nil
		},
	}
}

// notForAction are flags of run that an input of the action says, or that have no
// meaning there.
var notForAction = [...][2]string{
	{"all", "files: all says that"}, {"base", "the input base says that"}, {"head", "what is checked out is judged"},
	{"staged", "nothing is staged in a job"}, {"config", "the input config says that"},
	{"fix", "a job mends nothing that anybody sees; fix: suggest shows the fixes"}, {"diff", "fix: suggest shows the fixes"},
	{"write-baseline", "run it in a clone, and commit the file"}, {"color", "the log has none"},
	{"quiet", "the log folds what is long"}, {"budget", "nothing comes after a job to which rules could be left"},
	{"shard", "`run: sot run --shard` in a job of the matrix; docs/sharding.md has the workflow"},
	{"profile-delta", "the cache keeps what a step learned; docs/sharding.md is about parts"},
}

// actionFlags reads flags of `sot run` for a step.
func actionFlags(s Streams, args []string) (action.Flags, error) {
	f := &runFlags{}
	cmd := &cobra.Command{Use: "run", SilenceErrors: true, SilenceUsage: true}
	f.addAll(cmd)
	if err := cmd.ParseFlags(args); err != nil {
		return action.Flags{}, fmt.Errorf("%w; `sot run --help` shows what there is", err)
	}
	for _, x := range notForAction {
		if cmd.Flags().Changed(x[0]) {
			return action.Flags{}, fmt.Errorf("--%s is not for a step: %s", x[0], x[1])
		}
	}
	if rest := cmd.Flags().Args(); len(rest) > 0 {
		return action.Flags{}, fmt.Errorf("%q: it takes flags of `sot run`, and no paths", strings.Join(rest, " "))
	}
	o, err := f.options(nil)
	if err != nil {
		return action.Flags{}, err
	}
	outs, err := f.outputs()
	if err != nil {
		return action.Flags{}, err
	}
	for i, out := range outs {
		if out.file == "" && i < len(f.formats) {
			return action.Flags{}, fmt.Errorf("--format %s names no file, and the log holds the text: write --format %s=FILE", out.format, out.format)
		}
	}
	write := func(rep *report.Report) error {
		var errs []error
		for _, out := range outs[:len(f.formats)] {
			errs = append(errs, f.write(s, out, rep))
		}
		return errors.Join(append(errs, f.writeTrace(rep))...)
	}
	return action.Flags{Engine: o, Verbose: f.verbose, Write: write}, nil
}
