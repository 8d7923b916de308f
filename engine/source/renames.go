package source

import (
	"bytes"
	"cmp"
	"slices"

	"github.com/sot-validator/sot/engine/rule"
)

// Renames are found as git 2.30 and later do (diffcore-rename.c): files of the
// same content first; then files of the same name, where it occurs once on each
// side, that share three quarters; then the best pairs of all that share half.

// The scores of git: whole content, the least for a rename, the least for files
// of the same name, and how many files each side may have left (-l400).
const (
	scoreMax      = 60000
	scoreRename   = scoreMax / 2
	scoreBasename = scoreRename + (scoreMax-scoreRename)/2
	renameLimit   = 400
	perTarget     = 4 // candidates kept for each added file
)

// renamer pairs deleted files with added ones.
type renamer struct {
	list    []rule.Entry
	gone    []int       // positions of the deleted files that are not paired yet
	new     []int       // positions of the added ones
	paired  map[int]int // added to deleted
	read    func(id rule.ID, path string) ([]byte, error)
	profile map[int]map[uint32]int // of a file's content, see spans
	sizes   map[int]int
}

// renames returns the list with renames in place of pairs of deleted and added.
// Files is where content without an object is read; nil if all have objects.
func (b *pureBackend) renames(list []rule.Entry, files *beneath) ([]rule.Entry, error) {
	r := &renamer{
		list: list, paired: map[int]int{}, profile: map[int]map[uint32]int{}, sizes: map[int]int{},
		read: func(id rule.ID, path string) ([]byte, error) {
			if files != nil && path != "" {
				if data, err := files.readFile(path, nil, 0); err == nil {
					return data, nil
				}
			}
			b.mu.Lock()
			defer b.mu.Unlock()
			return b.store().read(id.String(), nil, 0)
		},
	}
	for i := range list {
		switch list[i].Status {
		case rule.Deleted:
			r.gone = append(r.gone, i)
		case rule.Added:
			r.new = append(r.new, i)
		}
	}
	if len(r.gone) == 0 || len(r.new) == 0 {
		return list, nil
	}
	r.exact()
	if err := r.similar(); err != nil {
		return nil, err
	}
	return r.result(), nil
}

func (r *renamer) pair(added, deleted int) {
	r.paired[added] = deleted
	r.gone = slices.DeleteFunc(r.gone, func(i int) bool { return i == deleted })
}

func (r *renamer) oldName(i int) string {
	e := rule.Entry{Path: r.list[i].Before().Path}
	return e.Name()
}

// exact pairs files of the same content, of several the first of the same name.
func (r *renamer) exact() {
	byBlob := map[rule.ID][]int{}
	for _, i := range r.gone {
		id := r.list[i].Before().Blob
		byBlob[id] = append(byBlob[id], i)
	}
	for _, n := range r.new {
		e, best := &r.list[n], -1
		for _, i := range byBlob[e.Blob] {
			if old := r.list[i].Before().Mode; old != e.Mode && (!old.Regular() || !e.Mode.Regular()) {
				continue
			}
			if r.oldName(i) == e.Name() {
				best = i
				break
			}
			if best < 0 {
				best = i
			}
		}
		if best >= 0 {
			byBlob[e.Blob] = slices.DeleteFunc(byBlob[e.Blob], func(i int) bool { return i == best })
			r.pair(n, best)
		}
	}
}

// left returns the added regular files that are not paired.
func (r *renamer) left() []int {
	var list []int
	for _, n := range r.new {
		if _, ok := r.paired[n]; !ok {
			list = append(list, n)
		}
	}
	return list
}

