package cache

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// Save writes what was put, and what keeps the recently used from being left
// out. What another process saved meanwhile stays. Where nothing is to be
// written nothing is touched.
func (s *Store) Save() error {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.saved == len(s.pending) && len(s.dropped) == 0 && len(s.used.beside(s.image.used)) == 0 {
		return nil
	}
	if err := os.MkdirAll(filepath.Dir(s.path), 0o755); err != nil {
		return err
	}
	unlock, err := lock(s.path + ".lock")
	if err != nil {
		return err
	}
	defer unlock()
	now, err := current(s.path, 2*s.limit)
	if err != nil {
		return err
	}
	defer func() {
		if now.close != nil {
			_ = now.close() // it was only read
		}
	}()
	if err := s.write(&now, s.pending[s.saved:]); err != nil {
		return err
	}
	s.saved, s.dropped = len(s.pending), nil
	return nil
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
	return image{}, fmt.Errorf("%s: %w", path, err)
}

// The tail may grow to a part of the sealed region, and of the bound, before the
// file is sealed anew: opening reads the indexes of all of it, and what lies in it
// is not left out first however long ago it was used.
const (
	tailShare      = 32
	smallestTail   = 128 << 10
	tailLimitShare = 8
)

// write adds records to the file as it is now, under the lock, and takes out what
// was dropped.
func (s *Store) write(now *image, fresh []record) error {
	same := s.used != nil && now.file != nil && now.id == s.image.id
	var words []word
	if same { // else its slots are others by now
		words = s.used.beside(now.used)
	}
	if len(fresh)+len(words)+len(s.dropped) == 0 {
		return nil
	}
	size := frameSize(fresh, words)
	tail := now.end - now.tailAt + size
	room := min(max(smallestTail, now.tailAt/tailShare), s.limit/tailLimitShare)
	if now.file != nil && len(s.dropped) == 0 && now.end+size <= s.limit && tail <= room {
		err := appendAt(s.path, now, appendFrame(make([]byte, 0, size), now.id, fresh, words))
		if !errors.Is(err, fs.ErrPermission) {
			return err
		}
		// Somebody else's file, in a folder where we may put our own.
	}
	if len(words) > 0 && now.used == nil {
		now.used = newMarks(now.slots)
	}
	for _, w := range words {
		now.used.add(w)
	}
	return s.rewrite(now, fresh)
}

var errChanged = errors.New("somebody who does not hold its lock has changed it")

// appendAt writes b at the end of the whole frames, over a torn one, and takes
// it back where the disk is full.
func appendAt(path string, now *image, b []byte) error {
	f, err := openRegular(path, os.O_WRONLY)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	switch {
	case err == nil && (info.Size() != now.bytes || !os.SameFile(info, now.info)):
		return errors.Join(fmt.Errorf("%s: %w", path, errChanged), f.Close())
	case err == nil && now.bytes != now.end:
		err = f.Truncate(now.end)
	}
	if err == nil {
		_, err = f.WriteAt(b, now.end)
	}
	if err != nil {
		_ = f.Truncate(now.end) // a torn end is ignored anyway
	}
	return errors.Join(err, f.Close())
}
