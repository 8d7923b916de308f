package source

import (
	"bytes"
	"os/exec"
	"strings"
	"testing"
)

// BenchmarkBlobs reads blobs without git's binary: a hundred, and all of the
// repository in the order of their ids, which jumps about in the packs.
func BenchmarkBlobs(b *testing.B) {
	o := benchRepo(b)
	o.Reader = "go-git"
	s := benchOpen(b, o)
	out, err := exec.Command("git", "-C", o.Dir, "cat-file", "--batch-all-objects", "--batch-check=%(objecttype) %(objectname)").Output()
	if err != nil {
		b.Fatal(err)
	}
	var ids []string
	for line := range bytes.Lines(out) {
		if id, ok := strings.CutPrefix(strings.TrimSpace(string(line)), "blob "); ok {
			ids = append(ids, id)
		}
	}
	for name, n := range map[string]int{"100": min(100, len(ids)), "all": len(ids)} {
		b.Run(name, func(b *testing.B) {
			b.ReportAllocs()
			for b.Loop() {
				r := s.git.blobs()
				var buf []byte
				for i := range n {
					data, err := r.read(ids[i*len(ids)/n], buf, 0)
					if err != nil {
						b.Fatal(err)
					}
					buf = data[:0]
				}
				_ = r.Close()
			}
		})
	}
}
