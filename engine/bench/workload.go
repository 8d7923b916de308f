package bench

import (
	"fmt"
	"math"
	"slices"
	"strconv"
)

// The bounds of a workload: beyond them a file is refused.
const (
	MostRules   = 1_000_000
	mostBatches = 100_000
	mostSeconds = 1e6 // of one rule
	mostID      = 200 // bytes
	mostBytes   = 256 << 20
)

// Workload is work to replay: rules with seconds, in batches.
type Workload struct {
	Name    string
	Note    string
	Batches []Batch
}

// Batch is rules that depend on all rules of the batches in Behind.
type Batch struct {
	Rules  []Rule
	Behind []int // positions of earlier batches
}

// Rule is one piece of work. It is a task of its own.
type Rule struct {
	ID      string
	Seconds float64  // what it takes
	Needs   []string // ids of rules of the same or earlier batches
}

// Rules is the number of rules.
func (w *Workload) Rules() int {
	n := 0
	for _, b := range w.Batches {
		n += len(b.Rules)
	}
	return n
}

// Seconds is the sum of all rules' seconds.
func (w *Workload) Seconds() float64 {
	sum := 0.0
	for _, b := range w.Batches {
		for _, r := range b.Rules {
			sum += r.Seconds
		}
	}
	return sum
}

// validate finds what would make a run hang or lie. Its errors name the place in
// the file.
func (w *Workload) validate() error {
	if n := w.Rules(); n == 0 || n > MostRules {
		return fmt.Errorf("batches hold %d rules: it takes 1 to %d", n, MostRules)
	}
	at := make(map[string][2]int, w.Rules())
	for i, b := range w.Batches {
		for k, r := range b.Rules {
			first, twice := at[r.ID]
			switch {
			case r.ID == "":
				return fmt.Errorf("batches[%d].rules[%d] has no id", i, k)
			case len(r.ID) > mostID:
				return fmt.Errorf("batches[%d].rules[%d].id has %d bytes: it takes at most %d", i, k, len(r.ID), mostID)
			case math.IsNaN(r.Seconds) || r.Seconds < 0 || r.Seconds > mostSeconds:
				return fmt.Errorf("batches[%d].rules[%d].seconds (%q) is %g: it takes 0 to %g", i, k, r.ID, r.Seconds, mostSeconds)
			case twice:
				return fmt.Errorf("batches[%d].rules[%d].id %q is that of batches[%d].rules[%d] too", i, k, r.ID, first[0], first[1])
			}
			at[r.ID] = [2]int{i, k}
		}
	}
	if err := w.validateBatches(); err != nil {
		return err
	}
	return w.validateNeeds(at)
}

// validateBatches sees to it that batches stand behind earlier ones alone, which
// rules cycles among them out.
func (w *Workload) validateBatches() error {
	for i, b := range w.Batches {
		for k, d := range b.Behind {
			place := fmt.Sprintf("dependencies[%d][%d]", i, k)
			switch {
			case d < 0 || d >= len(w.Batches):
				return fmt.Errorf("%s is %d: there are batches 0 to %d", place, d, len(w.Batches)-1)
			case d == i:
				return fmt.Errorf("%s is a cycle: batch %d depends on itself", place, i)
			case d > i && slices.Contains(w.Batches[d].Behind, i):
				return fmt.Errorf("%s is a cycle: batch %d depends on batch %d, and that on batch %d", place, i, d, i)
			case d > i:
				return fmt.Errorf("%s is %d: a batch depends on earlier batches alone, so move batch %d before batch %d", place, d, d, i)
			}
		}
	}
	return nil
}

// validateNeeds finds unknown rules, rules of later batches, and cycles.
func (w *Workload) validateNeeds(at map[string][2]int) error {
	for i, b := range w.Batches {
		needed := false
		for k, r := range b.Rules {
			for n, id := range r.Needs {
				other, known := at[id]
				switch {
				case !known:
					return fmt.Errorf("batches[%d].rules[%d].needs[%d]: there is no rule %.200q", i, k, n, id)
				case other[0] > i:
					return fmt.Errorf("batches[%d].rules[%d].needs[%d]: rule %q is in batch %d, and a rule needs rules of its own or earlier batches alone", i, k, n, id, other[0])
				}
				needed = needed || other[0] == i
			}
		}
		if needed {
			if path := cycle(b.Rules); path != nil {
				return fmt.Errorf("batches[%d] has a cycle: %s", i, chain(path))
			}
		}
	}
	return nil
}

// chain shows ids as a path; a long one is cut in its middle.
func chain(ids []string) string {
	const most = 10
	s := ""
	for i, id := range ids {
		if len(ids) > most && i == most/2 {
			s += fmt.Sprintf(" needs ... (%d more)", len(ids)-most)
		}
		if len(ids) > most && i >= most/2 && i < len(ids)-most/2 {
			continue
		}
		if i > 0 {
			s += " needs "
		}
		s += strconv.Quote(id)
	}
	return s
}

// cycle returns the ids of a cycle of needs among rules of one batch, the first
// one again at its end; nil where there is none. It keeps its own stack: a chain
// may be a million rules long.
func cycle(rules []Rule) []string {
	pos := make(map[string]int, len(rules))
	for i, r := range rules {
		pos[r.ID] = i
	}
	const fresh, open, done = 0, 1, 2
	state := make([]int8, len(rules))
	next := make([]int, len(rules))
	for start := range rules {
		if state[start] != fresh {
			continue
		}
		path := []int{start}
		state[start] = open
		for len(path) > 0 {
			at := path[len(path)-1]
			if next[at] == len(rules[at].Needs) {
				state[at] = done
				path = path[:len(path)-1]
				continue
			}
			to, same := pos[rules[at].Needs[next[at]]]
			next[at]++
			switch {
			case !same || state[to] == done:
			case state[to] == open:
				var ids []string
				for _, p := range path[slices.Index(path, to):] {
					ids = append(ids, rules[p].ID)
				}
				return append(ids, rules[to].ID)
			default:
				state[to] = open
				path = append(path, to)
			}
		}
	}
	return nil
}
