package source

import (
	"encoding/hex"
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// index is a read index: entries sorted bytewise by path, then by stage. It
// keeps the bytes of the file as they are, and where each entry begins in them:
// paths are parts of that text, and nothing else is decoded before it is asked
// for. That is 4 bytes an entry beside the file's own, where entries decoded
// once and for all took 200.
type index struct {
	text   string
	starts []uint32
	idSize int // bytes of an object id
	// modified is when the index was written: an entry that is not older may
	// have changed within the clock's grain ("racily clean"). Zero where the
	// entries carry no file status.
	modified time.Time
	// cacheTree is the body of the extension TREE: which folders are the same as
	// a tree object. "" where there is none.
	cacheTree string
}

// indexEntry is one entry of the index, decoded.
type indexEntry struct {
	path  string
	raw   string // the object id's bytes
	mode  rule.Mode
	stage uint8 // 0; 1, 2, 3 in conflict
	// assume is assume-unchanged, skip is skip-worktree (a sparse checkout),
	// intent is `git add --intent-to-add`: a path without content yet.
	assume, skip, intent bool
	stat                 fileStat
}

// id is the object id in hex.
func (e *indexEntry) id() string { return hex.EncodeToString([]byte(e.raw)) }

// fileStat is what the index remembers of a worktree file, cut to 32 bits each
// as the format has it (gitformat-index(5)).
type fileStat struct {
	ctime, ctimeNsec, mtime, mtimeNsec uint32
	dev, ino, uid, gid, size           uint32
}

func (x *index) len() int { return len(x.starts) }

// search returns the position of the first entry with this path or behind it.
func (x *index) search(path string) int {
	return sort.Search(x.len(), func(i int) bool { return x.path(i) >= path })
}

// lookup returns the entry of a path with the lowest stage, or nil.
func (x *index) lookup(path string) *indexEntry {
	if i := x.search(path); i < x.len() && x.path(i) == path {
		e := x.entry(i)
		return &e
	}
	return nil
}

// tree returns the index as it would be committed: one entry a path, those
// added by intent alone left out, those in conflict marked.
func (x *index) tree() []rule.Entry { return x.between(0, x.len()) }

// between is tree for the entries from lo to before hi.
func (x *index) between(lo, hi int) []rule.Entry {
	list := make([]rule.Entry, 0, hi-lo)
	prefault(list)
	for i := lo; i < hi; i++ {
		if e := x.entry(i); !e.intent && !x.again(i) {
			list = append(list, e.staged())
		}
	}
	return list
}

// eachPath yields the paths and modes of tree, without making it.
func (x *index) eachPath(yield func(path string, mode rule.Mode)) {
	for i := range x.len() {
		at := int(x.starts[i])
		if flags := x.flags(i); flags&flagExtended != 0 && be16(x.text, at+entryID+x.idSize+2)&flagIntent != 0 || x.again(i) {
			continue
		}
		yield(x.path(i), rule.Mode(be32(x.text, at+entryMode)))
	}
}

// again says whether entry i has the path of the one before it: another stage
// of a conflict.
func (x *index) again(i int) bool { return i > 0 && x.path(i) == x.path(i-1) }

// staged is the entry as the index has it; in conflict there is no one content.
func (e *indexEntry) staged() rule.Entry {
	r := rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unchanged, Size: -1}
	if e.stage != 0 {
		r.Status = rule.Unmerged
		return r
	}
	r.Blob = rule.ID(e.raw)
	return r
}

// unmerged returns the files in conflict, which a diff with HEAD may show as
// modified or, where a side is kept, not at all.
func (x *index) unmerged() listing {
	var list listing
	for i := range x.len() {
		if x.stage(i) != 0 && !x.again(i) {
			e := x.entry(i)
			list = append(list, rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unmerged, Size: -1})
		}
	}
	return list
}

// parseLsFiles reads `git ls-files -s -v -z`: "tag mode id stage\tpath". The tag
// is S for skip-worktree, a small letter for assume-unchanged.
func parseLsFiles(out []byte) (*index, error) {
	b := &indexBuilder{}
	text := string(out)
	for text != "" {
		line, rest, ok := strings.Cut(text, "\x00")
		meta, path, tab := strings.Cut(line, "\t")
		f := strings.Split(meta, " ")
		if !ok || !tab || len(f) != 4 || len(f[0]) != 1 || len(f[3]) != 1 || path == "" {
			return nil, fmt.Errorf("git ls-files: cannot read %q", line)
		}
		id, err := hex.DecodeString(f[2])
		if err != nil || len(id) == 0 || len(id) > maxIDSize || b.idSize > 0 && len(id) != b.idSize {
			return nil, fmt.Errorf("git ls-files: cannot read %q", line)
		}
		b.idSize = len(id)
		b.add(indexEntry{
			path: path, raw: string(id), mode: parseMode(f[1]), stage: f[3][0] - '0',
			skip: f[0] == "S" || f[0] == "s", assume: f[0] >= "a",
		})
		text = rest
	}
	return b.index(), nil
}
