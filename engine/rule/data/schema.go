package data

import (
	"bytes"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"net/url"
	"path"
	"slices"
	"strings"
	"sync"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/internal/jsonschema"
)

// The limits of a schema.
const (
	maxSchema      = 8 << 20 // bytes of one file
	maxSchemaFiles = 200
	// maxSchemaSteps are those of one validation, and so many more for each value
	// of the document.
	maxSchemaSteps         = 500_000
	maxSchemaStepsPerValue = 20
)

// schema is where a rule's schema comes from.
type schema interface {
	// load returns the compiled schema; read returns files of the repository.
	load(read reader) (*jsonschema.Schema, error)
}

type reader func(path string) ([]byte, error)

// builtinPrefix stands in front of the names of embedded schemas.
const builtinPrefix = "builtin:"

// schema makes the schema that a rule names.
func (b *builder) schema(v rule.Value) schema {
	name, isBuiltin := strings.CutPrefix(v.Scalar, builtinPrefix)
	if isBuiltin {
		s, ok := builtin(name)
		if !ok {
			b.problem(v.Problemf("the names are "+strings.Join(Builtins(), ", "), "there is no embedded schema %s", quote(name)))
		}
		return s
	}
	clean := path.Clean(strings.TrimPrefix(v.Scalar, "./"))
	switch {
	case strings.Contains(v.Scalar, "://"):
		b.problem(v.Problemf("put the schema into the repository, and write its path", "sot never goes to the network, and so cannot read %s", quote(v.Scalar)))
	case path.IsAbs(clean) || clean == ".." || strings.HasPrefix(clean, "../") || strings.Contains(clean, "\\") || strings.Contains(clean, ":"):
		b.problem(v.Problemf("write its path from the root, with / between folders", "%s is not inside of the repository", quote(v.Scalar)))
	}
	return &fileSchema{path: clean, pos: v.Pos}
}

// fileSchema is a schema in the repository. What it was compiled to is kept for
// as long as all of its files hold the same bytes.
type fileSchema struct {
	path string
	pos  rule.Pos // where the rule names it

	mu     sync.Mutex
	last   *jsonschema.Schema
	source map[string][]byte // the files that last was made of
}

func (s *fileSchema) load(read reader) (*jsonschema.Schema, error) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.last != nil && s.same(read) {
		return s.last, nil
	}
	l := &schemaLoader{read: read, source: map[string][]byte{}, roots: map[string]*document.Node{}}
	sch, err := l.compile(s.path)
	if err != nil {
		return nil, err
	}
	s.last, s.source = sch, l.source
	return sch, nil
}

func (s *fileSchema) same(read reader) bool {
	for name, was := range s.source {
		if is, err := read(name); err != nil || !bytes.Equal(is, was) {
			return false
		}
	}
	return true
}

// schemaFile is one of the files that a schema is made of.
type schemaFile struct {
	name string
	data []byte
}

// files are those that the schema was made of, sorted by name.
func (s *fileSchema) files() []schemaFile {
	s.mu.Lock()
	defer s.mu.Unlock()
	var out []schemaFile
	for _, name := range slices.Sorted(maps.Keys(s.source)) {
		out = append(out, schemaFile{name, s.source[name]})
	}
	return out
}

// Verify compiles the rule's schema, so that its mistakes are told before a run.
// An embedded schema has none.
func (c *check) Verify(read func(path string) ([]byte, error)) []rule.Problem {
	s, ok := c.schema.(*fileSchema)
	if !ok {
		return nil
	}
	_, err := s.load(read)
	if err == nil {
		return nil
	}
	var mistakes schemaMistakes
	if !errors.As(err, &mistakes) {
		mistakes = schemaMistakes{{what: err.Error()}}
	}
	var out []rule.Problem
	for _, m := range mistakes {
		p := rule.Problem{Pos: m.pos, What: m.what, Hint: m.hint}
		if p.Line == 0 {
			p.Pos = s.pos
		}
		out = append(out, p)
	}
	return out
}

// schemaKey is the key of a compiled schema among what a pass remembers.
type schemaKey struct{ s schema }

type loadedSchema struct {
	schema *jsonschema.Schema
	err    error
}

