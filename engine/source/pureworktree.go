package source

import (
	"context"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"

	"github.com/go-git/go-git/v5/plumbing"

	"github.com/sot-validator/sot/engine/rule"
)

// diffWorktree hashes those tracked files whose status is not the one that the
// index remembers, and compares ids.
func (b *pureBackend) diffWorktree(ctx context.Context, commit string) ([]rule.Entry, error) {
	var old []rule.Entry
	if commit != "" {
		var err error
		if old, err = b.commitTree(ctx, commit); err != nil {
			return nil, err
		}
	}
	w, err := b.scanIt(ctx)
	if err != nil {
		return nil, err
	}
	h, err := b.newHasher(w)
	if err != nil {
		return nil, err
	}
	defer h.close()
	now := make([]rule.Entry, 0, len(w.seen))
	for i := range w.seen {
		if err := ctx.Err(); err != nil {
			return nil, err
		}
		if w.index.again(i) {
			continue
		}
		at := w.index.entry(i)
		e, there, err := h.entry(&at, &w.seen[i])
		if err != nil {
			return nil, err
		}
		if there {
			now = append(now, e)
		}
	}
	return b.renames(compare(old, now), h.files)
}

// hasher finds out what git would take a worktree file for.
type hasher struct {
	*pureBackend
	files   *beneath
	convert conversion
	buf     []byte
}

func (b *pureBackend) newHasher(w *walker) (*hasher, error) {
	files, err := openBeneath(b.root)
	if err != nil {
		return nil, err
	}
	h := &hasher{pureBackend: b, files: files}
	var loose []string
	for _, p := range w.found.files {
		if path.Base(p) == ".gitattributes" {
			loose = append(loose, p)
		}
	}
	h.convert = b.convert(w, b.settled, loose)
	return h, nil
}

func (h *hasher) close() { _ = h.files.close() }

// entry returns a tracked file as git would see it; there is false where it is gone.
func (h *hasher) entry(e *indexEntry, now *seen) (r rule.Entry, there bool, err error) {
	r = rule.Entry{Path: e.path, Mode: e.mode, Status: rule.Unchanged, Blob: rule.ID(e.raw), Size: -1}
	switch {
	case e.stage != 0:
		r.Status, r.Blob = rule.Unmerged, ""
		return r, true, nil
	case e.assume, e.skip && (now.mode == 0 || !h.settled.sparse):
		return r, true, nil
	case now.mode == 0:
		return r, false, nil
	case e.mode == rule.ModeSubmodule && now.mode == e.mode:
		id, err := h.submodule(e)
		r.Blob = rule.ParseID(id)
		return r, true, err
	case now.clean:
		return r, true, nil
	}
	r.Mode = h.settled.mode(e.mode, now.mode)
	id, err := h.hash(e.path, r.Mode, now)
	r.Blob = rule.ParseID(id)
	if errors.Is(err, fs.ErrNotExist) {
		return r, false, nil
	}
	if err != nil {
		err = fmt.Errorf("%s: %w", e.path, err)
	}
	return r, true, err
}

// hashWhole bounds what is hashed in memory; larger files are hashed in pieces.
const hashWhole = 16 << 20

func (h *hasher) hash(name string, mode rule.Mode, now *seen) (string, error) {
	if mode == rule.ModeSymlink && now.mode == rule.ModeSymlink {
		data, err := h.files.readLink(name, h.buf)
		h.buf = data[:0]
		return blobID(data, 2*h.idSize()), err
	}
	if h.convert == anything {
		if err := h.filtered(name); err != nil {
			return "", err
		}
	}
	data, err := h.files.readFile(name, h.buf, hashWhole)
	var large *TooLargeError
	switch {
	case errors.As(err, &large) && h.convert != asIs:
		return "", unsupported("%s is large and changed, and line ends may be converted", name)
	case errors.As(err, &large):
		return h.hashLarge(name)
	case err != nil:
		return "", err
	}
	h.buf = data[:0]
	if h.convert != asIs && slices.Contains(data, '\r') {
		return "", unsupported("%s is changed and has CR line ends that git may convert", name)
	}
	return blobID(data, 2*h.idSize()), nil
}

