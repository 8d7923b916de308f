package remote

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"sync"

	"github.com/sot-validator/sot/cache"
	"golang.org/x/sync/errgroup"
)

// Limits of a snapshot.
const (
	maxList  = 1 << 20 // of the list, bytes
	maxBlobs = 1 << 12
	maxBlob  = 4 << 20            // bytes
	maxTotal = cache.DefaultLimit // of all blobs, bytes
	atOnce   = 8                  // requests
)

// Fetch gives visit the pairs of the snapshot by a name, each from one goroutine
// at a time; none where there is no such snapshot. After an error, some may be
// missing.
func (c *Client) Fetch(ctx context.Context, name cache.Key, visit func(Pair)) error {
	return c.within(ctx, func(ctx context.Context) error {
		blobs, err := c.list(ctx, name)
		if err != nil {
			return err
		}
		var mu sync.Mutex
		g, ctx := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for _, b := range blobs {
			g.Go(func() error {
				pairs, err := c.blob(ctx, b)
				mu.Lock()
				defer mu.Unlock()
				for _, p := range pairs {
					visit(p)
				}
				return err
			})
		}
		return g.Wait()
	})
}

// list reads a snapshot's list; nil where there is none.
func (c *Client) list(ctx context.Context, name cache.Key) ([]digest, error) {
	data, err := c.get(ctx, "/ac/"+hex.EncodeToString(name[:]), maxList)
	if errors.Is(err, errMissing) {
		return nil, nil
	}
	if err != nil {
		return nil, err
	}
	return decodeResult(data, name)
}

// blob reads one blob, and nothing of one that is not there or not whole.
func (c *Client) blob(ctx context.Context, d digest) ([]Pair, error) {
	data, err := c.get(ctx, "/cas/"+hex.EncodeToString(d.sum[:]), d.size)
	if errors.Is(err, errMissing) {
		return nil, nil // evicted
	}
	if err != nil {
		return nil, err
	}
	if sha256.Sum256(data) != d.sum {
		return nil, errors.New("a blob is not what its name says")
	}
	return decodePairs(data)
}

// Push makes the pairs the snapshot of a name. What the server's snapshot has
// already is not sent. A client without a token writes nothing, and says so.
func (c *Client) Push(ctx context.Context, name cache.Key, pairs []Pair) error {
	if !c.writes {
		return errors.New("the remote cache is for reading: there is no token")
	}
	return c.within(ctx, func(ctx context.Context) error {
		there, err := c.list(ctx, name)
		if err != nil {
			return err
		}
		had := map[digest]bool{}
		for _, d := range there {
			had[d] = true
		}
		var list []digest
		changed := false
		g, inner := errgroup.WithContext(ctx)
		g.SetLimit(atOnce)
		for _, data := range bundles(pairs) {
			d := digest{sum: sha256.Sum256(data), size: int64(len(data))}
			list = append(list, d)
			if had[d] {
				delete(had, d)
				continue
			}
			changed = true
			g.Go(func() error { return c.put(inner, "/cas/"+hex.EncodeToString(d.sum[:]), data) })
		}
		if err := g.Wait(); err != nil {
			return err
		}
		if !changed && len(had) == 0 {
			return nil
		}
		return c.put(ctx, "/ac/"+hex.EncodeToString(name[:]), encodeResult(list, name))
	})
}
