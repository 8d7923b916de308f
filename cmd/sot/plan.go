package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"math"
	"text/tabwriter"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/plan"
	"github.com/spf13/cobra"
)

func newPlan(s Streams) *cobra.Command {
	f := &runFlags{policy: "adaptive", color: "auto"}
	shards, least := 0, time.Duration(0)
	format := "json"
	cmd := &cobra.Command{
		Use:   "plan --shards N [flags] [path ...]",
		Short: "Divide a run into shards for parallel jobs, by what was learned",
		Long: "Divide a run into at most N shards that take equally long, by what was learned of the rules,\n" +
			"and print them as the matrix of a GitHub Actions job, on one line for fromJSON. It runs nothing.\n\n" +
			"Each shard's argument holds its part of the plan: `sot run --shard ARGUMENT`, with the same flags that\n" +
			"name files and rules, needs nothing else, and all of them together do the run exactly once.",
		RunE: func(cmd *cobra.Command, args []string) error {
			o, err := f.options(args)
			switch {
			case err != nil:
				return err
			case shards < 1 || shards > plan.MostShards:
				return &flagError{fmt.Errorf("--shards takes 1 to %d", plan.MostShards)}
			case least < 0:
				return &flagError{fmt.Errorf("--least %s: it takes a duration, or 0 for none", least)}
			case format != "json" && format != "text":
				return &flagError{fmt.Errorf("--format is json or text, not %q", format)}
			}
			return printPlan(cmd.Context(), s.Out, o, engine.PlanOptions{Most: shards, Least: least}, format)
		},
	}
	f.sourceFlags.add(cmd)
	f.addSelection(cmd)
	fs := cmd.Flags()
	fs.IntVar(&shards, "shards", 0, "divide the run into at most `N` shards")
	fs.DurationVar(&least, "least", 0, "make no shard for less than this `DURATION` of work, such as 30s")
	fs.BoolVar(&f.noCache, "no-cache", false, "plan as if no file were known from an earlier run")
	fs.StringVar(&format, "format", format, "json, the matrix on one line, or text")
	fs.StringVar(&f.stage, "stage", "", "plan the rules of this `STAGE`: pre-commit, pre-push, ci or manual (default manual, ci where CI=true)")
	fs.StringVar(&f.profile, "profile", "", "estimate by this `FILE` (default: in the git directory)")
	fs.BoolVar(&f.noProfile, "no-profile", false, "estimate by what is usual")
	return cmd
}

// matrix is what `sot plan` prints: `strategy.matrix` of a GitHub Actions job.
type matrix struct {
	Include []matrixEntry `json:"include"`
}

type matrixEntry struct {
	Name    string  `json:"name"`    // 1/4
	Shard   string  `json:"shard"`   // what --shard takes
	Seconds float64 `json:"seconds"` // of work, as predicted
	Tasks   int     `json:"tasks"`
	Files   int     `json:"files"` // that belong to it
}

func printPlan(ctx context.Context, w io.Writer, o engine.Options, wanted engine.PlanOptions, format string) error {
	planned, err := engine.Shards(ctx, o, wanted)
	if err != nil {
		return err
	}
	if format == "text" {
		t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
		fmt.Fprintln(t, "SHARD\tSECONDS\tTASKS\tFILES")
		for _, p := range planned {
			fmt.Fprintf(t, "%s\t%s\t%d\t%d\n", p.Name, duration(p.Seconds), p.Tasks, p.Files)
		}
		return t.Flush()
	}
	m := matrix{}
	for _, p := range planned {
		m.Include = append(m.Include, matrixEntry{p.Name, p.Argument, math.Round(1000*p.Seconds) / 1000, p.Tasks, p.Files})
	}
	return json.NewEncoder(w).Encode(m)
}
