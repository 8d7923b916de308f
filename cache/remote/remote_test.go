package remote

import (
	"bytes"
	"compress/gzip"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache"
)

// shelf is a server of the protocol as strict as can be: a blob must be what its
// name says.
type shelf struct {
	t    testing.TB
	mu   sync.Mutex
	kept map[string][]byte
	log  []string
}

func (s *shelf) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.log = append(s.log, r.Method+" "+r.URL.Path)
	kind, name, ok := strings.Cut(strings.TrimPrefix(r.URL.Path, "/"), "/")
	if raw, err := hex.DecodeString(name); err != nil || len(raw) != 32 || !ok || kind != "ac" && kind != "cas" {
		s.t.Errorf("asked for %s", r.URL.Path)
	}
	switch data, ok := s.kept[r.URL.Path]; {
	case r.Method == http.MethodPut:
		data, err := io.ReadAll(r.Body)
		if sum := sha256.Sum256(data); err != nil || r.ContentLength < 0 || kind == "cas" && hex.EncodeToString(sum[:]) != name {
			s.t.Errorf("%s: %d bytes, %v", r.URL.Path, len(data), err)
		}
		s.kept[r.URL.Path] = data
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write(data)
	}
}

func (s *shelf) count(method string) (n int) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, l := range s.log {
		if strings.HasPrefix(l, method) {
			n++
		}
	}
	return n
}

func serve(t testing.TB, h http.Handler) string {
	t.Helper()
	server := httptest.NewServer(h)
	t.Cleanup(server.Close)
	return server.URL
}

func connect(t testing.TB, address, token string) *Client {
	t.Helper()
	c, err := New(address, token, nil)
	if err != nil {
		t.Fatal(err)
	}
	c.Allow(time.Minute) // a loaded machine may need more than Budget
	return c
}

func some(n int) (out []Pair) {
	for i := range n {
		out = append(out, Pair{sha256.Sum256(fmt.Append(nil, i)), bytes.Repeat([]byte{byte(i)}, i%90)})
	}
	return out
}

func fetch(t testing.TB, c *Client, name cache.Key) map[cache.Key]string {
	t.Helper()
	got := map[cache.Key]string{}
	if err := c.Fetch(t.Context(), name, func(p Pair) { got[p.Key] = string(p.Value) }); err != nil {
		t.Fatal(err)
	}
	return got
}

func equal(t *testing.T, got map[cache.Key]string, want []Pair) {
	t.Helper()
	if len(got) != len(want) {
		t.Errorf("%d values, want %d", len(got), len(want))
	}
	for _, p := range want {
		if v, ok := got[p.Key]; !ok || v != string(p.Value) {
			t.Errorf("%x: %q", p.Key, v)
		}
	}
}

// What is pushed is fetched; a second push sends what changed.
func roundTrip(t *testing.T, writer, reader *Client, name cache.Key) {
	t.Helper()
	if got := fetch(t, reader, name); len(got) != 0 {
		t.Errorf("%d values before any were pushed", len(got))
	}
	pairs := some(5000)
	if err := writer.Push(t.Context(), name, pairs); err != nil {
		t.Fatal(err)
	}
	equal(t, fetch(t, reader, name), pairs)
	pairs[7].Value = []byte("changed")
	if err := writer.Push(t.Context(), name, pairs[1:]); err != nil {
		t.Fatal(err)
	}
	equal(t, fetch(t, reader, name), pairs[1:])
	if got := fetch(t, reader, cache.Key{1}); len(got) != 0 {
		t.Errorf("another name has %d values", len(got))
	}
}

func TestRoundTrip(t *testing.T) {
	s := &shelf{t: t, kept: map[string][]byte{}}
	url := serve(t, s)
	name := cache.Key{9}
	roundTrip(t, connect(t, url, "token"), connect(t, url+"/", ""), name)
	before := s.count(http.MethodPut)
	pairs := some(5000)
	pairs[7].Value = []byte("changed")
	if err := connect(t, url, "token").Push(t.Context(), name, pairs[1:]); err != nil {
		t.Fatal(err)
	}
	if n := s.count(http.MethodPut) - before; n != 0 {
		t.Errorf("%d writes of what is there", n)
	}
	pairs[8].Value = []byte("changed too")
	if err := connect(t, url, "token").Push(t.Context(), name, pairs[1:]); err != nil {
		t.Fatal(err)
	}
	if n := s.count(http.MethodPut) - before; n != 2 {
		t.Errorf("%d writes, where one blob and the list changed", n)
	}
}

