// Package xmlsyntax says whether a text is well-formed XML, and if not, where
// and why.
//
// Its verdict is that of expat, as Python's xml.sax drives it: without
// namespaces, without validation, and without loading anything: an external
// entity or DTD subset is taken as empty. It is a parser of its own because
// encoding/xml is a lenient one (duplicate attributes, several roots, text
// around the root and much of a DTD pass it), and its leniency cannot be mended
// from outside.
//
// The phases: encoding.go turns the bytes into UTF-8; document.go, element.go,
// attribute.go read the document; dtd.go and decl.go its internal subset;
// entity.go looks into what is referred to.
//
// Entities are never expanded: the text of each is looked through once for
// content and once for attributes, and the size that it would expand to is
// computed. Time and memory are linear in the text.
package xmlsyntax

// Limits. Those of expansion are expat's, so that a "billion laughs" is an error.
const (
	// maxExpansion is how many bytes entities may expand to before maxFactor counts.
	maxExpansion = 8 << 20
	// maxFactor is how many times the text's own size entities may expand to.
	maxFactor = 100
	// maxEntityDepth is how deep entities may refer to others.
	maxEntityDepth = 1000
	// maxModelDepth is how deep a content model in a DTD may be nested.
	maxModelDepth = 1000
)

// Problem is the first thing that is wrong with a text.
type Problem struct {
	Start, End int    // the place, in bytes: [Start, End)
	Message    string // what, then what to do
}
