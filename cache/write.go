package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// tailShare is how large the tail may grow beside the sealed region before the
// file is sealed anew, so that opening stays quick.
const (
	tailShare    = 4
	smallestTail = 128 << 10
)

// write adds records to the file as it is now, under the lock.
func (s *Store) write(fresh []record) error {
	now, err := current(s.path, 2*s.limit)
	if err != nil {
		return err
	}
	var payload []byte
	for _, r := range fresh {
		payload = r.append(payload)
	}
	sealed := headerBytes + len(now.table) + len(now.sealed)
	tail := now.end - sealed + frameBytes + len(payload)
	total := int64(sealed + tail)
	if now.data == nil || total > s.limit || tail > max(smallestTail, sealed/tailShare) {
		return s.rewrite(now, fresh)
	}
	frame := binary.LittleEndian.AppendUint32(nil, uint32(len(payload)))
	frame = binary.LittleEndian.AppendUint32(frame, crc32.Checksum(payload, castagnoli()))
	return appendAt(s.path, int64(now.end), append(frame, payload...))
}

// current reads the file again: another process may have written since. One that
// is missing, foreign or damaged is as good as none.
func current(path string, limit int64) (image, error) {
	data, err := readFile(path, limit)
	if errors.Is(err, fs.ErrNotExist) {
		return image{}, nil
	}
	if err != nil {
		if info, lerr := os.Lstat(path); lerr == nil && info.Mode().IsRegular() {
			return image{}, nil // too large, or not ours to read: replaced by rename
		}
		return image{}, err
	}
	im, err := parse(data)
	if err != nil {
		return image{}, nil //nolint:nilerr // a damaged file is replaced
	}
	return im, nil
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

// rewrite writes a sealed file of what is there and what is fresh. Over the
// bound, what was written longest ago is left out, down to three quarters.
func (s *Store) rewrite(now image, fresh []record) error {
	var rs []record
	now.all(func(r record) { rs = append(rs, r) })
	rs = append(rs, fresh...)
	seen := make(map[Key]bool, len(rs))
	keep := rs[:0:0]
	room := s.limit
	total := int64(0)
	for _, r := range rs {
		total += cost(r)
	}
	if total > s.limit {
		room = s.limit * 3 / 4
	}
	for i := len(rs) - 1; i >= 0; i-- { // the newest first
		r := rs[i]
		if seen[r.key] {
			continue
		}
		if room -= cost(r); room < 0 {
			break
		}
		seen[r.key] = true
		keep = append(keep, r)
	}
	slices.Reverse(keep)
	return replace(s.path, seal(keep))
}

// cost is what a record takes in a sealed file, in bytes, its slots included.
func cost(r record) int64 { return int64(recordHead + 3 + len(r.value) + 4*slotBytes) }

// replace writes a file whole, or not at all.
func replace(path string, data []byte) (err error) {
	tmp, err := os.CreateTemp(filepath.Dir(path), filepath.Base(path)+".tmp-*")
	if err != nil {
		return err
	}
	defer func() {
		if err != nil {
			_ = os.Remove(tmp.Name())
		}
	}()
	if _, err = tmp.Write(data); err != nil {
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
