package source

import (
	"bytes"
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
)

// The index file is read here, in some 10 ms for 27,000 entries where git needs
// 40 and go-git 70, because its file status tells which worktree files are
// unchanged. The format is gitformat-index(5), versions 2 to 4.

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
	if n, err := f.ReadAt(data, 0); n < len(data) {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	x, err := parseIndex(data, idSize)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", path, err)
	}
	x.modified = info.ModTime()
	return x, nil
}

const indexHeader = 12 // "DIRC", version, number of entries

// parseIndex reads the bytes of an index file.
func parseIndex(data []byte, idSize int) (*index, error) {
	if len(data) < indexHeader+idSize || string(data[:4]) != "DIRC" {
		return nil, errors.New("it is no git index")
	}
	version := binary.BigEndian.Uint32(data[4:])
	count := int64(binary.BigEndian.Uint32(data[8:]))
	if version < 2 || version > 4 {
		return nil, fmt.Errorf("%w: version %d", errIndexShape, version)
	}
	p := &indexParser{data: data[:len(data)-idSize], at: indexHeader, idSize: idSize, version: version}
	if count > int64(len(data))/int64(p.fixed()) {
		return nil, errors.New("the index is cut off")
	}
	x := &index{entries: make([]indexEntry, count)}
	p.start(int(count))
	for i := range x.entries {
		if err := p.entry(&x.entries[i]); err != nil {
			return nil, err
		}
	}
	p.finish(x.entries)
	if err := sorted(x.entries); err != nil {
		return nil, err
	}
	return x, p.extensions()
}

// indexParser walks over the entries. Paths and ids go into one string each, of
// which the entries hold parts: two allocations instead of two an entry.
type indexParser struct {
	data    []byte
	at      int
	idSize  int
	version uint32

	paths []byte
	ends  []int // of each path in paths
	last  int   // start of the path before, which version 4 builds upon
	ids   []byte
}

// fixed is the size of an entry up to its flags: ten numbers, an id, the flags.
func (p *indexParser) fixed() int { return 40 + p.idSize + 2 }

func (p *indexParser) start(count int) {
	p.paths = make([]byte, 0, len(p.data)/2)
	p.ends = make([]int, 0, count)
	p.ids = make([]byte, 0, count*p.idSize*2)
}

var errIndexCut = errors.New("the index is cut off")

// The flags of an entry; the last two are in the second word, for version 3 on.
const (
	flagAssume   = 0x8000
	flagExtended = 0x4000
	flagSkip     = 0x4000
	flagIntent   = 0x2000
)

func (p *indexParser) entry(e *indexEntry) error {
	start, n := p.at, p.fixed()
	if len(p.data)-start < n {
		return errIndexCut
	}
	b := p.data[start : start+n]
	word := func(i int) uint32 { return binary.BigEndian.Uint32(b[4*i:]) }
	e.stat = fileStat{
		ctime: word(0), ctimeNsec: word(1), mtime: word(2), mtimeNsec: word(3),
		dev: word(4), ino: word(5), uid: word(7), gid: word(8), size: word(9),
	}
	e.mode = rule.Mode(word(6))
	p.ids = hex.AppendEncode(p.ids, b[40:40+p.idSize])
	flags := binary.BigEndian.Uint16(b[40+p.idSize:])
	e.assume, e.stage = flags&flagAssume != 0, uint8(flags>>12&3)
	p.at += n
	if flags&flagExtended != 0 {
		if p.version < 3 || len(p.data)-p.at < 2 {
			return errIndexCut
		}
		more := binary.BigEndian.Uint16(p.data[p.at:])
		e.skip, e.intent = more&flagSkip != 0, more&flagIntent != 0
		p.at += 2
	}
	return p.path(start)
}

// path reads an entry's path: as it is and padded with NULs to a multiple of
// eight, or in version 4 as "drop n bytes of the path before, add these".
func (p *indexParser) path(start int) error {
	keep := 0
	if p.version == 4 {
		drop, err := p.varint()
		before := len(p.paths) - p.last
		if err != nil || drop > before {
			return errIndexCut
		}
		keep = before - drop
	}
	n := bytes.IndexByte(p.data[p.at:], 0)
	if n < 0 {
		return errIndexCut
	}
	if n+keep == 0 { // only in the part of a split index that stands for another entry
		return fmt.Errorf("%w: it is split", errIndexShape)
	}
	from := p.last
	p.last = len(p.paths)
	p.paths = append(p.paths, p.paths[from:from+keep]...)
	p.paths = append(p.paths, p.data[p.at:p.at+n]...)
	p.ends = append(p.ends, len(p.paths))
	p.at += n + 1
	if p.version < 4 {
		p.at = start + (p.at-start+7)/8*8
	}
	if p.at > len(p.data) || len(p.paths) > maxIndexPaths {
		return errIndexCut
	}
	return nil
}

// maxIndexPaths bounds what the paths of a version 4 index may grow to: a
// hostile one of 1 MB could otherwise ask for gigabytes.
const maxIndexPaths = 1 << 30

// varint reads the offset encoding of pack files (varint.c of git).
func (p *indexParser) varint() (int, error) {
	n := 0
	for i := 0; i < 4 && p.at < len(p.data); i++ {
		c := p.data[p.at]
		p.at++
		n = n<<7 | int(c&0x7f)
		if c&0x80 == 0 {
			return n, nil
		}
		n++
	}
	return 0, errIndexCut
}

// finish hands the collected paths and ids to the entries.
func (p *indexParser) finish(entries []indexEntry) {
	paths, ids, start := string(p.paths), string(p.ids), 0
	p.paths, p.ids = nil, nil
	for i := range entries {
		entries[i].path = paths[start:p.ends[i]]
		entries[i].id = ids[i*p.idSize*2 : (i+1)*p.idSize*2]
		start = p.ends[i]
	}
}

// sorted checks what searching relies on, and that no path is hostile.
func sorted(entries []indexEntry) error {
	for i := range entries {
		e := &entries[i]
		if e.mode == 0o040000 {
			return fmt.Errorf("%w: it is sparse", errIndexShape)
		}
		if strings.HasSuffix(e.path, "/") || e.path[0] == '/' {
			return fmt.Errorf("the index holds the path %q", e.path)
		}
		if i == 0 {
			continue
		}
		last := &entries[i-1]
		if last.path > e.path || last.path == e.path && last.stage >= e.stage {
			return fmt.Errorf("the index is not sorted at %q", e.path)
		}
	}
	return nil
}

// extensions looks at what follows the entries. Those with a capital letter may
// be passed over by who does not know them.
func (p *indexParser) extensions() error {
	for rest := p.data[p.at:]; len(rest) >= 8; {
		name, size := string(rest[:4]), int64(binary.BigEndian.Uint32(rest[4:]))
		switch {
		case name == "link":
			return fmt.Errorf("%w: it is split", errIndexShape)
		case name == "sdir":
			return fmt.Errorf("%w: it is sparse", errIndexShape)
		case name[0] < 'A' || name[0] > 'Z':
			return fmt.Errorf("%w: extension %q", errIndexShape, name)
		case size > int64(len(rest)-8):
			return errIndexCut
		}
		rest = rest[8+size:]
	}
	return nil
}
