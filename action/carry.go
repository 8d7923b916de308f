package action

import (
	"context"
	"crypto/hmac"
	"crypto/rand"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"runtime"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/engine"
	"github.com/sot-validator/sot/engine/profile"
	"github.com/sot-validator/sot/engine/report"
)

// service is the Actions cache.
type service interface {
	Restore(ctx context.Context, key string, prefixes, paths []string) (*ghcache.Hit, error)
	Save(ctx context.Context, key string, paths []string, files []ghcache.File) error
}

// What an entry holds: files of one folder.
const (
	cacheFolder    = "sot"
	profileFile    = "profile.json"
	historyFile    = "history.json"
	verdictsFile   = "verdicts"
	signatureFile  = "verdicts.hmac"
	maxCachedBytes = 64 << 20
)

// carrier carries what was learned from run to run: two entries, because they are
// believed by different runs. What rules cost and the last runs' figures are
// everybody's: a wrong one costs time. Verdicts are believed where nobody else
// may have written them, or where they are signed.
type carrier struct {
	cache          service // nil: none
	why            string  // there is none, or it is not used
	dir            string  // RUNNER_TEMP/sot; "" where there is none, and then no cache either
	profile, known keys
	secret         string
	repository     string
	believes       bool // verdicts without a signature
	writes         bool // entries may be made
	teaches        bool // verdicts may be written: the code that ran is trusted

	notes   []string // of what went wrong
	found   []string // what was restored, for people
	failed  bool     // asking did
	history []figures
	before  *profile.Profile // as restored
	// verdicts are in memory alone: what is signed in the end must not have been
	// where a command could write to it.
	verdicts *engine.Memory
}

// keys name the entries of one line of runs.
type keys struct {
	own      string
	prefixes []string
}

// keysOf names entries of one sort: sot-v1-OS-ARCH-SORT[-SUFFIX]/JOB/RUN-ATTEMPT-RANDOM.
// Entries never change, so that each run makes one of its own; the random part is
// for steps that share all else. The next run finds the newest of
// its job, asked for in the same way, or else of any job.
func keysOf(sort, suffix, job string, at place) keys {
	line := fmt.Sprintf("sot-v1-%s-%s-%s", runtime.GOOS, runtime.GOARCH, sort)
	if suffix != "" {
		line += "-" + suffix
	}
	line += "/"
	return keys{
		own:      fmt.Sprintf("%s%s/%d-%d-%s", line, job, at.runID, at.attempt, rand.Text()[:8]),
		prefixes: []string{line + job + "/", line},
	}
}

// jobOf tells jobs apart that run other rules on other files.
func jobOf(workflow string, at place, in *inputs) string {
	name := strings.Map(func(c rune) rune {
		if c == '-' || c == '_' || c >= '0' && c <= '9' || c >= 'a' && c <= 'z' || c >= 'A' && c <= 'Z' {
			return c
		}
		return '_'
	}, at.job)
	sum := sha256.Sum256(fmt.Appendf(nil, "%q %q %q %q %v %q %q %q", workflow, at.job, in.matrix, in.config, in.all, in.rules, in.skip, in.args))
	return name[:min(len(name), 100)] + "-" + hex.EncodeToString(sum[:4])
}

// restore fetches both entries at once, and puts what is fit into the folder.
func (c *carrier) restore(ctx context.Context) {
	if c.cache != nil {
		var learned, verdicts *ghcache.Hit
		var errs [2]error
		var both sync.WaitGroup
		both.Go(func() {
			learned, errs[0] = c.cache.Restore(ctx, c.profile.own, c.profile.prefixes, []string{cacheFolder})
		})
		if c.believes || c.secret != "" {
			both.Go(func() {
				verdicts, errs[1] = c.cache.Restore(ctx, c.known.own, c.known.prefixes, []string{cacheFolder})
			})
		}
		both.Wait()
		for _, err := range errs {
			if err != nil {
				c.failed = true
				c.note(err)
			}
		}
		c.takeLearned(learned)
		c.takeVerdicts(verdicts)
	}
	var err error
	if c.before, err = profile.Load(c.path(profileFile), profile.Here()); err != nil {
		c.notes = append(c.notes, "the cache's profile is not used: "+cutLine(err.Error()))
		_ = os.Remove(c.path(profileFile)) // the run starts cold
	}
}

