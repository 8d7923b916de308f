package source

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Journal says what a Staging has laid down and where, so that whoever finds it
// after the process was killed can clean up. It is written before the files are.
type Journal struct {
	// Swapping says that the new contents lie ready, and exchanges have begun.
	Swapping bool          `json:"swapping"`
	Files    []JournalFile `json:"files"`
}

// JournalFile is a worktree file that was to be replaced, and the two places of
// which one has the new content before the exchange, and the old one after.
// Paths of the worktree are hex, because they may hold any byte.
type JournalFile struct {
	Path   string `json:"path"`
	Inside string `json:"inside"` // a name in the staging's folder
	Beside string `json:"beside"` // a path of the worktree
	Old    string `json:"old"`    // SHA-256
	New    string `json:"new"`
}

func (t *Staging) save() error {
	data, err := json.Marshal(t.journal)
	if err != nil {
		return err
	}
	// Renamed, so that it is there with all of it or as it was.
	if err := os.WriteFile(t.path("journal.new"), data, 0o666); err != nil {
		return err
	}
	return os.Rename(t.path("journal.new"), t.path("journal"))
}

// Announce names the temporary files of edits, and writes them to the journal,
// before Prepare makes them.
func (t *Staging) Announce(edits []FileEdit) error {
	for i := range edits {
		e := &edits[i]
		e.stage, e.beside = t, besideName(e.Path)
		e.inside = spot{t.folder, insideName(len(t.journal.Files))}
		t.journal.Files = append(t.journal.Files, JournalFile{
			Path: hex.EncodeToString([]byte(e.Path)), Inside: e.inside.name, Beside: hex.EncodeToString([]byte(e.beside)),
			Old: sumOf(e.Old), New: sumOf(e.New),
		})
	}
	return t.save()
}

// Swapping writes to the journal that exchanges begin.
func (t *Staging) Swapping() error {
	t.journal.Swapping = true
	return t.save()
}

func sumOf(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

// Recover cleans up behind stagings whose process was killed: temporary files,
// the folders, and a lock that provably is theirs. It
// returns what it did, a sentence each. A temporary file that holds what no
// staging wrote or read is left where it is and named.
func (s *Source) Recover() ([]string, error) {
	if s.git == nil {
		return nil, nil
	}
	found, err := os.ReadDir(s.stagingFolder())
	if err != nil {
		return nil, nil //nolint:nilerr // most repositories have none
	}
	var notes []string
	for _, d := range found {
		dir := filepath.Join(s.stagingFolder(), d.Name())
		if !strings.HasPrefix(d.Name(), stagingPrefix) || !isAbandoned(dir) {
			continue
		}
		more, err := s.recover(dir)
		notes = append(notes, more...)
		if err != nil {
			return notes, err
		}
	}
	return notes, nil
}

func isAbandoned(dir string) bool {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer func() { _ = root.Close() }()
	return abandoned(root)
}

func (s *Source) recover(dir string) (notes []string, err error) {
	var j Journal
	data, err := readSmall(filepath.Join(dir, "journal"))
	if err == nil {
		err = json.Unmarshal(data, &j)
	}
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("%s: cannot be read: %w; it is a leftover of a killed hook: remove it", dir, err)
	}
	w, err := s.EditWorktree()
	if err != nil {
		return nil, err
	}
	defer func() { _ = w.Close() }()
	stage, err := openRooted(dir)
	if err != nil {
		return nil, err
	}
	defer func() { _ = stage.close() }()
	swapped, keep := 0, false
	for _, f := range j.Files {
		was, err := w.sweep(stage, f, j.Swapping)
		if err != nil {
			notes = append(notes, err.Error())
		}
		keep = keep || stage.has(f.Inside) || stage.has(f.Inside+oldSuffix)
		if was {
			swapped++
		}
	}
	unlocked, err := s.breakLock(dir)
	if err != nil {
		return notes, err
	}
	switch {
	case sameFiles(filepath.Join(dir, "index"), filepath.Join(s.gitDir, "index")):
		// It had finished but for its own traces.
	case swapped > 0:
		notes = append(notes, fmt.Sprintf("an earlier hook was killed while it fixed files: %d of %d had their fix in the worktree, your unstaged edits with it, and it was not staged; `git diff` shows it", swapped, len(j.Files)))
	case unlocked:
		notes = append(notes, "an earlier hook was killed before it changed anything: its lock of the index was removed")
	}
	if keep {
		return notes, nil // and it is named again, until the user has taken it away
	}
	return notes, errors.Join(stage.close(), os.RemoveAll(dir))
}

func (r *rooted) has(name string) bool {
	_, err := r.root.Lstat(name)
	return err == nil
}

// sweep removes what a killed staging laid down for a worktree file, and says
// whether the two had been exchanged: it is then what the file held before.
func (w *WorktreeEditor) sweep(stage *rooted, f JournalFile, swapping bool) (swapped bool, err error) {
	path, err1 := hex.DecodeString(f.Path)
	beside, err2 := hex.DecodeString(f.Beside)
	if err := errors.Join(err1, err2); err != nil {
		return false, err
	}
	if !areTempNames(f.Inside, string(beside), string(path)) {
		return false, fmt.Errorf("%q and %q are no files of a hook's", f.Inside, beside)
	}
	var errs []error
	for _, temp := range w.leftBy(stage, f.Inside, string(beside)) {
		for _, s := range []spot{temp.plus(oldSuffix), temp} {
			was, err := w.sweepSpot(s, f, string(path), swapping)
			swapped, errs = swapped || was, append(errs, err)
		}
	}
	return swapped, errors.Join(errs...)
}

// leftBy returns where something may lie: nothing does where the folder of the
// worktree file is gone, or became a link.
func (w *WorktreeEditor) leftBy(stage *rooted, inside, beside string) []spot {
	w.r.last = ""
	list := []spot{{stage, inside}}
	if w.r.straight(strings.TrimSuffix(beside, "/"+besideFile)) == nil {
		list = append(list, spot{w.r, beside})
	}
	return list
}

func (w *WorktreeEditor) sweepSpot(s spot, f JournalFile, path string, swapping bool) (swapped bool, err error) {
	name := s.path()
	data, err := s.read()
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return false, fmt.Errorf("%s is a leftover of a killed hook and cannot be read: %w", name, err)
	}
	switch sum := sumOf(data); {
	case err != nil: // killed as it made the folders
	case sum == f.New:
	case sum == f.Old:
		now, err := w.Read(path)
		swapped = err != nil || sumOf(now) != f.Old
	case swapping: // before, it was written in part
		return false, fmt.Errorf("%s was left by a killed hook and holds an edit of %s made at that moment: compare them, then remove it", name, path)
	}
	if err := s.remove(); err != nil {
		return swapped, fmt.Errorf("%s is a leftover of a killed hook and cannot be removed: %w", name, err)
	}
	return swapped, nil
}

func sameFiles(a, b string) bool {
	x, err := os.Stat(a)
	if err != nil {
		return false
	}
	y, err := os.Stat(b)
	return err == nil && os.SameFile(x, y)
}

// breakLock removes the index's lock where it is the new index of that staging:
// the same file, by another name.
func (s *Source) breakLock(dir string) (bool, error) {
	lock := filepath.Join(s.gitDir, "index.lock")
	if !sameFiles(lock, filepath.Join(dir, "index")) {
		return false, nil
	}
	return true, os.Remove(lock)
}
