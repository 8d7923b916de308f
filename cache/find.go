package cache

import "encoding/binary"

// mostProbes bounds how many slots are looked at for a key, whatever a table
// holds. With five slots for three keys that hashes spread, the longest of a
// million needs some 150.
const mostProbes = 512

// home is a key's first slot in a table of n.
func home(k *Key, n uint32) uint32 {
	return uint32(uint64(binary.LittleEndian.Uint32(k[:])) * uint64(n) >> 32)
}

// find returns the value under a key, and the slot of its record, -1 where that
// lies in the tail.
func (im *image) find(k *Key) (value []byte, slot int, ok bool) {
	if off, ok := im.tail.find(k); ok {
		if v, ok := im.value(k, im.tailAt+int64(off)); ok {
			return v, -1, true
		}
	}
	part := binary.LittleEndian.Uint32(k[4:])
	i := home(k, im.slots)
	for range min(im.slots, mostProbes) {
		s := im.slot(i)
		if uint32(s) == 0 {
			break
		}
		if uint32(s>>32) == part {
			if v, ok := im.value(k, im.sealedAt+int64(uint32(s))-1); ok {
				return v, int(i), true
			}
		}
		if i++; i == im.slots {
			i = 0
		}
	}
	return nil, -1, false
}

// slot returns a slot of the table.
func (im *image) slot(i uint32) uint64 {
	at := headerBytes + uint64(i)*slotBytes
	return binary.LittleEndian.Uint64(im.page(at / pageBytes)[at%pageBytes:])
}

// slotOf returns the slot that leads to a key's record at an offset of the file,
// -1 where none does.
func (im *image) slotOf(k *Key, at int64) int {
	i := home(k, im.slots)
	for range min(im.slots, mostProbes) {
		switch s := uint32(im.slot(i)); s {
		case 0:
			return -1
		case uint32(at-im.sealedAt) + 1:
			return int(i)
		}
		if i++; i == im.slots {
			i = 0
		}
	}
	return -1
}

// value returns the value of the record at an offset of the file, where there is
// one that is whole and that key's.
func (im *image) value(k *Key, off int64) ([]byte, bool) {
	if off >= im.end {
		return nil, false
	}
	b := im.page(uint64(off) / pageBytes)[uint64(off)%pageBytes:]
	if len(b) < recordHead+lengthBytes {
		b = im.at(off, recordHead+lengthBytes)
	}
	start, end := measure(b)
	if end == 0 || *(*Key)(b[4:recordHead]) != *k {
		return nil, false
	}
	if len(b) < end { // it lies on two pages
		if b = im.at(off, end); len(b) < end {
			return nil, false
		}
	}
	if !sound(b[:end], im.checksum) {
		return nil, false
	}
	return b[start:end:end], true
}
