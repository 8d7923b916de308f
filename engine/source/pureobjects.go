package source

import (
	"errors"
	"fmt"
	"io"
	"slices"

	"github.com/go-git/go-billy/v5/osfs"
	"github.com/go-git/go-git/v5/plumbing"
	"github.com/go-git/go-git/v5/plumbing/cache"
	"github.com/go-git/go-git/v5/storage/filesystem"
	"github.com/go-git/go-git/v5/storage/filesystem/dotgit"
)

// objects reads the object database with go-git. It is for one goroutine.
type objects struct {
	store   *filesystem.ObjectStorage
	partial bool
}

// objectCache is what a store may keep of unpacked objects, for deltas.
const objectCache = 16 * cache.MiByte

func newObjects(b *pureBackend) *objects {
	// Alternates are absolute paths, or relative ones to the objects folder:
	// go-git opens them on a file system of their own.
	anywhere := osfs.New("/")
	dir := dotgit.NewWithOptions(osfs.New(b.commonDir, osfs.WithBoundOS()), dotgit.Options{
		ExclusiveAccess: true, KeepDescriptors: true, AlternatesFS: anywhere,
	})
	store := filesystem.NewObjectStorageWithOptions(dir, cache.NewObjectLRU(objectCache), filesystem.Options{
		ExclusiveAccess: true, KeepDescriptors: true, AlternatesFS: anywhere,
	})
	return &objects{store: store, partial: b.partial}
}

// object returns an object of a type.
func (o *objects) object(kind plumbing.ObjectType, id string) (obj plumbing.EncodedObject, err error) {
	defer func() {
		// A damaged pack can make the library panic; that is the repository's fault.
		if r := recover(); r != nil {
			obj, err = nil, fmt.Errorf("object %s: the object database is damaged: %v", id, r)
		}
	}()
	obj, err = o.store.EncodedObject(kind, plumbing.NewHash(id))
	switch {
	case errors.Is(err, plumbing.ErrObjectNotFound) && o.partial:
		return nil, unsupported("object %s is not in this partial clone", id)
	case err != nil:
		return nil, fmt.Errorf("object %s: %w", id, err)
	}
	return obj, nil
}

// whole returns the bytes of an object that is no file.
func (o *objects) whole(kind plumbing.ObjectType, id string) ([]byte, error) {
	obj, err := o.object(kind, id)
	if err != nil {
		return nil, err
	}
	return content(obj, nil, obj.Size())
}

// read is blobReader's.
func (o *objects) read(id string, buf []byte, limit int64) ([]byte, error) {
	obj, err := o.object(plumbing.BlobObject, id)
	if err != nil {
		return nil, err
	}
	size := obj.Size()
	if limit <= 0 || size <= limit {
		return content(obj, buf, size)
	}
	head, err := content(obj, buf, min(size, headSize))
	if err != nil {
		return nil, err
	}
	return nil, &TooLargeError{Size: size, Head: head}
}

func content(obj plumbing.EncodedObject, buf []byte, n int64) ([]byte, error) {
	r, err := obj.Reader()
	if err != nil {
		return nil, err
	}
	buf = slices.Grow(buf[:0], int(n))[:n]
	_, err = io.ReadFull(r, buf)
	return buf, errors.Join(err, r.Close())
}

// Close gives back the open packs.
func (o *objects) Close() error { return o.store.Close() }
