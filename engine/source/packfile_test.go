package source

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"math/rand"
	"os"
	"path/filepath"
	"slices"
	"testing"
)

// writePack writes a pack and an index of version 2 in which the i-th of the
// sorted ids begins at at(i).
func writePack(t *testing.T, dir string, ids [][]byte, at func(i int) uint32, pack []byte) {
	t.Helper()
	index := []byte("\xfftOc\x00\x00\x00\x02")
	for first := range 256 {
		n := slices.IndexFunc(ids, func(id []byte) bool { return int(id[0]) > first })
		if n < 0 {
			n = len(ids)
		}
		index = binary.BigEndian.AppendUint32(index, uint32(n))
	}
	for _, id := range ids {
		index = append(index, id...)
	}
	index = append(index, make([]byte, 4*len(ids))...)
	for i := range ids {
		index = binary.BigEndian.AppendUint32(index, at(i))
	}
	for name, data := range map[string][]byte{"pack-x.idx": index, "pack-x.pack": pack} {
		if err := os.WriteFile(filepath.Join(dir, name), data, 0o666); err != nil {
			t.Fatal(err)
		}
	}
}

// Ids are found in an index of which many begin with the same byte.
func TestPackSearch(t *testing.T) {
	rnd := rand.New(rand.NewSource(5))
	firsts := []byte{0, 0, 0, 0xab, 0xab, 0xac, 0xff}
	var ids [][]byte
	for range 7000 {
		id := make([]byte, packIDSize)
		rnd.Read(id)
		id[0] = firsts[rnd.Intn(len(firsts))]
		ids = append(ids, id)
	}
	slices.SortFunc(ids, bytes.Compare)
	dir := t.TempDir()
	writePack(t, dir, ids, func(i int) uint32 { return uint32(i) + 100 }, nil)
	p, err := openPack(filepath.Join(dir, "pack-x"))
	if err != nil {
		t.Fatal(err)
	}
	defer p.close()
	for i, id := range ids {
		if at, err := p.find(id); err != nil || at != int64(i)+100 {
			t.Fatalf("%x: at %d, %v; want %d", id, at, err, i+100)
		}
		other := slices.Clone(id)
		other[packIDSize-1]++
		if at, err := p.find(other); err != nil || at != -1 {
			t.Fatalf("%x: at %d, %v; want none", other, at, err)
		}
		n := 0
		if err := p.withPrefix(id[:3], func([]byte) { n++ }); err != nil || n == 0 {
			t.Fatalf("%x: %d, %v", id[:3], n, err)
		}
	}
	for _, id := range []string{"0000000000000000000000000000000000000000", "01", "ab", "ffffffffffffffffffffffffffffffffffffffff"} {
		raw, _ := hex.DecodeString(id)
		if at, err := p.find(raw); err != nil || at != -1 {
			t.Errorf("%s: at %d, %v; want none", id, at, err)
		}
	}
}

// A delta of itself, or of no object, is an error.
func TestPackRing(t *testing.T) {
	id := bytes.Repeat([]byte{7}, packIDSize)
	for name, base := range map[string][]byte{"itself": id, "elsewhere": bytes.Repeat([]byte{8}, packIDSize)} {
		dir := filepath.Join(t.TempDir(), "objects")
		if err := os.MkdirAll(filepath.Join(dir, "pack"), 0o777); err != nil {
			t.Fatal(err)
		}
		pack := slices.Concat([]byte("PACK\x00\x00\x00\x02\x00\x00\x00\x01"), []byte{kindRefDelta<<4 | 5}, base, deflate("\x01\x01\x01xy"))
		writePack(t, filepath.Join(dir, "pack"), [][]byte{id}, func(int) uint32 { return 12 }, pack)
		for _, most := range []int64{0, 1 << 31} {
			o := &objectFiles{dir: dir, most: most}
			if _, _, err := o.read(hex.EncodeToString(id)); !errors.Is(err, errPack) {
				t.Errorf("%s: got error %v", name, err)
			}
			o.close()
		}
	}
}
