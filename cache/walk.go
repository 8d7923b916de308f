package cache

import (
	"bufio"
	"io"
)

// all calls visit with the records of the file, the least recently used first, and
// with their offsets. A key may come again: its last record is the one that
// counts. A record's value is good until the next one. It says whether all of it
// was whole.
func (im *image) all(visit func(r record, at int64)) (whole bool) {
	whole = im.sealed(visit)
	return im.behind(visit) && whole
}

// sealed is all of the sealed region.
func (im *image) sealed(visit func(r record, at int64)) (whole bool) {
	if im.file == nil {
		return true
	}
	w := newWalker(im)
	return w.walk(im.sealedAt, im.tailAt, visit)
}

// behind is all of the tail.
func (im *image) behind(visit func(r record, at int64)) (whole bool) {
	if im.file == nil {
		return true
	}
	w := newWalker(im)
	whole = im.end == im.bytes // else its end is torn
	im.frames(func(f frame) {
		if !w.walk(f.at, f.end, visit) {
			whole = false
		}
	})
	return whole
}

// walker reads a file's records one after the other.
type walker struct {
	im    *image
	r     *bufio.Reader
	large []byte
}

const walkerRoom = 64 << 10

func newWalker(im *image) *walker {
	return &walker{im: im, r: bufio.NewReaderSize(nil, walkerRoom)}
}

// walk passes over a damaged record where its length can still be; whatever it
// takes for a record behind it has a checksum as well.
func (w *walker) walk(from, to int64, visit func(r record, at int64)) (whole bool) {
	w.r.Reset(io.NewSectionReader(w.im.file, from, to-from))
	whole = true
	for at := from; at < to; {
		head, _ := w.r.Peek(int(min(int64(recordHead+lengthBytes), to-at)))
		start, end := measure(head)
		if end == 0 || at+int64(end) > to {
			return false // what lies behind the damage is lost
		}
		b, err := w.next(end)
		if err != nil {
			return false
		}
		if sound(b, w.im.checksum) {
			visit(record{Key(b[4:recordHead]), b[start:end:end]}, at)
		} else {
			whole = false
		}
		at += int64(end)
	}
	return whole
}

// next returns the next n bytes, good until the next call.
func (w *walker) next(n int) ([]byte, error) {
	if n > walkerRoom {
		w.large = append(w.large[:0], make([]byte, n)...)
		_, err := io.ReadFull(w.r, w.large)
		return w.large, err
	}
	b, err := w.r.Peek(n)
	_, _ = w.r.Discard(len(b)) // it is in the buffer
	return b, err
}
