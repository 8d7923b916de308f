//go:build linux

package e2e_test

import (
	"encoding/json"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httputil"
	"net/url"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"
)

// paths are what the action asks of GitHub's API, and what of its description the
// mock needs to read; the whole has 12 MB.
var paths = map[string][]string{
	"/repos/{owner}/{repo}/check-runs":                     {"post"},
	"/repos/{owner}/{repo}/check-runs/{check_run_id}":      {"get", "patch"},
	"/repos/{owner}/{repo}/commits/{ref}/check-runs":       {"get"},
	"/repos/{owner}/{repo}/pulls/{pull_number}":            {"get"},
	"/repos/{owner}/{repo}/pulls/{pull_number}/files":      {"get"},
	"/repos/{owner}/{repo}/pulls/{pull_number}/reviews":    {"get", "post"},
	"/repos/{owner}/{repo}/pulls/{pull_number}/comments":   {"get", "post"},
	"/repos/{owner}/{repo}/compare/{basehead}":             {"get"},
	"/repos/{owner}/{repo}/issues/{issue_number}/comments": {"get", "post"},
	"/repos/{owner}/{repo}/issues/comments/{comment_id}":   {"get", "patch", "delete"},
}

type object = map[string]any

// description returns GitHub's own description of its API, cut down to the paths.
func description(t testing.TB) []byte {
	t.Helper()
	var whole struct {
		OpenAPI    string            `json:"openapi"`
		Info       object            `json:"info"`
		Servers    []any             `json:"servers"`
		Paths      map[string]object `json:"paths"`
		Components object            `json:"components"`
	}
	if err := json.Unmarshal(read(t, module(t, "@octokit/openapi", "generated/api.github.com.json")), &whole); err != nil {
		t.Fatal(err)
	}
	kept := object{}
	for path, methods := range paths {
		all, ok := whole.Paths[path]
		if !ok {
			t.Fatalf("GitHub's API has no %s any more", path)
		}
		some := object{}
		if p, ok := all["parameters"]; ok {
			some["parameters"] = p
		}
		for _, m := range methods {
			some[m] = all[m]
		}
		kept[path] = some
	}
	parts := object{}
	refer(kept, whole.Components, parts)
	b, err := json.Marshal(object{"openapi": whole.OpenAPI, "info": whole.Info, "servers": whole.Servers, "paths": kept, "components": parts})
	if err != nil {
		t.Fatal(err)
	}
	return b
}

// refer copies what v refers to.
func refer(v any, from, to object) {
	switch v := v.(type) {
	case []any:
		for _, x := range v {
			refer(x, from, to)
		}
	case object:
		if ref, ok := v["$ref"].(string); ok {
			kind, name, _ := strings.Cut(strings.TrimPrefix(ref, "#/components/"), "/")
			some, _ := to[kind].(object)
			if some == nil {
				some = object{}
				to[kind] = some
			}
			if _, seen := some[name]; !seen {
				some[name] = from[kind].(object)[name]
				refer(some[name], from, to)
			}
		}
		for _, x := range v {
			refer(x, from, to)
		}
	}
}

// module returns the path of a file of an npm package.
func module(t testing.TB, name, file string) string {
	t.Helper()
	path := filepath.Join(os.Getenv("SOT_NODE_MODULES"), name, file)
	if _, err := os.Stat(path); err != nil {
		t.Skipf("there is no npm package %s in SOT_NODE_MODULES; .ci/run installs it", name)
	}
	return path
}

// github starts a mock of GitHub's API that holds every request to GitHub's own
// description of it. A request that breaks that fails the test.
func github(t testing.TB) *httptest.Server {
	t.Helper()
	need(t, "node")
	prism := module(t, "@stoplight/prism-cli", "dist/index.js")
	spec := filepath.Join(t.TempDir(), "api.json")
	write(t, spec, string(description(t)))
	port := freePort(t)
	cmd := exec.Command("node", prism, "mock", "-h", "127.0.0.1", "-p", port, "--errors", spec)
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = cmd.Process.Kill()
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(time.Minute); ; time.Sleep(50 * time.Millisecond) {
		c, err := net.Dial("tcp", "127.0.0.1:"+port)
		if err == nil {
			_ = c.Close()
			break
		}
		if time.Now().After(deadline) {
			t.Fatal("the mock of GitHub's API does not start")
		}
	}
	proxy := httputil.NewSingleHostReverseProxy(&url.URL{Scheme: "http", Host: "127.0.0.1:" + port})
	proxy.ModifyResponse = func(r *http.Response) error {
		r.Header.Del("Link") // the mock's example of one leads to a next page for ever
		t.Logf("GitHub's API: %s %s: %s", r.Request.Method, r.Request.URL.Path, r.Status)
		if r.StatusCode >= 400 {
			b, _ := httputil.DumpResponse(r, true)
			t.Errorf("GitHub's API refuses %s %s: %s", r.Request.Method, r.Request.URL, b)
		}
		return nil
	}
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		r.Header.Set("Accept", "application/json") // the mock knows none of GitHub's own types
		proxy.ServeHTTP(w, r)
	}))
	t.Cleanup(s.Close)
	return s
}
