package main

import (
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"text/tabwriter"
	"time"

	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
	"github.com/spf13/cobra"
)

func newProfile(s Streams) *cobra.Command {
	var path, format string
	cmd := &cobra.Command{
		Use:   "profile",
		Short: "Look into what was learned of the rules' costs, and merge or forget it",
		Args:  usageArgs(cobra.NoArgs),
		RunE:  func(cmd *cobra.Command, _ []string) error { return cmd.Help() },
	}
	show := &cobra.Command{
		Use:   "show [flags] [rule ...]",
		Short: "Show what is known of each rule",
		RunE: func(cmd *cobra.Command, args []string) error {
			if format != "text" && format != "json" {
				return &flagError{fmt.Errorf("--format is text or json, not %q", format)}
			}
			return showProfile(cmd.Context(), s.Out, path, format, args)
		},
	}
	show.Flags().StringVar(&format, "format", "text", "text or json")
	reset := &cobra.Command{
		Use:   "reset [flags] [rule ...]",
		Short: "Forget rules, or everything",
		RunE: func(cmd *cobra.Command, args []string) error {
			return resetProfile(cmd.Context(), s.Out, path, args)
		},
	}
	for _, c := range []*cobra.Command{show, reset} {
		c.Flags().StringVar(&path, "profile", "", "the profile's `FILE` (default: sot/profile.json in the git directory)")
	}
	merge := &cobra.Command{
		Use:   "merge OUT IN...",
		Short: "Add what parallel jobs have learned to a profile",
		Long: "Add what the files IN hold to the profile OUT, which is made where it does not exist.\n" +
			"IN are what parallel jobs have learned, each with `sot run --profile-delta FILE`. Other files count as\n" +
			"well, all that they hold: once more if OUT knows it already.\n\n" +
			"One of IN that is damaged or no profile is left out, with a warning. A damaged OUT is an error.",
		Args: usageArgs(cobra.MinimumNArgs(2)),
		RunE: func(_ *cobra.Command, args []string) error { return mergeProfiles(s, args[0], args[1:]) },
	}
	cmd.AddCommand(show, merge, reset)
	return cmd
}

// profilePath returns the path that was given, or that of the repository here.
func profilePath(ctx context.Context, given string) (string, error) {
	if given != "" {
		return given, nil
	}
	src, err := source.Open(ctx, source.Options{})
	if err != nil {
		return "", err
	}
	defer func() { _ = src.Close() }() // it only looked
	if p := engine.ProfilePath(src); p != "" {
		return p, nil
	}
	return "", &flagError{errors.New("there is no git directory and no cache folder to keep a profile in; give --profile FILE")}
}

func showProfile(ctx context.Context, w io.Writer, given, format string, rules []string) error {
	path, err := profilePath(ctx, given)
	if err != nil {
		return err
	}
	store, err := profile.Read(path)
	if err != nil {
		return err
	}
	if err := unknownRule(store, rules); err != nil {
		return err
	}
	entries := slices.DeleteFunc(store.Entries(), func(e profile.Entry) bool {
		return len(rules) > 0 && !slices.Contains(rules, e.Rule)
	})
	if format == "json" {
		return profileJSON(w, path, entries)
	}
	if len(entries) == 0 {
		_, err := fmt.Fprintf(w, "nothing was learned yet: %s\n", report.Printable(path))
		return err
	}
	return profileTable(w, path, entries)
}

// unknownRule is an error where the profile does not know a rule that was named.
func unknownRule(store *profile.Store, rules []string) error {
	known := store.Rules()
	for _, r := range rules {
		if slices.Contains(known, r) {
			continue
		}
		hint := "`sot profile show` lists what it knows"
		if near := config.Nearest(r, known); near != "" {
			hint = fmt.Sprintf("did you mean %q?", near)
		}
		return &flagError{fmt.Errorf("the profile knows no rule %q; %s", r, hint)}
	}
	return nil
}

