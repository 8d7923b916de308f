package main

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/plan"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/sched"
	"github.com/sot-validator/sot/engine/source"
	"github.com/sot-validator/sot/engine/trace"
	"github.com/spf13/cobra"
	"golang.org/x/term"
)

// runFlags are the flags of run and fix.
type runFlags struct {
	sourceFlags
	rules, skip, tags        []string
	stage, failOn            string
	failFast, changedLines   bool
	fix, diff, writeBaseline bool
	workers                  int
	policy, profile, trace   string
	barrier, noProfile       bool
	noCache                  bool
	cacheSize                string
	timeout, budget          time.Duration
	budgetGiven              func() bool
	formats                  []string
	shard, delta             string
	color                    string
	quiet, verbose           bool
}

// sourceFlags say which files, and by which configuration.
type sourceFlags struct {
	staged, all bool
	base, head  string
	config      string
}

func (f *sourceFlags) add(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.BoolVar(&f.staged, "staged", false, "judge what is staged: the index against HEAD")
	fs.BoolVar(&f.all, "all", false, "judge every file: tracked ones, and untracked ones that are not ignored")
	fs.StringVar(&f.base, "base", "", "judge what changed since the merge base with `REF`")
	fs.StringVar(&f.head, "head", "", "with --base, judge `REF` instead of the worktree")
	fs.StringVar(&f.config, "config", "", "read this `FILE` instead of sot.yaml at the root")
}

func (f *sourceFlags) options(paths []string) (source.Options, error) {
	o := source.Options{Base: f.base, Head: f.head, Paths: paths}
	o.ConfigDir = configDir(f.config)
	switch {
	case len(paths) > 0 && (f.staged || f.all || f.base != "" || f.head != ""):
		return o, &flagError{fmt.Errorf("paths do not go with --staged, --all, --base and --head")}
	case f.staged && f.all, (f.staged || f.all) && (f.base != "" || f.head != ""):
		return o, &flagError{fmt.Errorf("--staged, --all and --base name different files: use one of them")}
	case f.head != "" && f.base == "":
		return o, &flagError{fmt.Errorf("--head needs --base: the commit to compare with")}
	case len(paths) > 0:
		o.Mode = source.Paths
	case f.staged:
		o.Mode = source.Staged
	case f.all:
		o.Mode = source.All
	case f.base != "":
		o.Mode = source.Range
	}
	return o, nil
}

// configDir is the root outside of git: the folder of the configuration where
// the user stands in it or below. A configuration kept elsewhere speaks of the
// folder that the user stands in.
func configDir(config string) string {
	if config == "" {
		return ""
	}
	dir, err := filepath.Abs(filepath.Dir(config))
	if err != nil {
		return ""
	}
	here, err := os.Getwd()
	if err != nil {
		return ""
	}
	if rel, err := filepath.Rel(dir, here); err != nil || rel != "." && !filepath.IsLocal(rel) {
		return ""
	}
	return dir
}

func newRun(s Streams) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "run [flags] [path ...]",
		Short: "Check files by the rules",
		Long: "Check the files that changed against HEAD (staged, unstaged, untracked), or those\nthat the flags or paths name, by the rules in sot.yaml.\n\n" +
			"Exit codes: 0 clean, 1 findings, 2 wrong usage or configuration, 3 a rule could not\ndo its work, 130 interrupted.",
		RunE: func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	f.addAll(cmd)
	return cmd
}

// addAll adds the flags of `sot run`.
func (f *runFlags) addAll(cmd *cobra.Command) {
	f.add(cmd)
	cmd.Flags().BoolVar(&f.fix, "fix", false, "mend what can be mended, in the worktree")
	cmd.Flags().StringVar(&f.shard, "shard", "", "run one part of the run: `I/N`, or what `sot plan` printed for the shard")
	cmd.Flags().StringVar(&f.delta, "profile-delta", "", "write what this run learned to `FILE`, for `sot profile merge`, and leave the profile as it is")
}

func newFix(s Streams) *cobra.Command {
	f := &runFlags{fix: true}
	cmd := &cobra.Command{
		Use:   "fix [flags] [path ...]",
		Short: "Mend what can be mended: run --fix",
		RunE:  func(cmd *cobra.Command, args []string) error { return f.run(cmd.Context(), s, args) },
	}
	f.add(cmd)
	return cmd
}

