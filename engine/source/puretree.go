package source

import (
	"bytes"
	"context"
	"encoding/hex"
	"fmt"
	"slices"
	"strings"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/sot-validator/sot/engine/rule"
)

// maxTreeDepth bounds folders in folders of a hostile tree.
const maxTreeDepth = 2048

func (b *pureBackend) commitTree(ctx context.Context, id string) ([]rule.Entry, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	c, err := b.commit(id)
	if err != nil {
		return nil, err
	}
	t := &treeReader{ctx: ctx, backend: b}
	if err := t.read(c.tree, "", 0); err != nil {
		return nil, err
	}
	// git sorts a folder as "name/", which is the order of whole paths already;
	// a hostile tree may be in any order.
	byPath := func(a, b rule.Entry) int { return strings.Compare(a.Path, b.Path) }
	if !slices.IsSortedFunc(t.list, byPath) {
		slices.SortStableFunc(t.list, byPath)
	}
	return slices.CompactFunc(t.list, func(a, b rule.Entry) bool { return a.Path == b.Path }), nil
}

type treeReader struct {
	ctx     context.Context
	backend *pureBackend
	list    []rule.Entry
}

// maxTreeFiles bounds a hostile tree whose folders are all the same one.
const maxTreeFiles = 10_000_000

// read appends a tree object's files.
func (t *treeReader) read(id, prefix string, depth int) error {
	if err := t.ctx.Err(); err != nil {
		return err
	}
	if depth > maxTreeDepth || len(t.list) > maxTreeFiles {
		return fmt.Errorf("tree %s: too deep or too large", id)
	}
	data, err := t.backend.store().whole(plumbing.TreeObject, id)
	if err != nil {
		return err
	}
	return treeItems(data, t.backend.idSize(), func(mode rule.Mode, name, child string) error {
		if mode == modeTree {
			return t.read(child, prefix+name+"/", depth+1)
		}
		t.list = append(t.list, rule.Entry{Path: prefix + name, Mode: canonical(mode), Status: rule.Unchanged, Blob: rule.ParseID(child), Size: -1})
		return nil
	}, id)
}

// modeTree is the mode of a folder in a tree object.
const modeTree rule.Mode = 0o040000

// treeItems calls yield for what a tree object holds: "mode name\0" and a raw id
// each. Its own id is for errors.
func treeItems(data []byte, idSize int, yield func(mode rule.Mode, name, id string) error, id string) error {
	for len(data) > 0 {
		space, null := bytes.IndexByte(data, ' '), bytes.IndexByte(data, 0)
		if space < 0 || null < space+2 || len(data) < null+1+idSize {
			return fmt.Errorf("tree %s: cannot be read", id)
		}
		mode, name := parseMode(string(data[:space])), string(data[space+1:null])
		child := hex.EncodeToString(data[null+1 : null+1+idSize])
		data = data[null+1+idSize:]
		if strings.Contains(name, "/") {
			return fmt.Errorf("tree %s: holds the name %q", id, name)
		}
		if err := yield(mode, name, child); err != nil {
			return err
		}
	}
	return nil
}

// compare lists what differs between two sorted lists of files.
func compare(old, now []rule.Entry) []rule.Entry {
	var list []rule.Entry
	for len(old) > 0 || len(now) > 0 {
		switch {
		case len(now) == 0 || len(old) > 0 && old[0].Path < now[0].Path:
			list = append(list, difference(old[0], rule.Entry{Path: old[0].Path}))
			old = old[1:]
		case len(old) == 0 || now[0].Path < old[0].Path:
			list = append(list, difference(rule.Entry{}, now[0]))
			now = now[1:]
		default:
			if now[0].Status == rule.Unmerged || old[0].Mode != now[0].Mode || old[0].Blob != now[0].Blob {
				list = append(list, difference(old[0], now[0]))
			}
			old, now = old[1:], now[1:]
		}
	}
	return list
}

// difference is the entry of a file with two sides; a side without a mode is not there.
func difference(old, now rule.Entry) rule.Entry {
	e := now
	e.Size = -1
	if old.Mode != 0 {
		e.Old = &rule.Side{Path: old.Path, Mode: old.Mode, Blob: old.Blob}
	}
	const kind = 0o170000
	switch {
	case now.Status == rule.Unmerged:
	case now.Mode == 0:
		e.Status = rule.Deleted
	case old.Mode == 0:
		e.Status = rule.Added
	case old.Mode&kind != now.Mode&kind:
		e.Status = rule.Typed
	default:
		e.Status = rule.Modified
	}
	return e
}
