package action

import (
	"bytes"
	"context"
	"crypto/sha256"
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/trace"
)

// shelf is a cache service as far as a carrier sees one: what is saved is found by
// prefix, the newest first.
type shelf struct {
	mu      sync.Mutex
	entries []ghcache.Hit
	err     error
}

func (s *shelf) Restore(_ context.Context, key string, prefixes, _ []string) (*ghcache.Hit, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for _, p := range append([]string{key}, prefixes...) {
		for i := len(s.entries) - 1; i >= 0; i-- {
			if strings.HasPrefix(s.entries[i].Key, p) {
				return &s.entries[i], s.err
			}
		}
	}
	return nil, s.err
}

func (s *shelf) Save(_ context.Context, key string, _ []string, files []ghcache.File) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.err == nil {
		s.entries = append(s.entries, ghcache.Hit{Key: key, Files: files})
	}
	return s.err
}

func carrierOn(t *testing.T, s *shelf, change func(*carrier)) *carrier {
	t.Helper()
	at := place{owner: "o", repo: "r", runID: 12, attempt: 1}
	c := &carrier{cache: s, dir: t.TempDir(), profile: keysOf("profile", "", "j-1", at), known: keysOf("verdicts", "", "j-1", at),
		repository: "o/r", writes: true, verdicts: &engine.Memory{}}
	if change != nil {
		change(c)
	}
	return c
}

// learn has a rule known from so many runs.
func learn(t *testing.T, path string, runs int) {
	t.Helper()
	for range runs {
		p, err := profile.Load(path, profile.Here())
		if err != nil {
			t.Fatal(err)
		}
		p.Observe(profile.Observation{Rule: "a", Kind: "use", Seconds: 0.5, Files: 3, Bytes: 1000})
		p.Judged("a", "use", false)
		if err := p.Save(); err != nil {
			t.Fatal(err)
		}
	}
}

func reportOf(fresh float64) *report.Report {
	return &report.Report{Fresh: fresh, Rules: []report.RuleResult{{ID: "a", Kind: "use", Files: 3, Seconds: 0.5}},
		Schedule: &trace.Schedule{Workers: 2, Efficiency: 0.9, Speedup: 1.8}}
}

func TestKeys(t *testing.T) {
	at := place{runID: 12, attempt: 2, job: "build"}
	in := &inputs{}
	job := jobOf("ci", at, in)
	one, two := keysOf("profile", "go1.26", job, at), keysOf("profile", "go1.26", job, at)
	if one.own == two.own {
		t.Error("two jobs of a matrix make the same entry")
	}
	if !strings.HasPrefix(one.own, one.prefixes[0]) || !strings.HasPrefix(one.prefixes[0], one.prefixes[1]) {
		t.Errorf("%q is not found by %q", one.own, one.prefixes)
	}
	for what, other := range map[string]keys{
		"another suffix": keysOf("profile", "go1.27", job, at), "no suffix": keysOf("profile", "", job, at), "another sort": keysOf("verdicts", "go1.26", job, at),
	} {
		if strings.HasPrefix(one.own, other.prefixes[1]) {
			t.Errorf("%s finds %q by %q", what, one.own, other.prefixes[1])
		}
	}
	in.rules = []string{"a"}
	if jobOf("ci", at, in) == job {
		t.Error("a job that runs other rules has the same name")
	}
	at.job = strings.Repeat("ü,", 200)
	if k := keysOf("profile", strings.Repeat("s", 100), jobOf("ci", at, in), at).own; len(k) > 512 || strings.Contains(k, ",") {
		t.Errorf("%d characters: %q", len(k), k)
	}
}

