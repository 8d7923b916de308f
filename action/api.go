package action

import (
	"context"
	"errors"
	"fmt"
	"net"
	"net/http"
	"net/url"
	"strings"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// apiTime is how long all questions about what changed may take together.
const apiTime = 10 * time.Second

// The most files that GitHub's API lists, however many there are.
//
// https://docs.github.com/en/rest/pulls/pulls#list-pull-requests-files
// https://docs.github.com/en/rest/commits/commits#compare-two-commits
const (
	mostPullFiles    = 3000
	mostCompareFiles = 300
)

// newClient returns a client of the API at apiURL; nil where there is no token.
func newClient(token, apiURL, version string) (*github.Client, error) {
	if token == "" {
		return nil, nil
	}
	c := github.NewClient(nil).WithAuthToken(token)
	c.UserAgent = "sot/" + version
	if apiURL != "" {
		u, err := url.Parse(strings.TrimSuffix(apiURL, "/") + "/")
		if err != nil || u.Host == "" {
			return nil, fmt.Errorf("GITHUB_API_URL is %q, which is no address", cut(apiURL))
		}
		c.BaseURL = u
	}
	return c, nil
}

// apiWhy says in one line why the API did not answer.
func apiWhy(err error) string {
	var limited *github.RateLimitError
	var abuse *github.AbuseRateLimitError
	var answer *github.ErrorResponse
	var dns *net.DNSError
	switch {
	case errors.As(err, &limited):
		return fmt.Sprintf("its rate limit is used up until %s", limited.Rate.Reset.UTC().Format("15:04 MST"))
	case errors.As(err, &abuse):
		return "it asked for fewer questions at a time"
	case errors.As(err, &answer) && answer.Response != nil:
		return statusWhy(answer.Response.StatusCode)
	case errors.Is(err, context.DeadlineExceeded):
		return fmt.Sprintf("it did not answer within %s", apiTime)
	case errors.Is(err, context.Canceled):
		return "the job was cancelled"
	case errors.As(err, &dns):
		return dns.Name + " is not found"
	}
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err // without the address, which every message names
	}
	return cut(strings.Join(strings.Fields(err.Error()), " "))
}

func statusWhy(code int) string {
	switch {
	case code == http.StatusUnauthorized:
		return "it does not know the token (401)"
	case code == http.StatusForbidden:
		return "the token may not (403); `permissions:` of the job wants `contents: read` and `pull-requests: read`"
	case code == http.StatusNotFound:
		return "it shows nothing there to this token (404)"
	case code == http.StatusTooManyRequests:
		return "it asked for fewer questions (429)"
	case code >= 500:
		return fmt.Sprintf("it has trouble of its own (%d)", code)
	}
	return fmt.Sprintf("it answered %d", code)
}

// change is one file of a list of the API's.
type change struct {
	source.Change
	patch string // hunks of a unified diff; "" where the API left them out
}

// pullFiles returns the files that a pull request changes. Want is how many the
// event says there are, 0 where it does not.
func pullFiles(ctx context.Context, gh *github.Client, at place, number, want int) ([]change, error) {
	if want > mostPullFiles {
		return nil, fmt.Errorf("the pull request changes %d files, and the API lists %d", want, mostPullFiles)
	}
	var all []change
	for page := 1; page > 0; {
		files, resp, err := gh.PullRequests.ListFiles(ctx, at.owner, at.repo, number, &github.ListOptions{Page: page, PerPage: 100})
		if err != nil {
			return nil, fmt.Errorf("the API's list of files: %s", apiWhy(err))
		}
		if all, err = add(all, files); err != nil {
			return nil, err
		}
		if len(all) >= mostPullFiles {
			return nil, fmt.Errorf("the API lists %d files and no more, so that its list may not be whole", mostPullFiles)
		}
		if resp.NextPage <= page {
			break
		}
		page = resp.NextPage
	}
	if want > 0 && len(all) != want {
		return nil, fmt.Errorf("the API lists %d files, and the event says %d", len(all), want)
	}
	return all, nil
}

// stillAt is an error where a pull request has another head by now: what the API
// lists of it is of that one.
func stillAt(ctx context.Context, gh *github.Client, at place, number int, head string) error {
	p, _, err := gh.PullRequests.Get(ctx, at.owner, at.repo, number)
	if err != nil {
		return fmt.Errorf("the API's pull request: %s", apiWhy(err))
	}
	if now := p.GetHead().GetSHA(); now != head {
		return fmt.Errorf("pull request #%d is at %s by now, and this run is about %s", number, short(cut(now)), short(head))
	}
	return nil
}

// comparison is what the API says of two commits.
type comparison struct {
	mergeBase string
	files     []change
	why       error // the list of files is not whole
}

// compare asks the API for the merge base of two commits, and for the files that
// differ between it and head.
func compare(ctx context.Context, gh *github.Client, at place, base, head string) (comparison, error) {
	c, _, err := gh.Repositories.CompareCommits(ctx, at.owner, at.repo, base, head, &github.ListOptions{PerPage: 1})
	if err != nil {
		return comparison{}, fmt.Errorf("the API's comparison: %s", apiWhy(err))
	}
	out := comparison{mergeBase: c.GetMergeBaseCommit().GetSHA()}
	if out.mergeBase != "" && !isID(out.mergeBase) {
		return comparison{}, errors.New("the API's comparison: its merge base is no commit")
	}
	if len(c.Files) >= mostCompareFiles {
		out.why = fmt.Errorf("the API's comparison names %d files and no more, so that it may not be whole", len(c.Files))
		return out, nil
	}
	out.files, out.why = add(nil, c.Files)
	return out, nil
}

// add reads files of the API.
func add(all []change, files []*github.CommitFile) ([]change, error) {
	for _, f := range files {
		c := change{Change: source.Change{Path: f.GetFilename(), OldPath: f.GetPreviousFilename()}, patch: f.GetPatch()}
		switch f.GetStatus() {
		case "added", "copied":
			c.Status = rule.Added
		case "removed":
			c.Status = rule.Deleted
		case "renamed":
			c.Status = rule.Renamed
		case "modified", "changed":
			c.Status = rule.Modified
		case "unchanged":
			continue
		default:
			return nil, fmt.Errorf("the API's list of files has a file that is %q", cut(f.GetStatus()))
		}
		if c.Path == "" || strings.ContainsRune(c.Path+c.OldPath, '\uFFFD') {
			return nil, errors.New("the API's list has a file whose name is not UTF-8, which cannot be told from it")
		}
		all = append(all, c)
	}
	return all, nil
}