func profileTable(w io.Writer, path string, entries []profile.Entry) error {
	fmt.Fprintln(w, report.Printable(path))
	here, class := profile.Here().String(), ""
	t := tabwriter.NewWriter(w, 0, 0, 2, ' ', 0)
	for _, e := range entries {
		if e.Class != class {
			class = e.Class
			note := ""
			if class == here {
				note = " (this machine)"
			}
			if err := t.Flush(); err != nil {
				return err
			}
			fmt.Fprintf(w, "\n%s%s\n", report.Printable(class), note)
			fmt.Fprintln(t, "RULE\tKIND\tCOUNT\tMEAN\tSD\tMIN\tMAX\tCOST\tCPUS\tMEMORY\tFINDS\tUPDATED")
		}
		fmt.Fprintln(t, strings.Join(profileRow(e), "\t"))
	}
	return t.Flush()
}

func profileRow(e profile.Entry) []string {
	c := e.Cost()
	row := []string{report.Printable(e.Rule), orDash(e.Kind), fmt.Sprintf("%.4g", e.Count()),
		duration(e.Mean()), duration(e.SD()), duration(e.Min()), duration(e.Max()), costModel(&c), "-", "-", "-", "-"}
	if e.Count() == 0 {
		for i := 3; i < 8; i++ {
			row[i] = "-"
		}
	}
	if c.CPUs > 0 {
		row[8] = fmt.Sprintf("%.2g", c.CPUs)
	}
	if c.Memory > 0 {
		row[9] = fmt.Sprintf("%.3g MB", float64(c.Memory)/1e6)
	}
	if e.Runs() > 0 {
		row[10] = fmt.Sprintf("%.0f %%", 100*c.FindingsRate)
	}
	if !e.Updated.IsZero() {
		row[11] = e.Updated.Format(time.RFC3339)
	}
	return row
}

// duration writes seconds with a unit that suits them.
func duration(s float64) string {
	switch {
	case s == 0:
		return "0"
	case s < 1e-6:
		return fmt.Sprintf("%.3g ns", s*1e9)
	case s < 1e-3:
		return fmt.Sprintf("%.3g us", s*1e6)
	case s < 1:
		return fmt.Sprintf("%.3g ms", s*1e3)
	}
	return fmt.Sprintf("%.4g s", s)
}

// costModel writes seconds = a + b x bytes + c x files without the parts that are 0.
func costModel(c *profile.Cost) string {
	var parts []string
	if c.Fixed > 0 || c.PerByte == 0 && c.PerFile == 0 {
		parts = append(parts, duration(c.Fixed))
	}
	if c.PerByte > 0 {
		parts = append(parts, duration(c.PerByte*1e6)+"/MB")
	}
	if c.PerFile > 0 {
		parts = append(parts, duration(c.PerFile)+"/file")
	}
	return strings.Join(parts, " + ")
}

// profileModel is one model of `sot profile show --format json`. Times are in
// seconds; what is not known is left out.
type profileModel struct {
	Class   string  `json:"class"`
	Rule    string  `json:"rule"`
	Kind    string  `json:"kind"`
	Count   float64 `json:"count"`
	Mean    float64 `json:"mean"`
	SD      float64 `json:"sd"`
	Min     float64 `json:"min"`
	Max     float64 `json:"max"`
	Cost    cost    `json:"cost"`
	CPUs    float64 `json:"cpus,omitempty"`
	Memory  int64   `json:"memory,omitempty"` // bytes
	Runs    float64 `json:"runs"`
	Finds   float64 `json:"findings_rate"`
	Updated string  `json:"updated,omitempty"` // RFC 3339
}

type cost struct {
	Fixed   float64 `json:"fixed"`
	PerByte float64 `json:"per_byte"`
	PerFile float64 `json:"per_file"`
}