// The second run starts from what the first one learned; a run that taught nothing
// makes no entry.
func TestCarriesWhatWasLearned(t *testing.T) {
	s := &shelf{}
	now := figures{Time: time.Now().UTC().Truncate(time.Second), Seconds: 1, Workers: 2}
	for run, want := range []string{"the first profile", "the cost of 1 rule", ""} {
		c := carrierOn(t, s, nil)
		c.restore(t.Context())
		if len(c.notes) > 0 || len(c.history) != run || c.before.Warm() != (run > 0) {
			t.Fatalf("run %d: %q, %d runs known, warm %v", run, c.notes, len(c.history), c.before.Warm())
		}
		learn(t, c.path(profileFile), 1+run*8)
		kept, notes := c.save(t.Context(), reportOf(0), now)()
		if strings.Join(kept, ", ") != want || notes != nil {
			t.Errorf("run %d: %q %q, want %q", run, kept, notes, want)
		}
	}
	if len(s.entries) != 2 {
		t.Errorf("%d entries", len(s.entries))
	}
	c := carrierOn(t, s, nil)
	c.restore(t.Context())
	for why, change := range map[string]func(r *report.Report, f *figures){
		"1 slower rule":     func(r *report.Report, _ *figures) { r.Slow = []report.Slow{{Rule: "a"}} },
		"the day's figures": func(_ *report.Report, f *figures) { f.Time = f.Time.Add(25 * time.Hour) },
	} {
		r, f := reportOf(0), now
		r.Rules = nil
		change(r, &f)
		if got := c.learned(r, f); got != why {
			t.Errorf("%q, want %q", got, why)
		}
	}
}

// Verdicts are believed where nobody else may have written them, or where they are
// signed; they are written by runs of trusted code alone.
func TestVerdictsAreBelievedWhereTheyMayBe(t *testing.T) {
	trusted := func(secret string) func(*carrier) {
		return func(c *carrier) { c.believes, c.teaches, c.secret = true, true, secret }
	}
	pull := func(secret string) func(*carrier) { return func(c *carrier) { c.secret = secret } }
	for name, c := range map[string]struct {
		writer, reader func(*carrier)
		harm           func(*shelf)
		want           bool
		note           string
	}{
		"main to main":                   {writer: trusted(""), reader: trusted(""), want: true},
		"main to pull request":           {writer: trusted(""), reader: pull("")},
		"signed, to pull request":        {writer: trusted("k"), reader: pull("k"), want: true},
		"unsigned, to one with a secret": {writer: trusted(""), reader: pull("k"), note: "not signed"},
		"signed with another":            {writer: trusted("x"), reader: pull("k"), note: "not signed"},
		"unsigned, to main with it":      {writer: trusted(""), reader: trusted("k"), note: "not signed"},
		"signed, to main without it":     {writer: trusted("k"), reader: trusted(""), want: true},
		"of another repository":          {writer: func(c *carrier) { trusted("k")(c); c.repository = "o/other" }, reader: pull("k"), note: "not signed"},
		"a pull request writes none":     {writer: pull("k"), reader: trusted("k")},
		"changed": {writer: trusted("k"), reader: pull("k"), harm: func(s *shelf) {
			for _, e := range s.entries {
				for i := range e.Files {
					if f := &e.Files[i]; f.Name == "sot/verdicts" {
						f.Data = append(bytes.Clone(f.Data), 0)
					}
				}
			}
		}, note: "not signed"},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{}
			w := carrierOn(t, s, c.writer)
			w.restore(t.Context())
			w.verdicts = memoryOf(t, "known")
			if _, notes := w.save(t.Context(), reportOf(5), figures{})(); notes != nil {
				t.Fatal(notes)
			}
			if c.harm != nil {
				c.harm(s)
			}
			r := carrierOn(t, s, c.reader)
			r.restore(t.Context())
			if got := bytes.Equal(r.verdicts.Encode(maxCachedBytes), w.verdicts.Encode(maxCachedBytes)); got != c.want {
				t.Errorf("believed: %v, %d values", got, r.verdicts.Len())
			}
			if said := strings.Join(r.notes, "; "); c.note == "" && said != "" || !strings.Contains(said, c.note) {
				t.Errorf("%q, want %q", said, c.note)
			}
		})
	}
}

