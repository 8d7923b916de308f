package ghcache_test

import (
	"context"
	"errors"
	"fmt"
	"slices"
	"strings"
	"testing"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

var paths = []string{"sot"}

func save(t *testing.T, c *ghcache.Client, key, text string) {
	t.Helper()
	if err := c.Save(t.Context(), key, paths, []ghcache.File{{Name: "sot/text", Data: []byte(text)}}); err != nil {
		t.Fatalf("%s: %v", key, err)
	}
}

// restored returns the key and the text of what is found; "" for a miss.
func restored(t *testing.T, c *ghcache.Client, key string, prefixes ...string) string {
	t.Helper()
	hit, err := c.Restore(t.Context(), key, prefixes, paths)
	if err != nil {
		t.Fatalf("%s: %v", key, err)
	}
	if hit == nil {
		return ""
	}
	if hit.Exact != (hit.Key == key) || len(hit.Files) != 1 || hit.Files[0].Name != "sot/text" {
		t.Errorf("%+v for %q", hit, key)
	}
	return hit.Key + "=" + string(hit.Files[0].Data)
}

func TestKeysAndPrefixes(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	c := client(t, s, main...)
	for _, k := range []string{"p-1", "p-2", "p-2-late", "q-1"} {
		save(t, c, k, k)
	}
	for _, tc := range []struct {
		key, want string
		prefixes  []string
	}{
		{"p-1", "p-1=p-1", nil},
		{"p-2", "p-2=p-2", nil},          // the exact key comes before a newer prefix
		{"p-", "p-2-late=p-2-late", nil}, // key itself is a prefix: the newest
		{"p-3", "", nil},
		{"p-3", "q-1=q-1", []string{"r-", "q-", "p-"}}, // in their order
		{"p-3", "p-2-late=p-2-late", []string{"p-"}},
	} {
		if got := restored(t, c, tc.key, tc.prefixes...); got != tc.want {
			t.Errorf("%s %v: %q, want %q", tc.key, tc.prefixes, got, tc.want)
		}
	}
	if hit, err := c.Restore(t.Context(), "p-1", nil, []string{"other"}); hit != nil || err != nil {
		t.Errorf("an entry of other paths: %+v %v", hit, err)
	}
}

func TestScopes(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	trunk, feature := client(t, s, main...), client(t, s, cacheserver.Branch("feature", "main")...)
	seven, eight := client(t, s, cacheserver.PullRequest(7, "main")...), client(t, s, cacheserver.PullRequest(8, "main")...)
	save(t, trunk, "k-1", "trunk")
	save(t, feature, "k-2", "feature")
	save(t, seven, "k-3", "seven")
	for name, tc := range map[string]struct {
		c    *ghcache.Client
		want string
	}{"trunk": {trunk, "k-1=trunk"}, "feature": {feature, "k-2=feature"}, "seven": {seven, "k-3=seven"}, "eight": {eight, "k-1=trunk"}} {
		if got := restored(t, tc.c, "k-"); got != tc.want {
			t.Errorf("%s: %q, want %q", name, got, tc.want)
		}
	}
	save(t, eight, "k-1", "eight") // its own scope has none of that key
	if got := restored(t, trunk, "k-1"); got != "k-1=trunk" {
		t.Errorf("a pull request wrote to trunk: %q", got)
	}
}

func TestBenign(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	c := client(t, s, main...)
	save(t, c, "k", "first")
	file := []ghcache.File{{Name: "sot/text", Data: []byte("second")}}
	if err := c.Save(t.Context(), "k", paths, file); !errors.Is(err, ghcache.ErrExists) {
		t.Errorf("saved twice: %v", err)
	}
	if got := restored(t, c, "k"); got != "k=first" {
		t.Errorf("an entry changed: %q", got)
	}
	reader := client(t, s, cacheserver.ReadOnly(main)...)
	if err := reader.Save(t.Context(), "other", paths, file); !errors.Is(err, ghcache.ErrReadOnly) {
		t.Errorf("saved by a token that may not: %v", err)
	}
	if got := restored(t, reader, "k"); got != "k=first" {
		t.Error(got)
	}
	if _, err := client(t, s).Restore(t.Context(), "k", nil, paths); err == nil || !strings.Contains(err.Error(), "cache read denied") {
		t.Errorf("read by a token without scopes: %v", err)
	}
}

func TestModes(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	save(t, client(t, s, main...), "k", "text")
	for mode, want := range map[string]struct{ read, write bool }{
		"": {true, true}, "write": {true, true}, "what is this": {true, true}, " READ ": {true, false}, "write-only": {false, true},
	} {
		c, err := ghcache.New(with(s.Getenv(main...), "ACTIONS_CACHE_MODE", mode), nil)
		if err != nil {
			t.Fatal(err)
		}
		if got := restored(t, c, "k") != ""; got != want.read {
			t.Errorf("mode %q reads: %v", mode, got)
		}
		err = c.Save(t.Context(), fmt.Sprintf("k-%q", mode), paths, []ghcache.File{{Name: "sot/text"}})
		if errors.Is(err, ghcache.ErrReadOnly) == want.write || err != nil && want.write {
			t.Errorf("mode %q writes: %v", mode, err)
		}
	}
}

func with(getenv func(string) string, name, value string) func(string) string {
	return func(n string) string {
		if n == name {
			return value
		}
		return getenv(n)
	}
}

func TestNoCacheHere(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	for name, value := range map[string]string{
		"ACTIONS_RESULTS_URL": "", "ACTIONS_RUNTIME_TOKEN": "", "ACTIONS_CACHE_MODE": "none", "GITHUB_SERVER_URL": "https://git.example.com",
	} {
		if _, err := ghcache.New(with(s.Getenv(), name, value), nil); err == nil {
			t.Errorf("%s=%q: no error", name, value)
		}
	}
	for _, u := range []string{"file:///etc/passwd", "http://", "https://user:secret@host/", "::", "ftp://host"} {
		_, err := ghcache.New(with(s.Getenv(), "ACTIONS_RESULTS_URL", u), nil)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", u, err)
		}
	}
	if _, err := ghcache.New(with(s.Getenv(), "ACTIONS_RUNTIME_TOKEN", "to\nken"), nil); err == nil || strings.Contains(err.Error(), "ken\n") {
		t.Error(err)
	}
	for _, server := range []string{"https://github.com", "https://acme.ghe.com", "http://x.localhost:1"} {
		if _, err := ghcache.New(with(s.Getenv(), "GITHUB_SERVER_URL", server), nil); err != nil {
			t.Errorf("%s: %v", server, err)
		}
	}
}

