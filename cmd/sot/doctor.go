package main

import (
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"strings"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/report"
	"github.com/spf13/cobra"
)

// The states of a check of the set-up.
const (
	stateOK      = "ok"
	stateWarning = "warning" // it works, and not as it could
	stateProblem = "problem" // something does not work
)

// diagnosis is what one check of the set-up found.
type diagnosis struct {
	Name    string `json:"name"`
	State   string `json:"state"`
	Message string `json:"message"`
	Fix     string `json:"fix,omitempty"` // what to do, a command where one does it
}

// doctor looks at the set-up.
type doctor struct {
	ctx    context.Context
	dir    string // where the user stands
	file   string // --config
	git    string // the binary; "" where there is none
	root   string // of the worktree; "" outside of a repository
	config *config.Config
	found  []diagnosis
}

func (d *doctor) say(state, name, fix, format string, args ...any) {
	d.found = append(d.found, diagnosis{Name: name, State: state, Message: fmt.Sprintf(format, args...), Fix: fix})
}

func newDoctor(s Streams) *cobra.Command {
	var file, format string
	cmd := &cobra.Command{
		Use:   "doctor",
		Short: "Say what is wrong with the set-up, and how to mend it",
		Long: "Looks at git, the hooks, the configuration and the tools that it runs, and says of each whether it is\n" +
			"ok, a warning or a problem, with what mends it. What killed hooks of sot's have left is cleaned up;\n" +
			"nothing else is changed. Exits with 1 where there is a problem.",
		Args: usageArgs(cobra.NoArgs),
		RunE: func(cmd *cobra.Command, _ []string) error {
			if format != "text" && format != "json" {
				return &flagError{fmt.Errorf("there is no format %q; write text or json", format)}
			}
			found, err := examine(cmd.Context(), file)
			if err != nil {
				return err
			}
			return diagnose(s.Out, found, format)
		},
	}
	cmd.Flags().StringVar(&file, "config", "", "read this `FILE` instead of sot.yaml at the root")
	cmd.Flags().StringVar(&format, "format", "text", "text or json")
	return cmd
}

// examine makes every check, in the order in which they depend on each other.
func examine(ctx context.Context, file string) ([]diagnosis, error) {
	dir, err := os.Getwd()
	if err != nil {
		return nil, err
	}
	d := &doctor{ctx: ctx, dir: dir, file: file}
	d.gitBinary()
	d.repository()
	if d.root != "" {
		d.gitDirectory()
		d.lock()
		d.history()
	}
	d.configuration()
	if d.root != "" {
		d.hooks()
	}
	d.tools()
	d.versions()
	d.cpus()
	return d.found, ctx.Err()
}

// diagnose prints what was found; the error is the exit code.
func diagnose(w io.Writer, found []diagnosis, format string) error {
	problems := 0
	for _, x := range found {
		if x.State == stateProblem {
			problems++
		}
	}
	var b strings.Builder
	if format == "json" {
		enc := json.NewEncoder(&b)
		enc.SetIndent("", "  ")
		if err := enc.Encode(map[string]any{"version": 1, "checks": found}); err != nil {
			return err
		}
	} else {
		for _, x := range found {
			fmt.Fprintf(&b, "%-8s %s: %s\n", x.State, report.Printable(x.Name), report.Printable(x.Message))
			if x.Fix != "" {
				fmt.Fprintf(&b, "%-8s %s\n", "", report.Printable(x.Fix))
			}
		}
	}
	if _, err := io.WriteString(w, b.String()); err != nil {
		return err
	}
	if problems > 0 {
		return &exitError{report.ExitFindings}
	}
	return nil
}
