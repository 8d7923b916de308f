package yamlsyntax

import (
	"bytes"
	"fmt"
	"strings"
)

// loader asks a tree what a safe loader would object to.
type loader struct {
	*document
	data     []byte
	problems []Problem
	lastLine int // see lineOf
	lastAt   int
}

func (l *loader) load(root int32) []Problem {
	if l.full {
		return nil
	}
	l.link()
	l.visit(root)
	return l.problems
}

func (l *loader) report(n *node, format string, args ...any) {
	if len(l.problems) == MaxProblems {
		return
	}
	l.problems = append(l.problems, Problem{int(n.start), int(n.end), fmt.Sprintf(format, args...)})
}

// link gives each alias the number of its target, in `child`. Nodes are numbered
// in the order of the text, a collection before what it holds.
func (l *loader) link() {
	if len(l.names) == 0 {
		return
	}
	targets := make([]int32, len(l.names))
	for i := range l.nodes {
		n := &l.nodes[i]
		switch {
		case i == 0 || n.anchor < 0:
		case n.kind == aliasNode:
			if n.child = targets[n.anchor]; n.child == 0 {
				l.report(n, "undefined alias *%s, mend the name, or quote the text", l.names[n.anchor])
			}
		case targets[n.anchor] != 0:
			l.report(n, "second anchor &%s, the first is at line %d, rename one", l.names[n.anchor], l.lineOf(l.nodes[targets[n.anchor]].start))
			targets[n.anchor] = int32(i)
		default:
			targets[n.anchor] = int32(i)
		}
	}
}

// target returns the node that an alias stands for, the node itself where it is
// none; nil for an undefined alias.
func (l *loader) target(i int32) *node {
	n := &l.nodes[i]
	if n.kind == aliasNode {
		if n.child == 0 {
			return nil
		}
		n = &l.nodes[n.child]
	}
	return n
}

// visit judges a node and what it holds. What an alias stands for is judged
// where it is anchored: nothing is visited twice.
func (l *loader) visit(i int32) {
	n := &l.nodes[i]
	switch n.kind {
	case scalarNode:
		l.scalar(n)
	case sequenceNode:
		l.sequence(n)
	case mappingNode:
		l.collectionTag(n, "map", "set")
		l.mapping(n, true)
	}
}

// sequence judges a sequence. The tags omap and pairs want mappings of one key.
func (l *loader) sequence(n *node) {
	tag := l.collectionTag(n, "seq", "omap", "pairs")
	for c := n.child; c != 0; c = l.nodes[c].next {
		l.visit(c)
		if tag != "omap" && tag != "pairs" {
			continue
		}
		if t := l.target(c); t != nil && (t.kind != mappingNode || l.size(t) != 1) {
			l.report(&l.nodes[c], "an item of !!%s is a mapping of one key", tag)
		}
	}
	if tag == "omap" {
		l.omapKeys(n)
	}
}

func (l *loader) omapKeys(n *node) {
	seen := map[string]bool{}
	for c := n.child; c != 0; c = l.nodes[c].next {
		if t := l.target(c); t != nil && t.kind == mappingNode && t.child != 0 {
			if id, ok := l.keyID(t.child, 0); ok && seen[id] {
				l.report(&l.nodes[c], "duplicate key in !!omap, remove one")
			} else {
				seen[id] = ok
			}
		}
	}
}

// size returns the number of pairs of a mapping, 2 for more.
func (l *loader) size(n *node) int {
	pairs := 0
	for c := n.child; c != 0 && pairs < 2; c = l.nodes[l.nodes[c].next].next {
		pairs++
	}
	return pairs
}

// collectionTag returns the short name of a collection's tag, the first of
// those allowed where it has none, and reports any other.
func (l *loader) collectionTag(n *node, allowed ...string) string {
	tag := l.tags[n.tag]
	if tag == "" || tag == "!" {
		return allowed[0]
	}
	name, core := strings.CutPrefix(tag, corePrefix)
	for _, a := range allowed {
		if core && name == a {
			return name
		}
	}
	if core && knownTag(name) {
		l.report(n, "tag !!%s does not fit a %s, remove it", name, allowed[0])
	} else {
		l.unknownTag(n, tag)
	}
	return allowed[0]
}

