package action

import (
	"context"
	"fmt"
	"os"
	"strings"

	"github.com/google/go-github/v60/github"
	"github.com/sethvargo/go-githubactions"
	"github.com/sot-validator/sot/engine/report"
)

// publishOptions say what is told where.
type publishOptions struct {
	annotations string // auto, checks, commands or off
	summary     bool   // write the step summary
	comment     string // off or sticky
	suggest     bool   // post what fixes would change as suggested changes
	// leg tells apart the jobs that run on one commit under one job id, such as the
	// values of a matrix; "" where there is one. It goes into names that people read.
	leg string
	// settle waits for what goes on beside, before the summary tells of it, and
	// returns notes; nil is nothing.
	settle func() []string
}

// publish tells GitHub what a run found: annotations on the lines, the step
// summary, the comment, the suggested changes, as the options say. It never fails
// the run: what could not be done comes back as notes, one line each.
//
// A nil gh is no access to the API: what needs it is a note, or falls back.
func publish(ctx context.Context, gh *github.Client, act *githubactions.Action, in publishOptions, out *outcome) []string {
	ctx, cancel := context.WithTimeout(ctx, allTime)
	defer cancel()
	lost, notes := annotate(ctx, gh, act, in, out)
	p := &poster{gh: gh, in: in, out: out, workflow: act.Getenv("GITHUB_WORKFLOW")}
	if in.suggest {
		notes = append(notes, p.suggest(ctx)...)
	}
	if in.comment == "sticky" {
		notes = append(notes, p.sticky(ctx)...)
	}
	if in.settle != nil {
		notes = append(notes, in.settle()...)
	}
	if in.summary { // last: it says what could not be told elsewhere
		o := markdownOptions(out)
		o.Unannotated, o.Notes = lost, notes
		if err := writeSummary(act.Getenv("GITHUB_STEP_SUMMARY"), out.report, o); err != nil {
			notes = append(notes, "no step summary: "+clipNote(err.Error()))
		}
	}
	return notes
}

// markdownOptions are what a report says of this run's place.
func markdownOptions(out *outcome) report.MarkdownOptions {
	o := report.MarkdownOptions{
		Server: out.place.server, Head: out.place.head, Run: out.place.runURL,
		Compared: out.compared, Cache: out.cacheNote, Changed: out.changed,
	}
	if out.place.owner != "" && out.place.repo != "" {
		o.Repository = out.place.owner + "/" + out.place.repo
	}
	for _, f := range out.history {
		o.Past = append(o.Past, report.Past{Seconds: f.Seconds, Workers: f.Workers, Efficiency: f.Efficiency, Speedup: f.Speedup})
	}
	return o
}

// writeSummary adds the summary to the step's file. GitHub drops a file that is too
// long whole, with what others wrote before.
func writeSummary(path string, r *report.Report, o report.MarkdownOptions) error {
	if path == "" {
		return fmt.Errorf("GITHUB_STEP_SUMMARY names no file")
	}
	f, err := os.OpenFile(path, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o644)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err == nil {
		o.Limit = report.MaxSummary - int(min(info.Size(), report.MaxSummary))
		if o.Limit < 1024 {
			err = fmt.Errorf("other summaries of this step leave no room")
		}
	}
	var b strings.Builder
	if err == nil && info.Size() > 0 {
		b.WriteByte('\n')
		o.Limit--
	}
	if err == nil {
		err = report.Markdown(&b, r, o)
	}
	if err == nil {
		_, err = f.WriteString(b.String())
	}
	if closed := f.Close(); err == nil {
		err = closed
	}
	return err
}

// poster writes to a pull request.
type poster struct {
	gh       *github.Client
	in       publishOptions
	out      *outcome
	workflow string
	login    string // who the token writes as; "" was not asked yet
}

// mine says whether a user is who the token writes as: what others write is theirs,
// whatever it looks like.
func (p *poster) mine(ctx context.Context, u *github.User) bool {
	if p.login == "" {
		p.login = login(ctx, p.gh)
	}
	return wrote(u, p.login)
}

// why says why there is no pull request to write to; "" where there is one.
func (p *poster) why() string {
	switch {
	case p.out.place.pull == 0:
		return "the run is of no single pull request"
	case p.gh == nil || p.out.place.owner == "" || p.out.place.repo == "":
		return "there is no access to the API here"
	}
	return ""
}

// reason says why writing to the pull request failed.
func (p *poster) reason(err error) string {
	return reason(err, "pull-requests: write", p.out.place.fork)
}
