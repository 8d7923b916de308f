package plan

import "github.com/sot-validator/sot/engine/rule"

// Bounds of a sweep's chunk, in files. Fewer cost more in clocks than they gain;
// more are a long wait for whoever ends last.
const (
	smallestChunk = 16
	largestChunk  = 512
)

// fileWeight is what opening a file costs, in bytes of reading and judging: the
// weight of a file of no bytes, and what is added where the size is not known.
const fileWeight = 4096

// chunk is part of a listing, with its share of the whole's weight.
type chunk struct {
	files []rule.Entry
	share float64 // fraction of the weight of all files
}

// chunks cuts a listing into runs of falling weight, as guided self-scheduling
// does (Polychronopoulos and Kuck 1987): each takes what is left, divided by
// four times the workers, so that few are dealt and the last ones are small.
func chunks(files []rule.Entry, workers int) []chunk {
	total := 0.0
	for i := range files {
		total += weight(&files[i])
	}
	var out []chunk
	for left := total; len(files) > 0; {
		want := left / float64(4*max(1, workers))
		n, w := 0, 0.0
		for n < len(files) && n < largestChunk && (n < smallestChunk || w < want) {
			next := weight(&files[n])
			if n > 0 && w+next > 2*want && w >= want/2 {
				break // a giant, which is a chunk of its own
			}
			w += next
			n++
		}
		out = append(out, chunk{files[:n:n], w / total})
		files, left = files[n:], left-w
	}
	return out
}

func weight(e *rule.Entry) float64 {
	if e.Size < 0 {
		return 2 * fileWeight
	}
	return float64(e.Size) + fileWeight
}
