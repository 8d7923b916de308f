package action

import (
	"fmt"
	"strings"
)

// aim is what an event asks to be checked, before anybody has looked whether it
// can be had.
type aim struct {
	everything bool // and why says so
	nothing    bool
	why        string

	base     string // commit or ref to compare with
	says     string // what base is, for people
	ancestor bool   // base is an ancestor of the head: their trees are compared
	head     string // the commit that must be checked out; "" is any
	pull     int    // the pull request whose list of files says the same; 0 where none does
	files    int    // how many files that list has; 0 where it is not known

	untrusted bool // code of people who may not write runs with this repository's rights
	// policy is the commit that says how untrusted code is judged.
	policy string
}

// aimOf says what an event asks for. Name is GITHUB_EVENT_NAME, sha GITHUB_SHA,
// ref GITHUB_REF.
func aimOf(name string, e *event, in *inputs, sha, ref string) (aim, error) {
	a, err := aimOfEvent(name, e, ref)
	if err != nil && !in.all && in.base == "" {
		return a, err
	}
	a.untrusted = originOf(name, e, sha).untrusted
	if a.untrusted && !in.allowUntrusted {
		if a.policy = sha; !isID(sha) {
			return a, fmt.Errorf("GITHUB_SHA is %q, so that nothing says which commit the rules are read from", cut(sha))
		}
	}
	switch {
	case in.all:
		a = aim{everything: true, why: "every file: the input files is all", head: a.head, untrusted: a.untrusted, policy: a.policy}
	case in.base != "":
		a = aim{base: in.base, says: "the input base", untrusted: a.untrusted, policy: a.policy, head: a.head}
	}
	return a, nil
}

func aimOfEvent(name string, e *event, ref string) (aim, error) {
	switch name {
	case "pull_request", "pull_request_target", "pull_request_review", "pull_request_review_comment":
		return aimOfPull(e.PullRequest)
	case "push":
		return aimOfPush(e, ref)
	case "merge_group":
		g := e.MergeGroup
		if g == nil || isNone(g.BaseSHA) || isNone(g.HeadSHA) {
			return aim{}, fmt.Errorf("the event merge_group names no base and head")
		}
		return aim{base: g.BaseSHA, says: "the merge group's base", ancestor: true, head: g.HeadSHA}, nil
	case "workflow_run":
		return aimOfWorkflowRun(e)
	case "":
		return aim{}, fmt.Errorf("GITHUB_EVENT_NAME is not set, so that nothing says what changed; set the input files to all, or base to what to compare with")
	}
	return aim{everything: true, why: "every file: the event " + name + " is about no change"}, nil
}

func aimOfPull(p *pullRequest) (aim, error) {
	if p == nil || isNone(p.Base.SHA) || isNone(p.Head.SHA) {
		return aim{}, fmt.Errorf("the event names no pull request with a base and a head")
	}
	return aim{base: p.Base.SHA, says: "the base of the pull request", head: p.Head.SHA, pull: p.Number, files: p.ChangedFiles}, nil
}

func aimOfPush(e *event, ref string) (aim, error) {
	if e.Ref != "" {
		ref = e.Ref
	}
	main := ""
	if e.Repository != nil && e.Repository.DefaultBranch != "" {
		main = "refs/heads/" + e.Repository.DefaultBranch
	}
	switch {
	case e.Deleted || isNone(e.After) && !isNone(e.Before):
		return aim{nothing: true, why: "nothing: the push deleted " + ref}, nil
	case strings.HasPrefix(ref, "refs/tags/"): // of a moved one the payload may name tags where it says commits
		return aim{everything: true, why: "every file: a tag is about no change"}, nil
	case !isNone(e.Before):
		a := aim{base: e.Before, says: "what was there before the push", ancestor: !e.Forced, head: e.After}
		if e.Forced {
			a.says = "what the push replaced"
		}
		return a, nil
	case main == "" || ref == main:
		return aim{everything: true, why: "every file: this is the first push to the branch", head: e.After}, nil
	}
	return aim{base: strings.TrimPrefix(main, "refs/heads/"), says: "the default branch, because this branch is new", head: e.After}, nil
}

// aimOfWorkflowRun is about what the other workflow ran on, which is not what
// this one runs on: the default branch.
func aimOfWorkflowRun(e *event) (aim, error) {
	r := e.WorkflowRun
	if r == nil || isNone(r.HeadSHA) {
		return aim{}, fmt.Errorf("the event workflow_run names no commit")
	}
	if p := e.runPull(); p != nil {
		a, err := aimOfPull(p)
		a.head, a.files = r.HeadSHA, 0
		return a, err
	}
	main := ""
	if e.Repository != nil {
		main = e.Repository.DefaultBranch
	}
	if main == "" || r.HeadBranch == main && r.Event != "pull_request" {
		return aim{everything: true, why: "every file: the workflow that ran before this one names no change", head: r.HeadSHA}, nil
	}
	return aim{base: main, says: "the default branch", head: r.HeadSHA}, nil
}
