package source

import (
	"bytes"
	"encoding/binary"
	"errors"
	"io"
	"os"
	"sort"
)

// packFile is a pack with its index of version 2 (gitformat-pack(5)). Nothing of
// it is loaded: a look-up reads 8 bytes of the fan-out and searches the ids that
// begin with the same byte.
type packFile struct {
	name  string   // path of both without the ending
	index *os.File // name.idx
	pack  *os.File // name.pack; nil before the first object
	count int64    // objects
	size  int64    // of the pack, in bytes
}

// errPack is wrapped by errors about a pack that we do not understand.
var errPack = errors.New("the pack cannot be read")

const (
	packHeader = 8 // of an index: magic and version
	packFanout = 256 * 4
	packIDSize = 20
	packScan   = 128 // ids that are read at once rather than searched in the file
)

// openPack opens name.idx; name.pack is opened when something of it is read, as
// a repository may have many.
func openPack(name string) (*packFile, error) {
	index, err := os.OpenFile(name+".idx", os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, err
	}
	p := &packFile{name: name, index: index}
	var head [packHeader + packFanout]byte
	if _, err = index.ReadAt(head[:], 0); err != nil || string(head[:packHeader]) != "\xfftOc\x00\x00\x00\x02" {
		p.close()
		return nil, errors.Join(errPack, err)
	}
	p.count = int64(binary.BigEndian.Uint32(head[len(head)-4:]))
	return p, nil
}

// open opens the pack itself.
func (p *packFile) open() error {
	if p.pack != nil {
		return nil
	}
	f, err := os.OpenFile(p.name+".pack", os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return err
	}
	info, err := f.Stat()
	if err != nil {
		return errors.Join(err, f.Close())
	}
	p.pack, p.size = f, info.Size()
	return nil
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
	n, err := p.search(id)
	if err != nil || n == p.count {
		return -1, err
	}
	var at [packIDSize]byte
	if err := p.id(n, at[:]); err != nil || !bytes.Equal(at[:], id) {
		return -1, err
	}
	return p.offset(n)
}

// id reads the ids from the n-th on.
func (p *packFile) id(n int64, ids []byte) error {
	_, err := p.index.ReadAt(ids, packHeader+packFanout+n*packIDSize)
	if errors.Is(err, io.EOF) {
		err = errPack
	}
	return err
}

// search returns the number of the first id that is not before another, of
// which at least the first byte is given.
func (p *packFile) search(id []byte) (int64, error) {
	lo, hi, err := p.fanout(id[0])
	if err != nil {
		return 0, err
	}
	var ids [packScan * packIDSize]byte
	for hi-lo > packScan {
		mid := lo + (hi-lo)/2
		if err := p.id(mid, ids[:packIDSize]); err != nil {
			return 0, err
		}
		if bytes.Compare(ids[:packIDSize], id) < 0 {
			lo = mid + 1
		} else {
			hi = mid
		}
	}
	if err := p.id(lo, ids[:(hi-lo)*packIDSize]); err != nil {
		return 0, err
	}
	n := sort.Search(int(hi-lo), func(i int) bool { return bytes.Compare(ids[i*packIDSize:(i+1)*packIDSize], id) >= 0 })
	return lo + int64(n), nil
}

// fanout returns the numbers of the ids that begin with a byte.
func (p *packFile) fanout(first byte) (lo, hi int64, err error) {
	var b [8]byte
	// Before the first number stands the version, which is not used.
	if _, err := p.index.ReadAt(b[:], packHeader+4*(int64(first)-1)); err != nil {
		return 0, 0, err
	}
	if first > 0 {
		lo = int64(binary.BigEndian.Uint32(b[:4]))
	}
	hi = int64(binary.BigEndian.Uint32(b[4:]))
	if lo > hi || hi > p.count {
		return 0, 0, errPack
	}
	return lo, hi, nil
}

// withPrefix calls yield for every id that begins so.
func (p *packFile) withPrefix(prefix []byte, yield func(id []byte)) error {
	n, err := p.search(prefix)
	for ; err == nil && n < p.count; n++ {
		var id [packIDSize]byte
		if err = p.id(n, id[:]); err != nil || !bytes.HasPrefix(id[:], prefix) {
			break
		}
		yield(id[:])
	}
	return err
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
