package document

import (
	"bytes"
	"cmp"
	"encoding/json"
	"fmt"
	"math"
	"slices"
)

// builder makes nodes, and counts them.
type builder struct {
	roots    []*Node
	problems []Problem
	left     int  // values that may still be made
	over     bool // there were too many, which is reported
}

func (b *builder) report(start, end int, format string, args ...any) {
	if len(b.problems) < MaxProblems {
		b.problems = append(b.problems, Problem{start, end, fmt.Sprintf(format, args...)})
	}
}

// take counts values, and reports once where they are too many.
func (b *builder) take(n, start, end int) bool {
	if b.left -= n; b.left >= 0 {
		return true
	}
	if !b.over {
		b.over = true
		b.report(start, end, "more than %d values from here on, split the file", MaxValues)
	}
	return false
}

func (b *builder) sort() {
	slices.SortStableFunc(b.problems, func(x, y Problem) int { return cmp.Compare(x.Start, y.Start) })
}

// scalar returns the node of a scalar; nil where JSON has no such value.
func (b *builder) scalar(v any, start, end int) *Node {
	switch n := v.(type) {
	case float64:
		if math.IsNaN(n) || math.IsInf(n, 0) {
			b.report(start, end, "a number that JSON does not have, quote it, or write one that is finite")
			return nil
		}
	case json.Number:
		if len(n) > maxDigits {
			b.report(start, end, "a number of more than %d digits, quote it", maxDigits)
			return nil
		}
	}
	return &Node{Value: v, Start: start, End: end, count: 1}
}

// list returns the node of a list; its items are all there.
func (b *builder) list(kids []*Node, start, end int) *Node {
	n := &Node{Start: start, End: end, Kids: kids}
	values := make([]any, len(kids))
	for i, k := range kids {
		values[i] = k.Value
	}
	n.Value = values
	return b.measure(n)
}

// mapping returns the node of a mapping whose keys differ.
func (b *builder) mapping(kids []*Node, start, end int) *Node {
	n := &Node{Start: start, End: end, Kids: kids}
	values := make(map[string]any, len(kids))
	for _, k := range kids {
		values[k.Key] = k.Value
	}
	n.Value = values
	return b.measure(n)
}

// measure counts what a collection holds; nil where that is too much.
func (b *builder) measure(n *Node) *Node {
	n.count, n.depth = 1, 1
	for _, k := range n.Kids {
		n.count += k.count
		n.depth = max(n.depth, k.depth+1)
		if n.count > MaxValues || n.depth > MaxDepth {
			if b.over {
				return nil
			}
			b.over = true
			what := fmt.Sprintf("more than %d values once aliases are expanded, write fewer", MaxValues)
			if n.depth > MaxDepth {
				what = fmt.Sprintf("nested more than %d deep", MaxDepth)
			}
			b.report(n.Start, n.End, "%s", what)
			return nil
		}
	}
	return n
}

// duplicate reports a key that its mapping has already.
func (b *builder) duplicate(data []byte, key string, start, end, first int) {
	if len(b.problems) < MaxProblems {
		b.report(start, end, "duplicate key %q, the first is at line %d, remove or rename one",
			clip(key), 1+bytes.Count(data[:first], []byte{'\n'}))
	}
}

// clip cuts a text for a message.
func clip(s string) string {
	const most = 60
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}

// keys finds duplicates in a mapping: by comparing in small ones, by a table in
// large ones.
type keys struct {
	kids []*Node
	seen map[string]*Node
}

// add adds a member, and returns the one that has its key already.
func (k *keys) add(n *Node) *Node {
	const small = 8
	if k.seen == nil && len(k.kids) >= small {
		k.seen = make(map[string]*Node, 2*small)
		for _, kid := range k.kids {
			k.seen[kid.Key] = kid
		}
	}
	if k.seen != nil {
		if first := k.seen[n.Key]; first != nil {
			return first
		}
		k.seen[n.Key] = n
	} else {
		for _, kid := range k.kids {
			if kid.Key == n.Key {
				return kid
			}
		}
	}
	k.kids = append(k.kids, n)
	return nil
}
