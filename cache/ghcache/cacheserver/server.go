// Package cacheserver is a strict server of the GitHub Actions cache service,
// version 2, for tests: in one process with what it tests, or listening for a
// container. It keeps everything in memory.
//
// It follows the service where that is known, by the behaviour of
// github.com/actions/toolkit's client and docs.github.com on cache scopes, and is
// stricter where clients could be wrong unnoticed: an unknown field, a number
// where a string belongs, a missing length or an Authorization header at the
// storage is refused, and counted in [Server.Violations].
//
// What its endpoints do can be replaced, one by one, with [Server.Break].
package cacheserver

import (
	"context"
	"fmt"
	"net"
	"net/http"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"
)

// Options of a server.
type Options struct {
	// Listen is the address, with its port; "" is a free port of loopback.
	Listen string
	// Sign returns the signed URLs of a blob in another storage; nil is the server's
	// own.
	Sign func(blob string) (upload, download string)
}

// Server is the service and its storage, as a handler of both.
type Server struct {
	sign func(string) (string, string)
	url  string // where it listens
	http *http.Server

	mu         sync.Mutex
	entries    []*Entry // in the order in which they were made
	blobs      map[string]*blob
	faults     map[string]Fault
	calls      []string
	violations []string
}

// Entry is one entry of the cache.
type Entry struct {
	Scope, Key, Version string
	Size                int64 // bytes
	Final               bool  // it can be found

	blob string
}

// New returns a server that does not listen.
func New(o Options) *Server {
	s := &Server{sign: o.Sign, blobs: map[string]*blob{}, faults: map[string]Fault{}}
	return s
}

// Start starts a server for the time of a test, which fails where a client broke
// the protocol's rules.
func Start(t testing.TB, o Options) *Server {
	t.Helper()
	s := New(o)
	if err := s.listen(o.Listen); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		s.close()
		for _, v := range s.Violations() {
			t.Errorf("cache protocol: %s", v)
		}
	})
	return s
}

func (s *Server) listen(address string) error {
	if address == "" {
		address = "127.0.0.1:0"
	}
	l, err := net.Listen("tcp", address)
	if err != nil {
		return err
	}
	ctx, stop := context.WithCancel(context.Background())
	s.http = &http.Server{Handler: s, ReadHeaderTimeout: time.Minute, BaseContext: func(net.Listener) context.Context { return ctx }}
	s.http.RegisterOnShutdown(stop)
	s.url = "http://" + l.Addr().String()
	go func() { _ = s.http.Serve(l) }()
	return nil
}

// close ends the server; a handler that hangs ends with its request's context.
func (s *Server) close() {
	ctx, cancel := context.WithTimeout(context.Background(), time.Second)
	defer cancel()
	_ = s.http.Shutdown(ctx)
	_ = s.http.Close()
}

// URL returns where the server listens, without a slash at its end.
func (s *Server) URL() string { return s.url }

// Env returns the environment of a step with a token for the scopes, for a
// process.
func (s *Server) Env(scopes ...Scope) []string {
	return []string{
		"ACTIONS_RESULTS_URL=" + s.url + "/",
		"ACTIONS_RUNTIME_TOKEN=" + Token(scopes...),
		"ACTIONS_CACHE_SERVICE_V2=True",
	}
}

// Getenv returns the same environment as a function.
func (s *Server) Getenv(scopes ...Scope) func(string) string {
	env := s.Env(scopes...)
	return func(name string) string {
		for _, e := range env {
			if v, ok := strings.CutPrefix(e, name+"="); ok {
				return v
			}
		}
		return ""
	}
}

// Entries returns the entries, oldest first.
func (s *Server) Entries() (out []Entry) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, e := range s.entries {
		out = append(out, *e)
	}
	return out
}

// Calls returns the endpoints that were asked, in order.
func (s *Server) Calls() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.calls)
}

// Violations returns how clients broke the rules.
func (s *Server) Violations() []string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return slices.Clone(s.violations)
}

// Endpoints, as Break and Calls name them.
const (
	Create   = "CreateCacheEntry"
	Finalize = "FinalizeCacheEntryUpload"
	Find     = "GetCacheEntryDownloadURL"
	PutBlob  = "PutBlob"
	GetBlob  = "GetBlob"
)

const servicePath = "/twirp/github.actions.results.api.v1.CacheService/"

// ServeHTTP implements http.Handler.
func (s *Server) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	name, handler := s.route(r)
	if handler == nil {
		s.violated(w, http.StatusNotFound, "no such endpoint: %s %s", r.Method, r.URL.Path)
		return
	}
	s.mu.Lock()
	s.calls = append(s.calls, name)
	fault := s.faults[name]
	s.mu.Unlock()
	if fault != nil {
		fault(w, r, handler)
		return
	}
	handler(w, r)
}

func (s *Server) route(r *http.Request) (name string, h http.HandlerFunc) {
	if method, ok := strings.CutPrefix(r.URL.Path, servicePath); ok {
		h := map[string]http.HandlerFunc{Create: s.create, Finalize: s.finalize, Find: s.find}[method]
		return method, h
	}
	if strings.HasPrefix(r.URL.Path, blobPath) {
		switch r.Method {
		case http.MethodPut:
			return PutBlob, s.putBlob
		case http.MethodGet, http.MethodHead:
			return GetBlob, s.getBlob
		}
	}
	return "", nil
}

// violated refuses a request that breaks the rules, and remembers it.
func (s *Server) violated(w http.ResponseWriter, status int, format string, args ...any) {
	text := fmt.Sprintf(format, args...)
	s.mu.Lock()
	s.violations = append(s.violations, text)
	s.mu.Unlock()
	answer(w, status, map[string]any{"code": "invalid_argument", "msg": text})
}