// memoryOf is a Memory of one value, as an entry has it.
func memoryOf(t *testing.T, value string) *engine.Memory {
	t.Helper()
	body := append(make([]byte, 32), byte(len(value)))
	body = append(body, value...)
	sum := sha256.Sum256(body)
	m, err := engine.DecodeMemory(slices.Concat([]byte("sotmemo1"), sum[:], body))
	if err != nil {
		t.Fatal(err)
	}
	return m
}

// A checkout that the event does not vouch for is judged by what is signed alone,
// and leaves nothing behind.
func TestForeignCodeAndTheCache(t *testing.T) {
	for _, secret := range []string{"", "k"} {
		s := &shelf{}
		w := carrierOn(t, s, func(c *carrier) { c.teaches, c.secret, c.verdicts = true, secret, memoryOf(t, "known") })
		w.restore(t.Context())
		w.save(t.Context(), reportOf(5), figures{})()
		r := carrierOn(t, s, func(c *carrier) { c.believes, c.teaches, c.secret = true, true, secret })
		r.restore(t.Context())
		if r.verdicts.Len() != 1 || len(s.entries) != 1 {
			t.Fatalf("secret %q: %d values, %d entries", secret, r.verdicts.Len(), len(s.entries))
		}
		r.distrust()
		if got, want := r.verdicts.Len(), len(secret); got != want || strings.Contains(r.says(), foundVerdicts) != (want == 1) {
			t.Errorf("secret %q: %d values, %s", secret, got, r.says())
		}
		learn(t, r.path(profileFile), 1)
		if kept, _ := r.save(t.Context(), reportOf(5), figures{})(); kept != nil || len(s.entries) != 1 {
			t.Errorf("secret %q: kept %q", secret, kept)
		}
	}
}

// What an entry holds can cost time, never a verdict, and never the run.
func TestHostileEntries(t *testing.T) {
	big := make([]byte, 100<<20)
	nan := `{"version":1,"classes":{"x":{"a":{"count":NaN}}}}`
	for name, files := range map[string][]ghcache.File{
		"100 MB":       {{Name: "sot/profile.json", Data: big}, {Name: "sot/history.json", Data: big}, {Name: "sot/verdicts", Data: big}},
		"NaN":          {{Name: "sot/profile.json", Data: []byte(nan)}, {Name: "sot/history.json", Data: []byte(`[{"seconds": NaN}]`)}},
		"wrong types":  {{Name: "sot/profile.json", Data: []byte(`[1, "x"]`)}, {Name: "sot/history.json", Data: []byte(`{"seconds": "x"}`)}, {Name: "sot/verdicts", Data: []byte(`{}`)}},
		"wrong names":  {{Name: "sot/../../etc/passwd", Data: []byte("x")}, {Name: "sot/x", Data: []byte("x")}, {Name: "profile.json/..", Data: []byte("x")}, {Name: "", Data: nil}},
		"huge figures": {{Name: "sot/history.json", Data: []byte(`[{"time":"2026-01-01T00:00:00Z","seconds":1e300}, {"time":"2026-01-01T00:00:00Z","efficiency":-1}, {"time":"9999-01-01T00:00:00Z"}]`)}},
		"empty":        {{Name: "sot/profile.json"}, {Name: "sot/history.json"}, {Name: "sot/verdicts"}},
	} {
		t.Run(name, func(t *testing.T) {
			s := &shelf{}
			c := carrierOn(t, s, func(c *carrier) { c.believes = true })
			s.entries = []ghcache.Hit{{Key: c.profile.prefixes[1] + "x", Files: files}, {Key: c.known.prefixes[1] + "x", Files: files}}
			c.restore(t.Context())
			if c.before.Warm() || len(c.history) > 0 || c.verdicts.Len() > 0 {
				t.Errorf("believed: warm %v, %+v, %d verdicts", c.before.Warm(), c.history, c.verdicts.Len())
			}
			there, err := filepath.Glob(filepath.Join(c.dir, "*"))
			if err != nil {
				t.Fatal(err)
			}
			for _, p := range there {
				if base := filepath.Base(p); base != profileFile {
					t.Errorf("%s was written", base)
				}
				if info, err := os.Stat(p); err != nil || info.Size() > maxCachedBytes {
					t.Errorf("%s: %v", p, err)
				}
			}
		})
	}
}

