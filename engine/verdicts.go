package engine

import (
	"bytes"
	"context"
	"crypto/sha256"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// VerdictsPath returns where verdicts are kept for a repository; "" where there
// is no such place.
func VerdictsPath(src *source.Source) string {
	dir, err := src.StateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "verdicts")
}

// verdicts is what is known of files that have not changed. Its methods are safe
// for concurrent use, and do nothing where the cache is off (nil).
type verdicts struct {
	store *cache.Store
	keys  []ruleKey        // of the run's rules; zero where a rule's verdicts are not kept
	known map[ruleKey]bool // of all rules of the configuration: what else a set names is dropped

	mu   sync.Mutex
	sets map[setKey][]ruleKey // as read, or as made
}

// worthwhile is from how many files on it takes longer to judge them than to look
// up what is known.
const worthwhile = 64

// openVerdicts opens the cache, unless it is switched off.
func (r *run) openVerdicts(ctx context.Context) {
	path := r.o.Verdicts
	if path == "" {
		path = VerdictsPath(r.src)
	}
	if r.o.NoCache || path == "" || r.o.Message != nil || r.o.Verdicts == "" && max(len(r.files), len(r.tree)) < worthwhile {
		return
	}
	size := r.o.CacheSize
	if size == 0 {
		size = r.cfg.Cache.Size
	}
	v := &verdicts{store: cache.Open(path, size), known: map[ruleKey]bool{}, sets: map[setKey][]ruleKey{{}: nil}}
	if err := v.store.Problem(); err != nil {
		r.details = append(r.details, err.Error())
	}
	build := buildID(r.o.Version)
	for _, x := range r.cfg.Rules {
		if k, ok := keyOf(ctx, x, r.src, build); ok {
			v.known[k] = true
		}
	}
	for _, x := range r.rules {
		k, _ := keyOf(ctx, x, r.src, build)
		v.keys = append(v.keys, k)
	}
	r.verdicts = v
}

// keyOf returns a rule's key, and whether its verdicts on files are kept: those
// of a check of files that looks into them.
func keyOf(ctx context.Context, x *rule.Rule, repo rule.Repo, build string) (k ruleKey, ok bool) {
	if _, file := x.Check.(rule.FileCheck); !file {
		return k, false
	}
	if _, blind := x.Check.(rule.Blind); blind {
		return k, false // asking costs as much as judging
	}
	state := ""
	if d, depends := x.Check.(rule.Depends); depends {
		var err error
		if state, err = d.State(ctx, repo); err != nil {
			return k, false
		}
	}
	sum := sha256.Sum256(fmt.Appendf(nil, "%d %s %s %x %s", recordVersion, build, x.Kind, x.Digest, state))
	copy(k[:], sum[:])
	return k, true
}

// buildID names the build of sot: a release by its version; a build of a work
// tree, whose version says nothing, by its file.
func buildID(version string) string {
	if !strings.Contains(version, "dev") && !strings.Contains(version, "dirty") {
		return version
	}
	if exe, err := os.Executable(); err == nil {
		if info, err := os.Stat(exe); err == nil {
			return fmt.Sprintf("%s %d %d", version, info.Size(), info.ModTime().UnixNano())
		}
	}
	return version
}

// blobOf returns the object id that stands for a file's content, "" where there
// is none. Near says that the content may differ from it by line ends, which
// then shows in its size.
func blobOf(e *rule.Entry) (blob string, near bool) {
	if e.Blob != "" {
		return e.Blob, false
	}
	return e.Near, e.Near != ""
}

// crlf is what line-end conversion adds or removes: content without it is the
// blob's, byte for byte.
var crlf = []byte("\r\n")

// lookup returns what is known of a file.
func (v *verdicts) lookup(e *rule.Entry) (record, bool) {
	if v == nil || v.store.Len() == 0 || !e.Mode.Regular() {
		return record{}, false
	}
	blob, near := blobOf(e)
	if blob == "" {
		return record{}, false
	}
	b, ok := v.store.Get(fileKey(e, blob))
	if !ok {
		return record{}, false
	}
	rec, ok := decodeRecord(b, e.Path)
	return rec, ok && (!near || rec.size == e.Size)
}

// set returns the rules of a set.
func (v *verdicts) set(s setKey) []ruleKey {
	v.mu.Lock()
	defer v.mu.Unlock()
	keys, ok := v.sets[s]
	if !ok {
		if b, found := v.store.Get(s.cacheKey()); found {
			keys = decodeSet(s, b)
		}
		v.sets[s] = keys
	}
	return keys
}

