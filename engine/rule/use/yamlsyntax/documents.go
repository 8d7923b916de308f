package yamlsyntax

import (
	"encoding/json"
	"strconv"
	"strings"
)

// Kind is what a node of a document is.
type Kind uint8

// The kinds of nodes.
const (
	Scalar Kind = iota
	Alias
	Sequence
	Mapping
)

// Documents parses a stream and hands each document's tree to a function; a
// tree is good until that returns. It takes any tag, key and alias, since those
// are for the function to judge, and returns the first error of syntax, which
// ends the stream; nil where there is none. Its grammar is that of Check, but
// for [http://host], which newer loaders take.
func Documents(data []byte, each func(*Tree)) *Problem {
	if len(data) > MaxSize {
		return &Problem{0, 0, "over 1 GiB, too large to be looked into"}
	}
	if at, n, why := badChar(data); why != "" {
		return &Problem{at, at + n, why}
	}
	p := parser{scanner: newScanner(data), options: Options{Multi: true, Syntax: true}, each: each}
	p.urls = true
	return p.stream()
}

// Tree is the tree of one document. Nodes are named by numbers.
type Tree struct {
	loader
	Root int32
	// Full says that the document has more than MaxNodes nodes, and that the
	// tree is not whole.
	Full bool
}

// hand gives the finished document to the caller of Documents.
func (p *parser) hand(root int32) {
	t := &Tree{loader: loader{document: &p.doc, data: p.data}, Root: root, Full: p.doc.full}
	if !t.Full {
		t.link()
	}
	p.each(t)
}

// Kind returns what a node is.
func (t *Tree) Kind(n int32) Kind { return Kind(t.nodes[n].kind) }

// Span returns the bytes of a node, [start, end), its tag and anchor included.
func (t *Tree) Span(n int32) (start, end int) {
	return int(t.nodes[n].start), int(t.nodes[n].end)
}

// Next returns the next child of a node's parent; 0 behind the last. The
// children of a mapping are keys and values in turn.
func (t *Tree) Next(n int32) int32 { return t.nodes[n].next }

// Child returns the first child of a collection, or what an alias stands for; 0
// where there is none.
func (t *Tree) Child(n int32) int32 { return t.nodes[n].child }

// Anchored says whether an alias may stand for a node.
func (t *Tree) Anchored(n int32) bool { return t.nodes[n].anchor >= 0 }

// Name returns an alias's name.
func (t *Tree) Name(n int32) string { return t.names[t.nodes[n].anchor] }

// Tag returns a node's full tag; "" where none is written.
func (t *Tree) Tag(n int32) string { return t.tags[t.nodes[n].tag] }

// Text returns a scalar's text.
func (t *Tree) Text(n int32) string { return string(t.text(&t.nodes[n], t.data)) }

// IsMerge says whether a key is the merge key, "<<".
func (t *Tree) IsMerge(n int32) bool { return t.isMerge(&t.nodes[n]) }

// Value returns what a scalar means by YAML 1.2: nil, a bool, an int, a float64,
// a json.Number for a whole number that no int holds, or a string. A float64 may
// be infinite, or no number. Dates are strings, and so is what has a tag that is
// not YAML's own.
func (t *Tree) Value(n int32) any {
	node := &t.nodes[n]
	text := t.text(node, t.data)
	switch t.tagOf(node) {
	case nullTag:
		return nil
	case boolTag:
		if b, ok := parseBool(text); ok {
			return b
		}
	case intTag:
		if s, ok := parseInt(text); ok {
			if i, err := strconv.Atoi(s); err == nil {
				return i
			}
			return json.Number(strings.TrimPrefix(s, "+"))
		}
	case floatTag:
		if f, ok := parseFloat(text); ok {
			return f
		}
	}
	return string(text)
}
