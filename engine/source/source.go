package source

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
)

// Mode says which files are checked, and where their bytes come from.
type Mode int

// The modes; section "Sources" of the documentation has the table.
const (
	Changed Mode = iota // the worktree against HEAD
	Staged              // the index against HEAD
	Range               // the merge base of Base and Head against Head
	All                 // everything tracked, and untracked but not ignored
	Paths               // the paths given
)

var modeNames = [...]string{"changed", "staged", "range", "all", "paths"}

// Options says what to open.
type Options struct {
	Dir  string // where the user stands; "" is the working directory
	Mode Mode
	// Base and Head are for Range: anything that names a commit. Head "" is the worktree.
	Base, Head string
	// Against, for Staged and for Range, are the commits to compare with instead
	// of HEAD or a merge base; "" among them is the empty tree. A file is listed
	// where it differs from all of them.
	Against []string
	// Changes, where not nil, are what changed, for Range without a Head: somebody
	// else has compared, and what was compared with need not be here.
	Changes []Change
	// Tracked leaves out what git does not track, in a repository and of the modes
	// that look at the worktree, and makes Range without a Head compare commits: its
	// files are those that HEAD changed, as the worktree has them. What programs
	// left in the worktree of a job is no part of a change.
	Tracked bool
	// Policy, if not "", is the commit that Policy reads from, instead of where
	// the files come from: a change that is not trusted does not choose what it is
	// judged by.
	Policy string
	// Commit makes Staged compare with the parents that a commit made now would
	// have: those of a merge that is under way, and with Amend those of HEAD.
	Commit, Amend bool
	Paths         []string // for Paths: as typed, relative to Dir
	// Env is the environment that git's variables (GIT_DIR, GIT_INDEX_FILE,
	// GIT_WORK_TREE and so on) are honoured from; nil is the process's.
	Env []string
	// Reader forces what reads the repository: "git", "go-git", or "" for the
	// first that can.
	Reader string
	// Folders says that what an earlier source kept of the worktree's folders may
	// be used; see Source.Folders.
	Folders bool
	// ConfigDir is the root outside of git, if not "": the folder of the configuration.
	ConfigDir string
}

// Change is a file of Options.Changes.
type Change struct {
	Path    string // relative to the root, "/"-separated
	OldPath string // of a renamed file
	Status  rule.Status
}

// Source is an opened repository, or a folder outside of any. It implements
// rule.Repo, and is safe for concurrent use.
type Source struct {
	opts Options
	dir  string // Options.Dir, absolute, links resolved
	place
	git backend // nil outside of git

	files    memo[listing]
	tree     memo[*rule.Tree]
	merging  memo[bool]
	walk     memo[*walker]   // the worktree's tracked files
	scanned  memo[*scan]     // the worktree
	ends     memo[[2]string] // commit ids of the merge base and the head; head "" is the worktree
	head     memo[string]    // commit id of HEAD; "" before the first commit
	compared memo[[]string]  // see against
	branch   memo[string]
	policy   memo[*rule.Tree] // of Options.Policy
	digits   memo[int]        // see idDigits

	shared struct { // what Read and ReadOld read with
		sync.Mutex
		blobs  blobReader
		reader *Reader
	}
	faultsLock sync.Mutex
	faults     map[string]rule.Fault
}

var _ rule.Repo = (*Source)(nil)

// listing is a list of entries, sorted by path.
type listing []rule.Entry

// Open finds the repository that Dir lies in, or none, and checks that the mode
// has a meaning there. It lists nothing yet. A mistake of the user is a
// *UsageError.
func Open(ctx context.Context, o Options) (*Source, error) {
	if o.Env == nil {
		o.Env = os.Environ()
	}
	dir, err := filepath.Abs(o.Dir)
	if err == nil {
		dir, err = filepath.EvalSymlinks(dir)
	}
	if err != nil {
		return nil, &UsageError{What: fmt.Sprintf("cannot stand in %s: %v", o.Dir, err), Err: err}
	}
	s := &Source{opts: o, dir: dir, faults: map[string]rule.Fault{}}
	if err := s.connect(ctx); err != nil {
		return nil, err
	}
	if s.git == nil {
		if git := damagedAbove(dir); git != "" {
			return nil, usagef("mend it, or remove it to check the folder as it is", "%s is no whole git repository: it has objects, and no HEAD", git)
		}
		return s, s.outside()
	}
	return s, nil
}

// damagedAbove returns the first .git folder above dir that was a repository and
// is none any more: what lies around it must not pass for a plain folder.
func damagedAbove(dir string) string {
	for {
		git := filepath.Join(dir, ".git")
		if _, err := os.Stat(filepath.Join(git, "objects")); err == nil {
			if _, err := os.Lstat(filepath.Join(git, "HEAD")); errors.Is(err, fs.ErrNotExist) {
				return git
			}
			return ""
		}
		up := filepath.Dir(dir)
		if up == dir {
			return ""
		}
		dir = up
	}
}

