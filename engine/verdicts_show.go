package engine

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/engine/source"
)

// KeptVerdicts is what `sot cache show` tells.
type KeptVerdicts struct {
	Path        string
	Damage      string // what is wrong with the file; "" where nothing is
	Size, Limit int64  // bytes
	Saved       time.Time
	Files       int // records of files
	Sets        int // of rules that found nothing, which many files share
	Answers     int // of one rule about something
	Rules       []KeptRule
	Others      int // verdicts of commands, of other configurations and of other builds
}

// KeptRule is how many verdicts are kept of one rule in force.
type KeptRule struct {
	ID       string
	Kind     string
	Verdicts int
}

// ShowVerdicts looks into the cache of a repository.
func ShowVerdicts(ctx context.Context, o Options) (*KeptVerdicts, error) {
	src, cfg, err := Load(ctx, o)
	if err != nil {
		return nil, err
	}
	defer func() { _ = src.Close() }() // it only looked
	out := &KeptVerdicts{Path: o.Verdicts}
	if out.Path == "" {
		out.Path = VerdictsPath(src)
	}
	if out.Path == "" {
		return out, nil
	}
	limit := o.CacheSize
	if limit == 0 {
		limit = cfg.Cache.Size
	}
	store := cache.Open(out.Path, limit)
	defer func() { _ = store.Close() }() // as above
	if err := store.Problem(); err != nil {
		out.Damage = err.Error()
	}
	if info, err := os.Stat(out.Path); err == nil {
		out.Saved = info.ModTime()
	}
	out.Size, out.Limit = store.Size(), store.Limit()
	n := out.count(store)
	build := buildID(o.Version)
	for _, x := range cfg.Rules {
		if k, err := keyOf(ctx, x, src, build); err == nil && n[k] > 0 {
			out.Rules = append(out.Rules, KeptRule{x.ID, x.Kind, n[k]})
			delete(n, k)
		}
	}
	for _, others := range n {
		out.Others += others
	}
	slices.SortStableFunc(out.Rules, func(a, b KeptRule) int { return strings.Compare(a.ID, b.ID) })
	return out, nil
}

// count counts the values by what they are, and the verdicts by rule.
func (out *KeptVerdicts) count(store *cache.Store) map[ruleKey]int {
	n := map[ruleKey]int{}
	clean := map[setKey]int{}
	whole := store.Each(func(_ cache.Key, b []byte) {
		if len(b) == 0 {
			return
		}
		switch b[0] {
		case isRecord:
			out.Files++
			if r, ok := decodeRecord(b, ""); ok {
				clean[r.clean]++
				for _, f := range r.found {
					n[f.rule]++
				}
			}
		case isSet:
			out.Sets++
		case isAnswer:
			if out.Answers++; len(b) >= 2+len(ruleKey{}) {
				n[ruleKey(b[2:][:len(ruleKey{})])]++
			}
		}
	})
	if !whole && out.Damage == "" {
		out.Damage = "part of it is damaged, and lost"
	}
	for s, files := range clean {
		b, _ := store.Get(s.cacheKey())
		for _, k := range decodeSet(s, b) {
			n[k] += files
		}
	}
	return n
}

// ClearVerdicts removes the cache of a repository, and says where it is and
// whether there was one. It needs no configuration: a wrong one is not in the way.
func ClearVerdicts(ctx context.Context, o source.Options) (path string, there bool, err error) {
	src, err := source.Open(ctx, o)
	if err != nil {
		return "", false, err
	}
	defer func() { _ = src.Close() }() // it only looked
	if path = VerdictsPath(src); path == "" {
		return "", false, nil
	}
	if file, _ := src.Folders(); file != "" {
		if err := os.Remove(file); err != nil && !errors.Is(err, fs.ErrNotExist) {
			return path, true, err
		}
	}
	_, err = os.Lstat(path)
	if errors.Is(err, fs.ErrNotExist) {
		return path, false, nil
	}
	return path, true, cache.Remove(path)
}
