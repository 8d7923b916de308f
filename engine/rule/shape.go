package rule

import (
	"fmt"
	"strings"
)

// ShapeType is what a Shape asks of a value.
type ShapeType int8

// The types of shapes.
const (
	AnyShape ShapeType = iota
	StringShape
	IntShape
	NumberShape
	BoolShape
	ListShape
	ObjectShape // a map with known keys
	MapShape    // a map with free keys, all values of one shape
	OneOfShape  // the first alternative whose type fits
	NullShape
)

// Shape describes a value of sot.yaml. The loader checks values against it and
// `sot schema` prints it, so that the two cannot disagree.
type Shape struct {
	Type ShapeType
	Doc  string // one sentence, shown by editors and by `sot explain`
	// Enum are the only strings allowed.
	Enum []string
	// Format says what a string must be beyond a string; see the Format constants.
	Format Format
	Min    *float64
	Max    *float64
	// MinItems is the least number of items of a list, or keys of a map, or bytes of a string.
	MinItems int
	Keys     []Key   // of an object
	Elem     *Shape  // of a list or a map
	OneOf    []Shape // of a OneOfShape
	// Default is what holds where the value is absent, as it would be written; ""
	// where that has no value of its own, and of a boolean is false.
	Default string
	// AtLeastOne says that an object needs at least one of these keys.
	AtLeastOne []string
	// ExactlyOne says that an object needs exactly one of these keys.
	ExactlyOne []string
}

// Key is one key of an object.
type Key struct {
	Name     string
	Required bool
	Shape    Shape
}

// Format names what a string must be beyond a string. The loader checks each;
// the JSON Schema says those that it can.
type Format string

// The formats.
const (
	FormatGlob     Format = "glob"     // doublestar
	FormatRegexp   Format = "regexp"   // RE2
	FormatDuration Format = "duration" // Go's, such as 90s or 2m
	FormatPercent  Format = "percent"  // such as "80%"
	FormatLines    Format = "lines"    // such as "1-5", "3" or "10-"
	FormatSize     Format = "size"     // such as 64MiB
	FormatID       Format = "id"       // a rule's id
	FormatURL      Format = "url"
	FormatVersion  Format = "version" // semantic version
	FormatPath     Format = "path"    // relative, "/"-separated, inside the repository
)

// Str is any string.
func Str(doc string) Shape { return Shape{Type: StringShape, Doc: doc} }

// Fmt is a string of a format.
func Fmt(f Format, doc string) Shape { return Shape{Type: StringShape, Format: f, Doc: doc} }

// Enum is one of some strings.
func Enum(doc string, of ...string) Shape { return Shape{Type: StringShape, Enum: of, Doc: doc} }

// Boolean is true or false.
func Boolean(doc string) Shape { return Shape{Type: BoolShape, Doc: doc} }

// Integer is a whole number of at least lo.
func Integer(doc string, lo float64) Shape { return Shape{Type: IntShape, Min: &lo, Doc: doc} }

// ListOf is a list of at least one.
func ListOf(elem Shape, doc string) Shape {
	return Shape{Type: ListShape, Elem: &elem, MinItems: 1, Doc: doc}
}

// Or returns the shape with its default.
func (s Shape) Or(def string) Shape {
	s.Default = def
	return s
}

// OneOrMore is one value or a list of them.
func OneOrMore(elem Shape, doc string) Shape {
	return Shape{Type: OneOfShape, OneOf: []Shape{elem, ListOf(elem, doc)}, Doc: doc}
}

// Object is a map with known keys.
func Object(doc string, keys ...Key) Shape { return Shape{Type: ObjectShape, Keys: keys, Doc: doc} }

// String says in a few words what a value of the shape is.
func (s Shape) String() string {
	switch s.Type {
	case StringShape:
		return s.text()
	case IntShape:
		return "a whole number" + s.bounds()
	case NumberShape:
		return "a number" + s.bounds()
	case BoolShape:
		return "true or false"
	case ListShape:
		if s.Elem.Type == ObjectShape {
			return "a list of mappings" + s.Elem.names()
		}
		return "a list of: " + s.Elem.String()
	case MapShape:
		return "a mapping, each value " + s.Elem.String()
	case ObjectShape:
		return "a mapping" + s.names()
	case NullShape:
		return "null"
	case OneOfShape:
		if n := len(s.OneOf); n == 2 && s.OneOf[1].Type == ListShape && s.OneOf[1].Elem.String() == s.OneOf[0].String() {
			return s.OneOf[0].String() + ", or a list"
		}
		var kinds []string
		for _, o := range s.OneOf {
			kinds = append(kinds, o.String())
		}
		return strings.Join(kinds, ", or ")
	}
	return "anything"
}

// names are an object's keys, in brackets.
func (s Shape) names() string {
	names := make([]string, len(s.Keys))
	for i, k := range s.Keys {
		names[i] = k.Name
	}
	return " (" + strings.Join(names, ", ") + ")"
}

func (s Shape) text() string {
	switch {
	case len(s.Enum) == 1:
		return s.Enum[0]
	case len(s.Enum) > 0:
		return "one of " + strings.Join(s.Enum, ", ")
	}
	switch s.Format {
	case "":
		return "a text"
	case FormatRegexp:
		return "a pattern (RE2)"
	case FormatLines:
		return "lines, such as 1-5"
	case FormatID:
		return "a name"
	}
	return "a " + string(s.Format)
}

func (s Shape) bounds() string {
	switch {
	case s.Min != nil && s.Max != nil:
		return fmt.Sprintf(" from %g to %g", *s.Min, *s.Max)
	case s.Min != nil:
		return fmt.Sprintf(", at least %g", *s.Min)
	case s.Max != nil:
		return fmt.Sprintf(", at most %g", *s.Max)
	}
	return ""
}