// path is where a file of the folder lies; "" where there is no folder.
func (c *carrier) path(name string) string {
	if c.dir == "" {
		return ""
	}
	return filepath.Join(c.dir, name)
}

func (c *carrier) note(err error) {
	if line := cutLine(err.Error()); !slices.Contains(c.notes, line) {
		c.notes = append(c.notes, line)
	}
}

// fits says whether what was restored is not too large.
func (c *carrier) fits(name string, data []byte) bool {
	if len(data) > maxCachedBytes {
		c.notes = append(c.notes, fmt.Sprintf("the cache's %s has %d MiB and is not used", name, len(data)>>20))
		return false
	}
	return true
}

// put writes a restored file.
func (c *carrier) put(name string, data []byte) bool {
	if !c.fits(name, data) {
		return false
	}
	if err := os.WriteFile(c.path(name), data, 0o600); err != nil {
		c.note(err)
		return false
	}
	return true
}

func (c *carrier) takeLearned(hit *ghcache.Hit) {
	for _, f := range filesOf(hit) {
		switch strings.TrimPrefix(f.Name, cacheFolder+"/") {
		case profileFile:
			if c.put(profileFile, f.Data) {
				c.found = append(c.found, "what rules cost")
			}
		case historyFile:
			c.history = decodeHistory(f.Data)
		}
	}
}

func (c *carrier) takeVerdicts(hit *ghcache.Hit) {
	var verdicts, signature []byte
	for _, f := range filesOf(hit) {
		switch strings.TrimPrefix(f.Name, cacheFolder+"/") {
		case verdictsFile:
			verdicts = f.Data
		case signatureFile:
			signature = f.Data
		}
	}
	switch {
	case verdicts == nil:
	case c.secret != "" && !hmac.Equal(signature, c.sign(verdicts)):
		c.notes = append(c.notes, "the cache's verdicts are not signed with this cache-secret: every file is judged again")
	case c.secret == "" && !c.believes:
	case c.fits(verdictsFile, verdicts):
		known, err := engine.DecodeMemory(verdicts)
		if err != nil {
			c.notes = append(c.notes, "the cache's verdicts are not used: "+err.Error())
			return
		}
		c.verdicts = known
		c.found = append(c.found, foundVerdicts)
	}
}

// distrust is for a checkout that is not what the event vouches for: nothing of it
// is kept, and what is not signed is not believed of it.
func (c *carrier) distrust() {
	c.writes, c.teaches = false, false
	if c.secret == "" {
		c.verdicts = &engine.Memory{}
		c.found = slices.DeleteFunc(c.found, func(what string) bool { return what == foundVerdicts })
	}
}

const foundVerdicts = "verdicts on files"

func filesOf(hit *ghcache.Hit) []ghcache.File {
	if hit == nil {
		return nil
	}
	return hit.Files
}

// sign is the signature of a file of verdicts: HMAC-SHA256 in hex, over the
// repository as well, so that those of another one that has the same secret are
// none.
func (c *carrier) sign(verdicts []byte) []byte {
	h := hmac.New(sha256.New, []byte(c.secret))
	_, _ = fmt.Fprintf(h, "sot verdicts 1\n%s\n", strings.ToLower(c.repository)) // a hash does not fail
	h.Write(verdicts)
	return hex.AppendEncode(nil, h.Sum(nil))
}

// says is what the cache did, in one line.
func (c *carrier) says() string {
	switch {
	case c.cache == nil:
		return c.why
	case c.found == nil && c.failed:
		return "nothing came from the cache, which did not answer"
	case c.found == nil:
		return "nothing was found in the cache"
	}
	return "from the cache: " + strings.Join(c.found, ", ")
}

// entry is what is saved under one key, and why.
type entry struct {
	key, why string
	files    []ghcache.File
	err      error
}

