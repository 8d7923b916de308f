package action

import (
	"fmt"
	"strconv"
	"strings"
)

// placeOf says where a run belongs, by the environment of a step and its event.
//
// https://docs.github.com/en/actions/reference/workflows-and-actions/variables
func placeOf(getenv func(string) string, e *event) place {
	p := place{server: strings.TrimSuffix(getenv("GITHUB_SERVER_URL"), "/"), head: getenv("GITHUB_SHA"), job: getenv("GITHUB_JOB")}
	if p.server == "" {
		p.server = "https://github.com"
	}
	p.owner, p.repo, _ = strings.Cut(getenv("GITHUB_REPOSITORY"), "/")
	p.runID, _ = strconv.ParseInt(getenv("GITHUB_RUN_ID"), 10, 64) // 0 outside of a run
	p.attempt, _ = strconv.Atoi(getenv("GITHUB_RUN_ATTEMPT"))
	if p.runID > 0 && p.repo != "" {
		p.runURL = fmt.Sprintf("%s/%s/%s/actions/runs/%d", p.server, p.owner, p.repo, p.runID)
		if p.attempt > 1 {
			p.runURL += fmt.Sprintf("/attempts/%d", p.attempt)
		}
	}
	own := getenv("GITHUB_REPOSITORY")
	switch {
	case e.PullRequest != nil:
		p.head, p.pull = e.PullRequest.Head.SHA, e.PullRequest.Number
		p.fork = e.PullRequest.Head.Repo == nil || !strings.EqualFold(e.PullRequest.Head.Repo.FullName, own)
	case e.WorkflowRun != nil:
		p.head = e.WorkflowRun.HeadSHA
		p.fork = e.WorkflowRun.HeadRepository != nil && !strings.EqualFold(e.WorkflowRun.HeadRepository.FullName, own)
		if pull := e.runPull(); pull != nil {
			p.pull = pull.Number
		}
	}
	return p
}
