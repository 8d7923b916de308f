package plan

import (
	"fmt"

	"github.com/sot-validator/sot/engine/rule"
	"github.com/sot-validator/sot/engine/rule/glob"
)

// Matcher says which files a rule speaks of. It is safe for concurrent use.
type Matcher struct {
	files, exclude *glob.Set // nil: no condition
	match          func(path string) bool
	types          []string
	typesOr        []string
	excludeTypes   []string
}

// NewMatcher compiles a selector. The loader has checked the globs, so that an
// error here is a built-in check's mistake.
func NewMatcher(s rule.Selector) (*Matcher, error) {
	m := &Matcher{match: s.Match, types: s.Types, typesOr: s.TypesOr, excludeTypes: s.ExcludeTypes}
	var err error
	if m.files, err = compile(s.Files); err != nil {
		return nil, fmt.Errorf("files: %w", err)
	}
	if m.exclude, err = compile(s.Exclude); err != nil {
		return nil, fmt.Errorf("exclude: %w", err)
	}
	return m, nil
}

func compile(patterns []string) (*glob.Set, error) {
	if len(patterns) == 0 {
		return nil, nil
	}
	return glob.Compile(patterns)
}

// Everything says whether every file fits.
func (m *Matcher) Everything() bool {
	return m.files == nil && m.match == nil && m.exclude == nil && !m.Typed()
}

// Path says whether the path fits; the tags may still refuse the file.
func (m *Matcher) Path(path string) bool {
	return (m.files == nil || m.files.Match(path)) &&
		(m.match == nil || m.match(path)) &&
		(m.exclude == nil || !m.exclude.Match(path))
}

// Typed says whether the rule asks for type tags at all.
func (m *Matcher) Typed() bool {
	return len(m.types)+len(m.typesOr)+len(m.excludeTypes) > 0
}

// Tags says whether a file with these tags fits.
func (m *Matcher) Tags(has func(tag string) bool) bool {
	for _, t := range m.types {
		if !has(t) {
			return false
		}
	}
	for _, t := range m.excludeTypes {
		if has(t) {
			return false
		}
	}
	for _, t := range m.typesOr {
		if has(t) {
			return true
		}
	}
	return len(m.typesOr) == 0
}
