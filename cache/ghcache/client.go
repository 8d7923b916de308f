package ghcache

import (
	"context"
	"errors"
	"net/http"
	"net/url"
	"strings"
	"sync"
	"time"
)

// Budget is how long a call may take, and how long all calls that fail may take
// together.
const Budget = 5 * time.Second

// What a caller takes quietly: the job may not write, or the entry is there.
var (
	// ErrExists says that there is an entry of that key already.
	ErrExists = errors.New("the cache has an entry of that key already")
	// ErrReadOnly says that this job may read the cache, but not write to it.
	ErrReadOnly = errors.New("this job may not write to the cache")
)

// File is one file of an entry.
type File struct {
	Name string // relative to the workspace, /-separated
	Data []byte
}

// Hit is an entry that was found.
type Hit struct {
	Key   string // the entry's own key
	Exact bool   // it is the key that was asked for, and no prefix
	Files []File // sorted as in the archive
}

// Client is a connection to the service. It is safe for concurrent use.
type Client struct {
	service     *url.URL // scheme and host
	token       string
	read, write bool // what the workflow allows
	http        *http.Client
	retry       time.Duration // how long to wait before a second try

	mu   sync.Mutex
	left time.Duration // of the budget for failures
}

// New returns a client by the environment of an Actions step; the error says why
// there is no cache here. A nil h is a client with Go's default transport. Only
// the transport of h is used: redirects and cookies are not.
func New(getenv func(string) string, h *http.Client) (*Client, error) {
	if !dotcom(getenv("GITHUB_SERVER_URL")) {
		return nil, errors.New("no cache: GitHub Enterprise Server has no cache service of version 2")
	}
	read, write := mode(getenv("ACTIONS_CACHE_MODE"))
	if !read && !write {
		return nil, errors.New("no cache: the workflow's cache mode is none")
	}
	results, token := getenv("ACTIONS_RESULTS_URL"), getenv("ACTIONS_RUNTIME_TOKEN")
	if results == "" || token == "" {
		return nil, errors.New("no cache: ACTIONS_RESULTS_URL or ACTIONS_RUNTIME_TOKEN is not set; " +
			"actions get them, steps with `run:` do not")
	}
	u, err := url.Parse(results)
	if err != nil || u.Scheme != "https" && u.Scheme != "http" || u.Host == "" || u.User != nil {
		return nil, errors.New("no cache: ACTIONS_RESULTS_URL is no URL of a service")
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r <= ' ' || r > '~' }) {
		return nil, errors.New("no cache: ACTIONS_RUNTIME_TOKEN is no token")
	}
	c := &Client{
		service: &url.URL{Scheme: u.Scheme, Host: u.Host},
		token:   token,
		read:    read, write: write,
		http:  &http.Client{CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
		retry: 200 * time.Millisecond,
		left:  Budget,
	}
	if h != nil {
		c.http.Transport = h.Transport
	}
	return c, nil
}

// dotcom says whether a server has the service, by the rule of GitHub's client.
func dotcom(server string) bool {
	if server == "" {
		return true
	}
	u, err := url.Parse(server)
	if err != nil {
		return false
	}
	host := strings.ToLower(u.Hostname())
	return host == "github.com" || strings.HasSuffix(host, ".ghe.com") || strings.HasSuffix(host, ".localhost")
}

// mode says what ACTIONS_CACHE_MODE allows; what it does not know allows all, as
// in GitHub's client.
func mode(s string) (read, write bool) {
	switch strings.ToLower(strings.TrimSpace(s)) {
	case "none":
		return false, false
	case "read":
		return true, false
	case "write-only":
		return false, true
	}
	return true, true
}

// begin starts a call: its context ends with the budget, and done, given the
// call's error, takes what a failure cost from it.
func (c *Client) begin(parent context.Context) (ctx context.Context, done func(error) error) {
	c.mu.Lock()
	left := c.left
	c.mu.Unlock()
	start := time.Now()
	ctx, cancel := context.WithTimeout(parent, left)
	return ctx, func(err error) error {
		defer cancel()
		if err == nil || errors.Is(err, ErrExists) || errors.Is(err, ErrReadOnly) {
			return err
		}
		c.mu.Lock()
		defer c.mu.Unlock()
		c.left = max(0, c.left-time.Since(start))
		switch {
		case parent.Err() != nil:
			return parent.Err()
		case left == 0:
			return errors.New("the cache service was too slow before, and is not asked again")
		case ctx.Err() != nil:
			return errors.New("the cache service was too slow: it had " + Budget.String() + " in all")
		}
		return errors.New(c.oneLine(err))
	}
}
