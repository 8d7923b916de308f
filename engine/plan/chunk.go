package plan

import "github.com/sot-validator/sot/engine/rule"

// Bounds of a sweep's chunk, in files. Fewer cost more in clocks than they gain;
// more are a long wait for whoever ends last.
const (
	smallestChunk = 16
	largestChunk  = 512
)

const (
	// fileWeight is what opening a file costs, in bytes of reading and judging.
	fileWeight = 4096
	// giantWeight is when a file is no longer lumped together with small ones.
	giantWeight = 32 * fileWeight
	// unknownSize stands for a size that is not known, in bytes.
	unknownSize = 4096
)

// chunks cuts a listing into runs of falling weight, as guided self-scheduling
// does (Polychronopoulos and Kuck 1987): each takes what is left, divided by
// four times the workers, so that few are dealt and the last ones are small.
func chunks(files []rule.Entry, workers int) [][]rule.Entry {
	total := 0.0
	for i := range files {
		total += weight(&files[i])
	}
	var out [][]rule.Entry
	for left := total; len(files) > 0; {
		want := left / float64(4*max(1, workers))
		n, w := 0, 0.0
		for n < len(files) && n < largestChunk && (n < smallestChunk || w < want) {
			next := weight(&files[n])
			if n > 0 && next > want && next > giantWeight {
				break // it is a chunk of its own
			}
			w += next
			n++
		}
		out = append(out, files[:n:n])
		files, left = files[n:], left-w
	}
	return out
}

func weight(e *rule.Entry) float64 {
	if e.Size < 0 {
		return unknownSize + fileWeight
	}
	return float64(e.Size) + fileWeight
}
