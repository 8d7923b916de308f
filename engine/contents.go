package engine

import (
	"context"
	"crypto/sha256"
	"encoding/binary"
	"errors"
	"fmt"
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
	return hashOfList(list, func(*rule.Entry) byte { return 0 })
}

// namesHash is a hash of a list's paths, modes and statuses.
func namesHash(list []rule.Entry) contentsKey {
	return hashOfList(list, func(e *rule.Entry) byte { return byte(e.Status) })
}

// hashOfList is a hash of a list's paths and modes, and of what more tells of each.
func hashOfList(list []rule.Entry, more func(*rule.Entry) byte) contentsKey {
	h := sha256.New()
	b := make([]byte, 0, 8<<10)
	for i := range list {
		b = binary.LittleEndian.AppendUint32(b, uint32(list[i].Mode))
		b = append(append(b, list[i].Path...), 0, more(&list[i]))
		if len(b) > cap(b)-1024 {
			h.Write(b)
			b = b[:0]
		}
	}
	h.Write(b)
	return contentsKey(h.Sum(nil)[:16])
}
