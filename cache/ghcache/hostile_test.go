package ghcache_test

import (
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// short stands for the budget, so that the tests need not wait for it.
const short = 400 * time.Millisecond

// faults are ways to behave; each ends in an error.
func faults(token string) map[string]cacheserver.Fault {
	secret := token + "\nhttps://x.example/blob?sig=s3cr3t ::error::\u202e" + strings.Repeat("x", 5000)
	return map[string]cacheserver.Fault{
		"429":        cacheserver.Answer(http.StatusTooManyRequests, `{"code":"resource_exhausted","msg":"slow down"}`),
		"500":        cacheserver.Answer(http.StatusInternalServerError, "<html>"+secret),
		"503":        cacheserver.Answer(http.StatusServiceUnavailable, ""),
		"401":        cacheserver.Answer(http.StatusUnauthorized, `{"code":"unauthenticated","msg":"`+strings.ReplaceAll(secret, "\n", `\n`)+`"}`),
		"404":        cacheserver.Answer(http.StatusNotFound, `{"code":"bad_route","msg":"no handler"}`),
		"hang":       cacheserver.Hang,
		"drip":       cacheserver.Drip(50 * time.Millisecond),
		"cut":        cacheserver.Cut(20),
		"no bytes":   cacheserver.Cut(0),
		"garbage":    cacheserver.Answer(http.StatusOK, "garbage"),
		"array":      cacheserver.Answer(http.StatusOK, "[1]"),
		"wrong type": cacheserver.Answer(http.StatusOK, `{"ok":"yes","signed_download_url":7}`),
		"giant":      cacheserver.Answer(http.StatusOK, `{"ok":true,"message":"`+strings.Repeat("x", 3<<20)+`"}`),
		"deep":       cacheserver.Answer(http.StatusOK, strings.Repeat(`{"ok":`, 100_000)),
		"redirect": func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
			http.Redirect(w, r, "/elsewhere", http.StatusTemporaryRedirect)
		},
		"hijacked": func(w http.ResponseWriter, _ *http.Request, _ http.HandlerFunc) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = rw.WriteString(secret + "\r\n\r\n")
			_ = rw.Flush()
			_ = conn.Close()
		},
	}
}

// Whatever an endpoint does, a call ends within its budget in an error on one
// line without secrets.
func TestBadBehaviour(t *testing.T) {
	for name := range faults("") {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			s := cacheserver.Start(t, cacheserver.Options{})
			save(t, client(t, s, main...), "k", "text")
			fault := faults(s.Getenv(main...)("ACTIONS_RUNTIME_TOKEN"))[name]
			for _, endpoint := range []string{cacheserver.Find, cacheserver.GetBlob, cacheserver.Create, cacheserver.PutBlob, cacheserver.Finalize} {
				if endpoint == cacheserver.PutBlob && (name == "drip" || name == "cut" || name == "no bytes") {
					continue // its answer has no body
				}
				s.Break(endpoint, fault)
				misbehave(t, s, endpoint)
				s.Break(endpoint, nil)
			}
		})
	}
}

func misbehave(t *testing.T, s *cacheserver.Server, endpoint string) {
	t.Helper()
	c := client(t, s, main...)
	c.SetBudget(short)
	start := time.Now()
	var err error
	if endpoint == cacheserver.Find || endpoint == cacheserver.GetBlob {
		_, err = c.Restore(t.Context(), "k", nil, paths)
	} else {
		err = c.Save(t.Context(), "new-"+endpoint, paths, []ghcache.File{{Name: "sot/text"}})
	}
	safe(t, s, err)
	if took := time.Since(start); took > 20*short {
		t.Errorf("%s: it took %v", endpoint, took)
	}
}

// safe checks an error's text.
func safe(t *testing.T, s *cacheserver.Server, err error) {
	t.Helper()
	if err == nil {
		t.Fatal("no error")
	}
	text := err.Error()
	for _, bad := range []string{"\n", "\r", "\u202e", "sig=", "://", s.Getenv(main...)("ACTIONS_RUNTIME_TOKEN")} {
		if strings.Contains(text, bad) {
			t.Errorf("%q is in %q", bad, text)
		}
	}
	if len(text) > 1000 {
		t.Errorf("%d bytes of text", len(text))
	}
	t.Log(text)
}

// Failures share one budget: after it is spent, nothing more is asked. What
// succeeds costs nothing of it.
func TestFailuresShareABudget(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	asked := &asking{} // the service may come to a call only after nobody waits for it
	c, err := ghcache.New(s.Getenv(main...), &http.Client{Transport: asked})
	if err != nil {
		t.Fatal(err)
	}
	save(t, c, "k", "text")
	c.SetBudget(short)
	s.Break(cacheserver.Find, cacheserver.Hang)
	if _, err := c.Restore(t.Context(), "k", nil, paths); err == nil || !strings.Contains(err.Error(), "too slow") {
		t.Fatal(err)
	}
	before := asked.times.Load()
	err = c.Save(t.Context(), "k-2", paths, []ghcache.File{{Name: "sot/text"}})
	if err == nil || !strings.Contains(err.Error(), "not asked again") {
		t.Error(err)
	}
	if before == 0 || asked.times.Load() != before {
		t.Errorf("the service was asked %d times, and then %d", before, asked.times.Load()-before)
	}
}

