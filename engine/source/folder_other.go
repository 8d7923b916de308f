//go:build !linux

package source

import (
	"io/fs"
	"time"
)

// kindUnknown is the type of a name whose folder does not tell it.
const kindUnknown = fs.ModeIrregular

// folder is an open folder of the worktree.
type folder struct{ *slowFolder }

func (b *beneath) folder(dir string) (*folder, error) {
	f, err := b.rooted.folder(dir)
	return &folder{f}, err
}

func (f *folder) names(_ *[]byte, yield func(name string, kind fs.FileMode)) error {
	return f.slowFolder.names(yield)
}

func (f *folder) look(name string, e *indexEntry, modified time.Time) (now seen, why string) {
	return f.slowFolder.look(name, e, modified)
}
