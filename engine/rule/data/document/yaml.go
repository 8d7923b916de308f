package document

import (
	"strings"

	"github.com/sot-validator/sot/engine/rule/use/yamlsyntax"
)

// parseYAML reads a stream. Its grammar is that of the check check-yaml.
func parseYAML(b *builder, data []byte) {
	first := true
	var empty *Node
	err := yamlsyntax.Documents(data, func(t *yamlsyntax.Tree) {
		y := &yamlReader{builder: b, tree: t, data: data, built: map[int32]*Node{}}
		start, end := t.Span(t.Root)
		if t.Full {
			b.report(start, start, "a document of more than %d values, split the file", MaxValues)
			return
		}
		n := y.node(t.Root)
		switch {
		case n == nil:
		case n.Value == nil && start == end:
			empty = n
		default:
			b.roots = append(b.roots, n)
		}
		first = false
	})
	if err != nil {
		b.report(err.Start, err.End, "%s", err.Message)
	}
	if len(b.roots) == 0 {
		if empty == nil && first {
			empty = b.scalar(nil, 0, 0)
		}
		if empty != nil {
			b.roots = append(b.roots, empty)
		}
	}
}

// yamlReader makes the nodes of one document.
type yamlReader struct {
	*builder
	tree  *yamlsyntax.Tree
	data  []byte
	depth int
	// built are the nodes that an alias may stand for; nil is one that is being
	// built, or could not be.
	built map[int32]*Node
}

const coreTags = "tag:yaml.org,2002:"

// node returns the node of a value; nil where it has none, which is reported.
func (y *yamlReader) node(i int32) *Node {
	start, end := y.tree.Span(i)
	if !y.take(1, start, end) {
		return nil
	}
	kind := y.tree.Kind(i)
	if kind == yamlsyntax.Alias {
		return y.alias(i, start, end)
	}
	if kind != yamlsyntax.Scalar {
		if y.depth++; y.depth > MaxDepth {
			y.report(start, start, "nested more than %d deep", MaxDepth)
			y.over = true // once is enough
			return nil
		}
		defer func() { y.depth-- }()
	}
	if tag := y.tree.Tag(i); unknownTag(tag) {
		y.report(start, end, "unknown tag %s, remove it", strings.Replace(clip(tag), coreTags, "!!", 1))
		return nil
	}
	var n *Node
	switch kind {
	case yamlsyntax.Sequence:
		n = y.sequence(i, start, end)
	case yamlsyntax.Mapping:
		n = y.mapping(i, start, end)
	default:
		return y.keep(i, y.scalar(y.tree.Value(i), start, end))
	}
	return y.keep(i, n)
}

func (y *yamlReader) keep(i int32, n *Node) *Node {
	if y.tree.Anchored(i) {
		y.built[i] = n
	}
	return n
}

// unknownTag says whether a tag is of YAML's own and not among those that stand
// for data, as !!python/object. A tag of an application's own (!Ref) says how the
// value is meant, and the value is taken as it is written.
func unknownTag(tag string) bool {
	name, core := strings.CutPrefix(tag, coreTags)
	if !core {
		return false
	}
	switch name {
	case "str", "null", "bool", "int", "float", "timestamp", "binary", "merge", "value", "seq", "map", "set", "omap", "pairs":
		return false
	}
	return true
}

// alias returns a node that shares what the anchored one holds.
func (y *yamlReader) alias(i int32, start, end int) *Node {
	target := y.tree.Child(i)
	if target == 0 {
		y.report(start, end, "undefined alias *%s, mend the name, or quote the text", clip(y.tree.Name(i)))
		return nil
	}
	n, there := y.built[target]
	if !there {
		y.report(start, end, "the alias *%s stands inside of what it names", clip(y.tree.Name(i)))
		return nil
	}
	if n == nil {
		return nil // reported
	}
	return &Node{Value: n.Value, Start: start, End: end, Kids: n.Kids, count: n.count, depth: n.depth}
}

func (y *yamlReader) sequence(i int32, start, end int) *Node {
	var kids []*Node
	whole := true
	for c := y.tree.Child(i); c != 0 && !y.over; c = y.tree.Next(c) {
		n := y.node(c)
		if n == nil {
			whole = false
			continue
		}
		kids = append(kids, n)
	}
	if !whole || y.over {
		return nil
	}
	return y.list(kids, start, end)
}

func (y *yamlReader) mapping(i int32, start, end int) *Node {
	var own keys
	var merged []*Node
	whole := true
	for k := y.tree.Child(i); k != 0 && !y.over; {
		v := y.tree.Next(k)
		if y.tree.IsMerge(k) {
			from, ok := y.merge(v)
			merged, whole = append(merged, from...), whole && ok
		} else if !y.member(&own, k, v) {
			whole = false
		}
		k = y.tree.Next(v)
	}
	if !whole || y.over {
		return nil
	}
	for _, from := range merged {
		for _, kid := range from.Kids {
			if !y.take(1, start, end) {
				return nil
			}
			own.add(kid) // a key that is there already wins
		}
	}
	return y.builder.mapping(own.kids, start, end)
}

// member adds a key and its value.
func (y *yamlReader) member(own *keys, k, v int32) bool {
	start, end := y.tree.Span(k)
	scalar := k
	if y.tree.Kind(k) == yamlsyntax.Alias {
		scalar = y.tree.Child(k)
	}
	keyed := scalar != 0 && y.tree.Kind(scalar) == yamlsyntax.Scalar
	switch {
	case scalar == 0:
		y.report(start, end, "undefined alias *%s, mend the name, or quote the text", clip(y.tree.Name(k)))
	case !keyed:
		y.report(start, end, "a key that is no scalar, quote the text if it is a template such as '{{ name }}'")
	}
	n := y.node(v)
	if keyed && y.tree.Kind(k) == yamlsyntax.Scalar {
		y.keep(k, &Node{Value: y.tree.Value(k), Start: start, End: end, count: 1})
	}
	if n == nil || !keyed {
		return false
	}
	n.Key, n.KeyStart, n.KeyEnd = y.tree.Text(scalar), start, end
	if first := own.add(n); first != nil {
		y.duplicate(y.data, n.Key, start, end, first.KeyStart)
		return false
	}
	return true
}

// merge returns the mappings that "<<" brings in.
func (y *yamlReader) merge(v int32) ([]*Node, bool) {
	n := y.node(v)
	if n == nil {
		return nil, false
	}
	from := []*Node{n}
	if _, list := n.Value.([]any); list {
		from = n.Kids
	}
	for _, m := range from {
		if _, ok := m.Value.(map[string]any); !ok {
			y.report(m.Start, m.End, "only a mapping, or a list of mappings, can be merged with \"<<\"")
			return nil, false
		}
	}
	return from, true
}