func (f *runFlags) add(cmd *cobra.Command) {
	f.sourceFlags.add(cmd)
	f.addCommon(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.stage, "stage", "", "run the rules of this `STAGE`: pre-commit, pre-push, ci or manual (default manual, ci where CI=true)")
	fs.BoolVar(&f.changedLines, "changed-lines", false, "report only findings on lines that changed")
	fs.BoolVar(&f.diff, "diff", false, "with --fix, print what would change, and write nothing")
	fs.BoolVar(&f.writeBaseline, "write-baseline", false, "accept what is found: write it to "+engine.BaselineFile)
}

// addCommon adds the flags that `hook run` has as well.
func (f *runFlags) addCommon(cmd *cobra.Command) {
	f.addSelection(cmd)
	f.addOutput(cmd)
	fs := cmd.Flags()
	fs.StringVar(&f.failOn, "fail-on", "", "the least `SEVERITY` that makes the run exit 1: error, warning, info or never")
	fs.BoolVar(&f.failFast, "fail-fast", false, "stop at the first rule that fails")
	fs.IntVar(&f.workers, "workers", 0, "run at most `N` tasks at once (default: what sot.yaml says, else the CPUs)")
	fs.StringVar(&f.policy, "policy", "adaptive", "how many workers run: as the work is worth, by a table of counts, or always --workers: adaptive, table or fixed")
	fs.BoolVar(&f.barrier, "barrier", false, "start a batch when the one before has ended, for comparison")
	fs.StringVar(&f.profile, "profile", "", "keep what rules cost in this `FILE` (default: in the git directory)")
	fs.BoolVar(&f.noProfile, "no-profile", false, "neither use nor keep what rules cost")
	fs.BoolVar(&f.noCache, "no-cache", false, "judge every file again, and keep no verdict")
	fs.StringVar(&f.cacheSize, "cache-size", "", "keep verdicts of unchanged files in at most `SIZE`, such as 64MiB (default: what sot.yaml says, else 64MiB)")
	fs.StringVar(&f.trace, "trace", "", "write when each task ran to `FILE`, in the Chrome trace event format")
	fs.DurationVar(&f.timeout, "timeout", 0, "stop the run after this `DURATION`, such as 5m")
	f.budgetGiven = func() bool { return fs.Changed("budget") }
	fs.DurationVar(&f.budget, "budget", 0, "leave to CI the commands that are not expected to fit into this `DURATION`, such as 2s")
}

// addSelection adds the flags that choose rules.
func (f *runFlags) addSelection(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringSliceVar(&f.rules, "rule", nil, "run only the rule with this `ID`, and what it needs (repeatable)")
	fs.StringSliceVar(&f.skip, "skip", nil, "do not run the rule with this `ID` (repeatable)")
	fs.StringSliceVar(&f.tags, "tag", nil, "run only rules with this `TAG` (repeatable)")
}

// addOutput adds the flags that say how a report is written.
func (f *runFlags) addOutput(cmd *cobra.Command) {
	fs := cmd.Flags()
	fs.StringArrayVar(&f.formats, "format", nil, "write the report as "+strings.Join(formatNames(), ", ")+", to standard output or to a file: `F[=FILE]` (repeatable)")
	fs.StringVar(&f.color, "color", "auto", "colours: auto, always or never")
	fs.BoolVarP(&f.quiet, "quiet", "q", false, "print findings and faults only")
	fs.BoolVarP(&f.verbose, "verbose", "v", false, "print what became of every rule")
}

// stages are the names that --stage takes.
var stages = []string{"pre-commit", "pre-push", "ci", "manual"}

