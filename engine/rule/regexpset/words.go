package regexpset

// Words finds, in one pass over a text, where each of some words stands. ASCII
// letters are compared without their case. It is immutable.
type Words struct{ auto *automaton }

// NewWords returns the words, which are used by their positions. None is empty.
func NewWords(words []string) *Words {
	var b builder
	for i, w := range words {
		b.add(w, int32(i))
	}
	return &Words{auto: b.build()}
}

// Scan calls hit with each word that stands in the text, in the order of their
// ends: its position among the words, and the offset behind its last byte.
func (w *Words) Scan(data []byte, hit func(word, end int)) {
	a := w.auto
	state, next, first := uint32(0), a.next, a.outputs
	for i, c := range data {
		state = next[state+uint32(a.class[c])]
		if state >= first {
			for _, word := range a.owners[(state-first)>>a.shift] {
				hit(int(word), i+1)
			}
		}
	}
}
