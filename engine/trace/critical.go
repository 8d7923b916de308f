package trace

// critical returns the longest chain of actual task seconds through needs, and
// its length. A task that did not run takes no time and is not named. Of two
// equal chains it is the one whose last task comes first in the list. Tasks that
// wait for each other, which no scheduler runs, are in no chain.
func critical(l Log, seconds []float64) (chain []int, length float64) {
	ran := make([]bool, len(l.Tasks))
	for _, x := range l.Spans {
		ran[x.Task] = true
	}
	path := make([]float64, len(l.Tasks)) // the longest chain that ends with the task
	before := make([]int, len(l.Tasks))   // the task in front of it there; -1 is none
	end := -1
	for _, i := range order(l) {
		before[i] = -1
		longest := 0.0
		for _, n := range l.Tasks[i].Needs {
			if known(l, n) && (before[i] < 0 || path[n] > longest) {
				before[i], longest = n, path[n]
			}
		}
		path[i] = longest + seconds[i]
		if ran[i] && (end < 0 || path[i] > path[end] || path[i] == path[end] && i < end) {
			end = i
		}
	}
	if end < 0 {
		return nil, 0
	}
	for i := end; i >= 0; i = before[i] {
		if ran[i] {
			chain = append(chain, i)
		}
	}
	for i, k := 0, len(chain)-1; i < k; i, k = i+1, k-1 {
		chain[i], chain[k] = chain[k], chain[i]
	}
	return chain, path[end]
}

func known(l Log, task int) bool { return task >= 0 && task < len(l.Tasks) }

// order returns the tasks so that each comes after what it needs (Kahn 1962),
// without those on a cycle or behind one.
func order(l Log) []int {
	waits := make([]int, len(l.Tasks))
	release := make([][]int, len(l.Tasks))
	for i, t := range l.Tasks {
		for _, n := range t.Needs {
			if known(l, n) {
				waits[i]++
				release[n] = append(release[n], i)
			}
		}
	}
	queue := make([]int, 0, len(l.Tasks))
	for i, n := range waits {
		if n == 0 {
			queue = append(queue, i)
		}
	}
	for k := 0; k < len(queue); k++ {
		for _, r := range release[queue[k]] {
			if waits[r]--; waits[r] == 0 {
				queue = append(queue, r)
			}
		}
	}
	return queue
}
