package cache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/rand/v2"
	"os"
	"slices"
	"strconv"
)

// item is a record that a file may be made of: number n of those that come.
type item struct {
	key   Key
	bytes int // of the record
	n     int
}

// rewrite writes a sealed file of what is there and what is fresh. The records are
// gone through twice, so that no more than their keys is held.
func (s *Store) rewrite(now *image, fresh []record) error {
	each := func(visit func(record)) {
		inOrder(now, visit)
		for _, r := range fresh {
			visit(r)
		}
	}
	items := make([]item, 0, now.count()+len(fresh))
	each(func(r record) { items = append(items, item{r.key, r.size(), len(items)}) })
	keep := s.keep(items, now.file != nil)
	_ = clean(s.path) // what stays takes room, and no more
	return replace(s.path, func(w io.Writer) error { return seal(w, keep, each) })
}

// inOrder calls visit with the records that are there, the least recently used
// first: the sealed ones that nobody asked for since, those that somebody did, and
// what was written since. What is damaged is left out.
func inOrder(now *image, visit func(record)) {
	if now.used == nil {
		now.sealed(func(r record, _ int64) { visit(r) })
	} else {
		for _, used := range []bool{false, true} {
			now.sealed(func(r record, at int64) {
				if now.used.has(now.slotOf(&r.key, at)) == used {
					visit(r)
				}
			})
		}
	}
	now.behind(func(r record, _ int64) { visit(r) })
}

// keep returns which items a file is made of, in their order: of each key the
// last, unless it is dropped. Where they come near the bound, those that were used
// longest ago are left out, down to three quarters; so there is room to append
// again. Again says whether a key may come again.
func (s *Store) keep(items []item, again bool) []item {
	var seen map[Key]struct{}
	if again {
		seen = make(map[Key]struct{}, len(items))
	}
	const share = 16 // of the bound, for what is appended
	keep, total := make([]item, 0, len(items)), int64(0)
	for _, it := range slices.Backward(items) { // the newest first
		if again {
			if _, ok := seen[it.key]; ok {
				continue
			}
			seen[it.key] = struct{}{}
		}
		if !s.dropped[it.key] && headerBytes+cost(it.bytes) <= s.limit/4*3 { // else it would push out all others
			keep, total = append(keep, it), total+cost(it.bytes)
		}
	}
	if total > s.limit-s.limit/share {
		room := s.limit/4*3 - headerBytes
		n := 0
		for n < len(keep) && room >= cost(keep[n].bytes) {
			room -= cost(keep[n].bytes)
			n++
		}
		keep = keep[:n]
	}
	slices.Reverse(keep)
	return keep
}

// cost is what a record takes in a sealed file, in bytes, its slots included.
func cost(record int) int64 { return int64(record + 2*slotBytes) }

// seal writes a file of the records that each visits, of which keep are kept, the
// least recently used first, each key once.
func seal(w io.Writer, keep []item, each func(func(record))) error {
	front := table(keep)
	if _, err := w.Write(front); err != nil {
		return err
	}
	var err error
	var buf []byte
	number, next := 0, 0
	each(func(r record) {
		if err == nil && next < len(keep) && keep[next].n == number {
			next++
			buf = r.append(buf[:0])
			_, err = w.Write(buf)
		}
		number++
	})
	if err == nil && next < len(keep) {
		err = errChanged
	}
	return err
}

// table returns header and table of a file of some records.
func table(keep []item) []byte {
	n := uint32((5*len(keep) + 2) / 3)
	front := make([]byte, headerBytes+int(n)*slotBytes)
	slots := front[headerBytes:]
	offset := uint32(0)
	for _, it := range keep {
		i := home(&it.key, n)
		for range min(n, mostProbes) { // beyond, which hashes do not reach, it is not found
			slot := slots[int(i)*slotBytes:]
			if binary.LittleEndian.Uint32(slot) == 0 {
				binary.LittleEndian.PutUint32(slot, offset+1)
				copy(slot[4:8], it.key[4:8])
				break
			}
			if i++; i == n {
				i = 0
			}
		}
		offset += uint32(it.bytes)
	}
	copy(front, magic)
	binary.LittleEndian.PutUint64(front[8:], rand.Uint64())
	binary.LittleEndian.PutUint32(front[16:], n)
	binary.LittleEndian.PutUint32(front[20:], offset)
	binary.LittleEndian.PutUint32(front[24:], uint32(len(keep)))
	binary.LittleEndian.PutUint32(front[28:], crc32.Checksum(front[:28], castagnoli()))
	return front
}

// replace writes a file whole, or not at all. Who may read it is for the umask to
// say: verdicts hold lines of the files that they are about.
func replace(path string, write func(io.Writer) error) (err error) {
	tmp := path + beingWritten + strconv.FormatUint(rand.Uint64(), 10)
	f, err := os.OpenFile(tmp, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp)
		}
	}()
	w := bufio.NewWriterSize(f, 256<<10)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err = errors.Join(err, f.Close()); err != nil {
		return err
	}
	return os.Rename(tmp, path)
}
