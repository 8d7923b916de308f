package engine

import (
	"path/filepath"

	"github.com/sot-validator/sot/engine/source"
)

// ProfilePath returns the file that what is learned of a repository's rules is
// kept in: sot/profile.json in the git directory, which all its worktrees share;
// outside of git in the user's cache folder, by the root's path. It is "" where
// there is no such folder, and then nothing is kept.
func ProfilePath(src *source.Source) string {
	dir, err := src.StateDir()
	if err != nil {
		return ""
	}
	return filepath.Join(dir, "profile.json")
}