func (f *runFlags) options(args []string) (engine.Options, error) {
	src, err := f.sourceFlags.options(args)
	if err != nil {
		return engine.Options{}, err
	}
	if f.stage == "" {
		f.stage = "manual"
		if os.Getenv("CI") == "true" {
			f.stage = "ci"
		}
	}
	switch {
	case f.stage == "commit-msg":
		err = fmt.Errorf("--stage commit-msg judges a message: `sot hook run commit-msg FILE` does that")
	case !slices.Contains(stages, f.stage):
		err = fmt.Errorf("--stage %q is none of %s", f.stage, strings.Join(stages, ", "))
	case !slices.Contains([]string{"", "error", "warning", "info", "never"}, f.failOn):
		err = fmt.Errorf("--fail-on %q is none of error, warning, info, never", f.failOn)
	case f.workers < 0:
		err = fmt.Errorf("--workers %d: it takes a number from 1, or 0 for as many as there are CPUs", f.workers)
	case f.changedLines && (f.all || len(args) > 0):
		err = fmt.Errorf("--changed-lines needs something to compare with: it goes with no --all and no paths")
	case f.quiet && f.verbose:
		err = fmt.Errorf("--quiet and --verbose contradict each other: use one of them")
	case f.budget < 0:
		err = fmt.Errorf("--budget %s: it takes a duration, or 0 for none", f.budget)
	case f.timeout < 0:
		err = fmt.Errorf("--timeout %s: it takes a duration above zero", f.timeout)
	case f.profile != "" && f.noProfile:
		err = fmt.Errorf("--profile and --no-profile contradict each other: use one of them")
	case f.delta != "" && f.noProfile:
		err = fmt.Errorf("--profile-delta and --no-profile contradict each other: use one of them")
	default:
		err = checkColor(f.color)
	}
	var shard *plan.Shard
	if err == nil && f.shard != "" {
		if shard, err = plan.ParseShard(f.shard); err != nil {
			err = fmt.Errorf("--shard %.40q: %w", f.shard, err)
		}
	}
	var size int64
	if err == nil && f.cacheSize != "" {
		var ok bool
		if size, ok = config.ParseSize(f.cacheSize); !ok || size == 0 {
			err = fmt.Errorf("--cache-size %q: it takes bytes with a unit, such as 64MiB", f.cacheSize)
		}
	}
	policy, ok := sched.ParsePolicy(f.policy)
	if err == nil && (!ok || policy == sched.List) { // List is what simulations are held against
		err = fmt.Errorf("--policy %q is none of adaptive, table, fixed", f.policy)
	}
	if err != nil {
		return engine.Options{}, &flagError{err}
	}
	if f.budgetGiven != nil && f.budgetGiven() && f.budget == 0 {
		f.budget = -1 // none, whatever sot.yaml says
	}
	return engine.Options{
		CI:    os.Getenv("CI") == "true",
		Shard: shard, Delta: f.delta,
		Source: src, Config: f.config, Rules: f.rules, Skip: f.skip, Tags: f.tags, Stage: f.stage,
		SkipEnv: engine.SkipList(os.Getenv("SOT_SKIP")), SkipShared: engine.SkipList(os.Getenv("SKIP")),
		FailOn: f.failOn, FailFast: f.failFast, ChangedLines: f.changedLines,
		Fix: f.fix, Diff: f.diff, WriteBaseline: f.writeBaseline,
		Workers: min(f.workers, mostWorkers), Policy: policy, Barrier: f.barrier,
		NoCache: f.noCache, CacheSize: size, Remote: os.Getenv("SOT_CACHE_REMOTE"), RemoteToken: os.Getenv("SOT_CACHE_TOKEN"),
		Profile: f.profile, NoProfile: f.noProfile, Timeout: f.timeout, Budget: f.budget, Version: Version(), Progress: &engine.Progress{},
	}, nil
}

// mostWorkers bounds --workers, as sot.yaml does: beyond it, workers only cost memory.
const mostWorkers = 1024

func (f *runFlags) run(ctx context.Context, s Streams, args []string) error {
	o, err := f.options(args)
	if err != nil {
		return err
	}
	return f.report(s, o.Progress, func() (*report.Report, error) { return engine.Run(ctx, o) })
}

// report runs, shows how it goes, and writes what came out.
func (f *runFlags) report(s Streams, progress *engine.Progress, run func() (*report.Report, error)) error {
	outs, err := f.outputs()
	if err != nil {
		return err
	}
	stop := func() {}
	if !f.quiet && progress != nil {
		stop = showProgress(s, progress)
	}
	rep, err := run()
	stop()
	if err != nil {
		return err
	}
	for _, out := range outs {
		if err := f.write(s, out, rep); err != nil {
			return err
		}
	}
	if err := f.writeTrace(rep); err != nil {
		return err
	}
	if rep.Run.ExitCode != report.ExitClean {
		return &exitError{rep.Run.ExitCode}
	}
	return nil
}

// formatNames are what --format takes.
func formatNames() []string {
	names := []string{"text"}
	for _, f := range report.Formats() {
		names = append(names, f.Name)
	}
	return names
}

// output is one --format.
type output struct{ format, file string }

