package rule

import (
	"bytes"
	"encoding/json"
	"fmt"
	"hash"
	"strconv"
	"time"
)

// Pos is a place in a configuration file; lines and columns are 1-based.
type Pos struct {
	File         string
	Line, Column int
}

// String returns "file:line:column".
func (p Pos) String() string { return fmt.Sprintf("%s:%d:%d", p.File, p.Line, p.Column) }

// Problem is one mistake in a configuration: what, and what to do.
type Problem struct {
	Pos
	What string // the fact, lower case, no full stop
	Hint string // what to do; may be empty
	// Text is a line that a value holds and a mistake stands in, "" where the
	// place says it all; Caret is the mistake's 0-based column in it.
	Text  string
	Caret int
}

// Error returns "file:line:column: what, hint".
func (p Problem) Error() string {
	s := p.Pos.String() + ": " + p.What
	if p.Hint != "" {
		s += ", " + p.Hint
	}
	return s
}

// ValueKind is what a Value is.
type ValueKind int8

// The kinds of values. Absent is the zero Value.
const (
	Absent ValueKind = iota
	Null
	Bool
	Int
	Float
	String
	List
	Map
)

var valueNames = [...]string{"nothing", "null", "a boolean", "a whole number", "a number", "a string", "a list", "a mapping"}

// String names the kind for a message, with its article.
func (k ValueKind) String() string { return valueNames[k] }

// Value is a node of a parsed configuration, with its place: what config hands
// to a kind, so that kinds need no YAML library.
type Value struct {
	Pos
	Kind   ValueKind
	Scalar string  // the text of a scalar; booleans are "true" and "false"
	Items  []Value // of a list
	Fields []Field // of a map, in the order of the file, keys unique
}

// Field is one entry of a map.
type Field struct {
	Key    string
	KeyPos Pos
	Value  Value
}

// Get returns the value of a key of a map; an absent Value where there is none.
func (v Value) Get(key string) Value {
	for _, f := range v.Fields {
		if f.Key == key {
			return f.Value
		}
	}
	return Value{}
}

// Hash writes what the value says, without its place, to h: equal values write
// the same bytes, and different ones different bytes.
func (v Value) Hash(h hash.Hash) {
	write := func(kind byte, n int, text string) {
		_, _ = fmt.Fprintf(h, "%c%d:%s", kind, n, text) // a hash takes everything
	}
	write("anbifslm"[v.Kind], len(v.Scalar), v.Scalar)
	write('#', len(v.Items), "")
	for _, x := range v.Items {
		x.Hash(h)
	}
	write('#', len(v.Fields), "")
	for _, f := range v.Fields {
		write('k', len(f.Key), f.Key)
		f.Value.Hash(h)
	}
}

// At walks keys (string) and positions (int) down from v.
func (v Value) At(path ...any) Value {
	for _, p := range path {
		switch p := p.(type) {
		case string:
			v = v.Get(p)
		case int:
			if p < 0 || p >= len(v.Items) {
				return Value{}
			}
			v = v.Items[p]
		}
	}
	return v
}

// Set says whether the value is there.
func (v Value) Set() bool { return v.Kind != Absent }

// Problemf returns a problem at the value's place.
func (v Value) Problemf(hint, format string, args ...any) Problem {
	return Problem{Pos: v.Pos, What: fmt.Sprintf(format, args...), Hint: hint}
}

// Strings returns a string or a list of strings as a list; nil where absent.
func (v Value) Strings() []string {
	switch v.Kind {
	case String:
		return []string{v.Scalar}
	case List:
		out := make([]string, 0, len(v.Items))
		for _, it := range v.Items {
			out = append(out, it.Scalar)
		}
		return out
	}
	return nil
}

// Bool returns a boolean; def where absent.
func (v Value) Bool(def bool) bool {
	if v.Kind == Bool {
		return v.Scalar == "true"
	}
	return def
}

// Int returns a whole number; def where absent.
func (v Value) Int(def int) int {
	if v.Kind == Int {
		if n, err := strconv.Atoi(v.Scalar); err == nil {
			return n
		}
	}
	return def
}

// Float returns a number; def where absent.
func (v Value) Float(def float64) float64 {
	if v.Kind == Int || v.Kind == Float {
		if n, err := strconv.ParseFloat(v.Scalar, 64); err == nil {
			return n
		}
	}
	return def
}

// Str returns a string; def where absent.
func (v Value) Str(def string) string {
	if v.Kind == String {
		return v.Scalar
	}
	return def
}

// Duration returns a duration such as "2m"; def where absent. The shape has
// checked that it parses.
func (v Value) Duration(def time.Duration) time.Duration {
	if v.Kind == String {
		if d, err := time.ParseDuration(v.Scalar); err == nil {
			return d
		}
	}
	return def
}

// MarshalJSON writes the value as JSON, map keys in the order of the file.
func (v Value) MarshalJSON() ([]byte, error) {
	switch v.Kind {
	case Absent, Null:
		return []byte("null"), nil
	case Bool, Int, Float:
		if !json.Valid([]byte(v.Scalar)) {
			return json.Marshal(v.Scalar) // .inf, .nan, 0x10
		}
		return []byte(v.Scalar), nil
	case String:
		return json.Marshal(v.Scalar)
	case List:
		if v.Items == nil {
			return []byte("[]"), nil
		}
		return json.Marshal(v.Items)
	}
	var b bytes.Buffer
	b.WriteByte('{')
	for i, f := range v.Fields {
		if i > 0 {
			b.WriteByte(',')
		}
		key, err := json.Marshal(f.Key)
		if err != nil {
			return nil, err
		}
		val, err := f.Value.MarshalJSON()
		if err != nil {
			return nil, err
		}
		b.Write(key)
		b.WriteByte(':')
		b.Write(val)
	}
	b.WriteByte('}')
	return b.Bytes(), nil
}
