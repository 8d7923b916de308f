package cache

import (
	"encoding/binary"
	"errors"
	"hash/crc32"
	"math/bits"
	"sync"
)

// The header: magic (8), table bytes (4), sealed bytes (4), records in the table
// (4), checksum of what stands before it (4). Numbers are little-endian.
const (
	magic       = "sotcach1"
	headerBytes = 24
	slotBytes   = 8 // offset+1 in the sealed region (4), a part of the key (4)
	frameBytes  = 8 // payload bytes (4), checksum of the payload (4)
	recordHead  = 4 + len(Key{})
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

// readRecord reads the record at the front of b, and how many bytes it takes;
// 0 where there is none that is whole.
func readRecord(b []byte) (r record, n int) {
	if len(b) < recordHead+1 {
		return r, 0
	}
	copy(r.key[:], b[4:])
	length, k := binary.Uvarint(b[recordHead:])
	if k <= 0 || length > MaxValue || uint64(len(b)-recordHead-k) < length {
		return r, 0
	}
	n = recordHead + k + int(length)
	if crc32.Checksum(b[4:n], castagnoli()) != binary.LittleEndian.Uint32(b) {
		return r, 0
	}
	r.value = b[recordHead+k : n : n]
	return r, n
}

// image is a file as it was read.
type image struct {
	data   []byte
	table  []byte
	sealed []byte
	slots  int            // records in the table
	tail   map[Key]uint32 // offsets in data of the tail's records
	end    int            // where the tail's last whole frame ends
}

var errForeign = errors.New("it is not a cache of this version, or damaged")

// parse reads a file's content.
func parse(data []byte) (image, error) {
	im := image{data: data}
	if len(data) < headerBytes || string(data[:8]) != magic ||
		crc32.Checksum(data[:headerBytes-4], castagnoli()) != binary.LittleEndian.Uint32(data[headerBytes-4:]) {
		return image{}, errForeign
	}
	table := uint64(binary.LittleEndian.Uint32(data[8:]))
	sealed := uint64(binary.LittleEndian.Uint32(data[12:]))
	n := table / slotBytes
	if table%slotBytes != 0 || n&(n-1) != 0 || headerBytes+table+sealed > uint64(len(data)) {
		return image{}, errForeign
	}
	im.slots = int(binary.LittleEndian.Uint32(data[16:]))
	im.table = data[headerBytes : headerBytes+table]
	im.sealed = data[headerBytes+table : headerBytes+table+sealed]
	im.tail = map[Key]uint32{}
	im.end = int(headerBytes + table + sealed)
	im.end += scan(data[im.end:], func(at int, r record) { im.tail[r.key] = uint32(im.end + at) })
	return im, nil
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
			r, n := readRecord(payload[at:])
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

func (im *image) count() int { return im.slots + len(im.tail) }

func (im *image) size() int64 { return int64(im.end) }

// find returns the value under a key, and the offset of its record in the file.
func (im *image) find(k Key) (value []byte, at uint32, ok bool) {
	if at, ok = im.tail[k]; ok {
		r, _ := readRecord(im.data[at:])
		return r.value, at, true
	}
	n := uint32(len(im.table) / slotBytes)
	part := binary.LittleEndian.Uint32(k[4:])
	for i, seen := home(k, n), uint32(0); seen < n; i, seen = (i+1)&(n-1), seen+1 {
		slot := im.table[i*slotBytes:]
		offset := binary.LittleEndian.Uint32(slot)
		if offset == 0 {
			break
		}
		if binary.LittleEndian.Uint32(slot[4:]) != part || uint64(offset-1) >= uint64(len(im.sealed)) {
			continue
		}
		if r, n := readRecord(im.sealed[offset-1:]); n > 0 && r.key == k {
			return r.value, uint32(headerBytes+len(im.table)) + offset - 1, true
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
// again: its last record is the one that counts.
func (im *image) all(visit func(record)) {
	for at := 0; at < len(im.sealed); {
		r, n := readRecord(im.sealed[at:])
		if n == 0 {
			break // what lies behind the damage is lost
		}
		visit(r)
		at += n
	}
	if im.data != nil {
		start := headerBytes + len(im.table) + len(im.sealed)
		scan(im.data[start:], func(_ int, r record) { visit(r) })
	}
}

// seal returns a file of the records, the oldest first, each key once.
func seal(rs []record) []byte {
	n := 0
	if len(rs) > 0 {
		n = 1 << bits.Len(uint(2*len(rs)-1))
	}
	b := make([]byte, headerBytes+n*slotBytes)
	offsets := make([]uint32, len(rs))
	for i, r := range rs {
		offsets[i] = uint32(len(b) - headerBytes - n*slotBytes)
		b = r.append(b)
	}
	table := b[headerBytes : headerBytes+n*slotBytes]
	for i, r := range rs {
		at := home(r.key, uint32(n))
		for binary.LittleEndian.Uint32(table[at*slotBytes:]) != 0 {
			at = (at + 1) & uint32(n-1)
		}
		binary.LittleEndian.PutUint32(table[at*slotBytes:], offsets[i]+1)
		copy(table[at*slotBytes+4:][:4], r.key[4:8])
	}
	copy(b, magic)
	binary.LittleEndian.PutUint32(b[8:], uint32(n*slotBytes))
	binary.LittleEndian.PutUint32(b[12:], uint32(len(b)-headerBytes-n*slotBytes))
	binary.LittleEndian.PutUint32(b[16:], uint32(len(rs)))
	binary.LittleEndian.PutUint32(b[20:], crc32.Checksum(b[:20], castagnoli()))
	return b
}
