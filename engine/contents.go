package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
	"hash"
	"io/fs"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/source"
)

// contents tells what files hold by their object ids, asking for each once. It is
// safe for concurrent use.
type contents struct {
	src *source.Source
	ids sync.Map // path -> contentID
}

type contentID struct {
	id  string
	err error
}

// absent stands for the id of a file that does not exist.
const absent = "-"

// of returns a file's id, absent where there is no such file.
func (c *contents) of(ctx context.Context, path string) (string, error) {
	if known, ok := c.ids.Load(path); ok {
		return known.(contentID).id, known.(contentID).err
	}
	id, err := c.src.ContentID(ctx, path)
	if errors.Is(err, fs.ErrNotExist) {
		id, err = absent, nil
	}
	c.ids.Store(path, contentID{id, err})
	return id, err
}

// all returns a hash of the paths and what they hold.
func (c *contents) all(ctx context.Context, paths []string) (contentsKey, error) {
	h := sha256.New()
	for _, path := range paths {
		id, err := c.of(ctx, path)
		if err != nil {
			return contentsKey{}, fmt.Errorf("%s cannot be read: %w", path, err)
		}
		fmt.Fprintf(h, "%d %s %s\n", len(path), path, id)
	}
	return contentsKey(h.Sum(nil)[:16]), nil
}

// pathsKey is a hash of a list's paths and modes.
func pathsKey(list []rule.Entry) contentsKey {
	h := newPathsHash()
	for i := range list {
		h.add(list[i].Path, list[i].Mode)
	}
	return h.sum()
}

// namesHash is a hash of a list's paths, modes and statuses.
func namesHash(list []rule.Entry) contentsKey {
	h := newPathsHash()
	for i := range list {
		h.add(list[i].Path, list[i].Mode)
		h.buffer = append(h.buffer, byte(list[i].Status))
	}
	return h.sum()
}

// pathsHash makes a hash of paths and modes.
type pathsHash struct {
	hash   hash.Hash
	buffer []byte
}

func newPathsHash() *pathsHash {
	return &pathsHash{hash: sha256.New(), buffer: make([]byte, 0, 8<<10)}
}

func (h *pathsHash) add(path string, mode rule.Mode) {
	h.buffer = binary.LittleEndian.AppendUint32(h.buffer, uint32(mode))
	h.buffer = append(append(h.buffer, path...), 0)
	if len(h.buffer) > cap(h.buffer)-1024 {
		h.hash.Write(h.buffer)
		h.buffer = h.buffer[:0]
	}
}

func (h *pathsHash) sum() contentsKey {
	h.hash.Write(h.buffer)
	return contentsKey(h.hash.Sum(nil)[:16])
}
