package engine

import (
	"bytes"
	"context"
	"encoding/binary"
	"errors"
	"path/filepath"
	"slices"
	"sync"

	"github.com/sot-validator/sot/cache"
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

// verdicts is what is known of what has not changed. Its methods are safe for
// concurrent use, and do nothing where the cache is off (nil).
type verdicts struct {
	store    *cache.Store
	contents *contents
	shared   snapshots        // nil without a remote cache
	name     cache.Key        // of the snapshot there
	keys     []ruleKey        // of the run's rules; zero where a rule's verdicts are not kept
	others   []rule.Beside    // of the run's rules; nil where a rule looks at the file alone
	known    map[ruleKey]bool // of all rules of the configuration: what else a set names is dropped
	worktree bool             // the bytes come from there
	// proof asks of what is kept that the bytes were the blob's: a program that runs
	// meanwhile may have put others in their place, which then passed for it.
	proof bool
	later bool // fixes have changed files since they were listed

	whole, changed pathsMemo // of the whole tree, and of the files of the run

	mu    sync.Mutex
	sets  map[setKey][]ruleKey // as read, or as made
	named map[string]setKey    // by the numbers of their rules
}

// From worthwhile files on it takes longer to judge them than to look up what is
// known, and likewise from so many expected seconds of whole-tree rules on.
const (
	worthwhile     = 64
	worthwhileTree = 0.005
)

// openVerdicts opens the cache, unless it is switched off.
func (r *run) openVerdicts(ctx context.Context) {
	size := r.o.CacheSize
	if size == 0 {
		size = r.cfg.Cache.Size
	}
	store := r.openStore(size)
	if store == nil {
		return
	}
	v := &verdicts{store: store, proof: r.o.Memory != nil && r.runsCommands(), contents: &contents{src: r.src}, worktree: r.src.Worktree(), known: map[ruleKey]bool{}, sets: map[setKey][]ruleKey{{}: nil}, named: map[string]setKey{}}
	if err := v.store.Problem(); err != nil {
		r.details = append(r.details, err.Error())
	}
	build := buildID(r.o.Version)
	keys := make(map[string]ruleKey, len(r.cfg.Rules))
	for _, x := range r.cfg.Rules {
		if k, err := keyOf(ctx, x, r.src, build); err == nil {
			keys[x.ID], v.known[k] = k, true
		}
	}
	for _, x := range r.rules {
		v.keys = append(v.keys, keys[x.ID])
		others, _ := x.Check.(rule.Beside)
		v.others = append(v.others, others)
	}
	r.verdicts = v
}

// openStore opens what verdicts are kept in; nil where none are.
func (r *run) openStore(size int64) *cache.Store {
	if r.o.NoCache || r.o.Message != nil {
		return nil
	}
	if r.o.Memory != nil {
		return r.o.Memory.open(size)
	}
	path := r.o.Verdicts
	if path == "" {
		path = VerdictsPath(r.src)
	}
	if path == "" || r.o.Verdicts == "" && !r.worthKeeping() {
		return nil
	}
	return cache.Open(path, size)
}

// runsCommands says whether programs run while files are judged.
func (r *run) runsCommands() bool {
	return r.o.Refuse == "" && slices.ContainsFunc(r.rules, func(x *rule.Rule) bool {
		_, command := x.Check.(rule.CommandCheck)
		return command && r.skip[x.ID] == ""
	})
}

// worthKeeping says whether there is enough to do that some of it may be saved.
func (r *run) worthKeeping() bool {
	if max(len(r.files), len(r.tree)) >= worthwhile {
		return true
	}
	seconds := 0.0
	for _, x := range r.rules {
		if c, ok := x.Check.(rule.Repeats); ok {
			if inputs, _ := c.Inputs(); inputs != nil {
				return true
			}
		}
		if _, ok := x.Check.(rule.ByPaths); ok {
			c := r.profile.Cost(x.ID, x.Kind)
			seconds += c.Estimate(0, 0).Seconds
		}
	}
	return seconds >= worthwhileTree
}

// rekey makes the keys again after fixes have changed files. A rule whose own
// key depends on one of them is neither looked up nor kept any more.
func (v *verdicts) rekey(ctx context.Context, r *run) {
	if v == nil {
		return
	}
	v.later = true
	build := buildID(r.o.Version)
	for i, x := range r.rules {
		if k, _ := keyOf(ctx, x, r.src, build); k != v.keys[i] {
			v.keys[i] = ruleKey{}
		}
	}
}

// crlf is what line-end conversion adds or removes: content without it is the
// blob's, byte for byte.
var crlf = []byte("\r\n")

// lookup returns what is known of a file.
func (v *verdicts) lookup(e *rule.Entry) (record, bool) {
	if v == nil || v.store.Len() == 0 || !e.Mode.Regular() {
		return record{}, false
	}
	if e.Blob == "" {
		return record{}, false
	}
	k := fileKey(e, v.worktree)
	b, ok := v.store.Get(k)
	if !ok {
		return record{}, false
	}
	rec, ok := decodeRecord(b, e.Path)
	rec.key = k
	// Git takes a file for unchanged also where the attributes by which its line
	// ends were converted are gone since; then its size tells.
	return rec, ok && (!v.worktree || rec.size == e.Size)
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

// of returns what rule number x found in a file, and whether that is known. Clean
// are the rules that found nothing in it.
func (v *verdicts) of(ctx context.Context, rec *record, clean *cleanSet, x int, e *rule.Entry) ([]rule.Finding, bool) {
	k := v.keys[x]
	if k == (ruleKey{}) {
		return nil, false
	}
	if about, beside, err := v.beside(ctx, x, e, rec.key); beside {
		if err != nil {
			return nil, false
		}
		a, ok := v.answer(k, about)
		return a.findings, ok && !elsewhere(a.findings, e.Path)
	}
	for i := range rec.found {
		if rec.found[i].rule == k {
			return rec.found[i].findings, true
		}
	}
	return nil, clean.rules[x]
}

// cleanSet says of each of the run's rules whether it is in a set of those that
// found nothing.
type cleanSet struct{ rules []bool }

func (v *verdicts) cleanOf(s setKey) *cleanSet {
	keys := v.set(s)
	c := &cleanSet{make([]bool, len(v.keys))}
	for x, k := range v.keys {
		_, c.rules[x] = slices.BinarySearchFunc(keys, k, compareKeys)
	}
	return c
}

func compareKeys(a, b ruleKey) int { return bytes.Compare(a[:], b[:]) }

// fresh is what a rule found in a file in this run.
type fresh struct {
	rule     int
	findings []rule.Finding
}

// keep adds what was found in a file to what is known of it.
func (v *verdicts) keep(ctx context.Context, e *rule.Entry, data []byte, tags []string, results []fresh) {
	if v == nil || e.Blob == "" || len(results) == 0 || !e.Mode.Regular() || e.Near && bytes.Contains(data, crlf) {
		return
	}
	for _, f := range results {
		if hasSecret(f.findings) {
			return // nothing about a file with a secret is written down: its lines hold it
		}
	}
	if v.proof && !source.IsBlob(e.Blob.String(), data) {
		return
	}
	rec := record{size: int64(len(data)), tags: tags}
	k := fileKey(e, v.worktree)
	var clean []ruleKey
	if b, ok := v.store.Get(k); ok {
		if old, ok := decodeRecord(b, e.Path); ok && old.size == rec.size {
			clean = v.current(v.set(old.clean))
			rec.found = slices.DeleteFunc(old.found, func(f foundBy) bool { return !v.known[f.rule] })
		}
	}
	fresh := make([]int32, 0, 32) // rules that found nothing
	for _, f := range results {
		about, beside, err := v.beside(ctx, f.rule, e, k)
		switch key := v.keys[f.rule]; {
		case err != nil:
		case beside && key != (ruleKey{}) && !elsewhere(f.findings, e.Path):
			v.put(&answer{rule: key, files: 1, bytes: rec.size, findings: f.findings}, about)
		case beside:
		case key == (ruleKey{}) || len(f.findings) > maxRecordFindings || elsewhere(f.findings, e.Path):
		case len(f.findings) == 0:
			fresh = append(fresh, int32(f.rule))
		default:
			rec.found = append(rec.found, foundBy{key, f.findings})
		}
	}
	if len(rec.found) > maxRecordFindings || len(rec.tags) > maxRecordTags {
		return
	}
	rec.clean = v.intern(clean, fresh)
	v.store.Put(k, rec.encode())
}

// beside returns what a verdict on a file is kept under where it depends on other
// files as well, and whether it does. K is the key of the file's record.
func (v *verdicts) beside(ctx context.Context, x int, e *rule.Entry, k cache.Key) (about []byte, beside bool, err error) {
	if v.others[x] == nil {
		return nil, false, nil
	}
	paths := v.others[x].Beside(e.Path)
	if len(paths) == 0 {
		return nil, false, nil
	}
	if v.later {
		return nil, true, errListed
	}
	now, err := v.contents.all(ctx, paths)
	return append(append([]byte{'b'}, k[:]...), now[:]...), true, err
}

// errListed says that what was listed is no longer what is there.
var errListed = errors.New("fixes have changed files")

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

// answer returns what is kept of a rule about something.
func (v *verdicts) answer(k ruleKey, about []byte) (answer, bool) {
	b, ok := v.store.Get(answerKey(k, about))
	if !ok {
		return answer{}, false
	}
	return decodeAnswer(b, k)
}

// put keeps what a rule found about something.
func (v *verdicts) put(a *answer, about []byte) {
	if len(a.findings) <= maxAnswerFindings && !hasSecret(a.findings) {
		v.store.Put(answerKey(a.rule, about), a.encode())
	}
}

// hasSecret says whether something may not be written down.
func hasSecret(fs []rule.Finding) bool {
	return slices.ContainsFunc(fs, func(f rule.Finding) bool { return f.Secret })
}

// withRule returns findings as those of a rule of this configuration.
func withRule(fs []rule.Finding, id string) []rule.Finding {
	for i := range fs {
		fs[i].Rule = id
	}
	return fs
}

// intern names the set of some rules and of those that found nothing now, by their
// numbers, and keeps it. Most files of a kind are judged by the same rules, so
// that sets are remembered by these numbers.
func (v *verdicts) intern(keys []ruleKey, fresh []int32) setKey {
	var room [128]byte
	numbers := room[:0]
	for _, x := range fresh {
		numbers = binary.LittleEndian.AppendUint32(numbers, uint32(x))
	}
	v.mu.Lock()
	defer v.mu.Unlock()
	if s, ok := v.named[string(numbers)]; ok && len(keys) == 0 {
		return s
	}
	alone := len(keys) == 0
	for _, x := range fresh {
		keys = append(keys, v.keys[x])
	}
	s, b := setOf(keys)
	if alone {
		v.named[string(numbers)] = s
	}
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
