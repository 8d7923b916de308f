package report

import (
	"io"
	"strings"
	"unicode/utf8"
)

// xmlWriter writes an XML document, an element a line. Package encoding/xml would
// do, but its table of HTML's entities is made when a program starts: 19 KB of
// every run.
type xmlWriter struct {
	strings.Builder
	depth int
}

// newXML begins a document; attrs are names and values in turn, as everywhere.
func newXML(root string, attrs ...string) *xmlWriter {
	x := &xmlWriter{}
	x.WriteString(`<?xml version="1.0" encoding="UTF-8"?>`)
	x.open(root, attrs...)
	return x
}

func (x *xmlWriter) line() {
	x.WriteByte('\n')
	for range x.depth {
		x.WriteString("  ")
	}
}

func (x *xmlWriter) tag(name string, attrs []string) {
	x.WriteString("<" + name)
	for i := 0; i+1 < len(attrs); i += 2 {
		x.WriteString(" " + attrs[i] + `="`)
		x.escape(attrs[i+1])
		x.WriteByte('"')
	}
	x.WriteByte('>')
}

// open begins an element that holds others.
func (x *xmlWriter) open(name string, attrs ...string) {
	x.line()
	x.tag(name, attrs)
	x.depth++
}

func (x *xmlWriter) close(name string) {
	x.depth--
	x.line()
	x.WriteString("</" + name + ">")
}

// element writes one that holds a text, or nothing.
func (x *xmlWriter) element(name, text string, attrs ...string) {
	x.line()
	x.tag(name, attrs)
	x.escape(text)
	x.WriteString("</" + name + ">")
}

// escape writes a text. Characters that XML does not know become U+FFFD, and white
// space is kept by references.
func (x *xmlWriter) escape(s string) {
	for _, r := range s { // a byte that is not UTF-8 is U+FFFD
		switch {
		case r == '&':
			x.WriteString("&amp;")
		case r == '<':
			x.WriteString("&lt;")
		case r == '>':
			x.WriteString("&gt;")
		case r == '"':
			x.WriteString("&#34;")
		case r == '\'':
			x.WriteString("&#39;")
		case r == '\t':
			x.WriteString("&#x9;")
		case r == '\r':
			x.WriteString("&#xD;")
		case r == '\n':
			x.WriteString("&#xA;")
		case r < ' ' || r == 0xFFFE || r == 0xFFFF:
			x.WriteRune(utf8.RuneError)
		default:
			x.WriteRune(r)
		}
	}
}

// end writes the document out.
func (x *xmlWriter) end(w io.Writer, root string) error {
	x.close(root)
	x.WriteByte('\n')
	_, err := io.WriteString(w, x.String())
	return err
}
