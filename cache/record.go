package cache

import (
	"encoding/binary"
	"hash/crc32"
	"sync"
)

const (
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

// measure returns where the value of the record at the front of b starts and
// ends, by what stands before it; 0 and 0 where that cannot be.
func measure(b []byte) (start, end int) {
	if len(b) <= recordHead {
		return 0, 0
	}
	if n := b[recordHead]; n < 0x80 {
		return recordHead + 1, recordHead + 1 + int(n)
	}
	length, k := binary.Uvarint(b[recordHead:min(len(b), recordHead+lengthBytes)])
	if k <= 0 || length > MaxValue {
		return 0, 0
	}
	return recordHead + k, recordHead + k + int(length)
}

// sound says whether b, a record whole, is what was written.
func sound(b []byte, table *crc32.Table) bool {
	return crc32.Checksum(b[4:], table) == binary.LittleEndian.Uint32(b)
}
