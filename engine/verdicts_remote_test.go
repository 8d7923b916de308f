package engine

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"reflect"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/sot-validator/sot/cache/remote"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/source"
)

// keptServer is a server of the protocol that keeps what it is given.
type keptServer struct {
	mu     sync.Mutex
	kept   map[string][]byte
	asked  []string
	auth   []string
	broken http.HandlerFunc
}

func (s *keptServer) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.asked, s.auth = append(s.asked, r.Method), append(s.auth, r.Header.Get("Authorization"))
	switch data, ok := s.kept[r.URL.Path]; {
	case s.broken != nil:
		s.broken(w, r)
	case r.Method == http.MethodPut:
		s.kept[r.URL.Path], _ = io.ReadAll(r.Body)
	case !ok:
		w.WriteHeader(http.StatusNotFound)
	default:
		_, _ = w.Write(data)
	}
}

// patient lets a remote cache take longer than people would wait.
func patient(t *testing.T) {
	remoteBudget = time.Minute
	t.Cleanup(func() { remoteBudget = remote.Budget })
}

// clone writes a repository of 100 files, always the same, with the address of a
// remote cache in its configuration.
func clone(t *testing.T, address string) string {
	t.Helper()
	dir := t.TempDir()
	files := map[string]string{"sot.yaml": "version: 1\ncache: {remote: \"" + address + "\"}\nrules:\n" +
		"- use: trailing-whitespace\n- id: words\n  content: {forbid: [bad]}\n- id: shape\n  structure: {forbid: [\"*.exe\"]}\n"}
	for i := range 100 {
		files[fmt.Sprintf("f%d.txt", i)] = fmt.Sprintf("text %d\n%s\n", i, []string{"good", "bad"}[i%2])
	}
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	for _, args := range [][]string{{"init", "-q"}, {"add", "."}, {"-c", "user.name=x", "-c", "user.email=x@x", "commit", "-qm", "x"}} {
		if out, err := exec.Command("git", append([]string{"-C", dir}, args...)...).CombinedOutput(); err != nil {
			t.Fatalf("%v: %s", err, out)
		}
	}
	return dir
}

func runAll(t *testing.T, dir, address, token string, more ...func(*Options)) (*report.Report, int) {
	t.Helper()
	o := Options{Source: source.Options{Dir: dir, Mode: source.All}, NoProfile: true, Version: "1.2.3", Remote: address, RemoteToken: token}
	for _, f := range more {
		f(&o)
	}
	rep, err := Run(t.Context(), o)
	if err != nil {
		t.Fatal(err)
	}
	cached := 0
	for _, r := range rep.Rules {
		cached += r.Cached
	}
	return rep, cached
}

// What one clone's run knew, another clone's need not find out again.
func TestRemoteVerdicts(t *testing.T) {
	patient(t)
	s := &keptServer{kept: map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	writer := clone(t, server.URL)
	plain, _ := runAll(t, writer, "", "", func(o *Options) { o.NoCache = true })
	if len(s.asked) > 0 {
		t.Errorf("without a cache the remote one was asked %d times", len(s.asked))
	}
	runAll(t, clone(t, server.URL), "", "")
	runAll(t, clone(t, server.URL), "", "token")
	if len(s.kept) > 0 {
		t.Error("a run without a token for that address wrote")
	}
	for _, a := range s.auth {
		if a != "" {
			t.Error("the token went where sot.yaml said")
		}
	}
	runAll(t, writer, server.URL, "token")
	if len(s.kept) == 0 {
		t.Fatal("nothing was written")
	}
	if got := s.auth[len(s.auth)-1]; got != "Bearer token" {
		t.Errorf("authorized by %q", got)
	}

	reader := clone(t, server.URL)
	rep, cached := runAll(t, reader, "", "")
	if cached < 200 {
		t.Errorf("%d verdicts were known", cached)
	}
	if !reflect.DeepEqual(rep.Findings, plain.Findings) || len(rep.Findings) != 51 { // 50 files, and sot.yaml
		t.Errorf("%d findings, without a cache %d", len(rep.Findings), len(plain.Findings))
	}
	before := len(s.asked)
	if _, cached := runAll(t, reader, "", ""); cached < 200 || len(s.asked) != before {
		t.Errorf("what is known here was asked for again: %d known, %d requests", cached, len(s.asked)-before)
	}
	if _, cached := runAll(t, clone(t, ""), server.URL, "", func(o *Options) { o.Version = "1.2.4" }); cached > 0 {
		t.Errorf("another build took %d verdicts", cached)
	}

	// A run over some of the files writes nothing, and neither does one that has
	// nothing new.
	puts := func() int { return strings.Count(strings.Join(s.asked, " "), http.MethodPut) }
	was := puts()
	runAll(t, writer, server.URL, "token")
	runAll(t, clone(t, ""), server.URL, "token", func(o *Options) { o.Source.Mode = source.Paths; o.Source.Paths = []string{"."} })
	if puts() != was {
		t.Errorf("%d writes", puts()-was)
	}
}

// A remote cache that does not work, or lies about what it keeps, costs a note.
func TestRemoteVerdictsThatCannotBeHad(t *testing.T) {
	patient(t)
	s := &keptServer{kept: map[string][]byte{}}
	server := httptest.NewServer(s)
	defer server.Close()
	plain, _ := runAll(t, clone(t, ""), "", "", func(o *Options) { o.NoCache = true })
	runAll(t, clone(t, ""), server.URL, "token")
	for path, data := range s.kept {
		if strings.HasPrefix(path, "/cas/") {
			data[len(data)/2] ^= 1
		}
	}
	check := func(name, address string) {
		rep, cached := runAll(t, clone(t, ""), address, "user:secret")
		if !reflect.DeepEqual(rep.Findings, plain.Findings) || cached > 0 {
			t.Errorf("%s: %d findings, %d known", name, len(rep.Findings), cached)
		}
		notes := strings.Join(rep.Notes, "\n")
		if len(rep.Notes) != 1 || !strings.Contains(notes, "remote cache") || strings.Contains(notes, "secret") {
			t.Errorf("%s: notes %q", name, notes)
		}
	}
	check("damaged", server.URL)
	s.broken = func(w http.ResponseWriter, _ *http.Request) { w.WriteHeader(http.StatusServiceUnavailable) }
	check("unavailable", server.URL)
	check("nobody", "http://127.0.0.1:1")
	check("not encrypted", "http://user:secret@example.com/")
}
