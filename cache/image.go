package cache

import (
	"bufio"
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync"
	"sync/atomic"
)

// The header: magic (8), table bytes (4), sealed bytes (4), records in the table
// (4), checksum of what stands before it (4). Numbers are little-endian.
const (
	magic       = "sotcach1"
	headerBytes = 24
	slotBytes   = 8 // offset+1 in the sealed region (4), a part of the key (4)
	frameBytes  = 8 // payload bytes (4), checksum of the payload (4)
	recordHead  = 4 + len(Key{})
	lengthBytes = 3 // the most that a value's length takes as a varint
)

// castagnoli is made when it is first asked for: making it takes 9 KB.
var castagnoli = sync.OnceValue(func() *crc32.Table { return crc32.MakeTable(crc32.Castagnoli) })

// record is one value with its key.
type record struct {
	key   Key
	value []byte
}

// append writes the record: checksum, key, length, value.
func (r record) append(b []byte) []byte {
	start := len(b)
	b = append(b, 0, 0, 0, 0)
	b = append(b, r.key[:]...)
	b = binary.AppendUvarint(b, uint64(len(r.value)))
	b = append(b, r.value...)
	binary.LittleEndian.PutUint32(b[start:], crc32.Checksum(b[start+4:], castagnoli()))
	return b
}

// size is how many bytes append writes.
func (r record) size() int {
	var b [binary.MaxVarintLen64]byte
	return recordHead + binary.PutUvarint(b[:], uint64(len(r.value))) + len(r.value)
}

// readRecord reads the record at the front of b, and how many bytes it takes;
// 0 where there is none that is whole.
func readRecord(b []byte) (r record, n int) {
	if r, n = cutRecord(b); n == 0 || crc32.Checksum(b[4:n], castagnoli()) != binary.LittleEndian.Uint32(b) {
		return record{}, 0
	}
	return r, n
}

// cutRecord is readRecord of what another checksum has vouched for.
func cutRecord(b []byte) (r record, n int) {
	if len(b) < recordHead+1 {
		return r, 0
	}
	copy(r.key[:], b[4:])
	length, k := binary.Uvarint(b[recordHead:])
	if k <= 0 || length > MaxValue || uint64(len(b)-recordHead-k) < length {
		return r, 0
	}
	n = recordHead + k + int(length)
	r.value = b[recordHead+k : n : n]
	return r, n
}

// image is a file as it is when it is opened. Of the table and the sealed region
// what is looked at is read, page by page, and they never change under one inode.
type image struct {
	file   io.ReaderAt // nil where there is none
	close  func() error
	sealed int64          // where the sealed region begins
	tailAt int64          // where the tail begins
	bytes  int64          // of the file
	slots  int            // records in the table
	tail   []byte         // whole frames
	tails  map[Key]uint32 // offsets in tail of its records
	pages  []atomic.Pointer[[]byte]
}

// pageBytes is how much is read at once: a multiple of a slot, so that none lies
// on two pages.
const pageBytes = 32 << 10

var errForeign = errors.New("it is not a cache of this version, or damaged")

// openImage opens a regular file of at most limit bytes. Where there is none, so
// says fs.ErrNotExist.
func openImage(path string, limit int64) (image, error) {
	info, err := os.Lstat(path)
	switch {
	case err != nil:
		return image{}, err
	case !info.Mode().IsRegular():
		return image{}, errors.New("it is no regular file")
	case info.Size() > limit:
		return image{}, errTooLarge
	}
	f, err := os.Open(path)
	if err != nil {
		return image{}, err
	}
	im := image{file: f, close: f.Close}
	size := info.Size()
	if runtime.GOOS == "windows" { // an open file cannot be replaced there
		data, err := io.ReadAll(io.LimitReader(f, limit))
		_ = f.Close()
		if err != nil {
			return image{}, err
		}
		im, size = image{file: bytes.NewReader(data), close: func() error { return nil }}, int64(len(data))
	}
	if err := im.parse(size); err != nil {
		_ = im.close()
		return image{}, err
	}
	return im, nil
}

// parse reads the header and the tail of a file of so many bytes.
func (im *image) parse(size int64) error {
	var head [headerBytes]byte
	if _, err := im.file.ReadAt(head[:], 0); err != nil || string(head[:8]) != magic ||
		crc32.Checksum(head[:headerBytes-4], castagnoli()) != binary.LittleEndian.Uint32(head[headerBytes-4:]) {
		return errForeign
	}
	table := int64(binary.LittleEndian.Uint32(head[8:]))
	n := table / slotBytes
	im.sealed = headerBytes + table
	im.tailAt = im.sealed + int64(binary.LittleEndian.Uint32(head[12:]))
	if table%slotBytes != 0 || n&(n-1) != 0 || im.tailAt > size {
		return errForeign
	}
	im.bytes = size
	im.slots = int(binary.LittleEndian.Uint32(head[16:]))
	im.tail = make([]byte, size-im.tailAt)
	got, err := im.file.ReadAt(im.tail, im.tailAt)
	if err != nil && !errors.Is(err, io.EOF) {
		return err
	}
	im.tails = map[Key]uint32{}
	end := scan(im.tail[:got], func(at int, r record) { im.tails[r.key] = uint32(at) })
	im.tail = im.tail[:end]
	im.pages = make([]atomic.Pointer[[]byte], (im.tailAt+pageBytes-1)/pageBytes)
	return nil
}

