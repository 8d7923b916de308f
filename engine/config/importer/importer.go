package importer

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/config"
	"github.com/sot-validator/sot/engine/rule"
)

// Options says with what the file that is written is read again.
type Options struct {
	Kinds     []rule.Kind
	KnownType func(tag string) bool
	Types     func() []string
	// Version is the running sot's own.
	Version string
}

// NoteKind says what a Note is about.
type NoteKind uint8

// The kinds of notes.
const (
	// Dropped is what was not carried over.
	Dropped NoteKind = iota
	// Differs is what was carried over and is not the same in every case.
	Differs
)

// Note is one thing that the import could not carry over as it was.
type Note struct {
	Kind    NoteKind
	Line    int    // 1-based, in the file that was read
	Subject string // such as "hook mypy" or "ci"
	Reason  string // why, and what to do; lower case, no full stop
}

// String returns the note as one line, without the file.
func (n Note) String() string {
	verb := "not carried over: "
	if n.Kind == Differs {
		verb = ""
	}
	return fmt.Sprintf("%s: %s%s", n.Subject, verb, n.Reason)
}

// Result is what an import yields.
type Result struct {
	Text  []byte // the sot.yaml; nil where there are no rules
	Rules int    // how many rules it has
	Notes []Note // in the order of the lines
}

// Error says that the import itself went wrong: what was written does not load.
type Error struct{ Err error }

// Error returns the mistakes.
func (e *Error) Error() string {
	return "what was imported does not load, which is a mistake in sot: " + e.Err.Error()
}

// Unwrap returns the loader's error.
func (e *Error) Unwrap() error { return e.Err }

// importing is the state of one import.
type importing struct {
	Options
	doc    document
	ids    map[string]bool
	within string // the file that is read, where it is not the main one
}

func newImporting(command, from string, o Options) *importing {
	return &importing{Options: o, doc: document{command: command, from: from}, ids: map[string]bool{}}
}

func (m *importing) note(kind NoteKind, line int, subject, format string, args ...any) {
	if m.within != "" {
		line, subject = 1, fmt.Sprintf("%s:%d, %s", m.within, line, subject)
	}
	m.doc.notes = append(m.doc.notes, Note{Kind: kind, Line: line, Subject: subject, Reason: fmt.Sprintf(format, args...)})
}

func (m *importing) drop(line int, subject, format string, args ...any) {
	m.note(Dropped, line, subject, format, args...)
}

// has says whether rules can be of a kind.
func (m *importing) has(kind string) bool {
	return slices.ContainsFunc(m.Kinds, func(k rule.Kind) bool { return k.Name == kind })
}

// add takes a rule, under an id that is free.
func (m *importing) add(e entry, others ...string) {
	want := identifier(e.id)
	e.id = want
	for _, o := range others {
		if m.ids[e.id] && o != "" {
			e.id = identifier(o)
		}
	}
	for n := 2; m.ids[e.id]; n++ {
		e.id = fmt.Sprintf("%s-%d", head(want, 90), n)
	}
	m.ids[e.id] = true
	m.doc.rules = append(m.doc.rules, e)
}

// identifier makes an id of any name.
func identifier(s string) string {
	out := strings.Map(func(r rune) rune {
		if r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z' || r >= '0' && r <= '9' || strings.ContainsRune("_./-", r) {
			return r
		}
		return '-'
	}, s)
	out = head(strings.Trim(out, "./-"), 100)
	if out == "" || out == "unused-ignore" { // which is reserved
		return "rule"
	}
	return out
}

// finish writes the file, and reads it again.
func (m *importing) finish() (*Result, error) {
	slices.SortStableFunc(m.doc.notes, func(a, b Note) int { return cmp.Compare(a.Line, b.Line) })
	m.doc.notes = slices.Compact(m.doc.notes)
	if len(m.doc.rules) == 0 {
		return &Result{Notes: m.doc.notes}, nil
	}
	text := m.doc.text()
	_, err := config.Load(config.Options{
		File: "sot.yaml",
		Read: func(name string) ([]byte, error) {
			if name != "sot.yaml" {
				return []byte("{}"), nil // a schema of the repository, which is not looked into here
			}
			return text, nil
		},
		Kinds: m.Kinds, Version: m.Version, KnownType: m.KnownType, Types: m.Types,
	})
	if err != nil {
		return nil, &Error{err}
	}
	return &Result{Text: text, Rules: len(m.doc.rules), Notes: m.doc.notes}, nil
}

// read parses what is imported.
func read(name string, data []byte) (rule.Value, error) {
	v, problems := config.Parse(name, data)
	if at, found := withNUL(v); found {
		problems = append(problems, at.Problemf("remove it", "the value holds a NUL byte"))
	}
	if len(problems) > 0 {
		return v, config.Problems(problems)
	}
	return v, nil
}

// withNUL finds a value with a NUL byte: neither a name nor an argument can hold
// one, so that what follows may use it as a mark.
func withNUL(v rule.Value) (rule.Value, bool) {
	if strings.IndexByte(v.Scalar, 0) >= 0 {
		return v, true
	}
	for _, it := range v.Items {
		if at, found := withNUL(it); found {
			return at, true
		}
	}
	for _, f := range v.Fields {
		if strings.IndexByte(f.Key, 0) >= 0 {
			return rule.Value{Pos: f.KeyPos}, true
		}
		if at, found := withNUL(f.Value); found {
			return at, true
		}
	}
	return rule.Value{}, false
}

// errorAt is a mistake in the file that is imported.
func errorAt(v rule.Value, name, hint, format string, args ...any) error {
	p := v.Problemf(hint, format, args...)
	if p.File == "" {
		p.Pos = rule.Pos{File: name, Line: 1, Column: 1}
	}
	return config.Problems{p}
}

// scalars returns the texts of a list of scalars, or of one scalar.
func scalars(v rule.Value) []string {
	if v.Kind != rule.List {
		if s, ok := text(v); ok {
			return []string{s}
		}
		return nil
	}
	var out []string
	for _, it := range v.Items {
		if s, ok := text(it); ok {
			out = append(out, s)
		}
	}
	return out
}

// text returns a scalar's text.
func text(v rule.Value) (string, bool) {
	switch v.Kind {
	case rule.String, rule.Int, rule.Float, rule.Bool:
		return v.Scalar, true
	}
	return "", false
}
