package ghcache

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strings"
	"time"
	"unicode"
)

const (
	servicePath = "/twirp/github.actions.results.api.v1.CacheService/"
	maxAnswer   = 1 << 20 // of the service, bytes
	maxMessage  = 200     // of what the service says, runes
)

// refusal is an answer of the service that is not what was asked for.
type refusal struct {
	method, code, message string
	status                int
}

func (r *refusal) Error() string {
	s := fmt.Sprintf("the cache service refuses %s: status %d", r.method, r.status)
	if r.message != "" {
		s += ": " + r.message
	}
	return s
}

// call asks the service. A question that changes nothing is asked twice where the
// service failed; one that creates an entry is not, because the first may have.
func (c *Client) call(ctx context.Context, method string, in, out any) error {
	body, err := json.Marshal(in)
	if err != nil {
		return err
	}
	err = c.once(ctx, method, body, out)
	var r *refusal
	if method != "GetCacheEntryDownloadURL" || !errors.As(err, &r) || r.status < 500 {
		return err
	}
	select {
	case <-ctx.Done():
		return err
	case <-time.After(c.retry):
		return c.once(ctx, method, body, out)
	}
}

func (c *Client) once(ctx context.Context, method string, body []byte, out any) error {
	req, err := http.NewRequestWithContext(ctx, http.MethodPost, c.service.String()+servicePath+method, bytes.NewReader(body))
	if err != nil {
		return err
	}
	req.Header.Set("Authorization", "Bearer "+c.token)
	req.Header.Set("Content-Type", "application/json")
	req.Header.Set("Accept", "application/json")
	req.Header.Set("User-Agent", "sot")
	res, err := c.http.Do(req)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	data, err := readAll(res.Body, maxAnswer)
	if err != nil {
		return err
	}
	if res.StatusCode != http.StatusOK {
		return refused(method, res.StatusCode, data)
	}
	if err := json.Unmarshal(data, out); err != nil {
		return fmt.Errorf("the cache service's answer to %s is not what was asked for", method)
	}
	return nil
}

// refused reads Twirp's error (twitchtv.github.io/twirp/docs/errors.html).
func refused(method string, status int, body []byte) error {
	var e struct {
		Code string `json:"code"`
		Msg  string `json:"msg"`
	}
	if json.Unmarshal(body, &e) != nil {
		e.Code, e.Msg = "", "" // a page of a proxy, as likely as not
	}
	return &refusal{method: method, status: status, code: e.Code, message: e.Msg}
}

// download reads a blob.
func (c *Client) download(ctx context.Context, signed string) ([]byte, error) {
	res, err := c.blob(ctx, http.MethodGet, signed, nil)
	if err != nil {
		return nil, err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusOK {
		return nil, fmt.Errorf("the cache's storage answers with status %d", res.StatusCode)
	}
	if res.ContentLength > MaxArchive {
		return nil, errTooLarge
	}
	return readAll(res.Body, MaxArchive)
}

// upload writes a blob in one "Put Blob".
func (c *Client) upload(ctx context.Context, signed string, data []byte) error {
	res, err := c.blob(ctx, http.MethodPut, signed, data)
	if err != nil {
		return err
	}
	defer func() { _ = res.Body.Close() }()
	if res.StatusCode != http.StatusCreated {
		return fmt.Errorf("the cache's storage refuses the upload: status %d", res.StatusCode)
	}
	return nil
}

// blob asks the storage behind a signed URL, which is all the permission there
// is: the token is for the service alone.
func (c *Client) blob(ctx context.Context, method, signed string, data []byte) (*http.Response, error) {
	u, err := url.Parse(signed)
	if err != nil || u.Host == "" || u.User != nil || u.Scheme != "https" && (u.Scheme != "http" || c.service.Scheme != "http") {
		return nil, errors.New("the cache service gave no URL of its storage")
	}
	var body io.Reader
	if data != nil {
		body = bytes.NewReader(data)
	}
	req, err := http.NewRequestWithContext(ctx, method, u.String(), body)
	if err != nil {
		return nil, err
	}
	req.Header.Set("User-Agent", "sot")
	req.Header.Set("Accept-Encoding", "identity") // the bytes as they were stored
	if data != nil {
		req.Header.Set("x-ms-blob-type", "BlockBlob")
		req.Header.Set("Content-Type", "application/octet-stream")
	}
	return c.http.Do(req)
}

var errTooLarge = fmt.Errorf("the answer is larger than it may be")

func readAll(r io.Reader, most int64) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(r, most+1))
	if err == nil && int64(len(data)) > most {
		err = errTooLarge
	}
	return data, err
}

// oneLine returns an error's text without the token and without URLs, whose
// signatures are as good as passwords, on one line.
func (c *Client) oneLine(err error) string {
	text := err.Error()
	var u *url.Error
	if errors.As(err, &u) {
		text = "the cache service is not reached: " + u.Err.Error() // the other part is the URL
	}
	text = strings.ReplaceAll(text, c.token, "***")
	text = strings.Map(func(r rune) rune {
		if unicode.IsPrint(r) {
			return r
		}
		return ' '
	}, text)
	words := strings.Fields(text)
	for i, w := range words {
		if strings.Contains(w, "://") || strings.Contains(w, "sig=") {
			words[i] = "(URL)"
		}
	}
	if runes := []rune(strings.Join(words, " ")); len(runes) > maxMessage {
		return string(runes[:maxMessage]) + "..."
	}
	return strings.Join(words, " ")
}
