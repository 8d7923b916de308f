package regexpset

// automaton is the full transition table of Aho and Corasick's machine over
// classes of bytes. A state is the offset of its row in next; rows are a power of
// two long. The states with an output come last, so that the scan needs one
// comparison a byte.
type automaton struct {
	class   [256]uint8
	next    []uint32
	outputs uint32    // the first state with an output
	shift   uint      // log2 of a row's length
	owners  [][]int32 // of the states from outputs on
}

// automaton runs the machine over the text.
func (s *scanner) automaton(a *automaton) {
	state, next, first := uint32(0), a.next, a.outputs
	for i, c := range s.data {
		state = next[state+uint32(a.class[c])]
		if state >= first {
			for _, owner := range a.owners[(state-first)>>a.shift] {
				s.hit(owner, i)
			}
		}
	}
}

// builder collects literals.
type builder struct {
	words  []string
	owners []int32
}

func (b *builder) add(word string, owner int32) {
	b.words = append(b.words, word)
	b.owners = append(b.owners, owner)
}

// node is a state of the trie.
type node struct {
	next   []int32 // per class; -1 is none
	fail   int32
	owners []int32
}

// lower is the letter's lower case, in ASCII.
func lower(c byte) byte {
	if 'A' <= c && c <= 'Z' {
		return c + 'a' - 'A'
	}
	return c
}

func (b *builder) build() *automaton {
	a := &automaton{}
	classes := b.classes(a)
	nodes := b.trie(a, classes)
	order := link(nodes)
	return a.table(nodes, order, classes)
}

// classes deals the bytes to classes: one for each byte of the words, whatever
// its case, and one, 0, for all others. It returns their number.
func (b *builder) classes(a *automaton) int {
	n := 1
	for _, w := range b.words {
		for i := range len(w) {
			if c := lower(w[i]); a.class[c] == 0 {
				a.class[c] = uint8(n) // at most 230: 26 of 256 bytes are upper case
				n++
			}
		}
	}
	for c := byte('A'); c <= 'Z'; c++ {
		a.class[c] = a.class[lower(c)]
	}
	return n
}

func newNode(classes int) node {
	n := node{next: make([]int32, classes)}
	for i := range n.next {
		n.next[i] = -1
	}
	return n
}

func (b *builder) trie(a *automaton, classes int) []node {
	nodes := []node{newNode(classes)}
	for i, w := range b.words {
		at := int32(0)
		for j := range len(w) {
			c := a.class[w[j]]
			if nodes[at].next[c] < 0 {
				nodes[at].next[c] = int32(len(nodes))
				nodes = append(nodes, newNode(classes))
			}
			at = nodes[at].next[c]
		}
		nodes[at].owners = appendNew(nodes[at].owners, b.owners[i])
	}
	return nodes
}

// link fills in the failure links and every transition, and returns the nodes
// breadth first.
func link(nodes []node) []int32 {
	order := []int32{0}
	for i := 0; i < len(order); i++ {
		n := &nodes[order[i]]
		for c, to := range n.next {
			back := int32(0)
			if order[i] != 0 {
				back = nodes[n.fail].next[c]
			}
			if to < 0 {
				n.next[c] = back
				continue
			}
			nodes[to].fail = back
			nodes[to].owners = appendNew(nodes[to].owners, nodes[back].owners...)
			order = append(order, to)
		}
	}
	return order
}

func appendNew(list []int32, more ...int32) []int32 {
next:
	for _, m := range more {
		for _, x := range list {
			if x == m {
				continue next
			}
		}
		list = append(list, m)
	}
	return list
}

// table numbers the nodes, those with an output last, and writes the rows.
func (a *automaton) table(nodes []node, order []int32, classes int) *automaton {
	for 1<<a.shift < classes {
		a.shift++
	}
	number := make([]uint32, len(nodes))
	count := uint32(0)
	for _, outputs := range []bool{false, true} {
		if outputs {
			a.outputs = count << a.shift
		}
		for _, n := range order {
			if (len(nodes[n].owners) > 0) == outputs {
				number[n] = count << a.shift
				count++
				if outputs {
					a.owners = append(a.owners, nodes[n].owners)
				}
			}
		}
	}
	a.next = make([]uint32, int(count)<<a.shift)
	for n := range nodes {
		for c, to := range nodes[n].next {
			a.next[number[n]+uint32(c)] = number[to]
		}
	}
	return a
}
