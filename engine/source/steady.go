package source

import (
	"errors"
	"slices"
)

// errChanged is wrapped by errors about a file that is no longer what was listed.
var errChanged = errors.New("it changed while sot ran")

// attempts is how often a file that changes while it is read is read again.
const attempts = 3

// readSteady reads a whole file of which size tells the present size and pread
// reads at an offset. A file that grows or shrinks meanwhile is read again.
func readSteady(limit int64, buf []byte, size func() (int64, error), pread func([]byte, int64) (int, error)) ([]byte, error) {
	for range attempts {
		n, err := size()
		if err != nil {
			return nil, err
		}
		if limit > 0 && n > limit {
			return nil, tooLarge(n, buf, pread)
		}
		// One byte more than the file has: a short read then says that this was its end.
		buf = slices.Grow(buf[:0], int(n)+1)
		got, err := fill(buf[:n+1], pread)
		if err != nil {
			return nil, err
		}
		if int64(got) == n {
			return buf[:n], nil
		}
	}
	return nil, errors.New("it keeps changing while it is read")
}

// fill reads from the start until p is full or the file ends.
func fill(p []byte, pread func([]byte, int64) (int, error)) (int, error) {
	got := 0
	for got < len(p) {
		n, err := pread(p[got:], int64(got))
		if err != nil {
			return got, err
		}
		got += n
		if n == 0 || got == len(p)-1 {
			break
		}
	}
	return got, nil
}

func tooLarge(size int64, buf []byte, pread func([]byte, int64) (int, error)) error {
	n := int(min(size, headSize))
	buf = slices.Grow(buf[:0], n)
	got, err := fill(buf[:n], pread)
	if err != nil {
		return err
	}
	return &TooLargeError{Size: size, Head: buf[:got]}
}
