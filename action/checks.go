package action

import (
	"context"
	"fmt"
	"strings"
	"time"
	"unicode/utf8"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
)

// GitHub's limits of a check run.
// https://docs.github.com/rest/checks/runs
const (
	annotationsARequest = 50
	mostRequests        = 40 // our own: 2,000 annotations, then nobody reads on
	annotationBytes     = 64 << 10
	titleLength         = 255
	checkText           = 65535
)

// checkRun writes a check run with the findings on their lines, and returns how many
// of them it holds. It is complete with its first request, so that none is left open
// where a later one fails.
func checkRun(ctx context.Context, gh *github.Client, in publishOptions, out *outcome, findings []rule.Finding) (int, error) {
	all := checkAnnotations(findings)
	all = all[:min(len(all), mostRequests*annotationsARequest)]
	first := all[:min(len(all), annotationsARequest)]
	var summary strings.Builder
	o := markdownOptions(out)
	o.Brief, o.Limit = true, checkText
	if err := report.Markdown(&summary, out.report, o); err != nil {
		return 0, err
	}
	title := tally(out.report)
	output := func(part []*github.CheckRunAnnotation) *github.CheckRunOutput {
		return &github.CheckRunOutput{Title: &title, Summary: github.String(summary.String()), Annotations: part}
	}
	name := runName(in, out)
	create := github.CreateCheckRunOptions{
		Name: name, HeadSHA: out.place.head, Status: github.String("completed"), Conclusion: github.String(checkConclusion(out.report)),
		CompletedAt: &github.Timestamp{Time: time.Now().UTC().Truncate(time.Second)}, Output: output(first),
		ExternalID: github.String(fmt.Sprintf("%d.%d", out.place.runID, out.place.attempt)),
	}
	if out.place.runURL != "" {
		create.DetailsURL = &out.place.runURL
	}
	made, _, err := apiCall(ctx, func(ctx context.Context) (*github.CheckRun, *github.Response, error) {
		return gh.Checks.CreateCheckRun(ctx, out.place.owner, out.place.repo, create)
	})
	if err != nil {
		return 0, err
	}
	done := len(first)
	for done < len(all) {
		part := all[done:min(len(all), done+annotationsARequest)]
		_, _, err := apiCall(ctx, func(ctx context.Context) (*github.CheckRun, *github.Response, error) {
			return gh.Checks.UpdateCheckRun(ctx, out.place.owner, out.place.repo, made.GetID(), github.UpdateCheckRunOptions{Name: name, Output: output(part)})
		})
		if err != nil {
			return done, err
		}
		done += len(part)
	}
	return done, nil
}

// runName is the check run's name. Runs of other jobs on the commit have others, and
// so have the checks that GitHub makes of the jobs themselves.
func runName(in publishOptions, out *outcome) string {
	name := "sot findings"
	if out.place.job != "" {
		name += ": " + out.place.job
	}
	if in.leg != "" {
		name += " (" + in.leg + ")"
	}
	return clip(report.Printable(name), 100)
}

// checkConclusion is how the check run ends.
func checkConclusion(r *report.Report) string {
	switch r.Run.ExitCode {
	case report.ExitClean:
		return "success"
	case report.ExitInterrupted:
		return "cancelled"
	}
	return "failure"
}

// tally is a run in a few words.
func tally(r *report.Report) string {
	errors, warnings, infos, fixed := r.Count()
	var parts []string
	add := func(n int, one, many string) {
		if n > 0 {
			parts = append(parts, report.Plural(n, one, many))
		}
	}
	add(len(r.Faults), "fault", "faults")
	add(errors, "error", "errors")
	add(warnings, "warning", "warnings")
	add(infos, "info", "infos")
	add(fixed, "fixed", "fixed")
	if len(parts) == 0 {
		return "clean"
	}
	return strings.Join(parts, ", ")
}

// onALine says whether a check run can hold a finding: it wants a file.
func onALine(f rule.Finding) bool {
	return f.Path != "" && !strings.HasSuffix(f.Path, "/") && utf8.ValidString(f.Path)
}

func checkAnnotations(findings []rule.Finding) []*github.CheckRunAnnotation {
	var out []*github.CheckRunAnnotation
	for _, f := range findings {
		if onALine(f) {
			out = append(out, checkAnnotation(f))
		}
	}
	return out
}

// checkAnnotation is a finding on its lines; one about a whole file is on the first.
func checkAnnotation(f rule.Finding) *github.CheckRunAnnotation {
	level := map[rule.Severity]string{rule.Error: "failure", rule.Warning: "warning"}[f.Severity]
	if level == "" {
		level = "notice"
	}
	first := max(1, f.Line)
	last := max(first, f.EndLine)
	a := &github.CheckRunAnnotation{
		Path: github.String(f.Path), StartLine: &first, EndLine: &last, AnnotationLevel: &level,
		Message: github.String(clipBytes(visible(f.Message), annotationBytes)), Title: github.String(clip(report.Printable(f.Rule), titleLength)),
	}
	if f.Line > 0 && last == first && f.Column > 0 { // GitHub refuses columns of several lines
		a.StartColumn = github.Int(f.Column)
		a.EndColumn = github.Int(max(f.Column, f.EndColumn))
	}
	return a
}

// visible is a message with what could steer its reader made visible, its lines kept.
func visible(s string) string {
	lines := strings.Split(strings.TrimSpace(s), "\n")
	for i, l := range lines {
		lines[i] = report.Printable(strings.TrimRight(l, "\r"))
	}
	if out := strings.Join(lines, "\n"); out != "" {
		return out
	}
	return "(no message)" // GitHub refuses an empty one
}

// clip cuts s to so many characters.
func clip(s string, most int) string {
	if r := []rune(s); len(r) > most {
		return string(r[:most-1]) + "…"
	}
	return s
}

// clipBytes cuts s to so many bytes.
func clipBytes(s string, most int) string {
	if len(s) <= most {
		return s
	}
	s = s[:most-len("…")]
	for !utf8.ValidString(s[max(0, len(s)-utf8.UTFMax):]) && len(s) > 0 {
		s = s[:len(s)-1]
	}
	return s + "…"
}
