package yamlsyntax

// nodeKind is what a node is.
type nodeKind uint8

const (
	scalarNode nodeKind = iota
	aliasNode
	sequenceNode
	mappingNode
)

// node is a node of the tree. Nodes refer to each other, to tags and to names by
// number, so that a tree is one allocation without pointers. 48 bytes.
type node struct {
	kind       nodeKind
	style      style
	start, end int32
	// A scalar's text is data[from:to]; where from is -1, it is owned text number to.
	from, to int32
	tag      int32 // 0: none
	anchor   int32 // an alias's or an anchor's name; -1: none
	child    int32 // the first child; 0: none, since a root is nobody's child
	next     int32 // the next child of the same parent
}

// document is the tree of one document.
type document struct {
	nodes []node
	// Over MaxNodes, nodes are no longer kept, and nothing is asked about the tree.
	full    bool
	owned   [][]byte
	tags    []string // [0] is no tag
	tagNums map[string]int32
	names   []string
	nameNum map[string]int32
}

func (d *document) reset() {
	d.nodes = append(d.nodes[:0], node{}) // number 0 is no node
	d.owned, d.full = d.owned[:0], false
	d.tags, d.tagNums = append(d.tags[:0], ""), nil
	d.names, d.nameNum = d.names[:0], nil
}

// add keeps a node and returns its number.
func (d *document) add(n node) int32 {
	if len(d.nodes) > MaxNodes {
		d.full = true
		return int32(len(d.nodes) - 1)
	}
	d.nodes = append(d.nodes, n)
	return int32(len(d.nodes) - 1)
}

func (d *document) own(text []byte) int32 {
	if d.full {
		return 0
	}
	d.owned = append(d.owned, text)
	return int32(len(d.owned) - 1)
}

// tagNumber returns the number of a tag, never 0.
func (d *document) tagNumber(tag string) int32 { return number(&d.tags, &d.tagNums, tag) }

// name returns the number of an anchor's name.
func (d *document) name(name string) int32 { return number(&d.names, &d.nameNum, name) }

func number(list *[]string, index *map[string]int32, s string) int32 {
	if n, ok := (*index)[s]; ok {
		return n
	}
	if *index == nil {
		*index = map[string]int32{}
	}
	n := int32(len(*list))
	*list = append(*list, s)
	(*index)[s] = n
	return n
}

// collection is a sequence or mapping whose children are being parsed.
type collection struct {
	index, last int32
	start, line int // of the bracket, in flow style
}

func (d *document) open(n node) collection { return collection{index: d.add(n)} }

// append makes a node the collection's last child.
func (d *document) append(c *collection, child int32) {
	switch {
	case d.full:
		return
	case c.last == 0:
		d.nodes[c.index].child = child
	default:
		d.nodes[c.last].next = child
	}
	c.last = child
}

// text returns a scalar's text.
func (d *document) text(n *node, data []byte) []byte {
	if n.from < 0 {
		return d.owned[n.to]
	}
	return data[n.from:n.to]
}
