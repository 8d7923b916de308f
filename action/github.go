package action

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"time"

	"github.com/google/go-github/v60/github"
	"github.com/sot-validator/sot/engine/report"
)

// What GitHub's API may take, so that nobody waits for it.
const (
	callTime = 10 * time.Second // one request
	allTime  = 60 * time.Second // everything that is told of a run
)

// apiCall makes one request, bounded in time. Where GitHub asks to wait (a rate
// limit), and the wait fits into the bounds, it is made once more; so is a reading
// request after an error of the server's.
// https://docs.github.com/rest/using-the-rest-api/rate-limits-for-the-rest-api
func apiCall[T any](ctx context.Context, request func(context.Context) (T, *github.Response, error)) (T, *github.Response, error) {
	for try := 0; ; try++ {
		one, cancel := context.WithTimeout(ctx, callTime)
		v, resp, err := request(one)
		cancel()
		if err == nil || try == 1 || ctx.Err() != nil {
			return v, resp, err
		}
		wait, again := pause(resp, err, time.Now())
		if !again || wait > callTime {
			return v, resp, err
		}
		if end, ok := ctx.Deadline(); ok && time.Until(end) < wait {
			return v, resp, err
		}
		select {
		case <-ctx.Done():
			return v, resp, err
		case <-time.After(wait):
		}
	}
}

// pause is how long GitHub asks to wait after an error, and whether the same request
// can be made again then.
func pause(resp *github.Response, err error, now time.Time) (wait time.Duration, again bool) {
	var limited *github.AbuseRateLimitError
	switch {
	case errors.As(err, &limited) && limited.RetryAfter != nil:
		return *limited.RetryAfter + 100*time.Millisecond, true // the client itself keeps the time
	case resp == nil || resp.Response == nil:
		return 0, false
	}
	h := resp.Header
	if seconds, err := strconv.Atoi(h.Get("Retry-After")); err == nil && seconds >= 0 {
		return time.Duration(min(seconds, 1e6)) * time.Second, true
	}
	if resp.StatusCode != http.StatusForbidden && resp.StatusCode != http.StatusTooManyRequests {
		reading := resp.Request != nil && resp.Request.Method == http.MethodGet
		return time.Second, reading && resp.StatusCode >= 500
	}
	if reset, err := strconv.ParseInt(h.Get("X-RateLimit-Reset"), 10, 64); err == nil && h.Get("X-RateLimit-Remaining") == "0" {
		return max(0, time.Unix(reset, 0).Sub(now)) + 100*time.Millisecond, true
	}
	return 0, false
}

// reason says why a request failed, for people, and which permission it takes. What
// GitHub, or who stands in for it, answered is not trusted, and cut.
func reason(err error, permission string, fork bool) string {
	var refused *github.ErrorResponse
	var rate *github.RateLimitError
	var limited *github.AbuseRateLimitError
	switch {
	case errors.As(err, &rate), errors.As(err, &limited):
		return "GitHub's rate limit is used up"
	case errors.Is(err, context.DeadlineExceeded):
		return "GitHub did not answer in time"
	case errors.Is(err, context.Canceled):
		return "the run was cancelled"
	case !errors.As(err, &refused) || refused.Response == nil:
		return clipNote(err.Error())
	}
	switch code := refused.Response.StatusCode; {
	case code == http.StatusForbidden || code == http.StatusNotFound:
		if fork {
			return fmt.Sprintf("the token may not (%d): pull requests from forks have none that may write", code)
		}
		return fmt.Sprintf("the token may not (%d): `permissions:` of the job wants `%s`", code, permission)
	case code == http.StatusTooManyRequests:
		return "GitHub's rate limit is used up"
	case code >= 500:
		return fmt.Sprintf("GitHub answered with %d", code)
	default:
		return fmt.Sprintf("GitHub answered with %d: %s", code, clipNote(refused.Message))
	}
}

// clipNote is untrusted text in a note: one line, cut.
func clipNote(s string) string {
	const most = 200
	if r := []rune(s); len(r) > most {
		s = string(r[:most]) + "…"
	}
	return report.Printable(s)
}

// login is the name under which the token writes. Tokens of a job may not ask who
// they are but by GraphQL; where nothing answers, it is the job's own.
func login(ctx context.Context, gh *github.Client) string {
	const jobs = "github-actions[bot]"
	path := "graphql"
	if base := gh.BaseURL.Path; len(base) >= 4 && base[len(base)-4:] == "/v3/" { // GitHub Enterprise Server
		path = "../graphql"
	}
	var out struct {
		Data struct{ Viewer struct{ Login string } }
	}
	_, _, err := apiCall(ctx, func(ctx context.Context) (any, *github.Response, error) {
		req, err := gh.NewRequest(http.MethodPost, path, map[string]string{"query": "query{viewer{login}}"})
		if err != nil {
			return nil, nil, err
		}
		resp, err := gh.Do(ctx, req, &out)
		return nil, resp, err
	})
	if name := out.Data.Viewer.Login; err == nil && name != "" {
		return name
	}
	return jobs
}

// wrote says whether a user is who the token writes as. Some answers leave out what
// marks a bot's name.
func wrote(u *github.User, login string) bool {
	return login != "" && (u.GetLogin() == login || u.GetType() == "Bot" && u.GetLogin() == login+"[bot]")
}
