package sched

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strings"

	"github.com/sot-validator/sot/engine/trace"
)

// graph is a list of tasks made ready for scheduling. Inside the package a task
// is its rank: its place in the total order of the policy, 0 first. So the order
// of two tasks is a comparison of integers, and a sorted set is a sorted array.
type graph struct {
	tasks  []trace.Task // in the caller's order
	pos    []int32      // of a rank: the position in tasks
	after  lists        // of a rank: the ranks that wait for it
	waits  []int32      // of a rank: how many tasks, and gates, it waits for
	weight []int64      // of a rank: estimated nanoseconds, at least 1
	batch  []int32      // of a rank: its batch, counted from 0 without gaps; nil without barrier
	gated  lists        // of a batch: its ranks
	holds  []hold       // of a rank: what it holds while it runs

	work     int64 // sum of weights
	critical int64 // the longest chain of weights
}

// lists are many short lists in one array.
type lists struct{ first, items []int32 }

func (l lists) of(i int32) []int32 { return l.items[l.first[i]:l.first[i+1]] }

// makeLists groups items by key, each list in order of item; visit is called twice.
func makeLists(keys, items int, visit func(yield func(key, item int32))) lists {
	l := lists{make([]int32, keys+1), make([]int32, items)}
	visit(func(k, _ int32) { l.first[k+1]++ })
	for k := range keys {
		l.first[k+1] += l.first[k]
	}
	at := slices.Clone(l.first)
	visit(func(k, item int32) {
		l.items[at[k]] = item
		at[k]++
	})
	return l
}

const mostTasks = math.MaxInt32 / 2

// newGraph checks the tasks and ranks them.
func newGraph(tasks []trace.Task, holds []hold, policy Policy, barrier bool) (*graph, error) {
	n := len(tasks)
	if n > mostTasks {
		return nil, fmt.Errorf("%d tasks are more than the %d that one run takes", n, mostTasks)
	}
	edges, err := countNeeds(tasks, barrier)
	if err != nil {
		return nil, err
	}
	after := makeLists(n, edges, func(yield func(key, item int32)) {
		for i := range tasks {
			for _, need := range tasks[i].Needs {
				yield(int32(need), int32(i))
			}
		}
	})
	sorted, err := topological(tasks, after)
	if err != nil {
		return nil, err
	}
	g := &graph{tasks: tasks, pos: make([]int32, n)}
	g.weigh(sorted, after)
	g.rank(policy, remaining(tasks, sorted, after, barrier))
	g.renumber(after, holds)
	if barrier {
		g.gate()
	}
	return g, nil
}

func countNeeds(tasks []trace.Task, barrier bool) (int, error) {
	edges := 0
	for i := range tasks {
		t := &tasks[i]
		edges += len(t.Needs)
		for _, need := range t.Needs {
			if need < 0 || need >= len(tasks) {
				return 0, fmt.Errorf("task %s waits for task %d of %d", t.ID, need, len(tasks))
			}
			if barrier && tasks[need].Batch > t.Batch {
				return 0, fmt.Errorf("task %s of batch %d waits for %s of the later batch %d: batch by batch it would never start",
					t.ID, t.Batch, tasks[need].ID, tasks[need].Batch)
			}
		}
	}
	if edges > math.MaxInt32 {
		return 0, fmt.Errorf("%d needs are more than the %d that one run takes", edges, math.MaxInt32)
	}
	return edges, nil
}

// topological returns the positions so that each comes after what it waits for
// (Kahn 1962), or a *CycleError.
func topological(tasks []trace.Task, after lists) ([]int32, error) {
	sorted := make([]int32, 0, len(tasks))
	waits := make([]int32, len(tasks))
	for i := range tasks {
		if waits[i] = int32(len(tasks[i].Needs)); waits[i] == 0 {
			sorted = append(sorted, int32(i))
		}
	}
	for k := 0; k < len(sorted); k++ {
		for _, r := range after.of(sorted[k]) {
			if waits[r]--; waits[r] == 0 {
				sorted = append(sorted, r)
			}
		}
	}
	if len(sorted) < len(tasks) {
		return nil, cycle(tasks, waits)
	}
	return sorted, nil
}

// cycle finds one cycle: whoever still waits, waits for somebody who still waits.
func cycle(tasks []trace.Task, waits []int32) *CycleError {
	at := slices.IndexFunc(waits, func(n int32) bool { return n > 0 })
	seen := map[int]int{}
	var path []int
	for {
		if from, again := seen[at]; again {
			var ids []string
			for _, p := range path[from:] {
				ids = append(ids, tasks[p].ID)
			}
			return &CycleError{ids}
		}
		seen[at] = len(path)
		path = append(path, at)
		needs := tasks[at].Needs
		at = needs[slices.IndexFunc(needs, func(n int) bool { return waits[n] > 0 })]
	}
}

