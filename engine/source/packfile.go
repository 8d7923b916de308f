package source

import (
	"bufio"
	"bytes"
	"compress/zlib"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sort"
)

// packFile is a pack with its index of version 2 (gitformat-pack(5)). Nothing of
// it is loaded: a look-up reads 8 bytes of the fan-out and the ids that begin
// with the same byte.
type packFile struct {
	index, pack *os.File
	count       int64 // objects
	size        int64 // of the pack, in bytes
}

// errPack is wrapped by errors about a pack that we do not understand.
var errPack = errors.New("the pack cannot be read")

const (
	packHeader   = 8 // of an index: magic and version
	packFanout   = 256 * 4
	packIDSize   = 20
	chainMax     = 16 << 20 // bytes of an object and of all that it is a delta of
	linkCost     = 16 << 10 // counted for each, so that a chain of tiny ones ends as well
	kindOffDelta = 6
	kindRefDelta = 7
)

var packKinds = map[byte]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}

// openPack opens name.idx and name.pack.
func openPack(name string) (*packFile, error) {
	p := &packFile{}
	var err error
	if p.index, err = os.OpenFile(name+".idx", os.O_RDONLY|nonBlock, 0); err != nil {
		return nil, err
	}
	if p.pack, err = os.OpenFile(name+".pack", os.O_RDONLY|nonBlock, 0); err != nil {
		p.close()
		return nil, err
	}
	info, err := p.pack.Stat()
	var head [packHeader + packFanout]byte
	if err == nil {
		_, err = p.index.ReadAt(head[:], 0)
	}
	if err != nil || string(head[:packHeader]) != "\xfftOc\x00\x00\x00\x02" {
		p.close()
		return nil, errors.Join(errPack, err)
	}
	p.size = info.Size()
	p.count = int64(binary.BigEndian.Uint32(head[len(head)-4:]))
	return p, nil
}

func (p *packFile) close() {
	_ = p.index.Close()
	if p.pack != nil {
		_ = p.pack.Close()
	}
}

// find returns where in the pack an object begins; -1 where it is not there.
func (p *packFile) find(id []byte) (int64, error) {
	if len(id) != packIDSize {
		return -1, nil
	}
	lo, hi := int64(0), int64(0)
	var b [8]byte
	first := int64(id[0])
	at := packHeader + 4*(first-1)
	if first == 0 {
		at = packHeader - 4 // the version stands there, and is not used
	}
	if _, err := p.index.ReadAt(b[:], at); err != nil {
		return 0, err
	}
	if first > 0 {
		lo = int64(binary.BigEndian.Uint32(b[:4]))
	}
	hi = int64(binary.BigEndian.Uint32(b[4:]))
	if lo > hi || hi > p.count || hi-lo > 1<<24 {
		return 0, errPack
	}
	ids := make([]byte, (hi-lo)*packIDSize)
	if _, err := p.index.ReadAt(ids, packHeader+packFanout+lo*packIDSize); err != nil && hi > lo {
		return 0, err
	}
	n := sort.Search(int(hi-lo), func(i int) bool { return bytes.Compare(ids[i*packIDSize:(i+1)*packIDSize], id) >= 0 })
	if n == int(hi-lo) || !bytes.Equal(ids[n*packIDSize:(n+1)*packIDSize], id) {
		return -1, nil
	}
	return p.offset(lo + int64(n))
}

// offset looks up the offset of the n-th object: 31 bits, or the place of one of
// 64 bits in a further table.
func (p *packFile) offset(n int64) (int64, error) {
	var b [8]byte
	table := packHeader + packFanout + p.count*(packIDSize+4) // behind the ids and the checksums
	if _, err := p.index.ReadAt(b[:4], table+4*n); err != nil {
		return 0, err
	}
	at := binary.BigEndian.Uint32(b[:4])
	if at < 1<<31 {
		return int64(at), nil
	}
	if _, err := p.index.ReadAt(b[:], table+4*p.count+8*int64(at&(1<<31-1))); err != nil {
		return 0, err
	}
	return int64(binary.BigEndian.Uint64(b[:]) & (1<<63 - 1)), nil
}

// object reads the object at a place of the pack, and what it is a delta of, as
// long as all of it has at most room bytes.
func (p *packFile) object(at, room int64) (kind byte, data []byte, err error) {
	if at < 0 || at >= p.size {
		return 0, nil, errPack
	}
	r := bufio.NewReaderSize(io.NewSectionReader(p.pack, at, p.size-at), 4<<10)
	c, err := r.ReadByte()
	if err != nil {
		return 0, nil, err
	}
	kind = c >> 4 & 7
	size := int64(c & 15)
	if c&0x80 != 0 {
		more, err := deltaSize(r)
		if err != nil || more > objectMax {
			return 0, nil, errPack
		}
		size |= more << 4
	}
	if room -= size + linkCost; size > objectMax || room < 0 {
		return 0, nil, errPack
	}
	base := int64(-1)
	switch kind {
	case kindOffDelta:
		base, err = p.before(at, r)
	case kindRefDelta:
		id := make([]byte, packIDSize)
		if _, err = io.ReadFull(r, id); err == nil {
			base, err = p.find(id) // -1, a base elsewhere, is refused below
		}
	}
	if err != nil {
		return 0, nil, err
	}
	if data, err = inflate(r, size); err != nil {
		return 0, nil, err
	}
	if kind != kindOffDelta && kind != kindRefDelta {
		return kind, data, nil
	}
	kind, whole, err := p.object(base, room)
	if err != nil {
		return 0, nil, err
	}
	data, err = applyDelta(whole, data)
	return kind, data, err
}

// before reads how far before a delta its base begins.
func (p *packFile) before(at int64, r io.ByteReader) (int64, error) {
	var n int64
	for range 9 {
		c, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n = n<<7 | int64(c&0x7f)
		if c&0x80 == 0 {
			if n <= 0 {
				return 0, errPack
			}
			return at - n, nil
		}
		n++
	}
	return 0, errPack
}

func inflate(r io.Reader, size int64) ([]byte, error) {
	z, err := zlib.NewReader(r)
	if err != nil {
		return nil, err
	}
	data := make([]byte, size)
	_, err = io.ReadFull(z, data)
	return data, err
}