func TestAddresses(t *testing.T) {
	for _, bad := range []string{"", "example.com", "http://example.com", "http://10.0.0.1", "ftp://x", "file:///x", "https://", "http://user:secret@x.example/", "https://x/?q=1", "https://user:secret@[::1"} {
		_, err := New(bad, "", nil)
		if err == nil || strings.Contains(err.Error(), "secret") {
			t.Errorf("%s: %v", bad, err)
		}
	}
	for _, good := range []string{"https://cache.example/team/repo/", "http://localhost:8080", "http://127.0.0.1:1", "http://[::1]:1"} {
		if _, err := New(good, "", nil); err != nil {
			t.Errorf("%s: %v", good, err)
		}
	}
	if _, err := New("https://x", "a\nb", nil); err == nil {
		t.Error("a token with a line break")
	}
}

func TestAuthorization(t *testing.T) {
	for token, want := range map[string]string{"": "", "abc": "Bearer abc", "user:pass": "Basic dXNlcjpwYXNz"} {
		var got string
		url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			got = r.Header.Get("Authorization")
			w.WriteHeader(http.StatusNotFound)
		}))
		if fetch(t, connect(t, url, token), cache.Key{}); got != want {
			t.Errorf("token %q: %q", token, got)
		}
		url = strings.Replace(url, "http://", "http://user:pass@", 1)
		if fetch(t, connect(t, url, ""), cache.Key{}); got != "Basic dXNlcjpwYXNz" {
			t.Errorf("password in the address: %q", got)
		}
	}
}

// asking counts what a client asks.
type asking struct{ times atomic.Int32 }

func (a *asking) RoundTrip(r *http.Request) (*http.Response, error) {
	a.times.Add(1)
	return http.DefaultTransport.RoundTrip(r)
}

