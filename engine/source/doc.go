// Package source answers two questions: which files are to be checked, and what
// are their bytes. It is the only package that knows git.
//
// The phases:
//
//	Open      finds the repository (or none) and chooses how it is read
//	Files     lists what is to be checked, once
//	Tree      lists everything that the source holds, once, and only if asked
//	Reader    gives the bytes, one Reader a worker
//	WriteFile takes a fix back to the worktree
//	Snapshot  writes what is judged to a folder, for commands
//	Stage     takes fixes to the index of the commit that a hook runs for
//	Recover   cleans up behind a Stage that was killed
//
// There are two backends with one interface (backend): git's own binary, and
// code of its own for machines without git and for repositories that git
// refuses because somebody else owns them. A conformance test holds both to
// the answers of git. What a backend cannot read is an error that says why and
// what to do; it is never an empty list.
//
// Starting git takes as long as a run over a few staged files, so that under
// Staged, in repositories of the plainest shape, the first backend compares HEAD
// with the index by itself (quickStaged) and reads what was just added by itself
// (objectBlobs). Whatever it reads so must hash to its id; whatever is out of the
// ordinary it leaves to git. A whole-tree rule then costs one pass over the text
// of the index, which is kept as it is (index).
//
// The invariants:
//   - under Staged, and under Range with a Head, bytes come from git's objects
//     alone. A worktree file may stand in for a blob, but only where hashing its
//     bytes gave the blob's id;
//   - no symbolic link is ever followed while reading or writing an entry, and
//     nothing outside the root is opened;
//   - opening never blocks: what is no regular file is refused by its type;
//   - the worktree is never written but by WriteFile and WorktreeEditor, the index
//     never but by Staging;
//   - answers do not depend on the user's diff settings (renames, external
//     diffs, colours, quoting).
//
// The limits:
//   - submodules and repositories nested in the worktree are listed as one entry
//     or not at all; they are never entered;
//   - a file that is being written while it is read is read again, and an error
//     after three times;
package source
