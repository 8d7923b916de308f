package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"strings"
	"syscall"

	"github.com/sot-validator/sot/action"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
	"github.com/spf13/cobra"
)

// Streams are the process's standard streams.
type Streams struct {
	In  io.Reader
	Out io.Writer
	Err io.Writer
}

// version is set by release builds with -ldflags "-X main.version=1.2.3".
var version = ""

// Version returns the release's version, or the module's where it was built by
// `go install`.
func Version() string {
	if version != "" {
		return version
	}
	if info, ok := debug.ReadBuildInfo(); ok && strings.HasPrefix(info.Main.Version, "v") {
		return strings.TrimPrefix(info.Main.Version, "v")
	}
	return "0.1.0+dev" // build metadata: it meets min_version 0.1.0
}

// exitError carries the exit code of a run that said by itself what there is to
// say.
type exitError struct{ code int }

func (e *exitError) Error() string { return fmt.Sprintf("exit code %d", e.code) }

// Main runs sot and returns its exit code: 0 clean, 1 findings, 2 wrong usage
// or configuration, 3 a fault, 130 interrupted.
func Main(args []string, s Streams) int {
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	defer stop()
	go func() {
		<-ctx.Done()
		stop() // a second signal ends the process at once
	}()
	root := newRoot(s)
	root.SetArgs(args)
	return exitCode(root.ExecuteContext(ctx), ctx, s)
}

func exitCode(err error, ctx context.Context, s Streams) int {
	var exit *exitError
	var problems config.Problems
	var wrong *engine.UsageError
	var source *source.UsageError
	var step *action.UsageError
	switch {
	case err == nil:
		return report.ExitClean
	case errors.As(err, &exit):
		return exit.code
	case errors.As(err, &problems):
		for _, p := range problems {
			fmt.Fprintln(s.Err, report.Printable(p.Error()))
			if p.Text != "" {
				line := []rune(p.Text)
				width := len([]rune(report.Printable(string(line[:min(p.Caret, len(line))]))))
				fmt.Fprintf(s.Err, "    %s\n    %s^\n", report.Printable(p.Text), strings.Repeat(" ", width))
			}
		}
		n := len(problems)
		fmt.Fprintf(s.Err, "sot: %s in the configuration, so nothing was checked\n", report.Plural(n, "mistake", "mistakes"))
		return report.ExitUsage
	case errors.As(err, &step):
		for _, m := range step.Mistakes {
			fmt.Fprintln(s.Err, "sot: "+report.Printable(m))
		}
		return report.ExitUsage
	case errors.As(err, &wrong), errors.As(err, &source), errors.As(err, new(*flagError)):
		fmt.Fprintln(s.Err, "sot: "+report.Printable(err.Error()))
		return report.ExitUsage
	case ctx.Err() != nil:
		fmt.Fprintln(s.Err, "sot: interrupted")
		return report.ExitInterrupted
	}
	fmt.Fprintln(s.Err, "sot: "+report.Printable(err.Error()))
	return report.ExitFault
}

// flagError is a mistake on the command line that the flag library found.
type flagError struct{ err error }

func (e *flagError) Error() string { return e.err.Error() }

func newRoot(s Streams) *cobra.Command {
	root := &cobra.Command{
		Use:           "sot",
		Short:         "sot keeps a repository true to its declared rules",
		Long:          "sot checks the changed files of a repository by the rules in its sot.yaml.\nWithout a sot.yaml it runs the pack sot:recommended.",
		SilenceErrors: true,
		SilenceUsage:  true,
		Args:          usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			return cmd.Help()
		},
	}
	root.SetIn(s.In)
	root.SetOut(s.Out)
	root.SetErr(s.Err)
	root.SetFlagErrorFunc(func(cmd *cobra.Command, err error) error {
		return &flagError{fmt.Errorf("%w; `%s --help` shows what there is", err, cmd.CommandPath())}
	})
	root.AddCommand(
		newRun(s), newFix(s), newPlan(s), newList(s), newExplain(s), newInit(s), newImport(s), newDoctor(s),
		newBench(s), newReport(s), newProfile(s), newCache(s), newHook(s), newAction(s), newSchema(s), newVersion(s),
	)
	return root
}

// usageArgs turns what a positional check says into a usage error.
func usageArgs(check cobra.PositionalArgs) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if err := check(cmd, args); err != nil {
			return &flagError{fmt.Errorf("%w; `%s --help` shows what there is", err, cmd.CommandPath())}
		}
		return nil
	}
}

func newVersion(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "version",
		Short: "Print the version",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			_, err := fmt.Fprintln(s.Out, "sot "+Version())
			return err
		},
	}
}

func newSchema(s Streams) *cobra.Command {
	return &cobra.Command{
		Use:   "schema",
		Short: "Print the JSON Schema of sot.yaml, for editors",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(*cobra.Command, []string) error {
			b, err := config.Schema(engine.Kinds())
			if err != nil {
				return err
			}
			_, err = fmt.Fprintf(s.Out, "%s\n", strings.TrimSpace(string(b)))
			return err
		},
	}
}
