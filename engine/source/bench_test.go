package source

import (
	"fmt"
	"os"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// The benchmarks run over a generated repository of 5,000 files of 1.5 KB on
// average in 500 folders; SOT_BENCH_FILES sets another number, SOT_BENCH_DIR
// another repository. The page cache is warm: what is measured is system calls,
// parsing and git's start, not disks.

func benchRepo(b *testing.B) Options {
	if dir := os.Getenv("SOT_BENCH_DIR"); dir != "" {
		return Options{Dir: dir, Mode: All}
	}
	files := 5000
	if n, err := strconv.Atoi(os.Getenv("SOT_BENCH_FILES")); err == nil {
		files = n
	}
	r := newRepo(b)
	for i := range files {
		r.write(fmt.Sprintf("pkg%02d/sub%d/file%d.txt", i/100, i/10%10, i), strings.Repeat("the line that all share\n", i%125))
	}
	r.commit()
	return r.options(All)
}

func benchOpen(b *testing.B, o Options) *Source {
	s, err := Open(b.Context(), o)
	if err != nil {
		b.Fatal(err)
	}
	return s
}

// BenchmarkRead reads every file with two readers.
func BenchmarkRead(b *testing.B) {
	s := benchOpen(b, benchRepo(b))
	files, err := s.Files(b.Context())
	if err != nil {
		b.Fatal(err)
	}
	var size int64
	for _, e := range files {
		size += max(e.Size, 0)
	}
	b.SetBytes(size)
	b.ReportAllocs()
	for b.Loop() {
		var group sync.WaitGroup
		for w := range 2 {
			group.Go(func() {
				r := s.NewReader()
				defer func() { _ = r.Close() }()
				var buf []byte
				for i := w; i < len(files); i += 2 {
					e := files[i]
					data, err := r.Read(&e, buf, 0)
					if err != nil {
						b.Error(err)
						return
					}
					buf = data[:0]
				}
			})
		}
		group.Wait()
	}
}

func benchFiles(b *testing.B, mode Mode, tree bool) {
	o := benchRepo(b)
	o.Mode, o.Base, o.Head = mode, "HEAD", "HEAD"
	for _, o.Reader = range readers {
		b.Run(o.Reader, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				s := benchOpen(b, o)
				_, err := s.Files(b.Context())
				if tree && err == nil {
					_, err = s.Tree(b.Context())
				}
				if err != nil {
					b.Fatal(err)
				}
				_ = s.Close()
			}
		})
	}
}

func BenchmarkListAll(b *testing.B)     { benchFiles(b, All, false) }
func BenchmarkListChanged(b *testing.B) { benchFiles(b, Changed, false) }
func BenchmarkListStaged(b *testing.B)  { benchFiles(b, Staged, false) }
func BenchmarkListRange(b *testing.B)   { benchFiles(b, Range, false) }
func BenchmarkTreeStaged(b *testing.B)  { benchFiles(b, Staged, true) }

func BenchmarkParseIndex(b *testing.B) {
	s := benchOpen(b, benchRepo(b))
	data, err := os.ReadFile(s.indexFile)
	if err != nil {
		b.Fatal(err)
	}
	text := string(data)
	b.SetBytes(int64(len(data)))
	b.ReportAllocs()
	for b.Loop() {
		if _, err := parseIndex(text, s.idSize()); err != nil {
			b.Fatal(err)
		}
	}
}
