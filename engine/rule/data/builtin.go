package data

import (
	"embed"
	"slices"
	"sync"

	"github.com/sot-validator/sot/engine/rule/data/document"
	"github.com/sot-validator/sot/engine/rule/data/internal/jsonschema"
)

// The embedded schemas are our own, written from the documentation that each
// names in $comment.
//
//go:embed schemas/*.json
var schemas embed.FS

// Builtins returns the names of the embedded schemas, sorted.
func Builtins() []string {
	return []string{"github-action", "github-dependabot", "github-issue-form", "github-workflow", "npm-package"}
}

// builtinSchema is an embedded schema, compiled when it is first asked for.
type builtinSchema struct {
	once func() (*jsonschema.Schema, error)
}

func (s *builtinSchema) load(reader) (*jsonschema.Schema, error) { return s.once() }

var compiledBuiltins sync.Map // name -> *builtinSchema

// builtin returns an embedded schema, the same for all rules that name it.
func builtin(name string) (schema, bool) {
	if !slices.Contains(Builtins(), name) {
		return nil, false
	}
	s, _ := compiledBuiltins.LoadOrStore(name, &builtinSchema{once: sync.OnceValues(func() (*jsonschema.Schema, error) {
		l := &schemaLoader{source: map[string][]byte{}, roots: map[string]*document.Node{},
			read: func(file string) ([]byte, error) { return schemas.ReadFile("schemas/" + file) }}
		return l.compile(name + ".json")
	})})
	return s.(*builtinSchema), true
}
