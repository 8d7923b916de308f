package source

import (
	"fmt"
	"slices"
	"testing"
)

// What programs left in the worktree of a job is no part of a change, and the
// change's own files are as the worktree has them.
func TestTracked(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("a.txt", "one\ntwo\n")
	r.write("new.txt", "new\n")
	r.remove("gone.txt")
	r.commit()
	r.write("new.txt", "longer than it was\n")
	r.write("made.txt", "by a step\n")
	r.write("dir/made/too.txt", "by a step\n")
	r.write("dir/b.txt", "changed by a step\n")
	r.remove("dir/sub/c.txt")
	for _, reader := range readers {
		for mode, want := range map[Mode][]string{
			Range: {"M a.txt 8", "D gone.txt -1", "A new.txt 19"},
			All:   {"  a.txt 8", "  dir/b.txt 18", "D dir/sub/c.txt -1", "  new.txt 19"},
		} {
			o := r.options(mode)
			o.Reader, o.Tracked = reader, true
			for _, against := range [][]string{nil, {"HEAD~1"}} {
				if mode == Range {
					o.Base, o.Against = "HEAD~1", against
				}
				s := r.open(o)
				files, err := s.Files(t.Context())
				r.must(err)
				var got []string
				for _, e := range files {
					got = append(got, fmt.Sprintf("%c %s %d", e.Status, e.Path, e.Size))
				}
				if !slices.Equal(got, want) {
					t.Errorf("%s, mode %d, against %q: %q, want %q", reader, mode, against, got, want)
				}
				tree, err := s.Tree(t.Context())
				r.must(err)
				if tree.Lookup("made.txt") != nil || tree.Lookup("dir/b.txt") == nil {
					t.Errorf("%s, mode %d: the tree has what git does not track, or lacks what it does", reader, mode)
				}
			}
		}
	}
}
