package main

import (
	"context"
	"fmt"
	"io"
	"slices"
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

func newExplain(s Streams) *cobra.Command {
	f := &sourceFlags{}
	cmd := &cobra.Command{
		Use:   "explain RULE",
		Short: "Explain a rule in force, a kind of rule, or a built-in check",
		Args:  usageArgs(cobra.ExactArgs(1)),
		RunE: func(cmd *cobra.Command, args []string) error {
			return explain(cmd.Context(), s.Out, f, args[0])
		},
	}
	f.add(cmd)
	return cmd
}

// explain prints a rule in force and the files of this repository that it
// speaks of; else the kind or built-in check of that name.
func explain(ctx context.Context, w io.Writer, f *sourceFlags, name string) error {
	src, err := f.options(nil)
	if err != nil {
		return err
	}
	if r, ok := docOf(name); ok && !inForce(ctx, f, name) {
		return explainDoc(w, r)
	}
	x, err := engine.Explain(ctx, engine.Options{Source: src, Config: f.config, Version: Version()}, name)
	if err != nil {
		return err
	}
	return explainRule(w, x)
}

func inForce(ctx context.Context, f *sourceFlags, name string) bool {
	src, err := f.options(nil)
	if err != nil {
		return false
	}
	_, cfg, err := engine.Load(ctx, engine.Options{Source: src, Config: f.config, Version: Version()})
	return err == nil && slices.ContainsFunc(cfg.Rules, func(r *rule.Rule) bool { return r.ID == name })
}

// reference is the documentation of a kind or a built-in check.
type reference struct {
	name, doc, why string
	options        rule.Shape
	fixes          bool
	checks         []rule.Use // of the kind use
}

func docOf(name string) (reference, bool) {
	for _, k := range engine.Kinds() {
		if k.Name == name {
			return reference{name: name, doc: k.Doc, why: k.Why, options: k.Shape, checks: k.Uses}, true
		}
		for _, u := range k.Uses {
			if u.ID == name {
				return reference{name: name, doc: u.Doc, why: u.Why, options: u.With, fixes: u.Fixes()}, true
			}
		}
	}
	return reference{}, false
}

func explainDoc(w io.Writer, r reference) error {
	var b strings.Builder
	b.WriteString(r.name + "\n")
	r.write(&b)
	_, err := io.WriteString(w, b.String())
	return err
}

// write writes what a kind or a check does, why, and its options.
func (r reference) write(b *strings.Builder) {
	fmt.Fprintf(b, "\n%s\n", strings.TrimSpace(r.doc))
	if r.why != "" {
		fmt.Fprintf(b, "\nWhy: %s\n", r.why)
	}
	if r.fixes {
		b.WriteString("\n`sot fix` mends what it finds.\n")
	}
	if len(r.checks) > 0 {
		b.WriteString("\nChecks:\n")
		t := tabwriter.NewWriter(b, 0, 0, 2, ' ', 0)
		for _, u := range r.checks {
			first, _, _ := strings.Cut(u.Doc, "\n")
			fmt.Fprintf(t, "  %s\t%s\n", u.ID, first)
		}
		_ = t.Flush() // into memory
	}
	if len(r.options.Keys) > 0 {
		b.WriteString("\nOptions:\n")
		for _, k := range r.options.Keys {
			fmt.Fprintf(b, "  %s: %s%s\n      %s\n", k.Name, k.Shape, defaultOf(k.Shape), k.Shape.Doc)
		}
	}
}

func defaultOf(s rule.Shape) string {
	if s.Default == "" {
		return ""
	}
	return " (default " + s.Default + ")"
}

func explainRule(w io.Writer, x *engine.Explanation) error {
	var b strings.Builder
	r := x.Rule
	field := func(name, value string) {
		if value != "" {
			fmt.Fprintf(&b, "%-12s %s\n", name+":", report.Printable(value))
		}
	}
	field("rule", r.ID)
	field("kind", strings.TrimSpace(r.Kind+" "+r.Uses))
	field("from", r.Origin)
	field("description", r.Description)
	field("why", ofPack(r).Why)
	field("help", r.Help)
	field("severity", r.Severity.String())
	_, message := r.Check.(rule.MessageCheck)
	if !message {
		field("files", filesOf(r.Select))
	}
	field("exclude", strings.Join(r.Select.Exclude, " "))
	field("needs", strings.Join(r.Needs, " "))
	field("stages", strings.Join(r.Stages, " "))
	field("tags", strings.Join(r.Tags, " "))
	if e, ok := r.Check.(rule.Explainer); ok {
		field("how", e.Explain())
	}
	field("kept", x.Kept)
	if !message {
		field("matches", report.Plural(len(x.Files), "file", "files")+" of this repository")
	}
	for i, p := range x.Files {
		if i == 5 {
			fmt.Fprintf(&b, "%-12s and %d more\n", "", len(x.Files)-i)
			break
		}
		fmt.Fprintf(&b, "%-12s %s\n", "", report.Printable(p))
	}
	pack := ofPack(r)
	if pack.Text != "" { // which the reader does not have at hand
		b.WriteString("\n" + pack.Text)
	}
	ref, ok := docOf(r.Uses)
	switch {
	case ok && pack.Why != "":
		ref.why = ""
		ref.write(&b)
	case ok:
		ref.write(&b)
	case r.Kind != "all" && r.Kind != "any" && r.Kind != "not":
		fmt.Fprintf(&b, "\n`sot explain %s` tells what rules of this kind can do.\n", r.Kind)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// ofPack returns what a pack says of a rule that comes from it.
func ofPack(r *rule.Rule) config.PackRule {
	pack, _, _ := strings.Cut(r.Origin, ",") // "sot:recommended, changed in ..."
	_, rules := config.PackRules(pack)
	for _, x := range rules {
		if x.ID == r.ID {
			return x
		}
	}
	return config.PackRule{}
}
