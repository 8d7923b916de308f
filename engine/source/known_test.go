package source

import (
	"bytes"
	"fmt"
	"math/rand"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
)

// soonKnown makes folders known at once, on a file system whose clock is fine.
func soonKnown(t *testing.T) {
	b, err := openBeneath(t.TempDir())
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = b.close() }()
	if _, told := b.toldByTimes(); !told {
		t.Skip("no folder is ever known on this file system")
	}
	was := freshFor
	t.Cleanup(func() { freshFor = was })
	freshFor = -time.Hour
}

// settle waits until the clock of the file system has gone on.
func settle() { time.Sleep(15 * time.Millisecond) }

// listed is what a source lists of the worktree, with what the one before kept.
func (r *testRepo) listed(o Options) (list []string, s *Source) {
	r.t.Helper()
	s = r.open(o)
	list, err := answerOf(r.t, s)
	if err != nil {
		r.t.Fatal(err)
	}
	if file, data := s.Folders(); data != nil {
		r.must(os.MkdirAll(filepath.Dir(file), 0o777))
		r.must(os.WriteFile(file, data, 0o666))
	}
	return list, s
}

// Whatever comes and goes in the worktree, in the index and in what is ignored: a
// source that knows the folders of the one before lists what git lists.
func TestKnownFoldersListWhatGitLists(t *testing.T) {
	soonKnown(t)
	reused := 0
	for seed := range rounds(4, 200) {
		t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
			rnd := rand.New(rand.NewSource(int64(seed)))
			r := newRepo(t)
			var names []string
			for i := range 24 {
				name := fmt.Sprintf("%s/f%d", []string{"a", "b", "a/c", ".", "a/c/d", "e.x", "e"}[rnd.Intn(7)], i%6)
				r.write(name, randomText(rnd))
				names = append(names, name)
			}
			r.commit()
			var done []string
			for range 14 {
				for range rnd.Intn(4) {
					done = append(done, stir(r, rnd, names))
				}
				settle()
				o := r.options(All)
				o.Folders = true
				o.Reader = readers[rnd.Intn(len(readers))]
				got, s := r.listed(o)
				if w, ok := s.walk.peek(); ok {
					reused += w.again
				}
				if diff := cmp.Diff(r.oracle(All, "", ""), got); diff != "" {
					t.Fatalf("after %q (-git +%s):\n%s", done, o.Reader, diff)
				}
			}
		})
	}
	if reused < 100 {
		t.Errorf("only %d folders were known from the source before", reused)
	}
}

// stir changes something that may bring or take away an untracked file.
func stir(r *testRepo, rnd *rand.Rand, names []string) string {
	name := names[rnd.Intn(len(names))]
	dir := filepath.Dir(name)
	there := func(name string) bool {
		info, err := lstatBeneath(r.dir, name)
		return err == nil && info.Mode().IsRegular()
	}
	switch rnd.Intn(14) {
	case 0:
		if _, err := os.Lstat(r.path(dir)); err == nil {
			_ = os.WriteFile(r.path(dir+"/new"), []byte("new\n"), 0o666)
		}
		return "new beside " + name
	case 1:
		_ = os.Remove(r.path(dir + "/new"))
		return "no new beside " + name
	case 2:
		_ = os.Remove(r.path(name))
		return "remove " + name
	case 3:
		_, _ = r.try("rm", "-q", "--cached", "--ignore-unmatch", "--", name)
		return "untrack " + name
	case 4:
		_, _ = r.try("add", "-A", "--", dir)
		return "add " + dir
	case 5:
		_, _ = r.try("checkout", "-q", "-f", "HEAD", "--", ".")
		return "checkout"
	case 6:
		_ = os.WriteFile(r.path(".gitignore"), []byte([]string{"new\n", "f1\n", "", "a/c/\n"}[rnd.Intn(4)]), 0o666)
		return "ignore"
	case 7: // another file takes the name
		if there(name) {
			_ = os.WriteFile(r.path(name+".tmp"), []byte("other\n"), 0o666)
			_ = os.Rename(r.path(name+".tmp"), r.path(name))
		}
		return "replace " + name
	case 8: // a folder takes the name of a file
		if there(name) {
			_ = os.Remove(r.path(name))
			_ = os.MkdirAll(r.path(name), 0o777)
			_ = os.WriteFile(r.path(name+"/inner"), []byte("in\n"), 0o666)
		}
		return "folder for " + name
	case 9: // a link takes the name of a folder
		if dir != "." {
			_ = os.Rename(r.path(dir), r.path("moved"))
			_ = os.Symlink("moved", r.path(dir))
		}
		return "link for " + dir
	case 10: // the times are made up, which the status change time tells
		when := time.Unix(1_600_000_000, 0)
		_ = os.WriteFile(r.path(fmt.Sprintf("%s/dated%d", dir, rnd.Intn(9))), []byte("d\n"), 0o666)
		_ = os.Chtimes(r.path(dir), when, when)
		return "date " + dir
	case 11:
		_, _ = r.try("mv", name, dir+"/renamed"+fmt.Sprint(rnd.Intn(3)))
		return "move " + name
	case 12:
		_, _ = r.try("commit", "-q", "-a", "--allow-empty", "-m", "x")
		return "commit"
	default:
		_ = os.RemoveAll(r.path("moved"))
		return "tidy"
	}
}

