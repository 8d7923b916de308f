package remote

import (
	"bytes"
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/url"
	"strings"
	"sync/atomic"
	"time"
	"unicode"
)

// Budget is how long a fetch and a push may take, and how long a server that
// fails is waited for in all.
const Budget = time.Second

// Client speaks to one server. It is safe for concurrent use.
type Client struct {
	base   *url.URL
	auth   string // the header; "": none
	writes bool
	http   *http.Client
	budget time.Duration
	off    atomic.Bool // something failed
}

var errAddress = errors.New("the remote cache's address is no URL with https (or http, on this machine)")

// New returns a client of the server at an address. The token, where there is
// one, is sent as a bearer token, or where it is of the form user:password by
// HTTP's basic scheme; without one nothing is written. A password in the
// address is for reading.
func New(address, token string, transport http.RoundTripper) (*Client, error) {
	u, err := url.Parse(address)
	if err != nil || u.Host == "" || u.RawQuery != "" || u.Fragment != "" || u.Scheme != "https" && (u.Scheme != "http" || !loopback(u.Hostname())) {
		return nil, errAddress // whose text may hold a password
	}
	if strings.ContainsFunc(token, func(r rune) bool { return r < ' ' || r > '~' }) {
		return nil, errors.New("the remote cache's token is none: it holds characters that no header may")
	}
	c := &Client{
		base: &url.URL{Scheme: u.Scheme, Host: u.Host, Path: strings.TrimSuffix(u.Path, "/")}, writes: token != "", budget: Budget,
		http: &http.Client{Transport: transport, CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse }},
	}
	switch {
	case strings.Contains(token, ":"):
		c.auth = basic(token)
	case token != "":
		c.auth = "Bearer " + token
	case u.User != nil:
		password, _ := u.User.Password()
		c.auth = basic(u.User.Username() + ":" + password)
	}
	return c, nil
}

func basic(pair string) string {
	return "Basic " + base64.StdEncoding.EncodeToString([]byte(pair))
}

// loopback says whether a host is this machine, by its name alone.
func loopback(host string) bool {
	ip := net.ParseIP(host)
	return host == "localhost" || ip != nil && ip.IsLoopback()
}

// Allow gives a fetch and a push another time than Budget.
func (c *Client) Allow(d time.Duration) { c.budget = d }

// Writes says whether this client may write.
func (c *Client) Writes() bool { return c.writes }

// ErrOff says that the server is not asked any more: an error before this one said why.
var ErrOff = errors.New("it failed before")

// within runs one exchange within the budget; its failure turns the client off.
func (c *Client) within(parent context.Context, do func(context.Context) error) error {
	if c.off.Load() {
		return ErrOff
	}
	ctx, cancel := context.WithTimeout(parent, c.budget)
	defer cancel()
	err := do(ctx)
	if err == nil {
		return nil
	}
	c.off.Store(true)
	if parent.Err() == nil && ctx.Err() != nil {
		err = fmt.Errorf("no answer within %v", c.budget)
	}
	return fmt.Errorf("remote cache %s: %s", c.base.Host, c.oneLine(err))
}

// oneLine returns an error's text for people. The URL that net/http puts around
// it is left out.
func (c *Client) oneLine(err error) string {
	var u *url.Error
	if errors.As(err, &u) {
		err = u.Err
	}
	text := err.Error()
	if _, secret, ok := strings.Cut(c.auth, " "); ok && secret != "" {
		text = strings.ReplaceAll(text, secret, "***")
	}
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	if runes := []rune(text); len(runes) > 200 {
		text = string(runes[:200]) + "..."
	}
	return text
}

// errMissing says that the server has nothing by that name.
var errMissing = errors.New("not found")

// get reads what is at a path, of at most so many bytes.
func (c *Client) get(ctx context.Context, path string, most int64) ([]byte, error) {
	res, err := c.do(ctx, http.MethodGet, path, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	switch {
	case res.StatusCode == http.StatusNotFound:
		return nil, errMissing
	case res.StatusCode != http.StatusOK:
		return nil, refused(res.StatusCode)
	case res.ContentLength > most:
		return nil, errTooLarge
	}
	data, err := io.ReadAll(io.LimitReader(res.Body, most+1))
	if err == nil && int64(len(data)) > most {
		err = errTooLarge
	}
	return data, err
}

func (c *Client) put(ctx context.Context, path string, data []byte) error {
	res, err := c.do(ctx, http.MethodPut, path, data)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode/100 != 2 {
		return refused(res.StatusCode)
	}
	return nil
}

func (c *Client) do(ctx context.Context, method, path string, data []byte) (*http.Response, error) {
	var body io.Reader
	if data != nil {
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, c.base.String()+path, body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "sot")
	req.Header.Set("Accept-Encoding", "identity") // a length that can be checked
	if c.auth != "" {
		req.Header.Set("Authorization", c.auth)
	}
	if data != nil {
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	return c.http.Do(req)
}

var errTooLarge = errors.New("an answer is larger than it may be")

func refused(status int) error {
	switch status {
	case http.StatusUnauthorized, http.StatusForbidden:
		return fmt.Errorf("status %d: the server wants another token", status)
	}
	return fmt.Errorf("status %d", status)
}
