package source

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"path/filepath"

	"github.com/sot-validator/sot/engine/rule"
)

// untracked judges the candidates by the ignore rules (gitignore(5)), and walks
// those folders that are not ignored.
func (b *pureBackend) untracked(ctx context.Context, c *candidates) ([]string, []rule.Fault, error) {
	root, err := openBeneath(b.root)
	if err != nil {
		return nil, nil, err
	}
	defer func() { _ = root.close() }()
	o := &otherWalker{backend: b, root: root, ignore: b.ignorer()}
	for _, file := range c.files {
		if !o.ignore.ignored(file, false) {
			o.list = append(o.list, file)
		}
	}
	for _, dir := range c.dirs {
		if err := o.enter(ctx, dir); err != nil {
			return nil, nil, err
		}
	}
	return o.list, o.faults, nil
}

func (b *pureBackend) ignorer() *ignorer {
	g := &ignorer{read: b.worktreeFile, folders: map[string]ignoreFile{}, dirs: map[string]bool{}}
	for _, file := range []string{
		filepath.Join(b.commonDir, "info", "exclude"),
		userFile(b.env, b.settled.excludesFile, "ignore"),
	} {
		data, _ := readSmall(file) // one that cannot be read says nothing
		g.global = append(g.global, parseIgnore(data, ""))
	}
	return g
}

// otherWalker lists what is below folders without tracked files.
type otherWalker struct {
	backend *pureBackend
	root    *beneath
	ignore  *ignorer
	list    []string
	faults  []rule.Fault
	buf     []byte
}

func (o *otherWalker) enter(ctx context.Context, dir string) error {
	if err := ctx.Err(); err != nil {
		return err
	}
	if o.ignore.ignored(dir, true) || o.nested(dir) {
		return nil
	}
	f, err := o.root.folder(dir)
	if err == nil {
		defer f.close()
	}
	type child struct {
		name string
		kind fs.FileMode
	}
	var below []child
	if err == nil {
		err = f.names(&o.buf, func(name string, kind fs.FileMode) {
			if kind == kindUnknown {
				kind = f.kind(name)
			}
			below = append(below, child{dir + "/" + name, kind})
		})
	}
	if errors.Is(err, fs.ErrNotExist) || errors.Is(err, errChanged) {
		return nil
	}
	if err != nil {
		o.faults = append(o.faults, unreadable(dir+"/", whyNot(err)))
		return nil
	}
	for _, c := range below {
		switch {
		case filepath.Base(c.name) == ".git":
		case c.kind.IsDir():
			if err := o.enter(ctx, c.name); err != nil {
				return err
			}
		case (c.kind.IsRegular() || c.kind == symlinkType) && !o.ignore.ignored(c.name, false):
			o.list = append(o.list, c.name)
		}
	}
	return nil
}

// nested says whether a folder is a repository of its own.
func (o *otherWalker) nested(dir string) bool {
	top := filepath.Join(o.backend.root, filepath.FromSlash(dir))
	if _, err := os.Lstat(filepath.Join(top, ".git")); err != nil {
		return false
	}
	_, err := placeAt(top, filepath.Join(top, ".git"), nil)
	return err == nil
}
