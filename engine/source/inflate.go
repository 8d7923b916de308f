package source

import (
	"bufio"
	"compress/zlib"
	"errors"
	"io"
	"slices"
)

// inflater reads zlib streams one after the other; its window and tables, some
// 40 KiB, are made once.
type inflater struct {
	in *bufio.Reader
	z  io.ReadCloser // nil before the first
}

// inflateStep bounds what is set aside on the word of a header, in bytes: a
// damaged one may claim any size.
const inflateStep = 16 << 20

var errInflate = errors.New("the compressed data is damaged")

// open begins with a stream.
func (f *inflater) open(r io.Reader) error {
	if f.in == nil {
		f.in = bufio.NewReaderSize(nil, 8<<10)
	}
	f.in.Reset(r)
	if f.z != nil {
		return f.z.(zlib.Resetter).Reset(f.in, nil)
	}
	z, err := zlib.NewReader(f.in)
	if err == nil {
		f.z = z
	}
	return err
}

// take reads the next n bytes into buf, which it grows where that is too small.
func (f *inflater) take(buf []byte, n int64) ([]byte, error) {
	buf = buf[:0]
	for left := n; left > 0; left = n - int64(len(buf)) {
		was := len(buf)
		step := int(min(left, max(inflateStep, int64(was))))
		buf = slices.Grow(buf, step)[:was+step]
		if _, err := io.ReadFull(f.z, buf[was:]); err != nil {
			return nil, errors.Join(errInflate, err)
		}
	}
	return buf, nil
}

// end sees that the stream ends here, and that its checksum is right.
func (f *inflater) end() error {
	var b [1]byte
	if _, err := io.ReadFull(f.z, b[:]); err != io.EOF {
		return errors.Join(errInflate, err)
	}
	return nil
}