func (r *renamer) similar() error {
	if err := r.sameName(); err != nil {
		return err
	}
	left := r.left()
	if len(left)*len(r.gone) > renameLimit*renameLimit {
		return nil
	}
	type candidate struct{ score, name, added, deleted int }
	better := func(a, b candidate) int { return cmp.Or(cmp.Compare(b.score, a.score), cmp.Compare(b.name, a.name)) }
	var all []candidate
	for _, n := range left {
		var best []candidate
		for _, i := range r.gone {
			score, err := r.score(i, n, scoreRename)
			if err != nil {
				return err
			}
			c := candidate{score: score, added: n, deleted: i}
			if r.oldName(i) == r.list[n].Name() {
				c.name = 1
			}
			best = append(best, c)
		}
		slices.SortStableFunc(best, better)
		all = append(all, best[:min(len(best), perTarget)]...)
	}
	slices.SortStableFunc(all, better)
	for _, c := range all {
		_, done := r.paired[c.added]
		if c.score >= scoreRename && !done && slices.Contains(r.gone, c.deleted) {
			r.pair(c.added, c.deleted)
		}
	}
	return nil
}

// sameName pairs files whose name occurs once among the deleted and once among
// the added.
func (r *renamer) sameName() error {
	deleted, added := map[string][]int{}, map[string][]int{}
	for _, i := range r.gone {
		deleted[r.oldName(i)] = append(deleted[r.oldName(i)], i)
	}
	for _, n := range r.left() {
		added[r.list[n].Name()] = append(added[r.list[n].Name()], n)
	}
	for _, i := range slices.Clone(r.gone) {
		name := r.oldName(i)
		if len(deleted[name]) != 1 || len(added[name]) != 1 {
			continue
		}
		score, err := r.score(i, added[name][0], scoreBasename)
		if err != nil {
			return err
		}
		if score >= scoreBasename {
			r.pair(added[name][0], i)
		}
	}
	return nil
}

// score says how much of the larger file both share, 0 to scoreMax.
func (r *renamer) score(deleted, added, least int) (int, error) {
	old, now := &r.list[deleted], &r.list[added]
	if !old.Before().Mode.Regular() || !now.Mode.Regular() {
		return 0, nil
	}
	a, err := r.spans(deleted, old.Before().Blob, "")
	if err != nil {
		return 0, err
	}
	b, err := r.spans(added, now.Blob, now.Path)
	if err != nil {
		return 0, err
	}
	largest, smallest := max(r.sizes[deleted], r.sizes[added]), min(r.sizes[deleted], r.sizes[added])
	if r.sizes[added] == 0 || largest*(scoreMax-least) < (largest-smallest)*scoreMax {
		return 0, nil
	}
	shared := 0
	for hash, n := range a {
		shared += min(n, b[hash])
	}
	return int(int64(shared) * scoreMax / int64(largest)), nil
}

// spans returns how many bytes of a file lie in pieces of each hash. A piece
// ends with its line, or after 64 bytes (diffcore-delta.c of git, hash_chars).
func (r *renamer) spans(i int, id rule.ID, path string) (map[uint32]int, error) {
	if p, ok := r.profile[i]; ok {
		return p, nil
	}
	data, err := r.read(id, path)
	if err != nil {
		return nil, err
	}
	p := map[uint32]int{}
	text := bytes.IndexByte(data[:min(len(data), 8000)], 0) < 0
	var a, b uint32
	n := 0
	for k, c := range data {
		if text && c == '\r' && k+1 < len(data) && data[k+1] == '\n' {
			continue
		}
		a, b = a<<7^b>>25, b<<7^a>>25
		a += uint32(c)
		n++
		if n < 64 && c != '\n' {
			continue
		}
		p[(a+b*0x61)%107927] += n
		n, a, b = 0, 0, 0
	}
	if n > 0 { // git counts this one since 2.44
		p[(a+b*0x61)%107927] += n
	}
	r.profile[i], r.sizes[i] = p, len(data)
	return p, nil
}

// result writes the pairs into the list.
func (r *renamer) result() []rule.Entry {
	drop := map[int]bool{}
	for added, deleted := range r.paired {
		e, old := &r.list[added], &r.list[deleted]
		e.Status, e.Old = rule.Renamed, old.Old
		drop[deleted] = true
	}
	out := r.list[:0:0]
	for i, e := range r.list {
		if !drop[i] {
			out = append(out, e)
		}
	}
	return out
}