// In a large worktree small folders are looked at from above, in parts.
func TestWalkInParts(t *testing.T) {
	soonKnown(t)
	r := newRepo(t)
	for i := range 130 {
		for j := range 10 {
			r.write(fmt.Sprintf("many/d%d/%s/f%d", i, strings.Repeat("x", i%3+1), j), "x\n")
		}
	}
	for i := range 3 * smallSpan {
		r.write(fmt.Sprintf("large/f%d", i), "x\n")
	}
	for i := range 2 * smallSpan {
		r.write(fmt.Sprintf("many/d65/f%d", i), "x\n")
	}
	r.commit()
	r.write("many/d65/new", "new\n")
	r.write("many/d7/xx/new", "new\n")
	r.write("many/d129/new", "new\n")
	r.write("large/new", "new\n")
	r.remove("many/d100")
	r.must(os.Symlink("many/d5", r.path("many/d101.link")))
	r.remove("many/d60")
	r.must(os.Symlink("d5", r.path("many/d60")))
	settle()
	want := r.oracle(All, "", "")
	for round := range 3 {
		o := r.options(All)
		o.Folders = true
		got, s := r.listed(o)
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("round %d (-git +sot):\n%s", round, diff)
		}
		w, ok := s.walk.peek()
		if !ok {
			t.Fatal("nothing was walked")
		}
		// Of the root, many, large, and twice 130 folders two are links or gone with
		// what is in them, and many, large, d129, d7/xx and d65 hold something untracked.
		if round > 0 && (w.again != 3+2*130-2*2-5 || len(w.known) != w.again) {
			t.Errorf("round %d: %d folders were known, %d are", round, w.again, len(w.known))
		}
	}
}

// A folder whose time was set back to what it was is read again: the time of its
// last change of status cannot be set.
func TestFoldersWithATimeSetBack(t *testing.T) {
	soonKnown(t)
	r := newRepo(t)
	r.base()
	when := time.Unix(1_600_000_000, 0)
	r.must(os.Chtimes(r.path("dir"), when, when))
	settle()
	o := r.options(All)
	o.Folders = true
	before, _ := r.listed(o)
	_, s := r.listed(o)
	if w, ok := s.walk.peek(); !ok || w.again != 3 {
		t.Fatal("the folders are not known")
	}
	r.write("dir/new", "new\n")
	r.must(os.Chtimes(r.path("dir"), when, when))
	if after, _ := r.listed(o); len(after) != len(before)+1 {
		t.Errorf("listed %d files, and before there were %d", len(after), len(before))
	}
}

// A folder that has just changed is not known yet: the next change might have the
// same time.
func TestYoungFoldersAreNotKnown(t *testing.T) {
	r := newRepo(t)
	r.base()
	o := r.options(All)
	o.Folders = true
	_, s := r.listed(o)
	if w, ok := s.walk.peek(); !ok || len(w.known) > 0 {
		t.Errorf("known: %v, %v", w.known, ok)
	}
}

// What is kept and damaged, cut or of another version is nothing.
func TestDamagedFolders(t *testing.T) {
	k := readKnown(nil)
	good := k.write([]folderKey{{2}, {1}, {3}}, 0)
	if k = readKnown(good); len(k.old) != 3 || k.old[0] != (folderKey{1}) {
		t.Fatalf("read %v", k.old)
	}
	if again := k.write([]folderKey{{2}, {1}, {3}}, 3); again != nil {
		t.Error("the same is written again")
	}
	for i := range good {
		bad := bytes.Clone(good)
		bad[i] ^= 4
		if k := readKnown(bad); len(k.old) != 0 {
			t.Fatalf("byte %d changed: read %v", i, k.old)
		}
		if k := readKnown(good[:i]); len(k.old) != 0 {
			t.Fatalf("cut at %d: read %v", i, k.old)
		}
	}
}

func FuzzFolders(f *testing.F) {
	f.Add([]byte{})
	f.Add(readKnown(nil).write([]folderKey{{1}}, 0))
	f.Fuzz(func(t *testing.T, data []byte) {
		if k := readKnown(data); len(k.old) > len(data)/16 {
			t.Errorf("%d folders in %d bytes", len(k.old), len(data))
		}
	})
}
