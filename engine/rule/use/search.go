package use

import "bytes"

// indices yields the offset of each occurrence of a word, without overlap.
func indices(data []byte, word string) func(yield func(int) bool) {
	return func(yield func(int) bool) {
		for from := 0; ; {
			n := bytes.Index(data[from:], []byte(word))
			if n < 0 || !yield(from+n) {
				return
			}
			from += n + len(word)
		}
	}
}

// onceALine tells the first hit of a line from further ones, which are no news,
// and on one line of megabytes would be many.
type onceALine struct {
	data []byte
	end  int // of the last hit's line
}

// first says whether the hit at an offset is its line's first; hits come in order.
func (o *onceALine) first(at int) bool {
	if at < o.end {
		return false
	}
	o.end = len(o.data)
	if n := bytes.IndexByte(o.data[at:], '\n'); n >= 0 {
		o.end = at + n
	}
	return true
}
