package engine

import (
	"bytes"
	"slices"
	"testing"

	"github.com/sot-validator/sot/cache"
)

// What was used last stays, in whatever order it was asked for.
func TestMemoryKeepsWhatWasUsed(t *testing.T) {
	m := &Memory{}
	key := func(c byte) (k cache.Key) { k[0] = c; return k }
	s := m.open(0)
	for _, c := range "abcd" {
		s.Put(key(byte(c)), bytes.Repeat([]byte{byte(c)}, 100))
	}
	m.take(s)
	s = m.open(0)
	if v, ok := s.Get(key('b')); !ok || len(v) != 100 {
		t.Fatal(v, ok)
	}
	s.Put(key('e'), []byte("e"))
	m.take(s)
	order := func(m *Memory) (out string) {
		for _, p := range m.pairs {
			out += string(p.value[0])
		}
		return out
	}
	if got := order(m); got != "acdbe" {
		t.Errorf("%q", got)
	}
	for most, want := range map[int]string{1 << 20: "acdbe", 400: "dbe", 40: ""} {
		data := m.Encode(most)
		back, err := DecodeMemory(data)
		if err != nil || order(back) != want || len(data) > max(most, len(memoryMagic)+32) {
			t.Errorf("at most %d: %q in %d bytes, want %q: %v", most, order(back), len(data), want, err)
		}
	}
	data := m.Encode(1 << 20)
	for i := range data {
		harmed := slices.Clone(data)
		harmed[i] ^= 1
		if _, err := DecodeMemory(harmed); err == nil {
			t.Fatalf("byte %d is another and nobody says so", i)
		}
	}
}

func FuzzDecodeMemory(f *testing.F) {
	m := &Memory{pairs: []pair{{value: []byte("v")}, {key: cache.Key{1}, value: nil}}}
	f.Add(m.Encode(1 << 20))
	f.Add([]byte(memoryMagic))
	f.Fuzz(func(t *testing.T, data []byte) {
		m, err := DecodeMemory(data)
		if err == nil && !bytes.Equal(m.Encode(len(data)+10*m.Len()), data) {
			t.Fatal("it is written otherwise")
		}
	})
}
