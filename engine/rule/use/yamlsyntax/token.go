package yamlsyntax

// tokenKind is what a token is, in the words of the YAML specification's
// indicators.
type tokenKind uint8

const (
	streamEnd tokenKind = iota
	versionDirective
	tagDirective
	documentStart
	documentEnd
	blockSequenceStart
	blockMappingStart
	blockEnd
	flowSequenceStart
	flowSequenceEnd
	flowMappingStart
	flowMappingEnd
	blockEntry
	flowEntry
	keyToken
	valueToken
	aliasToken
	anchorToken
	tagToken
	scalarToken
)

// style is how a scalar is written.
type style uint8

const (
	plain style = iota
	quoted
	block
)

// token is a piece of the text at [start, end). The text of a name, and of a
// scalar that stands in the file as it is meant, is data[from:to]; of one that
// does not (escapes, folding), it is owned.
type token struct {
	kind       tokenKind
	style      style
	start, end int
	from, to   int
	owned      []byte
	// handle is of a tag or a %TAG directive, "" for a verbatim tag; its suffix
	// or prefix is owned.
	handle string
}

// what names the token for "found ...".
func (t token) what() string {
	switch t.kind {
	case streamEnd:
		return "the end of the file"
	case documentStart:
		return "the start of a document"
	case documentEnd:
		return "the end of a document"
	case versionDirective, tagDirective:
		return "a directive"
	case blockSequenceStart, blockEntry:
		return "a list item"
	case blockMappingStart, keyToken:
		return "a key"
	case blockEnd:
		return "the end of the block"
	case flowSequenceStart:
		return "'['"
	case flowSequenceEnd:
		return "']'"
	case flowMappingStart:
		return "'{'"
	case flowMappingEnd:
		return "'}'"
	case flowEntry:
		return "','"
	case valueToken:
		return "':'"
	case aliasToken:
		return "an alias"
	case anchorToken:
		return "an anchor"
	case tagToken:
		return "a tag"
	}
	return "a scalar"
}