// of returns what a rule found in a file, and whether that is known.
func (v *verdicts) of(rec *record, rule int) ([]rule.Finding, bool) {
	k := v.keys[rule]
	if k == (ruleKey{}) {
		return nil, false
	}
	for i := range rec.found {
		if rec.found[i].rule == k {
			return rec.found[i].findings, true
		}
	}
	_, clean := slices.BinarySearchFunc(v.set(rec.clean), k, compareKeys)
	return nil, clean
}

func compareKeys(a, b ruleKey) int { return slices.Compare(a[:], b[:]) }

// fresh is what a rule found in a file in this run.
type fresh struct {
	rule     int
	findings []rule.Finding
}

// keep adds what was found in a file to what is known of it.
func (v *verdicts) keep(e *rule.Entry, data []byte, tags []string, results []fresh) {
	blob, near := blobOf(e)
	if v == nil || blob == "" || len(results) == 0 || !e.Mode.Regular() || near && bytes.Contains(data, crlf) {
		return
	}
	for _, f := range results {
		if slices.ContainsFunc(f.findings, func(f rule.Finding) bool { return f.Secret }) {
			return // nothing about a file with a secret is written down: its lines hold it
		}
	}
	rec := record{size: int64(len(data)), tags: tags}
	k := fileKey(e, blob)
	var clean []ruleKey
	if b, ok := v.store.Get(k); ok {
		if old, ok := decodeRecord(b, e.Path); ok && old.size == rec.size {
			clean = v.current(v.set(old.clean))
			rec.found = slices.DeleteFunc(old.found, func(f foundBy) bool { return !v.known[f.rule] })
		}
	}
	for _, f := range results {
		switch key := v.keys[f.rule]; {
		case key == (ruleKey{}) || len(f.findings) > maxRecordFindings || elsewhere(f.findings, e.Path):
		case len(f.findings) == 0:
			clean = append(clean, key)
		default:
			rec.found = append(rec.found, foundBy{key, f.findings})
		}
	}
	if len(rec.found) > maxRecordFindings || len(rec.tags) > maxRecordTags {
		return
	}
	rec.clean = v.intern(clean)
	v.store.Put(k, rec.encode())
}

// elsewhere says whether a finding is not about the file that was judged.
func elsewhere(fs []rule.Finding, path string) bool {
	return slices.ContainsFunc(fs, func(f rule.Finding) bool { return f.Path != path })
}

// current returns the rules of a set that the configuration still has.
func (v *verdicts) current(keys []ruleKey) (out []ruleKey) {
	for _, k := range keys {
		if v.known[k] {
			out = append(out, k)
		}
	}
	return out
}

// intern names a set, and keeps its rules.
func (v *verdicts) intern(keys []ruleKey) setKey {
	s, b := setOf(keys)
	v.mu.Lock()
	defer v.mu.Unlock()
	if len(v.sets[s]) == 0 && len(keys) > 0 {
		v.sets[s] = decodeSet(s, b)
		v.store.Put(s.cacheKey(), b)
	}
	return s
}

// hitRate estimates how many of the files are known, from some of them: for the
// plan, which does not look at each.
func (v *verdicts) hitRate(files []rule.Entry) float64 {
	const sample = 64
	if v == nil || v.store.Len() == 0 || len(files) == 0 {
		return 0
	}
	asked, known := 0, 0
	for i := 0; i < len(files); i += 1 + len(files)/sample {
		asked++
		if _, ok := v.lookup(&files[i]); ok {
			known++
		}
	}
	return float64(known) / float64(asked)
}

// save writes the cache. That it cannot be written costs the next run time.
func (v *verdicts) save() error {
	if v == nil {
		return nil
	}
	return v.store.Save()
}

// saveVerdicts writes the cache, and says for --verbose what it saved.
func (r *run) saveVerdicts(rep *report.Report) {
	if r.verdicts == nil {
		return
	}
	if err := r.verdicts.save(); err != nil {
		r.details = append(r.details, fmt.Sprintf("verdicts were not kept: %v", err))
	}
	for i := range rep.Rules {
		x := &rep.Rules[i]
		if x.Cached == 0 {
			continue
		}
		rep.Cache.Verdicts += x.Cached
		if c := r.profile.Cost(x.ID, x.Kind); c.Basis == profile.FromRule {
			rep.Cache.Seconds += c.PerFile*float64(x.Cached) + c.PerByte*float64(r.last.cachedBytes(i))
		}
	}
}

// cachedBytes are the bytes of the files that rule number i did not judge again.
func (p *round) cachedBytes(i int) (n int64) {
	for _, at := range p.of[i] {
		if s := &p.slots[at.task]; s.ran {
			n += s.work[at.at].cachedBytes
		}
	}
	return n
}
