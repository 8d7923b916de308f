package source

import (
	"encoding/binary"
	"errors"
	"fmt"
	"io/fs"
	"math"
	"os"
	"strings"
	"unsafe"

	"github.com/sot-validator/sot/engine/rule"
)

// The index file is read here, several times as fast as git does, because its
// file status tells which worktree files are unchanged. The format is gitformat-index(5), versions 2 to 4.

// errIndexShape is wrapped by errors about an index that is sound but of a
// shape that is left to git: split, sparse, or extended by something unknown.
var errIndexShape = errors.New("shape of the index")

// readIndexFile reads the index at a path; a repository without one has an
// empty index. IDSize is the bytes of an object id, 20 or 32.
func readIndexFile(path string, idSize int) (*index, error) {
	f, err := os.OpenFile(path, os.O_RDONLY|nonBlock, 0)
	if errors.Is(err, fs.ErrNotExist) {
		return &index{}, nil
	}
	if err != nil {
		return nil, err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, fmt.Errorf("%s: it is no file but a %s", path, typeName(info.Mode()))
	}
	data := make([]byte, info.Size())
	prefault(data)
	if n, err := f.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, errIndexCut))
	}
	// Nobody else has data: as a string it need not be copied, which is a third
	// of what reading it costs.
	x, err := parseIndex(unsafe.String(unsafe.SliceData(data), len(data)), idSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	x.modified = info.ModTime()
	return x, nil
}

const (
	indexHeader = 12 // "DIRC", version, number of entries
	maxIDSize   = 32 // of SHA-256
)

// be32 reads a big-endian number of four bytes.
func be32(s string, at int) uint32 {
	_ = s[at+3]
	return uint32(s[at])<<24 | uint32(s[at+1])<<16 | uint32(s[at+2])<<8 | uint32(s[at+3])
}

func be16(s string, at int) uint16 { return uint16(s[at])<<8 | uint16(s[at+1]) }

// The flags of an entry; skip and intent are in the second word, for version 3 on.
const (
	flagAssume   = 0x8000
	flagExtended = 0x4000
	flagName     = 0x0fff // the length of the path, or more
	flagSkip     = 0x4000
	flagIntent   = 0x2000
)

// The layout of an entry, as versions 2 and 3 have it: ten numbers, an id, the
// flags, perhaps more flags, the path and a NUL.
const (
	entryMode = 24
	entryID   = 40
)

func (x *index) flags(i int) uint16 { return be16(x.text, int(x.starts[i])+entryID+x.idSize) }

func (x *index) stage(i int) uint8 { return uint8(x.flags(i) >> 12 & 3) }

// path returns the path of entry i, as a part of the index's text.
func (x *index) path(i int) string {
	flags := x.flags(i)
	from := int(x.starts[i]) + entryID + x.idSize + 2
	if flags&flagExtended != 0 {
		from += 2
	}
	if n := int(flags & flagName); n < flagName {
		return x.text[from : from+n]
	}
	return x.text[from : from+strings.IndexByte(x.text[from:], 0)]
}

// entry decodes entry i.
func (x *index) entry(i int) indexEntry {
	s, flags := x.text[x.starts[i]:], x.flags(i)
	e := indexEntry{
		path: x.path(i), raw: s[entryID : entryID+x.idSize], mode: rule.Mode(be32(s, entryMode)),
		stage: uint8(flags >> 12 & 3), assume: flags&flagAssume != 0,
		stat: fileStat{
			ctime: be32(s, 0), ctimeNsec: be32(s, 4), mtime: be32(s, 8), mtimeNsec: be32(s, 12),
			dev: be32(s, 16), ino: be32(s, 20), uid: be32(s, 28), gid: be32(s, 32), size: be32(s, 36),
		},
	}
	if flags&flagExtended != 0 {
		more := be16(s, entryID+x.idSize+2)
		e.skip, e.intent = more&flagSkip != 0, more&flagIntent != 0
	}
	return e
}

// parseIndex reads the text of an index file.
func parseIndex(text string, idSize int) (*index, error) {
	if len(text) < indexHeader+idSize || text[:4] != "DIRC" {
		return nil, errors.New("it is no git index")
	}
	version, count := be32(text, 4), int64(be32(text, 8))
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("%w: version %d", errIndexShape, version)
	}
	p := &indexParser{text: text[:len(text)-idSize], at: indexHeader, idSize: idSize, version: version}
	if count > int64(len(text))/int64(p.fixed()) || len(text) > math.MaxUint32 {
		return nil, errIndexCut
	}
	x := &index{text: p.text, idSize: idSize, starts: make([]uint32, 0, count)}
	var err error
	if version == 4 {
		err = p.expand(x, int(count))
	} else {
		err = p.walk(x, int(count))
	}
	if err != nil {
		return nil, err
	}
	if err := x.check(); err != nil {
		return nil, err
	}
	return x, p.extensions(x)
}

// indexParser goes over the entries.
type indexParser struct {
	text    string
	at      int
	idSize  int
	version uint32
}

// fixed is the size of an entry up to its flags.
func (p *indexParser) fixed() int { return entryID + p.idSize + 2 }

var errIndexCut = errors.New("the index is cut off")

// head passes over what stands before an entry's path, and returns its flags.
func (p *indexParser) head() (uint16, error) {
	if len(p.text)-p.at < p.fixed() {
		return 0, errIndexCut
	}
	flags := be16(p.text, p.at+p.fixed()-2)
	p.at += p.fixed()
	if flags&flagExtended != 0 {
		if p.version < 3 || len(p.text)-p.at < 2 {
			return 0, errIndexCut
		}
		p.at += 2
	}
	return flags, nil
}

