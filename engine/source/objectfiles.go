package source

import (
	"encoding/hex"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"slices"
	"strings"
)

// objectFiles reads single objects from the files of an object database: loose
// ones and packs, here and in the databases that it borrows from. It knows
// nothing of what a partial clone left out, and only ids of SHA-1. A whole object
// that it returns hashes to the id that was asked for, so that a format which it
// misunderstands is an error and never a wrong answer. It is for one goroutine.
type objectFiles struct {
	dir  string // of the objects
	most int64  // bytes of an object that is read whole; 0 is objectMax

	dirs    []*objectDir // nil until the first look-up: dir, then what it borrows from
	inflate inflater
	bases   deltaBases
	delta   []byte // scratch
}

// objectDir is one object database.
type objectDir struct {
	path   string
	packs  []*packFile // the last that held something in front
	broken error       // about packs that could not be opened
}

// errNoObject says that an object is not where we look.
var errNoObject = errors.New("no such object here")

const (
	// objectMax bounds an object that is read to save starting git, in bytes.
	objectMax = 4 << 20
	// chainFactor times what an object may have is what may be stored of all that
	// it is a delta of.
	chainFactor = 4
)

// object is one that was found; its content is not read yet. It is sound until
// the next is looked for.
type object struct {
	kind string
	size int64 // bytes
	// read returns the first n bytes, in buf or in memory of their own.
	read  func(buf []byte, n int64) ([]byte, error)
	close func()
}

// open looks an object up by its id in hex. One that cannot be read in one place
// may be sound in another. The caller closes it.
func (o *objectFiles) open(id string) (*object, error) {
	raw, err := hex.DecodeString(id)
	if err != nil || len(raw) != packIDSize {
		return nil, errNoObject
	}
	var bad error
	for _, dir := range o.databases() {
		obj, err := o.loose(dir, id)
		if err == nil {
			return obj, nil
		}
		inPack, packErr := o.packed(dir, raw)
		if packErr == nil {
			return inPack, nil
		}
		for _, err := range []error{err, packErr, dir.broken} {
			if err != nil && !errors.Is(err, errNoObject) {
				bad = errors.Join(bad, err)
			}
		}
	}
	if bad != nil {
		return nil, fmt.Errorf("object %s: %w", id, bad)
	}
	return nil, errNoObject
}

// read returns a whole object and its type.
func (o *objectFiles) read(id string) (kind string, data []byte, err error) {
	obj, err := o.open(id)
	if err != nil {
		return "", nil, err
	}
	defer obj.close()
	data, err = o.whole(obj, id, nil)
	return obj.kind, data, err
}

// whole reads all of an object.
func (o *objectFiles) whole(obj *object, id string, buf []byte) ([]byte, error) {
	if obj.size > o.limit() {
		return nil, fmt.Errorf("object %s: too large: %d bytes", id, obj.size)
	}
	data, err := obj.read(buf, obj.size)
	switch {
	case err != nil:
		return nil, fmt.Errorf("object %s: %w", id, err)
	case objectID(obj.kind, data, len(id)) != strings.ToLower(id):
		return nil, fmt.Errorf("object %s: it has another id", id)
	}
	return data, nil
}

func (o *objectFiles) limit() int64 {
	if o.most == 0 {
		return objectMax
	}
	return o.most
}

func (o *objectFiles) packed(dir *objectDir, id []byte) (*object, error) {
	var bad error
	for i, p := range dir.packs {
		at, err := p.find(id)
		if err == nil && at < 0 {
			continue
		}
		var c *packChain
		if err == nil {
			err = p.open()
		}
		if err == nil {
			c, err = o.chain(p, at, chainFactor*o.limit())
		}
		if err != nil {
			bad = errors.Join(bad, err)
			continue
		}
		copy(dir.packs[1:], dir.packs[:i])
		dir.packs[0] = p
		read := func(buf []byte, n int64) ([]byte, error) { return o.make(c, buf, n, o.limit()) }
		return &object{kind: packKinds[c.kind], size: c.size, read: read, close: func() {}}, nil
	}
	if bad != nil {
		return nil, bad
	}
	return nil, errNoObject
}

// databases are the object folder and those that it borrows from.
func (o *objectFiles) databases() []*objectDir {
	if o.dirs == nil {
		o.borrow(o.dir, 0)
	}
	return o.dirs
}

// maxBorrowed is how many databases in a row may borrow, as deep as git follows.
const maxBorrowed = 5

func (o *objectFiles) borrow(path string, depth int) {
	if depth > maxBorrowed || slices.ContainsFunc(o.dirs, func(d *objectDir) bool { return d.path == path }) {
		return
	}
	dir := &objectDir{path: path}
	dir.openPacks()
	o.dirs = append(o.dirs, dir)
	list, err := readSmall(filepath.Join(path, "info", "alternates"))
	if err != nil && !os.IsNotExist(err) {
		dir.broken = errors.Join(dir.broken, err)
	}
	for line := range strings.Lines(string(list)) {
		line = strings.TrimSuffix(line, "\n")
		if name, _, ok := unquoteC(line); ok && strings.HasPrefix(line, `"`) {
			line = name
		}
		if line != "" && line[0] != '#' {
			o.borrow(absFrom(path, line), depth+1)
		}
	}
}

func (d *objectDir) openPacks() {
	list, _ := os.ReadDir(filepath.Join(d.path, "pack")) // without packs there is none
	for _, e := range list {
		name, index := strings.CutSuffix(e.Name(), ".idx")
		if !index {
			continue
		}
		name = filepath.Join(d.path, "pack", name)
		p, err := openPack(name)
		if err != nil {
			d.broken = errors.Join(d.broken, fmt.Errorf("%s: %w", name, err))
			continue
		}
		d.packs = append(d.packs, p)
	}
}

// withPrefix returns the ids of all objects that begin so, in hex and each once;
// the prefix has at least two digits, in small letters.
func (o *objectFiles) withPrefix(prefix string) ([]string, error) {
	raw, err := hex.DecodeString(prefix[:len(prefix)/2*2])
	if err != nil || len(raw) == 0 {
		return nil, err
	}
	var ids []string
	add := func(id string) {
		if len(id) == 2*packIDSize && isHex(id) && strings.HasPrefix(id, prefix) {
			ids = append(ids, id)
		}
	}
	for _, dir := range o.databases() {
		list, _ := os.ReadDir(filepath.Join(dir.path, prefix[:2])) // most of 256 are not there
		for _, e := range list {
			add(prefix[:2] + e.Name())
		}
		for _, p := range dir.packs {
			if err := p.withPrefix(raw, func(id []byte) { add(hex.EncodeToString(id)) }); err != nil {
				return nil, err
			}
		}
	}
	slices.Sort(ids)
	return slices.Compact(ids), nil
}

func (o *objectFiles) close() {
	for _, d := range o.dirs {
		for _, p := range d.packs {
			p.close()
		}
	}
	o.dirs, o.bases = nil, deltaBases{}
}

// objectBlobs reads blobs as far as they are loose, as those are that were just
// added, and leaves the others to git.
type objectBlobs struct {
	blobReader
	files *objectFiles
}

func (b *objectBlobs) read(id string, buf []byte, limit int64) ([]byte, error) {
	if obj, err := b.files.loose(&objectDir{path: b.files.dir}, id); err == nil {
		defer obj.close()
		if obj.kind == "blob" && (limit <= 0 || obj.size <= limit) {
			if data, err := b.files.whole(obj, id, buf); err == nil {
				return data, nil
			}
		}
	}
	return b.blobReader.read(id, buf, limit)
}