func TestKeysThatTheServiceRefuses(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	c := client(t, s, main...)
	file := []ghcache.File{{Name: "sot/text"}}
	for _, key := range []string{"", "a,b", strings.Repeat("x", 513), "a\nb", "\xff"} {
		if err := c.Save(t.Context(), key, paths, file); err == nil || strings.Contains(err.Error(), "\n") {
			t.Errorf("%.20q: %v", key, err)
		}
		if _, err := c.Restore(t.Context(), "k", []string{key}, paths); err == nil {
			t.Errorf("%.20q was asked for", key)
		}
	}
	if _, err := c.Restore(t.Context(), "k", make([]string, 10), paths); err == nil {
		t.Error("eleven keys were asked for")
	}
	if err := c.Save(t.Context(), "k", nil, file); err == nil {
		t.Error("saved without paths")
	}
	for _, name := range []string{"", "/sot/x", "../sot", "sot/../x", "other", "sot/a\\b", "sotx", "sot/C:x", "sot/a\nb"} {
		if err := c.Save(t.Context(), "k", paths, []ghcache.File{{Name: name}}); err == nil {
			t.Errorf("%q was packed", name)
		}
	}
	if err := c.Save(t.Context(), "k", paths, append(file, file...)); err == nil {
		t.Error("a name was packed twice")
	}
	if err := c.Save(t.Context(), "k", paths, nil); err == nil {
		t.Error("nothing was packed")
	}
	save(t, c, strings.Repeat("ü", 256), "text") // 512 bytes at the server's strictest
	if calls := s.Calls(); slices.Contains(calls[:len(calls)-3], cacheserver.Create) {
		t.Error("the service was bothered")
	}
}

// A context that ends is the caller's, and said as such.
func TestCancelled(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	ctx, cancel := context.WithCancel(t.Context())
	cancel()
	if _, err := client(t, s, main...).Restore(ctx, "k", nil, paths); !errors.Is(err, context.Canceled) {
		t.Error(err)
	}
}
