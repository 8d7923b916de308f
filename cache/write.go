package cache

import (
	"bufio"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"math/bits"
	"os"
	"path/filepath"
	"slices"
)

// tailShare is how large the tail may grow beside the sealed region before the
// file is sealed anew: opening reads all of it.
const (
	tailShare    = 32
	smallestTail = 128 << 10
)

// write adds records to the file as it is now, under the lock, and takes out what
// was dropped.
func (s *Store) write(fresh []record) error {
	now, err := current(s.path, 2*s.limit)
	if err != nil {
		return err
	}
	defer func() {
		if now.close != nil {
			_ = now.close() // it was only read
		}
	}()
	var payload []byte
	for _, r := range fresh {
		payload = r.append(payload)
	}
	tail := len(now.tail) + frameBytes + len(payload)
	total := now.tailAt + int64(tail)
	if now.file == nil || total > s.limit || int64(tail) > max(smallestTail, now.tailAt/tailShare) || len(s.dropped) > 0 {
		return s.rewrite(&now, fresh)
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(payload, castagnoli()))
	return appendAt(s.path, now.size(), append(frame, payload...))
}

// current opens the file again: another process may have written since. One that
// is missing, foreign or damaged is as good as none.
func current(path string, limit int64) (image, error) {
	im, err := openImage(path, limit)
	if err == nil || missing(err) || errors.Is(err, errForeign) {
		return im, nil
	}
	if info, lerr := os.Lstat(path); lerr == nil && info.Mode().IsRegular() {
		return image{}, nil // too large, or not ours to read: replaced by rename
	}
	return image{}, err
}

// appendAt writes b at the end of the whole frames, over a torn one, and takes
// it back where the disk is full.
func appendAt(path string, end int64, b []byte) error {
	f, err := os.OpenFile(path, os.O_WRONLY, 0)
	if err != nil {
		return err
	}
	err = f.Truncate(end)
	if err == nil {
		_, err = f.WriteAt(b, end)
	}
	if err != nil {
		_ = f.Truncate(end) // a torn end is ignored anyway
	}
	return errors.Join(err, f.Close())
}

// item is a record that a file may be made of: number n of those that come.
type item struct {
	key   Key
	bytes int // of the record
	n     int
}

// rewrite writes a sealed file of what is there and what is fresh. Over the
// bound, what was written longest ago is left out, down to three quarters. The
// records are gone through twice, so that no more than their keys is held.
func (s *Store) rewrite(now *image, fresh []record) error {
	each := func(visit func(record)) {
		now.all(visit)
		for _, r := range fresh {
			visit(r)
		}
	}
	var items []item
	total := int64(0)
	each(func(r record) {
		items = append(items, item{r.key, r.size(), len(items)})
		total += cost(r.size())
	})
	room := s.limit
	if total > s.limit {
		room = s.limit * 3 / 4
	}
	seen := make(map[Key]bool, len(items))
	keep := make([]item, 0, len(items))
	for _, it := range slices.Backward(items) { // the newest first
		if seen[it.key] || s.dropped[it.key] {
			continue
		}
		if room -= cost(it.bytes); room < 0 {
			break
		}
		seen[it.key] = true
		keep = append(keep, it)
	}
	slices.Reverse(keep)
	return replace(s.path, func(w io.Writer) error { return seal(w, keep, each) })
}

// seal writes a file of the records that each visits, of which keep are kept, the
// oldest first, each key once.
func seal(w io.Writer, keep []item, each func(func(record))) error {
	n := 0
	if len(keep) > 0 {
		n = 1 << bits.Len(uint(2*len(keep)-1))
	}
	front := make([]byte, headerBytes+n*slotBytes)
	table := front[headerBytes:]
	offset := uint32(0)
	for _, it := range keep {
		at := home(it.key, uint32(n))
		for binary.LittleEndian.Uint32(table[at*slotBytes:]) != 0 {
			at = (at + 1) & uint32(n-1)
		}
		binary.LittleEndian.PutUint32(table[at*slotBytes:], offset+1)
		copy(table[at*slotBytes+4:][:4], it.key[4:8])
		offset += uint32(it.bytes)
	}
	copy(front, magic)
	binary.LittleEndian.PutUint32(front[8:], uint32(n*slotBytes))
	binary.LittleEndian.PutUint32(front[12:], offset)
	binary.LittleEndian.PutUint32(front[16:], uint32(len(keep)))
	binary.LittleEndian.PutUint32(front[20:], crc32.Checksum(front[:20], castagnoli()))
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
		err = errors.New("it changed while it was written anew")
	}
	return err
}

// cost is what a record takes in a sealed file, in bytes, its slots included.
func cost(record int) int64 { return int64(record + 4*slotBytes) }

// replace writes a file whole, or not at all.
func replace(path string, write func(io.Writer) error) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	w := bufio.NewWriterSize(tmp, 256<<10)
	if err = write(w); err == nil {
		err = w.Flush()
	}
	if err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err = tmp.Chmod(0o644); err != nil {
		return errors.Join(err, tmp.Close())
	}
	if err = tmp.Close(); err != nil {
		return err
	}
	return os.Rename(tmp.Name(), path)
}
