package data

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"strconv"

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
	repo := p.Repo() // asked for with each file: see judge.compiled
	o := p.Memo(otherKey{name}, func() any {
		v, why := loadOther(p.Context(), repo, name)
		return otherFile{v, why}
	}).(otherFile)
	return o.value, o.why
}

func loadOther(ctx context.Context, repo rule.Repo, name string) (any, string) {
	format, ok := byName(name)
	if !ok {
		return nil, "the extension of " + quote(name) + " does not tell its format"
	}
	data, err := repo.Read(ctx, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, "there is no file " + quote(name)
	case err != nil:
		return nil, fmt.Sprintf("%s cannot be read: %v", quote(name), err)
	}
	docs := document.Parse(data, format)
	if len(docs.Problems) > 0 {
		x := docs.Problems[0]
		line, column := rule.NewFile(rule.Entry{Path: name}, data, nil).Position(x.Start)
		return nil, fmt.Sprintf("%s cannot be parsed, at %d:%d: %s", quote(name), line, column, x.Message)
	}
	if n := len(docs.Roots); n != 1 {
		return nil, fmt.Sprintf("%s holds %d documents, and not one", quote(name), n)
	}
	return docs.Roots[0].Value, ""
}

// quote quotes a text for a message, and cuts it.
func quote(s string) string {
	const most = 100
	if len(s) > most {
		s = s[:most] + "..."
	}
	return strconv.Quote(s)
}