// asking counts what a client asks.
type asking struct{ times atomic.Int32 }

func (a *asking) RoundTrip(r *http.Request) (*http.Response, error) {
	a.times.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// A service that failed once is asked for an entry once more.
func TestOneMoreTry(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	c := client(t, s, main...)
	save(t, c, "k", "text")
	first := true
	s.Break(cacheserver.Find, func(w http.ResponseWriter, r *http.Request, next http.HandlerFunc) {
		if first {
			first = false
			w.WriteHeader(http.StatusBadGateway)
			return
		}
		next(w, r)
	})
	if got := restored(t, c, "k"); got != "k=text" {
		t.Error(got)
	}
}

// Signed URLs that are none lead nowhere, and the token goes to none of them.
func TestSignedURLs(t *testing.T) {
	var seen []http.Header
	other := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		seen = append(seen, r.Header)
		w.WriteHeader(http.StatusCreated)
	}))
	defer other.Close()
	secret := filepath.Join(t.TempDir(), "secret")
	if err := os.WriteFile(secret, []byte("secret"), 0o600); err != nil {
		t.Fatal(err)
	}
	s := cacheserver.Start(t, cacheserver.Options{})
	save(t, client(t, s, main...), "k", "text")
	s.Break(cacheserver.Finalize, cacheserver.Answer(http.StatusOK, `{"ok":false,"message":"there is nothing"}`))
	for _, u := range []string{"file://" + secret, "", "/relative", "http://", "ftp://x", "http://user:pass@x/", "javascript:alert(1)", "http://[::1", other.URL + "?sig=1"} {
		s.Break(cacheserver.Find, cacheserver.Answer(http.StatusOK, `{"ok":true,"matched_key":"k","signed_download_url":"`+u+`"}`))
		s.Break(cacheserver.Create, cacheserver.Answer(http.StatusOK, `{"ok":true,"signed_upload_url":"`+u+`"}`))
		c := client(t, s, main...)
		_, err := c.Restore(t.Context(), "k", nil, paths)
		safe(t, s, err)
		safe(t, s, c.Save(t.Context(), "k-"+u[:min(len(u), 3)], paths, []ghcache.File{{Name: "sot/text"}}))
	}
	s.Break(cacheserver.Find, nil)
	s.Break(cacheserver.Create, nil)
	s.Break(cacheserver.GetBlob, func(w http.ResponseWriter, r *http.Request, _ http.HandlerFunc) {
		http.Redirect(w, r, other.URL, http.StatusFound)
	})
	_, err := client(t, s, main...).Restore(t.Context(), "k", nil, paths)
	safe(t, s, err)
	if len(seen) != 2 {
		t.Errorf("the other server was asked %d times, not twice by its own URL", len(seen))
	}
	for _, h := range seen {
		if h.Get("Authorization") != "" || h.Get("Cookie") != "" {
			t.Errorf("the token went elsewhere: %v", h)
		}
	}
}

// An https service cannot send a client to plain http.
func TestNoDowngrade(t *testing.T) {
	s := cacheserver.New(cacheserver.Options{})
	over := httptest.NewTLSServer(s)
	defer over.Close()
	env := with(func(string) string { return "" }, "ACTIONS_RESULTS_URL", over.URL)
	c, err := ghcache.New(with(env, "ACTIONS_RUNTIME_TOKEN", cacheserver.Token(main...)), over.Client())
	if err != nil {
		t.Fatal(err)
	}
	err = c.Save(t.Context(), "k", paths, []ghcache.File{{Name: "sot/text"}}) // its URLs are http
	if err == nil || !strings.Contains(err.Error(), "no URL of its storage") {
		t.Error(err)
	}
}

// The service answers with what was not asked for.
func TestForeignEntries(t *testing.T) {
	s := cacheserver.Start(t, cacheserver.Options{})
	c := client(t, s, main...)
	save(t, c, "k", "text")
	for _, key := range []string{"other", "", "k,x", `k\nx`, "k" + strings.Repeat("x", 600)} {
		s.Break(cacheserver.Find, cacheserver.Replace(`"matched_key":"k"`, `"matched_key":"`+key+`"`))
		_, err := c.Restore(t.Context(), "k", nil, paths)
		safe(t, s, err)
	}
}

// A service that is not there is named: "connection refused" alone helps nobody.
func TestUnreachableServiceIsNamed(t *testing.T) {
	gone := httptest.NewServer(nil)
	gone.Close()
	env := map[string]string{"ACTIONS_RESULTS_URL": gone.URL, "ACTIONS_RUNTIME_TOKEN": "token"}
	c, err := ghcache.New(func(name string) string { return env[name] }, nil)
	if err != nil {
		t.Fatal(err)
	}
	if _, err := c.Restore(t.Context(), "k", nil, []string{"p"}); err == nil || !strings.HasPrefix(err.Error(), "the cache service is not reached: ") {
		t.Error(err)
	}
}
