package engine

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"slices"

	"github.com/sot-validator/sot/cache"
)

// Memory holds verdicts from run to run for a caller that keeps them itself. While
// a run goes on they are in no file, which the programs that command rules run
// could write to: what is there afterwards is what was there before, and what this
// process decided.
type Memory struct {
	pairs []pair // the least recently used first
}

// pair is a value of the store, as DecodeMemory or a run left it.
type pair struct {
	key   cache.Key
	value []byte
}

// memoryMagic begins an encoded Memory; a SHA-256 of all that follows is behind it.
const memoryMagic = "sotmemo1"

var errMemory = errors.New("they are of another version, or damaged")

// DecodeMemory reads what Encode wrote; the Memory shares its bytes. Whether to
// believe them is the caller's to know.
func DecodeMemory(data []byte) (*Memory, error) {
	rest, ok := bytes.CutPrefix(data, []byte(memoryMagic))
	if !ok || len(rest) < sha256.Size {
		return nil, errMemory
	}
	sum, rest := rest[:sha256.Size], rest[sha256.Size:]
	if now := sha256.Sum256(rest); !bytes.Equal(sum, now[:]) {
		return nil, errMemory
	}
	m := &Memory{}
	for len(rest) > 0 {
		var k cache.Key
		if len(rest) < len(k) {
			return nil, errMemory
		}
		rest = rest[copy(k[:], rest):]
		length, n := binary.Uvarint(rest)
		if n <= 0 || length > uint64(len(rest)-n) || length > cache.MaxValue {
			return nil, errMemory
		}
		m.pairs = append(m.pairs, pair{k, rest[n : n+int(length) : n+int(length)]})
		rest = rest[n+int(length):]
	}
	return m, nil
}

// Len returns how many values there are.
func (m *Memory) Len() int { return len(m.pairs) }

// Encode returns the values as bytes, at most so many: what was used longest ago is
// left out.
func (m *Memory) Encode(most int) []byte {
	size, from := len(memoryMagic)+sha256.Size, len(m.pairs)
	for from > 0 {
		n := m.pairs[from-1].size()
		if size+n > most {
			break
		}
		size += n
		from--
	}
	out := make([]byte, len(memoryMagic)+sha256.Size, size)
	copy(out, memoryMagic)
	for _, p := range m.pairs[from:] {
		out = append(out, p.key[:]...)
		out = binary.AppendUvarint(out, uint64(len(p.value)))
		out = append(out, p.value...)
	}
	sum := sha256.Sum256(out[len(memoryMagic)+sha256.Size:])
	copy(out[len(memoryMagic):], sum[:])
	return out
}

// size is the most that a value takes in bytes.
func (p pair) size() int { return len(p.key) + binary.MaxVarintLen32 + len(p.value) }

// open returns a store of the values that is in no file.
func (m *Memory) open(limit int64) *cache.Store {
	s := cache.Open("", limit)
	for _, p := range m.pairs {
		s.Fill(p.key, p.value)
	}
	return s
}

// take takes what a run put into the store or found there: it was used last.
func (m *Memory) take(s *cache.Store) {
	var used []pair
	at := map[cache.Key]bool{}
	s.Touched(func(k cache.Key, v []byte) {
		used = append(used, pair{k, v})
		at[k] = true
	})
	slices.SortFunc(used, func(a, b pair) int { return bytes.Compare(a.key[:], b.key[:]) })
	m.pairs = slices.DeleteFunc(slices.Clone(m.pairs), func(p pair) bool { return at[p.key] })
	m.pairs = append(m.pairs, used...)
}
