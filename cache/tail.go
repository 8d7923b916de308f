package cache

import (
	"encoding/binary"
	"hash/crc32"
	"io"
	"math/bits"
	"slices"
)

// A frame: checksum of the file's number, the rest of the head and the index (4),
// records (4), words (4), bytes of the records (4); the index: of each record a
// part of its key (8) and its bytes (4), of each word its number (4) and bits (8);
// the records.
//
// The words are what changes in the set of slots whose records were used since the
// file was sealed. That the number goes into the checksum keeps a frame from being
// taken for one of another file that had its place on the disk.
const (
	frameHead  = 16
	entryBytes = 12 // of a record or a word in the index
)

// frame is one as it lies in a file.
type frame struct {
	records []byte // entries of the index
	words   []byte // likewise
	at      int64  // where its records begin
	end     int64  // and end
}

// appendFrame writes a frame to a file with a number.
func appendFrame(b []byte, id uint64, records []record, words []word) []byte {
	start, size := len(b), 0
	b = append(b, make([]byte, frameHead)...)
	for _, r := range records {
		n := r.size()
		size += n
		b = append(b, r.key[:8]...)
		b = binary.LittleEndian.AppendUint32(b, uint32(n))
	}
	for _, w := range words {
		b = binary.LittleEndian.AppendUint32(b, w.number)
		b = binary.LittleEndian.AppendUint64(b, w.bits)
	}
	head := b[start:]
	binary.LittleEndian.PutUint32(head[4:], uint32(len(records)))
	binary.LittleEndian.PutUint32(head[8:], uint32(len(words)))
	binary.LittleEndian.PutUint32(head[12:], uint32(size))
	binary.LittleEndian.PutUint32(head, crc32.Update(frameSeed(id), castagnoli(), head[4:]))
	for _, r := range records {
		b = r.append(b)
	}
	return b
}

// frameSize is how many bytes appendFrame writes.
func frameSize(records []record, words []word) (n int64) {
	n = frameHead + entryBytes*int64(len(records)+len(words))
	for _, r := range records {
		n += int64(r.size())
	}
	return n
}

// frameSeed is the checksum of a file's number, which those of its frames go on from.
func frameSeed(id uint64) uint32 {
	return crc32.Checksum(binary.LittleEndian.AppendUint64(nil, id), castagnoli())
}

// frames calls visit with each whole frame, and returns where the last one ends.
func (im *image) frames(visit func(frame)) (end int64) {
	w, seed := window{file: im.file, end: im.bytes}, frameSeed(im.id)
	for at := im.tailAt; ; {
		head := w.bytes(at, frameHead)
		if len(head) < frameHead {
			return at
		}
		records := entryBytes * int64(binary.LittleEndian.Uint32(head[4:]))
		index := records + entryBytes*int64(binary.LittleEndian.Uint32(head[8:]))
		f := frame{at: at + frameHead + index}
		f.end = f.at + int64(binary.LittleEndian.Uint32(head[12:]))
		if f.end > im.bytes {
			return at
		}
		b := w.bytes(at, frameHead+index)
		if int64(len(b)) < frameHead+index || crc32.Update(seed, im.checksum, b[4:]) != binary.LittleEndian.Uint32(b) {
			return at
		}
		f.records, f.words = b[frameHead:frameHead+records], b[frameHead+records:]
		visit(f)
		at = f.end
	}
}

// window reads a file from its front to its back, many bytes at a time.
type window struct {
	file io.ReaderAt
	end  int64 // of the file
	at   int64 // where buf begins
	buf  []byte
}

// bytes returns n bytes of the file, good until the next call; fewer where it
// ends before, or cannot be read.
func (w *window) bytes(at, n int64) []byte {
	const room = 64 << 10
	n = min(n, w.end-at)
	if at < w.at || at+n > w.at+int64(len(w.buf)) {
		size := min(max(n, room), w.end-at)
		if int64(cap(w.buf)) < size {
			w.buf = make([]byte, size)
		}
		got, _ := w.file.ReadAt(w.buf[:size], at) // what cannot be read is not there
		w.at, w.buf = at, w.buf[:got]
	}
	b := w.buf[at-w.at:]
	return b[:min(int64(len(b)), n)]
}

// readTail reads the index of each frame.
func (im *image) readTail() {
	var entries []tailSlot
	im.end = im.frames(func(f frame) {
		off := f.at - im.tailAt
		entries = slices.Grow(entries, len(f.records)/entryBytes)
		for b := f.records; len(b) > 0; b = b[entryBytes:] {
			entries = append(entries, tailSlot{binary.LittleEndian.Uint64(b), uint32(off) + 1})
			off += int64(binary.LittleEndian.Uint32(b[8:]))
		}
		if im.used == nil && len(f.words) > 0 {
			im.used = newMarks(im.slots)
		}
		for b := f.words; len(b) > 0; b = b[entryBytes:] {
			im.used.add(word{binary.LittleEndian.Uint32(b), binary.LittleEndian.Uint64(b[4:])})
		}
	})
	im.tail = newTailTable(entries)
}

// tailTable says where the records of the frames start: an open-addressed hash
// table in memory.
type tailTable struct {
	slots []tailSlot // a power of two of them, or none
	shift int        // by which a part of a key is its home
	count int
}

type tailSlot struct {
	part   uint64 // of the key
	offset uint32 // in the tail, and one; 0: none
}

// newTailTable returns a table of entries, of which the last of a key counts.
func newTailTable(entries []tailSlot) (t tailTable) {
	if len(entries) == 0 {
		return t
	}
	width := bits.Len(uint(2*len(entries) - 1))
	t = tailTable{slots: make([]tailSlot, 1<<width), shift: 64 - width}
	for _, e := range entries {
		s := t.place(e.part)
		if s == nil {
			continue // beyond the bound, which hashes do not reach
		}
		if s.offset == 0 {
			t.count++
		}
		*s = e
	}
	return t
}

// place returns the slot of a part of a key, or the free one that it would take;
// nil where neither is near its home.
func (t *tailTable) place(part uint64) *tailSlot {
	mask := uint64(len(t.slots) - 1)
	for i, left := part>>t.shift, min(len(t.slots), mostProbes); left > 0; i, left = i+1, left-1 {
		if s := &t.slots[i&mask]; s.offset == 0 || s.part == part {
			return s
		}
	}
	return nil
}

func (t *tailTable) find(k *Key) (off uint32, ok bool) {
	if len(t.slots) == 0 {
		return 0, false
	}
	s := t.place(binary.LittleEndian.Uint64(k[:]))
	if s == nil || s.offset == 0 {
		return 0, false
	}
	return s.offset - 1, true
}
