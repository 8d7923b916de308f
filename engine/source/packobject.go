package source

import (
	"bytes"
	"io"
)

const (
	linkCost     = 16 << 10 // counted for each of a chain, so that one of tiny ones ends as well
	kindOffDelta = 6
	kindRefDelta = 7
)

var packKinds = map[byte]string{1: "commit", 2: "tree", 3: "blob", 4: "tag"}

// packLink is an object as a pack stores it: whole, or as a delta of another.
type packLink struct {
	at     int64 // where it begins in the pack
	kind   byte
	size   int64 // of what is stored, inflated
	stream int64 // where that begins
	base   int64 // of a delta: where the object that it changes begins; -1 is in no pack here
}

func (l packLink) delta() bool { return l.kind == kindOffDelta || l.kind == kindRefDelta }

// link reads the head of the object at a place of the pack.
func (p *packFile) link(at int64) (packLink, error) {
	if at < 0 || at >= p.size {
		return packLink{}, errPack
	}
	var b [40]byte // type and size take up to 9 bytes, the base's place or id up to 20
	n, err := p.pack.ReadAt(b[:], at)
	if err != nil && err != io.EOF {
		return packLink{}, err
	}
	r := bytes.NewReader(b[:n])
	c, err := r.ReadByte()
	if err != nil {
		return packLink{}, errPack
	}
	l := packLink{at: at, kind: c >> 4 & 7, size: int64(c & 15)}
	if c&0x80 != 0 {
		more, err := deltaSize(r)
		if err != nil {
			return l, err
		}
		l.size |= more << 4
	}
	switch l.kind {
	case kindOffDelta:
		l.base, err = p.before(at, r)
	case kindRefDelta:
		id := make([]byte, packIDSize)
		if _, err = io.ReadFull(r, id); err == nil {
			l.base, err = p.find(id)
		}
	}
	l.stream = at + int64(n-r.Len())
	return l, err
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

// packChain is an object of a pack and what it takes to make it.
type packChain struct {
	pack  *packFile
	links []packLink // the object first, each a delta of the next but the last of a chain without base
	base  *deltaBase // what the last link is a delta of, or the object itself; nil where a link is whole
	kind  byte
	size  int64 // of the object, in bytes
}

// chain looks up what the object at a place is made of, as long as all that is
// stored of it has at most room bytes.
func (o *objectFiles) chain(p *packFile, at, room int64) (*packChain, error) {
	c := &packChain{pack: p}
	for c.kind == 0 {
		if c.base = o.bases.get(packPlace{p, at}); c.base != nil {
			c.kind = c.base.kind
			break
		}
		l, err := p.link(at)
		if err != nil {
			return nil, err
		}
		if room -= l.size + linkCost; room < 0 || int64(len(c.links)) == p.count {
			return nil, errPack // too much, or a ring
		}
		c.links = append(c.links, l)
		if at = l.base; !l.delta() {
			c.kind = l.kind
		}
		if packKinds[c.kind] == "" && !l.delta() {
			return nil, errPack
		}
	}
	var err error
	switch {
	case len(c.links) == 0:
		c.size = int64(len(c.base.data))
	case c.links[0].delta():
		c.size, err = o.deltaResult(p, c.links[0])
	default:
		c.size = c.links[0].size
	}
	return c, err
}

// deltaResult reads how large the object is that a delta makes.
func (o *objectFiles) deltaResult(p *packFile, l packLink) (int64, error) {
	head, err := o.stored(p, l, nil, min(l.size, 2*9)) // two numbers of up to nine bytes
	if err != nil {
		return 0, err
	}
	r := bytes.NewReader(head)
	if _, err := deltaSize(r); err != nil {
		return 0, err
	}
	return deltaSize(r)
}

// stored reads the first n bytes of what a link stores.
func (o *objectFiles) stored(p *packFile, l packLink, buf []byte, n int64) ([]byte, error) {
	if err := o.inflate.open(io.NewSectionReader(p.pack, l.stream, p.size-l.stream)); err != nil {
		return nil, err
	}
	data, err := o.inflate.take(buf, n)
	if err == nil && n == l.size {
		err = o.inflate.end()
	}
	return data, err
}

// make returns the first n bytes of the object, in buf or in memory of their own.
// Of what it is made of, nothing may have more than most bytes.
func (o *objectFiles) make(c *packChain, buf []byte, n, most int64) ([]byte, error) {
	links := c.links
	base := c.base
	switch {
	case len(links) == 0:
		return append(buf[:0], base.data[:n]...), nil
	case len(links) == 1 && base == nil:
		return o.stored(c.pack, links[0], buf, n)
	case base == nil:
		last := links[len(links)-1]
		links = links[:len(links)-1]
		if last.size > most {
			return nil, errPack
		}
		data, err := o.stored(c.pack, last, nil, last.size)
		if err != nil {
			return nil, err
		}
		base = o.keep(c, last, data)
	}
	for i := len(links) - 1; i > 0; i-- {
		data, err := o.apply(c.pack, links[i], nil, base.data, most, most)
		if err != nil {
			return nil, err
		}
		base = o.keep(c, links[i], data)
	}
	return o.apply(c.pack, links[0], buf, base.data, n, most)
}

func (o *objectFiles) keep(c *packChain, l packLink, data []byte) *deltaBase {
	b := &deltaBase{packPlace{c.pack, l.at}, c.kind, data}
	o.bases.put(b)
	return b
}

// apply returns the first n bytes, or all if there are fewer, of what a delta
// makes of its base, as long as delta and all have at most most bytes.
func (o *objectFiles) apply(p *packFile, l packLink, buf, base []byte, n, most int64) ([]byte, error) {
	if l.size > most {
		return nil, errPack
	}
	delta, err := o.stored(p, l, o.delta, l.size)
	if err != nil {
		return nil, err
	}
	if cap(delta) <= deltaBasesMax {
		o.delta = delta[:0]
	}
	return applyDelta(buf, base, delta, n, most)
}
