package source

import (
	"bytes"
	"io"
)

// applyDelta makes an object of its base and a delta: the sizes of both, then
// instructions to copy from the base or to insert (gitformat-pack(5),
// "Deltified representation").
func applyDelta(base, delta []byte) ([]byte, error) {
	r := bytes.NewReader(delta)
	if n, err := deltaSize(r); err != nil || n != int64(len(base)) {
		return nil, errPack
	}
	size, err := deltaSize(r)
	if err != nil || size > objectMax {
		return nil, errPack
	}
	out := make([]byte, 0, size)
	for r.Len() > 0 {
		op, _ := r.ReadByte()
		from, n := 0, int(op)
		src := delta[len(delta)-r.Len():]
		switch {
		case op == 0:
			return nil, errPack // reserved
		case op&0x80 != 0:
			if from, n, err = copyOf(op, r); err != nil {
				return nil, errPack
			}
			src = base
		default:
			_, _ = r.Seek(int64(n), io.SeekCurrent)
		}
		if from+n > len(src) || len(out)+n > int(size) {
			return nil, errPack
		}
		out = append(out, src[from:from+n]...)
	}
	if len(out) != int(size) {
		return nil, errPack
	}
	return out, nil
}

// copyOf reads which part of the base an instruction copies: four bytes of
// offset and three of length, of which only those named by the low bits are there.
func copyOf(op byte, r io.ByteReader) (from, n int, err error) {
	for bit := range 7 {
		if op>>bit&1 == 0 {
			continue
		}
		b, err := r.ReadByte()
		if err != nil {
			return 0, 0, err
		}
		if bit < 4 {
			from |= int(b) << (8 * bit)
		} else {
			n |= int(b) << (8 * (bit - 4))
		}
	}
	if n == 0 {
		n = 0x10000
	}
	return from, n, nil
}

// deltaSize reads a number of seven bits a byte, the lowest first.
func deltaSize(r io.ByteReader) (int64, error) {
	var n int64
	for shift := 0; shift < 56; shift += 7 {
		b, err := r.ReadByte()
		if err != nil {
			return 0, err
		}
		n |= int64(b&0x7f) << shift
		if b&0x80 == 0 {
			return n, nil
		}
	}
	return 0, errPack
}
