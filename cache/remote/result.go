package remote

import (
	"encoding/binary"
	"encoding/hex"
	"errors"
	"fmt"

	"github.com/sot-validator/sot/cache"
)

// digest names a blob.
type digest struct {
	sum  [32]byte // SHA-256
	size int64    // bytes
}

// The fields that are used of the messages in remote_execution.proto, in the
// encoding of protobuf.dev/programming-guides/encoding:
//
//	ActionResult { repeated OutputFile output_files = 2; }
//	OutputFile   { string path = 1; Digest digest = 2; }
//	Digest       { string hash = 1; int64 size_bytes = 2; }
const (
	varint = 0
	length = 2

	outputFiles = 2
	filePath    = 1
	fileDigest  = 2
	digestHash  = 1
	digestSize  = 2
)

func appendField(b []byte, field int, data []byte) []byte {
	b = append(b, byte(field<<3|length))
	return append(binary.AppendUvarint(b, uint64(len(data))), data...)
}

// encodeResult writes the list of a snapshot's blobs as an ActionResult.
func encodeResult(list []digest, name cache.Key) (out []byte) {
	for i, d := range list {
		dig := appendField(nil, digestHash, []byte(hex.EncodeToString(d.sum[:])))
		dig = binary.AppendUvarint(append(dig, digestSize<<3|varint), uint64(d.size))
		file := appendField(nil, filePath, []byte(place(name, i)))
		out = appendField(out, outputFiles, appendField(file, fileDigest, dig))
	}
	return out
}

// place is the path of a list's blob: it says which snapshot the list is of.
func place(name cache.Key, i int) string { return fmt.Sprintf("sot/%x/%d", name[:8], i) }

var errList = errors.New("what it keeps by that name is no list of verdicts")

// decodeResult reads what encodeResult wrote for a name. Fields that servers add
// are passed over.
func decodeResult(b []byte, name cache.Key) (list []digest, err error) {
	total := int64(0)
	err = fields(b, func(field int, file []byte, _ uint64) error {
		if field != outputFiles || file == nil {
			return nil
		}
		d, err := decodeFile(file, place(name, len(list)))
		if err != nil {
			return err
		}
		if total += d.size; len(list) == maxBlobs || total > maxTotal {
			return errTooLarge
		}
		list = append(list, d)
		return nil
	})
	if err != nil {
		return nil, err
	}
	return list, nil
}

func decodeFile(b []byte, want string) (d digest, err error) {
	path, ok := "", false
	err = fields(b, func(field int, data []byte, _ uint64) error {
		switch {
		case field == filePath:
			path = string(data)
		case field == fileDigest && data != nil:
			d, err = decodeDigest(data)
			ok = err == nil
			return err
		}
		return nil
	})
	if err == nil && (!ok || path != want) {
		err = errList
	}
	return d, err
}

func decodeDigest(b []byte) (d digest, err error) {
	ok := false
	err = fields(b, func(field int, data []byte, n uint64) error {
		switch {
		case field == digestHash && len(data) == 2*len(d.sum):
			_, err := hex.Decode(d.sum[:], data)
			ok = err == nil
		case field == digestSize:
			d.size = int64(n)
		}
		return nil
	})
	if err == nil && (!ok || d.size < 0 || d.size > maxBlob) {
		err = errList
	}
	return d, err
}

// fields calls visit with the fields of a message: data of those with a length
// (never nil), the number of the others.
func fields(b []byte, visit func(field int, data []byte, n uint64) error) error {
	for len(b) > 0 {
		tag, k := binary.Uvarint(b)
		if k <= 0 || tag>>3 == 0 || tag > 1<<32 {
			return errList
		}
		b = b[k:]
		var data []byte
		n, k := uint64(0), 0
		switch tag & 7 {
		case varint:
			n, k = binary.Uvarint(b)
		case length:
			if n, k = binary.Uvarint(b); k > 0 {
				if n > uint64(len(b)-k) {
					return errList
				}
				data = b[k : k+int(n)]
				k += int(n)
			}
		case 1: // 64 bits
			k = 8
		case 5: // 32 bits
			k = 4
		}
		if k <= 0 || k > len(b) {
			return errList
		}
		b = b[k:]
		if err := visit(int(tag>>3), data, n); err != nil {
			return err
		}
	}
	return nil
}