// connect chooses the backend, and leaves it nil where there is no repository.
func (s *Source) connect(ctx context.Context) error {
	bin := findGit(s.opts.Env)
	switch s.opts.Reader {
	case "", "git":
	case "go-git":
		return s.connectPure()
	default:
		return usagef("use git or go-git", "unknown reader %q", s.opts.Reader)
	}
	if bin == "" {
		if s.opts.Reader == "git" {
			return usagef("install git", "git is not on the PATH")
		}
		return s.connectPure()
	}
	p, found, sure := plainPlace(s.dir, s.opts.Env)
	if !sure {
		var err error
		p, found, err = askedPlace(ctx, &gitCmd{bin: bin, dir: s.dir, env: gitEnv(s.opts.Env)})
		if err != nil {
			return s.refused(err)
		}
	}
	if found {
		p = p.withIndexFile(s.opts.Env)
		s.place = p
		s.git = &gitBackend{plain: sure && plainObjects(s.opts.Env), gitCmd: gitCmd{bin: bin, dir: p.root, env: gitEnv(p.pinned(s.opts.Env))}, place: p}
	}
	return nil
}

// refused turns git's refusal to open a repository into another way to read it,
// or into an error. A repository that belongs to somebody else is only read
// here, and nothing that it configures is run.
func (s *Source) refused(err error) error {
	var usage *UsageError
	switch {
	case errors.As(err, &usage):
		return err
	case gitSays(err, dubious) && s.opts.Reader == "":
		if err := s.connectPure(); err != nil {
			return fmt.Errorf("%w (git refuses the repository because it belongs to another user; `git config --global --add safe.directory %s` makes git read it)", err, s.dir)
		}
		return nil
	case gitSays(err, noWorkTree):
		return usagef("run sot in the worktree", "%s lies in a git directory, or the repository is bare", s.dir)
	}
	return &UsageError{What: "git cannot open the repository: " + err.Error(), Err: err}
}

// outside checks what is asked of a folder that lies in no repository.
func (s *Source) outside() error {
	s.root = s.dir
	if s.opts.ConfigDir != "" {
		root, err := filepath.Abs(s.opts.ConfigDir)
		if err == nil {
			root, err = filepath.EvalSymlinks(root)
		}
		if err != nil {
			return &UsageError{What: fmt.Sprintf("cannot open the configuration's folder: %v", err), Err: err}
		}
		s.root = root
	}
	if s.opts.Mode == Changed {
		s.opts.Mode = All // nothing tells what changed
	}
	if s.opts.Mode == All || s.opts.Mode == Paths {
		return nil
	}
	return usagef("give --all or paths, or run `git init`", "%s lies in no git repository, so nothing tells what is %s", s.dir,
		map[Mode]string{Staged: "staged", Range: "between two commits"}[s.opts.Mode])
}

// Root returns the absolute path of the folder that paths are relative to.
func (s *Source) Root() string { return s.root }

// Name returns the source's name in the JSON report: changed, staged, range,
// all or paths.
func (s *Source) Name() string { return modeNames[s.opts.Mode] }

// InGit says whether there is a repository.
func (s *Source) InGit() bool { return s.git != nil }

// Worktree says whether the bytes come from the worktree: fixes may be written,
// and commands may run in place.
func (s *Source) Worktree() bool {
	return s.opts.Mode != Staged && (s.opts.Mode != Range || s.opts.Head == "")
}

// StateDir returns the folder that what is learned is kept in; it may not
// exist yet. All worktrees of a repository share it.
func (s *Source) StateDir() (string, error) {
	if s.git != nil {
		return filepath.Join(s.commonDir, "sot"), nil
	}
	cache, err := os.UserCacheDir()
	if err != nil {
		return "", err
	}
	sum := sha256.Sum256([]byte(s.root))
	return filepath.Join(cache, "sot", hex.EncodeToString(sum[:8])), nil
}

// Unreadable returns the files and folders that listing could not read, sorted.
// Each says its path and why.
func (s *Source) Unreadable() []rule.Fault {
	s.faultsLock.Lock()
	defer s.faultsLock.Unlock()
	return sortedFaults(s.faults)
}

func (s *Source) addFaults(list []rule.Fault) {
	s.faultsLock.Lock()
	defer s.faultsLock.Unlock()
	for _, f := range list {
		s.faults[f.Message] = f
	}
}

// Close ends what the source has started.
func (s *Source) Close() error {
	s.shared.Lock()
	defer s.shared.Unlock()
	var err error
	if s.shared.blobs != nil {
		err = s.shared.blobs.Close()
		s.shared.blobs = nil
	}
	if s.shared.reader != nil {
		err = errors.Join(err, s.shared.reader.Close())
		s.shared.reader = nil
	}
	return err
}
