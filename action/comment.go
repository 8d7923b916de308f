package action

import (
	"cmp"
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
)

const (
	commentLength = 65536 // characters that GitHub takes; bytes are no fewer
	mostPages     = 50    // of 100 comments
)

// sticky keeps one comment of this job on the pull request: found again by a hidden
// marker among what the token itself wrote, and updated in place. Where nothing is
// wrong and there is none, none is written.
func (p *poster) sticky(ctx context.Context) []string {
	if why := p.why(); why != "" {
		return []string{"no comment: " + why}
	}
	note, err := p.writeComment(ctx)
	if err != nil {
		note = "no comment: " + p.reason(err)
	}
	if note == "" {
		return nil
	}
	return []string{note}
}

func (p *poster) writeComment(ctx context.Context) (note string, err error) {
	old, err := p.comments(ctx, time.Time{})
	if err != nil {
		return "", err
	}
	r := p.out.report
	if len(old) == 0 && r.Run.ExitCode == report.ExitClean && len(standing(r)) == 0 && len(r.Faults) == 0 {
		return "", nil
	}
	body, err := p.body()
	if err != nil {
		return "", err
	}
	if len(old) == 0 {
		return p.create(ctx, body)
	}
	return p.settle(ctx, old, body)
}

// create writes the first comment. Another run may do so at the same time: both look
// again afterwards, and agree on the oldest.
func (p *poster) create(ctx context.Context, body string) (note string, err error) {
	made, _, err := apiCall(ctx, func(ctx context.Context) (*github.IssueComment, *github.Response, error) {
		return p.gh.Issues.CreateComment(ctx, p.out.place.owner, p.out.place.repo, p.out.place.pull, &github.IssueComment{Body: &body})
	})
	if err != nil {
		return "", err
	}
	p.login = cmp.Or(made.GetUser().GetLogin(), p.login)
	if all, err := p.comments(ctx, made.GetCreatedAt().Add(-time.Hour)); err == nil && len(all) > 1 {
		return p.settle(ctx, all, body)
	}
	return "", nil // it is written, whatever the second look says
}

// settle leaves the oldest of several comments with the newest run's body.
func (p *poster) settle(ctx context.Context, old []comment, body string) (note string, err error) {
	newest := slices.MaxFunc(old, func(a, b comment) int { return a.run.compare(b.run) })
	if p.run().compare(newest.run) < 0 {
		if len(old) == 1 {
			return "the comment is of a newer run, and was left as it is", nil
		}
		body = newest.body
	}
	if old[0].body != body {
		_, resp, err := apiCall(ctx, func(ctx context.Context) (*github.IssueComment, *github.Response, error) {
			return p.gh.Issues.EditComment(ctx, p.out.place.owner, p.out.place.repo, old[0].id, &github.IssueComment{Body: &body})
		})
		if err != nil && resp != nil && resp.Response != nil && resp.StatusCode == http.StatusNotFound { // deleted meanwhile
			if len(old) > 1 {
				return p.settle(ctx, old[1:], body)
			}
			return p.create(ctx, body)
		}
		if err != nil {
			return "", err
		}
	}
	for _, c := range old[1:] {
		_, _, err := apiCall(ctx, func(ctx context.Context) (any, *github.Response, error) {
			resp, err := p.gh.Issues.DeleteComment(ctx, p.out.place.owner, p.out.place.repo, c.id)
			return nil, resp, err
		})
		var gone *github.ErrorResponse
		if err != nil && !(errors.As(err, &gone) && gone.Response != nil && gone.Response.StatusCode == http.StatusNotFound) {
			note = "a second comment of this job could not be deleted: " + p.reason(err)
		}
	}
	return note, nil
}

// comment is one of ours on the pull request.
type comment struct {
	id   int64
	run  runOf
	body string
}

// runOf orders runs: by id, then by attempt.
type runOf struct {
	id      int64
	attempt int
}

func (r runOf) compare(o runOf) int {
	return cmp.Or(cmp.Compare(r.id, o.id), cmp.Compare(r.attempt, o.attempt))
}

func (p *poster) run() runOf { return runOf{p.out.place.runID, p.out.place.attempt} }

// comments returns this job's comments since a time, the oldest first.
func (p *poster) comments(ctx context.Context, since time.Time) ([]comment, error) {
	var out []comment
	o := &github.IssueListCommentsOptions{ListOptions: github.ListOptions{PerPage: 100}}
	if !since.IsZero() {
		o.Since = &since
	}
	for range mostPages {
		page, resp, err := apiCall(ctx, func(ctx context.Context) ([]*github.IssueComment, *github.Response, error) {
			return p.gh.Issues.ListComments(ctx, p.out.place.owner, p.out.place.repo, p.out.place.pull, o)
		})
		if err != nil {
			return nil, err
		}
		for _, c := range page {
			if run, ok := p.marked(c.GetBody()); ok && p.mine(ctx, c.GetUser()) {
				out = append(out, comment{id: c.GetID(), run: run, body: c.GetBody()})
			}
		}
		if o.Page = resp.NextPage; o.Page == 0 {
			break
		}
	}
	slices.SortFunc(out, func(a, b comment) int { return cmp.Compare(a.id, b.id) })
	return out, nil
}

// marker is a line that nobody sees: whose comment it is, and of which run.
func (p *poster) marker() string {
	return fmt.Sprintf("%s run=%d attempt=%d -->\n", p.markerHead(), p.out.place.runID, p.out.place.attempt)
}

// markerHead tells the jobs of a repository apart.
func (p *poster) markerHead() string {
	sum := sha256.Sum256([]byte(p.workflow + "\x00" + p.out.place.job + "\x00" + p.in.leg))
	return fmt.Sprintf("<!-- sot:comment job=%x", sum[:8])
}

// marked says whether a body is of this job, and of which run.
func (p *poster) marked(body string) (run runOf, ok bool) {
	rest, ok := strings.CutPrefix(body, p.markerHead())
	if !ok {
		return run, false
	}
	_, _ = fmt.Sscanf(rest, " run=%d attempt=%d", &run.id, &run.attempt) // else it is of a run before all others
	return run, true
}

func (p *poster) body() (string, error) {
	var b strings.Builder
	b.WriteString(p.marker())
	o := markdownOptions(p.out)
	o.Brief = true
	o.Limit = commentLength - b.Len()
	err := report.Markdown(&b, p.out.report, o)
	return b.String(), err
}