// compiled returns the rule's schema, nil where it has none. That it cannot be
// had is a fault: it was fit when the configuration was loaded.
func (j *judge) compiled() (*jsonschema.Schema, bool) {
	if j.schema == nil {
		return nil, true
	}
	read := func(string) ([]byte, error) { return nil, fs.ErrNotExist } // an embedded one needs none
	if _, ok := j.schema.(*fileSchema); ok {
		repo := j.pass.Stated() // see check.State
		read = func(name string) ([]byte, error) { return rule.ReadPolicy(j.pass.Context(), repo, name) }
	}
	l := j.pass.Memo(schemaKey{j.schema}, func() any {
		s, err := j.schema.load(read)
		if err != nil {
			j.pass.Fail(rule.FaultUnreadable, "the schema cannot be used: %v", err)
		}
		return loadedSchema{s, err}
	}).(loadedSchema)
	if l.err != nil {
		j.pass.Repo() // the fault is told once, and no file's verdict is kept
	}
	return l.schema, l.err == nil
}

// schemaMistake is what is wrong with a schema, and where; the place is zero
// where it is not known.
type schemaMistake struct {
	pos        rule.Pos
	what, hint string
}

type schemaMistakes []schemaMistake

// Error returns one line a mistake.
func (ms schemaMistakes) Error() string {
	var lines []string
	for _, m := range ms {
		line := m.what
		if m.pos.Line > 0 {
			line = m.pos.String() + ": " + line
		}
		lines = append(lines, line)
	}
	return strings.Join(lines, "\n")
}

// repository is the folder that the schemas of the repository lie in, as their
// references see it.
const repository = "file:///repository/"

// schemaLoader reads the files of a schema.
type schemaLoader struct {
	read   reader
	source map[string][]byte
	roots  map[string]*document.Node
}

// address returns the URL of a file.
func address(name string) string {
	return repository + (&url.URL{Path: name}).EscapedPath()
}

func (l *schemaLoader) compile(name string) (sch *jsonschema.Schema, err error) {
	defer func() {
		if r := recover(); r != nil {
			sch, err = nil, fmt.Errorf("the schema %s cannot be compiled: %v", name, r)
		}
	}()
	c := jsonschema.NewCompiler()
	c.UseLoader(l)
	sch, err = c.Compile(address(name))
	if err != nil {
		return nil, l.explain(name, err)
	}
	return sch, nil
}

// Load returns the content of a schema by its URL: of the repository's files
// alone.
func (l *schemaLoader) Load(address string) (any, error) {
	u, err := url.Parse(address)
	if err != nil {
		return nil, fmt.Errorf("%s is no address", quote(address))
	}
	name, inside := strings.CutPrefix(u.Path, "/repository/")
	switch {
	case u.Scheme != "file":
		return nil, schemaMistakes{{what: "the schema refers to " + quote(address) + ", and sot never goes to the network",
			hint: "put that schema into the repository, and refer to it by a relative path (relative to the $id, where there is one)"}}
	case !inside || u.Host != "" || !fs.ValidPath(name):
		return nil, schemaMistakes{{what: "the schema refers to " + quote(u.Path) + ", which is not inside of the repository",
			hint: "refer to a file of the repository by a relative path"}}
	case len(l.source) == maxSchemaFiles:
		return nil, fmt.Errorf("the schema is made of more than %d files", maxSchemaFiles)
	}
	return l.file(name)
}

func (l *schemaLoader) file(name string) (any, error) {
	data, err := l.read(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, schemaMistakes{{what: "there is no schema " + quote(name), hint: "write the path of a JSON Schema, from the root, or builtin:NAME"}}
	case err != nil:
		return nil, fmt.Errorf("the schema %s cannot be read: %w", quote(name), err)
	case len(data) > maxSchema:
		return nil, fmt.Errorf("the schema %s has %d bytes, more than the limit of %d", quote(name), len(data), maxSchema)
	}
	l.source[name] = slices.Clone(data)
	format, ok := byName(name)
	if !ok {
		format = document.JSON
	}
	docs := document.Parse(data, format)
	var mistakes schemaMistakes
	for _, p := range docs.Problems {
		mistakes = append(mistakes, schemaMistake{pos: l.pos(name, p.Start), what: p.Message})
	}
	if len(mistakes) > 0 {
		return nil, mistakes
	}
	l.roots[name] = docs.Roots[0]
	return docs.Roots[0].Value, nil
}

func (l *schemaLoader) pos(name string, offset int) rule.Pos {
	line, column := rule.NewFile(rule.Entry{Path: name}, l.source[name], nil).Position(offset)
	return rule.Pos{File: name, Line: line, Column: column}
}
