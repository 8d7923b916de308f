package main

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/hook"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

func newHook(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "hook",
		Short: "Install, remove and run git hooks",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	cmd.AddCommand(newHookInstall(s), newHookUninstall(s), newHookRun(s))
	return cmd
}

func newHookInstall(s Streams) *cobra.Command {
	var all, force bool
	cmd := &cobra.Command{
		Use:   "install [flags] [STAGE ...]",
		Short: "Install the git hook pre-commit, or those named",
		Long: "Install sot as the git hook pre-commit, or as the hooks named: " + strings.Join(hook.Stages, ", ") + ".\n" +
			"A hook that is there already is kept beside it and runs first.",
		ValidArgs: hook.Stages,
		RunE: func(cmd *cobra.Command, args []string) error {
			stages, err := stagesOf(all, args)
			if err != nil {
				return err
			}
			if len(stages) == 0 {
				stages = []string{"pre-commit"}
			}
			said, err := hook.Install(cmd.Context(), hook.InstallOptions{Stages: stages, Force: force, Binary: thisBinary()})
			return say(s, said, err)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "install all of them")
	cmd.Flags().BoolVar(&force, "force", false, "install where other repositories use the folder too, or where a hook was kept before; nothing is deleted")
	return cmd
}

func newHookUninstall(s Streams) *cobra.Command {
	var all bool
	cmd := &cobra.Command{
		Use:       "uninstall [flags] [STAGE ...]",
		Short:     "Remove sot's git hooks, and bring back those from before",
		ValidArgs: hook.Stages,
		RunE: func(cmd *cobra.Command, args []string) error {
			stages, err := stagesOf(all, args)
			if err != nil {
				return err
			}
			said, err := hook.Uninstall(cmd.Context(), hook.UninstallOptions{Stages: stages})
			return say(s, said, err)
		},
	}
	cmd.Flags().BoolVar(&all, "all", false, "remove all of them (the default)")
	return cmd
}

// stagesOf returns the stages named, which may be none, or all of them with --all.
func stagesOf(all bool, args []string) ([]string, error) {
	switch {
	case all && len(args) > 0:
		return nil, &flagError{fmt.Errorf("--all is every hook: name none beside it")}
	case all:
		return hook.Stages, nil
	}
	return args, nil
}

func say(s Streams, said []string, err error) error {
	for _, line := range said {
		fmt.Fprintln(s.Out, report.Printable(line))
	}
	return err
}

// thisBinary is the path that a hook may record; "" where it will not last, as
// what `go run` builds.
func thisBinary() string {
	exe, err := os.Executable()
	if err != nil || strings.Contains(exe, "go-build") {
		return ""
	}
	return exe
}

func newHookRun(s Streams) *cobra.Command {
	f := &runFlags{}
	var framework bool
	cmd := &cobra.Command{
		Use:   "run [flags] STAGE [argument ...]",
		Short: "Judge what git is about to do: what the hooks call",
		Long: "Judge what git is about to do, as the hooks do:\n\n" +
			"  pre-commit          what the commit will change, as it is staged\n" +
			"  pre-push            what the pushed commits change (git says them on standard input)\n" +
			"  commit-msg FILE     the message\n\n" +
			"SOT_SKIP=1 skips it, SOT_SKIP=rule,rule these rules. Exit codes are those of `sot run`.",
		RunE: func(cmd *cobra.Command, args []string) error {
			return f.runHook(cmd.Context(), s, framework, args)
		},
	}
	f.addCommon(cmd)
	cmd.Flags().StringVar(&f.config, "config", "", "read this `FILE` instead of sot.yaml at the root")
	cmd.Flags().BoolVar(&f.fix, "fix", false, "mend what is staged, in the index and in the worktree (pre-commit alone)")
	cmd.Flags().BoolVar(&framework, "framework", false, "called by pre-commit or prek: take what is judged from their environment")
	return cmd
}

func (f *runFlags) runHook(ctx context.Context, s Streams, framework bool, args []string) error {
	o := hook.Options{Framework: framework, In: s.In}
	switch {
	case len(args) > 0:
		o.Stage, o.Args = args[0], args[1:]
	case !framework:
		return &flagError{fmt.Errorf("which hook runs? give one of %s", strings.Join(hook.Stages, ", "))}
	}
	switch {
	case f.fix && framework:
		return &flagError{fmt.Errorf("--fix does not go with --framework, which hides what is not staged by itself: install sot's own hook by `sot hook install`")}
	case f.fix && o.Stage != "pre-commit":
		return &flagError{fmt.Errorf("--fix mends what is staged, so that it goes with pre-commit alone")}
	}
	var err error
	if o.Engine, err = f.options(nil); err != nil {
		return err
	}
	o.Engine.Source.ConfigDir = "" // a hook has a repository
	if in, ok := s.In.(*os.File); ok && term.IsTerminal(int(in.Fd())) {
		o.In = nil // typed by hand: nothing says what is pushed
	}
	return f.report(s, o.Engine.Progress, func() (*report.Report, error) {
		r, err := hook.Run(ctx, o)
		if err == nil && len(r.Rules)+len(r.Notes)+len(r.Findings)+len(r.Faults) == 0 {
			f.quiet = true // no rule speaks of this stage: nobody wants to read that at every commit
		}
		return r, err
	})
}
