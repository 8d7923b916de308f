package data

import (
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
	p.Repo() // asked for with each file: see judge.compiled
	o := p.Memo(otherKey{name}, func() any {
		v, why := loadOther(p, name)
		return otherFile{v, why}
	}).(otherFile)
	return o.value, o.why
}

func loadOther(p *rule.Pass, name string) (any, string) {
	format, ok := byName(name)
	if !ok {
		return nil, "the extension of " + quote(name) + " does not tell its format"
	}
	kept, err := p.Keep(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "there is no file " + quote(name)
	case err != nil:
		return nil, fmt.Sprintf("%s cannot be read: %v", quote(name), err)
	}
	docs := kept.Memo(docKey{format}, func() any { return document.Parse(kept.Bytes(), format) }).(*document.Documents)
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
