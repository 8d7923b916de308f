package cache_test

import (
	"bytes"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"testing"

	"github.com/sot-validator/sot/cache"
)

// fill writes values of so many bytes in saves of so many each.
func fill(tb testing.TB, path string, from, to, each, size int) {
	tb.Helper()
	for from < to {
		s := cache.Open(path, 0)
		for end := min(from+each, to); from < end; from++ {
			s.Put(key(from), bytes.Repeat([]byte{'v'}, size))
		}
		save(tb, s)
		if err := s.Close(); err != nil {
			tb.Fatal(err)
		}
	}
}

// BenchmarkOpen opens 100,000 values of 8 bytes, and as many that fill the file
// to its bound: in one piece, with the longest tail that saves leave, and with
// one of as many saves as there can be.
func BenchmarkOpen(b *testing.B) {
	const all = 100_000
	for _, size := range []int{8, 560} {
		for _, tail := range []struct {
			name       string
			from, each int
		}{{"sealed", all, 1}, {"one save behind", all - 2800, 2800}, {"many saves behind", all - 1800, 1}} {
			b.Run(fmt.Sprintf("%d bytes each, %s", size, tail.name), func(b *testing.B) {
				path := filepath.Join(b.TempDir(), "verdicts")
				fill(b, path, 0, tail.from, all, size)
				fill(b, path, tail.from, all, tail.each, size)
				info, err := os.Stat(path)
				if err != nil {
					b.Fatal(err)
				}
				for b.Loop() {
					s := cache.Open(path, 0)
					if s.Len() != all {
						b.Fatal("not whole")
					}
					if err := s.Close(); err != nil {
						b.Fatal(err)
					}
				}
				b.ReportMetric(float64(info.Size())/1e6, "MB")
			})
		}
	}
}

// BenchmarkGet looks up values of 90 bytes, which is what verdicts on a file
// take, where all pages have been read.
func BenchmarkGet(b *testing.B) {
	const all = 100_000
	path := filepath.Join(b.TempDir(), "verdicts")
	fill(b, path, 0, all, all, 60)
	keys := make([]cache.Key, 2*all)
	for n := range keys {
		keys[n] = key(n)
	}
	shuffled := append([]cache.Key{}, keys[:all]...)
	rand.New(rand.NewPCG(1, 2)).Shuffle(all, func(i, j int) { shuffled[i], shuffled[j] = shuffled[j], shuffled[i] })
	for _, c := range []struct {
		name string
		keys []cache.Key
		hit  bool
		put  bool
	}{{"as written", keys[:all], true, false}, {"shuffled", shuffled, true, false}, {"missing", keys[all:], false, false}, {"after a put", keys[:all], true, true}} {
		b.Run(c.name, func(b *testing.B) {
			s := cache.Open(path, 0)
			for _, k := range c.keys {
				s.Get(k)
			}
			if c.put {
				s.Put(key(-1), nil)
			}
			b.ReportAllocs()
			for n := 0; b.Loop(); n++ {
				if _, ok := s.Get(c.keys[n%all]); ok != c.hit {
					b.Fatal(ok)
				}
			}
			if err := s.Close(); err != nil {
				b.Fatal(err)
			}
		})
	}
}

// BenchmarkWarm opens 27,000 values, looks up each once, and closes.
func BenchmarkWarm(b *testing.B) {
	const all = 27_000
	path := filepath.Join(b.TempDir(), "verdicts")
	fill(b, path, 0, all, all, 60)
	b.ReportAllocs()
	for b.Loop() {
		s := cache.Open(path, 0)
		for n := range all {
			if _, ok := s.Get(key(n)); !ok {
				b.Fatal("lost")
			}
		}
		if err := s.Close(); err != nil {
			b.Fatal(err)
		}
	}
}

// BenchmarkSave adds one value, and as many that the file is written anew.
func BenchmarkSave(b *testing.B) {
	for _, add := range []int{1, 20_000} {
		b.Run(fmt.Sprintf("%d to 100000", add), func(b *testing.B) {
			whole := filepath.Join(b.TempDir(), "whole")
			fill(b, whole, 0, 100_000, 100_000, 60)
			data, err := os.ReadFile(whole)
			if err != nil {
				b.Fatal(err)
			}
			path := filepath.Join(b.TempDir(), "verdicts")
			for b.Loop() {
				b.StopTimer()
				if err := os.WriteFile(path, data, 0o644); err != nil {
					b.Fatal(err)
				}
				s := cache.Open(path, 0)
				for n := range add {
					s.Put(key(-n-1), make([]byte, 60))
				}
				b.StartTimer()
				save(b, s)
			}
		})
	}
}
