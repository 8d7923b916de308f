package action

import (
	"context"
	"fmt"
	"slices"
	"strings"
)

// refused is what a command rule says that may not run.
const refused = "refused: it would run on code that is not trusted, with this repository's rights; see docs/action-trust.md, then leave the rule out with the input skip, or set allow-untrusted: true"

// runnerFiles are the runner's files through which a step steers the steps behind
// it, and the job's outputs: not for programs that look at other people's code.
var runnerFiles = [...]string{"GITHUB_ENV", "GITHUB_PATH", "GITHUB_OUTPUT", "GITHUB_STATE", "GITHUB_STEP_SUMMARY"}

// commandEnv is the environment that command rules get: without the step's
// inputs, without the runner's tokens and addresses (ACTIONS_*), without what is
// usually called GitHub's token, and without any variable that holds one of the
// secrets, whatever its name.
func commandEnv(environ []string, secrets ...string) []string {
	out := make([]string, 0, len(environ))
	for _, kv := range environ {
		name, value, _ := strings.Cut(kv, "=")
		upper := strings.ToUpper(name) // Windows does not care
		switch {
		case strings.HasPrefix(upper, "INPUT_"), strings.HasPrefix(upper, "ACTIONS_"),
			upper == "GITHUB_TOKEN", upper == "GH_TOKEN", slices.Contains(runnerFiles[:], upper):
		case slices.ContainsFunc(secrets, func(s string) bool { return s != "" && strings.Contains(value, s) }):
		default:
			out = append(out, kv)
		}
	}
	return out
}

// believes says whether verdicts that the cache service gave back may decide this
// run: only where nobody else may have written the entry. Without a secret that
// is a run on the default branch whose code is that branch's: such a run is not
// given entries of other branches or of pull requests.
func believes(name, ref string, e *event) bool {
	main := ""
	if e.Repository != nil {
		main = e.Repository.DefaultBranch
	}
	switch name {
	case "push", "schedule", "workflow_dispatch":
		return main != "" && ref == "refs/heads/"+main
	}
	return false
}

// origin says what of a checkout an event vouches for.
//
// Untrusted is the code whatever is checked out: the event hands the repository's
// rights to a run that is about somebody else's commit. Elsewhere a workflow may
// do the same by hand, with a checkout of another ref: a comment that asks for a
// check of its pull request is the usual way. What an event vouches for is its own
// commit, GITHUB_SHA, and what that one's history holds: a commit that was
// accepted. Names of refs say nothing: a checkout of a fork's main is called
// refs/remotes/origin/main as well.
type origin struct {
	untrusted bool
	// confined says that GitHub gives a stranger's code no rights here: a token
	// that reads, and no secrets.
	confined bool
	// anybody may make the event happen.
	anybody bool
	own     string // the event's commit; "" or no id where nobody says it
}

// https://docs.github.com/en/actions/reference/workflows-and-actions/events-that-trigger-workflows
func originOf(name string, e *event, sha string) origin {
	o := origin{own: sha}
	switch name {
	case "pull_request_target", "workflow_run":
		o.untrusted = true
	case "pull_request", "pull_request_review", "pull_request_review_comment":
		o.confined = true
	case "push":
		if !isID(sha) {
			o.own = e.After
		}
	case "schedule", "workflow_dispatch", "repository_dispatch", "merge_group", "create", "delete", "release", "deployment":
	default: // issue_comment, issues, discussion, fork, watch, and what is to come
		o.anybody = name != ""
	}
	return o
}

// isForeign says whether what is checked out is another commit than what the event
// vouches for.
func (f *finder) isForeign(ctx context.Context) (bool, error) {
	o := f.origin
	switch {
	case o.untrusted:
		return true, nil
	case o.confined || f.head != "" && f.head == o.own:
		return false, nil
	case f.head == "" || !isID(o.own) || isNone(o.own):
		return o.anybody, nil
	}
	if !f.here(ctx, o.own) {
		return true, ctx.Err()
	}
	base, err := f.src.MergeBase(ctx, o.own, f.head)
	accepted := err == nil && base == f.head // where history is cut off, nothing says so
	return !accepted, ctx.Err()
}

// distrust sets what follows for a checkout that is foreign.
func (f *finder) distrust(ctx context.Context) (err error) {
	f.foreign, err = f.isForeign(ctx)
	if err != nil || !f.foreign || f.allowed || f.policy != "" {
		return err
	}
	if f.policy = f.origin.own; !isID(f.policy) {
		return usagef("GITHUB_SHA is %q, so that nothing says which commit the rules are read from", cut(f.policy))
	}
	return nil
}

// strangeNote says why code is judged as untrusted under an event where it mostly
// is not.
func (f *finder) strangeNote() string {
	if !f.foreign || f.origin.untrusted {
		return ""
	}
	what := "commit " + short(f.head)
	if f.head == "" {
		what = "no commit"
	}
	says := "%s is checked out, and the event's own commit is %s: what is there is judged as code that is not trusted, by the rules of that commit and without command rules; see docs/action-trust.md"
	if f.allowed {
		says = "%s is checked out, and the event's own commit is %s: it is trusted because of allow-untrusted, but nothing is kept of it"
	}
	return fmt.Sprintf(says, what, short(f.origin.own))
}
