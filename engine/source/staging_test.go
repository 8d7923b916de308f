package source

import (
	"encoding/hex"
	"errors"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

// stagedEdit is a repository with a.txt changed and staged, and one edit of its
// worktree file prepared.
func stagedEdit(t *testing.T) (*testRepo, *Source, *Staging, *WorktreeEditor, []FileEdit) {
	t.Helper()
	r := newRepo(t)
	r.base()
	r.write("a.txt", "old \n")
	r.git("add", "a.txt")
	s := r.open(r.options(Staged))
	stage, err := s.Stage()
	r.must(err)
	t.Cleanup(func() { _ = stage.Close() })
	_, err = stage.Entries(t.Context())
	r.must(err)
	w, err := s.EditWorktree()
	r.must(err)
	t.Cleanup(func() { _ = w.Close() })
	edits := []FileEdit{{Path: "a.txt", Old: []byte("old \n"), New: []byte("new\n")}}
	r.must(stage.Announce(edits))
	r.must(w.Prepare(&edits[0]))
	ids, err := stage.WriteBlobs(t.Context(), [][]byte{edits[0].New})
	r.must(err)
	r.must(stage.Set(t.Context(), []StagedBlob{{Path: "a.txt", Mode: 0o100644, Blob: ids[0]}}))
	return r, s, stage, w, edits
}

func (r *testRepo) holds(name, want string) {
	r.t.Helper()
	if !filepath.IsAbs(name) {
		name = r.path(name)
	}
	data, err := os.ReadFile(name)
	if err != nil || string(data) != want {
		r.t.Errorf("%s holds %q, %v, want %q", name, data, err, want)
	}
}

// places runs a test with the temporary file in the staging's folder, and as
// where that is on another file system.
func places(t *testing.T, test func(t *testing.T, r *testRepo, w *WorktreeEditor, e *FileEdit)) {
	for _, place := range []string{"inside", "beside"} {
		t.Run(place, func(t *testing.T) {
			r, _, _, w, edits := stagedEdit(t)
			if place == "beside" {
				r.layBeside(w, &edits[0])
			}
			test(t, r, w, &edits[0])
		})
	}
}

// layBeside does what Prepare does where the staging's folder cannot be reached.
func (r *testRepo) layBeside(w *WorktreeEditor, e *FileEdit) {
	r.t.Helper()
	r.must(w.Clear(e))
	e.temp = spot{w.r, e.beside}
	r.must(e.temp.makeFolders())
	f, err := e.temp.create(0o644)
	r.must(err)
	_, err = f.Write(e.New)
	r.must(errors.Join(err, f.Close()))
}

func TestSwapAndBack(t *testing.T) {
	places(t, func(t *testing.T, r *testRepo, w *WorktreeEditor, e *FileEdit) {
		r.must(w.Swap(e))
		r.holds("a.txt", "new\n")
		r.holds(e.temp.path(), "old \n")
		if out := r.git("status", "--porcelain", "-uall"); strings.Contains(out, "?") {
			t.Errorf("git sees %q", out)
		}
		r.must(w.Back(e))
		r.holds("a.txt", "old \n")
		r.must(w.Clear(e))
		for _, name := range []string{e.temp.path(), filepath.Dir(r.path(e.beside)), filepath.Dir(filepath.Dir(r.path(e.beside)))} {
			if _, err := os.Lstat(name); err == nil {
				t.Errorf("%s was left", name)
			}
		}
	})
}

// An edit that is made after the file was read is put back.
func TestSwapKeepsLateEdits(t *testing.T) {
	places(t, func(t *testing.T, r *testRepo, w *WorktreeEditor, e *FileEdit) {
		r.write("a.txt", "edited meanwhile\n")
		var why *CannotStageError
		if err := w.Swap(e); !errors.As(err, &why) {
			t.Errorf("got %v", err)
		}
		r.holds("a.txt", "edited meanwhile\n")
		r.must(w.Clear(e))
		r.holds("a.txt", "edited meanwhile\n")
	})
}

// An edit that is made after the exchange stays when that is undone, and what
// was there before it is kept.
func TestBackKeepsLateEdits(t *testing.T) {
	places(t, func(t *testing.T, r *testRepo, w *WorktreeEditor, e *FileEdit) {
		r.must(w.Swap(e))
		r.write("a.txt", "edited meanwhile\n")
		err := w.Back(e)
		if err == nil {
			t.Fatal("nothing is said")
		}
		_, kept, _ := strings.Cut(err.Error(), "held before is in ")
		r.must(w.Clear(e))
		r.must(e.stage.Close())
		r.holds("a.txt", "edited meanwhile\n")
		r.holds(kept, "old \n")
	})
}

func TestExchangeByLink(t *testing.T) {
	places(t, func(t *testing.T, r *testRepo, w *WorktreeEditor, e *FileEdit) {
		r.must(exchangeByLink(e.temp, spot{w.r, "a.txt"}))
		r.holds("a.txt", "new\n")
		r.holds(e.temp.path(), "old \n")
		if e.temp.in.has(e.temp.name + oldSuffix) {
			t.Error("the second name was left")
		}
	})
}

func TestPrepareRefusesLinks(t *testing.T) {
	r, _, stage, w, _ := stagedEdit(t)
	r.link("link", "a.txt")
	r.link("away", "dir")
	edits := []FileEdit{{Path: "link"}, {Path: "away/b.txt"}, {Path: "../x"}, {Path: "dir"}}
	r.must(stage.Announce(edits))
	for i := range edits {
		if err := w.Prepare(&edits[i]); err == nil {
			t.Errorf("%s was prepared", edits[i].Path)
		}
	}
}

// die is what the system does for a process that was killed.
func (t *Staging) die() { _ = errors.Join(t.folder.close(), t.alive.Close()) }

func TestRecover(t *testing.T) {
	for _, c := range []struct {
		name  string
		until func(r *testRepo, t *Staging, w *WorktreeEditor, e *FileEdit)
		file  string // what a.txt holds then
		says  string
		kept  bool // the temporary file
	}{
		{"prepared", func(*testRepo, *Staging, *WorktreeEditor, *FileEdit) {}, "old \n", "", false},
		{"written in part", func(r *testRepo, _ *Staging, _ *WorktreeEditor, e *FileEdit) {
			r.must(os.WriteFile(e.temp.path(), []byte("ne"), 0o666))
		}, "old \n", "", false},
		{"locked", func(r *testRepo, s *Staging, _ *WorktreeEditor, _ *FileEdit) { r.must(s.Lock(r.t.Context())) }, "old \n", "lock of the index was removed", false},
		{"exchanged", func(r *testRepo, s *Staging, w *WorktreeEditor, e *FileEdit) {
			r.must(s.Lock(r.t.Context()))
			r.must(s.Swapping())
			r.must(w.Swap(e))
		}, "new\n", "1 of 1 had their fix", false},
		{"exchanged, edited since", func(r *testRepo, s *Staging, w *WorktreeEditor, e *FileEdit) {
			r.must(s.Swapping())
			r.must(w.Swap(e))
			r.write("a.txt", "more\n")
		}, "more\n", "1 of 1 had their fix", false},
		{"finished", func(r *testRepo, s *Staging, w *WorktreeEditor, e *FileEdit) {
			r.must(s.Lock(r.t.Context()))
			r.must(s.Swapping())
			r.must(w.Swap(e))
			r.must(s.Commit())
		}, "new\n", "", false},
		{"a late edit came out", func(r *testRepo, s *Staging, w *WorktreeEditor, e *FileEdit) {
			r.must(s.Swapping())
			r.write("a.txt", "late\n")
			r.must(w.swap(e))
		}, "new\n", "holds an edit of a.txt", true},
	} {
		for _, place := range []string{"inside", "beside"} {
			t.Run(c.name+" "+place, func(t *testing.T) {
				r, s, stage, w, edits := stagedEdit(t)
				if place == "beside" {
					r.layBeside(w, &edits[0])
				}
				temp := edits[0].temp.path()
				c.until(r, stage, w, &edits[0])
				if notes, err := s.Recover(); err != nil || notes != nil {
					t.Errorf("recovered while it lives: %q, %v", notes, err)
				}
				stage.die()
				notes, err := s.Recover()
				if got := strings.Join(notes, "; "); err != nil || !strings.Contains(got, c.says) || c.says == "" && got != "" {
					t.Errorf("got %q, %v, want %q", got, err, c.says)
				}
				r.holds("a.txt", c.file)
				gone := []string{r.path(".git/index.lock")}
				if c.kept {
					r.holds(temp, "late\n")
				} else {
					gone = append(gone, temp, stage.dir, filepath.Dir(filepath.Dir(r.path(edits[0].beside))))
				}
				for _, name := range gone {
					if _, err := os.Lstat(name); err == nil {
						t.Errorf("%s was left", name)
					}
				}
				r.git("status")
			})
		}
	}
}

// A lock that is not ours stays, also beside a dead staging.
func TestRecoverLeavesForeignLocks(t *testing.T) {
	r, s, stage, _, _ := stagedEdit(t)
	r.write(".git/index.lock", "somebody's")
	stage.die()
	if _, err := s.Recover(); err != nil {
		t.Error(err)
	}
	r.holds(".git/index.lock", "somebody's")
}

// An index that somebody has written since it was read is not replaced.
func TestLockOfAChangedIndex(t *testing.T) {
	r, _, stage, _, _ := stagedEdit(t)
	r.write("other", "x\n")
	r.git("add", "other")
	var why *CannotStageError
	if err := stage.Lock(t.Context()); !errors.As(err, &why) {
		t.Errorf("got %v", err)
	}
	if _, err := os.Lstat(r.path(".git/index.lock")); err == nil {
		t.Error("the lock was left")
	}
	if out := r.git("ls-files"); !strings.Contains(out, "other") {
		t.Errorf("the index holds %q", out)
	}
}

// A journal is data: it makes nobody remove other files.
func TestRecoverOfAHostileJournal(t *testing.T) {
	r, s, stage, _, _ := stagedEdit(t)
	r.write("victim", "mine\n")
	stage.journal.Files = []JournalFile{
		{Path: "612e747874", Inside: "new-0", Beside: "76696374696d", New: sumOf([]byte("mine\n"))},
		{Path: "612e747874", Inside: "../../../victim", Beside: hex.EncodeToString([]byte(besideName("a.txt"))), New: sumOf([]byte("mine\n"))},
		{Path: "zz", Inside: "new-0", Beside: "76696374696d"},
	}
	r.must(stage.save())
	stage.die()
	notes, err := s.Recover()
	if err != nil || len(notes) != 3 {
		t.Errorf("got %q, %v", notes, err)
	}
	r.holds("victim", "mine\n")
}