// Whatever a server does, an exchange ends within the budget in one line without
// secrets, and the server is not asked again.
func TestBadBehaviour(t *testing.T) {
	name := cache.Key{9}
	drip := func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Length", "100000")
		for r.Context().Err() == nil {
			if _, err := w.Write([]byte{'x'}); err != nil {
				return
			}
			w.(http.Flusher).Flush()
			time.Sleep(10 * time.Millisecond)
		}
	}
	huge := encodeResult([]digest{{size: maxBlob}}, name)
	for what, h := range map[string]http.HandlerFunc{
		"401":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusUnauthorized) },
		"500":  func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInternalServerError) },
		"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"drip": drip,
		"redirect": func(w http.ResponseWriter, r *http.Request) {
			http.Redirect(w, r, "https://example.com/", http.StatusFound)
		},
		"garbage": func(w http.ResponseWriter, _ *http.Request) { _, _ = io.WriteString(w, "<html>secret") },
		"giant":   func(w http.ResponseWriter, _ *http.Request) { _, _ = w.Write(make([]byte, maxList+1)) },
		"elsewhere": func(w http.ResponseWriter, _ *http.Request) {
			_, _ = w.Write(encodeResult(make([]digest, 2), cache.Key{8}))
		},
		"endless": func(w http.ResponseWriter, r *http.Request) { // without a length
			for b := make([]byte, 64<<10); r.Context().Err() == nil; {
				if _, err := w.Write(b); err != nil {
					return
				}
			}
		},
		"zipped": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Encoding", "gzip")
			z := gzip.NewWriter(w)
			_, _ = z.Write(huge)
			_ = z.Close()
		},
		"short": func(w http.ResponseWriter, _ *http.Request) {
			w.Header().Set("Content-Length", "1000")
			_, _ = w.Write(huge)
		},
		"slow head": func(w http.ResponseWriter, r *http.Request) {
			conn, _, err := http.NewResponseController(w).Hijack()
			for err == nil {
				_, err = conn.Write([]byte("H"))
				time.Sleep(10 * time.Millisecond)
			}
		},
		"one bit": func(w http.ResponseWriter, r *http.Request) {
			blob := bundles(some(300))[0]
			if strings.HasPrefix(r.URL.Path, "/ac/") {
				_, _ = w.Write(encodeResult([]digest{{sum: sha256.Sum256(blob), size: int64(len(blob))}}, name))
				return
			}
			blob[len(blob)/2] ^= 1
			_, _ = w.Write(blob)
		},
		"hijacked": func(w http.ResponseWriter, r *http.Request) {
			conn, rw, err := http.NewResponseController(w).Hijack()
			if err != nil {
				return
			}
			_, _ = rw.WriteString(r.Header.Get("Authorization") + "\u202e\n")
			_ = rw.Flush()
			_ = conn.Close()
		},
		"wrong blob": func(w http.ResponseWriter, r *http.Request) {
			if strings.HasPrefix(r.URL.Path, "/ac/") {
				_, _ = w.Write(huge)
				return
			}
			_, _ = w.Write(bundles(some(3))[0]) // verdicts, and others
		},
	} {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			// The server may come to a question only after nobody waits for it any more.
			asked := &asking{}
			c, err := New(serve(t, h), "secret", asked)
			if err != nil {
				t.Fatal(err)
			}
			c.Allow(200 * time.Millisecond)
			start := time.Now()
			err = c.Fetch(t.Context(), name, func(Pair) { t.Error("a value") })
			if err == nil || strings.ContainsAny(err.Error(), "\n\u202e") || strings.Contains(err.Error(), "secret") || strings.Contains(err.Error(), "://") {
				t.Errorf("%v", err)
			}
			t.Log(err)
			if took := time.Since(start); took > 30*c.budget {
				t.Errorf("it took %v", took)
			}
			before := asked.times.Load()
			if err := c.Push(t.Context(), name, some(3)); err == nil {
				t.Error("it was pushed to")
			}
			if before == 0 || asked.times.Load() != before {
				t.Errorf("it was asked %d times, and then %d", before, asked.times.Load()-before)
			}
		})
	}
}

// A redirect is not followed, whether it answers reading or writing: the token
// goes to no other server, and nothing of one is believed.
func TestRedirectElsewhere(t *testing.T) {
	other := &shelf{t: t, kept: map[string][]byte{}}
	elsewhere := serve(t, other)
	if err := connect(t, elsewhere, "token").Push(t.Context(), cache.Key{9}, some(3)); err != nil {
		t.Fatal(err)
	}
	was := len(other.log)
	for _, status := range []int{http.StatusMovedPermanently, http.StatusFound, http.StatusTemporaryRedirect, http.StatusPermanentRedirect} {
		for _, reading := range []bool{true, false} {
			url := serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet && !reading {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				http.Redirect(w, r, elsewhere+r.URL.Path, status)
			}))
			c := connect(t, url, "token")
			err := c.Fetch(t.Context(), cache.Key{9}, func(Pair) { t.Error("a value from elsewhere") })
			if reading == (err == nil) {
				t.Errorf("status %d: reading: %v", status, err)
			}
			if err := c.Push(t.Context(), cache.Key{9}, some(3)); err == nil {
				t.Errorf("status %d: it was pushed to", status)
			}
		}
	}
	if len(other.log) != was {
		t.Errorf("the other server was asked: %q", other.log[was:])
	}
}

