package engine

import (
	"context"
	"crypto/sha256"
	"errors"
	"fmt"
	"slices"

	"github.com/sot-validator/sot/cache"
	"github.com/sot-validator/sot/cache/remote"
)

// snapshots is what a run needs of a remote cache: what some run knew, by a name
// that stands for the rules and the build.
type snapshots interface {
	Fetch(ctx context.Context, name cache.Key, visit func(remote.Pair)) error
	Push(ctx context.Context, name cache.Key, pairs []remote.Pair) error
	Writes() bool
}

// remoteBudget is longer where a test must not depend on what else the machine does.
var remoteBudget = remote.Budget

// openRemote fills in what a remote cache knows, where a sample of the files says
// that this repository lacks some of it.
func (r *run) openRemote(ctx context.Context) {
	v := r.verdicts
	if v == nil {
		return
	}
	address, token := r.o.Remote, r.o.RemoteToken
	if address == "" {
		// What a repository says may come from anybody: no token is sent there.
		if address = r.cfg.Cache.Remote; address != "" && token != "" {
			r.notes = append(r.notes, "SOT_CACHE_TOKEN is sent to no address of sot.yaml: set SOT_CACHE_REMOTE as well")
		}
		token = ""
	}
	if address == "" {
		return
	}
	client, err := remote.New(address, token, nil)
	if err != nil {
		r.notes = append(r.notes, err.Error())
		return
	}
	client.Allow(remoteBudget)
	v.shared, v.name = client, snapshotName(v.known, buildID(r.o.Version))
	if client.Writes() {
		v.store.Track()
	}
	files := r.files
	if len(r.tree) > len(files) {
		files = r.tree
	}
	if v.hitRate(files) == 1 {
		return
	}
	if err := v.shared.Fetch(ctx, v.name, func(p remote.Pair) { v.store.Fill(p.Key, p.Value) }); err != nil {
		r.notes = append(r.notes, err.Error()+"; the run goes on without it")
	}
}

// snapshotName names what runs by the same rules and the same build share.
func snapshotName(known map[ruleKey]bool, build string) cache.Key {
	var keys []ruleKey
	for k := range known {
		keys = append(keys, k)
	}
	slices.SortFunc(keys, compareKeys)
	h := sha256.New()
	fmt.Fprintf(h, "snapshot %d %s", recordVersion, build)
	for _, k := range keys {
		h.Write(k[:])
	}
	return cache.Key(h.Sum(nil))
}

// share makes what this run knows the remote cache's snapshot, where it looked at
// everything: a run over a few files would put its few verdicts in the place of
// all.
func (r *run) share(ctx context.Context) {
	v := r.verdicts
	if v.shared == nil || !v.shared.Writes() || r.src.Name() != "all" || ctx.Err() != nil {
		return
	}
	var pairs []remote.Pair
	v.store.Touched(func(k cache.Key, value []byte) { pairs = append(pairs, remote.Pair{Key: k, Value: value}) })
	if err := v.shared.Push(ctx, v.name, pairs); err != nil && !errors.Is(err, remote.ErrOff) {
		r.notes = append(r.notes, err.Error()+"; verdicts were not shared")
	}
}
