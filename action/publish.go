package action

import (
	"context"

	"github.com/google/go-github/v60/github"
	"github.com/sethvargo/go-githubactions"
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
}

// publish tells GitHub what a run found: annotations on the lines, the step
// summary, the comment, the suggested changes, as the options say. It never fails
// the run: what could not be done comes back as notes, one line each.
//
// A nil gh is no access to the API: what needs it is a note, or falls back.
func publish(ctx context.Context, gh *github.Client, act *githubactions.Action, in publishOptions, out *outcome) []string {
	_, _, _, _, _ = ctx, gh, act, in, out
	return nil
}
