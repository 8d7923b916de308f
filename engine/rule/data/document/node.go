package document

import (
	"strconv"
	"strings"
)

// Node is a value of a document and where it stands.
type Node struct {
	Value any
	// Start and End are the bytes of the value, [Start, End); of a collection in
	// YAML or of a TOML table, those that it begins with.
	Start, End int
	// Key is the name of a mapping's member, KeyStart and KeyEnd its bytes.
	Key              string
	KeyStart, KeyEnd int
	// Kids are the members of a mapping, in the order of the file, or the items
	// of a list. What an alias or a merge key brings in is shared.
	Kids []*Node

	count int // of values, this one among them, aliases expanded
	depth int // of nesting: 0 for a scalar, 1 for a list of scalars
}

// Count returns the number of values of the node, itself among them, aliases
// expanded.
func (n *Node) Count() int { return n.count }

// Kid returns a member or an item by its name in a JSON Pointer, unescaped; nil
// where there is none.
func (n *Node) Kid(token string) *Node {
	switch n.Value.(type) {
	case map[string]any:
		for _, k := range n.Kids {
			if k.Key == token {
				return k
			}
		}
	case []any:
		if i, err := strconv.Atoi(token); err == nil && i >= 0 && i < len(n.Kids) && strconv.Itoa(i) == token {
			return n.Kids[i]
		}
	}
	return nil
}

// Nearest returns what tokens lead to, and whether they lead all the way: else
// the node is the last one on the way.
func (n *Node) Nearest(tokens []string) (*Node, bool) {
	for _, t := range tokens {
		k := n.Kid(t)
		if k == nil {
			return n, false
		}
		n = k
	}
	return n, true
}

// Tokens splits a JSON Pointer (RFC 6901) into its unescaped tokens; false where
// it is none.
func Tokens(pointer string) ([]string, bool) {
	if pointer == "" {
		return nil, true
	}
	if pointer[0] != '/' {
		return nil, false
	}
	tokens := strings.Split(pointer[1:], "/")
	for i, t := range tokens {
		for j := range len(t) {
			if t[j] == '~' && (j+1 == len(t) || t[j+1] != '0' && t[j+1] != '1') {
				return nil, false
			}
		}
		tokens[i] = strings.ReplaceAll(strings.ReplaceAll(t, "~1", "/"), "~0", "~")
	}
	return tokens, true
}

// Pointer joins tokens to a JSON Pointer.
func Pointer(tokens []string) string {
	var b strings.Builder
	for _, t := range tokens {
		b.WriteByte('/')
		b.WriteString(strings.ReplaceAll(strings.ReplaceAll(t, "~", "~0"), "/", "~1"))
	}
	return b.String()
}
