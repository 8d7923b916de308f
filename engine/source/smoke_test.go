package source

import (
	"context"
	"os"
	"testing"
	"time"
)

func TestSmoke(t *testing.T) {
	dir := os.Getenv("SMOKE")
	if dir == "" {
		t.Skip()
	}
	ctx := context.Background()
	for range 3 {
		for m := Changed; m <= All; m++ {
			if m == Range {
				continue
			}
			t0 := time.Now()
			s, err := Open(ctx, Options{Dir: dir, Mode: m})
			if err != nil {
				t.Fatal(err)
			}
			t1 := time.Now()
			f, err := s.Files(ctx)
			if err != nil {
				t.Fatal(err)
			}
			t2 := time.Now()
			tr, err := s.Tree(ctx)
			if err != nil {
				t.Fatal(err)
			}
			t3 := time.Now()
			n := 0
			if m == All {
				done := make(chan int)
				for w := range 2 {
					go func() {
						r := s.NewReader()
						var buf []byte
						n := 0
						for i := w; i < len(f); i += 2 {
							e := f[i]
							b, err := r.Read(&e, buf, 0)
							if err != nil {
								t.Error(err)
							}
							buf = b[:0]
							n += len(b)
						}
						done <- n
					}()
				}
				n = <-done + <-done
			}
			t.Log(s.Name(), len(f), len(tr.Entries()), "open", t1.Sub(t0), "files", t2.Sub(t1), "tree", t3.Sub(t2), "read", time.Since(t3), n)
		}
	}
}
