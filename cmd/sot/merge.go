package main

import (
	"github.com/sot-validator/sot/engine/report"
	"github.com/spf13/cobra"
)

func newReportMerge(s Streams) *cobra.Command {
	f := &runFlags{}
	cmd := &cobra.Command{
		Use:   "merge [flags] FILE...",
		Short: "Merge the JSON reports of a run's shards into one",
		Long: "Merge the JSON reports of all shards of a run (sot run --shard I/N --format json=FILE) into one\n" +
			"report, with one efficiency over all jobs, and exit as the whole run would have.\n\n" +
			"A shard without a report, or shards of different plans, commits or versions, are a fault: exit code 3.\n" +
			"JSON reports hold no source lines, so that text shows none.",
		Args: usageArgs(cobra.MinimumNArgs(1)),
		RunE: func(_ *cobra.Command, args []string) error { return f.merge(s, args) },
	}
	f.addOutput(cmd)
	return cmd
}

func (f *runFlags) merge(s Streams, files []string) error {
	if err := checkColor(f.color); err != nil {
		return &flagError{err}
	}
	roomForData()
	return f.report(s, nil, func() (*report.Report, error) {
		var parts []report.ShardReport
		for _, name := range files {
			rec, err := readReport(name)
			if err != nil {
				return nil, &flagError{err}
			}
			parts = append(parts, report.ShardReport{Name: name, Record: rec})
		}
		merged, err := report.Merge(parts)
		if err != nil {
			return nil, &flagError{err}
		}
		return merged, nil
	})
}
