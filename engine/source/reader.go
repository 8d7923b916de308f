package source

import (
	"context"
	"crypto/sha1" //nolint:gosec // git's object ids
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"strconv"

	"github.com/sot-validator/sot/engine/rule"
)

// Reader reads the bytes of entries. Each worker has its own; it is not for
// concurrent use.
type Reader struct {
	src   *Source
	dir   *beneath   // the worktree; nil until the first read
	blobs blobReader // nil until the first read of a blob that the worktree does not hold
}

// NewReader returns a reader. It opens nothing yet.
func (s *Source) NewReader() *Reader { return &Reader{src: s} }

// Read returns the content of an entry of Files or Tree: a regular file's bytes,
// or a link's target; nothing for a submodule. The bytes lie in buf, which is
// used from its start and grown where it is too small. Content of more than
// limit bytes (0 is no limit) is a *TooLargeError that holds its first 8 KiB; a
// deleted file is fs.ErrNotExist. It fills in e.Size.
func (r *Reader) Read(e *rule.Entry, buf []byte, limit int64) ([]byte, error) {
	data, err := r.read(e, buf, limit)
	var large *TooLargeError
	switch {
	case err == nil:
		e.Size = int64(len(data))
	case errors.As(err, &large):
		e.Size = large.Size
	default:
		return nil, fmt.Errorf("%s: %w", e.Path, err)
	}
	return data, err
}

func (r *Reader) read(e *rule.Entry, buf []byte, limit int64) ([]byte, error) {
	switch {
	case e.Status == rule.Deleted:
		return nil, fs.ErrNotExist
	case e.Mode == rule.ModeSubmodule:
		return buf[:0], nil
	case r.src.Worktree() && absent(e):
	case r.src.Worktree() || e.Status == rule.Unmerged:
		return r.worktree(e, buf, limit)
	}
	return r.blob(e, buf, limit)
}

// absent says whether an entry is one that a sparse checkout left out: only git
// has its content. What was seen in the worktree has a size.
func absent(e *rule.Entry) bool {
	return e.Size < 0 && e.Blob != "" && e.Status == rule.Unchanged
}

// worktree reads the file or the link.
func (r *Reader) worktree(e *rule.Entry, buf []byte, limit int64) ([]byte, error) {
	if r.dir == nil {
		dir, err := openBeneath(r.src.root)
		if err != nil {
			return nil, err
		}
		r.dir = dir
	}
	if e.Mode != rule.ModeSymlink {
		return r.dir.readFile(e.Path, buf, limit)
	}
	data, err := r.dir.readLink(e.Path, buf)
	if err != nil && errors.Is(err, errChanged) && r.src.git != nil {
		// Where git may not make links, a file holds the target (core.symlinks).
		if set, bad := r.src.git.settings(context.Background()); bad == nil && !set.symlinks {
			return r.dir.readFile(e.Path, buf, limit)
		}
	}
	return data, err
}

// blob reads an object. Mostly the worktree holds the same bytes, and reading
// and hashing them costs less than asking git: the id is the proof.
func (r *Reader) blob(e *rule.Entry, buf []byte, limit int64) ([]byte, error) {
	if data, err := r.worktree(e, buf, limit); err == nil && e.Blob != "" && isBlob(data, e.Blob) {
		return data, nil
	}
	if r.blobs == nil {
		r.blobs = r.src.git.blobs()
	}
	return r.blobs.read(e.Blob.String(), buf, limit)
}

// Close gives back what the reader holds.
func (r *Reader) Close() error {
	var err error
	if r.blobs != nil {
		err = r.blobs.Close()
	}
	if r.dir != nil {
		err = errors.Join(err, r.dir.close())
	}
	r.blobs, r.dir = nil, nil
	return err
}

// blobID returns the id that git gives to content, for ids of so many hex
// digits: the SHA-1 or SHA-256 of its type, length and bytes.
func blobID(data []byte, digits int) string { return objectID("blob", data, digits) }

// isBlob says whether data is the content of a blob.
func isBlob(data []byte, id rule.ID) bool { return blobID(data, id.Digits()) == id.String() }

// objectID is blobID for an object of any type.
func objectID(kind string, data []byte, digits int) string {
	var h hash.Hash
	switch digits {
	case 2 * sha1.Size:
		h = sha1.New() //nolint:gosec // as above
	case 2 * sha256.Size:
		h = sha256.New()
	default:
		return ""
	}
	h.Write(append(strconv.AppendInt([]byte(kind+" "), int64(len(data)), 10), 0))
	h.Write(data)
	return hex.EncodeToString(h.Sum(nil))
}
