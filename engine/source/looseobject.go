package source

import (
	"fmt"
	"os"
	"path/filepath"
	"strconv"
	"strings"
)

// looseHeader bounds the head of a loose object: the longest type, and a size of
// 19 digits.
const looseHeader = 32

// loose opens an object's own file: a zlib stream of "type size", a NUL and the
// content (gitformat-loose(5)).
func (o *objectFiles) loose(dir *objectDir, id string) (*object, error) {
	if len(id) < 4 {
		return nil, errNoObject
	}
	f, err := os.OpenFile(filepath.Join(dir.path, id[:2], id[2:]), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return nil, errNoObject
	}
	obj := &object{close: func() { _ = f.Close() }}
	obj.kind, obj.size, err = o.looseHead(f)
	if err != nil {
		obj.close()
		return nil, err
	}
	used := false
	obj.read = func(buf []byte, n int64) ([]byte, error) {
		if used { // the stream is behind what is asked for
			return nil, errInflate
		}
		used = true
		data, err := o.inflate.take(buf, n)
		if err == nil && n == obj.size {
			err = o.inflate.end()
		}
		return data, err
	}
	return obj, nil
}

func (o *objectFiles) looseHead(f *os.File) (kind string, size int64, err error) {
	if err := o.inflate.open(f); err != nil {
		return "", 0, err
	}
	var one [1]byte
	var head []byte
	for len(head) == 0 || head[len(head)-1] != 0 {
		b, err := o.inflate.take(one[:], 1)
		if err != nil || len(head) == looseHeader {
			return "", 0, fmt.Errorf("a head of %q", head)
		}
		head = append(head, b...)
	}
	kind, digits, _ := strings.Cut(string(head[:len(head)-1]), " ")
	size, err = strconv.ParseInt(digits, 10, 64)
	if err != nil || size < 0 {
		return "", 0, fmt.Errorf("a size of %q", digits)
	}
	return kind, size, nil
}