// remaining returns each task's own estimate plus the longest chain behind it, in
// seconds by position. With barriers a chain ends with its batch: what lies
// behind the barrier starts at the same moment whoever is first.
func remaining(tasks []trace.Task, sorted []int32, after lists, barrier bool) []float64 {
	paths := make([]float64, len(tasks))
	for k := len(sorted) - 1; k >= 0; k-- {
		i := sorted[k]
		longest := 0.0
		for _, r := range after.of(i) {
			if !barrier || tasks[r].Batch == tasks[i].Batch {
				longest = max(longest, paths[r])
			}
		}
		paths[i] = longest + sane(tasks[i].Estimate)
	}
	return paths
}

func sane(estimate float64) float64 {
	if !(estimate > 0) || math.IsInf(estimate, 1) {
		return 0
	}
	return estimate
}

// nanoseconds is an estimate as the integer that loads are summed from. A task
// without estimate weighs 1, so that loads count tasks where nothing is known;
// one beyond all sense is cut so that no sum of all can overflow.
func nanoseconds(estimate float64, tasks int) int64 {
	most := float64(math.MaxInt64/4) / float64(max(1, tasks))
	return max(1, int64(math.Round(min(sane(estimate)*1e9, most))))
}

// weigh fills weight, by position until renumber, and what all weigh together.
func (g *graph) weigh(sorted []int32, after lists) {
	g.weight = make([]int64, len(g.tasks))
	chains := make([]int64, len(g.tasks)) // a task and the longest chain behind it
	for k := len(sorted) - 1; k >= 0; k-- {
		i := sorted[k]
		g.weight[i] = nanoseconds(g.tasks[i].Estimate, len(g.tasks))
		for _, r := range after.of(i) {
			chains[i] = max(chains[i], chains[r])
		}
		chains[i] += g.weight[i]
		g.work += g.weight[i]
		g.critical = max(g.critical, chains[i])
	}
}

// rank fills pos: the order of the policy. Ties break by id, then by position, so
// that the order does not depend on chance.
func (g *graph) rank(policy Policy, paths []float64) {
	type key struct {
		path float64
		pos  int32
	}
	keys := make([]key, len(g.tasks))
	for i := range keys {
		keys[i] = key{paths[i], int32(i)}
		switch policy {
		case Fixed:
			keys[i].path = 0
		case Table:
			keys[i].path = sane(g.tasks[i].Estimate)
		}
	}
	if policy != Fixed {
		slices.SortFunc(keys, func(a, b key) int {
			if a.path != b.path {
				return cmp.Compare(b.path, a.path)
			}
			return cmp.Or(strings.Compare(g.tasks[a.pos].ID, g.tasks[b.pos].ID), cmp.Compare(a.pos, b.pos))
		})
	}
	for r, k := range keys {
		g.pos[r] = k.pos
	}
}

// renumber turns what is by position into what is by rank.
func (g *graph) renumber(after lists, holds []hold) {
	n := len(g.tasks)
	ranks := make([]int32, n)
	for r, p := range g.pos {
		ranks[p] = int32(r)
	}
	weight := make([]int64, n)
	g.waits = make([]int32, n)
	if holds != nil {
		g.holds = make([]hold, n)
	}
	g.after = lists{make([]int32, n+1), make([]int32, 0, len(after.items))}
	for r, p := range g.pos {
		weight[r] = g.weight[p]
		g.waits[r] = int32(len(g.tasks[p].Needs))
		if holds != nil {
			g.holds[r] = holds[p]
		}
		for _, a := range after.of(p) {
			g.after.items = append(g.after.items, ranks[a])
		}
		g.after.first[r+1] = int32(len(g.after.items))
	}
	g.weight = weight
}

// gate makes each task of a batch but the first wait for one thing more: the gate
// that opens when the batch before has ended.
func (g *graph) gate() {
	ids := make([]int, len(g.tasks))
	for i := range g.tasks {
		ids[i] = g.tasks[i].Batch
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)
	g.batch = make([]int32, len(g.tasks))
	for r, p := range g.pos {
		b, _ := slices.BinarySearch(ids, g.tasks[p].Batch)
		g.batch[r] = int32(b)
		if b > 0 {
			g.waits[r]++
		}
	}
	g.gated = makeLists(len(ids), len(g.tasks), func(yield func(key, item int32)) {
		for r, b := range g.batch {
			yield(b, int32(r))
		}
	})
}

// batches is how many there are behind gates; 0 without barrier.
func (g *graph) batches() int { return max(0, len(g.gated.first)-1) }

// roots returns the ranks that wait for nothing, in order.
func (g *graph) roots() []int32 {
	var ready []int32
	for r, n := range g.waits {
		if n == 0 {
			ready = append(ready, int32(r))
		}
	}
	return ready
}