// walk finds the entries of versions 2 and 3, which are padded with NULs to a
// multiple of eight.
func (p *indexParser) walk(x *index, count int) error {
	for range count {
		start := p.at
		flags, err := p.head()
		if err != nil {
			return err
		}
		n := strings.IndexByte(p.text[p.at:], 0)
		switch {
		case n < 0:
			return errIndexCut
		case n == 0: // only in the part of a split index that stands for another entry
			return fmt.Errorf("%w: it is split", errIndexShape)
		case min(n, flagName) != int(flags&flagName):
			return fmt.Errorf("the index is damaged at %q", p.text[p.at:p.at+n])
		}
		p.at = start + (p.at+n+1-start+7)/8*8
		if p.at > len(p.text) {
			return errIndexCut
		}
		x.starts = append(x.starts, uint32(start))
	}
	return nil
}

// expand rewrites the entries of version 4, whose paths are "drop n bytes of the
// path before, add these", as version 3 has them.
func (p *indexParser) expand(x *index, count int) error {
	b := &indexBuilder{idSize: p.idSize}
	last := ""
	for range count {
		start := p.at
		if _, err := p.head(); err != nil {
			return err
		}
		fixed := p.text[start:p.at]
		drop, err := p.varint()
		n := strings.IndexByte(p.text[p.at:], 0)
		switch {
		case err != nil, drop > len(last), n < 0, b.text.Len() > maxIndexText:
			return errIndexCut
		case n+len(last)-drop == 0:
			return fmt.Errorf("%w: it is split", errIndexShape)
		}
		last = last[:len(last)-drop] + p.text[p.at:p.at+n]
		p.at += n + 1
		b.raw(fixed, last)
	}
	*x = *b.index()
	return nil
}

// maxIndexText bounds what the entries of a version 4 index may grow to: a
// hostile one of 1 MB could otherwise ask for gigabytes.
const maxIndexText = 1 << 30

// varint reads the offset encoding of pack files (varint.c of git).
func (p *indexParser) varint() (int, error) {
	n := 0
	for i := 0; i < 4 && p.at < len(p.text); i++ {
		c := p.text[p.at]
		p.at++
		n = n<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return n, nil
		}
		n++
	}
	return 0, errIndexCut
}

// indexBuilder writes an index's text, for shapes that the file has otherwise.
type indexBuilder struct {
	idSize int
	text   strings.Builder
	starts []uint32
}

// raw adds an entry of which everything before the path is given; the length in
// its flags is set.
func (b *indexBuilder) raw(fixed, path string) {
	b.starts = append(b.starts, uint32(b.text.Len()))
	at := entryID + b.idSize
	flags := be16(fixed, at)&^flagName | uint16(min(len(path), flagName))
	b.text.WriteString(fixed[:at])
	b.text.WriteByte(byte(flags >> 8))
	b.text.WriteByte(byte(flags))
	b.text.WriteString(fixed[at+2:])
	b.text.WriteString(path)
	b.text.WriteByte(0)
}

// add adds an entry without file status.
func (b *indexBuilder) add(e indexEntry) {
	fixed := make([]byte, entryID+b.idSize+4)
	binary.BigEndian.PutUint32(fixed[entryMode:], uint32(e.mode))
	copy(fixed[entryID:], e.raw)
	flags := uint16(e.stage&3)<<12 | flagExtended
	if e.assume {
		flags |= flagAssume
	}
	more := uint16(0)
	if e.skip {
		more |= flagSkip
	}
	binary.BigEndian.PutUint16(fixed[entryID+b.idSize:], flags)
	binary.BigEndian.PutUint16(fixed[entryID+b.idSize+2:], more)
	b.raw(string(fixed), e.path)
}

func (b *indexBuilder) index() *index {
	return &index{text: b.text.String(), starts: b.starts, idSize: b.idSize}
}

// check looks for what searching relies on, and that no path is hostile.
func (x *index) check() error {
	last := ""
	for i := range x.starts {
		path := x.path(i)
		if rule.Mode(be32(x.text, int(x.starts[i])+entryMode)) == 0o040000 {
			return fmt.Errorf("%w: it is sparse", errIndexShape)
		}
		if strings.HasSuffix(path, "/") || path[0] == '/' {
			return fmt.Errorf("the index holds the path %q", path)
		}
		if last > path || last == path && x.stage(i-1) >= x.stage(i) {
			return fmt.Errorf("the index is not sorted at %q", path)
		}
		last = path
	}
	return nil
}

// extensions looks at what follows the entries. Those with a capital letter may
// be passed over by who does not know them.
func (p *indexParser) extensions(x *index) error {
	for rest := p.text[p.at:]; len(rest) >= 8; {
		name, size := rest[:4], int64(be32(rest, 4))
		switch {
		case name == "link":
			return fmt.Errorf("%w: it is split", errIndexShape)
		case name == "sdir":
			return fmt.Errorf("%w: it is sparse", errIndexShape)
		case name[0] < 'A' || name[0] > 'Z':
			return fmt.Errorf("%w: extension %q", errIndexShape, name)
		case size > int64(len(rest)-8):
			return errIndexCut
		case name == "TREE":
			x.cacheTree = rest[8 : 8+size]
		}
		rest = rest[8+size:]
	}
	return nil
}
