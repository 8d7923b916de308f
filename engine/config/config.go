package config

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/sot-validator/sot/engine/rule"
)

// DefaultPack is what runs where there is no configuration file.
const DefaultPack = "sot:recommended"

// The names that are looked for at the root, the usual one first.
const (
	fileName       = "sot.yaml"
	hiddenFileName = ".sot.yaml"
)

// Options says what to load, and with what.
type Options struct {
	// File is what --config names, relative to the root and "/"-separated, or
	// absolute or starting with ".." where it lies outside. "" looks for
	// sot.yaml, then .sot.yaml at the root.
	File string
	// Read returns a file of the source, by its path relative to the root; it
	// fails with fs.ErrNotExist where there is none.
	Read func(path string) ([]byte, error)
	// ReadOutside reads File where it lies outside the root; nil where that
	// cannot be. Such a file may extend embedded packs only: a relative path
	// in it would name a file that is not under the repository's review.
	ReadOutside func(path string) ([]byte, error)
	Kinds       []rule.Kind
	// Version is the running sot's own, for min_version; where it is no
	// semantic version (a development build), every min_version is met.
	Version string
	// KnownType says whether a type tag exists, Types lists them for near
	// misses. Where KnownType is nil, every tag is taken.
	KnownType func(tag string) bool
	Types     func() []string
}

// Config is a loaded configuration.
type Config struct {
	Path    string // the file; "" where the default pack runs
	Default bool   // there is no file, so that sot:recommended runs
	Exclude []string
	// FailOn is the least severity that makes a run fail; FailOnNever says
	// that none does.
	FailOn      rule.Severity
	FailOnNever bool
	Workers     int // the most workers; 0 is as many as there are CPUs
	Hook        Hook
	Cache       Cache
	MinVersion  string
	// Rules are in order: those of extended files first. A rule with the id of
	// an extended one stands in its place.
	Rules []*rule.Rule
}

// Hook is the git hook's own settings.
type Hook struct {
	Fix    bool
	Budget time.Duration // 0: none
}

// Cache is the verdict cache's settings.
type Cache struct {
	Size   int64  // bytes; 0: the default
	Remote string // URL; "": none
}

// Problems are all mistakes of a configuration, sorted by file, line, column.
type Problems []rule.Problem

// Error returns one line a problem: "file:line:column: what, hint".
func (ps Problems) Error() string {
	lines := make([]string, len(ps))
	for i, p := range ps {
		lines[i] = p.Error()
	}
	return strings.Join(lines, "\n")
}

// Load reads the configuration and everything that it extends. Mistakes come
// back as Problems; any other error is one of reading.
func Load(o Options) (*Config, error) {
	l := newLoader(o)
	c := &Config{FailOn: rule.Error}
	if err := l.locate(c); err != nil {
		return nil, err
	}
	if len(l.problems) == 0 {
		l.main(c)
	}
	if err := l.readError; err != nil {
		return nil, err
	}
	if len(l.problems) > 0 {
		return nil, sorted(l.problems)
	}
	return c, nil
}

// loader is the state of one Load.
type loader struct {
	Options
	problems  []rule.Problem
	readError error // reading failed for another reason than absence
	vocab     vocabulary
	files     map[string]bool // every file that was loaded or is being loaded
	chain     []string        // the files that are being loaded, the outermost first
	decls     []*decl
	byID      map[string]*decl
	first     []byte // content of the main file, once it is read
	hints     int    // near misses that were looked for among many candidates
}

func newLoader(o Options) *loader {
	return &loader{Options: o, vocab: newVocabulary(o.Kinds), files: map[string]bool{}, byID: map[string]*decl{}}
}

func (l *loader) problem(p rule.Problem) { l.problems = append(l.problems, p) }

// suggest is suggest, for lists of candidates that a file may make long: after
// some hundred unknown words it looks for no more near misses.
func (l *loader) suggest(word string, candidates []string, look string) string {
	const most = 200
	if l.hints++; l.hints > most {
		return look
	}
	return suggest(word, candidates, look)
}

// locate finds the configuration file, and reads it into l.first.
func (l *loader) locate(c *Config) error {
	if l.File != "" {
		return l.readNamed(c)
	}
	usual, err := l.readIfThere(fileName)
	if err != nil {
		return err
	}
	hidden, err := l.readIfThere(hiddenFileName)
	if err != nil {
		return err
	}
	switch {
	case usual != nil && hidden != nil:
		l.problem(rule.Problem{
			Pos:  rule.Pos{File: hiddenFileName, Line: 1, Column: 1},
			What: "both " + fileName + " and " + hiddenFileName + " exist", Hint: "keep one of them",
		})
	case usual != nil:
		c.Path, l.first = fileName, usual
	case hidden != nil:
		c.Path, l.first = hiddenFileName, hidden
	default:
		c.Default = true
	}
	return nil
}

func (l *loader) readNamed(c *Config) error {
	read := l.Read
	c.Path = l.File
	if outside(l.File) {
		read = l.ReadOutside
	} else {
		c.Path = path.Clean(filepath.ToSlash(l.File))
	}
	var data []byte
	err := fs.ErrNotExist
	if read != nil {
		data, err = read(c.Path)
	}
	if errors.Is(err, fs.ErrNotExist) {
		l.problem(rule.Problem{
			Pos:  rule.Pos{File: c.Path, Line: 1, Column: 1},
			What: "there is no such file", Hint: "give --config the path of a sot.yaml",
		})
		return nil
	}
	l.first = nonNil(data)
	return err
}

// readIfThere returns nil where there is no such file.
func (l *loader) readIfThere(name string) ([]byte, error) {
	data, err := l.Read(name)
	if errors.Is(err, fs.ErrNotExist) {
		return nil, nil
	}
	return nonNil(data), err
}

func nonNil(b []byte) []byte {
	if b == nil {
		return []byte{}
	}
	return b
}

// outside says whether a --config path leaves the root.
func outside(name string) bool {
	name = filepath.ToSlash(name)
	return filepath.IsAbs(name) || path.IsAbs(name) || !inside(path.Clean(name))
}

// inside says whether a clean relative path stays below the root.
func inside(clean string) bool { return clean != ".." && !strings.HasPrefix(clean, "../") }

// maxProblems bounds what a hostile file makes us print.
const maxProblems = 1000

// sorted returns the problems by place, each once.
func sorted(ps []rule.Problem) Problems {
	slices.SortStableFunc(ps, func(a, b rule.Problem) int {
		return cmp.Or(strings.Compare(a.File, b.File), cmp.Compare(a.Line, b.Line), cmp.Compare(a.Column, b.Column),
			strings.Compare(a.What, b.What), strings.Compare(a.Hint, b.Hint))
	})
	ps = slices.Compact(ps)
	if n := len(ps) - maxProblems; n > 0 {
		ps = append(ps[:maxProblems:maxProblems], rule.Problem{Pos: ps[maxProblems].Pos, What: fmt.Sprintf("and %d more problems from here on", n)})
	}
	return ps
}
