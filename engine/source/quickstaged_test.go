package source

import (
	"errors"
	"fmt"
	"math/rand"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/sot-validator/sot/engine/rule"
)

// needsPlainPlace skips a test where no repository is known to be plain.
func needsPlainPlace(t *testing.T) {
	t.Helper()
	if _, ok := deviceOf(t.TempDir()); !ok {
		t.Skip("this system does not tell what a repository lies on, so git is always asked")
	}
}

// noGit puts a git that fails in the place of git.
func noGit(t *testing.T, r *testRepo) *testRepo {
	t.Helper()
	dir := t.TempDir()
	r.must(os.WriteFile(filepath.Join(dir, "git"), []byte("#!/bin/sh\nexit 99\n"), 0o755))
	return r.with("PATH=" + dir)
}

// A run over staged files starts no git: neither for the list nor for the
// content of what was just added, whether the commit's objects are packed or not.
func TestStagedStartsNoGit(t *testing.T) {
	needsPlainPlace(t)
	for _, packed := range []bool{false, true} {
		r := newRepo(t)
		r.base()
		if packed {
			r.git("gc", "-q")
		}
		r.write("dir/b.txt", "staged\n")
		r.write("dir/new.txt", "new\n")
		r.git("add", "-A")
		r.write("dir/b.txt", "not staged\n")
		s := r.open(noGit(t, r).options(Staged))
		files, err := s.Files(t.Context())
		if err != nil {
			t.Fatalf("packed %v: %v", packed, err)
		}
		var got []string
		for _, e := range files {
			data, err := s.Read(t.Context(), e.Path)
			if err != nil {
				t.Fatal(err)
			}
			got = append(got, fmt.Sprintf("%c %s %q", e.Status, e.Path, data))
		}
		want := []string{`M dir/b.txt "staged\n"`, `A dir/new.txt "new\n"`}
		if diff := cmp.Diff(want, got); diff != "" {
			t.Errorf("packed %v (-want +got):\n%s", packed, diff)
		}
	}
}

// A run lists the files while it reads its configuration; whatever is asked of
// a source at the same time, the race detector has nothing to say.
func TestAskedFromManySides(t *testing.T) {
	r := newRepo(t)
	r.base()
	r.write("dir/b.txt", "staged\n")
	r.git("add", "-A")
	blob := strings.TrimSpace(r.git("rev-parse", ":dir/b.txt"))
	for _, mode := range []Mode{Changed, Staged, All} {
		for range 5 {
			s := r.open(r.options(mode))
			ask := []func() error{
				func() error { _, err := s.Files(t.Context()); return err },
				func() error { _, err := s.Read(t.Context(), "dir/b.txt"); return err },
				func() error { _, err := s.ReadPolicy(t.Context(), "dir/b.txt"); return err },
				func() error { _, err := s.Tree(t.Context()); return err },
				func() error { _, err := s.PolicyTree(t.Context()); return err },
				func() error { _, err := s.Merging(t.Context()); return err },
				func() error { _, err := s.Commit(t.Context()); return err },
				func() error { _, err := s.Exists(t.Context(), "link", "dir/b.txt"); return err },
				func() error { _, err := s.ContentID(t.Context(), "dir/b.txt"); return err },
				func() error { _, err := s.Attribute(t.Context(), "text", []string{"dir/b.txt"}); return err },
				func() error { _, err := s.SameAsWorktree(t.Context(), []string{"dir/b.txt"}); return err },
				func() error {
					reader := s.NewReader()
					_, err := reader.Read(&rule.Entry{Path: "dir/b.txt", Mode: rule.ModeFile, Blob: rule.ParseID(blob)}, nil, smallMax)
					return errors.Join(err, reader.Close())
				},
			}
			errs := make([]error, len(ask))
			var group sync.WaitGroup
			for i, ask := range ask {
				group.Go(func() { errs[i] = ask() })
			}
			group.Wait()
			for i, err := range errs {
				if err != nil {
					t.Errorf("mode %v, question %d: %v", mode, i, err)
				}
			}
		}
	}
}

// object is the file of a loose object.
func (r *testRepo) object(name string) string {
	id := strings.TrimSpace(r.git("rev-parse", name))
	return r.path(".git/objects/" + id[:2] + "/" + id[2:])
}

// What the quick way is not sure of is left to git.
func TestQuickStagedAsksGit(t *testing.T) {
	for name, change := range map[string]func(r *testRepo){
		"rename":      func(r *testRepo) { r.git("mv", "gone.txt", "here.txt") },
		"unborn":      func(r *testRepo) { r.git("update-ref", "-d", "HEAD") },
		"split index": func(r *testRepo) { r.git("update-index", "--split-index") },
		"replaced": func(r *testRepo) {
			r.write("a.txt", "x")
			r.commit()
			r.git("replace", "HEAD", "HEAD~1")
		},
		"packed replacement": func(r *testRepo) {
			r.write("a.txt", "x")
			r.commit()
			r.git("replace", "HEAD", "HEAD~1")
			r.git("pack-refs", "--all")
		},
		"object not here": func(r *testRepo) { r.must(os.Remove(r.object("HEAD^{tree}"))) },
		"damaged object": func(r *testRepo) {
			before, err := os.ReadFile(r.object("HEAD^{tree}"))
			r.must(err)
			r.git("commit", "-q", "-m", "x")
			r.write("a.txt", "changed\n")
			r.git("add", "a.txt")
			tree := r.object("HEAD^{tree}")
			r.must(os.Remove(tree))
			r.must(os.WriteFile(tree, before, 0o444))
		},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			r := newRepo(t)
			r.base()
			r.write("new", "x")
			r.git("add", "new")
			change(r)
			g := r.open(r.options(Staged)).git.(*gitBackend)
			x, err := g.index(t.Context())
			if err != nil {
				t.Fatal(err)
			}
			if list, err := g.quickStaged(x); err == nil {
				t.Errorf("answered %v", list)
			}
		})
	}
}

