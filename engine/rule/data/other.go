package data

import (
	"context"
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"strconv"
	"strings"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
)

// otherKey is the key of another file among what a pass remembers.
type otherKey struct{ path string }

// otherFile is a file that expressions speak of, or why it cannot be had.
type otherFile struct {
	value any
	why   string
}

// readOther returns the document of another file of the repository.
func readOther(p *rule.Pass, name string) (any, string) {
	o := p.Memo(otherKey{name}, func() any {
		v, why := loadOther(p, name)
		return otherFile{v, why}
	}).(otherFile)
	return o.value, o.why
}

// State is a hash of the other files that every verdict depends on: the schema's,
// and those of `with` that are the same for all files. That one is not there is
// part of it.
func (c *check) State(ctx context.Context, repo rule.Repo) (string, error) {
	h := sha256.New()
	add := func(name string, data []byte, err error) error {
		there := err == nil
		if err != nil && !errors.Is(err, fs.ErrNotExist) {
			return fmt.Errorf("%s cannot be read: %w", name, err)
		}
		sum := sha256.Sum256(data)
		fmt.Fprintf(h, "%q %v %x\n", name, there, sum)
		return nil
	}
	if s, ok := c.schema.(*fileSchema); ok {
		if _, err := s.load(func(name string) ([]byte, error) { return rule.ReadPolicy(ctx, repo, name) }); err != nil {
			return "", fmt.Errorf("the schema cannot be used: %w", err)
		}
		for _, f := range s.files() {
			if err := add(f.name, f.data, nil); err != nil {
				return "", err
			}
		}
	}
	for _, o := range c.with {
		if strings.Contains(o.path, dirMark) {
			continue // it is Beside
		}
		name := path.Clean(o.path)
		data, err := repo.Read(ctx, name)
		if err := add(name, data, err); err != nil {
			return "", err
		}
	}
	return hex.EncodeToString(h.Sum(nil)), nil
}

// Beside are the other files that lie where the file does.
func (c *check) Beside(name string) []string {
	var out []string
	for _, o := range c.with {
		if strings.Contains(o.path, dirMark) {
			out = append(out, o.beside(name))
		}
	}
	return out
}

// beside is the path of an other file for the file that is judged.
func (o other) beside(name string) string {
	return path.Clean(strings.Replace(o.path, dirMark, path.Dir(name), 1))
}

func loadOther(p *rule.Pass, name string) (any, string) {
	format, ok := byName(name)
	if !ok {
		return nil, "the extension of " + quote(name) + " does not tell its format"
	}
	kept, err := p.KeepStated(name) // see check.State and check.Beside
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "there is no file " + quote(name)
	case err != nil:
		return nil, fmt.Sprintf("%s cannot be read: %v", quote(name), err)
	}
	docs := document.OfKept(kept, format)
	if len(docs.Problems) > 0 {
		x := docs.Problems[0]
		line, column := rule.NewFile(rule.Entry{Path: name}, kept.Bytes(), nil).Position(x.Start)
		return nil, fmt.Sprintf("%s cannot be parsed, at %d:%d: %s", quote(name), line, column, x.Message)
	}
	if n := len(docs.Roots); n != 1 {
		return nil, fmt.Sprintf("%s holds %d documents, and not one", quote(name), n)
	}
	return docs.Roots[0].Value, ""
}

// Reads returns the other files that the check reads: those of with, and the
// schema. What a schema refers to is not known before it is read.
func (c *check) Reads() (paths, names []string) {
	if s, ok := c.schema.(*fileSchema); ok {
		paths = append(paths, s.path)
	}
	for _, o := range c.with {
		if name, inDir := strings.CutPrefix(o.path, dirMark+"/"); inDir {
			names = append(names, path.Base(path.Clean(name)))
		} else {
			paths = append(paths, path.Clean(o.path))
		}
	}
	return paths, names
}

// quote quotes a text for a message, and cuts it.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.Quote(s)
}
