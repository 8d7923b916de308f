package action

import (
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"strings"
)

// event is what of a webhook's payload matters here. Names of branches and
// repositories in it are whatever their owners like.
//
// https://docs.github.com/en/webhooks/webhook-events-and-payloads
type event struct {
	// push
	Before  string `json:"before"`
	After   string `json:"after"`
	Ref     string `json:"ref"`
	Forced  bool   `json:"forced"`
	Deleted bool   `json:"deleted"`

	PullRequest *pullRequest `json:"pull_request"`
	MergeGroup  *struct {
		BaseSHA string `json:"base_sha"`
		HeadSHA string `json:"head_sha"`
	} `json:"merge_group"`
	WorkflowRun *workflowRun `json:"workflow_run"`
	Repository  *repository  `json:"repository"`
}

type workflowRun struct {
	Event          string        `json:"event"`
	HeadBranch     string        `json:"head_branch"`
	HeadSHA        string        `json:"head_sha"`
	PullRequests   []pullRequest `json:"pull_requests"` // empty for forks
	HeadRepository *repository   `json:"head_repository"`
}

// runPull is the pull request that a workflow_run is about, nil where it is none or
// not one. Those of other repositories with the same head are listed as well (that
// of a fork into its origin), and their numbers mean nothing here.
func (e *event) runPull() *pullRequest {
	var own []*pullRequest
	for i := range e.WorkflowRun.PullRequests {
		p := &e.WorkflowRun.PullRequests[i]
		into := p.Base.Repo
		if into == nil || into.ID == 0 || e.Repository == nil || into.ID == e.Repository.ID {
			own = append(own, p)
		}
	}
	if len(own) != 1 {
		return nil
	}
	return own[0]
}

type pullRequest struct {
	Number       int    `json:"number"`
	ChangedFiles int    `json:"changed_files"`
	Base         branch `json:"base"`
	Head         branch `json:"head"`
}

type branch struct {
	SHA  string      `json:"sha"`
	Ref  string      `json:"ref"`
	Repo *repository `json:"repo"` // nil where a fork was deleted
}

type repository struct {
	ID            int64  `json:"id"` // 0 where the payload has none
	FullName      string `json:"full_name"`
	DefaultBranch string `json:"default_branch"`
}

// maxEvent bounds the payload, in bytes: GitHub's own limit is 25 MB.
const maxEvent = 32 << 20

// readEvent reads the payload; no path is an empty one.
func readEvent(path string) (*event, error) {
	if path == "" {
		return &event{}, nil
	}
	f, err := os.Open(path)
	if err != nil {
		return nil, fmt.Errorf("the event cannot be read: %w", err)
	}
	defer func() { _ = f.Close() }() // it was only read
	data, err := io.ReadAll(io.LimitReader(f, maxEvent+1))
	if err == nil && len(data) > maxEvent {
		err = fmt.Errorf("it has more than %d MiB", maxEvent>>20)
	}
	if err != nil {
		return nil, fmt.Errorf("the event %s cannot be read: %w", path, err)
	}
	return parseEvent(data)
}

// parseEvent reads a payload. Ids in it are checked: they become arguments.
func parseEvent(data []byte) (*event, error) {
	e := &event{}
	if err := json.Unmarshal(data, e); err != nil {
		return nil, fmt.Errorf("the event is no payload of GitHub's: %w", err)
	}
	ids := []string{e.Before, e.After}
	pulls := []*pullRequest{e.PullRequest}
	if g := e.MergeGroup; g != nil {
		ids = append(ids, g.BaseSHA, g.HeadSHA)
	}
	if r := e.WorkflowRun; r != nil {
		ids = append(ids, r.HeadSHA)
		for i := range r.PullRequests {
			pulls = append(pulls, &r.PullRequests[i])
		}
	}
	for _, p := range pulls {
		if p == nil {
			continue
		}
		if p.Number < 0 || p.ChangedFiles < 0 {
			return nil, errors.New("the event is no payload of GitHub's: a count below zero")
		}
		ids = append(ids, p.Base.SHA, p.Head.SHA)
	}
	for _, id := range ids {
		if id != "" && !isID(id) {
			return nil, fmt.Errorf("the event is no payload of GitHub's: %q is no commit", cut(id))
		}
	}
	return e, nil
}

// isID says whether s is an object id, of SHA-1 or SHA-256.
func isID(s string) bool {
	return (len(s) == 40 || len(s) == 64) && strings.Trim(s, "0123456789abcdef") == ""
}

// isNone says whether an id stands for no commit.
func isNone(id string) bool { return id == "" || strings.Trim(id, "0") == "" }

// short is an id as people read it.
func short(id string) string {
	if isID(id) {
		return id[:7]
	}
	return id
}
