package source

import (
	"bufio"
	"compress/zlib"
	"encoding/hex"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// objectFiles reads single objects from the files of an object database, to
// save starting git for them. It knows loose objects and packs, and neither
// alternates nor what a partial clone left out. Whatever it returns hashes to
// the id that was asked for, so that a format which it misunderstands is an
// error and never a wrong answer: the caller then asks git. It is for one
// goroutine.
type objectFiles struct {
	dir   string // of the objects
	packs []*packFile
	known bool // packs were listed
}

// errNoObject says that an object is not where we look.
var errNoObject = errors.New("no such object here")

// objectMax bounds an object that is read so, in bytes.
const objectMax = 4 << 20

// read returns an object of SHA-1 repositories by its id in hex, and its type.
func (o *objectFiles) read(id string) (kind string, data []byte, err error) {
	kind, data, err = o.loose(id)
	if errors.Is(err, errNoObject) {
		kind, data, err = o.packed(id)
	}
	if err == nil && objectID(kind, data, len(id)) != id {
		err = fmt.Errorf("object %s: it has another id", id)
	}
	return kind, data, err
}

// loose reads an object's own file: a zlib stream of "type size", a NUL and the
// content (gitformat-loose(5)).
func (o *objectFiles) loose(id string) (string, []byte, error) {
	if len(id) < 4 {
		return "", nil, errNoObject
	}
	f, err := os.OpenFile(filepath.Join(o.dir, id[:2], id[2:]), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return "", nil, errNoObject
	}
	defer func() { _ = f.Close() }()
	z, err := zlib.NewReader(f)
	if err != nil {
		return "", nil, err
	}
	r := bufio.NewReaderSize(z, 4<<10)
	head, err := r.ReadSlice(0)
	if err != nil {
		return "", nil, err
	}
	kind, digits, _ := strings.Cut(string(head[:len(head)-1]), " ")
	size, err := strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 || size > objectMax {
		return "", nil, fmt.Errorf("object %s: a size of %q", id, digits)
	}
	data := make([]byte, size)
	_, err = io.ReadFull(r, data)
	return kind, data, err
}

func (o *objectFiles) close() {
	for _, p := range o.packs {
		p.close()
	}
	o.packs, o.known = nil, false
}

func (o *objectFiles) packed(id string) (string, []byte, error) {
	if !o.known {
		o.known = true
		o.openPacks()
	}
	raw, err := hex.DecodeString(id)
	if err != nil {
		return "", nil, errNoObject
	}
	for _, p := range o.packs {
		at, err := p.find(raw)
		if err != nil {
			return "", nil, err
		}
		if at < 0 {
			continue
		}
		kind, data, err := p.object(at, chainMax)
		if err != nil {
			return "", nil, err
		}
		if n := packKinds[kind]; n != "" {
			return n, data, nil
		}
		return "", nil, fmt.Errorf("object %s: type %d", id, kind)
	}
	return "", nil, errNoObject
}

func (o *objectFiles) openPacks() {
	names, _ := filepath.Glob(filepath.Join(o.dir, "pack", "pack-*.idx"))
	for _, name := range names {
		if p, err := openPack(strings.TrimSuffix(name, ".idx")); err == nil {
			o.packs = append(o.packs, p)
		}
	}
}

// objectBlobs reads blobs as far as they are loose, as those are that were just
// added, and leaves the others to git.
type objectBlobs struct {
	blobReader
	files *objectFiles
}

func (b *objectBlobs) read(id string, buf []byte, limit int64) ([]byte, error) {
	kind, data, err := b.files.loose(id)
	if err == nil && kind == "blob" && (limit <= 0 || int64(len(data)) <= limit) && objectID(kind, data, len(id)) == id {
		return append(buf[:0], data...), nil
	}
	return b.blobReader.read(id, buf, limit)
}
