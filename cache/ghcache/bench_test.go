package ghcache_test

import (
	"fmt"
	"math/rand/v2"
	"testing"

	"github.com/sot-validator/sot/cache/ghcache"
	"github.com/sot-validator/sot/cache/ghcache/cacheserver"
)

// A restore and a save of 1 MB against a server on loopback: what the cache adds
// to a step, the network's time aside.
func BenchmarkRestoreAndSave(b *testing.B) {
	s := cacheserver.Start(b, cacheserver.Options{})
	c := client(b, s, main...)
	data := make([]byte, 1<<20)
	for i := range data {
		data[i] = byte(rand.IntN(64)) // six bits in eight
	}
	files := []ghcache.File{{Name: "sot/data", Data: data}}
	if err := c.Save(b.Context(), "0", paths, files); err != nil {
		b.Fatal(err)
	}
	b.SetBytes(int64(len(data)))
	for i := 1; b.Loop(); i++ {
		if hit, err := c.Restore(b.Context(), fmt.Sprint(i-1), nil, paths); hit == nil || err != nil {
			b.Fatal(hit, err)
		}
		if err := c.Save(b.Context(), fmt.Sprint(i), paths, files); err != nil {
			b.Fatal(err)
		}
	}
}