// Over random states of the index, with the cache tree in random states too, and
// objects loose, packed and packed with deltas, the quick answer is git's.
func TestQuickStagedIsGits(t *testing.T) {
	needsPlainPlace(t)
	answered := make(chan int, 1000)
	t.Run("seeds", func(t *testing.T) {
		for seed := range rounds(10, 300) {
			t.Run(fmt.Sprintf("seed=%d", seed), func(t *testing.T) {
				t.Parallel()
				answered <- quickAgainstGit(t, rand.New(rand.NewSource(int64(seed))))
			})
		}
	})
	close(answered)
	sum := 0
	for n := range answered {
		sum += n
	}
	t.Logf("%d answers", sum)
	if sum < 2*rounds(10, 300) {
		t.Errorf("only %d answers were quick: too few to tell", sum)
	}
}

// dirs sort differently as folders and as files.
var dirs = []string{"", "a/", "a/b/", "a/b/c/", "a.b/", "a-b/", "z/y/", "new/deep/"}

// quickAgainstGit compares a few states of one repository, and returns how many
// were answered without git.
func quickAgainstGit(t *testing.T, rnd *rand.Rand) (answered int) {
	r := newRepo(t)
	name := func() string {
		return fmt.Sprintf("%sf%d", dirs[rnd.Intn(len(dirs))], rnd.Intn(6))
	}
	for range 25 {
		if path := name(); !strings.HasPrefix(path, "new/") {
			r.write(path, randomText(rnd))
		}
	}
	r.write("keep", "kept\n")
	r.commit()
	if rnd.Intn(2) == 0 {
		r.git("config", "repack.useDeltaBaseOffset", fmt.Sprint(rnd.Intn(2) == 0))
		r.git("repack", "-q", "-a", "-d", "-f", "--depth=50", "--window=50")
	}
	for range 8 {
		stage(r, rnd, name)
		g := r.open(r.options(Staged)).git.(*gitBackend)
		x, err := g.index(t.Context())
		if err != nil {
			t.Fatal(err)
		}
		got, err := g.quickStaged(x)
		if errors.Is(err, errAskGit) {
			continue
		}
		if err != nil && !errors.Is(err, errCacheTree) {
			t.Fatal(err)
		}
		want, gitErr := g.diff(t.Context(), "diff", append(findRenames[:2:2], "--cached")...)
		if gitErr != nil {
			t.Fatal(gitErr)
		}
		if err == nil {
			answered++
			if diff := cmp.Diff(tidy(want), tidy(slices.Clone(got)), cmp.Comparer(sameEntry)); diff != "" {
				t.Errorf("(-git +got)\n%s\n%s", diff, r.git("status", "--short"))
			}
		}
	}
	return answered
}

// sameEntry compares what the two ways must agree on: git gives no mode and no
// other side of a file in conflict.
func sameEntry(a, b rule.Entry) bool {
	if a.Status == rule.Unmerged && b.Status == rule.Unmerged {
		return a.Path == b.Path
	}
	same := a.Before() == b.Before()
	a.Old, b.Old = nil, nil
	return same && a == b
}

// stage changes the index in one of many ways.
func stage(r *testRepo, rnd *rand.Rand, name func() string) {
	r.t.Helper()
	path := name()
	switch rnd.Intn(11) {
	case 0, 1, 2:
		if info, err := os.Stat(r.path(path)); err == nil && info.IsDir() {
			return
		}
		r.write(path, randomText(rnd))
		r.git("add", path)
	case 3:
		_, _ = r.try("rm", "-q", "-f", "--cached", path)
	case 4:
		_, _ = r.try("update-index", "--chmod=+x", path)
	case 5:
		_, _ = r.try("write-tree") // fills the cache tree in
	case 6:
		r.write("intent", "x")
		r.git("add", "-N", "intent")
	case 7:
		_, _ = r.try("commit", "-q", "--allow-empty", "-m", "x") // refused in a conflict
	case 9:
		_, _ = r.try("rm", "-q", "-r", "-f", "--cached", dirs[1+rnd.Intn(len(dirs)-1)])
	case 10:
		r.remove(path)
		r.link(path, "target")
		r.git("add", path)
	case 8:
		id := strings.TrimSpace(r.git("rev-parse", ":0:keep"))
		in := fmt.Sprintf("100644 %s 1\tclash%d\n100644 %s 3\tclash%d\n", id, rnd.Intn(2), id, rnd.Intn(2))
		cmd := exec.Command("git", "update-index", "--index-info")
		cmd.Dir, cmd.Env, cmd.Stdin = r.dir, r.env, strings.NewReader(in)
		r.must(cmd.Run())
	}
}

// An index whose entry says another length of its path than the path has is
// damaged: positions are reckoned from that length.
func TestIndexWithAWrongLength(t *testing.T) {
	r := newRepo(t)
	r.base()
	data, err := os.ReadFile(r.path(".git/index"))
	r.must(err)
	data[indexHeader+entryID+20+1]--
	if _, err := parseIndex(string(data), 20); err == nil || !strings.Contains(err.Error(), "damaged") {
		t.Errorf("got %v", err)
	}
}