// outputs parses --format. Text goes to standard output where nothing else does.
func (f *runFlags) outputs() ([]output, error) {
	var outs []output
	stdout := 0
	for _, s := range f.formats {
		format, file, named := strings.Cut(s, "=")
		if !slices.Contains(formatNames(), format) {
			return nil, &flagError{fmt.Errorf("--format %q is none of %s", format, strings.Join(formatNames(), ", "))}
		}
		if named && file == "" {
			return nil, &flagError{fmt.Errorf("--format %s names no file behind the =", s)}
		}
		if file == "" {
			stdout++
		}
		outs = append(outs, output{format, file})
	}
	if stdout > 1 {
		return nil, &flagError{fmt.Errorf("more than one --format goes to standard output: give all but one a file, as in --format json=report.json")}
	}
	if stdout == 0 {
		outs = append(outs, output{format: "text"})
	}
	return outs, nil
}

func (f *runFlags) write(s Streams, out output, rep *report.Report) error {
	if out.file == "" {
		return f.render(s, s.Out, out.format, rep, colorful(f.color, s.Out))
	}
	return writeAtomic(out.file, func(w io.Writer) error {
		return f.render(s, w, out.format, rep, f.color == "always")
	})
}

func (f *runFlags) writeTrace(rep *report.Report) error {
	if f.trace == "" || rep.Schedule == nil {
		return nil
	}
	return writeAtomic(f.trace, func(w io.Writer) error { return trace.WriteChrome(w, rep.Schedule.Log) })
}

func (f *runFlags) render(s Streams, w io.Writer, format string, rep *report.Report, color bool) error {
	if format == "markdown" {
		return report.Markdown(w, rep, markdownOptions())
	}
	for _, f := range report.Formats() {
		if f.Name == format {
			return f.Write(w, rep)
		}
	}
	width := 0
	if file, ok := w.(*os.File); ok {
		if columns, _, err := term.GetSize(int(file.Fd())); err == nil {
			width = columns - 14 // what stands before a source line
		}
	}
	o := report.TextOptions{Color: color, Verbose: f.verbose, Quiet: f.quiet, Width: width}
	o.Raw = !isTerminal(w) && !color
	if os.Getenv("GITHUB_ACTIONS") == "true" && w == s.Out {
		o.Raw = false
		o.StopCommands = rand.Text()
	}
	return report.Text(w, rep, o)
}

// markdownOptions say where the files can be looked at: in a job of GitHub's, at the
// commit that it runs on.
func markdownOptions() (o report.MarkdownOptions) {
	if os.Getenv("GITHUB_ACTIONS") != "true" {
		return o
	}
	o.Server, o.Repository, o.Head = os.Getenv("GITHUB_SERVER_URL"), os.Getenv("GITHUB_REPOSITORY"), os.Getenv("GITHUB_SHA")
	if id := os.Getenv("GITHUB_RUN_ID"); id != "" {
		o.Run = o.Server + "/" + o.Repository + "/actions/runs/" + id
	}
	return o
}

// colorful decides about colours: --color, then NO_COLOR, then whether w is a
// terminal.
func colorful(flag string, w io.Writer) bool {
	switch flag {
	case "always":
		return true
	case "never":
		return false
	}
	return os.Getenv("NO_COLOR") == "" && os.Getenv("TERM") != "dumb" && isTerminal(w)
}

func isTerminal(w io.Writer) bool {
	f, ok := w.(*os.File)
	return ok && term.IsTerminal(int(f.Fd()))
}

// writeAtomic writes a file whole or not at all. What is there and is no regular
// file (/dev/null, a pipe) is written to as it is: renaming over it would
// replace it for everybody.
func writeAtomic(path string, write func(io.Writer) error) (err error) {
	if info, err := os.Stat(path); err == nil && !info.Mode().IsRegular() {
		return writeInto(path, write)
	}
	tmp, err := os.CreateTemp(filepath.Dir(path), ".sot-*")
	if err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	defer func() {
		if err != nil {
			_ = tmp.Close()
			_ = os.Remove(tmp.Name())
			err = fmt.Errorf("%s could not be written: %w", path, err)
		}
	}()
	if err := write(tmp); err != nil {
		return err
	}
	if err := tmp.Chmod(0o644); err != nil {
		return err
	}
	if err := tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}

// writeInto writes to what is there.
func writeInto(path string, write func(io.Writer) error) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err == nil {
		err = errors.Join(write(f), f.Close())
	}
	if err != nil {
		return fmt.Errorf("%s could not be written: %w", path, err)
	}
	return nil
}