// scan calls visit with each record of the frames at the front of b, and returns
// where the last whole frame ends.
func scan(b []byte, visit func(at int, r record)) (end int) {
	for len(b)-end >= frameBytes {
		length := int64(binary.LittleEndian.Uint32(b[end:]))
		if length > int64(len(b)-end-frameBytes) {
			return end
		}
		payload := b[end+frameBytes : end+frameBytes+int(length)]
		if crc32.Checksum(payload, castagnoli()) != binary.LittleEndian.Uint32(b[end+4:]) {
			return end
		}
		for at := 0; at < len(payload); {
			r, n := cutRecord(payload[at:])
			if n == 0 {
				break
			}
			visit(end+frameBytes+at, r)
			at += n
		}
		end += frameBytes + int(length)
	}
	return end
}

func (im *image) count() int { return im.slots + len(im.tails) }

func (im *image) size() int64 { return im.tailAt + int64(len(im.tail)) }

// page returns page number i of the table and the sealed region; a short one at
// their end, or where the file was cut off.
func (im *image) page(i int64) []byte {
	if p := im.pages[i].Load(); p != nil {
		return *p
	}
	b := make([]byte, min(pageBytes, im.tailAt-i*pageBytes))
	n, _ := im.file.ReadAt(b, i*pageBytes) // what cannot be read is not there
	b = b[:n]
	im.pages[i].Store(&b)
	return b
}

// at returns n bytes of the table and the sealed region, or as many as there are.
func (im *image) at(off int64, n int) []byte {
	n = int(min(int64(n), im.tailAt-off))
	p := im.page(off / pageBytes)
	p = p[min(int(off%pageBytes), len(p)):]
	if len(p) >= n {
		return p[:n:n]
	}
	out := append(make([]byte, 0, n), p...)
	for next := off/pageBytes + 1; len(out) < n; next++ {
		p := im.page(next)
		out = append(out, p[:min(len(p), n-len(out))]...)
		if len(p) < pageBytes {
			break
		}
	}
	return out
}

// recordAt reads the record at an offset of the sealed region.
func (im *image) recordAt(off int64) (r record, n int) {
	head := im.at(off, recordHead+lengthBytes)
	if len(head) < recordHead+1 {
		return r, 0
	}
	length, k := binary.Uvarint(head[recordHead:])
	if k <= 0 || length > MaxValue {
		return r, 0
	}
	return readRecord(im.at(off, recordHead+k+int(length)))
}

// find returns the value under a key, and the offset of its record in the file.
func (im *image) find(k Key) (value []byte, at int64, ok bool) {
	if off, ok := im.tails[k]; ok {
		r, _ := readRecord(im.tail[off:])
		return r.value, im.tailAt + int64(off), true
	}
	if im.file == nil {
		return nil, 0, false
	}
	n := uint32((im.sealed - headerBytes) / slotBytes)
	part := binary.LittleEndian.Uint32(k[4:])
	for i, seen := home(k, n), uint32(0); seen < n; i, seen = (i+1)&(n-1), seen+1 {
		slot := im.at(headerBytes+int64(i)*slotBytes, slotBytes)
		if len(slot) < slotBytes {
			break
		}
		offset := binary.LittleEndian.Uint32(slot)
		if offset == 0 {
			break
		}
		at := im.sealed + int64(offset) - 1
		if binary.LittleEndian.Uint32(slot[4:]) != part || at >= im.tailAt {
			continue
		}
		if r, n := im.recordAt(at); n > 0 && r.key == k {
			return r.value, at, true
		}
	}
	return nil, 0, false
}

// home is a key's first slot in a table of n, a power of two.
func home(k Key, n uint32) uint32 {
	if n == 0 {
		return 0
	}
	return binary.LittleEndian.Uint32(k[:]) & (n - 1)
}

// all calls visit with the records of the file, the oldest first. A key may come
// again: its last record is the one that counts. A record's value is good until
// the next one. It says whether all of it was whole.
func (im *image) all(visit func(record)) (whole bool) {
	if im.file == nil {
		return true
	}
	const room = 64 << 10
	r := bufio.NewReaderSize(io.NewSectionReader(im.file, im.sealed, im.tailAt-im.sealed), room)
	whole = im.size() == im.bytes // else its end is torn
	var large []byte
	for left := im.tailAt - im.sealed; left > 0; {
		head, _ := r.Peek(int(min(int64(recordHead+lengthBytes), left)))
		n := 0
		if len(head) > recordHead {
			if length, k := binary.Uvarint(head[recordHead:]); k > 0 && length <= MaxValue {
				n = recordHead + k + int(length)
			}
		}
		if n == 0 || int64(n) > left {
			whole = false // what lies behind the damage is lost
			break
		}
		b, err := r.Peek(min(n, room))
		if n > room {
			large = append(large[:0], make([]byte, n)...)
			_, err = io.ReadFull(r, large)
			b = large
		} else {
			_, _ = r.Discard(n) // it is in the buffer
		}
		rec, k := readRecord(b)
		if err != nil || k == 0 {
			whole = false
			break
		}
		visit(rec)
		left -= int64(n)
	}
	scan(im.tail, func(_ int, r record) { visit(r) })
	return whole
}

// missing says whether the file does not exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
