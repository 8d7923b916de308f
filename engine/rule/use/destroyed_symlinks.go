package use

import (
	"bytes"
	"crypto/sha1" // git's object ids, no secret
	"crypto/sha256"
	"fmt"
	"hash"

	"github.com/sot-validator/sot/engine/rule"
)

func destroyedSymlinks() rule.Use {
	return rule.Use{
		ID:  "destroyed-symlinks",
		Why: "Committing what such a checkout left behind loses the link for everybody.",
		Doc: `Finds symbolic links that became files holding the link's target.

A checkout on a system without symbolic links leaves such files behind. A file is one
where it was a link on the run's other side (HEAD or the base), and its content is the
link's target, give or take white space at the end; so a run that compares nothing
(--all, paths) finds none. Differs from pre-commit-hooks where the target itself ends in
white space: then only the very same content is found.
`,
		Defaults: rule.Selector{Types: []string{"file"}},
		With:     noOptions(),
		New:      func(rule.Value) (rule.Check, []rule.Problem) { return lostLinks{}, nil },
	}
}

// lostLinks is the check destroyed-symlinks.
type lostLinks struct{}

// CheckFile reports a file that was a link with this content. The old content
// is not at hand, but its object id is: the trimmed content is hashed instead.
func (lostLinks) CheckFile(p *rule.Pass, f *rule.File) {
	old := f.Before()
	if old.Mode != rule.ModeSymlink || !f.Mode.Regular() || old.Blob == "" {
		return
	}
	data := f.Bytes()
	target := bytes.TrimRight(data, " \t\n\v\f\r")
	// A fixer may have added a line end: two bytes at most.
	same := f.Exact() == old.Blob || isBlob(data, old.Blob) ||
		len(data) <= len(target)+2 && isBlob(target, old.Blob)
	if same {
		p.Path(f.Path, "was a symbolic link to %q and is a file now, restore it: git checkout HEAD -- PATH, with core.symlinks true", target)
	}
}

// isBlob says whether data is the content of a blob, SHA-1 or SHA-256 by the
// length of its id (git: "blob", a space, the size, NUL, the content).
func isBlob(data []byte, id rule.ID) bool {
	var h hash.Hash
	switch len(id) {
	case sha1.Size:
		h = sha1.New()
	case sha256.Size:
		h = sha256.New()
	default:
		return false
	}
	fmt.Fprintf(h, "blob %d\x00", len(data))
	h.Write(data)
	return rule.ID(h.Sum(nil)) == id
}
