package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"text/tabwriter"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
	"github.com/spf13/cobra"
)

func newCache(s Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "cache",
		Short: "Look into the verdicts that are kept, verify them, or remove them",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	show := &cobra.Command{
		Use:   "show",
		Short: "Show where verdicts are kept, how many, and of which rules",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return showCache(cmd.Context(), s.Out) },
	}
	clear := &cobra.Command{
		Use:   "clear",
		Short: "Remove all verdicts that are kept",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return clearCache(cmd.Context(), s.Out) },
	}
	sample, all := 0, false
	verify := &cobra.Command{
		Use:   "verify",
		Short: "Judge some files again, and compare with what is kept",
		Long: "Judge a sample of the files again, and what whole-tree rules and commands are known to\n" +
			"have found, and compare with what is kept. A wrong verdict is removed, and the exit code is 1;\n" +
			"so it is where the file is damaged.",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			switch {
			case all:
				sample = 0
			case sample < 1:
				return &flagError{fmt.Errorf("--sample is a number of files from 1 on, not %d; --all is all of them", sample)}
			}
			return verifyCache(cmd.Context(), s, sample)
		},
	}
	verify.Flags().IntVar(&sample, "sample", 1000, "how many `FILES` are judged again")
	verify.Flags().BoolVar(&all, "all", false, "judge all files again")
	cmd.AddCommand(show, clear, verify)
	return cmd
}

func cacheOptions() engine.Options {
	return engine.Options{Source: source.Options{Mode: source.All}, Stage: "manual", Version: Version()}
}

func showCache(ctx context.Context, w io.Writer) error {
	c, err := engine.ShowVerdicts(ctx, cacheOptions())
	switch {
	case err != nil:
		return err
	case c.Path == "":
		return errNoCachePlace
	}
	fmt.Fprintln(w, report.Printable(c.Path))
	if c.Damage != "" {
		fmt.Fprintf(w, "damaged: %s\n", report.Printable(c.Damage))
	}
	if c.Size == 0 {
		_, err := fmt.Fprintln(w, "nothing is kept yet")
		return err
	}
	fmt.Fprintf(w, "%.3g MB of at most %.3g MB, last written %s ago\n", float64(c.Size)/1e6, float64(c.Limit)/1e6, age(time.Since(c.Saved)))
	fmt.Fprintf(w, "%s (%s of rules that found nothing), and %s of whole-tree rules, commands and rules with other files\n",
		report.Plural(c.Files, "file", "files"), report.Plural(c.Sets, "set", "sets"), report.Plural(c.Answers, "verdict", "verdicts"))
	if len(c.Rules)+c.Others == 0 {
		return nil
	}
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "\nRULE\tKIND\tVERDICTS")
	for _, x := range c.Rules {
		fmt.Fprintf(t, "%s\t%s\t%d\n", report.Printable(x.ID), x.Kind, x.Verdicts)
	}
	if c.Others > 0 {
		fmt.Fprintf(t, "(commands, other configurations and builds)\t\t%d\n", c.Others)
	}
	return t.Flush()
}

var errNoCachePlace = &flagError{errors.New("there is no git directory and no cache folder to keep verdicts in")}

// age says how long ago something was, for people.
func age(d time.Duration) string {
	switch {
	case d < time.Minute:
		return report.Plural(int(d.Seconds()), "second", "seconds")
	case d < time.Hour:
		return report.Plural(int(d.Minutes()), "minute", "minutes")
	case d < 48*time.Hour:
		return report.Plural(int(d.Hours()), "hour", "hours")
	}
	return report.Plural(int(d.Hours()/24), "day", "days")
}

func clearCache(ctx context.Context, w io.Writer) error {
	path, there, err := engine.ClearVerdicts(ctx, cacheOptions().Source)
	switch {
	case err != nil:
		return err
	case path == "":
		return errNoCachePlace
	case !there:
		_, err = fmt.Fprintf(w, "nothing is kept: %s\n", report.Printable(path))
	default:
		_, err = fmt.Fprintf(w, "removed %s\n", report.Printable(path))
	}
	return err
}

func verifyCache(ctx context.Context, s Streams, sample int) error {
	v, err := engine.VerifyVerdicts(ctx, cacheOptions(), sample)
	if err != nil {
		return err
	}
	for _, x := range v.Wrong {
		path := x.Path
		if path == "" {
			path = "(repository)"
		}
		fmt.Fprintf(s.Out, "wrong: %s in %s: %s kept, %s now; removed\n", report.Printable(x.Rule), report.Printable(path),
			report.Plural(x.Kept, "finding", "findings"), report.Plural(x.Now, "finding", "findings"))
	}
	if v.Damage != "" {
		fmt.Fprintf(s.Out, "damaged: %s\n", report.Printable(v.Damage))
	}
	fmt.Fprintf(s.Out, "%s in %s judged again: %d right, %d wrong\n", report.Plural(v.Right+len(v.Wrong), "verdict", "verdicts"),
		report.Plural(v.Files, "file", "files"), v.Right, len(v.Wrong))
	if len(v.Wrong) > 0 || v.Damage != "" {
		return &exitError{report.ExitFindings}
	}
	return nil
}
