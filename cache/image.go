package cache

import (
	"bytes"
	"encoding/binary"
	"errors"
	"hash/crc32"
	"io"
	"io/fs"
	"os"
	"runtime"
	"sync/atomic"
)

// The header: magic (8), the file's own number (8), slots of the table (4), sealed
// bytes (4), records in the table (4), checksum of what stands before it (4).
// Numbers are little-endian.
const (
	magic       = "sotcach2"
	headerBytes = 32
	slotBytes   = 8 // offset+1 in the sealed region (4), a part of the key (4)
)

// pageBytes is how much is read at once: a multiple of a slot, so that none lies
// on two pages.
const pageBytes = 32 << 10

type page = [pageBytes]byte

// image is a file as it is when it is opened. What is looked at is read, page by
// page, and up to end it never changes under one inode.
type image struct {
	file     io.ReaderAt // nil where there is none
	info     os.FileInfo // of it
	close    func() error
	id       uint64 // the file's own number
	sealedAt int64  // where the sealed region begins
	tailAt   int64  // where the tail begins
	end      int64  // of the whole frames
	bytes    int64  // of the file
	slots    uint32
	records  int       // in the table
	tail     tailTable // of the frames' records
	used     marks     // slots whose records were used since, as the frames tell
	checksum *crc32.Table
	pages    []atomic.Pointer[page]
}

var (
	errForeign    = errors.New("it is not a cache of this version, or damaged")
	errNotRegular = errors.New("it is no regular file")
	errTooLarge   = errors.New("it is more than twice as large as its bound")
)

// openImage opens a regular file of at most limit bytes. Where there is none, so
// says fs.ErrNotExist.
func openImage(path string, limit int64) (image, error) {
	f, err := openRegular(path, os.O_RDONLY)
	if err != nil {
		return image{}, err
	}
	info, err := f.Stat()
	if err == nil && info.Size() > limit {
		err = errTooLarge
	}
	if err != nil {
		_ = f.Close() // it was only opened
		return image{}, err
	}
	im, size := image{file: f, info: info, close: f.Close}, info.Size()
	if runtime.GOOS == "windows" { // an open file cannot be replaced there
		data, err := io.ReadAll(io.LimitReader(f, limit))
		_ = f.Close()
		if err != nil {
			return image{}, err
		}
		im, size = image{file: bytes.NewReader(data), info: info, close: func() error { return nil }}, int64(len(data))
	}
	if err := im.parse(size); err != nil {
		_ = im.close()
		return image{}, err
	}
	return im, nil
}

// openRegular opens what is there, where it is a regular file and no link. What
// takes its place in between is refused as well, and a pipe holds nobody up.
func openRegular(path string, flag int) (*os.File, error) {
	info, err := os.Lstat(path)
	if err != nil {
		return nil, err
	}
	if !info.Mode().IsRegular() {
		return nil, errNotRegular
	}
	f, err := os.OpenFile(path, flag|guarded, 0)
	if err != nil {
		return nil, err
	}
	if info, err = f.Stat(); err == nil && !info.Mode().IsRegular() {
		err = errNotRegular
	}
	if err != nil {
		_ = f.Close() // it was only opened
		return nil, err
	}
	return f, nil
}

// parse reads the header and the indexes of a file of so many bytes.
func (im *image) parse(size int64) error {
	var head [headerBytes]byte
	im.checksum = castagnoli()
	if _, err := im.file.ReadAt(head[:], 0); err != nil || string(head[:8]) != magic ||
		crc32.Checksum(head[:headerBytes-4], im.checksum) != binary.LittleEndian.Uint32(head[headerBytes-4:]) {
		return errForeign
	}
	im.id = binary.LittleEndian.Uint64(head[8:])
	im.slots = binary.LittleEndian.Uint32(head[16:])
	im.sealedAt = headerBytes + int64(im.slots)*slotBytes
	im.tailAt = im.sealedAt + int64(binary.LittleEndian.Uint32(head[20:]))
	im.records = int(binary.LittleEndian.Uint32(head[24:]))
	if im.tailAt > size {
		return errForeign
	}
	im.bytes = size
	im.readTail()
	im.pages = make([]atomic.Pointer[page], (im.end+pageBytes-1)/pageBytes)
	return nil
}

func (im *image) count() int { return im.records + im.tail.count }

// page returns page number i, zero beyond the file's end, and where it was cut
// off or cannot be read: no record is made of zeros.
func (im *image) page(i uint64) *page {
	if p := im.pages[i].Load(); p != nil {
		return p
	}
	return im.read(i)
}

func (im *image) read(i uint64) *page {
	p := new(page)
	start := int64(i * pageBytes)
	_, _ = im.file.ReadAt(p[:min(pageBytes, im.end-start)], start)
	im.pages[i].Store(p)
	return p
}

// at returns n bytes of the file, or as many as there are up to its end.
func (im *image) at(off int64, n int) []byte {
	n = int(max(0, min(int64(n), im.end-off)))
	out := make([]byte, 0, n)
	for len(out) < n {
		i := uint64(off) + uint64(len(out))
		p := im.page(i / pageBytes)[i%pageBytes:]
		out = append(out, p[:min(len(p), n-len(out))]...)
	}
	return out
}

// missing says whether the file does not exist.
func missing(err error) bool { return errors.Is(err, fs.ErrNotExist) }
