package source

import (
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
	data, err := os.ReadFile(r.path(name))
	if err != nil || string(data) != want {
		r.t.Errorf("%s holds %q, %v, want %q", name, data, err, want)
	}
}

func TestSwapAndBack(t *testing.T) {
	r, _, _, w, edits := stagedEdit(t)
	r.must(w.Swap(&edits[0]))
	r.holds("a.txt", "new\n")
	r.holds(edits[0].temp, "old \n")
	r.must(w.Back(&edits[0]))
	r.holds("a.txt", "old \n")
	r.must(w.Clear(&edits[0]))
	if _, err := os.Lstat(r.path(edits[0].temp)); err == nil {
		t.Error("the temporary file was left")
	}
}

// An edit that is made after the file was read is put back.
func TestSwapKeepsLateEdits(t *testing.T) {
	r, _, _, w, edits := stagedEdit(t)
	r.write("a.txt", "edited meanwhile\n")
	var why *CannotStageError
	if err := w.Swap(&edits[0]); !errors.As(err, &why) {
		t.Errorf("got %v", err)
	}
	r.holds("a.txt", "edited meanwhile\n")
	r.must(w.Clear(&edits[0]))
	r.holds("a.txt", "edited meanwhile\n")
}

// An edit that is made after the exchange stays when that is undone, and what
// was there before it is kept.
func TestBackKeepsLateEdits(t *testing.T) {
	r, _, _, w, edits := stagedEdit(t)
	r.must(w.Swap(&edits[0]))
	temp := edits[0].temp
	r.write("a.txt", "edited meanwhile\n")
	if err := w.Back(&edits[0]); err == nil || !strings.Contains(err.Error(), temp) {
		t.Errorf("got %v", err)
	}
	r.must(w.Clear(&edits[0]))
	r.holds("a.txt", "edited meanwhile\n")
	r.holds(temp, "old \n")
}

func TestExchangeByLink(t *testing.T) {
	r := newRepo(t)
	r.write("dir/a", "a")
	r.write("dir/b", "b")
	root, err := os.OpenRoot(r.dir)
	r.must(err)
	defer func() { _ = root.Close() }()
	r.must(exchangeByLink(root, "dir/b", "dir/a"))
	r.holds("dir/a", "b")
	r.holds("dir/b", "a")
	if list, _ := os.ReadDir(r.path("dir")); len(list) != 2 {
		t.Errorf("left: %v", list)
	}
}

func TestPrepareRefusesLinks(t *testing.T) {
	r, _, _, w, _ := stagedEdit(t)
	r.link("link", "a.txt")
	r.link("away", "dir")
	for _, name := range []string{"link", "away/b.txt", "../x", "dir"} {
		e := FileEdit{Path: name, temp: tempName(name)}
		if err := w.Prepare(&e); err == nil {
			t.Errorf("%s was prepared", name)
		}
	}
}

// die is what the system does for a process that was killed.
func (t *Staging) die() { _ = t.alive.Close() }

func TestRecover(t *testing.T) {
	for _, c := range []struct {
		name  string
		until func(r *testRepo, t *Staging, w *WorktreeEditor, e *FileEdit)
		file  string // what a.txt holds then
		says  string
		kept  bool // the temporary file
	}{
		{"prepared", func(*testRepo, *Staging, *WorktreeEditor, *FileEdit) {}, "old \n", "", false},
		{"written in part", func(r *testRepo, _ *Staging, _ *WorktreeEditor, e *FileEdit) { r.write(e.temp, "ne") }, "old \n", "", false},
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
		t.Run(c.name, func(t *testing.T) {
			r, s, stage, w, edits := stagedEdit(t)
			temp := edits[0].temp
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
			if _, err := os.Lstat(r.path(temp)); (err == nil) != c.kept {
				t.Errorf("the temporary file: %v", err)
			}
			for _, name := range []string{".git/index.lock", stage.dir} {
				if !filepath.IsAbs(name) {
					name = r.path(name)
				}
				if _, err := os.Lstat(name); err == nil {
					t.Errorf("%s was left", name)
				}
			}
			r.git("status")
		})
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
		{Path: "612e747874", Temp: "76696374696d", New: sumOf([]byte("mine\n"))},
		{Path: "zz", Temp: "76696374696d"},
	}
	r.must(stage.save())
	stage.die()
	notes, err := s.Recover()
	if err != nil || len(notes) != 2 {
		t.Errorf("got %q, %v", notes, err)
	}
	r.holds("victim", "mine\n")
}
