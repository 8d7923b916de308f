package source

import (
	"context"
	"crypto/rand"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// Staging exchanges blobs in the index of the commit that a hook runs for. It
// prepares a new index beside the old one and puts it in place by one rename,
// under git's own lock:
//
//	git commit             .git/index; the lock is free, and taken by Lock
//	git commit -a, -i, -p  .git/index.lock: git holds the lock and waits for the
//	                       hook, and what lies there becomes the index
//	git commit -o, PATH    next-index-*.lock, beside a second index in index.lock
//	                       that git has written: nothing is staged
//
// Everything of a Staging lies in one folder in the git directory, but for what
// has to be on the file system of a worktree file elsewhere; the journal
// in it says what to clean up where the process is killed. The calls, in their
// order: Stage, Entries, WriteBlobs, CheckOut, Announce, Set, Lock, Swapping,
// Commit, Close.
type Staging struct {
	git     *gitBackend
	dir     string // below the git directory
	inPlace bool   // the index is the lock file that git holds
	locked  bool   // by us
	copied  bool   // the file system has no links
	journal Journal
	alive   *os.File
	folder  *rooted // dir
	keep    bool    // dir holds what may be nowhere else
}

// CannotStageError says why the index of this commit is left alone.
type CannotStageError struct {
	Why string
	// Again says that the index was written meanwhile, if only by a `git status`
	// that noted what it saw of the worktree: from the start, it may well go.
	Again bool
}

// Error returns the reason.
func (e *CannotStageError) Error() string { return e.Why }

// stagingFolder is where the folders of stagings are, in a worktree's git directory.
func (p place) stagingFolder() string { return filepath.Join(p.gitDir, "sot") }

const (
	// stagingPrefix begins the names of the folders.
	stagingPrefix = "mend-"
	// keptPrefix begins the names of files beside them, which are the user's.
	keptPrefix = "kept-"
)

// Stage prepares to change the index. The error is a *CannotStageError where
// this kind of commit, or this repository, leaves no way.
func (s *Source) Stage() (*Staging, error) {
	git, ok := s.git.(*gitBackend)
	if !ok {
		return nil, &CannotStageError{Why: "git's own binary is needed to write the index; install git and see that it is on the PATH"}
	}
	inPlace, err := s.lockedByGit()
	if err != nil {
		return nil, err
	}
	dir := filepath.Join(s.stagingFolder(), stagingPrefix+rand.Text())
	if err := os.MkdirAll(dir, 0o777); err != nil {
		return nil, err
	}
	folder, err := openRooted(dir)
	if err != nil {
		return nil, errors.Join(err, os.RemoveAll(dir))
	}
	alive, err := hold(folder.root)
	if err != nil {
		return nil, errors.Join(err, folder.close(), os.RemoveAll(dir))
	}
	return &Staging{git: git, dir: dir, inPlace: inPlace, alive: alive, folder: folder}, nil
}

// lockedByGit tells the kinds of commits apart by the name of the index.
func (s *Source) lockedByGit() (bool, error) {
	dir, name := filepath.Split(s.indexFile)
	here, err := os.Stat(dir)
	if err != nil {
		return false, err
	}
	own, err := os.Stat(s.gitDir)
	if err != nil {
		return false, err
	}
	switch {
	case os.SameFile(here, own) && name == "index":
		return false, nil
	case os.SameFile(here, own) && name == "index.lock":
		return true, nil
	case strings.HasPrefix(name, "next-index-"):
		return false, &CannotStageError{Why: "`git commit --only` (or with paths) commits an index that git makes for it alone, and keeps another; commit without paths, or fix with `sot fix`"}
	}
	return false, &CannotStageError{Why: fmt.Sprintf("GIT_INDEX_FILE names an index of its own (%s)", s.indexFile)}
}

func (t *Staging) path(name string) string { return filepath.Join(t.dir, name) }

// StagedEntry is what the index holds of a path.
type StagedEntry struct {
	Mode   rule.Mode
	Blob   string
	Hidden bool // assume-unchanged or skip-worktree
}

// Entries takes the index as it is now, from which the new one is made, and
// returns those of its entries that are in no conflict, by path.
func (t *Staging) Entries(ctx context.Context) (map[string]StagedEntry, error) {
	// The second name keeps the file from being freed, so that being the same
	// file tells later that nobody has written the index meanwhile. The first
	// is not copied either: an index's own time tells git which entries are
	// racily clean.
	for _, name := range []string{"base", "index"} {
		copied, err := linkOrCopy(t.git.indexFile, t.path(name))
		if err != nil {
			return nil, err
		}
		t.copied = copied
	}
	out, err := t.index().run(ctx, nil, "ls-files", "-s", "-v", "-z", "--full-name")
	if err != nil {
		return nil, err
	}
	x, err := parseLsFiles(out)
	if err != nil {
		return nil, err
	}
	list := make(map[string]StagedEntry, x.len())
	for i := range x.len() {
		if e := x.entry(i); e.stage == 0 {
			list[e.path] = StagedEntry{Mode: e.mode, Blob: e.id(), Hidden: e.skip || e.assume}
		}
	}
	return list, nil
}

// index is git with the new index as its index.
func (t *Staging) index() *gitCmd {
	g := t.git.gitCmd
	g.env = append(g.env[:len(g.env):len(g.env)], "GIT_INDEX_FILE="+t.path("index"))
	return &g
}

// linkOrCopy gives a file a second name, or copies it with its time where the
// file system has no links.
func linkOrCopy(from, to string) (copied bool, err error) {
	err = os.Link(from, to)
	if err == nil || errors.Is(err, fs.ErrNotExist) || errors.Is(err, fs.ErrExist) {
		return false, err
	}
	in, err := os.Open(from)
	if err != nil {
		return false, err
	}
	defer func() { _ = in.Close() }()
	info, err := in.Stat()
	if err != nil {
		return false, err
	}
	out, err := os.OpenFile(to, os.O_WRONLY|os.O_CREATE|os.O_EXCL, info.Mode().Perm())
	if err != nil {
		return false, err
	}
	_, err = io.Copy(out, in)
	return true, errors.Join(err, out.Close(), os.Chtimes(to, info.ModTime(), info.ModTime()))
}

// StagedBlob is a blob to stand at a path of the index.
type StagedBlob struct {
	Path string
	Mode rule.Mode
	Blob string
}

// Set puts blobs into the new index. Git does it, which knows all of the
// index's formats and extensions.
func (t *Staging) Set(ctx context.Context, list []StagedBlob) error {
	var in strings.Builder
	for _, b := range list {
		fmt.Fprintf(&in, "%06o %s 0\t%s\x00", uint32(b.Mode), b.Blob, b.Path)
	}
	// No core.fsmonitor=false here, as for reading: git would take it as the
	// setting and drop the monitor's data from the index.
	g := t.index()
	cmd := g.command(ctx, "update-index", "-z", "--index-info")
	cmd.Args = append([]string{cmd.Args[0], "--no-pager"}, cmd.Args[1+len(options):]...)
	_, _, err := runCmd(ctx, cmd, strings.NewReader(in.String()), []string{"update-index"})
	return err
}

// lockWait is how long another process may hold the lock.
const lockWait = 2 * time.Second

// Lock takes git's lock of the index, unless git holds it for this commit, and
// makes sure that the index is still the one of Entries. Nothing is locked
// where it fails; a *CannotStageError says that somebody else is at work.
func (t *Staging) Lock(ctx context.Context) error {
	if !t.inPlace {
		if err := t.take(ctx); err != nil {
			return err
		}
	}
	base, err := os.Stat(t.path("base"))
	if err != nil {
		return errors.Join(err, t.unlock())
	}
	now, err := os.Stat(t.git.indexFile)
	if err == nil && !t.isBase(base, now) {
		err = &CannotStageError{Why: "the index was changed by another process meanwhile; commit again", Again: true}
	}
	if err != nil {
		return errors.Join(err, t.unlock())
	}
	return nil
}

// isBase says whether a file is the one that the new index was made from. A
// copy, where there are no links, is known by size and time.
func (t *Staging) isBase(base, now fs.FileInfo) bool {
	return os.SameFile(base, now) || t.copied && base.Size() == now.Size() && base.ModTime().Equal(now.ModTime())
}

func (t *Staging) lockFile() string { return t.git.indexFile + ".lock" }

// take makes the new index itself the lock: a link cannot be made where
// something lies already, and appears with its whole content, so that there is
// never half an index, and a lock that is left behind is known by its file.
func (t *Staging) take(ctx context.Context) error {
	wait := time.NewTimer(lockWait)
	defer wait.Stop()
	for {
		_, err := linkOrCopy(t.path("index"), t.lockFile())
		if err == nil {
			t.locked = true
			return nil
		}
		if !errors.Is(err, fs.ErrExist) {
			return err
		}
		select {
		case <-time.After(20 * time.Millisecond):
		case <-wait.C:
			return &CannotStageError{Why: fmt.Sprintf("another process holds %s; where no git runs any more, remove that file", t.lockFile())}
		case <-ctx.Done():
			return ctx.Err()
		}
	}
}

func (t *Staging) unlock() error {
	if !t.locked {
		return nil
	}
	t.locked = false
	return os.Remove(t.lockFile())
}

// Commit puts the new index in place, by one rename, and gives the lock back
// with it. Lock must have been called.
func (t *Staging) Commit() error {
	if t.inPlace {
		// By a further name: the one that is kept tells Recover that this was reached.
		if _, err := linkOrCopy(t.path("index"), t.path("done")); err != nil {
			return err
		}
		return os.Rename(t.path("done"), t.git.indexFile)
	}
	err := os.Rename(t.lockFile(), t.git.indexFile)
	if err == nil {
		t.locked = false
	}
	return err
}

// setAside moves a file out of the folder, into one that nobody cleans up.
func (t *Staging) setAside(name string) (string, error) {
	to := filepath.Join(filepath.Dir(t.dir), keptPrefix+rand.Text())
	if err := os.Rename(t.path(name), to); err != nil {
		t.keep = true
		return t.path(name), err
	}
	return to, nil
}

// Close gives the lock back, where Commit did not, and removes the folder.
func (t *Staging) Close() error {
	err := errors.Join(t.unlock(), t.folder.close(), t.alive.Close())
	if t.keep {
		return err
	}
	return errors.Join(err, os.RemoveAll(t.dir))
}
