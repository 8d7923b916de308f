package source

import (
	"bytes"
	"io"
	"slices"
)

// applyDelta makes an object of its base and a delta: the sizes of both, then
// instructions to copy from the base or to insert (gitformat-pack(5),
// "Deltified representation"). It returns the first n bytes, or all if there are
// fewer, in buf, which it grows where that is too small; an object of more than
// most bytes is refused.
func applyDelta(buf, base, delta []byte, n, most int64) ([]byte, error) {
	r := bytes.NewReader(delta)
	if n, err := deltaSize(r); err != nil || n != int64(len(base)) {
		return nil, errPack
	}
	size, err := deltaSize(r)
	if err != nil || size > most {
		return nil, errPack
	}
	n = min(n, size)
	out := slices.Grow(buf[:0], int(min(n, inflateStep)))
	for r.Len() > 0 && (n == size || int64(len(out)) < n) {
		part, err := deltaPart(r, base, delta)
		if err != nil || int64(len(out)+len(part)) > size {
			return nil, errPack
		}
		out = append(out, part...)
	}
	if int64(len(out)) < n {
		return nil, errPack
	}
	return out[:n], nil
}

// deltaPart reads one instruction, and returns the bytes that it adds.
func deltaPart(r *bytes.Reader, base, delta []byte) ([]byte, error) {
	op, err := r.ReadByte()
	from, n, src := len(delta)-r.Len(), int(op), delta
	switch {
	case err != nil || op == 0:
		return nil, errPack // 0 is reserved
	case op&0x80 != 0:
		src = base
		from, n, err = copyOf(op, r)
	default:
		_, err = r.Seek(int64(n), io.SeekCurrent)
	}
	if err != nil || from < 0 || from > len(src) || n > len(src)-from {
		return nil, errPack
	}
	return src[from : from+n], nil
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