// A run without a profile of its own makes no entry: it would be the newest, and the
// next run would start cold from it.
func TestNothingLearnedIsNotKept(t *testing.T) {
	s := &shelf{}
	c := carrierOn(t, s, nil)
	c.restore(t.Context())
	if kept, _ := c.save(t.Context(), reportOf(0), figures{})(); kept != nil {
		t.Errorf("%q without a profile", kept)
	}
	learn(t, c.path(profileFile), 1)
	if kept, _ := c.save(t.Context(), &report.Report{}, figures{})(); kept != nil || len(s.entries) > 0 {
		t.Errorf("%q of a run of nothing", kept)
	}
}

func TestCacheTroubleIsANote(t *testing.T) {
	s := &shelf{err: errors.New("the service is gone\n::error::forged")}
	c := carrierOn(t, s, func(c *carrier) { c.believes, c.teaches = true, true })
	c.restore(t.Context())
	if d := cmp.Diff([]string{"the service is gone"}, c.notes); d != "" {
		t.Error(d)
	}
	if says := c.says(); says != "nothing came from the cache, which did not answer" {
		t.Errorf("%q: nobody knows what the cache holds", says)
	}
	learn(t, c.path(profileFile), 1)
	kept, notes := c.save(t.Context(), reportOf(0), figures{})()
	if d := cmp.Diff([]string{"the cache was not written: the service is gone"}, notes); d != "" || kept != nil {
		t.Error(kept, d)
	}
	for _, benign := range []error{ghcache.ErrExists, fmt.Errorf("x: %w", ghcache.ErrReadOnly)} {
		s.err = benign
		if kept, notes := c.save(t.Context(), reportOf(0), figures{})(); kept != nil || notes != nil {
			t.Errorf("%q %q", kept, notes)
		}
	}
}

func TestVerdictsPay(t *testing.T) {
	for _, c := range []struct {
		fresh, saved float64
		bytes        int
		want         bool
	}{
		{fresh: 2, bytes: 4e6, want: true}, {fresh: 2, bytes: 20e6}, {fresh: 0.5, bytes: 1000},
		{fresh: 1, saved: 5, bytes: 20e6, want: true}, {saved: 100, bytes: 1000},
	} {
		r := &report.Report{Fresh: c.fresh, Cache: report.Cache{Seconds: c.saved}}
		if got := pays(r, c.bytes); got != c.want {
			t.Errorf("%+v: %v", c, got)
		}
	}
}

func TestHistoryIsBounded(t *testing.T) {
	var h []figures
	for i := range 30 {
		h = append(h, figures{Time: time.Date(2026, 1, 1, i, 0, 0, 0, time.UTC), Seconds: float64(i)})
	}
	got := decodeHistory(encodeHistory(h))
	if d := cmp.Diff(h[10:], got); d != "" {
		t.Error(d)
	}
}

// Whatever a history holds, what comes out is plausible and fits again.
func FuzzHistory(f *testing.F) {
	f.Add([]byte(`[{"time":"2026-01-01T00:00:00Z","seconds":1.5,"workers":2,"efficiency":0.9,"speedup":1.8,"findings":3,"files":4,"warm":true}]`))
	f.Add([]byte(`[{"seconds":1e999}]`))
	f.Fuzz(func(t *testing.T, data []byte) {
		got := decodeHistory(data)
		if len(got) > mostFigures {
			t.Fatal(len(got))
		}
		if d := cmp.Diff(got, decodeHistory(encodeHistory(got))); len(got) > 0 && d != "" {
			t.Fatal(d)
		}
		if !json.Valid(encodeHistory(got)) {
			t.Fatal("no JSON")
		}
	})
}
