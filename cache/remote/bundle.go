package remote

import (
	"bytes"
	"encoding/binary"
	"errors"
	"math/bits"
	"slices"

	"github.com/sot-validator/sot/cache"
)

// Pair is one value of the cache, with its key.
type Pair struct {
	Key   cache.Key
	Value []byte
}

// bundleSize is what a blob should hold, in bytes.
const bundleSize = 64 << 10

// bundles puts pairs into blobs by the first bits of their keys: the same pairs
// into the same blobs, whatever their order, and a changed pair changes one.
// What is beyond the limits is left out.
func bundles(pairs []Pair) (out [][]byte) {
	pairs = slices.Clone(pairs)
	slices.SortFunc(pairs, func(a, b Pair) int { return bytes.Compare(a.Key[:], b.Key[:]) })
	pairs = slices.CompactFunc(pairs, func(a, b Pair) bool { return a.Key == b.Key })
	total := 0
	for i, p := range pairs {
		if total += len(p.Key) + 3 + len(p.Value); total > maxTotal {
			pairs = pairs[:i]
			break
		}
	}
	width := min(bits.Len(uint(total/bundleSize)), bits.Len(uint(maxBlobs-1)))
	group := func(p Pair) uint32 { return uint32(uint64(binary.BigEndian.Uint32(p.Key[:])) >> (32 - width)) }
	var blob []byte
	for i, p := range pairs {
		size := len(p.Key) + binary.MaxVarintLen32 + len(p.Value)
		if i > 0 && group(p) != group(pairs[i-1]) {
			out, blob = append(out, blob), nil
		}
		if len(blob)+size <= maxBlob {
			blob = binary.AppendUvarint(append(blob, p.Key[:]...), uint64(len(p.Value)))
			blob = append(blob, p.Value...)
		}
	}
	if len(blob) > 0 {
		out = append(out, blob)
	}
	return out
}

var errBundle = errors.New("a blob holds no verdicts")

// decodePairs reads a blob. The values are parts of it.
func decodePairs(b []byte) (out []Pair, err error) {
	for len(b) > 0 {
		var p Pair
		if len(b) < len(p.Key) {
			return nil, errBundle
		}
		b = b[copy(p.Key[:], b):]
		n, k := binary.Uvarint(b)
		if k <= 0 || n > cache.MaxValue || n > uint64(len(b)-k) {
			return nil, errBundle
		}
		p.Value, b = b[k:k+int(n):k+int(n)], b[k+int(n):]
		out = append(out, p)
	}
	return out, nil
}
