package main

import (
	"fmt"
	"io"
	"strings"
	"text/tabwriter"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/spf13/cobra"
)

func newList(s Streams) *cobra.Command {
	f := &sourceFlags{}
	cmd := &cobra.Command{
		Use:   "list",
		Short: "List the rules in force, and where each comes from",
		Args:  usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			src, err := f.options(nil)
			if err != nil {
				return err
			}
			_, cfg, err := engine.Load(cmd.Context(), engine.Options{Source: src, Config: f.config, Version: Version()})
			if err != nil {
				return err
			}
			return list(s.Out, cfg)
		},
	}
	f.add(cmd)
	return cmd
}

func list(w io.Writer, cfg *config.Config) error {
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	fmt.Fprintln(t, "RULE\tKIND\tSEVERITY\tFILES\tNEEDS\tFROM")
	for _, r := range cfg.Rules {
		fmt.Fprintf(t, "%s\t%s\t%s\t%s\t%s\t%s\n", r.ID, r.Kind, r.Severity, speaksOf(r), orDash(strings.Join(r.Needs, " ")), r.Origin)
	}
	return t.Flush() // the first error of the writes above
}

func orDash(s string) string {
	if s == "" {
		return "-"
	}
	return report.Printable(s)
}

// speaksOf says in a few words what a rule judges.
func speaksOf(r *rule.Rule) string {
	if _, message := r.Check.(rule.MessageCheck); message {
		return "the message"
	}
	return filesOf(r.Select)
}

// filesOf says in a few words which files a selector takes.
func filesOf(s rule.Selector) string {
	var parts []string
	if len(s.Files) > 0 {
		parts = append(parts, strings.Join(s.Files, " "))
	}
	if len(s.Types) > 0 {
		parts = append(parts, strings.Join(s.Types, "+"))
	}
	if len(s.TypesOr) > 0 {
		parts = append(parts, strings.Join(s.TypesOr, "|"))
	}
	if len(parts) == 0 && s.Match != nil {
		return "by name"
	}
	if len(parts) == 0 {
		return "all"
	}
	return report.Printable(strings.Join(parts, " "))
}