// A server that takes nothing costs a push one budget, and no more of those that
// follow.
func TestPushesThatFail(t *testing.T) {
	for what, h := range map[string]http.HandlerFunc{
		"hang": func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() },
		"full": func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusInsufficientStorage) },
		"drop": func(http.ResponseWriter, *http.Request) { panic(http.ErrAbortHandler) },
	} {
		t.Run(what, func(t *testing.T) {
			asked := 0
			var mu sync.Mutex
			c := connect(t, serve(t, http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if r.Method == http.MethodGet {
					w.WriteHeader(http.StatusNotFound)
					return
				}
				mu.Lock()
				asked++
				mu.Unlock()
				if strings.HasPrefix(r.URL.Path, "/ac/") {
					t.Error("a list of blobs that are not there was left")
				}
				_, _ = io.Copy(io.Discard, r.Body) // only then is it told that the client has gone
				h(w, r)
			})), "token")
			if what == "hang" {
				c.budget = 200 * time.Millisecond // on a busy machine no write may be tried in it
			}
			for range 3 {
				if err := c.Push(t.Context(), cache.Key{9}, some(5000)); err == nil {
					t.Error("it was pushed to")
				}
			}
			if err := c.Fetch(t.Context(), cache.Key{9}, func(Pair) {}); !errors.Is(err, ErrOff) {
				t.Errorf("it was asked again: %v", err)
			}
			mu.Lock()
			defer mu.Unlock()
			if asked == 0 && what != "hang" || asked > atOnce+2 {
				t.Errorf("%d writes were tried", asked)
			}
		})
	}
}

// Without a token nothing is written, and the server is not even asked.
func TestReadingIsTheDefault(t *testing.T) {
	s := &shelf{t: t, kept: map[string][]byte{}}
	url := serve(t, s)
	withPassword := strings.Replace(url, "http://", "http://user:pass@", 1)
	for _, address := range []string{url, withPassword} {
		c := connect(t, address, "")
		if err := c.Push(t.Context(), cache.Key{9}, some(3)); err == nil || c.Writes() {
			t.Errorf("%v", err)
		}
		if got := fetch(t, c, cache.Key{9}); len(got) != 0 {
			t.Error(got)
		}
	}
	if s.count(http.MethodPut) != 0 || len(s.log) != 2 {
		t.Errorf("%q", s.log)
	}
}

// Blobs that the server has dropped are missing, and nothing else is.
func TestEvicted(t *testing.T) {
	s := &shelf{t: t, kept: map[string][]byte{}}
	c := connect(t, serve(t, s), "token")
	if err := c.Push(t.Context(), cache.Key{}, some(5000)); err != nil {
		t.Fatal(err)
	}
	for path := range s.kept {
		if strings.HasPrefix(path, "/cas/") {
			delete(s.kept, path)
			break
		}
	}
	if got := len(fetch(t, c, cache.Key{})); got == 0 || got >= 5000 {
		t.Errorf("%d values", got)
	}
}

func TestBundlesDoNotDependOnOrder(t *testing.T) {
	pairs := some(5000)
	a := bundles(pairs)
	for i, j := 0, len(pairs)-1; i < j; i, j = i+1, j-1 {
		pairs[i], pairs[j] = pairs[j], pairs[i]
	}
	b := bundles(pairs)
	if len(a) < 2 || len(a) != len(b) {
		t.Fatal(len(a), len(b))
	}
	for i := range a {
		if !bytes.Equal(a[i], b[i]) {
			t.Errorf("blob %d differs", i)
		}
	}
	if got := bundles(nil); len(got) != 0 {
		t.Error(got)
	}
}

// What a server sends is read, or refused, and what is read is what can be
// written.
func FuzzDecode(f *testing.F) {
	f.Add(encodeResult([]digest{{size: 3}, {size: 4}}, cache.Key{}))
	for _, b := range bundles(some(5)) {
		f.Add(b)
	}
	f.Fuzz(func(t *testing.T, data []byte) {
		if list, err := decodeResult(data, cache.Key{}); err == nil {
			again, err := decodeResult(encodeResult(list, cache.Key{}), cache.Key{})
			if err != nil || len(again) != len(list) {
				t.Errorf("%v %v", again, err)
			}
		}
		if pairs, err := decodePairs(data); err == nil {
			size := 0
			for _, p := range pairs {
				size += len(p.Key) + len(p.Value)
			}
			if size > len(data) {
				t.Errorf("%d bytes of %d", size, len(data))
			}
		}
	})
}
