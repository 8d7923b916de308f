package action

import (
	"context"
	"fmt"
	"strings"

	"github.com/google/go-github/v60/github"
	"github.com/sethvargo/go-githubactions"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// mostCommands is how many annotations of one type GitHub takes of one step.
// https://docs.github.com/actions/reference/limits
const mostCommands = 10

// annotate puts the findings on their lines: as a check run, or as workflow commands
// where that is wanted or no check run can be made. Lost are the findings that
// stand on no line in the end.
func annotate(ctx context.Context, gh *github.Client, act *githubactions.Action, in publishOptions, out *outcome) (lost int, notes []string) {
	if in.annotations == "off" {
		return 0, nil
	}
	findings := standing(out.report)
	findings = report.Prominent(findings, out.changed)
	rest, why := findings, ""
	if in.annotations != "commands" {
		rest, why = annotateChecks(ctx, gh, in, out, findings)
	}
	lost = annotateCommands(act, out, rest)
	switch {
	case why != "" && in.annotations == "checks":
		notes = append(notes, "annotations are no check run: "+why)
	case why != "" && lost > 0:
		notes = append(notes, fmt.Sprintf("%s not annotated: a step takes %d of a type; a check run takes all, but %s", counted(lost), mostCommands, why))
	}
	return lost, notes
}

func counted(n int) string {
	if n == 1 {
		return "1 finding is"
	}
	return fmt.Sprintf("%d findings are", n)
}

// annotateChecks returns the findings that the check run does not hold, and why not.
func annotateChecks(ctx context.Context, gh *github.Client, in publishOptions, out *outcome, findings []rule.Finding) (rest []rule.Finding, why string) {
	if gh == nil || out.place.head == "" || out.place.owner == "" || out.place.repo == "" {
		return findings, "there is no access to the API here"
	}
	done, err := checkRun(ctx, gh, in, out, findings)
	if err != nil {
		why = reason(err, "checks: write", out.place.fork)
	}
	for _, f := range findings {
		if done > 0 && onALine(f) {
			done--
			continue
		}
		rest = append(rest, f)
	}
	return rest, why
}

// standing are the findings that were not mended.
func standing(r *report.Report) (fs []rule.Finding) {
	for _, f := range r.Findings {
		if !f.Fixed {
			fs = append(fs, f)
		}
	}
	return fs
}

// annotateCommands writes findings and the figures as workflow commands, as many as
// GitHub takes, and returns how many findings were too many. Faults are errors of the
// step already.
func annotateCommands(act *githubactions.Action, out *outcome, findings []rule.Finding) (lost int) {
	left := map[rule.Severity]int{
		rule.Error:   max(0, mostCommands-len(out.report.Faults)),
		rule.Warning: mostCommands,
		rule.Info:    mostCommands - 1, // one is the figures'
	}
	for _, f := range findings {
		if left[f.Severity] == 0 {
			lost++
			continue
		}
		left[f.Severity]--
		command(act, f)
	}
	command(act, rule.Finding{Rule: "sot: " + tally(out.report), Severity: rule.Info, Message: figuresLine(out)})
	return lost
}

// command writes one annotation as a workflow command. It starts with the command,
// and holds no line end: what it says cannot be one itself.
func command(act *githubactions.Action, f rule.Finding) {
	f.Rule, f.Path, f.Message = report.Printable(f.Rule), strings.ToValidUTF8(f.Path, "\uFFFD"), visible(f.Message)
	act.Infof("%s", strings.TrimRight(report.Annotation(f), "\r\n"))
}

// figuresLine is what the run took, on one line.
func figuresLine(out *outcome) string {
	r := out.report
	parts := []string{report.Plural(len(standing(r)), "finding", "findings"), report.Plural(r.Run.Files, "file", "files"), fmt.Sprintf("%.2f s", r.Run.Seconds)}
	if s := r.Schedule; s != nil && s.Makespan > 0 {
		parts = append(parts, report.Plural(s.Workers, "worker", "workers"), fmt.Sprintf("efficiency %.0f %%", 100*s.Efficiency), fmt.Sprintf("estimated speedup %.1f", s.Speedup))
	}
	start := "cold start"
	if out.warm {
		start = "warm start"
	}
	return strings.Join(append(parts, start), ", ")
}
