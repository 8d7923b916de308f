package source

import (
	"errors"
	"fmt"
	"math"
	"path/filepath"

	"github.com/go-git/go-git/v5/plumbing"
)

// objects reads the object database of any repository. It is for one goroutine.
type objects struct {
	files   *objectFiles
	partial bool
}

func newObjects(b *pureBackend) *objects {
	return &objects{
		files:   &objectFiles{dir: filepath.Join(b.commonDir, "objects"), most: math.MaxInt32},
		partial: b.partial,
	}
}

// object looks up an object of a type; the caller closes it.
func (o *objects) object(kind plumbing.ObjectType, id string) (*object, error) {
	obj, err := o.files.open(id)
	switch {
	case errors.Is(err, errNoObject) && o.partial:
		return nil, unsupported("object %s is not in this partial clone", id)
	case errors.Is(err, errNoObject):
		return nil, fmt.Errorf("object %s: %w", id, err)
	case err != nil:
		return nil, err
	}
	if kind != plumbing.AnyObject && obj.kind != kind.String() {
		obj.close()
		return nil, fmt.Errorf("object %s: it is a %s, and no %s", id, obj.kind, kind)
	}
	return obj, nil
}

// whole returns the bytes of an object that is no file.
func (o *objects) whole(kind plumbing.ObjectType, id string) ([]byte, error) {
	obj, err := o.object(kind, id)
	if err != nil {
		return nil, err
	}
	defer obj.close()
	return o.files.whole(obj, id, nil)
}

// read is blobReader's.
func (o *objects) read(id string, buf []byte, limit int64) ([]byte, error) {
	obj, err := o.object(plumbing.BlobObject, id)
	if err != nil {
		return nil, err
	}
	defer obj.close()
	if limit <= 0 || obj.size <= limit {
		return o.files.whole(obj, id, buf)
	}
	head, err := obj.read(buf, min(obj.size, headSize))
	if err != nil {
		return nil, fmt.Errorf("object %s: %w", id, err)
	}
	return nil, &TooLargeError{Size: obj.size, Head: head}
}

// Close gives back the open packs.
func (o *objects) Close() error {
	o.files.close()
	return nil
}
