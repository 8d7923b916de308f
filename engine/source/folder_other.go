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

// status knows nothing here, so that every folder is opened and read.
func (f *folder) status(string) (folderStat, bool) { return folderStat{}, false }

func (b *beneath) toldByTimes() (dev uint64, ok bool) { return 0, false }

func (f *folder) look(name string, e *indexEntry, modified time.Time) (now seen, why string) {
	return f.slowFolder.look(name, e, modified)
}