func profileJSON(w io.Writer, path string, entries []profile.Entry) error {
	out := struct {
		Version int            `json:"version"`
		Path    string         `json:"path"`
		Models  []profileModel `json:"models"`
	}{1, path, []profileModel{}}
	for _, e := range entries {
		c := e.Cost()
		m := profileModel{Class: e.Class, Rule: e.Rule, Kind: e.Kind, Count: e.Count(), Mean: e.Mean(), SD: e.SD(),
			Min: e.Min(), Max: e.Max(), Cost: cost{c.Fixed, c.PerByte, c.PerFile}, CPUs: c.CPUs, Memory: c.Memory,
			Runs: e.Runs(), Finds: c.FindingsRate}
		if !e.Updated.IsZero() {
			m.Updated = e.Updated.Format(time.RFC3339)
		}
		out.Models = append(out.Models, m)
	}
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	return enc.Encode(out)
}

// mergeProfiles adds what the files hold to a profile. One that cannot be read is
// what its job has learned and no more: the others count. Nothing is written where
// none can be read.
func mergeProfiles(streams Streams, out string, in []string) error {
	sum, read := profile.NewStore(), 0
	for _, path := range in {
		switch _, err := os.Lstat(path); {
		case errors.Is(err, fs.ErrNotExist):
			return &flagError{fmt.Errorf("%s does not exist; name files that a run has written", path)}
		case samePath(path, out):
			return &flagError{fmt.Errorf("%s is both what is merged and where to: it would count twice", path)}
		}
		s, err := profile.Read(path)
		if err != nil {
			fmt.Fprintln(streams.Err, "sot: "+report.Printable(leftOut(path, err)))
			continue
		}
		sum.Merge(s)
		read++
	}
	if read == 0 {
		return fmt.Errorf("none of the files can be read, so %s is left as it is", out)
	}
	models := 0
	err := profile.Change(out, func(s *profile.Store) error {
		s.Learn(sum)
		models = s.Len()
		return nil
	})
	var damaged *profile.DamagedError
	switch {
	case errors.As(err, &damaged):
		return fmt.Errorf("%s is damaged or of another version (%w): nothing was merged into it; delete it to start anew", out, damaged.Why)
	case err != nil:
		return err
	}
	_, err = fmt.Fprintf(streams.Out, "merged %s into %s, which knows %s\n", report.Plural(read, "file", "files"),
		report.Printable(out), report.Plural(models, "rule", "rules"))
	return err
}

// leftOut says why a file is not merged.
func leftOut(path string, err error) string {
	if damaged := (*profile.DamagedError)(nil); errors.As(err, &damaged) {
		return fmt.Sprintf("%s is left out: it is damaged or of another version (%v)", path, damaged.Why)
	}
	return fmt.Sprintf("%s is left out: %v", path, err)
}

func samePath(a, b string) bool {
	x, errX := os.Stat(a)
	y, errY := os.Stat(b)
	if errX == nil && errY == nil {
		return os.SameFile(x, y)
	}
	return filepath.Clean(a) == filepath.Clean(b)
}

func resetProfile(ctx context.Context, w io.Writer, given string, rules []string) error {
	path, err := profilePath(ctx, given)
	if err != nil {
		return err
	}
	if _, err := os.Lstat(path); errors.Is(err, fs.ErrNotExist) {
		if err := unknownRule(profile.NewStore(), rules); err != nil {
			return err
		}
		_, err := fmt.Fprintf(w, "there is nothing to forget: %s\n", report.Printable(path))
		return err
	}
	if _, err := profile.Read(path); err != nil {
		return fmt.Errorf("%w; nothing was forgotten: delete the file to start anew", err)
	}
	n := 0
	err = profile.Change(path, func(s *profile.Store) error {
		if err := unknownRule(s, rules); err != nil {
			return err
		}
		n = len(s.Rules())
		if len(rules) == 0 {
			*s = *profile.NewStore()
			return nil
		}
		for _, r := range rules {
			s.Remove(r)
		}
		n -= len(s.Rules())
		return nil
	})
	if err != nil {
		return err
	}
	_, err = fmt.Fprintf(w, "forgot %s: %s\n", report.Plural(n, "rule", "rules"), report.Printable(path))
	return err
}
