package source

import (
	"fmt"
	"sort"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// index is a read index: entries sorted bytewise by path, then by stage.
type index struct {
	entries []indexEntry
	// modified is when the index was written: an entry that is not older may
	// have changed within the clock's grain ("racily clean"). Zero where the
	// entries carry no file status.
	modified time.Time
}

// indexEntry is one entry of the index.
type indexEntry struct {
	path  string
	id    string // hex
	mode  rule.Mode
	stage uint8 // 0; 1, 2, 3 in conflict
	// assume is assume-unchanged, skip is skip-worktree (a sparse checkout),
	// intent is `git add --intent-to-add`: a path without content yet.
	assume, skip, intent bool
	stat                 fileStat
}

// fileStat is what the index remembers of a worktree file, cut to 32 bits each
// as the format has it (gitformat-index(5)).
type fileStat struct {
	ctime, ctimeNsec, mtime, mtimeNsec uint32
	dev, ino, uid, gid, size           uint32
}

// search returns the position of the first entry with this path or behind it.
func (x *index) search(path string) int {
	return sort.Search(len(x.entries), func(i int) bool { return x.entries[i].path >= path })
}

// lookup returns the entry of a path with the lowest stage, or nil.
func (x *index) lookup(path string) *indexEntry {
	if i := x.search(path); i < len(x.entries) && x.entries[i].path == path {
		return &x.entries[i]
	}
	return nil
}

// tree returns the index as it would be committed: one entry a path, those
// added by intent alone left out, those in conflict marked.
func (x *index) tree() []rule.Entry {
	list := make([]rule.Entry, 0, len(x.entries))
	for i := range x.entries {
		e := &x.entries[i]
		if e.intent || i > 0 && x.entries[i-1].path == e.path {
			continue
		}
		list = append(list, e.staged())
	}
	return list
}

// staged is the entry as the index has it; in conflict there is no one content.
func (e *indexEntry) staged() rule.Entry {
	r := rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unchanged, Blob: e.id, Size: -1}
	if e.stage != 0 {
		r.Status, r.Blob = rule.Unmerged, ""
	}
	return r
}

// unmerged returns the files in conflict, which a diff with HEAD may show as
// modified or, where a side is kept, not at all.
func (x *index) unmerged() listing {
	var list listing
	for i := range x.entries {
		if e := &x.entries[i]; e.stage != 0 && (i == 0 || x.entries[i-1].path != e.path) {
			list = append(list, rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unmerged, Size: -1})
		}
	}
	return list
}

// parseLsFiles reads `git ls-files -s -v -z`: "tag mode id stage\tpath". The tag
// is S for skip-worktree, a small letter for assume-unchanged.
func parseLsFiles(out []byte) (*index, error) {
	x := &index{}
	text := string(out)
	x.entries = make([]indexEntry, 0, strings.Count(text, "\x00"))
	for text != "" {
		line, rest, ok := strings.Cut(text, "\x00")
		meta, path, tab := strings.Cut(line, "\t")
		f := strings.Split(meta, " ")
		if !ok || !tab || len(f) != 4 || len(f[0]) != 1 || len(f[3]) != 1 {
			return nil, fmt.Errorf("git ls-files: cannot read %q", line)
		}
		x.entries = append(x.entries, indexEntry{
			path: path, id: f[2], mode: parseMode(f[1]), stage: f[3][0] - '0',
			skip: f[0] == "S" || f[0] == "s", assume: f[0] >= "a",
		})
		text = rest
	}
	return x, nil
}
