package document

import (
	"bytes"
	"fmt"
	"unicode/utf8"
)

// The limits of a document.
const (
	MaxValues = 1_000_000
	MaxDepth  = 500
	// MaxProblems is how many problems of a file are named.
	MaxProblems = 100
	maxDigits   = 1000 // of a number
)

// Format is how a file is written.
type Format string

// The formats.
const (
	YAML  Format = "yaml"
	JSON  Format = "json"
	JSONC Format = "jsonc" // JSON with comments and trailing commas
	TOML  Format = "toml"
)

// Problem is what is wrong at the bytes [Start, End) of a file.
type Problem struct {
	Start, End int
	Message    string // what, then what to do
}

// Documents is a parsed file.
type Documents struct {
	// Roots are the documents: several in a YAML stream, else one. A stream
	// without any has one that is null; empty documents beside others are left
	// out.
	Roots []*Node
	// Problems are what is wrong with the file, in the order of the text; where
	// there are any, Roots is nil.
	Problems []Problem
}

// Footprint returns about how many bytes of memory the documents take.
func (d *Documents) Footprint() int {
	const value = 300 // a node, its place among its parent's, and the value itself
	n := 0
	for _, root := range d.Roots {
		n += value * root.count
	}
	return n
}

// Parse reads a file's content. It keeps no reference to data.
func Parse(data []byte, format Format) *Documents {
	if p := refuse(data); p != nil {
		return &Documents{Problems: []Problem{*p}}
	}
	b := &builder{left: MaxValues}
	switch format {
	case YAML:
		parseYAML(b, data)
	case TOML:
		parseTOML(b, data)
	default:
		parseJSON(b, data, format == JSONC)
	}
	if len(b.problems) > 0 {
		b.sort()
		return &Documents{Problems: b.problems}
	}
	return &Documents{Roots: b.roots}
}

// refuse returns a problem where the bytes are not UTF-8.
func refuse(data []byte) *Problem {
	if bytes.HasPrefix(data, []byte("\xff\xfe")) || bytes.HasPrefix(data, []byte("\xfe\xff")) {
		return &Problem{0, 2, "the file is UTF-16, save it as UTF-8"}
	}
	if utf8.Valid(data) {
		return nil
	}
	for i := 0; i < len(data); {
		r, n := utf8.DecodeRune(data[i:])
		if r == utf8.RuneError && n == 1 {
			return &Problem{i, i + 1, fmt.Sprintf("byte 0x%02x is not UTF-8, save the file as UTF-8", data[i])}
		}
		i += n
	}
	return nil
}