func (h *hasher) hashLarge(name string) (string, error) {
	root, err := os.OpenRoot(h.root)
	if err != nil {
		return "", err
	}
	defer func() { _ = root.Close() }()
	f, err := root.OpenFile(filepath.FromSlash(name), os.O_RDONLY|nonBlock, 0)
	if err != nil {
		return "", err
	}
	defer func() { _ = f.Close() }()
	info, err := f.Stat()
	if err != nil || !info.Mode().IsRegular() {
		return "", errors.Join(err, errChanged)
	}
	sum := plumbing.NewHasher(plumbing.BlobObject, info.Size())
	if _, err := io.CopyN(sum, f, info.Size()); err != nil {
		return "", err
	}
	return sum.Sum().String(), nil
}

// filtered refuses a changed file whose content a filter would decide.
func (h *hasher) filtered(name string) error {
	for _, attr := range []string{"filter", "ident", "working-tree-encoding"} {
		set := attributesOf(h.place, h.env, h.settled, attr, []string{name}, h.worktreeFile)
		if v := set[name]; v != "" && v != "unset" {
			return unsupported("%s is changed and has the attribute %s=%s", name, attr, v)
		}
	}
	return nil
}

// worktreeFile reads a small file of the worktree, nothing where there is none.
// As git, it takes a link for nothing.
func (b *pureBackend) worktreeFile(name string) []byte {
	files, err := openBeneath(b.root)
	if err != nil {
		return nil
	}
	defer func() { _ = files.close() }()
	data, err := files.readFile(name, nil, smallMax)
	if err == nil {
		return data
	}
	if x, bad := b.index(context.Background()); bad == nil && errors.Is(err, fs.ErrNotExist) {
		return b.indexFileContent(x, name)
	}
	return nil
}

// indexFileContent reads a small file from the index.
func (b *pureBackend) indexFileContent(x *index, name string) []byte {
	e := x.lookup(name)
	if e == nil || !e.mode.Regular() || e.stage != 0 {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, err := b.store().read(e.id(), nil, smallMax)
	if err != nil {
		return nil
	}
	return data
}

// submodule returns the commit that a submodule stands at: the index's own
// where it is not checked out.
func (h *hasher) submodule(e *indexEntry) (string, error) {
	top := filepath.Join(h.root, filepath.FromSlash(e.path))
	p, err := placeAt(top, filepath.Join(top, ".git"), nil)
	if err != nil {
		return e.id(), nil //nolint:nilerr // no repository in it: not checked out
	}
	_, id, err := p.readRef("HEAD")
	if id == "" {
		id = e.id()
	}
	return id, err
}

func (b *pureBackend) attribute(ctx context.Context, from, name string, paths []string) (map[string]string, error) {
	read := b.worktreeFile
	switch from {
	case "":
	case ":":
		x, err := b.index(ctx)
		if err != nil {
			return nil, err
		}
		read = func(file string) []byte { return b.indexFileContent(x, file) }
	default:
		list, err := b.commitTree(ctx, from)
		if err != nil {
			return nil, err
		}
		t := rule.NewTree(list)
		read = func(file string) []byte { return b.treeFile(t, file) }
	}
	return attributesOf(b.place, b.env, b.settled, name, paths, read), nil
}

func (b *pureBackend) treeFile(t *rule.Tree, name string) []byte {
	e := t.Lookup(name)
	if e == nil || !e.Mode.Regular() {
		return nil
	}
	b.mu.Lock()
	defer b.mu.Unlock()
	data, err := b.store().read(e.Blob.String(), nil, smallMax)
	if err != nil {
		return nil
	}
	return data
}