func (l *loader) unknownTag(n *node, tag string) {
	if name, core := strings.CutPrefix(tag, corePrefix); core {
		tag = "!!" + name
	}
	l.report(n, "unknown tag %s, which a safe loader refuses, remove it, or set unsafe to check the syntax alone", tag)
}

// mapping judges a mapping's pairs. Keys must differ, unless keys are merged
// into it ("<<"), or it is itself written where it is merged into another.
func (l *loader) mapping(n *node, unique bool) {
	merged := false
	for k := n.child; k != 0; {
		v := l.nodes[k].next
		if l.isMerge(&l.nodes[k]) {
			if merged {
				l.report(&l.nodes[k], "duplicate key \"<<\", merge a list of mappings instead")
			}
			if l.merge(v) {
				merged = true
			}
		} else {
			l.key(k)
			l.visit(v)
		}
		k = l.nodes[v].next
	}
	if unique && !merged {
		l.duplicates(n)
	}
}

// key judges a key as a value, but for "=", which is allowed as a key alone. A
// mapping is no key, so that one finding is enough of it.
func (l *loader) key(k int32) {
	switch n := &l.nodes[k]; {
	case n.kind == mappingNode:
		l.collectionTag(n, "map", "set")
		l.mapping(n, false)
	case n.kind != scalarNode || l.tagOf(n) != valueTag:
		l.visit(k)
	}
}

func (l *loader) isMerge(n *node) bool { return n.kind == scalarNode && l.tagOf(n) == mergeTag }

// merge judges the value of "<<", and says whether it brings in any key.
func (l *loader) merge(v int32) bool {
	t := l.target(v)
	switch {
	case t == nil:
		return false
	case t.kind == mappingNode:
		if l.nodes[v].kind != aliasNode {
			l.mapping(t, false)
		}
		return t.child != 0
	case t.kind == scalarNode:
		l.report(&l.nodes[v], "only a mapping, or a list of mappings, can be merged with \"<<\"")
		return false
	}
	some := false
	for c := t.child; c != 0; c = l.nodes[c].next {
		item := l.target(c)
		switch {
		case item == nil:
		case item.kind != mappingNode:
			l.report(&l.nodes[c], "only a mapping can be merged with \"<<\"")
		default:
			if l.nodes[v].kind != aliasNode && l.nodes[c].kind != aliasNode {
				l.mapping(item, false)
			}
			some = some || item.child != 0
		}
	}
	return some
}

// duplicates reports the keys that a mapping already has, and those that a
// loader cannot compare.
func (l *loader) duplicates(n *node) {
	seen := map[string]int32{}
	for k := n.child; k != 0; k = l.nodes[l.nodes[k].next].next {
		if l.isMerge(&l.nodes[k]) {
			continue
		}
		id, ok := l.keyID(k, 0)
		if !ok {
			continue
		}
		if first, twice := seen[id]; twice {
			l.report(&l.nodes[k], "duplicate key %q, the first is at line %d, remove or rename one", l.show(k), l.lineOf(l.nodes[first].start))
			continue
		}
		seen[id] = k
	}
}

// show returns a key for a message.
func (l *loader) show(k int32) []byte {
	n := &l.nodes[k]
	text := l.data[n.start:n.end]
	if n.kind == scalarNode {
		text = l.text(n, l.data)
	}
	return text[:min(len(text), 60)]
}

// lineOf returns the line of an offset; offsets mostly come in order.
func (l *loader) lineOf(at int32) int {
	if len(l.problems) == MaxProblems {
		return 0 // for a problem that is not named
	}
	if int(at) < l.lastAt {
		l.lastAt, l.lastLine = 0, 0
	}
	l.lastLine += bytes.Count(l.data[l.lastAt:at], []byte{'\n'})
	l.lastAt = int(at)
	return l.lastLine + 1
}
