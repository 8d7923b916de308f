package cache_test

import (
	"encoding/binary"
	"hash/crc32"
	"os"
	"path/filepath"
	"testing"

	"github.com/sot-validator/sot/cache"
)

// FuzzForged opens files whose checksums of header and frame are right, whatever
// they say: a value is the right one or not there, and the next save is.
func FuzzForged(f *testing.F) {
	path := filepath.Join(f.TempDir(), "verdicts")
	saved(f, path, 0, 0, 3)
	sealed, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	saved(f, path, 0, 3, 6)
	whole, err := os.ReadFile(path)
	if err != nil {
		f.Fatal(err)
	}
	frame := whole[len(sealed):]
	slots := binary.LittleEndian.Uint32(sealed[16:])
	body := sealed[32:]
	f.Add(slots, uint32(len(body))-8*slots, uint32(3), body, uint32(3), uint32(0), uint32(len(frame)-16-3*12), frame[16:])
	word := []byte{0xff, 0xff, 0xff, 0xff, 1, 2, 3, 4, 5, 6, 7, 8}
	f.Add(slots, uint32(len(body))-8*slots, uint32(3), body, uint32(0), uint32(1), uint32(0), word)
	f.Add(uint32(0), uint32(0), uint32(0), []byte{}, uint32(1), uint32(1), uint32(1), make([]byte, 25))
	f.Fuzz(func(t *testing.T, slots, sealed, count uint32, body []byte, records, words, size uint32, rest []byte) {
		number := func(b []byte, ns ...uint32) []byte {
			for _, n := range ns {
				b = binary.LittleEndian.AppendUint32(b, n)
			}
			return b
		}
		table := crc32.MakeTable(crc32.Castagnoli)
		id := []byte("a number")
		b := number(append([]byte("sotcach2"), id...), slots, sealed, count)
		b = append(number(b, crc32.Checksum(b, table)), body...)
		head := number(nil, records, words, size)
		index := rest[:min(uint64(len(rest)), 12*(uint64(records)+uint64(words)))]
		sum := crc32.Checksum(append(append(id, head...), index...), table)
		b = append(append(number(b, sum), head...), rest...)
		path := filepath.Join(t.TempDir(), "verdicts")
		if err := os.WriteFile(path, b, 0o644); err != nil {
			t.Fatal(err)
		}
		const limit = 64 << 10
		present(t, path, limit, 6)
		s := cache.Open(path, limit)
		for n := range 6 {
			s.Get(key(n)) // near the bound that is told
		}
		s.Put(key(7), valueOf(7))
		save(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		s = cache.Open(path, limit)
		if _, ok := s.Get(key(7)); !ok {
			t.Fatal("what was saved is not there")
		}
		s.Drop(key(7)) // all of it is written anew
		save(t, s)
		if err := s.Close(); err != nil {
			t.Fatal(err)
		}
		present(t, path, limit, 6)
	})
}
