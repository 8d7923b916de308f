package source

import (
	"bytes"
	"crypto/sha256"
	"encoding/binary"
	"slices"
	"time"
)

// knownFolders are the folders of a worktree that held nothing but tracked files
// when they were last read: their names need not be read again while nothing in
// them comes or goes, which shows in a folder's times. Git's untracked cache
// rests on the same (gitformat-index(5)). Each is kept as a hash over its path,
// its file status and the names that are tracked in it, so that a change of any
// of them makes it unknown.
type knownFolders struct {
	old []folderKey // sorted
	// dev is the device whose folders can be known; none can where told is false.
	dev  uint64
	told bool
	// fresh is from when on a folder is too young to be known, in nanoseconds
	// since 1970: what happens to it within the grain of the file system's clock
	// does not show in its times.
	fresh int64
}

type folderKey [16]byte

// folderStat is a folder's status; times are nanoseconds since 1970.
type folderStat struct {
	dev, ino     uint64
	mtime, ctime int64
}

// freshFor is the coarsest clock among file systems; another where a test waits
// for a finer one.
var freshFor = 2 * time.Second

// knownHead begins the file; the number is the format's version.
const knownHead = "sot folders 1\n"

// readKnown reads what an earlier run kept; a damaged file is an empty one.
func readKnown(data []byte) *knownFolders {
	k := &knownFolders{fresh: time.Now().Add(-freshFor).UnixNano()}
	const size = len(folderKey{})
	body, ok := bytes.CutPrefix(data, []byte(knownHead))
	if !ok || len(body)%size != 0 || len(body) < sha256.Size {
		return k
	}
	body, sum := body[:len(body)-sha256.Size], body[len(body)-sha256.Size:]
	if want := sha256.Sum256(body); !bytes.Equal(want[:], sum) {
		return k
	}
	k.old = make([]folderKey, 0, len(body)/size)
	for key := range slices.Chunk(body, size) {
		k.old = append(k.old, folderKey(key))
	}
	return k
}

// write returns the bytes of the file for what is known now, of which so many
// were known before; nil where that is all, and was all.
func (k *knownFolders) write(now []folderKey, before int) []byte {
	if len(now) == before && before == len(k.old) {
		return nil
	}
	slices.SortFunc(now, compareFolders)
	data := append(make([]byte, 0, len(knownHead)+(len(now)+2)*len(folderKey{})), knownHead...)
	for _, key := range now {
		data = append(data, key[:]...)
	}
	sum := sha256.Sum256(data[len(knownHead):])
	return append(data, sum[:]...)
}

func compareFolders(a, b folderKey) int { return bytes.Compare(a[:], b[:]) }

// has says whether a folder is known.
func (k *knownFolders) has(st *folderStat, key folderKey) bool {
	if !k.told || st.dev != k.dev {
		return false
	}
	_, ok := slices.BinarySearchFunc(k.old, key, compareFolders)
	return ok
}

// lasting says whether a folder's times will tell of the next change to it.
func (k *knownFolders) lasting(st *folderStat) bool {
	return k.told && st.dev == k.dev && st.mtime < k.fresh && st.ctime < k.fresh
}

// appendTo begins the text that a folder's key is the hash of; the tracked names
// follow, each with a NUL, those of folders with a slash before it.
func (st *folderStat) appendTo(b []byte, dir string) []byte {
	b = append(append(b, dir...), 0)
	for _, n := range []uint64{st.dev, st.ino, uint64(st.mtime), uint64(st.ctime)} {
		b = binary.LittleEndian.AppendUint64(b, n)
	}
	return b
}

func keyOfFolder(text []byte) folderKey {
	sum := sha256.Sum256(text)
	return folderKey(sum[:len(folderKey{})])
}