// save makes entries of what this run learned, where it is worth it. Wait waits
// for them, and returns what was kept, for people, and what went wrong.
func (c *carrier) save(ctx context.Context, rep *report.Report, now figures) (wait func() (kept, notes []string)) {
	entries := c.entries(rep, now)
	var all sync.WaitGroup
	for i := range entries {
		e := &entries[i]
		all.Go(func() { e.err = c.cache.Save(ctx, e.key, []string{cacheFolder}, e.files) })
	}
	return func() (kept, notes []string) {
		all.Wait()
		for _, e := range entries {
			switch {
			case e.err == nil:
				kept = append(kept, e.why)
			case !errors.Is(e.err, ghcache.ErrExists) && !errors.Is(e.err, ghcache.ErrReadOnly):
				notes = append(notes, "the cache was not written: "+cutLine(e.err.Error()))
			}
		}
		return kept, notes
	}
}

// entries are what of a run is to be kept.
func (c *carrier) entries(rep *report.Report, now figures) (entries []entry) {
	if c.cache == nil || !c.writes || rep.Schedule == nil { // nothing ran
		return nil
	}
	// An entry without a profile would hide an older one that has one.
	if files, why := c.files(profileFile), c.learned(rep, now); why != "" && len(files) == 1 {
		history := append(slices.Clone(c.history), now)
		files = append(files, ghcache.File{Name: cacheFolder + "/" + historyFile, Data: encodeHistory(history)})
		entries = append(entries, entry{key: c.profile.own, why: why, files: files})
	}
	if !c.teaches || c.verdicts.Len() == 0 {
		return entries
	}
	if data := c.verdicts.Encode(maxCachedBytes); pays(rep, len(data)) {
		files := []ghcache.File{{Name: cacheFolder + "/" + verdictsFile, Data: data}}
		if c.secret != "" {
			files = append(files, ghcache.File{Name: cacheFolder + "/" + signatureFile, Data: c.sign(data)})
		}
		entries = append(entries, entry{key: c.known.own, why: "verdicts", files: files})
	}
	return entries
}

// files returns a file of the folder, none where it is missing or too large.
func (c *carrier) files(name string) []ghcache.File {
	info, err := os.Lstat(c.path(name))
	if err != nil || !info.Mode().IsRegular() || info.Size() > maxCachedBytes {
		return nil
	}
	data, err := os.ReadFile(c.path(name))
	if err != nil {
		return nil
	}
	return []ghcache.File{{Name: cacheFolder + "/" + name, Data: data}}
}

// knownFrom is from how many runs on a rule's cost is known well.
const knownFrom = 8

// learned says what of this run is worth an entry, "" for nothing: a run that took
// as long as expected by rules that are well known teaches little, and each entry
// takes room from others of the repository. Once a day the figures are.
func (c *carrier) learned(rep *report.Report, now figures) string {
	if !c.before.Warm() {
		return "the first profile"
	}
	fresh := 0
	for _, r := range rep.Rules {
		if r.Files > r.Cached && c.before.Runs(r.ID) < knownFrom {
			fresh++
		}
	}
	switch n := len(c.history); {
	case fresh > 0:
		return "the cost of " + report.Plural(fresh, "rule", "rules")
	case len(rep.Slow) > 0:
		return report.Plural(len(rep.Slow), "slower rule", "slower rules")
	case n == 0 || now.Time.Sub(c.history[n-1].Time).Hours() >= 24:
		return "the day's figures"
	}
	return ""
}

// An entry of verdicts pays where the run had to judge for leastFresh seconds what
// it now knows, and all that it knows saves leastPerMB seconds a megabyte: moving
// one to the service and back takes about a tenth of a second.
const (
	leastFresh = 1.0
	leastPerMB = 0.2
)

// pays says whether a file of verdicts of so many bytes is worth its way.
func pays(rep *report.Report, bytes int) bool {
	return rep.Fresh >= leastFresh && rep.Fresh+rep.Cache.Seconds >= leastPerMB*float64(bytes)/1e6
}
