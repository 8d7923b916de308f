package main

import (
	"context"
	"fmt"
	"io"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/spf13/cobra"
)

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
		writeOptions(b, r.options, "")
	}
}

// writeOptions writes the keys of a mapping, and those of the mappings in it below
// each.
func writeOptions(b *strings.Builder, s rule.Shape, above string) {
	for _, k := range s.Keys {
		fmt.Fprintf(b, "  %s: %s%s\n      %s\n", above+k.Name, k.Shape, defaultOf(k), sentence(k.Shape.Doc))
		if inner := k.Shape.Mapping(); inner != nil {
			writeOptions(b, *inner, above+k.Name+".")
		}
	}
}

// sentence begins with a capital letter and ends in a full stop.
func sentence(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + strings.TrimSuffix(s[1:], ".") + "."
}

func defaultOf(k rule.Key) string {
	switch {
	case k.Required:
		return " (needed)"
	case k.Shape.Default != "":
		return " (default " + k.Shape.Default + ")"
	}
	return ""
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
		field("files", filesOf(rule.Selector{Files: r.Select.Files, Match: r.Select.Match}))
		field("types", typesOf(r.Select))
	}
	field("exclude", strings.Join(r.Select.Exclude, " "))
	field("needs", strings.Join(r.Needs, " "))
	field("stages", strings.Join(r.Stages, " "))
	field("tags", strings.Join(r.Tags, " "))
	if e, ok := r.Check.(rule.Explainer); ok {
		field("how", e.Explain())
	}
	field("kept", x.Kept)
	field("learned", learnedOf(x))
	field("last", lastOf(x))
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
	case r.Kind != "all" && r.Kind != "any" && r.Kind != "not" && r.Kind != r.ID:
		fmt.Fprintf(&b, "\n`sot explain %s` tells what rules of this kind can do.\n", r.Kind)
	}
	if hidden, ok := docOf(r.ID); ok && r.Uses != r.ID { // the rule's id takes its name
		fmt.Fprintf(&b, "\nThe kind or built-in check %s:\n", r.ID)
		hidden.write(&b)
	}
	_, err := io.WriteString(w, b.String())
	return err
}

// typesOf says which types of files a selector takes.
func typesOf(s rule.Selector) string {
	var parts []string
	if len(s.Types) > 0 {
		parts = append(parts, strings.Join(s.Types, " and "))
	}
	if len(s.TypesOr) > 0 {
		parts = append(parts, "one of "+strings.Join(s.TypesOr, ", "))
	}
	if len(s.ExcludeTypes) > 0 {
		parts = append(parts, "not "+strings.Join(s.ExcludeTypes, ", "))
	}
	return strings.Join(parts, "; ")
}

// learnedOf says what the profile knows of a rule on this class of machine.
func learnedOf(x *engine.Explanation) string {
	if x.Tasks == 0 {
		return "nothing yet of what it costs here"
	}
	return fmt.Sprintf("%s a task, standard deviation %s, of %.4g tasks on machines like this", duration(x.Mean), duration(x.SD), x.Tasks)
}

// lastOf says what the last run that ran the rule said of it.
func lastOf(x *engine.Explanation) string {
	v := x.Last
	if v == nil {
		return "not run yet here"
	}
	out := string(v.Status)
	if v.Reason != "" {
		out += " (" + v.Reason + ")"
	}
	if v.Findings > 0 {
		out += ", " + report.Plural(v.Findings, "finding", "findings")
	}
	if v.Files > 0 {
		out += " in " + report.Plural(v.Files, "file", "files")
	}
	out += fmt.Sprintf(": %s, %s", v.Source, v.At.Local().Format(time.DateTime))
	if x.Last.Changed(x.Rule) {
		out += "; the rule has changed since"
	}
	return out
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
